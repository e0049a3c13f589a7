"""One file of the write-ahead log: frames of committed entries, and its repair after a failed write."""

import errno
import os
import re
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from rankd.core.errors import JournalError, RecordError
from rankd.store.disk import Disk
from rankd.store.frames import HEAD_BYTES, Damage, Torn, frame_head, read_frame, walk
from rankd.store.journal.entry import Draft, Entry, Summary, decode_entry

FILE_HEADER = b"rankd.wal/1\n"
_NAME = re.compile(r"[0-9]{16}\.wal")
_UNNAMED = "next.tmp"
_PAGE_BYTES = 4096


def segment_path(folder: Path, first: int) -> Path:
    """Return where the segment lies whose first entry has the index `first`."""
    return folder / f"{first:016d}.wal"


def segment_firsts(folder: Path) -> list[int]:
    """Return the first index of each segment in a folder, in order.

    Raises:
        OSError: The disk refuses.
    """
    return sorted(int(path.stem) for path in folder.iterdir() if _NAME.fullmatch(path.name))


class Segment:
    """Entries `first` … `end` − 1 in one file.

    It is not thread-safe but for `read`: its owner writes from one thread at a time and keeps `close` from running
    during a `read`.

    Attributes:
        first: The index of its first entry.
        path: Where it lies.
        summaries: What is kept in memory of its entries, in order.
        erases: The ranges of indexes that its entries erase.
    """

    def __init__(self, path: Path, descriptor: int, first: int, disk: Disk) -> None:
        self.first = first
        self.path = path
        self.summaries: list[Summary] = []
        self.erases: list[tuple[int, int]] = []
        self._descriptor = descriptor
        self._disk = disk
        self._offsets = array("Q")
        self._size = len(FILE_HEADER)
        self._is_torn = False

    @classmethod
    def prepare(cls, folder: Path, disk: Disk) -> "Segment":
        """Make an empty segment that has no name yet; `settle` gives it one. A crash leaves a file that nobody reads.

        Raises:
            OSError: The disk refuses.
        """
        path = folder / _UNNAMED
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            disk.write(descriptor, FILE_HEADER, 0)
            disk.sync(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        return cls(path, descriptor, -1, disk)

    @classmethod
    def open(cls, folder: Path, first: int, disk: Disk) -> "Segment":
        """Open a segment and check every entry in it; nothing is changed.

        Raises:
            JournalError: JOURNAL_WAL_DAMAGED.
            OSError: The disk refuses.
        """
        path = segment_path(folder, first)
        segment = cls(path, os.open(path, os.O_RDWR | os.O_CLOEXEC), first, disk)
        with ExitStack() as opened:
            opened.callback(segment.close)
            segment._load()
            opened.pop_all()
        return segment

    @property
    def end(self) -> int:
        """The index behind its last entry."""
        return self.first + len(self.summaries)

    def settle(self, first: int) -> None:
        """Give a prepared segment its name, durably.

        Raises:
            OSError: The disk refuses; `is_in_place` tells whether it has its name nevertheless.
        """
        source, self.path, self.first = self.path, segment_path(self.path.parent, first), first
        self._disk.rename(source, self.path)

    def append(self, drafts: Sequence[Draft]) -> None:
        """Write entries behind the last one, with one write and one sync. After an error, `restore`.

        Raises:
            OSError: The disk refuses.
        """
        self._check_place()
        parts: list[bytes] = []
        for index, draft in enumerate(drafts, start=self.end):
            parts += (frame_head(index, draft.length, draft.digest), *draft.parts)
        self._disk.write(self._descriptor, b"".join(parts), self._size)
        self._disk.sync(self._descriptor)
        self._keep([draft.summary for draft in drafts], [HEAD_BYTES + draft.length for draft in drafts])

    def read(self, index: int) -> Entry:
        """Return one of its entries, checked against its digest.

        Raises:
            JournalError: JOURNAL_WAL_DAMAGED.
            OSError: The disk refuses.
        """
        offset = self._offsets[index - self.first]
        try:
            return decode_entry(read_frame(self._descriptor, index, offset, str(self.path)))
        except (RecordError, ValueError):
            raise self._damaged(index, offset) from None

    def restore(self) -> None:
        """Bring the file back to its last acknowledged entry.

        After a failed sync the page cache may show what the disk does not hold, so the last page is dropped from it
        and read again. A crash in here leaves a torn end or whole unanswered entries, as any crash does.

        Raises:
            JournalError: JOURNAL_WAL_DAMAGED: acknowledged entries are not there any more.
            OSError: The disk refuses.
        """
        self._check_place()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
        try:
            if os.fstat(descriptor).st_size < self._size:
                raise self._damaged(max(self.first, self.end - 1), self._size)
            self._disk.cut(descriptor, self._size)
            page = (self._size - 1) // _PAGE_BYTES * _PAGE_BYTES
            if hasattr(os, "posix_fadvise"):
                os.posix_fadvise(descriptor, page, 0, os.POSIX_FADV_DONTNEED)
            if os.pread(descriptor, len(FILE_HEADER), 0) != FILE_HEADER:
                raise self._damaged(self.first, 0)
            for at in range(max(0, bisect_right(self._offsets, page) - 1), len(self._offsets)):
                try:
                    read_frame(descriptor, self.first + at, self._offsets[at], str(self.path))
                except RecordError:
                    raise self._damaged(self.first + at, self._offsets[at]) from None
            # In one step, so that a reader never meets a closed descriptor.
            os.dup2(descriptor, self._descriptor, inheritable=False)
        finally:
            os.close(descriptor)

    def check_whole(self) -> None:
        """Make sure that an opened segment has no torn end, which only the last one may have.

        Raises:
            JournalError: JOURNAL_WAL_DAMAGED.
        """
        if self._is_torn:
            raise self._damaged(self.end, self._size)

    def cut_torn_end(self) -> None:
        """Cut off what stands behind the last whole entry: nobody was answered about it.

        Whole entries that the last run did not come to sync count from now on, so they are synced too.
        """
        self._disk.cut(self._descriptor, self._size)

    def is_in_place(self) -> bool:
        """Tell whether the file still has its name."""
        with suppress(OSError):
            return os.path.samestat(self.path.stat(), os.fstat(self._descriptor))
        return False

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)

    def _load(self) -> None:
        for item in walk(self._descriptor, str(self.path), self.first, FILE_HEADER):
            # A segment gets its name when its header is on disk, so a header is never torn.
            if isinstance(item, Damage) or (isinstance(item, Torn) and item.offset == 0):
                raise self._damaged(max(item.index, self.first), item.offset)
            if isinstance(item, Torn):
                self._is_torn = True
                return
            try:
                summary = decode_entry(item.record).summary
            except ValueError:
                raise self._damaged(item.index, item.offset) from None
            self._keep([summary], [HEAD_BYTES + len(item.record)])

    def _keep(self, summaries: Sequence[Summary], sizes: Sequence[int]) -> None:
        # The summaries come last: whoever sees an index below `end` finds its offset.
        for size in sizes:
            self._offsets.append(self._size)
            self._size += size
        for summary in summaries:
            self.erases += summary.erases
        self.summaries.extend(summaries)

    def _check_place(self) -> None:
        # Entries in a deleted file are lost when the process ends.
        if not self.is_in_place():
            raise OSError(errno.ESTALE, f"{self.path.name} was replaced")

    def _damaged(self, index: int, offset: int) -> JournalError:
        return JournalError("JOURNAL_WAL_DAMAGED", file=self.path, offset=offset, index=index)
