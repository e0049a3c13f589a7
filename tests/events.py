"""A small journal of events in memory, and what is counted of it."""

import threading
from collections.abc import Mapping, Sequence

from rankd.core.errors import RankdError
from rankd.core.features.declaration import Declaration
from rankd.core.features.layout import Layout, layout_of
from rankd.core.features.reader import read_declaration
from rankd.core.records.events import Event, EventsRecord, ShownCandidate
from rankd.core.records.happened import happened_in

_DECLARATION = """\
schema: rankd.features/1
entities:
  item: [item]
  viewer_author: [viewer, author]
features:
  item_clicks:
    meaning: {fr: "Clics", en: "Clicks"}
    unit: count
    default: "0"
    nullable: "no"
    profiling: "no"
    count: {of: item, event: click, within: ever}
  item_shown:
    meaning: {fr: "Affichages", en: "Showings"}
    unit: count
    default: "0"
    nullable: "no"
    profiling: "no"
    count: {of: item, event: shown, within: 7d}
  author_clicks:
    meaning: {fr: "Clics sur l’auteur", en: "Clicks on the author"}
    unit: count
    default: "0"
    nullable: "no"
    profiling: "yes"
    count: {of: viewer_author, event: click, within: ever}
"""


def declaration() -> Declaration:
    """Return what is counted."""
    return read_declaration(_DECLARATION.encode(), "FEATURES.yaml")


def layout() -> Layout:
    """Return how it is counted."""
    return layout_of(declaration())


def record(number: int, *, surface: str = "video", time_ms: int = 1_800_000_000_000) -> EventsRecord:
    """Return the record of one person who was shown two posts and clicked one."""
    seen, clicked = f"p{number % 7}", f"p{number % 5}"
    shown = {name: ShownCandidate(f"a{number % 3}", place, {}) for place, name in enumerate((seen, clicked), start=1)}
    events = [Event("", "shown", name, time_ms) for name in shown]
    events.append(Event(f"e{number}", "click", clicked, time_ms))
    return EventsRecord(surface, bytes([number % 11]) * 16, number, "feed", time_ms, shown, tuple(events))


class MemoryLog:
    """An `EventSource` in memory.

    Attributes:
        fault: What reading raises; None: nothing.
        reads: Which entries were read.
    """

    def __init__(self, records: Sequence[EventsRecord | None] = ()) -> None:
        self.fault: RankdError | None = None
        self.reads: list[int] = []
        self._records = list(records)
        self._forgetting: set[int] = set()
        self._lock = threading.Lock()

    @property
    def count(self) -> int:
        with self._lock:
            return len(self._records)

    def read(self, index: int) -> EventsRecord | None:
        self.reads.append(index)
        if self.fault is not None:
            raise self.fault
        return self._records[index]

    def forgets(self, index: int) -> bool:
        if self.fault is not None:
            raise self.fault
        return index in self._forgetting

    def append(self, *records: EventsRecord | None) -> int:
        with self._lock:
            self._records.extend(records)
            return len(self._records)

    def erase(self, index: int, *, forgets: bool = False) -> int:
        """Erase an entry's body, and add the entry that says so; return how many there are then."""
        with self._lock:
            self._records[index] = None
            if forgets:
                self._forgetting.add(len(self._records))
            self._records.append(None)
            return len(self._records)

    def cut(self, count: int) -> None:
        """Go back to a shorter journal, as nobody should."""
        with self._lock:
            del self._records[count:]

    def counted(self, layout: Layout, count: int | None = None, surface: str | None = None) -> Mapping[bytes, bytes]:
        """Return the values after the first `count` entries, counted in the plainest way."""
        cells: dict[bytes, dict[int, int]] = {}
        for found in self._records[:count]:
            if found is None or surface not in (None, found.surface):
                continue
            for happened in happened_in(found):
                for increment in layout.increments(happened):
                    value = cells.setdefault(increment.key, {})
                    value[increment.cell] = value.get(increment.cell, 0) + 1
        return {
            key: b"".join(value.get(cell, 0).to_bytes(4, "big") for cell in range(max(value) + 1))
            for key, value in cells.items()
        }
