"""Bodies and their keys: what a leaf commits to, sealed in packs, and the small table whose rows make it readable.

Erasing a body is setting its key to NULL: SQLite overwrites the bytes (`secure_delete`), and neither the table's file
nor its rollback journal, which is removed with every transaction, holds them afterwards. Copies that the disk itself
keeps, and backups of the table, are beyond that: docs/spec/log.md says what erasure reaches.
"""

import errno
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from rankd.core.errors import JournalError
from rankd.core.records.body import seal
from rankd.store.disk import Disk
from rankd.store.journal.entry import KEY_BYTES
from rankd.store.journal.pack import PackWriter, Place, read_sealed

KEYS_FILE = "keys.sqlite"
BODIES_FOLDER = "bodies"
BUSY_TIMEOUT_S = 10.0

_SCHEMA = "rankd.keys/1"
_TABLES = (
    "CREATE TABLE IF NOT EXISTS body (idx INTEGER PRIMARY KEY, key BLOB, pack INTEGER NOT NULL, at INTEGER NOT NULL, "
    "size INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID",
    "INSERT OR IGNORE INTO meta VALUES ('schema', 'rankd.keys/1'), ('body_count', 0), ('size', 0)",
)
PASSING = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN")
"""What SQLite says of a disk or of another process rather than of the table."""

_ROW = "SELECT idx, key, pack, at, size FROM body"


@dataclass(frozen=True, slots=True)
class BodyRow:
    """What the table says of one body.

    Attributes:
        index: The leaf.
        key: 32 bytes; None if the body is erased.
        place: Where the sealed body lies.
    """

    index: int
    key: bytes | None
    place: Place


def find_body(connection: sqlite3.Connection, index: int) -> BodyRow | None:
    """Return the row of one leaf's body, None if it never had one."""
    rows = find_bodies(connection, index, index + 1)
    return rows[0] if rows else None


def find_bodies(connection: sqlite3.Connection, first: int, end: int) -> list[BodyRow]:
    """Return the rows of the leaves `first` … `end` − 1 that have or had a body, in order."""
    rows = connection.execute(f"{_ROW} WHERE idx >= ? AND idx < ? ORDER BY idx", (first, end)).fetchall()
    return [_row(*row) for row in rows]


def _row(index: object, key: object, pack: object, at: object, size: object) -> BodyRow:
    # SQLite types values, not columns: a damaged file may hold anything.
    is_key = key is None or (isinstance(key, bytes) and len(key) == KEY_BYTES)
    if isinstance(index, int) and isinstance(pack, int) and isinstance(at, int) and isinstance(size, int) and is_key:
        return BodyRow(index, cast("bytes | None", key), Place(pack, at, size))
    raise sqlite3.DatabaseError("a row is not what was written")


@contextmanager
def keys_damage(path: Path) -> Iterator[None]:
    """Turn what SQLite says of the table of keys into errors of the journal.

    Raises:
        JournalError: JOURNAL_KEYS_DAMAGED.
        OSError: The disk refuses, or another process holds the table for too long.
    """
    try:
        yield
    except sqlite3.ProgrammingError as error:
        raise OSError(errno.EBADF, f"{path.name}: {error}") from error
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname.startswith(PASSING):
            raise OSError(errno.EIO, f"{path.name}: {error}") from error
        raise JournalError("JOURNAL_KEYS_DAMAGED", path=path, detail=error) from error
    except (sqlite3.DatabaseError, OverflowError) as error:
        raise JournalError("JOURNAL_KEYS_DAMAGED", path=path, detail=error) from error


class BodyStore:
    """The bodies of one journal, for its writer. Reading is safe from many threads, writing for one at a time.

    Args:
        folder: The journal's private folder, which holds the table and the folder of packs.
        disk: How to write.
    """

    def __init__(self, folder: Path, disk: Disk) -> None:
        self._path = folder / KEYS_FILE
        self._packs_folder = folder / BODIES_FOLDER
        self._disk = disk
        self._packs = PackWriter(self._packs_folder, disk)
        self._lock = threading.Lock()
        # The number of leaves that table and packs are known to agree with; None where a write may have failed.
        self._settled_size: int | None = None
        self._count = 0
        self._size = 0
        with keys_damage(self._path):
            # In this mode SQLite makes no table where there is none.
            self._connection = sqlite3.connect(
                f"{self._path.absolute().as_uri()}?mode=rw",
                uri=True,
                timeout=BUSY_TIMEOUT_S,
                isolation_level=None,
                check_same_thread=False,
            )
            try:
                # EXTRA makes the removal of the rollback journal durable too: one that came back after a power failure
                # would undo the transaction and bring erased keys back.
                for setting in ("journal_mode=DELETE", "synchronous=EXTRA", "secure_delete=ON", "cell_size_check=ON"):
                    self._connection.execute(f"PRAGMA {setting}")
                self._check()
            except BaseException:
                self._connection.close()
                raise

    @classmethod
    def begin(cls, folder: Path, disk: Disk) -> None:
        """Make the folder's empty table; after a crash in here it can be done again.

        Raises:
            JournalError: JOURNAL_KEYS_DAMAGED.
            OSError: The disk refuses.
        """
        path = folder / KEYS_FILE
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        with keys_damage(path):
            connection = sqlite3.connect(path, isolation_level=None)
            try:
                connection.execute("PRAGMA synchronous=EXTRA")
                connection.execute("BEGIN IMMEDIATE")
                for statement in _TABLES:
                    connection.execute(statement)
                connection.execute("COMMIT")
            finally:
                connection.close()
        disk.sync_names(folder)

    @property
    def count(self) -> int:
        """How many bodies were ever written, erased ones included."""
        return self._count

    def check(self, size: int) -> None:
        """Make sure that the packs hold the bodies of the first `size` leaves to their end; nothing is changed.

        A table from before that is a restored copy: it would bring erased keys back, and have the packs cut off.

        Raises:
            JournalError: JOURNAL_PACK_SHORT, JOURNAL_PACK_DAMAGED, JOURNAL_KEYS_DAMAGED.
            OSError: The disk refuses.
        """
        if self._size < size:
            raise JournalError("JOURNAL_KEYS_DAMAGED", path=self._path, detail=f"{self._size} < {size}")
        self._packs.check(self._last(size))

    def recover(self, size: int) -> None:
        """Forget the bodies of leaves from `size` on: their journal did not come to publish them. They come again.

        Raises:
            JournalError: See `check`.
            OSError: The disk refuses.
        """
        self._settled_size = None
        if self._size != size or self._has_rows_from(size):
            with self._transaction():
                removed = self._connection.execute("DELETE FROM body WHERE idx >= ?", (size,)).rowcount
                self._add_to_count(-removed)
                self._note_size(size)
        self._packs.recover(self._last(size))
        self._settled_size = size

    def write(
        self,
        size: int,
        bodies: Iterable[tuple[int, bytes, bytes]],
        erases: Sequence[tuple[int, int]],
        size_after: int,
    ) -> None:
        """Seal and keep bodies durably, and erase keys, in one transaction.

        A crash before the transaction leaves bytes behind the packs' ends, one after it leaves rows from `size` on:
        `recover` removes both. Erased keys stay erased.

        Args:
            size: How many leaves are published: what a failed earlier try left from there on is removed first.
            bodies: Leaf index, key and record, by rising index from `size` on.
            erases: Ranges of leaf indexes, first and last; those without a body are passed over.
            size_after: How many leaves there will be; erasing reaches none beyond.

        Raises:
            JournalError: JOURNAL_KEYS_DAMAGED.
            OSError: The disk refuses.
        """
        if self._settled_size != size:
            self.recover(size)
        self._settled_size = None
        rows = []
        for index, key, record in bodies:
            place = self._packs.append(index, seal(key, record))
            rows.append((index, key, place.pack, place.at, place.size))
        if rows:
            self._packs.sync()
        with self._transaction():
            self._connection.executemany("INSERT INTO body VALUES (?, ?, ?, ?, ?)", rows)
            self._connection.executemany(
                "UPDATE body SET key = NULL WHERE idx BETWEEN ? AND ? AND idx < ? AND key IS NOT NULL",
                [(first, last, size_after) for first, last in erases],
            )
            self._add_to_count(len(rows))
            self._note_size(size_after)
        self._settled_size = size_after

    def find(self, index: int) -> BodyRow | None:
        """Return what the table says of one leaf's body, None if it never had one.

        Raises:
            JournalError: JOURNAL_KEYS_DAMAGED.
            OSError: The disk refuses.
        """
        with self._lock, keys_damage(self._path):
            return find_body(self._connection, index)

    def read(self, row: BodyRow) -> bytes:
        """Return a sealed body.

        Raises:
            JournalError: JOURNAL_BODY_DAMAGED.
            OSError: The disk refuses.
        """
        return read_sealed(self._packs_folder, row.index, row.place)

    def close(self) -> None:
        """Let go of table and packs."""
        with self._lock:
            self._packs.close()
            self._connection.close()

    def _check(self) -> None:
        values = dict(self._connection.execute("SELECT name, value FROM meta").fetchall())
        numbers = [values.get(name) for name in ("body_count", "size")]
        if values.get("schema") != _SCHEMA or not all(type(number) is int for number in numbers):
            raise sqlite3.DatabaseError(f"no {_SCHEMA}")
        self._count, self._size = values["body_count"], values["size"]

    def _has_rows_from(self, size: int) -> bool:
        with self._lock, keys_damage(self._path):
            return self._connection.execute("SELECT 1 FROM body WHERE idx >= ? LIMIT 1", (size,)).fetchone() is not None

    def _last(self, size: int) -> Place | None:
        with self._lock, keys_damage(self._path):
            found = self._connection.execute(f"{_ROW} WHERE idx < ? ORDER BY idx DESC LIMIT 1", (size,)).fetchone()
            return None if found is None else _row(*found).place

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock, keys_damage(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._disk.transact(self._commit)
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            self._check()

    def _commit(self) -> None:
        self._connection.execute("COMMIT")

    def _add_to_count(self, number: int) -> None:
        self._connection.execute("UPDATE meta SET value = value + ? WHERE name = 'body_count'", (number,))

    def _note_size(self, size: int) -> None:
        self._connection.execute("UPDATE meta SET value = ? WHERE name = 'size'", (size,))
