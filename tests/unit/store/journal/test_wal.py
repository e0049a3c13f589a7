import errno
import os
import threading
from collections.abc import Iterator
from time import monotonic, sleep

import pytest

from rankd.core.errors import JournalError, ServiceError
from rankd.store.journal.entry import Draft, draft_entry
from rankd.store.journal.segment import FILE_HEADER, segment_firsts, segment_path
from rankd.store.journal.wal import WriteAheadLog
from tests.unit.store.journal.conftest import Fault, FaultyDisk, Place, key


def draft(record: bytes) -> Draft:
    return draft_entry(b"leaf of " + record, key(0), record, ())


def opened(place: Place, published_size: int = 0) -> WriteAheadLog:
    wal = WriteAheadLog.open(place.wal, published_size, place.disk)
    wal.recover()
    place.disk.steps.clear()
    return wal


@pytest.fixture
def wal(place: Place) -> Iterator[WriteAheadLog]:
    place.wal.mkdir(parents=True)
    WriteAheadLog.begin(place.wal, place.disk)
    log = opened(place)
    yield log
    log.refuse()
    log.close()


@pytest.fixture
def disk(place: Place) -> FaultyDisk:
    return place.disk


def record(wal: WriteAheadLog, index: int) -> bytes:
    entry = wal.read(index)
    assert entry is not None
    return entry.record


def contents(place: Place, published_size: int = 0) -> list[bytes]:
    wal = opened(place, published_size)
    try:
        return [record(wal, index) for index in range(wal.first, wal.count)]
    finally:
        wal.close()


def refused(wal: WriteAheadLog, content: bytes = b"refused") -> str:
    with pytest.raises(ServiceError) as caught:
        wal.append(draft(content))
    assert caught.value.reason == "RECORDS_UNAVAILABLE"
    return str(caught.value.metadata["detail"])


def refusal(place: Place, published_size: int) -> tuple[str, object]:
    before = {path: path.read_bytes() for path in place.wal.iterdir()}
    with pytest.raises(JournalError) as caught:
        WriteAheadLog.open(place.wal, published_size, place.disk)
    assert {path: path.read_bytes() for path in place.wal.iterdir()} == before
    return caught.value.reason, caught.value.metadata["index"]


def test_entries_are_numbered_from_zero_and_go_on_when_the_log_is_opened_again(
    place: Place, wal: WriteAheadLog
) -> None:
    assert [wal.append(draft(b"a")), wal.append(draft(b""))] == [0, 1]
    again = opened(place)
    assert (again.first, again.count) == (0, 2)
    assert again.append(draft(b"c")) == 2
    again.close()
    assert contents(place) == [b"a", b"", b"c"]


def test_an_entry_is_written_and_synced_once_before_append_returns(wal: WriteAheadLog, disk: FaultyDisk) -> None:
    wal.append(draft(b"a"))
    assert disk.steps == ["write wal", "sync wal"]


def test_sixteen_waiting_appends_share_two_syncs(wal: WriteAheadLog, disk: FaultyDisk) -> None:
    disk.gate = threading.Event()
    indexes: dict[int, bytes] = {}

    def append(number: int) -> None:
        content = b"record %d" % number
        indexes[wal.append(draft(content))] = content

    threads = [threading.Thread(target=append, args=(number,)) for number in range(16)]
    gather(wal, disk, threads)
    disk.gate.set()
    for thread in threads:
        thread.join(timeout=10)
    assert [step for step in disk.steps if step != "wait"] == ["write wal", "sync wal"] * 2
    assert {index: record(wal, index) for index in range(16)} == indexes
    assert wal.body_count == 16


def gather(wal: WriteAheadLog, disk: FaultyDisk, threads: list[threading.Thread]) -> None:
    """Start the first thread, and when it waits for its sync all others, until they wait for theirs."""
    until = monotonic() + 10
    threads[0].start()
    while "wait" not in disk.steps and monotonic() < until:
        sleep(0.001)
    for thread in threads[1:]:
        thread.start()
    while len(wal._gathering.drafts) < len(threads) - 1 and monotonic() < until:
        sleep(0.001)


def test_a_failed_batch_fails_for_everybody_who_waits_on_it(wal: WriteAheadLog, disk: FaultyDisk) -> None:
    disk.gate = threading.Event()
    outcomes: list[str] = []

    def append() -> None:
        try:
            outcomes.append(f"index {wal.append(draft(b'r'))}")
        except ServiceError as error:
            outcomes.append(error.reason)

    threads = [threading.Thread(target=append) for _ in range(5)]
    gather(wal, disk, threads)
    disk.faults = {"write wal": Fault(errno.ENOSPC)}
    disk.gate.set()
    for thread in threads:
        thread.join(timeout=10)
    assert sorted(outcomes) == ["RECORDS_UNAVAILABLE"] * 4 + ["index 0"]


@pytest.mark.parametrize(
    ("step", "fault"),
    [
        pytest.param("write wal", Fault(errno.ENOSPC), id="write fails and not persisted"),
        pytest.param("write wal", Fault(errno.ENOSPC, 0.6), id="write fails half way"),
        pytest.param("write wal", Fault(errno.EIO, 1.0), id="write fails but persisted"),
        pytest.param("write wal", Fault(errno.EROFS), id="disk became read-only"),
        pytest.param("sync wal", Fault(errno.EIO), id="sync fails and perhaps not persisted"),
        pytest.param("sync wal", Fault(errno.EIO, 1.0), id="sync fails but persisted"),
    ],
)
class TestFault:
    def test_nothing_of_a_failed_entry_stays_and_the_log_goes_on_when_the_disk_does(
        self, place: Place, wal: WriteAheadLog, disk: FaultyDisk, step: str, fault: Fault
    ) -> None:
        wal.append(draft(b"acknowledged"))
        size = segment_path(place.wal, 0).stat().st_size
        disk.faults = {step: fault}
        assert refused(wal, b"refused" * 100) == os.strerror(fault.code)
        assert wal.count == 1
        assert segment_path(place.wal, 0).stat().st_size == size
        disk.faults = {}
        assert wal.append(draft(b"later")) == 1
        assert contents(place) == [b"acknowledged", b"later"]
        assert wal.body_count == 2

    def test_a_crash_before_the_repair_leaves_every_acknowledged_entry(
        self, place: Place, wal: WriteAheadLog, disk: FaultyDisk, step: str, fault: Fault
    ) -> None:
        wal.append(draft(b"acknowledged"))
        disk.faults = {step: fault, "cut wal": Fault(fault.code)}
        refused(wal)
        disk.faults = {}
        persisted = step == "sync wal" or fault.share == 1.0
        assert contents(place) == ([b"acknowledged", b"refused"] if persisted else [b"acknowledged"])

    def test_a_log_that_cannot_be_repaired_refuses_until_it_can(
        self, place: Place, wal: WriteAheadLog, disk: FaultyDisk, step: str, fault: Fault
    ) -> None:
        wal.append(draft(b"acknowledged"))
        disk.faults = {step: fault, "cut wal": Fault(errno.EIO)}
        refused(wal)
        disk.faults = {"cut wal": Fault(errno.EIO)}
        disk.steps.clear()
        refused(wal)
        assert set(disk.steps) == {"cut wal"}
        with pytest.raises(OSError, match="Input/output"):
            wal.rotate()
        disk.faults = {}
        assert wal.append(draft(b"later")) == 1
        assert contents(place) == [b"acknowledged", b"later"]


def test_after_a_failed_sync_nothing_is_appended_behind_an_entry_that_the_disk_lost(
    place: Place, wal: WriteAheadLog, disk: FaultyDisk
) -> None:
    wal.append(draft(b"acknowledged"))
    disk.faults = {"sync wal": Fault(errno.EIO), "cut wal": Fault(errno.EIO)}
    refused(wal)
    with segment_path(place.wal, 0).open("r+b") as file:
        file.seek(len(FILE_HEADER) + 60)
        file.write(b"A")
    disk.faults = {}
    assert refused(wal) == "JOURNAL_WAL_DAMAGED"
    assert refused(wal) == "JOURNAL_WAL_DAMAGED"
    with pytest.raises(JournalError):
        wal.rotate()


@pytest.mark.parametrize("replaced", [False, True])
def test_an_append_is_refused_when_the_file_is_deleted_or_replaced(
    place: Place, wal: WriteAheadLog, replaced: bool
) -> None:
    wal.append(draft(b"acknowledged"))
    path = segment_path(place.wal, 0)
    kept = path.rename(place.root / "moved")
    if replaced:
        path.write_bytes(kept.read_bytes())
    refused(wal)
    kept.replace(path)
    assert wal.append(draft(b"later")) == 1


def test_an_exception_that_is_no_disk_error_fails_the_batch_and_the_next_one_repairs(
    place: Place, wal: WriteAheadLog, disk: FaultyDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    wal.append(draft(b"acknowledged"))

    def write(descriptor: int, data: bytes, offset: int) -> None:
        os.pwrite(descriptor, data[:20], offset)
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(disk, "write", write)
        with pytest.raises(MemoryError):
            wal.append(draft(b"refused"))
    assert wal.append(draft(b"later")) == 1
    assert contents(place) == [b"acknowledged", b"later"]


def test_a_log_that_refuses_takes_no_more_entries_and_is_still_read(wal: WriteAheadLog) -> None:
    wal.append(draft(b"a"))
    wal.refuse()
    assert refused(wal) == "the journal is closed"
    assert (record(wal, 0), wal.rotate()) == (b"a", 1)


def test_a_new_segment_takes_new_entries_and_published_ones_are_let_go(place: Place, wal: WriteAheadLog) -> None:
    assert wal.rotate() == 0
    assert segment_firsts(place.wal) == [0]
    for number in range(3):
        wal.append(draft(b"%d" % number))
    assert (wal.rotate(), wal.rotate()) == (3, 3)
    assert wal.append(draft(b"3")) == 3
    assert segment_firsts(place.wal) == [0, 3]
    wal.let_go(2)
    assert [record(wal, index) for index in range(4)] == [b"0", b"1", b"2", b"3"]
    wal.let_go(3)
    assert (segment_firsts(place.wal), wal.first, wal.count) == ([3], 3, 4)
    assert (wal.read(2), wal.summary(2), wal.read(4), wal.read(-1)) == (None, None, None, None)
    wal.let_go(4)
    assert record(wal, 3) == b"3"
    assert contents(place, 3) == [b"3"]


def test_ranges_are_erased_as_long_as_the_entry_that_erases_them_is_here(place: Place, wal: WriteAheadLog) -> None:
    for _ in range(4):
        wal.append(draft(b"a"))
    wal.append(draft_entry(b"erasure", None, b"", [(0, 0), (2, 3)]))
    again = opened(place)
    for read in (wal, again):
        assert [read.erases(index) for index in range(5)] == [True, False, True, True, False]
    again.close()
    wal.rotate()
    wal.let_go(5)
    assert not wal.erases(0)


@pytest.mark.parametrize("step", ["write wal", "sync wal", "rename wal"])
@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_segment_that_cannot_be_begun_loses_nothing_and_blocks_nobody(
    place: Place, wal: WriteAheadLog, disk: FaultyDisk, step: str, share: float
) -> None:
    wal.append(draft(b"a"))
    disk.faults = {step: Fault(errno.ENOSPC, share)}
    if step == "rename wal" and share == 1.0:
        # The name is there, so the new segment is in use; its name is made durable before anybody is answered.
        assert wal.rotate() == 1
        disk.faults, disk.steps = {}, []
        assert wal.append(draft(b"b")) == 1
        assert disk.steps == ["cut wal", "sync wal/", "write wal", "sync wal"]
    else:
        with pytest.raises(OSError, match="No space"):
            wal.rotate()
        disk.faults = {}
        assert wal.append(draft(b"b")) == 1
        assert wal.rotate() == 2
    assert contents(place) == [b"a", b"b"]


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_segment_that_cannot_be_removed_is_removed_the_next_time(
    place: Place, wal: WriteAheadLog, disk: FaultyDisk, share: float
) -> None:
    wal.append(draft(b"a"))
    wal.rotate()
    disk.faults = {"remove wal": Fault(errno.EIO, share)}
    with pytest.raises(OSError, match="Input/output"):
        wal.let_go(1)
    disk.faults = {}
    wal.let_go(1)
    assert segment_firsts(place.wal) == [1]


@pytest.fixture
def three(place: Place, wal: WriteAheadLog) -> Place:
    """Return a log of three segments of two entries each, all published but the last two entries."""
    for number in range(6):
        wal.append(draft(b"%d" % number))
        if number % 2:
            wal.rotate()
    assert segment_firsts(place.wal) == [0, 2, 4, 6]
    return place


def test_segments_that_were_published_before_a_crash_are_removed_whatever_is_in_them(three: Place) -> None:
    segment_path(three.wal, 0).write_bytes(b"damaged")
    segment_path(three.wal, 2).unlink()
    assert contents(three, 4) == [b"4", b"5"]
    assert segment_firsts(three.wal) == [4, 6]


@pytest.mark.parametrize(
    ("gone", "published_size", "index"),
    [
        pytest.param([0], 0, 0, id="the first"),
        pytest.param([2], 0, 2, id="one in the middle"),
        pytest.param([4], 3, 4, id="a later one in the middle"),
        pytest.param([0, 2, 4, 6], 0, 0, id="all"),
        pytest.param([4, 6], 5, 4, id="all from before the published end on"),
    ],
)
def test_a_missing_segment_is_named_and_nothing_is_changed(
    three: Place, gone: list[int], published_size: int, index: int
) -> None:
    for first in gone:
        segment_path(three.wal, first).unlink()
    assert refusal(three, published_size) == ("JOURNAL_WAL_INCOMPLETE", index)


def test_a_log_that_begins_behind_the_published_end_is_refused(three: Place) -> None:
    for first in (0, 2):
        segment_path(three.wal, first).unlink()
    assert refusal(three, 3) == ("JOURNAL_WAL_INCOMPLETE", 3)


def test_a_torn_end_before_the_last_segment_is_damage(three: Place) -> None:
    path = segment_path(three.wal, 2)
    os.truncate(path, path.stat().st_size - 1)
    assert refusal(three, 0) == ("JOURNAL_WAL_DAMAGED", 3)


def test_a_closed_log_is_not_read(place: Place) -> None:
    place.wal.mkdir(parents=True)
    WriteAheadLog.begin(place.wal, place.disk)
    wal = opened(place)
    wal.append(draft(b"a"))
    wal.refuse()
    wal.close()
    with pytest.raises(OSError, match="closed"):
        wal.read(0)


def test_entries_of_one_call_have_one_write_one_sync_and_indexes_one_behind_the_other(
    wal: WriteAheadLog, disk: FaultyDisk
) -> None:
    wal.append(draft(b"before"))
    disk.steps.clear()
    assert wal.append_all([draft(b"a"), draft(b"b"), draft(b"c")]) == 1
    assert disk.steps == ["write wal", "sync wal"]
    assert [record(wal, index) for index in range(4)] == [b"before", b"a", b"b", b"c"]
    assert (wal.count, wal.body_count) == (4, 4)


def test_entries_of_several_calls_share_a_sync_and_stay_together(wal: WriteAheadLog, disk: FaultyDisk) -> None:
    disk.gate = threading.Event()
    found: dict[int, list[bytes]] = {}

    def append(number: int) -> None:
        contents = [b"record %d of %d" % (at, number) for at in range(number + 1)]
        found[wal.append_all([draft(content) for content in contents])] = contents

    threads = [threading.Thread(target=append, args=(number,)) for number in range(6)]
    until = monotonic() + 10
    threads[0].start()
    while "wait" not in disk.steps and monotonic() < until:
        sleep(0.001)
    for thread in threads[1:]:
        thread.start()
    while len(wal._gathering.drafts) < 2 + 3 + 4 + 5 + 6 and monotonic() < until:
        sleep(0.001)
    disk.gate.set()
    for thread in threads:
        thread.join(timeout=10)
    assert [step for step in disk.steps if step != "wait"] == ["write wal", "sync wal"] * 2
    for first, contents in found.items():
        assert [record(wal, first + at) for at in range(len(contents))] == contents
    assert wal.count == 21


@pytest.mark.parametrize(
    ("step", "fault"),
    [
        pytest.param("write wal", Fault(errno.ENOSPC), id="write fails and not persisted"),
        pytest.param("write wal", Fault(errno.ENOSPC, 0.6), id="write fails half way"),
        pytest.param("write wal", Fault(errno.EIO, 1.0), id="write fails but persisted"),
        pytest.param("sync wal", Fault(errno.EIO), id="sync fails and perhaps not persisted"),
    ],
)
class TestFaultOfSeveral:
    def test_none_of_the_entries_of_a_failed_call_stays(
        self, place: Place, wal: WriteAheadLog, disk: FaultyDisk, step: str, fault: Fault
    ) -> None:
        wal.append(draft(b"acknowledged"))
        disk.faults = {step: fault}
        with pytest.raises(ServiceError) as caught:
            wal.append_all([draft(b"x" * 100), draft(b"y" * 100), draft(b"z" * 100)])
        assert caught.value.reason == "RECORDS_UNAVAILABLE"
        assert wal.count == 1
        disk.faults = {}
        assert wal.append_all([draft(b"later"), draft(b"last")]) == 1
        assert contents(place) == [b"acknowledged", b"later", b"last"]

    def test_a_crash_before_the_repair_leaves_the_first_few_whole(
        self, place: Place, wal: WriteAheadLog, disk: FaultyDisk, step: str, fault: Fault
    ) -> None:
        wal.append(draft(b"acknowledged"))
        entries = [b"x" * 100, b"y" * 100, b"z" * 100]
        disk.faults = {step: fault, "cut wal": Fault(fault.code)}
        with pytest.raises(ServiceError):
            wal.append_all([draft(entry) for entry in entries])
        disk.faults = {}
        written = 3 if step == "sync wal" else {0.0: 0, 0.6: 1, 1.0: 3}[fault.share]
        assert contents(place) == [b"acknowledged", *entries[:written]]
