"""A journal's folder as other processes read it: auditors, bundles, replay. Nothing is written, no lock is taken."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from rankd.core.errors import JournalError
from rankd.core.log.tiles import TILE_WIDTH, decode_entries, encode_entries
from rankd.core.log.tree import HASH_BYTES
from rankd.store.journal.bodies import BODIES_FOLDER, BUSY_TIMEOUT_S, KEYS_FILE, BodyRow, find_bodies, keys_damage
from rankd.store.journal.pack import read_sealed
from rankd.store.journal.tile_files import CHECKPOINT_FILE, VKEY_FILE, WITNESSED_FILE, read_public, read_tile

PUBLIC_FOLDER = "public"
PRIVATE_FOLDER = "private"


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """Turn what the disk refuses into an error of the journal.

    Raises:
        JournalError: JOURNAL_UNREADABLE.
    """
    try:
        yield
    except OSError as error:
        where = error.filename or folder
        raise JournalError("JOURNAL_UNREADABLE", path=where, detail=error.strerror or error) from error


class JournalFiles:
    """Reads a journal from its files while another process may be writing to it.

    Nothing here is verified: that is for whoever holds the log's key. A body that was erased after the checkpoint in
    hand was signed is gone already; the entry that erased it is in a later checkpoint.

    Args:
        folder: The journal's folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._public = folder / PUBLIC_FOLDER
        self._private = folder / PRIVATE_FOLDER

    def checkpoint(self) -> bytes:
        """Return the newest signed checkpoint.

        Raises:
            JournalError: JOURNAL_CHECKPOINT_MISSING or JOURNAL_UNREADABLE.
        """
        return self._note(CHECKPOINT_FILE)

    def witnessed(self) -> bytes | None:
        """Return the newest checkpoint that the journal's witnesses cosigned; None if there was none.

        Raises:
            JournalError: JOURNAL_UNREADABLE.
        """
        with reading(self._folder):
            return read_public(self._public / WITNESSED_FILE)

    def vkey(self) -> str:
        """Return the key that the folder itself names as its log's. Whoever can write here can change it.

        Raises:
            JournalError: JOURNAL_CHECKPOINT_MISSING or JOURNAL_UNREADABLE.
        """
        return self._note(VKEY_FILE).decode("utf-8", "replace").strip()

    def tile(self, level: int, number: int, width: int) -> bytes | None:
        """Return a hash tile; None where there is none. Where a partial tile is gone, the full one stands in.

        Raises:
            JournalError: JOURNAL_UNREADABLE.
        """
        with reading(self._folder):
            data = read_tile(self._public, level, number, width)
            if data is None and width < TILE_WIDTH:
                full = read_tile(self._public, level, number, TILE_WIDTH)
                return None if full is None else full[: width * HASH_BYTES]
            return data

    def entry_bundle(self, number: int, width: int) -> bytes | None:
        """Return an entry bundle; None where there is none. Where a partial bundle is gone, the full one stands in.

        Raises:
            JournalError: JOURNAL_UNREADABLE.
            LogError: ENTRIES_MALFORMED: the full one is damaged.
        """
        with reading(self._folder):
            data = read_tile(self._public, "entries", number, width)
            if data is None and width < TILE_WIDTH:
                full = read_tile(self._public, "entries", number, TILE_WIDTH)
                return None if full is None else encode_entries(decode_entries(full, TILE_WIDTH)[:width])
            return data

    def body(self, index: int) -> tuple[bytes, bytes] | None:
        """Return key and sealed body of a leaf; None if it never had a body, or if that was erased.

        Raises:
            JournalError: JOURNAL_KEYS_DAMAGED, JOURNAL_BODY_DAMAGED or JOURNAL_UNREADABLE.
        """
        return self.bodies(index, index + 1).get(index)

    def bodies(self, first: int, end: int) -> Mapping[int, tuple[bytes, bytes]]:
        """Return key and sealed body, by index, of the leaves `first` … `end` − 1 that have one which is not erased.

        Raises:
            JournalError: JOURNAL_KEYS_DAMAGED, JOURNAL_BODY_DAMAGED or JOURNAL_UNREADABLE.
        """
        packs = self._private / BODIES_FOLDER
        with reading(self._folder):
            rows = self._rows(first, end)
            return {row.index: (row.key, read_sealed(packs, row.index, row.place)) for row in rows if row.key}

    def erased(self, first: int, end: int) -> frozenset[int]:
        """Return those of the leaves `first` … `end` − 1 whose body was erased.

        Raises:
            JournalError: JOURNAL_KEYS_DAMAGED or JOURNAL_UNREADABLE.
        """
        with reading(self._folder):
            return frozenset(row.index for row in self._rows(first, end) if row.key is None)

    def _note(self, name: str) -> bytes:
        with reading(self._folder):
            data = read_public(self._public / name)
        if data is None:
            raise JournalError("JOURNAL_CHECKPOINT_MISSING", path=self._public / name)
        return data

    def _rows(self, first: int, end: int) -> list[BodyRow]:
        path = self._private / KEYS_FILE
        with (
            keys_damage(path),
            closing(
                sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_TIMEOUT_S)
            ) as connection,
        ):
            # All rows at once: an open cursor would keep the writer from committing.
            return find_bodies(connection, first, end)
