import errno
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest

from rankd.core.errors import RecordError, ServiceError
from rankd.store.decision_log import DecisionLog
from rankd.store.disk import Disk
from rankd.store.frames import FILE_HEADER, HEAD_BYTES, MAX_RECORD_BYTES, log_path


class FaultyDisk(Disk):
    """Fails as told, before or after it has done its work."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.faults: dict[str, int] = {}
        self.written_share = 0.0
        self.gate: threading.Event | None = None

    def write(self, descriptor: int, data: bytes, offset: int) -> None:
        self.steps.append("write")
        if "write" in self.faults:
            super().write(descriptor, data[: int(len(data) * self.written_share)], offset)
            raise OSError(self.faults["write"], os.strerror(self.faults["write"]))
        super().write(descriptor, data, offset)

    def sync(self, descriptor: int) -> None:
        self.steps.append("sync")
        if self.gate is not None:
            self.gate.wait(timeout=10)
        if "sync" in self.faults:
            raise OSError(self.faults["sync"], os.strerror(self.faults["sync"]))
        super().sync(descriptor)

    def cut(self, descriptor: int, size: int) -> None:
        self.steps.append("cut")
        if "cut" in self.faults:
            raise OSError(self.faults["cut"], os.strerror(self.faults["cut"]))
        super().cut(descriptor, size)


@pytest.fixture
def disk() -> FaultyDisk:
    return FaultyDisk()


@pytest.fixture
def log(tmp_path: Path, disk: FaultyDisk) -> Iterator[DecisionLog]:
    opened = DecisionLog.open(tmp_path, disk)
    disk.steps.clear()
    yield opened
    opened.close()


def contents(data_dir: Path) -> list[bytes]:
    log = DecisionLog.open(data_dir)
    try:
        return [log.read(index) for index in range(log.count)]
    finally:
        log.close()


def refused(log: DecisionLog, record: bytes) -> str:
    with pytest.raises(ServiceError) as caught:
        log.append(record)
    assert caught.value.reason == "RECORDS_UNAVAILABLE"
    return str(caught.value.metadata["detail"])


def test_records_are_numbered_from_zero_and_go_on_after_the_log_is_opened_again(tmp_path: Path) -> None:
    for start in (0, 2):
        log = DecisionLog.open(tmp_path)
        assert [log.append(b"a"), log.append(b"")] == [start, start + 1]
        assert log.count == start + 2
        log.close()
    assert contents(tmp_path) == [b"a", b"", b"a", b""]


def test_a_record_is_written_and_synced_before_append_returns(log: DecisionLog, disk: FaultyDisk) -> None:
    log.append(b"a")
    assert disk.steps == ["write", "sync"]


def test_the_log_is_for_its_owner_alone(tmp_path: Path, log: DecisionLog) -> None:
    path = log_path(tmp_path)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_sixteen_waiting_appends_share_two_syncs(log: DecisionLog, disk: FaultyDisk) -> None:
    disk.gate = threading.Event()
    indexes: dict[int, bytes] = {}

    def append(number: int) -> None:
        record = b"record %d" % number
        indexes[log.append(record)] = record

    threads = [threading.Thread(target=append, args=(number,)) for number in range(16)]
    threads[0].start()
    until = monotonic() + 10
    while "sync" not in disk.steps and monotonic() < until:
        sleep(0.001)
    for thread in threads[1:]:
        thread.start()
    while len(log._gathering.records) < 15 and monotonic() < until:
        sleep(0.001)
    disk.gate.set()
    for thread in threads:
        thread.join(timeout=10)
    assert disk.steps == ["write", "sync", "write", "sync"]
    assert {index: log.read(index) for index in range(16)} == indexes


def test_a_failed_batch_fails_for_everybody_who_waits_on_it(log: DecisionLog, disk: FaultyDisk) -> None:
    disk.gate = threading.Event()
    outcomes: list[str] = []

    def append() -> None:
        try:
            outcomes.append(f"index {log.append(b'r')}")
        except ServiceError as error:
            outcomes.append(error.reason)

    threads = [threading.Thread(target=append) for _ in range(5)]
    threads[0].start()
    until = monotonic() + 10
    while "sync" not in disk.steps and monotonic() < until:
        sleep(0.001)
    for thread in threads[1:]:
        thread.start()
    while len(log._gathering.records) < 4 and monotonic() < until:
        sleep(0.001)
    disk.faults = {"write": errno.ENOSPC}
    disk.gate.set()
    for thread in threads:
        thread.join(timeout=10)
    assert sorted(outcomes) == ["RECORDS_UNAVAILABLE"] * 4 + ["index 0"]


@pytest.mark.parametrize(
    ("step", "code", "written_share"),
    [
        pytest.param("write", errno.ENOSPC, 0.0, id="write fails and not persisted"),
        pytest.param("write", errno.ENOSPC, 0.6, id="write fails half way"),
        pytest.param("write", errno.EIO, 1.0, id="write fails but persisted"),
        pytest.param("write", errno.EROFS, 0.0, id="disk became read-only"),
        pytest.param("sync", errno.EIO, 1.0, id="sync fails but persisted"),
    ],
)
class TestFault:
    def test_nothing_of_a_failed_record_stays_and_the_log_goes_on_when_the_disk_does(
        self, tmp_path: Path, log: DecisionLog, disk: FaultyDisk, step: str, code: int, written_share: float
    ) -> None:
        log.append(b"acknowledged")
        disk.faults, disk.written_share = {step: code}, written_share
        assert refused(log, b"refused" * 100) == os.strerror(code)
        assert log.count == 1
        assert log_path(tmp_path).stat().st_size == len(FILE_HEADER) + HEAD_BYTES + len(b"acknowledged")
        disk.faults = {}
        assert log.append(b"later") == 1
        log.close()
        assert contents(tmp_path) == [b"acknowledged", b"later"]

    def test_a_crash_before_the_repair_leaves_every_acknowledged_record(
        self, tmp_path: Path, log: DecisionLog, disk: FaultyDisk, step: str, code: int, written_share: float
    ) -> None:
        log.append(b"acknowledged")
        disk.faults, disk.written_share = {step: code, "cut": code}, written_share
        refused(log, b"refused")
        log.close()
        persisted = written_share == 1.0
        assert contents(tmp_path) == ([b"acknowledged", b"refused"] if persisted else [b"acknowledged"])

    def test_a_log_that_cannot_be_repaired_refuses_until_it_can(
        self, tmp_path: Path, log: DecisionLog, disk: FaultyDisk, step: str, code: int, written_share: float
    ) -> None:
        log.append(b"acknowledged")
        disk.faults, disk.written_share = {step: code, "cut": errno.EIO}, written_share
        refused(log, b"refused")
        disk.faults = {"cut": errno.EIO}
        disk.steps.clear()
        refused(log, b"refused")
        assert set(disk.steps) == {"cut"}
        disk.faults = {}
        assert log.append(b"later") == 1
        log.close()
        assert contents(tmp_path) == [b"acknowledged", b"later"]


def test_after_a_failed_sync_nothing_is_appended_behind_a_record_that_the_disk_lost(
    tmp_path: Path, log: DecisionLog, disk: FaultyDisk
) -> None:
    log.append(b"acknowledged")
    disk.faults = {"sync": errno.EIO, "cut": errno.EIO}
    refused(log, b"refused")
    with log_path(tmp_path).open("r+b") as file:
        file.seek(len(FILE_HEADER) + HEAD_BYTES)
        file.write(b"A")
    disk.faults = {}
    assert refused(log, b"refused") == "RECORD_DAMAGED"
    assert refused(log, b"refused") == "RECORD_DAMAGED"


def test_an_append_is_refused_when_the_file_was_cut_behind_its_back_during_a_fault(
    tmp_path: Path, log: DecisionLog, disk: FaultyDisk
) -> None:
    log.append(b"acknowledged")
    disk.faults = {"sync": errno.EIO, "cut": errno.EIO}
    refused(log, b"refused")
    os.truncate(log_path(tmp_path), len(FILE_HEADER) + 10)
    disk.faults = {}
    assert refused(log, b"refused") == "RECORD_DAMAGED"


@pytest.mark.parametrize("replaced", [False, True])
def test_an_append_is_refused_when_the_file_is_deleted_or_replaced(
    tmp_path: Path, log: DecisionLog, replaced: bool
) -> None:
    log.append(b"acknowledged")
    path = log_path(tmp_path)
    kept = path.rename(tmp_path / "moved")
    if replaced:
        path.write_bytes(kept.read_bytes())
    refused(log, b"refused")
    kept.replace(path)
    assert log.append(b"later") == 1


@pytest.mark.parametrize("left", [1, 30, HEAD_BYTES, HEAD_BYTES + 3])
def test_a_torn_end_is_set_aside_and_no_acknowledged_record_is_lost(tmp_path: Path, left: int) -> None:
    log = DecisionLog.open(tmp_path)
    log.append(b"acknowledged")
    log.append(b"unfinished")
    log.close()
    path = log_path(tmp_path)
    end = len(FILE_HEADER) + HEAD_BYTES + len(b"acknowledged")
    torn = path.read_bytes()[end : end + left]
    os.truncate(path, end + left)
    log = DecisionLog.open(tmp_path)
    assert log.append(b"next") == 1
    log.close()
    assert contents(tmp_path) == [b"acknowledged", b"next"]
    (copy,) = path.parent.glob("torn-*.bin")
    assert copy.name.startswith(f"torn-{end}-")
    assert copy.read_bytes() == torn
    assert copy.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("size", [0, 1, len(FILE_HEADER) - 1])
def test_a_log_whose_first_start_was_interrupted_begins_again(tmp_path: Path, size: int) -> None:
    path = log_path(tmp_path)
    path.parent.mkdir()
    path.write_bytes(FILE_HEADER[:size])
    log = DecisionLog.open(tmp_path)
    assert log.append(b"a") == 0
    log.close()
    assert path.read_bytes().startswith(FILE_HEADER)


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        pytest.param(3, "RECORDS_HEADER", id="file header"),
        pytest.param(len(FILE_HEADER) + 13, "RECORD_DAMAGED", id="length of the first"),
        pytest.param(len(FILE_HEADER) + HEAD_BYTES, "RECORD_DAMAGED", id="content of the first"),
        pytest.param(len(FILE_HEADER) + HEAD_BYTES + 1 + 13, "RECORD_DAMAGED", id="length of the last"),
        pytest.param(len(FILE_HEADER) + 2 * HEAD_BYTES + 1, "RECORD_DAMAGED", id="content of the last"),
    ],
)
def test_a_damaged_file_is_refused_and_left_as_it_is(tmp_path: Path, at: int, reason: str) -> None:
    log = DecisionLog.open(tmp_path)
    log.append(b"1")
    log.append(b"2")
    log.close()
    path = log_path(tmp_path)
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    with pytest.raises(RecordError) as caught:
        DecisionLog.open(tmp_path)
    assert caught.value.reason == reason
    assert path.read_bytes() == data
    assert "octet" in caught.value.say("fr")
    # The refused log lets go of its lock.
    data[at] ^= 1
    path.write_bytes(data)
    assert contents(tmp_path) == [b"1", b"2"]


def test_a_record_that_is_damaged_while_the_log_is_open_is_not_read(tmp_path: Path, log: DecisionLog) -> None:
    log.append(b"acknowledged")
    with log_path(tmp_path).open("r+b") as file:
        file.seek(len(FILE_HEADER) + HEAD_BYTES)
        file.write(b"A")
    with pytest.raises(RecordError) as caught:
        log.read(0)
    assert caught.value.reason == "RECORD_DAMAGED"


@pytest.mark.parametrize("index", [-1, 1])
def test_a_record_that_was_never_appended_is_not_read(log: DecisionLog, index: int) -> None:
    log.append(b"a")
    with pytest.raises(RecordError) as caught:
        log.read(index)
    assert caught.value.reason == "RECORD_ABSENT"


def test_a_second_writer_is_refused_until_the_first_lets_go(tmp_path: Path, log: DecisionLog) -> None:
    with pytest.raises(ServiceError) as caught:
        DecisionLog.open(tmp_path)
    assert caught.value.reason == "RECORDS_LOCKED"
    log.close()
    DecisionLog.open(tmp_path).close()


def test_a_closed_log_refuses_and_closes_again_without_harm(log: DecisionLog) -> None:
    log.close()
    log.close()
    assert refused(log, b"late") == "the log is closed"


def test_a_record_beyond_the_bound_is_refused_before_anything_is_written(log: DecisionLog, disk: FaultyDisk) -> None:
    with pytest.raises(RecordError) as caught:
        log.append(bytes(MAX_RECORD_BYTES + 1))
    assert caught.value.reason == "RECORD_TOO_LARGE"
    assert disk.steps == []


def test_an_exception_that_is_no_disk_error_fails_the_batch_and_the_next_one_repairs(
    tmp_path: Path, log: DecisionLog, disk: FaultyDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.append(b"acknowledged")

    def write(_: int, data: bytes, __: int) -> None:
        Disk().write(log._descriptor, data[:20], log._end)
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(disk, "write", write)
        with pytest.raises(MemoryError):
            log.append(b"refused")
    assert log.append(b"later") == 1
    log.close()
    assert contents(tmp_path) == [b"acknowledged", b"later"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ServiceError) as caught:
        DecisionLog.open(tmp_path / "file")
    assert caught.value.reason == "RECORDS_UNOPENABLE"
    assert caught.value.metadata["path"] == tmp_path / "file" / "decisions"
