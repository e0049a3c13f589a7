"""The decision log: an append-only file in which a record is on disk before its answer leaves."""

import errno
import os
import threading
from array import array
from bisect import bisect_right
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from rankd.core.errors import RecordError, ServiceError
from rankd.core.exact.canonical import sha256
from rankd.store.atomic import sync_directory
from rankd.store.disk import Disk, hold
from rankd.store.frames import (
    FILE_HEADER,
    HEAD_BYTES,
    MAX_RECORD_BYTES,
    Damage,
    Torn,
    frame_head,
    log_path,
    read_frame,
    walk,
)

_LOCK_FILE = "lock"
_PAGE_BYTES = 4096


class DecisionWriter(Protocol):
    """Where decisions are recorded. Safe to call from many threads at once."""

    @property
    def count(self) -> int:
        """How many records are durable; their indexes are 0 … count − 1."""
        ...

    def append(self, record: bytes) -> int:
        """Record one decision and return its index; on return it survives a crash of the machine.

        Raises:
            ServiceError: RECORDS_UNAVAILABLE: it was not recorded, and no later record will stand for it.
            RecordError: RECORD_TOO_LARGE.
        """
        ...

    def read(self, index: int) -> bytes:
        """Return the record that `append` gave this index, checked against its digest.

        Raises:
            RecordError: There is none, or it is damaged.
        """
        ...

    def close(self) -> None:
        """Let go of the log once running appends are done; later ones are refused."""
        ...


@dataclass(slots=True)
class _Batch:
    """Records that share one write and one sync. Its first caller leads, the others wait."""

    records: list[tuple[bytes, bytes]] = field(default_factory=list)
    first_index: int = -1
    failure: str | None = "interrupted"
    done: threading.Event = field(default_factory=threading.Event)


class DecisionLog:
    """A `DecisionWriter` over one file, `decisions/decisions.log` in the data directory. Open it with `open`.

    Group commit: while one batch is being synced, the next one gathers; each costs one write and one fdatasync.

    A crash leaves every acknowledged record, perhaps further whole records whose callers were not answered (they
    stay), and perhaps a torn end (see `store.frames`), which the next `open` moves into
    `decisions/torn-<offset>-<digest>.bin`. Such a file may hold personal data.

    After a failed write or sync the file is suspect: it is opened again, cut back to the last acknowledged record and
    its last page checked on disk, at once if possible and in any case before the next batch. So the service
    recovers by itself when space returns.
    """

    def __init__(self, path: Path, descriptor: int, lock: int, disk: Disk) -> None:
        self._path = path
        self._descriptor = descriptor
        self._lock_descriptor = lock
        self._disk = disk
        self._offsets = array("Q")
        self._end = len(FILE_HEADER)
        self._suspect = False
        self._closed = False
        self._gathering = _Batch()
        self._gather_lock = threading.Lock()
        self._commit_lock = threading.Lock()

    @classmethod
    def open(cls, data_dir: Path, disk: Disk | None = None) -> "DecisionLog":
        """Open the log of a data directory for writing, or begin one; every record is checked.

        Args:
            data_dir: The data directory, made where there is none. One process at a time can hold its log.
            disk: How to write.

        Raises:
            ServiceError: RECORDS_LOCKED by another process, or RECORDS_UNOPENABLE: the disk refuses.
            RecordError: The file is damaged, with the byte offset; nothing was changed.
        """
        path = log_path(data_dir)
        folder = path.parent
        lock = descriptor = -1
        try:
            if not folder.is_dir():
                data_dir.mkdir(parents=True, exist_ok=True)
                folder.mkdir(mode=0o700)
                sync_directory(data_dir)
            lock = hold(folder / _LOCK_FILE)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            log = cls(path, descriptor, lock, disk or Disk())
            log._recover()
        except BaseException as error:
            for opened in (descriptor, lock):
                if opened >= 0:
                    os.close(opened)
            if isinstance(error, OSError):
                raise ServiceError("RECORDS_UNOPENABLE", path=folder, detail=error.strerror or error) from error
            raise
        return log

    @property
    def count(self) -> int:
        """How many records are durable."""
        return len(self._offsets)

    def append(self, record: bytes) -> int:
        """Record one decision and return its index; see `DecisionWriter.append`."""
        if len(record) > MAX_RECORD_BYTES:
            raise RecordError("RECORD_TOO_LARGE", size_bytes=len(record), most_bytes=MAX_RECORD_BYTES)
        digest = sha256(record)
        with self._gather_lock:
            batch, slot = self._gathering, len(self._gathering.records)
            batch.records.append((record, digest))
        if slot == 0:
            self._lead(batch)
        else:
            batch.done.wait()
        if batch.failure is not None:
            raise ServiceError("RECORDS_UNAVAILABLE", detail=batch.failure)
        return batch.first_index + slot

    def read(self, index: int) -> bytes:
        """Return a record; see `DecisionWriter.read`."""
        if not 0 <= index < self.count:
            raise RecordError("RECORD_ABSENT", index=index, count=self.count)
        try:
            return read_frame(self._descriptor, index, self._offsets[index], str(self._path))
        except OSError as error:
            raise RecordError("RECORDS_UNREADABLE", path=self._path, detail=error.strerror) from error

    def close(self) -> None:
        """Let go of the log; see `DecisionWriter.close`."""
        with self._commit_lock:
            if not self._closed:
                self._closed = True
                os.close(self._descriptor)
                os.close(self._lock_descriptor)

    def _lead(self, batch: _Batch) -> None:
        try:
            with self._commit_lock:
                self._stop_gathering(batch)
                batch.failure = self._commit(batch)
        finally:
            # Where an exception went through, the batch says "interrupted" and the file is suspect.
            self._stop_gathering(batch)
            batch.done.set()

    def _stop_gathering(self, batch: _Batch) -> None:
        with self._gather_lock:
            if self._gathering is batch:
                self._gathering = _Batch()

    def _commit(self, batch: _Batch) -> str | None:
        """Write and sync one batch; return what prevented it, or None."""
        if self._closed:
            return "the log is closed"
        try:
            if self._suspect:
                self._restore()
            self._check_place()
            first, at, offsets = self.count, self._end, array("Q")
            parts: list[bytes] = []
            for index, (record, digest) in enumerate(batch.records, start=first):
                offsets.append(at)
                parts += (frame_head(index, len(record), digest), record)
                at += HEAD_BYTES + len(record)
            self._suspect = True
            self._disk.write(self._descriptor, b"".join(parts), self._end)
            self._disk.sync(self._descriptor)
        except OSError as error:
            with suppress(OSError, RecordError):
                self._restore()
            return error.strerror or str(error)
        except RecordError as error:
            return error.reason
        self._suspect = False
        self._end = at
        self._offsets.extend(offsets)
        batch.first_index = first
        return None

    def _check_place(self) -> None:
        """Make sure that the file still has its name: records in a deleted file are lost when the process ends."""
        if not os.path.samestat(self._path.stat(), os.fstat(self._descriptor)):
            raise OSError(errno.ESTALE, "decisions.log was replaced")

    def _restore(self) -> None:
        """Bring the file back to the last acknowledged record.

        After a failed sync the page cache may show what the disk does not hold, so the last page is dropped from it
        and read again. A crash in here leaves a torn end or whole unanswered records, as any crash does.
        """
        self._check_place()
        descriptor = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        try:
            if os.fstat(descriptor).st_size < self._end:
                raise RecordError("RECORD_DAMAGED", file=str(self._path), offset=self._end, index=self.count - 1)
            self._disk.cut(descriptor, self._end)
            page = (self._end - 1) // _PAGE_BYTES * _PAGE_BYTES
            if hasattr(os, "posix_fadvise"):
                os.posix_fadvise(descriptor, page, 0, os.POSIX_FADV_DONTNEED)
            touched = bisect_right(self._offsets, page) - 1
            for index in range(max(0, touched), self.count):
                read_frame(descriptor, index, self._offsets[index], str(self._path))
            # In one step, so that a reader never meets a closed descriptor.
            os.dup2(descriptor, self._descriptor, inheritable=False)
        finally:
            os.close(descriptor)
        self._suspect = False

    def _recover(self) -> None:
        """Build the index of offsets, and move a torn end out of the way."""
        for item in walk(self._descriptor, str(self._path)):
            if isinstance(item, Damage):
                raise item.error
            if isinstance(item, Torn):
                self._set_aside(item)
                break
            self._offsets.append(item.offset)
            self._end = item.offset + HEAD_BYTES + len(item.record)
        if os.fstat(self._descriptor).st_size < len(FILE_HEADER):
            self._disk.write(self._descriptor, FILE_HEADER, 0)
        # Whole records that the last run did not come to sync count from now on.
        os.fsync(self._descriptor)
        sync_directory(self._path.parent)

    def _set_aside(self, torn: Torn) -> None:
        if torn.size == 0:
            return
        data = os.pread(self._descriptor, torn.size, torn.offset)
        copy = self._path.with_name(f"torn-{torn.offset}-{sha256(data).hex()[:16]}.bin")
        descriptor = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            self._disk.write(descriptor, data, 0)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        sync_directory(copy.parent)
        # A crash before this leaves copy and torn end; the next start makes the same copy again.
        self._disk.cut(self._descriptor, torn.offset)
