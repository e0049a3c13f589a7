"""Replay from files alone: what it finds good, and everything that it must report."""

import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from rankd.core.errors import RankdError, ServiceError
from rankd.core.records.decision import Decision
from rankd.store.evidence import DECISIONS, JournalEvidence
from rankd.usecases.audit.leaves import recorded_decisions
from rankd.usecases.audit.replay import EngineName, Level, ReplayReport
from tests.conftest import House
from tests.evidence import Written, bundled, replayed, replayed_bundle
from tests.forged import judged as events_judged

COUNT = 10


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Record ten decisions under two policies, two models and two epochs."""
    house = House(tmp_path_factory.mktemp("house"))
    house.record(range(5))
    house.write_policy(click=600)
    house.write_model(leaf=0)
    house.record(range(5, COUNT))
    return house.data


@pytest.fixture
def recorded(house: House, data_dir: Path) -> House:
    """Return a house with a copy of these decisions."""
    shutil.copytree(data_dir, house.data)
    shutil.copy(data_dir.with_name(house.mark.name), house.mark)
    return house


@pytest.fixture(scope="module")
def decisions(data_dir: Path) -> list[Decision]:
    """Return these decisions."""
    return [decision for _, decision in recorded_decisions(JournalEvidence(data_dir, DECISIONS))]


def written(tmp_path: Path, data_dir: Path, decision: Decision) -> ReplayReport:
    """Replay a journal whose only decision is this one, under the nonce that it names."""
    journal = Written(tmp_path / "data", decision, archive=data_dir / "archive")
    journal.epoch()
    journal.decide(nonce=decision.nonce)
    return replayed(journal.close())


def hindrances(report: ReplayReport) -> list[str]:
    """Return the reasons of everything that stood in the way, after making sure that there are words for them."""
    found = report.verified.hindrances
    assert all(entry.lack.error.say("fr") != entry.lack.error.say("en") for entry in found)
    return [entry.lack.error.reason for entry in found]


@pytest.mark.parametrize("engine", ["auto", "reference", "lightgbm"])
@pytest.mark.parametrize("level", ["model", "arithmetic"])
def test_recorded_decisions_are_identical_under_every_engine(data_dir: Path, engine: EngineName, level: Level) -> None:
    report = replayed(data_dir, engine, level=level)
    assert (report.good, report.count, report.identical, report.level) == (True, COUNT, COUNT, level)
    assert report.verified.nonce_count == COUNT


@pytest.mark.parametrize("engine", ["reference", "lightgbm"])
def test_several_decisions_side_by_side_are_found_as_one_after_the_other(
    recorded: House, decisions: list[Decision], engine: EngineName
) -> None:
    archived(recorded.data, "policies", decisions[5]).unlink()
    (pack,) = recorded.journal.rglob("*.pack")
    data = bytearray(pack.read_bytes())
    data[len(data) // 3] ^= 4
    pack.write_bytes(data)
    alone = replayed(recorded.data, engine)
    beside = replayed(recorded.data, engine, jobs=3)
    assert (alone.identical, len(hindrances(alone))) == (beside.identical, len(hindrances(beside)))
    assert [fault.index for fault in alone.verified.faults] == [fault.index for fault in beside.verified.faults]
    assert 0 < beside.identical < COUNT


def test_the_data_directory_is_enough(recorded: House, tmp_path: Path) -> None:
    recorded.data.rename(tmp_path / "elsewhere")
    shutil.rmtree(recorded.policies)
    shutil.rmtree(recorded.models)
    shutil.rmtree(tmp_path / "elsewhere" / "epochs")
    assert replayed(tmp_path / "elsewhere").identical == COUNT


def test_nothing_is_written_and_a_service_may_hold_the_journal(recorded: House) -> None:
    with recorded.desk() as desk:
        desk.journal.publish()
        before = {path: path.stat().st_mtime_ns for path in recorded.data.rglob("*")}
        assert replayed(recorded.data).good
        assert {path: path.stat().st_mtime_ns for path in recorded.data.rglob("*")} == before


def test_a_directory_without_a_journal_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RankdError) as caught:
        replayed(tmp_path)
    assert caught.value.reason == "JOURNAL_CHECKPOINT_MISSING"


def test_a_journal_without_decisions_is_good(house: House) -> None:
    house.record([])
    report = replayed(house.data)
    assert (report.good, report.count, report.identical) == (True, 0, 0)


def test_an_engine_that_is_not_installed_is_named(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rankd.usecases.audit.replay.find_spec", lambda _: None)
    with pytest.raises(ServiceError) as caught:
        replayed(data_dir, "lightgbm")
    assert caught.value.reason == "EXTRA_MISSING"


def test_a_record_that_does_not_follow_is_named_with_its_first_difference(
    tmp_path: Path, data_dir: Path, decisions: list[Decision]
) -> None:
    old = decisions[6]
    report = written(tmp_path, data_dir, replace(old, values=(old.values[0] + 1, *old.values[1:])))
    (differing,) = report.verified.differing
    assert (report.good, report.identical) == (False, 0)
    assert (differing.index, differing.difference.term) == (1, "value")
    assert int(differing.difference.recorded) == int(differing.difference.recomputed) + 1


def test_a_record_that_follows_is_identical_whoever_wrote_it_down(
    tmp_path: Path, data_dir: Path, decisions: list[Decision]
) -> None:
    assert written(tmp_path, data_dir, decisions[6]).identical == 1


def test_margins_that_are_not_the_models_are_named_and_arithmetic_takes_them_as_they_are(
    tmp_path: Path, data_dir: Path, decisions: list[Decision]
) -> None:
    false = replace(decisions[0], margins=decisions[0].margins + 1)
    report = written(tmp_path, data_dir, false)
    assert [entry.difference.term for entry in report.verified.differing] == ["margin:click"]
    report = replayed(tmp_path / "data", level="arithmetic")
    assert [entry.difference.term for entry in report.verified.differing] != ["margin:click"]


def test_arithmetic_needs_the_manifest_and_not_the_trees(recorded: House) -> None:
    for path in (recorded.data / "archive" / "models").rglob("*.txt"):
        path.unlink()
    report = replayed(recorded.data)
    assert set(hindrances(report)) == {"MODEL_FILE_MISSING"}
    assert replayed(recorded.data, level="arithmetic").good
    for path in (recorded.data / "archive" / "models").rglob("manifest.json"):
        path.write_bytes(path.read_bytes().replace(b'"video"', b'"other"'))
    assert set(hindrances(replayed(recorded.data, level="arithmetic"))) == {"ARCHIVE_DIFFERS"}


def test_a_decision_under_another_policy_than_its_record_names_differs(
    tmp_path: Path, data_dir: Path, decisions: list[Decision]
) -> None:
    report = written(tmp_path, data_dir, replace(decisions[0], policy_digest=decisions[5].policy_digest))
    assert report.verified.differing_count == 1


def archived(data: Path, kind: str, decision: Decision) -> Path:
    """Return the archived policy, limits file or model folder of a decision."""
    digest = {
        "policies": decision.policy_digest,
        "limits": decision.constitution_digest,
        "models": decision.model_digest or b"",
    }[kind]
    (path,) = (data / "archive" / kind).glob(f"{digest.hex()}*")
    return path


@pytest.mark.parametrize(
    ("kind", "subject", "concerned"),
    [("policies", "policy", 4), ("models", "model", 4), ("limits", "limits", COUNT)],
)
def test_a_missing_file_is_named_once_with_the_decisions_that_it_concerns(
    recorded: House, decisions: list[Decision], kind: str, subject: str, concerned: int
) -> None:
    archived(recorded.data, kind, decisions[0]).rename(recorded.data / "away")
    report = replayed(recorded.data)
    (missing,) = report.verified.hindrances
    assert not report.good
    assert hindrances(report) == ["ARCHIVE_MISSING"]
    assert (missing.lack.subject, missing.decision_count, missing.first) == (subject, concerned, 1)
    assert (report.count, report.identical) == (COUNT, COUNT - concerned)


def test_a_missing_head_and_an_altered_one_are_named(recorded: House, decisions: list[Decision]) -> None:
    (archived(recorded.data, "models", decisions[0]) / "hide.txt").unlink()
    altered = archived(recorded.data, "models", decisions[5]) / "click.txt"
    altered.write_bytes(altered.read_bytes() + b"\n")
    report = replayed(recorded.data)
    assert hindrances(report) == ["MODEL_FILE_MISSING", "MODEL_FILE_DIFFERS"]
    # Newest first needs no model: one decision of each half is.
    assert report.identical == 2


def test_everything_that_a_decision_lacks_is_named(recorded: House) -> None:
    shutil.rmtree(recorded.data / "archive")
    report = replayed(recorded.data)
    subjects = sorted(entry.lack.subject for entry in report.verified.hindrances)
    assert subjects == ["limits", "model", "model", "policy", "policy"]
    assert report.identical == 0


def test_an_engine_that_gives_no_exact_margin_stands_in_the_way(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rankd.forest.lightgbm._ONE", float((1 << 24) + 0.5))
    report = replayed(data_dir, "lightgbm")
    assert set(hindrances(report)) == {"ENGINE_INEXACT"}
    assert not report.good


def judged(replay: Callable[[], ReplayReport]) -> bool:
    """Return whether a replay is good; one that is refused is not."""
    try:
        return replay().good
    except RankdError as error:
        return not error.say("fr")


def test_one_flipped_bit_anywhere_in_the_data_directory_is_reported(recorded: House) -> None:
    shutil.rmtree(recorded.data / "epochs")
    shutil.rmtree(recorded.data / "pseudonyms")
    # What no verdict rests on: secrets of the server, the lock, and the partial tiles of earlier checkpoints.
    unneeded = {"lock", "feedback.secret", "feature.key", "vkey", "7"}
    files = [
        path
        for path in sorted(recorded.data.rglob("*"))
        if path.is_file() and path.name not in unneeded and path.suffix not in {".wal", ".sqlite"}
    ]
    assert {path.parent.name for path in files} >= {"public", "bodies", "policies", "limits", "000.p"}
    draw = random.Random(8)
    for path in files:
        data = path.read_bytes()
        for _ in range(15 if path.suffix == ".pack" else 3):
            at = draw.randrange(len(data))
            path.write_bytes(data[:at] + bytes([data[at] ^ 1 << draw.randrange(8)]) + data[at + 1 :])
            # The pack's own header is not read by those who know where a body lies.
            is_good = judged(lambda: replayed(recorded.data, "reference")) and events_judged(recorded.data).good
            assert not is_good or (path.suffix == ".pack" and at < 20), (path.name, at)
        path.write_bytes(data)
    assert replayed(recorded.data, "reference").good


def test_one_flipped_bit_anywhere_in_a_bundle_is_reported(data_dir: Path, tmp_path: Path) -> None:
    path = bundled(data_dir, tmp_path / "b.tar")
    data = path.read_bytes()
    draw = random.Random(9)
    for _ in range(120):
        at = draw.randrange(len(data))
        path.write_bytes(data[:at] + bytes([data[at] ^ 1 << draw.randrange(8)]) + data[at + 1 :])
        assert not judged(lambda: replayed_bundle(path, engine="reference")), at
    path.write_bytes(data)
    assert replayed_bundle(path).good


def test_one_damaged_body_leaves_the_verdict_on_the_others(recorded: House) -> None:
    (pack,) = recorded.journal.rglob("*.pack")
    data = bytearray(pack.read_bytes())
    data[len(data) // 2] ^= 4
    pack.write_bytes(data)
    report = replayed(recorded.data)
    assert (report.count, report.identical, report.verified.differing_count) == (COUNT, COUNT - 1, 0)
    assert [fault.error.reason for fault in report.verified.faults] == ["JOURNAL_BODY_DAMAGED"]


def test_an_erased_decision_is_no_difference(tmp_path: Path, data_dir: Path, decisions: list[Decision]) -> None:
    journal = Written(tmp_path / "data", decisions[0], archive=data_dir / "archive")
    journal.epoch()
    for decision in decisions[:2]:
        journal.decide(nonce=decision.nonce)
    journal.erase((2, 2))
    report = replayed(journal.close())
    assert (report.good, report.count, report.identical) == (True, 2, 1)
    assert [(run.first, run.last) for run in report.verified.chronicle.erased] == [(2, 2)]
