"""The journal of events as other processes read it, from its files: nothing is written, no lock is taken."""

from collections.abc import Mapping
from pathlib import Path

from rankd.core.errors import JournalError
from rankd.core.log.tiles import TILE_WIDTH
from rankd.core.records.body import open_body
from rankd.core.records.events import EventsRecord, decode_events
from rankd.core.records.forgetting import forgets
from rankd.store.journal.reading import JournalFiles
from rankd.usecases.erasing.published import PublishedEntries


class EventFiles:
    """The published entries of a journal of events, up to the checkpoint that it has now. For one thread at a time.

    Nothing is verified: that is for whoever holds the log's key.

    Args:
        folder: The journal's folder.

    Attributes:
        origin: The name of the log.
        count: How many entries the checkpoint covers.

    Raises:
        JournalError: There is no journal, or it cannot be read.
        LogError: Its checkpoint is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._files = JournalFiles(folder)
        self._published = PublishedEntries(self._files)
        checkpoint = self._published.checkpoint()
        self.origin, self.count = checkpoint.origin, checkpoint.size
        self._bundle: tuple[int, Mapping[int, tuple[bytes, bytes]]] = (-1, {})

    def record(self, index: int) -> bytes | None:
        """Return the bytes of an entry's record; None where it was erased, or where the entry is an erasure itself.

        Raises:
            JournalError: There is no such entry, or it cannot be read.
            RecordError: It is damaged.
        """
        if not 0 <= index < self.count:
            raise JournalError("LEAF_ABSENT", index=index, count=self.count)
        number = index // TILE_WIDTH
        if self._bundle[0] != number:
            first = number * TILE_WIDTH
            self._bundle = (number, self._files.bodies(first, min(first + TILE_WIDTH, self.count)))
        body = self._bundle[1].get(index)
        return None if body is None else open_body(*body)

    def read(self, index: int) -> EventsRecord | None:
        """Return an entry's record; None as `record`.

        Raises:
            JournalError, RecordError: As `record`.
        """
        data = self.record(index)
        return None if data is None else decode_events(data)

    def forgets(self, index: int) -> bool:
        """Tell whether an entry orders that others be forgotten before their time.

        Raises:
            JournalError, LogError, RecordError: It cannot be read.
        """
        ((_, entry),) = self._published.entries(index, index + 1)
        return forgets(entry)
