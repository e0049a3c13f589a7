"""A witness at work: nothing is signed that is not written down, and what speaks against a log is kept and said."""

import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rankd.core.log.checkpoint import open_checkpoint
from rankd.core.log.note import NoteVerifier, add_signature
from rankd.core.log.witnessing import AddCheckpoint, known_logs
from rankd.store.disk import Disk
from rankd.store.witness_state import WitnessState
from rankd.usecases.witness.cosigning import SIZE, TEXT, Witness
from tests.plain_log import NOW_S, ORIGIN, PlainLog, witness_signer

SIGNER = witness_signer("w.example")
LOG = PlainLog.of(12)
FORK = PlainLog.of(12, fork_at=6)
LOGS = known_logs([LOG.signer.verifier.vkey], b"")


class FaultyDisk(Disk):
    fails = ""

    def replace(self, path: Path, data: bytes) -> None:
        if self.fails == "before":
            raise OSError(28, "No space left on device")
        super().replace(path, data)
        if self.fails == "after":
            raise OSError(5, "Input/output error")


@pytest.fixture
def disk() -> FaultyDisk:
    return FaultyDisk()


@pytest.fixture
def witness(tmp_path: Path, disk: FaultyDisk) -> Iterator[Witness]:
    WitnessState.create(tmp_path / "state", SIGNER.verifier.vkey)
    state = WitnessState.open(tmp_path / "state", SIGNER.verifier.vkey, disk)
    yield Witness(SIGNER, LOGS, state, lambda: NOW_S)
    state.close()


def cosigners(note: bytes, body: bytes) -> tuple[tuple[str, int], ...]:
    witness: NoteVerifier = SIGNER.verifier
    return open_checkpoint(add_signature(note, body.decode()), LOG.signer.verifier, (witness,), quorum=1).cosigners


def test_the_cosignature_is_the_witnesss_with_its_time(witness: Witness) -> None:
    answer = witness.add_checkpoint(LOG.request(0, 5))
    assert (answer.status, answer.kind) == (200, TEXT)
    assert cosigners(LOG.note(5), answer.body) == (("w.example", NOW_S),)


def test_a_conflict_says_the_size_that_is_held_and_nothing_else(witness: Witness) -> None:
    witness.add_checkpoint(LOG.request(0, 5))
    answer = witness.add_checkpoint(LOG.request(3, 8))
    assert (answer.status, answer.kind, answer.body) == (409, SIZE, b"5\n")


def test_log_rollback_is_refused_after_a_restart_too(witness: Witness, tmp_path: Path) -> None:
    witness.add_checkpoint(LOG.request(0, 8))
    assert witness.add_checkpoint(LOG.request(0, 5)).status == 409
    assert witness.add_checkpoint(LOG.request(5, 5)).status == 409
    witness._state.close()
    state = WitnessState.open(tmp_path / "state", SIGNER.verifier.vkey)
    witness._state = state
    assert Witness(SIGNER, LOGS, state, lambda: NOW_S).add_checkpoint(LOG.request(5, 5)).body == b"8\n"


def test_a_split_view_is_refused_kept_and_said_loudly_once(
    witness: Witness, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    witness.add_checkpoint(LOG.request(0, 8))
    for _ in range(2):
        answer = witness.add_checkpoint(AddCheckpoint(8, (), FORK.note(8)).encode())
        assert (answer.status, answer.body) == (409, b"8\n")
    assert witness.split_view_count == 2
    assert [(record.levelno, "SPLIT VIEW" in record.getMessage()) for record in caplog.records] == [
        (logging.CRITICAL, True)
    ]
    assert {path.read_bytes() for path in (tmp_path / "state" / "evidence").iterdir()} == {LOG.note(8), FORK.note(8)}
    assert witness.add_checkpoint(LOG.request(8, 9)).status == 200


def test_log_fork_is_refused_and_kept(witness: Witness, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    witness.add_checkpoint(LOG.request(0, 8))
    for _ in range(2):
        answer = witness.add_checkpoint(AddCheckpoint(8, FORK.proof(8, 12), FORK.note(12)).encode())
        assert answer.status == 422
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert len(list((tmp_path / "state" / "evidence").iterdir())) == 2


def test_what_no_known_key_signed_leaves_no_trace(
    witness: Witness, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stranger = PlainLog.of(8, fork_at=2, origin="stranger.example")
    impostor = PlainLog(["x"], ORIGIN, "impostor")
    assert witness.add_checkpoint(stranger.request(0, 8)).status == 404
    assert witness.add_checkpoint(impostor.request(0, 1)).status == 403
    assert witness.add_checkpoint(b"old 0\n").status == 400
    assert (caplog.records, witness.refused_count) == ([], 3)
    assert list((tmp_path / "state" / "logs").iterdir()) == []


@pytest.mark.parametrize(("fails", "held"), [("before", 5), ("after", 8)])
def test_nothing_is_signed_while_the_disk_refuses(
    witness: Witness, disk: FaultyDisk, fails: str, held: int, caplog: pytest.LogCaptureFixture
) -> None:
    witness.add_checkpoint(LOG.request(0, 5))
    disk.fails = fails
    answers = [witness.add_checkpoint(LOG.request(5, 8)), witness.add_checkpoint(LOG.request(held, 8))]
    assert [answer.status for answer in answers] == [503, 503]
    assert not any("—".encode() in answer.body for answer in answers)
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    disk.fails = ""
    answer = witness.add_checkpoint(LOG.request(held, 8))
    assert cosigners(LOG.note(8), answer.body) == (("w.example", NOW_S),)


def test_a_fork_at_the_moment_of_a_failed_write_is_not_cosigned_either(witness: Witness, disk: FaultyDisk) -> None:
    witness.add_checkpoint(LOG.request(0, 5))
    disk.fails = "after"
    assert witness.add_checkpoint(LOG.request(5, 8)).status == 503
    disk.fails = ""
    assert witness.add_checkpoint(AddCheckpoint(5, FORK.proof(5, 8), FORK.note(8)).encode()).status == 409


def test_many_at_a_time_never_get_two_histories(witness: Witness) -> None:
    witness.add_checkpoint(LOG.request(0, 5))
    requests = [log.request(5, size) for log in (LOG, FORK) for size in range(8, 13)]
    statuses: list[int] = []
    barrier = threading.Barrier(len(requests))

    def ask(data: bytes) -> None:
        barrier.wait()
        statuses.append(witness.add_checkpoint(data).status)

    threads = [threading.Thread(target=ask, args=(data,)) for data in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [409] * (len(requests) - 1)
