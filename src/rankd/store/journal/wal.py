"""The write-ahead log of a journal: an entry is in it, on disk, before anybody is answered.

It is a folder of segments. Each begins where the one before ends; the last one takes the new entries. Entries leave it,
a segment at a time, once they are published and their bodies sealed: keys of erased bodies must not stay in it.
"""

import errno
import threading
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

from rankd.core.errors import JournalError, ServiceError
from rankd.store.disk import Disk
from rankd.store.journal.entry import Draft, Entry, Summary
from rankd.store.journal.segment import Segment, segment_firsts, segment_path


@dataclass(slots=True)
class _Batch:
    """Entries that share one write and one sync. Its first caller leads, the others wait."""

    drafts: list[Draft] = field(default_factory=list)
    first_index: int = -1
    failure: str | None = "interrupted"
    done: threading.Event = field(default_factory=threading.Event)


class WriteAheadLog:
    """The entries that are committed and not yet let go, `first` … `count` − 1. Safe to use from many threads.

    Group commit: while one batch is being synced, the next one gathers; each costs one write and one fdatasync.

    A crash leaves every acknowledged entry, perhaps further whole entries whose callers were not answered (they stay),
    and perhaps a torn end (see `store.frames`) in the last segment, which `recover` cuts off.

    After a failed write or sync the last segment is suspect: it is opened again, cut back to the last acknowledged
    entry and its last page checked on disk, at once if possible and in any case before the next batch. So the journal
    recovers by itself when space returns.
    """

    def __init__(self, folder: Path, disk: Disk, segments: list[Segment], unneeded: list[int]) -> None:
        self._folder = folder
        self._disk = disk
        self._segments = segments
        self._unneeded = unneeded
        self._is_suspect = False
        self._is_refusing = False
        self._is_closed = False
        self._body_count = 0
        self._gathering = _Batch()
        self._gather_lock = threading.Lock()
        self._commit_lock = threading.Lock()
        # Held while segments are read, added or let go, so that no reader meets a closed one.
        self._segments_lock = threading.Lock()

    @classmethod
    def begin(cls, folder: Path, disk: Disk) -> None:
        """Make the first segment of a new journal; after a crash in here it can be done again.

        Raises:
            OSError: The disk refuses.
        """
        segment = Segment.prepare(folder, disk)
        try:
            segment.settle(0)
        finally:
            segment.close()

    @classmethod
    def open(cls, folder: Path, published_size: int, disk: Disk) -> "WriteAheadLog":
        """Open the log and check every entry that may be needed; nothing is changed until `recover`.

        Args:
            folder: Its folder.
            published_size: How many entries are published; the log goes on from there, or from before.
            disk: How to write.

        Raises:
            JournalError: JOURNAL_WAL_DAMAGED, or JOURNAL_WAL_INCOMPLETE: a segment is missing.
            OSError: The disk refuses.
        """
        firsts = segment_firsts(folder)
        # A removal that a power failure undid may leave older segments, with gaps behind them.
        unneeded = [first for first in firsts if first <= published_size][:-1]
        segments: list[Segment] = []
        with ExitStack() as opened:
            for first in firsts[len(unneeded) :]:
                if segments:
                    segments[-1].check_whole()
                wanted = segments[-1].end if segments else min(first, published_size)
                if first != wanted:
                    raise JournalError("JOURNAL_WAL_INCOMPLETE", path=folder, index=wanted)
                segments.append(Segment.open(folder, first, disk))
                opened.callback(segments[-1].close)
            end = segments[-1].end if segments else 0
            if not segments or end < published_size:
                raise JournalError("JOURNAL_WAL_INCOMPLETE", path=folder, index=end)
            opened.pop_all()
        return cls(folder, disk, segments, unneeded)

    def recover(self) -> None:
        """Cut off a torn end and remove the segments that were published before the last run ended.

        Raises:
            OSError: The disk refuses.
        """
        self._segments[-1].cut_torn_end()
        while self._unneeded:
            self._disk.remove(segment_path(self._folder, self._unneeded[0]))
            self._unneeded.pop(0)

    @property
    def first(self) -> int:
        """The index of the first entry that is still here."""
        return self._segments[0].first

    @property
    def count(self) -> int:
        """How many entries were ever committed."""
        return self._segments[-1].end

    @property
    def body_count(self) -> int:
        """How many bodies were committed since the log was opened."""
        return self._body_count

    def append(self, draft: Draft) -> int:
        """Commit one entry and return its index; see `append_all`."""
        return self.append_all((draft,))

    def append_all(self, drafts: Sequence[Draft]) -> int:
        """Commit entries one behind the other and return the first one's index; on return they survive a crash.

        They are in one write and one sync, shared with whoever waits at that moment. A crash before the return may
        leave the first few of them, whole.

        Args:
            drafts: At least one.

        Raises:
            ServiceError: RECORDS_UNAVAILABLE: none was committed, and no later entry will stand for one of them.
        """
        with self._gather_lock:
            batch, slot = self._gathering, len(self._gathering.drafts)
            batch.drafts.extend(drafts)
        if slot == 0:
            self._lead(batch)
        else:
            batch.done.wait()
        if batch.failure is not None:
            raise ServiceError("RECORDS_UNAVAILABLE", detail=batch.failure)
        return batch.first_index + slot

    def summary(self, index: int) -> Summary | None:
        """Return what memory holds of an entry; None if it was let go or never committed."""
        with self._segments_lock:
            segment = self._holder(index)
            return None if segment is None else segment.summaries[index - segment.first]

    def read(self, index: int) -> Entry | None:
        """Return an entry; None if it was let go or never committed.

        Raises:
            JournalError: JOURNAL_WAL_DAMAGED.
            OSError: The disk refuses.
        """
        with self._segments_lock:
            segment = self._holder(index)
            return None if segment is None else segment.read(index)

    def erases(self, index: int) -> bool:
        """Tell whether an entry that is still here erases the body of a leaf."""
        with self._segments_lock:
            return any(first <= index <= last for segment in self._segments for first, last in segment.erases)

    def rotate(self) -> int:
        """Begin a new segment and return how many entries lie before it; entries go on being committed meanwhile.

        Raises:
            JournalError: JOURNAL_WAL_DAMAGED: a suspect segment cannot be restored.
            OSError: The disk refuses; the segment stays as it was.
        """
        with self._commit_lock:
            if self._segments[-1].first == self.count:
                return self.count
        fresh = Segment.prepare(self._folder, self._disk)
        try:
            with self._commit_lock:
                if self._is_suspect:
                    self._restore()
                try:
                    fresh.settle(self.count)
                except OSError:
                    if not fresh.is_in_place():
                        raise
                    # It has its name, if perhaps only until a power failure: nothing may follow in the old segment.
                    self._is_suspect = True
                with self._segments_lock:
                    self._segments.append(fresh)
                return fresh.first
        except BaseException:
            fresh.close()
            raise

    def let_go(self, published_size: int) -> None:
        """Remove the segments whose entries are all published; the one that takes new entries stays.

        A crash leaves the later ones.

        Raises:
            OSError: The disk refuses.
        """
        while len(self._segments) > 1 and self._segments[1].first <= published_size:
            self._disk.remove(self._segments[0].path)
            with self._segments_lock:
                self._segments.pop(0).close()

    def refuse(self) -> None:
        """Let running commits end, and refuse later ones."""
        with self._commit_lock:
            self._is_refusing = True

    def close(self) -> None:
        """Let go of the files; call `refuse` before."""
        with self._segments_lock:
            self._is_closed = True
            for segment in self._segments:
                segment.close()

    def _holder(self, index: int) -> Segment | None:
        if self._is_closed:
            raise OSError(errno.EBADF, "the journal is closed")
        for segment in self._segments:
            if segment.first <= index < segment.end:
                return segment
        return None

    def _lead(self, batch: _Batch) -> None:
        try:
            with self._commit_lock:
                self._stop_gathering(batch)
                batch.failure = self._commit(batch)
        finally:
            # Where an exception went through, the batch says "interrupted" and the segment is suspect.
            self._stop_gathering(batch)
            batch.done.set()

    def _stop_gathering(self, batch: _Batch) -> None:
        with self._gather_lock:
            if self._gathering is batch:
                self._gathering = _Batch()

    def _commit(self, batch: _Batch) -> str | None:
        """Write and sync one batch; return what prevented it, or None."""
        if self._is_refusing:
            return "the journal is closed"
        segment = self._segments[-1]
        try:
            if self._is_suspect:
                self._restore()
            first = segment.end
            self._is_suspect = True
            segment.append(batch.drafts)
        except OSError as error:
            with suppress(OSError, JournalError):
                self._restore()
            return error.strerror or str(error)
        except JournalError as error:
            return error.reason
        self._is_suspect = False
        self._body_count += sum(draft.summary.has_body for draft in batch.drafts)
        batch.first_index = first
        return None

    def _restore(self) -> None:
        self._segments[-1].restore()
        # The name of a new segment may be what is suspect.
        self._disk.sync_names(self._folder)
        self._is_suspect = False
