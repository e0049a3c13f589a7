"""Finding: the decisions and the events of one person, in a data directory’s journals as far as they are published."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rankd.core.log.tiles import TILE_WIDTH
from rankd.core.records.body import open_body
from rankd.core.records.decision import Decision
from rankd.core.records.events import EventsRecord, decode_events
from rankd.core.records.reading import decode_decision
from rankd.store.evidence import DECISIONS, JournalEvidence
from rankd.store.journal.reading import PUBLIC_FOLDER, JournalFiles
from rankd.store.journal.tile_files import CHECKPOINT_FILE
from rankd.usecases.erasing.published import PublishedEntries
from rankd.usecases.privacy.person import Person
from rankd.usecases.serve.feedback.event_log import EVENTS

_AT_ONCE = 65_536

Progress = Callable[[str, int, int], None]
"""Told which journal is looked through, how far, and how long it is."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How much of a journal could be looked through.

    Attributes:
        origin: The name of the log; "" where there is no journal.
        size: Entries that the newest checkpoint covers.
        unpublished_count: Entries that it does not cover yet.
        erased_count: Entries whose body was erased, whoever's it was.
    """

    origin: str
    size: int
    unpublished_count: int
    erased_count: int


def has_events(data_dir: Path) -> bool:
    """Tell whether a data directory has a journal of events."""
    return (data_dir / EVENTS / PUBLIC_FOLDER / CHECKPOINT_FILE).exists()


class Journals:
    """The journals of decisions and of events of a data directory, looked through for one person; nothing is written.

    Args:
        data_dir: The data directory. A service may be running there.
        progress: Told how far it has come.
    """

    def __init__(self, data_dir: Path, progress: Progress = lambda *_: None) -> None:
        self._data_dir = data_dir
        self._progress = progress

    def decisions(self, person: Person) -> Iterator[tuple[int, Decision]]:
        """Yield a person's decisions whose bodies are there, with their indexes.

        Raises:
            JournalError: There is no journal, or it cannot be read.
            LogError, RecordError: It is damaged.
        """
        pattern = person.decisions_pattern
        if pattern is None:
            return
        names = frozenset(person.pseudonyms.values())
        for index, record in self._records(DECISIONS):
            # Reading a record strictly takes ten milliseconds; looking for a word in it takes microseconds.
            if pattern.search(record) is not None:
                decision = decode_decision(record)
                if decision.request.viewer_id in names:
                    yield index, decision

    def events(self, person: Person) -> Iterator[tuple[int, EventsRecord]]:
        """Yield a person's entries of events whose bodies are there, with their indexes; raises as `decisions`."""
        if person.feature_viewer is None or not has_events(self._data_dir):
            return
        name = person.feature_viewer.hex().encode()
        for index, data in self._records(EVENTS):
            if name in data:
                record = decode_events(data)
                if record.viewer == person.feature_viewer:
                    yield index, record

    def reach(self, name: str) -> Reach:
        """Return how much of a journal can be looked through; raises as `decisions`.

        Args:
            name: `DECISIONS` or `EVENTS`.
        """
        if name == EVENTS and not has_events(self._data_dir):
            return Reach("", 0, 0, 0)
        evidence = JournalEvidence(self._data_dir, name)
        files, size = JournalFiles(self._data_dir / name), evidence.size
        erased = sum(len(files.erased(first, min(first + _AT_ONCE, size))) for first in range(0, size, _AT_ONCE))
        return Reach(evidence.origin, size, evidence.unpublished_count, erased)

    def _records(self, name: str) -> Iterator[tuple[int, bytes]]:
        files = JournalFiles(self._data_dir / name)
        size = PublishedEntries(files).checkpoint().size
        for first in range(0, size, TILE_WIDTH):
            end = min(first + TILE_WIDTH, size)
            for index, (key, sealed) in files.bodies(first, end).items():
                yield index, open_body(key, sealed)
            self._progress(name, end, size)
