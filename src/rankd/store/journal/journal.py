"""A journal: entries that are on disk before they count, and are published as a tiled log a moment later."""

import logging
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

from rankd.core.errors import JournalError, LogError, RankdError, RecordError, ServiceError
from rankd.core.log.note import NoteSigner
from rankd.core.log.tiles import MAX_ENTRY_BYTES
from rankd.core.records.body import MAX_RECORD_BYTES, open_body
from rankd.store.disk import Disk, hold
from rankd.store.journal.bodies import BODIES_FOLDER
from rankd.store.journal.entry import Draft, draft_entry
from rankd.store.journal.pack import pack_path
from rankd.store.journal.publisher import Publisher
from rankd.store.journal.reading import PRIVATE_FOLDER, reading
from rankd.store.journal.recovery import Parts, make_folders, open_parts

MAX_ERASED_RANGES = 1000
ROUND_ENTRIES = 4096
"""How many entries one checkpoint adds at most, so that a long backlog is published in bounded memory."""

_LOCK_FILE = "lock"
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Body:
    """What a leaf commits to and what can be erased.

    Attributes:
        key: 32 bytes, drawn for this body alone.
        record: At most 64 MiB.
    """

    key: bytes = field(repr=False)
    record: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Unwritten:
    """An entry that is to be committed.

    Attributes:
        leaf: What enters the tree, at most 65,535 bytes.
        body: What the leaf commits to.
        erases: Ranges of earlier entries, first and last, whose bodies nobody can read from its commit on.
    """

    leaf: bytes
    body: Body | None = None
    erases: Sequence[tuple[int, int]] = ()


@dataclass(frozen=True, slots=True)
class Committed:
    """An entry that survives a crash of the machine.

    Attributes:
        index: Its index in the journal, from 0.
        leaf_hash: 32 bytes.
    """

    index: int
    leaf_hash: bytes


class Journal:
    """One journal, held by this process. Safe to use from many threads. Open it with `open`.

    Publishing goes step by step, and a crash between any two leaves what the next start, or the next try, can repeat:

    1. A new write-ahead segment takes the entries from now on. Crash: an empty segment more.
    2. Bodies are sealed and appended to the pack. Crash: bytes behind the pack's end, cut off at the start.
    3. One transaction writes their keys and erases others. Crash: rows ahead of the checkpoint, removed at the start;
       erased keys are gone, and the entry that erases them is committed.
    4. Entry bundles and tiles are written. Crash: tiles ahead of the checkpoint, written again with the same content.
    5. The checkpoint is signed, kept as the mark, then published. Crash: a mark ahead of the checkpoint; the entries
       that it speaks of are all committed here.
    6. Segments whose entries are published are removed. Crash: segments more, removed at the start.
    """

    def __init__(self, folder: Path, origin: str, parts: Parts, lock: int) -> None:
        self.origin = origin
        self._folder = folder
        self._wal = parts.wal
        self._bodies = parts.bodies
        self._publication = parts.publication
        self._lock_descriptor = lock
        pending = map(self._wal.summary, range(self._publication.size, self._wal.count))
        self._bodies_before = self._bodies.count + sum(summary is not None and summary.has_body for summary in pending)
        self._publish_lock = threading.Lock()
        self._failure: str | None = None
        self._publisher: Publisher | None = None
        self._is_closed = False

    @classmethod
    def open(
        cls,
        folder: Path,
        signer: NoteSigner,
        mark: Path,
        *,
        disk: Disk | None = None,
        publish_interval_s: float = 0.5,
        watch: bool = True,
    ) -> "Journal":
        """Open the journal in a folder for writing, or begin one.

        Args:
            folder: Its folder, made where there is none. One process at a time can hold it.
            signer: The log key; its name is the journal's origin.
            mark: Where the last checkpoint that this key signed is kept: beside the key, in a folder that exists.
            disk: How to write.
            publish_interval_s: How soon after its commit an entry is published, in seconds.
            watch: Publish in the background; without it, `publish` and `close` do.

        Raises:
            ServiceError: RECORDS_LOCKED by another process, or RECORDS_UNOPENABLE: the disk refuses.
            JournalError: The folder is not as it was left, or must not be signed for; nothing was changed.
        """
        with ExitStack() as opened:
            try:
                make_folders(folder)
                lock = hold(folder / PRIVATE_FOLDER / _LOCK_FILE)
                opened.callback(os.close, lock)
                parts = open_parts(folder, signer, mark, disk or Disk())
            except OSError as error:
                raise ServiceError("RECORDS_UNOPENABLE", path=folder, detail=error.strerror or error) from error
            opened.pop_all()
        journal = cls(folder, signer.name, parts, lock)
        if watch:
            journal._publisher = Publisher(journal.publish, publish_interval_s)
            if journal._wal.first < journal.count:
                journal._publisher.ring()
        return journal

    @property
    def count(self) -> int:
        """How many entries are committed; their indexes are 0 … count − 1."""
        return self._wal.count

    @property
    def body_count(self) -> int:
        """How many bodies were ever committed, erased ones included."""
        return self._bodies_before + self._wal.body_count

    @property
    def published_size(self) -> int:
        """How many entries the newest checkpoint covers."""
        return self._publication.size

    @property
    def failure(self) -> str | None:
        """What prevented the last publication; None if nothing did."""
        return self._failure

    def append(self, leaf: bytes, body: Body | None = None, erases: Sequence[tuple[int, int]] = ()) -> Committed:
        """Commit an entry; on return it survives a crash of the machine. See `Unwritten` and `append_all`."""
        return self.append_all((Unwritten(leaf, body, erases),))[0]

    def append_all(self, entries: Sequence[Unwritten]) -> tuple[Committed, ...]:
        """Commit entries with indexes one behind the other, all or none; on return they survive a crash.

        A crash before the return may leave the first few of them: nobody was answered about any.

        Args:
            entries: The entries, in their order.

        Raises:
            ServiceError: RECORDS_UNAVAILABLE: none was committed, and no later entry will stand for one of them.
            LogError: ENTRY_TOO_LARGE.
            RecordError: RECORD_TOO_LARGE.
            JournalError: ERASURE_RANGE: a range is not one of earlier entries.
            ValueError: A key is not 32 bytes, or an entry erases more than `MAX_ERASED_RANGES` ranges.
        """
        drafts = [self._draft(entry) for entry in entries]
        if not drafts:
            return ()
        first = self._wal.append_all(drafts)
        if self._publisher is not None:
            self._publisher.ring()
        return tuple(Committed(index, draft.summary.leaf_hash) for index, draft in enumerate(drafts, start=first))

    def leaf(self, index: int) -> bytes:
        """Return a leaf: of a published entry as the tree has it, of another as it was committed.

        Raises:
            JournalError: LEAF_ABSENT, JOURNAL_WAL_DAMAGED or JOURNAL_UNREADABLE.
            LogError: A tile is missing or is not this tree's.
        """
        with reading(self._folder):
            entry = self._wal.read(index)
            if entry is not None:
                return entry.leaf
            self._check_index(index)
            return self._publication.leaf(index)

    def body(self, index: int) -> tuple[bytes, bytes]:
        """Return key and record of a leaf's body.

        Raises:
            JournalError: LEAF_ABSENT; BODY_MISSING: the leaf never had one; BODY_ERASED; JOURNAL_BODY_DAMAGED,
                JOURNAL_KEYS_DAMAGED or JOURNAL_WAL_DAMAGED; JOURNAL_UNREADABLE.
        """
        with reading(self._folder):
            summary = self._wal.summary(index)
            if summary is not None and not summary.has_body:
                raise JournalError("BODY_MISSING", index=index)
            if summary is not None and self._wal.erases(index):
                raise JournalError("BODY_ERASED", index=index)
            entry = None if summary is None else self._wal.read(index)
            if entry is not None and entry.key is not None:
                return entry.key, entry.record
            self._check_index(index)
            # An erasure that is published leaves the log of writes after the key is gone: so that is asked first.
            is_erased = self._wal.erases(index)
            row = self._bodies.find(index)
            if row is None:
                raise JournalError("BODY_MISSING", index=index)
            if is_erased or row.key is None:
                raise JournalError("BODY_ERASED", index=index)
            sealed = self._bodies.read(row)
        try:
            return row.key, open_body(row.key, sealed)
        except RecordError as error:
            path = pack_path(self._folder / PRIVATE_FOLDER / BODIES_FOLDER, row.place.pack)
            raise JournalError("JOURNAL_BODY_DAMAGED", file=path, offset=row.place.at, index=index) from error

    def record(self, index: int) -> bytes:
        """Return the record of a leaf's body; see `body`."""
        return self.body(index)[1]

    def erased(self, index: int) -> bool:
        """Tell whether a leaf had a body that was erased; from the erasure's commit on.

        Raises:
            JournalError: LEAF_ABSENT, JOURNAL_KEYS_DAMAGED or JOURNAL_UNREADABLE.
        """
        with reading(self._folder):
            # First, as in `body`; an entry that is still here afterwards was not published meanwhile.
            is_erased = self._wal.erases(index)
            summary = self._wal.summary(index)
            if summary is not None:
                return summary.has_body and is_erased
            self._check_index(index)
            row = self._bodies.find(index)
            return row is not None and (is_erased or row.key is None)

    def checkpoint(self) -> bytes:
        """Return the newest signed checkpoint."""
        return self._publication.note

    def inclusion_proof(self, index: int, size: int) -> tuple[bytes, ...]:
        """Return the audit path of a leaf in the tree of a published size.

        Raises:
            JournalError: SIZE_UNPUBLISHED or JOURNAL_UNREADABLE.
            LogError: PROOF_INDEX_RANGE; a tile is missing or is not this tree's.
        """
        with reading(self._folder):
            return self._publication.inclusion_proof(index, size)

    def consistency_proof(self, first: int, second: int) -> tuple[bytes, ...]:
        """Return what shows that the tree of one published size grew out of that of another.

        Raises:
            JournalError: SIZE_UNPUBLISHED or JOURNAL_UNREADABLE.
            LogError: PROOF_SIZE_ORDER; a tile is missing or is not this tree's.
        """
        with reading(self._folder):
            return self._publication.consistency_proof(first, second)

    def public_file(self, path: str) -> bytes | None:
        """Return what lies at a path under the public folder, None where there is nothing.

        Args:
            path: `checkpoint`, `witnessed` or a tile.

        Raises:
            JournalError: JOURNAL_UNREADABLE.
        """
        with reading(self._folder):
            return self._publication.file(path)

    def publish(self) -> bytes:
        """Publish everything that is committed now and return the signed checkpoint.

        Entries go on being committed meanwhile, and no failure here touches them.

        Raises:
            JournalError: JOURNAL_UNPUBLISHED; it can be tried again.
        """
        with self._publish_lock:
            if self._is_closed:
                raise JournalError("JOURNAL_UNPUBLISHED", path=self._folder, detail="the journal is closed")
            try:
                self._integrate()
            except Exception as error:
                failure = _described(error)
                if self._failure is None:
                    _LOG.warning("%s cannot be published: %s", self._folder, failure)
                self._failure = failure
                raise JournalError("JOURNAL_UNPUBLISHED", path=self._folder, detail=failure) from error
            if self._failure is not None:
                _LOG.info("%s is published again", self._folder)
            self._failure = None
            return self._publication.note

    def add_cosignatures(self, note: bytes, *, is_witnessed: bool) -> bool:
        """Publish a checkpoint of this journal with the cosignatures that it carries, in place of the one without them.

        Args:
            note: A checkpoint that was published here, with further signatures; who made them is not looked into.
            is_witnessed: Whether they are as many as the journal's witnesses owe; then `witnessed` beside the
                checkpoint holds this one, until the next.

        Returns:
            Whether it is still the newest checkpoint. A cosignature of an older one that is not witnessed is dropped.

        Raises:
            LogError: A NOTE or CHECKPOINT reason: this journal did not sign it.
            JournalError: JOURNAL_UNPUBLISHED; it can be tried again.
        """
        with self._publish_lock:
            if self._is_closed:
                raise JournalError("JOURNAL_UNPUBLISHED", path=self._folder, detail="the journal is closed")
            try:
                return self._publication.add_cosignatures(note, is_witnessed=is_witnessed)
            except OSError as error:
                raise JournalError("JOURNAL_UNPUBLISHED", path=self._folder, detail=_described(error)) from error

    def close(self) -> None:
        """Let running appends end, refuse later ones, publish what is committed, and let go of the folder.

        What cannot be published now stays committed; the next `open` goes on with it.
        """
        self._wal.refuse()
        if self._publisher is not None:
            self._publisher.stop()
        with suppress(JournalError):
            self.publish()
        with self._publish_lock:
            if self._is_closed:
                return
            self._is_closed = True
            self._wal.close()
            self._bodies.close()
            os.close(self._lock_descriptor)

    def _draft(self, entry: Unwritten) -> Draft:
        if len(entry.leaf) > MAX_ENTRY_BYTES:
            raise LogError("ENTRY_TOO_LARGE", size_bytes=len(entry.leaf), most_bytes=MAX_ENTRY_BYTES)
        key, record = (None, b"") if entry.body is None else (entry.body.key, entry.body.record)
        if len(record) > MAX_RECORD_BYTES:
            raise RecordError("RECORD_TOO_LARGE", size_bytes=len(record), most_bytes=MAX_RECORD_BYTES)
        if len(entry.erases) > MAX_ERASED_RANGES:
            raise ValueError(f"an entry erases at most {MAX_ERASED_RANGES} ranges")
        for first, last in entry.erases:
            if not 0 <= first <= last < self.count:
                raise JournalError("ERASURE_RANGE", first=first, last=last, count=self.count)
        return draft_entry(entry.leaf, key, record, entry.erases)

    def _integrate(self) -> None:
        committed = self._wal.rotate()
        while (first := self.published_size) < committed:
            # Never less than was signed before a crash.
            self._publish_round(first, min(committed, max(first + ROUND_ENTRIES, self._publication.marked_size)))
        self._wal.let_go(self.published_size)

    def _publish_round(self, first: int, end: int) -> None:
        summaries = [summary for index in range(first, end) if (summary := self._wal.summary(index))]
        leaves: list[bytes] = []

        def bodies() -> Iterator[tuple[int, bytes, bytes]]:
            # One record at a time is in memory.
            for index in range(first, end):
                entry = self._wal.read(index)
                if entry is not None:
                    leaves.append(entry.leaf)
                    if entry.key is not None:
                        yield index, entry.key, entry.record

        self._bodies.write(first, bodies(), [span for summary in summaries for span in summary.erases], end)
        self._publication.extend(leaves, [summary.leaf_hash for summary in summaries])

    def _check_index(self, index: int) -> None:
        if not 0 <= index < self.count:
            raise JournalError("LEAF_ABSENT", index=index, count=self.count)


def _described(error: Exception) -> str:
    if isinstance(error, RankdError):
        return error.reason
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
