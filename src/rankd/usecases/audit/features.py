"""Features worked out again: every column that a decision says rankd counted, from the same entries of events.

It shares with the service what a declaration means, `core.features`, and nothing of how counts are kept.

Source: docs/spec/features.md, sections 5 to 8.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Literal, TypeAlias

import numpy as np

from rankd.core.errors import RankdError, RecordError
from rankd.core.features.block import COUNTER_BYTES, MAX_COUNT, Increment
from rankd.core.features.declaration import (
    EVER_BUCKET_MS,
    Affinity,
    Count,
    Declaration,
    Declared,
    Rate,
    Recency,
    Span,
)
from rankd.core.features.layout import Layout, layout_of
from rankd.core.features.reading import Given, Numbers, read_features
from rankd.core.ranking.request import Column
from rankd.core.records.decision import Decision
from rankd.core.records.erasing import SLACK_MS
from rankd.core.records.events import EventsRecord
from rankd.core.records.fault import Fault, Faults
from rankd.core.records.happened import happened_in
from rankd.core.records.recompute import Difference
from rankd.usecases.audit.verify import MAX_DIFFERING, Differing

MOST_VALUES = 10_000_000
"""So many values are counted at once at most, some two hundred bytes each."""

Open: TypeAlias = Literal["unlinked", "erased", "expired", "unpublished", "unheld", "unreadable"]
"""Why columns were not checked: nothing links the decision to a person in events; entries were erased that they may
count; a store may have let values go by its own clock; the entries are not published yet; there are more counts than
are kept here at once; the decision's record, or its model, is not there any more."""

_NOBODY = bytes(16)


@dataclass(frozen=True, slots=True)
class FeaturesReport:
    """What working the columns out again found.

    Attributes:
        decision_count: Decisions whose records say that rankd worked columns out.
        checked_count: Those of them of which all these columns were worked out again, and are the same.
        partial_count: Those of which some were, and are the same; the others are open.
        column_count: Columns that were worked out again.
        differing: Decisions in which a column is another one, up to `MAX_DIFFERING`.
        differing_count: How many there are.
        open: Why others were not checked, with how many decisions that concerns.
        faults: What else speaks against decisions.
        left_out_count: Faults that are not among them.
        unread_count: Decisions whose records say that counts could not be read, so that defaults stood.
        sent_count: Decisions for which the application sent columns that the model would have rankd work out.
        behind_count: Decisions that left out entries older than `FRESH_MS`.
    """

    decision_count: int
    checked_count: int
    partial_count: int
    column_count: int
    differing: tuple[Differing, ...]
    differing_count: int
    open: Mapping[Open, int]
    faults: tuple[Fault, ...]
    left_out_count: int
    unread_count: int
    sent_count: int
    behind_count: int

    @property
    def good(self) -> bool:
        """Whether every column that could be worked out again is the recorded one, and nothing else is wrong."""
        return not any((self.differing_count, self.faults, self.left_out_count))


FRESH_MS = 60_000
"""Counts that leave out what is older than this are behind."""


class Counts:
    """Counters of one layout, as they are after some entries.

    Args:
        most: How many values at most; beyond it everything is dropped, and `is_dropped` says so.
    """

    def __init__(self, most: int = MOST_VALUES) -> None:
        self.is_dropped = False
        self.expired_ms = 0
        self._most = most
        self._values: dict[bytes, bytearray] = {}
        self._ends: list[int] = []
        self._ending: dict[int, list[bytes]] = {}

    def add(self, increment: Increment) -> None:
        """Raise one counter."""
        if self.is_dropped:
            return
        value = self._values.get(increment.key)
        if value is None:
            value = self._begin(increment)
        at = increment.cell * COUNTER_BYTES
        if len(value) < at + COUNTER_BYTES:
            value.extend(bytes(at + COUNTER_BYTES - len(value)))
        count = int.from_bytes(value[at : at + COUNTER_BYTES], "big")
        value[at : at + COUNTER_BYTES] = min(count + 1, MAX_COUNT).to_bytes(COUNTER_BYTES, "big")

    def expire(self, now_ms: int) -> None:
        """Let go of what nobody reads from a time on."""
        while self._ends and self._ends[0] <= now_ms:
            self.expired_ms = heappop(self._ends)
            for key in self._ending.pop(self.expired_ms):
                self._values.pop(key, None)

    def read(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """Return the values under some keys."""
        found = map(self._values.get, keys)
        return [None if value is None else bytes(value) for value in found]

    def _begin(self, increment: Increment) -> bytearray:
        value = self._values[increment.key] = bytearray()
        if increment.expire_ms:
            if increment.expire_ms not in self._ending:
                heappush(self._ends, increment.expire_ms)
                self._ending[increment.expire_ms] = []
            self._ending[increment.expire_ms].append(increment.key)
        if len(self._values) > self._most:
            self.is_dropped = True
            self._values, self._ends, self._ending = {}, [], {}
        return value


@dataclass(frozen=True, slots=True)
class _Model:
    """What one model declares.

    Attributes:
        declaration: Its declaration.
        layout: What is counted for it.
    """

    declaration: Declaration
    layout: Layout


class Recount:
    """Works columns out again. Entries and decisions come in the order in which the journal of events lets them.

    Args:
        declarations: Reads what a model declares, None where it declares nothing; raises RankdError where it cannot.
        used: Surface and model of every decision that will be checked: what is to be counted.
        most: How many values are counted at once at most, for each surface and layout.
    """

    def __init__(
        self,
        declarations: Callable[[bytes], Declaration | None],
        used: Sequence[tuple[str, bytes]],
        most: int = MOST_VALUES,
    ) -> None:
        self.faults = Faults()
        self.open: Counter[Open] = Counter()
        self.checked_count = self.partial_count = self.column_count = 0
        self.differing_count = self.behind_count = 0
        self.differing: list[Differing] = []
        self._models: dict[bytes, _Model | RankdError | None] = {}
        self._counts: dict[str, dict[bytes, tuple[Layout, Counts]]] = {}
        # Of the entries so far that nobody can read, the time of the newest, by the entry that erased them.
        self._gone: dict[int, int] = {}
        for surface, digest in used:
            if digest not in self._models:
                self._models[digest] = _model(declarations, digest)
            model = self._models[digest]
            if isinstance(model, _Model):
                of_surface = self._counts.setdefault(surface, {})
                of_surface.setdefault(model.layout.digest, (model.layout, Counts(most)))

    def take(self, record: EventsRecord) -> None:
        """Count what an entry says."""
        for layout, counts in self._counts.get(record.surface, {}).values():
            for happened in happened_in(record):
                for increment in layout.increments(happened):
                    counts.add(increment)
            # A request's clock may be behind, but not by more than clocks are.
            counts.expire(record.time_ms - SLACK_MS)

    def lose(self, time_ms: int, erased_at: int) -> None:
        """Go over an entry that nobody can read: it may have counted anything until its time.

        Args:
            time_ms: Its time.
            erased_at: The entry that erased it; where none did, a number behind all entries.
        """
        self._gone[erased_at] = max(self._gone.get(erased_at, -1), time_ms)

    def forget(self, index: int) -> None:
        """Go over an entry that forgets: behind it nothing is read that counts what was erased by then.

        Source: docs/spec/log.md section 8.5.
        """
        self._gone = {at: time_ms for at, time_ms in self._gone.items() if at > index}

    def check(self, index: int, decision: Decision, viewer: bytes | None, *, is_behind: bool = False) -> None:
        """Work a decision's columns out again from what was counted so far, and compare.

        Args:
            index: Its leaf.
            decision: Its record, which says that it read so many entries.
            viewer: Who it was made for, as events name them; None where nobody can tell.
            is_behind: Whether there were older entries than `FRESH_MS` that it did not read.
        """
        model = self._models.get(decision.model_digest or b"")
        names = () if decision.features is None else decision.features.names
        if isinstance(model, RankdError):
            self.faults.note(model, index, decision.model_digest)
            self.open["unreadable"] += 1
            return
        kept = () if model is None else [declared.feature.name for declared in model.declaration.kept]
        unknown = [name for name in names if name not in kept]
        if model is None or unknown:
            error = RecordError("FEATURES_UNDECLARED", names=", ".join(unknown or names))
            self.faults.note(error, index)
            return
        layout, counts = self._counts[decision.request.surface][model.layout.digest]
        hindered = {name: self._hindrance(model.declaration, name, decision, viewer, counts) for name in names}
        wanted = [name for name, why in hindered.items() if why is None]
        self.column_count += len(wanted)
        self.behind_count += is_behind and bool(model.declaration.counted(names))
        difference = next(_differences(model.declaration, layout, counts, decision, viewer or _NOBODY, wanted), None)
        if difference is not None:
            self.differing_count += 1
            if len(self.differing) < MAX_DIFFERING:
                self.differing.append(Differing(index, difference))
        elif len(wanted) == len(names):
            self.checked_count += 1
        elif wanted:
            self.partial_count += 1
        self.open.update({why for why in hindered.values() if why is not None})

    def _hindrance(
        self, declaration: Declaration, name: str, decision: Decision, viewer: bytes | None, counts: Counts
    ) -> Open | None:
        """Return why a column cannot be worked out again; None where it can."""
        entities = declaration.counted([name])
        if not entities:
            return None
        if counts.is_dropped:
            return "unheld"
        now_ms = decision.request.request_time_ms
        spans, gone_ms = list(_spans(declaration, name)), max(self._gone.values(), default=-1)
        if any(_reaches(span, gone_ms, now_ms) for span in spans):
            return "erased"
        widths = [span.bucket_ms for span in spans if span.bucket_ms != EVER_BUCKET_MS]
        if widths and (counts.expired_ms > now_ms or decision.time_ms - now_ms >= min(widths)):
            return "expired"
        if viewer is None and any(entity.is_personal for entity in declaration.entities if entity.name in entities):
            return "unlinked"
        return None


def _model(declarations: Callable[[bytes], Declaration | None], digest: bytes) -> _Model | RankdError | None:
    try:
        declaration = declarations(digest)
    except RankdError as error:
        return error
    return None if declaration is None else _Model(declaration, layout_of(declaration))


def _spans(declaration: Declaration, name: str) -> Iterator[Span]:
    """Yield the stretches of time that a feature counts in, those of its priors included."""
    by_name: dict[str, Declared] = {declared.feature.name: declared for declared in declaration.features}
    while name:
        reading = by_name[name].reading
        if isinstance(reading, Count | Rate | Affinity | Recency):
            yield reading.span
        name = reading.prior.feature if isinstance(reading, Rate | Affinity) else ""


def _reaches(span: Span, gone_ms: int, now_ms: int) -> bool:
    """Tell whether something that happened at `gone_ms` or before may count at `now_ms`."""
    if gone_ms < 0 or span.bucket_ms == EVER_BUCKET_MS:
        return gone_ms >= 0
    return gone_ms // span.bucket_ms > now_ms // span.bucket_ms - span.bucket_count


def _differences(
    declaration: Declaration, layout: Layout, counts: Counts, decision: Decision, viewer: bytes, names: Sequence[str]
) -> Iterator[Difference]:
    """Yield the first point of each column at which it is not what the counts give."""
    if not names:
        return
    candidates = decision.request.candidates
    recorded = {column.name: column.values for column in decision.columns}
    wanted = layout.wanted(
        viewer,
        candidates.ids,
        candidates.author_ids,
        {name: recorded[name] for name in declaration.key_columns if name in recorded},
        decision.request.request_time_ms,
        declaration.counted(names),
    )
    given = Given(
        np.array([decision.request.request_time_ms], dtype=np.int64),
        candidates.create_times_ms,
        candidates.sources,
        candidates.groups,
    )
    read = read_features(declaration, wanted.cells(counts.read(wanted.keys)), given, names)
    for name, values in read.items():
        yield from _compared(Column(name, recorded[name]), values, candidates.ids)


def _compared(recorded: Column, values: Numbers, ids: Sequence[str]) -> Iterator[Difference]:
    term = f"column:{recorded.name}"
    if recorded.values.shape != values.shape:
        yield Difference("", term, f"{len(recorded.values)} rows", f"{len(values)} rows")
        return
    bits, others = (one.astype("<f4").view("<u4") for one in (recorded.values, values))
    places = np.flatnonzero(bits != others)
    if len(places):
        at = int(places[0])
        yield Difference(ids[at] if len(values) > 1 else "", term, str(recorded.values[at]), str(values[at]))
