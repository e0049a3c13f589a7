"""The mandate of decisions: each kind of contradiction with the minutes, alone."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from rankd.core.assembly.fold import Assembly
from rankd.core.exact.canonical import sha256
from rankd.core.policy.baseline import BASELINE_DIGEST
from rankd.core.policy.reader import read_policy
from rankd.core.ranking.request import Mode
from rankd.core.records.decision import Decision
from rankd.core.records.leaf import DecisionLeaf
from rankd.store.archive import Archive
from rankd.store.evidence import DECISIONS, JournalEvidence
from rankd.usecases.audit.leaves import recorded_decisions
from rankd.usecases.audit.mandate import OVERLAP_MS, TOLERANCE_MS, Mandate, MandateReport
from tests.assemblies import FOUNDERS, HOUR_MS, START_MS, SURFACE, TestMinutes, found, founding, policy_text
from tests.conftest import House
from tests.minutes import bounded

COOP = "coop.example/minutes"
ADOPTED = 3


def adopted(minutes: TestMinutes) -> Assembly:
    """Have a second policy adopted, and come into force as activation 3."""
    base = minutes.assembly.standing(SURFACE).policy.canon_digest
    index = minutes.to_vote(minutes.proposal(policy_text(base, click=100, reply=200)))
    minutes.cast(index, dict.fromkeys(FOUNDERS, "yes"))
    minutes.wait(30)
    assembly = minutes.now()
    assert assembly.proposals[index].activation == ADOPTED
    return assembly


@pytest.fixture(scope="module")
def assembly() -> Assembly:
    """Return a co-op in which activations 1 and 2 founded a surface, and 3 changed its policy."""
    return adopted(found(founding(bounded(COOP), origin=COOP), origin=COOP))


@pytest.fixture(scope="module")
def trial() -> Assembly:
    """Return the same of a development co-op."""
    return adopted(found())


@pytest.fixture(scope="module")
def decision(tmp_path_factory: pytest.TempPathFactory) -> Decision:
    """Return a decision, for how it was asked for."""
    house = House(tmp_path_factory.mktemp("house"))
    house.record([0])
    return next(recorded_decisions(JournalEvidence(house.data, DECISIONS)))[1]


def leaf(assembly: Assembly, number: int, after_ms: int = HOUR_MS, **changes: object) -> DecisionLeaf:
    """Return the leaf of a decision as it should be under an activation, so long after it."""
    standing = assembly.standing(SURFACE, number)
    sound = DecisionLeaf(
        time_ms=assembly.activations[number - 1].time_ms + after_ms,
        surface=SURFACE,
        activation=number,
        policy=standing.policy.canon_digest,
        constitution=standing.constitution.canon_digest,
        model=None if standing.model is None else standing.model.digest,
        epoch=bytes(32),
        worker="w0",
        counter=0,
        voids=(),
        commitment=bytes(32),
    )
    return replace(sound, **changes)  # type: ignore[arg-type]


def baseline(assembly: Assembly, number: int, **changes: object) -> DecisionLeaf:
    """Return the leaf of a newest-first decision."""
    return leaf(assembly, number, policy=BASELINE_DIGEST, model=None, **changes)  # type: ignore[arg-type]


def judged(assembly: Assembly, leaves: Sequence[DecisionLeaf], decision: Decision | None = None) -> MandateReport:
    mandate = Mandate(assembly)
    for index, entry in enumerate(leaves):
        mandate(index, entry, decision)
    return mandate.report()


def reasons(report: MandateReport) -> list[str]:
    """Return the reason of every fault, after making sure that there are words for it."""
    assert all(fault.error.say("fr") != fault.error.say("en") for fault in report.faults)
    return [fault.error.reason for fault in report.faults]


def test_decisions_under_what_was_in_force_have_a_mandate(assembly: Assembly) -> None:
    report = judged(assembly, [leaf(assembly, 2), leaf(assembly, 2, 2 * HOUR_MS), leaf(assembly, 3)])
    assert (reasons(report), report.decision_count, report.is_timed) == ([], 3, True)
    assert report.counts == ((SURFACE, 2, 2), (SURFACE, 3, 1))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"policy": sha256(b"another")}, "MANDATE_POLICY"),
        ({"model": sha256(b"another")}, "MANDATE_MODEL"),
        ({"constitution": sha256(b"another")}, "MANDATE_CONSTITUTION"),
        ({"model": None}, "MANDATE_MODEL"),
        ({"activation": 4}, "MANDATE_UNKNOWN"),
        ({"activation": 0}, "MANDATE_UNKNOWN"),
        ({"activation": None}, "MANDATE_NONE"),
        ({"surface": "elsewhere"}, "MANDATE_ELSEWHERE"),
    ],
)
def test_one_thing_that_differs_is_named(assembly: Assembly, changes: dict[str, object], reason: str) -> None:
    assert reasons(judged(assembly, [leaf(assembly, 2, **changes)])) == [reason]  # type: ignore[arg-type]


def test_the_older_policy_under_the_newer_activation_is_named(assembly: Assembly) -> None:
    older = assembly.standing(SURFACE, 2).policy.canon_digest
    assert reasons(judged(assembly, [leaf(assembly, 3, policy=older)])) == ["MANDATE_POLICY"]


def test_newest_first_with_the_limits_of_another_constitution_is_named(assembly: Assembly) -> None:
    other = baseline(assembly, 2, constitution=sha256(b"another"))
    assert reasons(judged(assembly, [baseline(assembly, 2), other])) == ["MANDATE_CONSTITUTION"]


def test_an_activation_that_is_outlived_is_named_once_the_tolerance_is_over(assembly: Assembly) -> None:
    lasted_ms = assembly.activations[2].time_ms - assembly.activations[1].time_ms
    late = leaf(assembly, 2, lasted_ms + TOLERANCE_MS)
    assert reasons(judged(assembly, [late])) == []
    (fault,) = judged(assembly, [late, replace(late, time_ms=late.time_ms + 1)]).faults
    assert (fault.error.reason, fault.index) == ("ACTIVATION_OUTLIVED", 1)
    assert (fault.error.metadata["after"], fault.error.metadata["seconds"]) == (3, TOLERANCE_MS // 1_000)


def test_an_activation_before_its_time_is_named_once_the_tolerance_is_over(assembly: Assembly) -> None:
    assert reasons(judged(assembly, [leaf(assembly, 3, -TOLERANCE_MS)])) == []
    assert reasons(judged(assembly, [leaf(assembly, 3, -TOLERANCE_MS - 1)])) == ["ACTIVATION_EARLY"]


def test_a_surface_never_goes_back(assembly: Assembly) -> None:
    newer = leaf(assembly, 3, 0)
    lasted_ms = newer.time_ms - assembly.activations[1].time_ms
    under_way = leaf(assembly, 2, lasted_ms + OVERLAP_MS)
    assert reasons(judged(assembly, [newer, under_way])) == []
    back = replace(under_way, time_ms=under_way.time_ms + 1)
    assert reasons(judged(assembly, [newer, back])) == ["ACTIVATION_FALLS"]
    assert reasons(judged(assembly, [back, newer])) == []


def test_faults_alike_are_one_with_their_number(assembly: Assembly) -> None:
    wrong = leaf(assembly, 2, policy=sha256(b"another"))
    (fault,) = judged(assembly, [leaf(assembly, 2), wrong, wrong, wrong]).faults
    assert (fault.index, fault.count) == (1, 3)


def test_times_of_a_development_co_op_are_not_compared_but_its_order_is(trial: Assembly) -> None:
    late = leaf(trial, 2, 400 * 24 * HOUR_MS)
    report = judged(trial, [late, leaf(trial, 3, -HOUR_MS), replace(late, time_ms=late.time_ms + 1)])
    assert (reasons(report), report.is_timed) == (["ACTIVATION_FALLS"], False)


def test_trial_decisions_before_the_founding_are_counted_and_those_after_it_named(trial: Assembly) -> None:
    before = leaf(trial, 2, activation=None, time_ms=START_MS - 1)
    report = judged(trial, [before, before])
    assert (reasons(report), report.before_count) == ([], 2)
    assert reasons(judged(trial, [replace(before, time_ms=START_MS)])) == ["MANDATE_NONE"]
    # A clock that is set back does not make a decision one of before.
    assert reasons(judged(trial, [leaf(trial, 2), before])) == ["MANDATE_NONE"]


def test_nobody_decides_for_members_before_their_founding(assembly: Assembly) -> None:
    before = leaf(assembly, 2, activation=None, time_ms=START_MS - 1)
    report = judged(assembly, [before])
    assert (reasons(report), report.before_count) == (["MANDATE_NONE"], 0)


def test_newest_first_that_nobody_asked_for_is_counted(assembly: Assembly, decision: Decision) -> None:
    asked = replace(decision, request=replace(decision.request, mode=Mode.NEWEST_FIRST))
    leaves = [baseline(assembly, 2), baseline(assembly, 2, activation=None)]
    assert judged(assembly, leaves, decision).unserved_count == 2
    assert judged(assembly, leaves, asked).unserved_count == 0
    assert judged(assembly, leaves, None).unserved_count == 0
    assert reasons(judged(assembly, leaves, decision)) == []


def test_the_archive_holds_the_words_that_were_adopted(assembly: Assembly, tmp_path: Path) -> None:
    archive, policy = Archive(tmp_path), assembly.standing(SURFACE, 2).policy
    archive.keep_policy(read_policy(policy.text, "policy"), policy.text)
    mandate = Mandate(assembly)
    mandate(0, leaf(assembly, 2), None)
    mandate.check_archive(archive)
    assert reasons(mandate.report()) == []
    other = policy.text + b"# Other words, the same for the machine.\n"
    archive.keep_policy(read_policy(other, "policy"), other)
    mandate.check_archive(archive)
    assert reasons(mandate.report()) == ["MANDATE_TEXT"]
    # Decisions under another activation do not rest on it.
    later = Mandate(assembly)
    later(0, leaf(assembly, 3), None)
    later.check_archive(archive)
    assert reasons(later.report()) == []
