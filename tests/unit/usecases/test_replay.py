"""Replay from files alone: what it finds good, and everything that it must report."""

import os
import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from rankd.core.errors import RecordError, ServiceError
from rankd.core.exact.canonical import sha256
from rankd.core.records.decision import Decision, encode_decision
from rankd.core.records.reading import decode_decision
from rankd.store.decision_log import DecisionLog
from rankd.store.frames import FILE_HEADER, frame_head, log_path
from rankd.store.record_reader import read_records
from rankd.usecases.replay import EngineName, ReplayReport, replay
from tests.conftest import House

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
    return house


def rewrite(house: House, change: Callable[[list[Decision]], list[Decision]]) -> None:
    """Write the log anew, well formed, with other decisions."""
    decisions = [decode_decision(item) for _, item in read_records(house.data) if isinstance(item, bytes)]
    data = FILE_HEADER
    for index, decision in enumerate(change(decisions)):
        record = encode_decision(decision)
        data += frame_head(index, len(record), sha256(record)) + record
    log_path(house.data).write_bytes(data)


def said(report: ReplayReport) -> list[str]:
    """Return the reasons of everything that stood in the way, after making sure that there are words for them."""
    hindrances = (*report.missing, *report.unreadable)
    assert all(entry.error.say("fr") != entry.error.say("en") for entry in hindrances)
    return [entry.error.reason for entry in hindrances]


@pytest.mark.parametrize("engine", ["auto", "reference", "lightgbm"])
def test_recorded_decisions_are_identical_under_every_engine(recorded: House, engine: EngineName) -> None:
    report = replay(recorded.data, engine)
    assert report == ReplayReport(COUNT, COUNT, (), (), (), (), (), (), COUNT, None)
    assert report.good


def test_the_data_directory_is_enough(recorded: House, tmp_path: Path) -> None:
    recorded.data.rename(tmp_path / "elsewhere")
    shutil.rmtree(recorded.policies)
    shutil.rmtree(recorded.models)
    assert replay(tmp_path / "elsewhere").identical == COUNT


def test_nothing_is_written_and_a_service_may_hold_the_log(recorded: House) -> None:
    log = DecisionLog.open(recorded.data)
    before = {path: path.stat().st_mtime_ns for path in recorded.data.rglob("*")}
    assert replay(recorded.data).good
    assert {path: path.stat().st_mtime_ns for path in recorded.data.rglob("*")} == before
    log.close()


def test_progress_is_told_record_by_record(recorded: House) -> None:
    told: list[int] = []
    replay(recorded.data, progress=told.append)
    assert told == list(range(1, COUNT + 1))


def test_without_the_epochs_nonces_are_taken_as_recorded(recorded: House) -> None:
    shutil.rmtree(recorded.data / "epochs")
    report = replay(recorded.data)
    assert (report.good, report.nonce_count) == (True, 0)


def test_a_directory_without_decisions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordError) as caught:
        replay(tmp_path)
    assert caught.value.reason == "RECORDS_UNREADABLE"


def test_a_log_without_decisions_is_good(house: House) -> None:
    house.record([])
    assert replay(house.data) == ReplayReport(0, 0, (), (), (), (), (), (), 0, None)


def test_an_engine_that_is_not_installed_is_named(recorded: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rankd.usecases.replay.find_spec", lambda _: None)
    with pytest.raises(ServiceError) as caught:
        replay(recorded.data, "lightgbm")
    assert caught.value.reason == "EXTRA_MISSING"


def test_a_changed_record_is_named_with_its_first_difference_and_the_others_stay_identical(recorded: House) -> None:
    def raise_first_value(decisions: list[Decision]) -> list[Decision]:
        old = decisions[6]
        return [*decisions[:6], replace(old, values=(old.values[0] + 1, *old.values[1:])), *decisions[7:]]

    rewrite(recorded, raise_first_value)
    report = replay(recorded.data, origin="dev.test")
    (differing,) = report.differing
    assert not report.good
    assert report.identical == COUNT - 1
    assert (differing.decision_id, differing.difference.term) == ("dev.test/6", "value")
    assert int(differing.difference.recorded) == int(differing.difference.recomputed) + 1


def test_a_decision_under_another_policy_than_its_record_names_differs(recorded: House) -> None:
    rewrite(recorded, lambda all_: [replace(all_[0], policy_digest=all_[5].policy_digest), *all_[1:]])
    (differing,) = replay(recorded.data).differing
    assert differing.decision_id == "0"


def archived(house: House, kind: str, at: int = 0) -> Path:
    """Return an archived policy, limits file or model folder, in the order in which they came into force."""
    decisions = [decode_decision(item) for _, item in read_records(house.data) if isinstance(item, bytes)]
    decision = decisions[5 * at]
    digest = {
        "policies": decision.policy_digest,
        "limits": decision.constitution_digest,
        "models": decision.model_digest or b"",
    }[kind]
    (path,) = (house.data / "archive" / kind).glob(f"{digest.hex()}*")
    return path


@pytest.mark.parametrize(
    ("kind", "subject", "concerned"),
    [("policies", "policy", 4), ("models", "model", 4), ("limits", "limits", COUNT)],
)
def test_a_missing_file_is_named_once_with_the_decisions_that_it_concerns(
    recorded: House, kind: str, subject: str, concerned: int
) -> None:
    archived(recorded, kind).rename(recorded.data / "away")
    report = replay(recorded.data)
    (missing,) = report.missing
    assert not report.good
    assert said(report) == ["ARCHIVE_MISSING"]
    assert (missing.subject, missing.decision_count, missing.first_decision_id) == (subject, concerned, "0")
    assert (report.count, report.identical, report.unreadable) == (COUNT, COUNT - concerned, ())


def test_a_missing_head_is_missing_and_an_altered_one_unreadable(recorded: House) -> None:
    (archived(recorded, "models", 0) / "hide.txt").unlink()
    altered = archived(recorded, "models", 1) / "click.txt"
    altered.write_bytes(altered.read_bytes() + b"\n")
    report = replay(recorded.data)
    assert [entry.error.reason for entry in report.missing] == ["MODEL_FILE_MISSING"]
    assert [entry.error.reason for entry in report.unreadable] == ["MODEL_FILE_DIFFERS"]
    # Newest first needs no model: one decision of each half is.
    assert report.identical == 2


def test_everything_that_a_decision_lacks_is_named(recorded: House) -> None:
    shutil.rmtree(recorded.data / "archive")
    report = replay(recorded.data)
    assert sorted(entry.subject for entry in report.missing) == ["limits", "model", "model", "policy", "policy"]
    assert report.identical == 0


def test_a_record_that_says_something_else_than_a_decision_is_unreadable(recorded: House) -> None:
    data = FILE_HEADER
    for index, record in enumerate((b"no line feed", b"{}\n")):
        data += frame_head(index, len(record), sha256(record)) + record
    log_path(recorded.data).write_bytes(data)
    report = replay(recorded.data)
    assert said(report) == ["RECORD_MALFORMED", "RECORD_MALFORMED"]
    assert [entry.first_decision_id for entry in report.unreadable] == ["0", "1"]
    assert report.count == 2


def test_an_engine_that_gives_no_exact_margin_stands_in_the_way(
    recorded: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rankd.forest.lightgbm._ONE", float((1 << 24) + 0.5))
    report = replay(recorded.data, "lightgbm")
    assert set(said(report)) == {"ENGINE_INEXACT"}
    assert not report.good


def test_one_flipped_bit_anywhere_in_the_data_directory_is_reported(recorded: House) -> None:
    files = [path for path in sorted(recorded.data.rglob("*")) if path.is_file() and path.name != "lock"]
    assert {path.parent.name for path in files} >= {"decisions", "policies", "limits", "epochs"}
    draw = random.Random(8)
    for path in files:
        data = path.read_bytes()
        for _ in range(40 if path.name == "decisions.log" else 3):
            at = draw.randrange(len(data))
            path.write_bytes(data[:at] + bytes([data[at] ^ 1 << draw.randrange(8)]) + data[at + 1 :])
            assert not replay(recorded.data, "reference").good, (path.name, at)
        path.write_bytes(data)
    assert replay(recorded.data, "reference").good


def test_a_flipped_bit_in_one_record_leaves_the_verdict_on_the_others(recorded: House) -> None:
    data = bytearray(log_path(recorded.data).read_bytes())
    data[len(FILE_HEADER) + 100] ^= 4
    log_path(recorded.data).write_bytes(data)
    report = replay(recorded.data)
    assert (report.count, report.identical, report.differing) == (COUNT, COUNT - 1, ())
    assert said(report) == ["RECORD_DAMAGED"]


def test_a_flipped_bit_in_the_files_own_header_is_reported_and_costs_no_decision(recorded: House) -> None:
    data = bytearray(log_path(recorded.data).read_bytes())
    data[3] ^= 1
    log_path(recorded.data).write_bytes(data)
    report = replay(recorded.data)
    assert (report.good, report.count, report.identical) == (False, COUNT, COUNT)
    assert said(report) == ["RECORDS_HEADER"]


def test_a_decision_that_was_taken_out_leaves_a_gap_in_the_counters(recorded: House) -> None:
    rewrite(recorded, lambda decisions: decisions[:2] + decisions[3:])
    report = replay(recorded.data)
    (gap,) = report.gaps
    assert (report.good, report.identical, report.differing) == (False, COUNT - 1, ())
    assert (gap.worker, gap.first, gap.last, gap.pending) == ("w0", 2, 2, False)


def test_a_gap_at_the_end_of_the_last_run_may_still_be_explained_and_is_no_fault(recorded: House) -> None:
    rewrite(recorded, lambda decisions: decisions[:-2] + decisions[-1:])
    report = replay(recorded.data)
    assert report.good
    assert [gap.pending for gap in report.gaps] == [True]


def test_a_decision_that_was_written_twice_clashes(recorded: House) -> None:
    rewrite(recorded, lambda decisions: [*decisions, decisions[3]])
    report = replay(recorded.data)
    assert not report.good
    assert [clash.counter for clash in report.clashes] == [3]


def test_an_unfinished_record_at_the_end_is_told_and_is_no_fault(recorded: House) -> None:
    os.truncate(log_path(recorded.data), log_path(recorded.data).stat().st_size - 3)
    report = replay(recorded.data)
    assert report.good
    assert (report.count, report.identical) == (COUNT - 1, COUNT - 1)
    assert report.torn is not None
    assert report.torn.reason == "RECORD_TORN"


def test_a_secret_that_is_not_the_epochs_is_reported_and_the_decisions_are_judged(recorded: House) -> None:
    for path in (recorded.data / "epochs").iterdir():
        path.write_bytes(bytes(32))
    report = replay(recorded.data)
    assert said(report) == ["EPOCH_DIFFERS", "EPOCH_DIFFERS"]
    assert (report.good, report.identical, report.nonce_count) == (False, COUNT, 0)
