"""The index of events: which ones the journal holds already, so that each counts once.

`events/index.sqlite` in the data directory can be removed at any time: it says how many entries of the journal it has
taken, and takes the rest from there. Nothing in it but hashes, numbers of entries and times; rows of entries whose time
is over, or that were erased, are deleted.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from rankd.core.errors import ServiceError
from rankd.core.exact.canonical import sha256
from rankd.store.disk import Disk
from rankd.store.journal.bodies import PASSING

HASH_BYTES = 16
MAX_ENTRY_EVENTS = 1 << 16
"""How many events one entry can hold at most: a row's number is that of its entry and its place in there."""

_SCHEMA = "rankd.event-index/1"
_TABLES = (
    "CREATE TABLE event (at INTEGER PRIMARY KEY, mark BLOB NOT NULL UNIQUE, name BLOB UNIQUE, "
    "time_ms INTEGER NOT NULL)",
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID",
)
_ASKED_AT_ONCE = 500
_PRUNED_AT_LEAST = 256


@dataclass(frozen=True, slots=True)
class Indexed:
    """One event as the index knows it.

    Attributes:
        mark: `event_mark` of what happened.
        name: `event_name` of its id; None where it has none.
    """

    mark: bytes
    name: bytes | None


@dataclass(frozen=True, slots=True)
class Taken:
    """One entry of the journal as the index takes it.

    Attributes:
        index: Its index.
        time_ms: Its time.
        events: Its events, in order, at most `MAX_ENTRY_EVENTS`; empty for an erased one.
        erases: Ranges of entries that it erases.
    """

    index: int
    time_ms: int
    events: Sequence[Indexed] = ()
    erases: Sequence[tuple[int, int]] = ()


def event_mark(decision: int, candidate: str, kind: str) -> bytes:
    """Return what stands for a kind of event of one candidate of one decision, which counts once."""
    return _hash(f"mark\0{decision}\0{kind}\0{candidate}")


def event_name(caller: str, event_id: str) -> bytes:
    """Return what stands for an event's id, which is its caller's own."""
    return _hash(f"name\0{caller}\0{event_id}")


class EventIndex:
    """The index of one journal of events, for one thread at a time. Open it with `open`.

    A crash leaves the index as it was before or after a `take`, and a power failure perhaps as it was before several:
    it never says more than the journal holds, since entries are committed there first. What is missing is taken again.
    """

    def __init__(self, path: Path, origin: str, disk: Disk) -> None:
        self._path = path
        self._origin = origin
        self._disk = disk
        self._count = 0
        self._begin_ms = 0
        self._last_hash = b""
        self._is_damaged = False
        # Whether the write-ahead file may still hold what was erased.
        self._has_traces = False
        self._connection: sqlite3.Connection

    @classmethod
    def open(cls, path: Path, origin: str, disk: Disk | None = None) -> "EventIndex":
        """Open an index, or begin one where there is none that can be used.

        Args:
            path: Its file, in a folder that this process holds.
            origin: The journal's origin.
            disk: How to write.

        Raises:
            ServiceError: RECORDS_UNOPENABLE: the disk refuses.
        """
        index = cls(path, origin, disk or Disk())
        index._connection = index._begin()
        # Nobody knows what a crash left.
        index._empty_log()
        return index

    @property
    def count(self) -> int:
        """How many entries of the journal it has taken, from the first on."""
        return self._count

    @property
    def begin_ms(self) -> int:
        """Entries from before this time may be missing: they were deleted, or never taken."""
        return self._begin_ms

    @property
    def last_hash(self) -> bytes:
        """The hash of the last leaf that was taken, by which the journal is known again; b"" where there is none."""
        return self._last_hash

    @property
    def is_damaged(self) -> bool:
        """Whether something in the file turned out not to be what was written: `renew` it."""
        return self._is_damaged

    def renew(self) -> None:
        """Throw the file away and begin with nothing taken.

        Raises:
            ServiceError: RECORDS_UNOPENABLE.
        """
        self.close()
        try:
            self._remove()
        except OSError as error:
            raise ServiceError("RECORDS_UNOPENABLE", path=self._path, detail=_described(error)) from error
        self._connection = self._begin()
        self._is_damaged = False

    def restart(self, count: int, last_hash: bytes, begin_ms: int) -> None:
        """Begin anew: empty, with the entries before `count` taken as too old to matter.

        Args:
            count: The first entry that is to be taken.
            last_hash: The hash of the leaf before it; b"" where there is none.
            begin_ms: The time before which entries are missing from now on.

        Raises:
            ServiceError: RECORDS_UNAVAILABLE.
        """
        with self._transaction():
            self._connection.execute("DELETE FROM event")
            self._note(count, begin_ms, last_hash)
        self._empty_log()

    def find(self, marks: Iterable[bytes], names: Iterable[bytes]) -> tuple[set[bytes], dict[bytes, bytes]]:
        """Return those of the marks that are there, and of those names that are there what each stands for.

        Raises:
            ServiceError: RECORDS_UNAVAILABLE.
        """
        with self._refusals():
            found = {mark for (mark,) in self._rows("SELECT mark FROM event WHERE mark IN ", marks)}
            rows = self._rows("SELECT name, mark FROM event WHERE name IN ", names)
            named = {row[0]: row[1] for row in rows}
        return found, named

    def take(self, entries: Iterable[Taken], count: int, last_hash: bytes, before_ms: int) -> None:
        """Take the next entries of the journal, in one transaction, and let a few go that are past their time.

        Args:
            entries: Those from `self.count` on that have something to say, in order.
            count: How many entries are taken then.
            last_hash: The hash of the last one's leaf.
            before_ms: Rows of entries from before this time may be deleted; some more than are added are each time.

        Raises:
            ServiceError: RECORDS_UNAVAILABLE: none was taken.
        """
        with self._transaction():
            added = 0
            for entry in entries:
                for first, last in entry.erases:
                    self._connection.execute(
                        "DELETE FROM event WHERE at BETWEEN ? AND ?",
                        (first * MAX_ENTRY_EVENTS, (last + 1) * MAX_ENTRY_EVENTS - 1),
                    )
                at = entry.index * MAX_ENTRY_EVENTS
                rows = [(at + n, event.mark, event.name, entry.time_ms) for n, event in enumerate(entry.events)]
                added += len(rows)
                # What an entry repeats, which none should, is known by its first one.
                self._connection.executemany("INSERT OR IGNORE INTO event VALUES (?, ?, ?, ?)", rows)
                self._has_traces |= bool(entry.erases)
            self._note(count, self._pruned(before_ms, 2 * added + _PRUNED_AT_LEAST), last_hash)
        if self._has_traces:
            self._empty_log()

    def close(self) -> None:
        """Let go of the file."""
        with suppress(sqlite3.Error):
            self._connection.close()

    def _begin(self) -> sqlite3.Connection:
        try:
            try:
                return self._open()
            except sqlite3.DatabaseError as error:
                if _is_passing(error):
                    raise
            # It is damaged or another's, and worth nothing that the journal does not hold.
            self._remove()
            return self._open()
        except (sqlite3.Error, OSError) as error:
            raise ServiceError("RECORDS_UNOPENABLE", path=self._path, detail=_described(error)) from error

    def _remove(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        try:
            # The journal is what is durable: a power failure may take the last transactions from here, and no more.
            for setting in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON", "cell_size_check=ON"):
                connection.execute(f"PRAGMA {setting}")
            self._path.chmod(0o600)
            if not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
                connection.execute("BEGIN IMMEDIATE")
                for statement in _TABLES:
                    connection.execute(statement)
                connection.executemany("INSERT INTO meta VALUES (?, ?)", self._meta(0, 0, b""))
                connection.execute("COMMIT")
            self._load(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _load(self, connection: sqlite3.Connection) -> None:
        values = dict(connection.execute("SELECT name, value FROM meta").fetchall())
        count, begin_ms, last_hash = (values.get(name) for name in ("count", "begin_ms", "last_hash"))
        if (values.get("schema"), values.get("origin")) != (_SCHEMA, self._origin):
            raise sqlite3.DatabaseError(f"no {_SCHEMA} of {self._origin}")
        if not (isinstance(count, int) and isinstance(begin_ms, int) and isinstance(last_hash, bytes)):
            raise sqlite3.DatabaseError("a row is not what was written")
        self._count, self._begin_ms, self._last_hash = count, begin_ms, last_hash

    def _meta(self, count: int, begin_ms: int, last_hash: bytes) -> list[tuple[str, object]]:
        return [
            ("schema", _SCHEMA),
            ("origin", self._origin),
            ("count", count),
            ("begin_ms", begin_ms),
            ("last_hash", last_hash),
        ]

    def _note(self, count: int, begin_ms: int, last_hash: bytes) -> None:
        meta = self._meta(count, begin_ms, last_hash)
        self._connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", meta)

    def _pruned(self, before_ms: int, most: int) -> int:
        """Delete the first rows as far as they are old enough; return the time before which rows are missing then."""
        first = self._connection.execute("SELECT at, time_ms FROM event ORDER BY at LIMIT ?", (most,)).fetchall()
        old = list(takewhile(lambda row: row[1] < before_ms, first))
        if not old:
            return self._begin_ms
        self._connection.execute("DELETE FROM event WHERE at <= ?", (old[-1][0],))
        return max(self._begin_ms, 1 + max(int(time_ms) for _, time_ms in old))

    def _empty_log(self) -> None:
        """Leave nothing in the write-ahead file, which holds copies of rows that are erased; tried until it works."""
        self._has_traces = True
        with suppress(sqlite3.Error):
            (is_busy, *_) = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            self._has_traces = bool(is_busy)

    def _rows(self, statement: str, values: Iterable[bytes]) -> Iterator[tuple[bytes, ...]]:
        wanted = list(values)
        for at in range(0, len(wanted), _ASKED_AT_ONCE):
            some = wanted[at : at + _ASKED_AT_ONCE]
            yield from self._connection.execute(f"{statement}({','.join('?' * len(some))})", some)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._refusals():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._disk.transact(self._commit)
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            self._load(self._connection)

    def _commit(self) -> None:
        self._connection.execute("COMMIT")

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            self._is_damaged |= isinstance(error, sqlite3.DatabaseError) and not _is_passing(error)
            raise ServiceError("RECORDS_UNAVAILABLE", path=self._path, detail=_described(error)) from error


def _is_passing(error: sqlite3.Error) -> bool:
    # A closed connection says something about us, not about the file.
    return isinstance(error, sqlite3.ProgrammingError) or getattr(error, "sqlite_errorname", "").startswith(PASSING)


def _described(error: sqlite3.Error | OSError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _hash(text: str) -> bytes:
    # Kinds and identifiers hold no NUL, so no two lists of fields make one text.
    return sha256(text.encode())[:HASH_BYTES]
