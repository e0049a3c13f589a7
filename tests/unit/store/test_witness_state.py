"""A witness's memory: durable before it counts, never backwards, and refused where it cannot be trusted."""

from pathlib import Path

import pytest

from rankd.core.errors import WitnessError
from rankd.store.disk import Disk
from rankd.store.witness_state import MOST_EVIDENCE, WITNESS_FILE, WitnessState
from tests.plain_log import ORIGIN, PlainLog, witness_signer

VKEY = witness_signer("w.example").verifier.vkey
LOG = PlainLog.of(8)


class FaultyDisk(Disk):
    """Fails at the next replacement: before anything is written, or after all of it is."""

    fails = ""

    def replace(self, path: Path, data: bytes) -> None:
        if self.fails == "before":
            raise OSError(28, "No space left on device")
        super().replace(path, data)
        if self.fails == "after":
            raise OSError(5, "Input/output error")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "witness"
    WitnessState.create(path, VKEY)
    return path


def reopened(folder: Path, disk: Disk | None = None) -> WitnessState:
    return WitnessState.open(folder, VKEY, disk)


def refusal(folder: Path, vkey: str = VKEY) -> str:
    with pytest.raises(WitnessError) as caught:
        WitnessState.open(folder, vkey).close()
    assert caught.value.say("fr") != caught.value.say("en")
    return caught.value.reason


def test_what_was_cosigned_last_is_known_after_a_restart(folder: Path) -> None:
    state = reopened(folder)
    assert state.held(ORIGIN) is None
    state.advance(LOG.checkpoint(5), LOG.note(5))
    state.advance(LOG.checkpoint(8), LOG.note(8))
    state.close()
    again = reopened(folder)
    assert again.held(ORIGIN) == LOG.checkpoint(8)
    assert again.held("other.example") is None
    again.close()


@pytest.mark.parametrize(("fails", "held"), [("before", 5), ("after", 8)])
def test_a_write_that_fails_leaves_what_the_disk_has(folder: Path, fails: str, held: int) -> None:
    disk = FaultyDisk()
    state = reopened(folder, disk)
    state.advance(LOG.checkpoint(5), LOG.note(5))
    disk.fails = fails
    with pytest.raises(WitnessError) as caught:
        state.advance(LOG.checkpoint(8), LOG.note(8))
    assert caught.value.reason == "WITNESS_STATE_UNUSABLE"
    assert state.held(ORIGIN) == LOG.checkpoint(held)
    state.close()
    again = reopened(folder)
    assert again.held(ORIGIN) == LOG.checkpoint(held)
    again.close()


@pytest.mark.parametrize(
    "worse", [LOG.checkpoint(4), PlainLog.of(8, fork_at=2).checkpoint(5)], ids=["rollback", "fork"]
)
def test_the_memory_itself_never_goes_back(folder: Path, worse: object) -> None:
    state = reopened(folder)
    state.advance(LOG.checkpoint(5), LOG.note(5))
    with pytest.raises(RuntimeError):
        state.advance(worse, b"")  # type: ignore[arg-type]
    assert state.held(ORIGIN) == LOG.checkpoint(5)
    state.close()


def test_one_process_at_a_time(folder: Path) -> None:
    state = reopened(folder)
    assert refusal(folder) == "WITNESS_STATE_LOCKED"
    state.close()
    reopened(folder).close()


def test_an_absent_or_empty_folder_is_not_a_memory(tmp_path: Path) -> None:
    assert refusal(tmp_path / "absent") == "WITNESS_STATE_ABSENT"
    assert refusal(tmp_path) == "WITNESS_STATE_ABSENT"
    assert list(tmp_path.iterdir()) == []


def test_a_memory_is_begun_once(folder: Path) -> None:
    with pytest.raises(WitnessError) as caught:
        WitnessState.create(folder, VKEY)
    assert caught.value.reason == "WITNESS_STATE_EXISTS"


def test_a_memory_that_cannot_be_written_is_not_begun(tmp_path: Path) -> None:
    disk = FaultyDisk()
    disk.fails = "before"
    with pytest.raises(WitnessError) as caught:
        WitnessState.create(tmp_path / "new", VKEY, disk)
    assert caught.value.reason == "WITNESS_STATE_UNUSABLE"
    assert refusal(tmp_path / "new") == "WITNESS_STATE_ABSENT"


def test_the_memory_of_another_key_is_refused(folder: Path) -> None:
    assert refusal(folder, witness_signer("other.example").verifier.vkey) == "WITNESS_STATE_OTHER_KEY"


@pytest.mark.parametrize("damage", [b"", b"half a no", LOG.note(5)[:-1], PlainLog.of(3, origin="other").note(3)])
def test_damage_stops_the_start_and_is_never_taken_for_a_log_that_is_new(folder: Path, damage: bytes) -> None:
    state = reopened(folder)
    state.advance(LOG.checkpoint(5), LOG.note(5))
    (note,) = (folder / "logs").iterdir()
    note.write_bytes(damage)
    with pytest.raises(WitnessError) as caught:
        state.held(ORIGIN)
    assert caught.value.reason == "WITNESS_STATE_DAMAGED"
    state.close()
    assert refusal(folder) == "WITNESS_STATE_DAMAGED"


def test_a_folder_that_vanishes_under_way_is_not_a_log_that_is_new(folder: Path) -> None:
    state = reopened(folder)
    (folder / "logs").rmdir()
    with pytest.raises(WitnessError) as caught:
        state.held(ORIGIN)
    assert caught.value.reason == "WITNESS_STATE_ABSENT"
    state.close()


def test_evidence_is_both_checkpoints_as_the_log_signed_them_once(folder: Path) -> None:
    fork = PlainLog.of(8, fork_at=2)
    state = reopened(folder)
    state.advance(LOG.checkpoint(8), LOG.note(8))
    path = state.keep_evidence("split-view", fork.checkpoint(8), fork.note(8))
    assert path is not None
    assert path.read_bytes() == fork.note(8)
    assert path.with_name(path.name.replace("-shown", "-held")).read_bytes() == LOG.note(8)
    assert state.keep_evidence("split-view", fork.checkpoint(8), fork.note(8)) is None
    state.close()


def test_a_flood_of_unproven_checkpoints_is_bounded_and_leaves_room_for_split_views(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MOST_EVIDENCE, "unproven", 2)
    state = reopened(folder)
    kept = [state.keep_evidence("unproven", LOG.checkpoint(size), LOG.note(size)) for size in range(1, 6)]
    assert [path is not None for path in kept] == [True, True, False, False, False]
    assert state.keep_evidence("split-view", LOG.checkpoint(1), LOG.note(1)) is not None
    state.close()


def test_the_owner_of_a_memory_is_its_vkey_in_one_line(folder: Path) -> None:
    assert (folder / WITNESS_FILE).read_text() == f"{VKEY}\n"
