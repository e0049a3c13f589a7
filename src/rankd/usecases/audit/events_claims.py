"""What events claim, against the decisions that they are tied to: who, what, where and when, and each thing once."""

from array import array
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import TypeAlias

import numpy as np

from rankd.core.errors import RankdError, RecordError
from rankd.core.features.kinds import KINDS, SHOWN
from rankd.core.features.wanted import whole_number
from rankd.core.ranking.exploration import exchange
from rankd.core.records.decision import Decision
from rankd.core.records.events import EventsRecord, ShownCandidate
from rankd.core.records.fault import Faults
from rankd.core.records.pseudonym import pseudonym_period
from rankd.usecases.audit.decided import Decided
from rankd.usecases.audit.events_journal import EventsJournal

MOST_PLACES = 200_000
"""So many shown places are kept at hand at most, about a kilobyte each; others are read again."""

_KIND_NUMBERS = {kind: number for number, kind in enumerate(KINDS)}


class Viewers:
    """Which name in decisions is which name in events, as far as any event says both.

    Within one period everybody has one name in each, so two that one name leads to are a contradiction.

    Args:
        decided: The decisions.
        journal: The events, read.
        faults: Takes what contradicts.
    """

    def __init__(self, decided: Decided, journal: EventsJournal, faults: Faults) -> None:
        self._decided = decided
        self._names = journal.viewers
        self._of: dict[int, int] = {}
        self._doubtful: set[int] = set()
        periods = [pseudonym_period(text) for text in decided.pseudonyms]
        back: dict[tuple[int | None, int], int] = {}
        # Decisions whose record is gone are still one person's each.
        alone: dict[int, int] = {}
        for index, decision, viewer in journal.links():
            place = decided.find(decision)
            name = None if place is None else decided.name(place)
            if name is None:
                agrees = alone.setdefault(decision, viewer) == viewer
            else:
                other = back.setdefault((periods[name], viewer), name)
                agrees = self._of.setdefault(name, viewer) == viewer and other == name
                if not agrees:
                    self._doubtful.update((name, other))
            if not agrees:
                faults.note(RecordError("EVENTS_VIEWER", decision=decision), index)

    def of(self, place: int) -> bytes | None:
        """Return the name in events of whom a decision was made for; None where nothing says it, or not alike."""
        name = self._decided.name(place)
        if name is None or name not in self._of or name in self._doubtful:
            return None
        return self._names[self._of[name]]


Slate: TypeAlias = Mapping[str, ShownCandidate]
"""What one decision showed, by id, with the whole numbers of all columns that events may carry along."""


class Claims:
    """Holds records of events against decisions, and against each other. It keeps eighteen bytes for each event.

    Args:
        decided: The decisions.
        read: Reads one of them.
        key_columns: For each surface, the columns that parts of entities can be: those of each model that it had.
        faults: Takes what speaks against an entry.
        size: How many entries of the journal of decisions are judged.
        decision_count: How many entries the journal of decisions has, those that are not judged included.
    """

    def __init__(
        self,
        decided: Decided,
        read: Callable[[int], Decision],
        key_columns: Callable[[str], Sequence[frozenset[str]]],
        faults: Faults,
        size: int,
        decision_count: Callable[[], int],
    ) -> None:
        self.event_count = self.unjudged_count = self.erased_count = 0
        self._decided, self._read, self._key_columns = decided, read, key_columns
        self._faults, self._size, self._decision_count = faults, size, decision_count
        self._slates: OrderedDict[int, Slate | None] = OrderedDict()
        self._place_count = 0
        self._things, self._entries = array("Q"), array("q")
        self._kinds, self._excused = bytearray(), bytearray()
        # The newest of the entries so far that nobody can read.
        self._gone_ms = -1

    def remember(self, place: int, decision: Decision) -> None:
        """Keep what a decision showed: it is at hand, and events of it follow."""
        self._put(place, self._slate_of(decision))

    def lose(self, time_ms: int) -> None:
        """Go over an entry that nobody can read."""
        self._gone_ms = max(self._gone_ms, time_ms)

    def take(self, index: int, record: EventsRecord) -> None:
        """Judge one entry, after all that precede it."""
        self.event_count += len(record.events)
        place = self._decided.find(record.decision)
        if place is None:
            if record.decision < self._size or record.decision >= self._decision_count():
                self._fault("EVENTS_DECISION", index, decision=record.decision)
            else:
                self.unjudged_count += len(record.events)
            return
        decided_ms = self._decided.time_ms(place)
        self._note_each(index, record, decided_ms)
        first_ms = min(record.time_ms, *(event.time_ms for event in record.events))
        if first_ms < decided_ms:
            self._fault("EVENTS_TIME", index, decision=record.decision, found_ms=first_ms, first_ms=decided_ms)
        if record.surface != (surface := self._decided.surface(place)):
            self._differ(index, record, "surface", record.surface, surface)
        slate = self._slate(place)
        if slate is None:
            self.erased_count += len(record.events)
        else:
            self._judge(index, record, slate)

    def settle(self) -> None:
        """Say what counts twice, and what counts before it was shown; call it behind the last entry."""
        things = np.frombuffer(self._things, dtype=np.uint64)
        kinds = np.frombuffer(bytes(self._kinds), dtype=np.uint8)
        excused = np.frombuffer(bytes(self._excused), dtype=np.bool_)
        order = np.argsort(things, kind="stable")
        is_first = np.ones(len(order), dtype=np.bool_)
        is_first[1:] = things[order][1:] != things[order][:-1]
        heads = order[is_first]
        for at in np.sort(heads[(kinds[heads] != _KIND_NUMBERS[SHOWN]) & ~excused[heads]]).tolist():
            self._fault("EVENTS_UNSHOWN", self._entries[at], event=KINDS[kinds[at]])
        order = np.lexsort((np.arange(len(things)), kinds, things))
        same = (things[order][1:] == things[order][:-1]) & (kinds[order][1:] == kinds[order][:-1])
        for at in np.sort(order[1:][same]).tolist():
            self._fault("EVENTS_TWICE", self._entries[at], event=KINDS[kinds[at]])

    def _note_each(self, index: int, record: EventsRecord, decided_ms: int) -> None:
        prefix = b"%d\0" % record.decision
        # What cannot be read any more may have held the impression.
        excused = self._gone_ms >= decided_ms
        for event in record.events:
            digest = blake2b(prefix + event.candidate.encode(), digest_size=8).digest()
            self._things.append(int.from_bytes(digest, "big"))
            self._kinds.append(_KIND_NUMBERS[event.kind])
            self._excused.append(excused)
            self._entries.append(index)

    def _judge(self, index: int, record: EventsRecord, slate: Slate) -> None:
        keys = self._key_columns(record.surface)
        for candidate, found in record.shown.items():
            wanted = slate.get(candidate)
            if wanted is None:
                self._fault("EVENTS_NOT_SHOWN", index, decision=record.decision, candidate=candidate)
                continue
            if found.author != wanted.author:
                self._differ(index, record, f"{candidate}.author", found.author, wanted.author)
            if found.place != wanted.place:
                self._differ(index, record, f"{candidate}.place", found.place, wanted.place)
            # Which columns events carry along follows from the model that was served when they were reported.
            possible = [{name: number for name, number in wanted.columns.items() if name in names} for names in keys]
            if found.columns not in possible:
                likely = max(possible, key=lambda one: len(one.items() & found.columns.items()), default={})
                self._differ(index, record, f"{candidate}.columns", dict(found.columns), likely)

    def _slate(self, place: int) -> Slate | None:
        """Return what a decision showed; None where its record is gone."""
        if place not in self._slates:
            try:
                self.remember(place, self._read(place))
            except RankdError:
                self._put(place, None)
        else:
            self._slates.move_to_end(place)
        return self._slates[place]

    def _put(self, place: int, slate: Slate | None) -> None:
        if place in self._slates:
            self._place_count -= _weight(self._slates.pop(place))
        self._slates[place] = slate
        self._place_count += _weight(slate)
        while self._place_count > MOST_PLACES and len(self._slates) > 1:
            self._place_count -= _weight(self._slates.popitem(last=False)[1])

    def _slate_of(self, decision: Decision) -> Slate:
        request = decision.request
        asked = frozenset().union(*self._key_columns(request.surface))
        columns = {column.name: column.values for column in decision.columns if column.name in asked}
        candidates: dict[str, ShownCandidate] = {}
        slate = exchange(decision.order, decision.exploration.pair)[: request.limit]
        for place, at in enumerate(slate, start=1):
            numbers = {
                name: whole_number(float(values[at if len(values) > 1 else 0])) for name, values in columns.items()
            }
            known = {name: number for name, number in numbers.items() if number is not None}
            candidates[request.candidates.ids[at]] = ShownCandidate(request.candidates.author_ids[at], place, known)
        return candidates

    def _differ(self, index: int, record: EventsRecord, field: str, found: object, wanted: object) -> None:
        self._fault("EVENTS_SHOWN_DIFFERS", index, decision=record.decision, field=field, found=found, wanted=wanted)

    def _fault(self, reason: str, index: int, **metadata: object) -> None:
        self._faults.note(RecordError(reason, **metadata), index)


def _weight(slate: Slate | None) -> int:
    # A decision that showed nothing is kept somewhere too.
    return 1 if slate is None else len(slate) + 1
