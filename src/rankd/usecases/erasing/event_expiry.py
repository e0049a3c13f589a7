"""Expiry of events: which bodies of a journal of events are older than they are to be kept."""

from collections.abc import Iterator
from typing import TypeAlias

from rankd.core.log.tiles import TILE_WIDTH
from rankd.core.records.erasure import MAX_RANGES
from rankd.core.records.events_leaf import EventsLeaf, decode_events_leaf
from rankd.store.journal.reading import JournalFiles
from rankd.usecases.erasing.published import PublishedEntries

Ranges: TypeAlias = tuple[tuple[int, int], ...]


class EventExpiry:
    """Finds the bodies of a journal of events whose time is over.

    Entries stand in the order of their times, but for a clock that was set back: one whose time is over goes when those
    before it go, at the latest. A start looks through the leaves of everything that was ever erased, once.

    Args:
        files: The journal, as far as it is published.
        keep_ms: How long bodies are kept.
    """

    def __init__(self, files: JournalFiles, keep_ms: int) -> None:
        self._published = PublishedEntries(files)
        self._keep_ms = keep_ms
        # No body is left before this entry.
        self._first = 0

    def due(self, now_ms: int) -> Iterator[Ranges]:
        """Yield the leaves whose bodies are due, at most `MAX_RANGES` ranges of neighbours at a time, in order.

        Whoever asks for the next ones says that those before are erased for good.

        Args:
            now_ms: The time, milliseconds since 1970.

        Raises:
            JournalError: The journal cannot be read.
            LogError, RecordError: What is published is damaged.
        """
        size = self._published.checkpoint().size
        ranges: list[tuple[int, int]] = []
        end = self._first
        for end in self._due(size, now_ms):
            if ranges and ranges[-1][1] == end - 1:
                ranges[-1] = (ranges[-1][0], end)
                continue
            if len(ranges) == MAX_RANGES:
                yield tuple(ranges)
                ranges.clear()
            ranges.append((end, end))
        if ranges:
            yield tuple(ranges)
            self._first = end + 1

    def _due(self, size: int, now_ms: int) -> Iterator[int]:
        erased: frozenset[int] = frozenset()
        for index, entry in self._published.entries(self._first, size):
            if index % TILE_WIDTH == 0 or index == self._first:
                erased = self._published.files.erased(index, min(index - index % TILE_WIDTH + TILE_WIDTH, size))
            if index in erased:
                continue
            leaf = decode_events_leaf(entry)
            if isinstance(leaf, EventsLeaf):
                if leaf.time_ms + self._keep_ms > now_ms:
                    return
                yield index
