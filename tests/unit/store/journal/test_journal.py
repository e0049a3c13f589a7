import errno
import logging
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest

from rankd.core.errors import JournalError, LogError, RankdError, RecordError, ServiceError
from rankd.core.log.checkpoint import open_checkpoint
from rankd.core.log.proofs import verify_consistency, verify_inclusion
from rankd.core.log.tree import leaf_hash, root_of
from rankd.core.records.body import MAX_RECORD_BYTES
from rankd.store.journal import journal as module
from rankd.store.journal import pack
from rankd.store.journal.journal import MAX_ERASED_RANGES, Body, Journal, Unwritten
from tests.unit.store.journal.conftest import Fault, Place, key


@pytest.fixture
def journal(place: Place) -> Iterator[Journal]:
    opened = place.open()
    yield opened
    place.disk.faults = {}
    opened.close()


def reason(journal: Journal, index: int) -> str:
    with pytest.raises(JournalError) as caught:
        journal.record(index)
    assert caught.value.metadata["index"] == index
    return caught.value.reason


def test_an_entry_is_read_the_same_before_and_after_it_is_published(journal: Journal) -> None:
    committed = journal.append(b"leaf", Body(key(0), b"record"))
    assert (committed.index, committed.leaf_hash) == (0, leaf_hash(b"leaf"))
    assert (journal.append(b"bare").index, journal.origin) == (1, "dev.test/log")
    for size in (0, 2):
        assert (journal.count, journal.body_count, journal.published_size) == (2, 1, size)
        assert (journal.leaf(0), journal.leaf(1)) == (b"leaf", b"bare")
        assert journal.body(0) == (key(0), b"record")
        assert (reason(journal, 1), reason(journal, 2), reason(journal, -1)) == (
            "BODY_MISSING",
            "LEAF_ABSENT",
            "LEAF_ABSENT",
        )
        with pytest.raises(JournalError) as caught:
            journal.leaf(2)
        assert caught.value.reason == "LEAF_ABSENT"
        journal.publish()


def test_entries_that_are_appended_together_follow_each_other_and_are_read_as_others(
    place: Place, journal: Journal
) -> None:
    place.fill(journal, range(2))
    place.disk.steps.clear()
    entries = [Unwritten(b"two", Body(key(2), b"record")), Unwritten(b"three"), Unwritten(b"four", erases=[(1, 1)])]
    committed = journal.append_all(entries)
    assert place.disk.steps == ["write wal", "sync wal"]
    assert [(entry.index, entry.leaf_hash) for entry in committed] == [
        (2, leaf_hash(b"two")),
        (3, leaf_hash(b"three")),
        (4, leaf_hash(b"four")),
    ]
    for _ in range(2):
        assert (journal.record(2), reason(journal, 3), reason(journal, 1)) == (b"record", "BODY_MISSING", "BODY_ERASED")
        assert (journal.count, journal.body_count) == (5, 2)
        journal.publish()


def test_one_entry_that_cannot_be_kept_keeps_all_that_come_with_it_out(place: Place, journal: Journal) -> None:
    place.fill(journal, range(2))
    place.disk.steps.clear()
    for bad, error in (
        (Unwritten(b"x" * 65_536), "ENTRY_TOO_LARGE"),
        (Unwritten(b"erasure", erases=[(0, 2)]), "ERASURE_RANGE"),
    ):
        with pytest.raises(RankdError) as caught:
            journal.append_all([Unwritten(b"good", Body(key(2), b"record")), bad])
        assert caught.value.reason == error
    assert (journal.append_all([]), journal.count, place.disk.steps) == ((), 2, [])


def test_a_checkpoint_covers_everything_that_was_committed_when_it_was_asked_for(
    place: Place, journal: Journal
) -> None:
    place.fill(journal, range(10))
    first = open_checkpoint(journal.publish(), place.signer.verifier).checkpoint
    place.fill(journal, range(10, 300))
    second = open_checkpoint(journal.publish(), place.signer.verifier).checkpoint
    hashes = [leaf_hash(b"leaf %d" % number) for number in range(300)]
    assert (first.size, first.root, second.size, second.root) == (10, root_of(hashes[:10]), 300, root_of(hashes))
    verify_consistency(10, 300, journal.consistency_proof(10, 300), first.root, second.root)
    verify_inclusion(hashes[7], 7, 300, journal.inclusion_proof(7, 300), second.root)
    assert journal.public_file("checkpoint") == journal.checkpoint() == journal.publish()
    assert journal.public_file("tile/0/000") == b"".join(hashes[:256])


def test_publishing_nothing_new_signs_and_writes_nothing(place: Place, journal: Journal) -> None:
    journal.append(b"leaf")
    journal.publish()
    place.disk.steps.clear()
    journal.publish()
    assert place.disk.steps == []


def test_publishing_goes_through_its_steps_in_order(place: Place, journal: Journal) -> None:
    journal.append(b"leaf", Body(key(0), b"record"))
    place.disk.steps.clear()
    journal.publish()
    assert place.disk.steps == [
        *("write wal", "sync wal", "rename wal"),
        *("write pack", "sync bodies/", "write pack", "sync pack"),
        "commit keys",
        *("replace tile", "replace tile"),
        *("replace log.mark", "replace checkpoint"),
        "remove wal",
    ]


def test_keys_leave_the_write_ahead_log_with_publication(place: Place, journal: Journal) -> None:
    journal.append(b"leaf", Body(key(0), b"record"))
    assert [path.suffix for path in place.holds(key(0))] == [".wal"]
    journal.publish()
    assert [path.name for path in place.holds(key(0))] == ["keys.sqlite"]


def test_a_long_backlog_is_published_in_rounds(place: Place, journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROUND_ENTRIES", 7)
    place.fill(journal, range(20))
    place.disk.steps.clear()
    journal.publish()
    assert place.disk.steps.count("replace checkpoint") == 3
    assert place.disk.steps.count("remove wal") == 1
    assert [journal.leaf(index) for index in range(20)] == [b"leaf %d" % index for index in range(20)]


class TestErasure:
    def test_an_erased_body_is_gone_from_the_commit_on_and_its_key_from_every_file_after_publication(
        self, place: Place, journal: Journal
    ) -> None:
        place.fill(journal, range(9))
        journal.publish()
        place.fill(journal, range(9, 12))
        journal.append(b"erasure", erases=[(1, 4), (10, 11)])
        for _ in range(2):
            erased = [journal.erased(index) for index in range(13)]
            assert [index for index in range(13) if erased[index]] == [1, 2, 4, 10, 11]
            assert {reason(journal, index) for index in (1, 2, 4, 10, 11)} == {"BODY_ERASED"}
            assert (reason(journal, 3), journal.record(5)) == ("BODY_MISSING", b"record 5 " * 20)
            assert [journal.leaf(index) for index in (1, 10)] == [b"leaf 1", b"leaf 10"]
            journal.publish()
        assert [place.holds(key(index)) == [] for index in (1, 2, 4, 5, 10, 11)] == [
            True,
            True,
            True,
            False,
            True,
            True,
        ]
        assert journal.body_count == 8

    def test_a_body_is_erased_twice_without_harm(self, place: Place, journal: Journal) -> None:
        place.fill(journal, range(3))
        for _ in range(2):
            journal.append(b"erasure", erases=[(1, 1)])
            journal.publish()
        journal.append(b"erasure", erases=[(0, 4), (1, 2)])
        journal.publish()
        assert [journal.erased(index) for index in range(6)] == [False, True, True, False, False, False]

    def test_an_erasure_reaches_earlier_entries_only(self, place: Place, journal: Journal) -> None:
        place.fill(journal, range(3))
        for span in ((0, 3), (3, 3), (2, 1), (-1, 0)):
            with pytest.raises(JournalError) as caught:
                journal.append(b"erasure", erases=[(0, 0), span])
            assert caught.value.reason == "ERASURE_RANGE"
            assert caught.value.metadata == {"first": span[0], "last": span[1], "count": 3}
        with pytest.raises(ValueError, match="at most"):
            journal.append(b"erasure", erases=[(0, 0)] * (MAX_ERASED_RANGES + 1))
        assert journal.count == 3

    def test_an_erasure_that_was_committed_before_a_crash_is_finished_by_the_next_start(
        self, place: Place, journal: Journal
    ) -> None:
        place.fill(journal, range(3))
        journal.publish()
        journal.append(b"erasure", erases=[(1, 2)])
        journal._is_closed = True
        os.close(journal._lock_descriptor)
        again = Journal.open(place.folder, place.signer, place.mark, publish_interval_s=0.001)
        assert reason(again, 1) == "BODY_ERASED"
        until = monotonic() + 10
        while again.published_size < 4 and monotonic() < until:
            sleep(0.005)
        assert again.published_size == 4
        assert place.holds(key(1)) == place.holds(key(2)) == []
        again.close()


STEPS = [
    *("write wal", "sync wal", "rename wal", "write pack", "sync pack", "sync bodies/", "commit keys"),
    *("replace tile", "replace log.mark", "replace checkpoint", "remove wal"),
]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("share", [pytest.param(0.0, id="not persisted"), pytest.param(1.0, id="but persisted")])
class TestPublicationThatFails:
    def test_it_loses_and_blocks_no_commit_and_is_made_up_for_when_the_disk_allows(
        self, place: Place, journal: Journal, step: str, share: float
    ) -> None:
        place.fill(journal, range(2))
        place.disk.faults = {step: Fault(errno.ENOSPC, share)}
        self.failed(journal, step, share)
        place.disk.faults = {step: Fault(errno.ENOSPC, share)} if "wal" not in step else {}
        place.fill(journal, range(2, 5))
        self.readable(journal, 5)
        if journal.failure is not None:
            place.disk.faults = {step: Fault(errno.ENOSPC, share)}
            self.failed(journal, step, share)
        place.disk.faults = {}
        journal.append(b"erasure", erases=[(1, 1)])
        journal.publish()
        assert (journal.failure, journal.published_size, journal.body_count) == (None, 6, 3)
        assert reason(journal, 1) == "BODY_ERASED"
        assert place.holds(key(1)) == []

    def test_a_crash_after_it_leaves_what_the_next_start_goes_on_with(
        self, place: Place, journal: Journal, step: str, share: float, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pack, "PACK_BYTES", 1)
        place.fill(journal, range(2))
        journal.publish()
        before = open_checkpoint(journal.checkpoint(), place.signer.verifier).checkpoint
        place.fill(journal, range(2, 5))
        journal.append(b"erasure", erases=[(1, 1)])
        place.disk.faults = {step: Fault(errno.EIO, share)}
        self.failed(journal, step, share)
        place.disk.faults = {}
        os.close(journal._lock_descriptor)
        again = place.open()
        self.readable(again, 5, erased=1)
        after = open_checkpoint(again.publish(), place.signer.verifier).checkpoint
        assert (after.size, again.body_count) == (6, 3)
        verify_consistency(2, 6, again.consistency_proof(2, 6), before.root, after.root)
        self.readable(again, 5, erased=1)
        assert place.holds(key(1)) == []
        again._is_closed = True
        journal._lock_descriptor = again._lock_descriptor

    @staticmethod
    def failed(journal: Journal, step: str, share: float) -> None:
        if step == "rename wal" and share == 1.0:
            # The new segment has its name, so it is used.
            journal.publish()
            return
        with pytest.raises(JournalError) as caught:
            journal.publish()
        assert caught.value.reason == "JOURNAL_UNPUBLISHED"
        assert journal.failure == caught.value.metadata["detail"]
        assert journal.failure

    @staticmethod
    def readable(journal: Journal, count: int, erased: int = -1) -> None:
        for index in range(count):
            assert journal.leaf(index) == b"leaf %d" % index
            if index == erased:
                assert reason(journal, index) == "BODY_ERASED"
            elif index % 3:
                assert journal.record(index) == b"record %d " % index * 20


def test_a_failure_is_logged_once_and_so_is_its_end(
    place: Place, journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    journal.append(b"leaf")
    place.disk.faults = {"replace log.mark": Fault(errno.EACCES)}
    for _ in range(3):
        with pytest.raises(JournalError):
            journal.publish()
    assert journal.failure == "Permission denied"
    place.disk.faults = {}
    journal.publish()
    journal.publish()
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def test_a_failed_append_is_unavailable_and_the_journal_goes_on_when_the_disk_does(
    place: Place, journal: Journal
) -> None:
    journal.append(b"leaf 0")
    place.disk.faults = {"write wal": Fault(errno.ENOSPC, 0.5)}
    with pytest.raises(ServiceError) as caught:
        journal.append(b"refused", Body(key(0), b"record"))
    assert (caught.value.reason, caught.value.metadata["detail"]) == ("RECORDS_UNAVAILABLE", os.strerror(errno.ENOSPC))
    place.disk.faults = {}
    assert journal.append(b"leaf 1").index == 1
    assert (journal.count, journal.body_count) == (2, 0)


def test_entries_beyond_the_bounds_are_refused_before_anything_is_written(place: Place, journal: Journal) -> None:
    place.disk.steps.clear()
    with pytest.raises(LogError) as caught:
        journal.append(bytes(65_536))
    assert caught.value.reason == "ENTRY_TOO_LARGE"
    with pytest.raises(RecordError) as too_large:
        journal.append(b"", Body(key(0), bytes(MAX_RECORD_BYTES + 1)))
    assert too_large.value.reason == "RECORD_TOO_LARGE"
    assert place.disk.steps == []


def test_the_largest_record_and_leaf_are_kept(journal: Journal) -> None:
    record = os.urandom(1 << 20) * (MAX_RECORD_BYTES >> 20)
    journal.append(bytes(65_535), Body(key(0), record), [])
    journal.publish()
    assert journal.record(0) == record
    assert journal.leaf(0) == bytes(65_535)


def test_entries_are_published_by_themselves_soon_after_their_commit(place: Place) -> None:
    journal = Journal.open(place.folder, place.signer, place.mark, publish_interval_s=0.001)
    until = monotonic() + 10
    for size in (1, 2):
        journal.append(b"leaf")
        while journal.published_size < size and monotonic() < until:
            sleep(0.002)
        assert journal.published_size == size
    journal.close()


def test_closing_publishes_what_is_committed_and_refuses_what_comes_later(place: Place) -> None:
    journal = place.open()
    journal.append(b"leaf", Body(key(0), b"record"))
    journal.close()
    assert journal.published_size == 1
    with pytest.raises(ServiceError) as caught:
        journal.append(b"late")
    assert (caught.value.reason, caught.value.metadata["detail"]) == ("RECORDS_UNAVAILABLE", "the journal is closed")
    for ask in (journal.publish, lambda: journal.record(0), lambda: journal.leaf(0)):
        with pytest.raises(JournalError) as refused:
            ask()
        assert refused.value.reason in {"JOURNAL_UNPUBLISHED", "JOURNAL_UNREADABLE"}
    journal.close()
    place.open().close()


def test_what_cannot_be_published_at_the_end_stays_committed(place: Place) -> None:
    journal = place.open()
    place.fill(journal, range(3))
    place.disk.faults = {"replace tile": Fault(errno.ENOSPC)}
    journal.close()
    assert journal.failure == os.strerror(errno.ENOSPC)
    place.disk.faults = {}
    journal = place.open()
    assert (journal.count, journal.published_size, journal.record(2)) == (3, 0, b"record 2 " * 20)
    journal.close()
    assert place.open().published_size == 3


def test_threads_append_read_erase_and_publish_at_once(place: Place) -> None:
    journal = Journal.open(place.folder, place.signer, place.mark, publish_interval_s=0.002)
    failures: list[BaseException] = []
    written: dict[int, bytes] = {}

    def write(name: int) -> None:
        try:
            for number in range(60):
                content = b"record %d of %d " % (number, name) * 50
                index = journal.append(content[:20], Body(os.urandom(32), content)).index
                written[index] = content
                assert journal.leaf(index) == content[:20]
                assert journal.record(index) == content
                if number % 20 == 19:
                    journal.append(b"erasure", erases=[(index, index)])
                    del written[index]
                    assert journal.erased(index)
                    journal.publish()
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=write, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failures == []
    journal.close()
    journal = place.open()
    assert (journal.count, journal.body_count, journal.published_size) == (6 * 63, 6 * 60, 6 * 63)
    assert {index: journal.record(index) for index in written} == written
    journal.close()


def test_a_damaged_body_says_so_and_others_are_read(place: Place, journal: Journal) -> None:
    place.fill(journal, range(3))
    journal.publish()
    (path,) = (place.folder / "private" / "bodies").iterdir()
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert reason(journal, 2) == "JOURNAL_BODY_DAMAGED"
    assert journal.record(1) == b"record 1 " * 20


def test_a_body_whose_key_was_changed_is_damaged(place: Place, journal: Journal) -> None:
    place.fill(journal, range(2))
    journal.publish()
    table = place.folder / "private" / "keys.sqlite"
    table.write_bytes(table.read_bytes().replace(key(1), key(7)))
    journal.close()
    journal = place.open()
    assert reason(journal, 1) == "JOURNAL_BODY_DAMAGED"
    journal.close()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    place = Place(tmp_path)
    with pytest.raises(RankdError) as caught:
        Journal.open(tmp_path / "file" / "decisions", place.signer, place.mark)
    assert caught.value.reason == "RECORDS_UNOPENABLE"
    assert caught.value.metadata["path"] == tmp_path / "file" / "decisions"


@pytest.mark.parametrize("ask", ["record", "erased"])
def test_an_erasure_that_is_published_while_a_body_is_looked_for_is_obeyed(
    place: Place, journal: Journal, ask: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.fill(journal, range(2))
    journal.publish()
    journal.append(b"erasure", erases=((1, 1),))
    find = journal._bodies.find

    def published_meanwhile(index: int) -> object:
        row = find(index)
        journal.publish()
        return row

    monkeypatch.setattr(journal._bodies, "find", published_meanwhile)
    # It was committed before anybody asked.
    if ask == "record":
        assert reason(journal, 1) == "BODY_ERASED"
    else:
        assert journal.erased(1)
