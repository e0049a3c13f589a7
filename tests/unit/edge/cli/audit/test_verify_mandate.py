"""`rankd verify --genesis`, and `rankd replay --genesis`: decisions against what the members' minutes had in force."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from rankd.core.assembly.leaf_codec import decode_leaf, encode_leaf
from rankd.core.exact.canonical import digest_text
from rankd.core.log.note import NoteSigner
from rankd.core.policy.reader import read_policy
from rankd.core.records.leaf import DecisionLeaf
from rankd.core.words.language import LANGUAGES, Language
from rankd.core.words.verify_record import MANDATE
from rankd.edge.cli.audit import verify_record
from rankd.edge.cli.audit.bundle import app as bundle_app
from rankd.edge.cli.audit.replay import app as replay
from rankd.edge.cli.audit.verify import app as verify
from rankd.store.archive import Archive
from rankd.store.evidence import DECISIONS, JournalEvidence
from rankd.store.record_folder import RecordFolder
from rankd.usecases.audit.leaves import recorded_decisions
from tests.assemblies import LOG_KEY as MINUTES_KEY
from tests.conftest import LOG_SIGNER, House
from tests.evidence import Written, bundled
from tests.gates import MEMBERS_ORIGIN, CoOp
from tests.records import Entries, entries_in, retell, rewrite, write_bodies

KEY = ("--key", LOG_SIGNER.verifier.vkey)


@dataclass(frozen=True)
class Judged:
    """A co-op whose service ranked under two policies, one after the other, and how to judge it."""

    coop: CoOp

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.coop.house.data

    @property
    def genesis(self) -> tuple[str, str]:
        """The option that names the founding."""
        return "--genesis", digest_text(self.coop.minutes.genesis)

    @property
    def record(self) -> tuple[str, str]:
        """The option that names the record."""
        return "--record", str(self.coop.minutes.record)


def work(root: Path, origin: str) -> Judged:
    """Rank three times under the founding policy, then three times under one that members adopted."""
    root.mkdir()
    coop = CoOp(root, House(root), origin=origin)
    coop.minutes.now_ms += 60_000
    gate = coop.gate()
    with coop.house.desk(gate, clock_ms=coop.clock_ms) as desk:
        for seed in range(6):
            if seed == 3:
                coop.mirror("before")
                coop.adopt()
                gate.poll()
            incoming = coop.house.incoming(seed)
            request = replace(incoming.request, request_time_ms=coop.clock_ms())
            desk.ranker.rank(replace(incoming, request=request))
    return Judged(coop)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    return work(tmp_path_factory.mktemp("members") / "coop", MEMBERS_ORIGIN)


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch, whole: Judged) -> None:
    """Judge when the last decision was made; wait for no service."""
    monkeypatch.setattr(verify_record, "clock_ms", lambda: whole.coop.minutes.now_ms)
    monkeypatch.setattr("rankd.edge.cli.audit.evidence._PUBLICATION_S", 0.0)


@pytest.fixture
def written(whole: Judged, tmp_path: Path) -> Written:
    """Return a journal without decisions that rests on the same archive; its decisions are made under activation 3."""
    *_, (_, decision) = recorded_decisions(JournalEvidence(whole.data, DECISIONS))
    journal = Written(tmp_path / "written", decision, archive=whole.data / "archive")
    journal.epoch()
    return journal


def run(app: typer.Typer, path: Path, *arguments: str) -> Result:
    result = CliRunner().invoke(app, [str(path), *KEY, *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result


def judged(app: typer.Typer, path: Path, *arguments: str) -> tuple[int, Any]:
    result = run(app, path, "--json", "--lang", "en", *arguments)
    return result.exit_code, json.loads(result.stdout)


def faults(path: Path, *arguments: str) -> list[str]:
    """Return the reasons for which a journal is not good."""
    code, found = judged(verify, path, *arguments)
    assert (code, found["ok"]) == (1, False)
    return [found["reason"]] if "reason" in found else [fault["reason"] for fault in found["faults"]]


@pytest.mark.parametrize("app", [verify, replay], ids=["verify", "replay"])
def test_a_slate_leads_back_to_the_ballots(app: typer.Typer, whole: Judged, tmp_path: Path) -> None:
    minutes = RecordFolder(whole.coop.minutes.record)
    bundle = bundled(whole.data, tmp_path / "audit.tar", minutes=minutes)
    for path, arguments in ((bundle, whole.genesis), (whole.data, (*whole.genesis, *whole.record))):
        code, found = judged(app, path, *arguments)
        assert (code, found["ok"], found["faults"], found["missing"]) == (0, True, [], [])
        assert found["mandate"]["origin"] == MEMBERS_ORIGIN
        counts = [(entry["activation"], entry["count"]) for entry in found["mandate"]["counts"]]
        assert (counts, found["mandate"]["unserved"]) == ([(2, 3), (3, 3)], 0)


def test_rankd_bundle_puts_the_minutes_in(whole: Judged, tmp_path: Path) -> None:
    out = tmp_path / "audit.tar"
    done = CliRunner().invoke(bundle_app, [str(whole.data), "--out", str(out), *whole.record])
    assert done.exit_code == 0
    assert judged(verify, out, *whole.genesis)[1]["mandate"]["activation_count"] == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_people_are_told_under_what_each_decision_was_made(whole: Judged, language: Language) -> None:
    result = run(verify, whole.data, *whole.genesis, *whole.record, "--lang", language)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert MANDATE["good"].say(language, origin=MEMBERS_ORIGIN, count="6", s="s") in lines
    assert "(p1)" in lines[-1]


def test_without_a_genesis_digest_carried_minutes_are_not_believed(whole: Judged, tmp_path: Path) -> None:
    bundle = bundled(whole.data, tmp_path / "audit.tar", minutes=RecordFolder(whole.coop.minutes.record))
    result = run(verify, bundle, "--lang", "en")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, MANDATE["unread"].say("en"))
    assert judged(verify, bundle)[1]["mandate"] is None


def test_what_is_missing_to_judge_by_is_asked_for(whole: Judged, tmp_path: Path) -> None:
    bundle = bundled(whole.data, tmp_path / "audit.tar")
    for path in (bundle, whole.data):
        code, found = judged(verify, path, *whole.genesis)
        assert (code, found["reason"]) == (2, "MANDATE_MINUTES")
    assert judged(verify, bundle, *whole.record) == (2, judged(verify, whole.data, *whole.record)[1])
    assert judged(verify, bundle, *whole.record)[1]["reason"] == "GENESIS_REQUIRED"


def test_the_minutes_of_another_co_op_are_refused(whole: Judged, tmp_path: Path) -> None:
    other = work(tmp_path / "other", "other.coop.example")
    assert faults(whole.data, *whole.genesis, *other.record) == ["MINUTES_GENESIS"]
    found = faults(whole.data, *other.genesis, *other.record)
    assert found == ["MANDATE_CONSTITUTION"] * 2


def test_minutes_with_a_fault_speak_against_the_decisions_under_them(whole: Judged, tmp_path: Path) -> None:
    record = whole.coop.mirror(tmp_path.name)
    entries = entries_in(record)
    entries[5] = entries[5][0], None
    write_bodies(record, entries)
    result = run(verify, whole.data, *whole.genesis, "--record", str(record), "--lang", "en")
    assert result.exit_code == 1
    assert MANDATE["bad"].say("en", origin=MEMBERS_ORIGIN) in result.stdout


def test_void_entries_in_the_minutes_are_told_of_decisions_too(whole: Judged, tmp_path: Path) -> None:
    record = whole.coop.mirror(tmp_path.name)

    def repeat(entries: Entries) -> None:
        old, last = decode_leaf(entries[1][0]), decode_leaf(entries[-1][0])
        entries.append((encode_leaf(replace(old, time_ms=last.time_ms)), entries[1][1]))

    rewrite(record, repeat, NoteSigner(MEMBERS_ORIGIN, MINUTES_KEY))
    retell(record, whole.coop.minutes)
    assert faults(whole.data, *whole.genesis, "--record", str(record)) == ["MINUTES_VOIDS"]
    result = run(verify, whole.data, *whole.genesis, "--record", str(record), "--lang", "fr")
    assert f"(1, la première est l’entrée {len(entries_in(record)) - 1})" in result.stdout
    assert MANDATE["bad"].say("fr", origin=MEMBERS_ORIGIN) in result.stdout


def test_minutes_from_before_the_vote_know_nothing_of_it(whole: Judged) -> None:
    before = str(whole.coop.root / "before")
    assert faults(whole.data, *whole.genesis, "--record", before) == ["MANDATE_UNKNOWN"]


def test_a_development_service_says_that_times_are_not_compared(tmp_path: Path) -> None:
    trial = work(tmp_path / "trial", "dev.test/minutes")
    result = run(verify, trial.data, *trial.genesis, *trial.record, "--lang", "en")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, MANDATE["untimed"].say("en"))


# --- attacks by the operator


def activation(number: int | None) -> Callable[[DecisionLeaf], DecisionLeaf]:
    return lambda leaf: replace(leaf, activation=number)


def test_a_policy_that_was_replaced_and_served_on_is_detected(whole: Judged, written: Written) -> None:
    (_, first), *_ = recorded_decisions(JournalEvidence(whole.data, DECISIONS))
    now_ms = whole.coop.minutes.now_ms
    written.decide(of=first, time_ms=now_ms, leaf=activation(2))
    written.decide(of=first, time_ms=now_ms + 3_600_000, leaf=activation(2))
    written.reveal(count=2)
    (fault,) = judged(verify, written.close(), *whole.genesis, *whole.record)[1]["faults"]
    # A minute after the change is the tolerance's; an hour after it is nobody's.
    assert (fault["reason"], fault["index"], fault["count"]) == ("ACTIVATION_OUTLIVED", 2, 1)


def test_going_back_to_the_policy_before_is_detected(whole: Judged, written: Written) -> None:
    (_, first), *_ = recorded_decisions(JournalEvidence(whole.data, DECISIONS))
    now_ms = whole.coop.minutes.now_ms
    written.decide(time_ms=now_ms, leaf=activation(3))
    written.decide(of=first, time_ms=now_ms + 30_000, leaf=activation(2))
    written.reveal(count=2)
    assert faults(written.close(), *whole.genesis, *whole.record) == ["ACTIVATION_FALLS"]


def test_a_policy_that_nobody_adopted_is_detected(whole: Judged, written: Written) -> None:
    decision = replace(written._decision, policy_digest=b"\1" * 32)
    written.decide(of=decision, time_ms=whole.coop.minutes.now_ms, leaf=activation(3))
    written.reveal(count=1)
    assert faults(written.close(), *whole.genesis, *whole.record) == ["MANDATE_POLICY"]


def test_a_decision_without_an_activation_is_detected(whole: Judged, written: Written) -> None:
    written.decide(time_ms=whole.coop.minutes.now_ms, leaf=activation(None))
    written.reveal(count=1)
    assert faults(written.close(), *whole.genesis, *whole.record) == ["MANDATE_NONE"]


def test_a_policy_used_before_its_time_is_detected(whole: Judged, written: Written) -> None:
    written.decide(time_ms=whole.coop.minutes.now_ms - 86_400_000, leaf=activation(3))
    written.reveal(count=1)
    assert faults(written.close(), *whole.genesis, *whole.record) == ["ACTIVATION_EARLY"]


def test_other_words_for_the_same_policy_in_the_archive_are_detected(whole: Judged, written: Written) -> None:
    written.decide(time_ms=whole.coop.minutes.now_ms, leaf=activation(3))
    written.reveal(count=1)
    data = written.close()
    assert judged(verify, data, *whole.genesis, *whole.record)[0] == 0
    text = whole.coop.minutes.now().standing("video").policy.text + "# Adoptée à l’unanimité.\n".encode()
    Archive(data).keep_policy(read_policy(text, "policy"), text)
    assert faults(data, *whole.genesis, *whole.record) == ["MANDATE_TEXT"]
