"""The published entries of a journal, bundle by bundle, read from its own files."""

from collections.abc import Iterator

from rankd.core.errors import JournalError
from rankd.core.log.checkpoint import Checkpoint, parse_checkpoint_text
from rankd.core.log.note import parse_note
from rankd.core.log.tiles import TILE_WIDTH, decode_entries, tile_path
from rankd.core.records.leaf import EPOCH_SCHEMA, EpochLeaf, decode_leaf
from rankd.store.journal.reading import JournalFiles

_EPOCH = f'"schema":"{EPOCH_SCHEMA}"'.encode()


class PublishedEntries:
    """The entries of a journal as its owner reads them: nothing is verified. Not for use by several threads at once.

    Args:
        files: The journal.
    """

    def __init__(self, files: JournalFiles) -> None:
        self.files = files
        self._bundle: tuple[int, int, tuple[bytes, ...]] = (-1, 0, ())

    def checkpoint(self) -> Checkpoint:
        """Return what the newest checkpoint says.

        Raises:
            JournalError: There is no journal, or it cannot be read.
            LogError: The checkpoint is damaged.
        """
        return parse_checkpoint_text(parse_note(self.files.checkpoint()).text)

    def entries(self, first: int, end: int) -> Iterator[tuple[int, bytes]]:
        """Yield the entries `first` … `end` − 1 with their indexes. One bundle at a time is in memory.

        Raises:
            JournalError: They cannot be read.
            LogError: A bundle is damaged.
        """
        size = self.checkpoint().size
        for number in range(first // TILE_WIDTH, -(-min(end, size) // TILE_WIDTH)):
            base = number * TILE_WIDTH
            entries = self._read(number, min(TILE_WIDTH, size - base))
            for index in range(max(first, base), min(end, base + len(entries))):
                yield index, entries[index - base]

    def newest_epoch(self) -> EpochLeaf | None:
        """Return the last announcement of an epoch; None where there is none.

        Raises:
            JournalError: The journal cannot be read.
            LogError: A bundle is damaged.
        """
        end = self.checkpoint().size
        while end > 0:
            first = (end - 1) // TILE_WIDTH * TILE_WIDTH
            for _, entry in reversed(list(self.entries(first, end))):
                if (leaf := epoch_of(entry)) is not None:
                    return leaf
            end = first
        return None

    def _read(self, number: int, width: int) -> tuple[bytes, ...]:
        if self._bundle[:2] != (number, width):
            data = self.files.entry_bundle(number, width)
            if data is None:
                path = tile_path("entries", number, width)
                raise JournalError("JOURNAL_UNREADABLE", path=path, detail="ENOENT")
            self._bundle = (number, width, decode_entries(data, width))
        return self._bundle[2]


def epoch_of(entry: bytes) -> EpochLeaf | None:
    """Return the announcement of an epoch that an entry is; None where it is something else.

    Raises:
        RecordError: LEAF_MALFORMED.
    """
    if _EPOCH not in entry:
        return None
    leaf = decode_leaf(entry)
    return leaf if isinstance(leaf, EpochLeaf) else None
