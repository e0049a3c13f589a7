"""The loop: what rankd showed and what came of it, from its own two journals, joined by decision.

Rows are the candidates about which there are events: the decision says what was known of each, the events what came.
A decision or an entry of events whose body was erased is left out, and counted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from rankd.core.errors import JournalError
from rankd.core.features.declaration import Declaration, Sent
from rankd.core.features.kinds import KINDS
from rankd.core.log.tiles import TILE_WIDTH, decode_entries
from rankd.core.objectives import OBJECTIVES
from rankd.core.records.body import open_body
from rankd.core.records.commitment import commitment
from rankd.core.records.decision import FEATURES_UNAVAILABLE, Decision
from rankd.core.records.events import EventsRecord, decode_events
from rankd.core.records.events_leaf import EventsLeaf, decode_events_leaf
from rankd.core.records.leaf import DecisionLeaf, decode_leaf
from rankd.core.records.reading import decode_decision
from rankd.store.archive import Archive
from rankd.store.evidence import DECISIONS, JournalEvidence
from rankd.store.evidence import EVENTS as EVENTS
from rankd.usecases.learn.history import (
    UNKNOWN,
    UNKNOWN_NUMBER,
    Events,
    History,
    Int64s,
    Rows,
)
from rankd.usecases.learn.recorded import Recorded, same_words
from rankd.usecases.learn.refusal import LearnError


@dataclass(slots=True)
class _Names:
    """Words as numbers, in the order in which they come."""

    known: dict[str, int] = field(default_factory=dict)

    def number(self, word: str) -> int:
        return self.known.setdefault(word, len(self.known))


@dataclass(slots=True)
class _Gathered:
    viewers: _Names = field(default_factory=_Names)
    items: _Names = field(default_factory=_Names)
    authors: _Names = field(default_factory=_Names)
    events: list[tuple[int, int, int, int, int, int]] = field(default_factory=list)
    columns: list[Mapping[str, int]] = field(default_factory=list)
    slates: dict[int, dict[str, set[str]]] = field(default_factory=dict)
    places: dict[tuple[int, str], int] = field(default_factory=dict)
    people: dict[int, str] = field(default_factory=dict)
    times_ms: list[int] = field(default_factory=list)

    def author(self, name: str) -> int:
        return self.authors.number(name) if name else UNKNOWN

    def take(self, index: int, record: EventsRecord) -> None:
        """Take one entry of the events journal."""
        viewer = record.viewer.hex()
        self.people[record.decision] = viewer
        slate = self.slates.setdefault(record.decision, {})
        for event in record.events:
            shown = record.shown[event.candidate]
            self.events.append(
                (
                    KINDS.index(event.kind),
                    self.viewers.number(viewer),
                    self.items.number(event.candidate),
                    self.author(shown.author),
                    event.time_ms,
                    index,
                )
            )
            self.columns.append(shown.columns)
            self.places[record.decision, event.candidate] = shown.place
            slate.setdefault(event.candidate, set()).add(event.kind)


def read_loop(data_dir: Path, declaration: Declaration, surface: str) -> tuple[History, Recorded]:
    """Read what a service showed on a surface, and what people did.

    The journals are read up to their newest checkpoints; a service may be writing there.

    Args:
        data_dir: The service's data directory.
        declaration: Says which sent columns are wanted, and by which words recorded columns are taken.
        surface: The surface.

    Returns:
        The history, and what the decisions recorded.

    Raises:
        LearnError: There is nothing to learn from.
        RankdError: A journal is not there, or cannot be read.
    """
    gathered, skipped = _Gathered(), 0
    journal = JournalEvidence(data_dir, EVENTS)
    for index, data in _records(journal):
        leaf = decode_events_leaf(data.leaf)
        gathered.times_ms.append(leaf.time_ms if isinstance(leaf, EventsLeaf) else 0)
        if not isinstance(leaf, EventsLeaf):
            continue
        if data.body is None:
            skipped += 1
            continue
        record = decode_events(_opened(leaf.commitment, data.body))
        if record.surface == surface:
            gathered.take(index, record)
    rows, erased = _rows(data_dir, declaration, gathered)
    if not len(rows.rows):
        raise LearnError("DATA_LOOP_EMPTY", surface=surface, folder=data_dir)
    facts = {"rows": len(rows.rows), "erased_decisions": erased, "erased_events": skipped}
    history = History(
        viewers=tuple(gathered.viewers.known),
        items=tuple(gathered.items.known),
        authors=tuple(gathered.authors.known),
        rows=rows.rows,
        events=_events(gathered, declaration),
        facts=facts,
    )
    return history, rows.recorded


@dataclass(frozen=True, slots=True)
class _Entry:
    leaf: bytes
    body: tuple[bytes, bytes] | None


def _records(journal: JournalEvidence) -> Iterator[tuple[int, _Entry]]:
    """Yield every published entry of a journal with its body, None where that was erased."""
    for number in journal.numbers:
        width = min(journal.end - number * TILE_WIDTH, TILE_WIDTH)
        data = journal.entry_bundle(number, width)
        if data is None:
            raise JournalError("JOURNAL_DAMAGED", folder=journal.origin, detail=f"entries {number}")
        bodies = journal.bodies(number)
        for at, leaf in enumerate(decode_entries(data, width)):
            index = number * TILE_WIDTH + at
            yield index, _Entry(leaf, bodies.get(index))


def _opened(wanted: bytes, body: tuple[bytes, bytes]) -> bytes:
    key, sealed = body
    record = open_body(key, sealed)
    if commitment(key, record) != wanted:
        raise LearnError("DATA_RECORD_DIFFERS")
    return record


def _events(gathered: _Gathered, declaration: Declaration) -> Events:
    table: Int64s = np.array(gathered.events, dtype=np.int64).reshape(-1, 6)
    columns = {
        name: np.array([found.get(name, UNKNOWN_NUMBER) for found in gathered.columns], dtype=np.int64)
        for name in declaration.key_columns
    }
    kinds, viewers, items, authors, times_ms, visible_at = (np.ascontiguousarray(table[:, at]) for at in range(6))
    return Events(kinds, viewers, items, authors, times_ms, visible_at, columns)


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    rows: Rows
    recorded: Recorded


@dataclass(slots=True)
class _Column:
    values: list[float] = field(default_factory=list)
    is_read: list[bool] = field(default_factory=list)
    is_sent: list[bool] = field(default_factory=list)


def _rows(data_dir: Path, declaration: Declaration, gathered: _Gathered) -> tuple[_Read, int]:
    journal, archive = JournalEvidence(data_dir, DECISIONS), Archive(data_dir)
    entry_times = np.maximum.accumulate(np.array(gathered.times_ms or [0], dtype=np.int64))
    numbers: list[tuple[int, ...]] = []
    sources: list[str] = []
    groups: list[tuple[str, ...]] = []
    outcomes: list[list[int]] = []
    columns = {declared.feature.name: _Column() for declared in declaration.features}
    sent = {entry.feature.name for entry in declaration.features if isinstance(entry.reading, Sent)}
    words: dict[bytes, frozenset[str]] = {}
    erased = 0
    for index, entry in _records(journal):
        leaf = decode_leaf(entry.leaf)
        if index not in gathered.slates or not isinstance(leaf, DecisionLeaf):
            continue
        if entry.body is None:
            erased += 1
            continue
        decision = decode_decision(_opened(leaf.commitment, entry.body))
        at = _seen(decision, entry_times)
        same = same_words(archive, decision, declaration, words)
        values = {column.name: column.values for column in decision.columns}
        brought = {column.name for column in decision.sent_columns}
        candidates, own = decision.request.candidates, decision.features
        place_of = {id_: number for number, id_ in enumerate(candidates.ids)}
        # In the order of the places: the same whatever order the events came in.
        for item in sorted(gathered.slates[index], key=lambda one: (gathered.places[index, one], one)):
            kinds = gathered.slates[index][item]
            row = place_of[item]
            numbers.append(
                (
                    gathered.viewers.number(gathered.people[index]),
                    gathered.items.number(item),
                    gathered.author(candidates.author_ids[row]),
                    decision.request.request_time_ms,
                    at,
                    index,
                    gathered.places[index, item],
                    int(candidates.create_times_ms[row]),
                )
            )
            sources.append(candidates.sources[row])
            groups.append(tuple(candidates.groups[row]))
            outcomes.append([int(objective in kinds) for objective in OBJECTIVES])
            for name, column in columns.items():
                held = values.get(name)
                # A default that stands for a sent column is what the service counted under, too.
                column.values.append(float("nan") if held is None else float(held[row if len(held) > 1 else 0]))
                column.is_read.append(own is not None and name in own.names and name in same)
                column.is_sent.append(name in brought)
    table = np.array(numbers, dtype=np.int64).reshape(-1, 8)
    viewers, items, authors, times_ms, seen, slates, places, created = (
        np.ascontiguousarray(table[:, at]) for at in range(8)
    )
    read = {name: np.array(column.values, dtype=np.float32) for name, column in columns.items()}
    rows = Rows(
        viewers=viewers,
        items=items,
        authors=authors,
        times_ms=times_ms,
        at=seen,
        slates=slates,
        places=places,
        create_times_ms=created,
        columns={name: read[name] for name in columns if name in sent},
        outcomes=np.array(outcomes, dtype=np.int8).reshape(-1, len(OBJECTIVES)),
        objectives=OBJECTIVES,
        sources=tuple(sources),
        groups=tuple(groups),
    )
    kept = {name: column for name, column in columns.items() if name not in sent}
    recorded = Recorded(
        {name: read[name] for name in kept},
        {name: np.array(column.is_read, dtype=np.bool_) for name, column in kept.items()},
        {name: np.array(column.is_sent, dtype=np.bool_) for name, column in kept.items()},
    )
    order = np.lexsort((rows.places, rows.slates, rows.times_ms))
    return _Read(rows.take(order), recorded.take(order)), erased


def _seen(decision: Decision, entry_times: Int64s) -> int:
    """Return how many entries of the events journal a decision's reads reflected, or would have."""
    unread = any(entry.reason == FEATURES_UNAVAILABLE for entry in decision.degraded)
    if decision.features is not None and not unread:
        return decision.features.entry_count
    return int(np.searchsorted(entry_times, decision.time_ms))
