"""Feedback: from what a caller reports of people to events that are committed, each once.

Source: docs/spec/events.md.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rankd.core.errors import JournalError, RankdError, RecordError, RequestError, ServiceError
from rankd.core.features.kinds import KINDS, SHOWN
from rankd.core.ranking.admission import check_id
from rankd.core.records.events import Event, EventsRecord, encode_events
from rankd.core.records.feature_viewer import feature_viewer
from rankd.core.records.pseudonym import pseudonym, pseudonym_period
from rankd.core.words.reasons.reason import Kind
from rankd.store.event_index import EventIndex, Indexed, event_mark, event_name
from rankd.store.pseudonyms import PseudonymBook
from rankd.usecases.serve.decisions import DecisionJournal
from rankd.usecases.serve.feedback.event_ledger import EventLedger, NewRecord
from rankd.usecases.serve.feedback.event_log import EventLog
from rankd.usecases.serve.feedback.shown import Shown, ShownBook

Status: TypeAlias = Literal["ACCEPTED", "DUPLICATE", "REFUSED"]
"""It is committed and counts; it, or what it says, was counted before; it does not count, as the error says."""

# What the caller is at fault for, or what no repetition mends; for the rest the whole call is to be repeated.
_REFUSED_KINDS = frozenset({Kind.INVALID, Kind.MISSING, Kind.DATA_LOSS})
_INDEX_MARGIN_MS = 86_400_000
_MOST_EVENTS_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Sent:
    """One event as a caller reports it.

    Attributes:
        id: The caller's own identifier of it, by which a repeated report is known again.
        kind: One of `core.features.kinds.KINDS`, or what the caller sent in its place.
        candidate_id: What it is about.
        time_ms: When it happened by the caller's clock, milliseconds since 1970; None: when it is recorded.
    """

    id: str
    kind: str
    candidate_id: str
    time_ms: int | None


@dataclass(frozen=True, slots=True)
class Feedback:
    """What one viewer did with one answer.

    Attributes:
        viewer_id: The viewer, as in the request that was answered.
        token: The answer's feedback token.
        events: In the order in which they happened, as far as the caller knows it.
    """

    viewer_id: str
    token: bytes
    events: tuple[Sent, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one event.

    Attributes:
        status: See `Status`.
        error: Why it was refused; None where it was not.
    """

    status: Status
    error: RankdError | None = None


@dataclass(frozen=True, slots=True)
class FeedbackTerms:
    """What feedback is taken.

    Attributes:
        window_ms: How long after a decision.
        max_skew_ms: How far the caller's clock may be from the server's.
    """

    window_ms: int = 7 * 86_400_000
    max_skew_ms: int = 300_000


_ACCEPTED, _DUPLICATE = Outcome("ACCEPTED"), Outcome("DUPLICATE")


@dataclass(frozen=True, slots=True)
class _Open:
    """An event that nothing speaks against so far, with all that the index asks.

    Attributes:
        event: The event.
        mark: Of what happened.
        impression: The mark of the impression that it implies.
        name: Of its id.
    """

    event: Event
    mark: bytes
    impression: bytes
    name: bytes


_Counted: TypeAlias = tuple[tuple[Event, Indexed], ...]
"""An event that counts, behind the impression that follows from it where that is the first of its candidate."""


@dataclass(slots=True)
class _Part:
    """One feedback on its way: what stands behind it, and the fate of each event as far as it is known.

    Attributes:
        caller: Who reports it.
        decision: Index of the decision.
        shown: What that showed; None where all is refused.
        viewer: The feature viewer.
        time_ms: The time of a record of it.
        events: The events that are open, None in the place of others.
        outcomes: Each event's outcome; None where it is open.
    """

    caller: str
    decision: int
    shown: Shown | None
    viewer: bytes
    time_ms: int
    events: list[_Open | None]
    outcomes: list[Outcome | None]

    def refuse(self, error: RankdError) -> None:
        """Refuse what is open."""
        self.outcomes = [outcome or Outcome("REFUSED", error) for outcome in self.outcomes]
        self.events = [None] * len(self.events)


@dataclass(frozen=True, slots=True)
class _Known:
    """What one call read already.

    Attributes:
        keys: The keys of pseudonyms by period; None: destroyed.
        shown: What decisions showed.
    """

    keys: dict[int, bytes | None]
    shown: dict[int, Shown]


@dataclass(slots=True)
class _Call:
    """One call that waits for its turn."""

    now_ms: int
    parts: list[_Part]
    is_settled: bool = False
    failure: RankdError | None = None

    @property
    def size(self) -> int:
        return sum(len(part.events) for part in self.parts)


class Recorder:
    """Records feedback. Safe to call from many threads at once.

    Calls are examined side by side. Then whoever comes to its turn settles everything that waits, in the order in which
    it came, with one look at the index and one commit: an event that two calls bring at the same time counts once, and
    many callers share a sync. Nothing that says an event is counted changes before the journal holds it.

    Args:
        decisions: The journal of decisions, which gave out the tokens.
        events: The log of events; nobody else appends records to it.
        index: Its index, caught up here.
        shown: What decisions showed.
        viewers: The keys of pseudonyms.
        feature_key: The key of feature viewers, 32 bytes.
        terms: What feedback is taken.
        now_ms: The server's clock, milliseconds since 1970.
        committed: Told how many entries the log has, after a commit and before the answer, by a thread that records: it
            must be quick and must not raise.

    Raises:
        RankdError: The log cannot be read, or its index not be made.
    """

    def __init__(
        self,
        decisions: DecisionJournal,
        events: EventLog,
        index: EventIndex,
        shown: ShownBook,
        viewers: PseudonymBook,
        feature_key: bytes,
        terms: FeedbackTerms = FeedbackTerms(),
        *,
        now_ms: int,
        committed: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._decisions = decisions
        self._shown = shown
        self._viewers = viewers
        self._feature_key = feature_key
        self._terms = terms
        self._committed = committed
        self._ledger = EventLedger(events, index, terms.window_ms + _INDEX_MARGIN_MS, now_ms)
        self._waiting: deque[_Call] = deque()
        self._turn = threading.Lock()

    def record(
        self,
        feedback: Sequence[Feedback],
        caller: str,
        now_ms: int,
        time_left_s: Callable[[], float] = lambda: float("inf"),
    ) -> tuple[tuple[Outcome, ...], ...]:
        """Record what is new in feedback. When this returns, every accepted event survives a crash of the machine.

        Args:
            feedback: What people did.
            caller: Identity of the caller, to whom the events' ids belong.
            now_ms: The server's clock, milliseconds since 1970.
            time_left_s: How long the caller still waits. Once that is over nothing more is looked at, and nothing is
                recorded; what was read is at hand for whoever repeats the call.

        Returns:
            For each feedback, each event's outcome.

        Raises:
            ServiceError: RECORDS_UNAVAILABLE, DEADLINE_EXCEEDED, or a key cannot be read: nothing is acknowledged. The
                same call may be repeated as it is.
            JournalError: JOURNAL_UNREADABLE; likewise.
        """
        known = _Known({}, {})
        call = _Call(now_ms, [])
        for one in feedback:
            # A record of 1,500 candidates takes ten milliseconds to read, and hundreds may have to be.
            if time_left_s() <= 0:
                raise ServiceError("DEADLINE_EXCEEDED")
            call.parts.append(self._examined(one, caller, known, now_ms))
        self._waiting.append(call)
        with self._turn:
            while not call.is_settled:
                self._settle(self._next())
        if call.failure is not None:
            raise call.failure
        return tuple(tuple(outcome for outcome in part.outcomes if outcome) for part in call.parts)

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Keep everything from being recorded meanwhile.

        Feedback about a decision that is erased by then is refused afterwards: whoever erases a person's decisions
        first, and then looks for their events in here, finds all of them.
        """
        with self._turn:
            yield

    def catch_up(self, now_ms: int) -> None:
        """Have the index let go of what the journal erased meanwhile; otherwise it does with the next feedback.

        Args:
            now_ms: The server's clock, milliseconds since 1970.

        Raises:
            ServiceError: RECORDS_UNAVAILABLE: the index cannot be written.
            JournalError, RecordError: An entry cannot be read.
        """
        with self._turn:
            self._ledger.catch_up(now_ms)

    def _examined(self, feedback: Feedback, caller: str, known: _Known, now_ms: int) -> _Part:
        """Look at everything that does not depend on what was recorded before."""
        count = len(feedback.events)
        part = _Part(caller, -1, None, b"", now_ms, [None] * count, [None] * count)
        try:
            part.decision = self._decisions.index_by(feedback.token)
            check_id(feedback.viewer_id, "viewer_id")
            part.shown = self._shown_to(feedback.viewer_id, part.decision, known)
            if part.shown.time_ms < now_ms - self._terms.window_ms:
                raise _too_late(part.decision, now_ms - self._terms.window_ms)
        except RankdError as error:
            if error.kind not in _REFUSED_KINDS:
                raise
            part.refuse(error)
            return part
        part.viewer = feature_viewer(self._feature_key, feedback.viewer_id)
        part.time_ms = max(now_ms, part.shown.time_ms)
        for at, sent in enumerate(feedback.events):
            try:
                event = self._event(sent, part.decision, part.shown, part.time_ms)
            except RequestError as error:
                part.outcomes[at] = Outcome("REFUSED", error)
                continue
            mark = event_mark(part.decision, event.candidate, event.kind)
            impression = mark if event.kind == SHOWN else event_mark(part.decision, event.candidate, SHOWN)
            part.events[at] = _Open(event, mark, impression, event_name(caller, event.id))
        return part

    def _shown_to(self, viewer_id: str, decision: int, known: _Known) -> Shown:
        """Return what a decision showed, after making sure that it was made for this viewer."""
        shown = known.shown.get(decision)
        if shown is None:
            try:
                shown = known.shown[decision] = self._shown.shown(decision)
            except JournalError as error:
                raise _erased(decision) if error.reason == "BODY_ERASED" else error from error
        keys = known.keys
        period = pseudonym_period(shown.viewer)
        if period is not None and period not in keys:
            keys[period] = self._viewers.key(period)
        key = None if period is None else keys[period]
        if period is None or key is None:
            raise _erased(decision)
        if pseudonym(key, period, viewer_id) != shown.viewer:
            raise RequestError("FEEDBACK_VIEWER", decision=decision)
        return shown

    def _event(self, sent: Sent, decision: int, shown: Shown, now_ms: int) -> Event:
        check_id(sent.id, "event_id")
        if sent.kind not in KINDS:
            raise RequestError("FEEDBACK_KIND", found=sent.kind[:64], known=", ".join(KINDS))
        if sent.candidate_id not in shown.candidates:
            raise RequestError("FEEDBACK_NOT_SHOWN", decision=decision, candidate=sent.candidate_id)
        time_ms = now_ms if sent.time_ms is None else sent.time_ms
        first_ms, last_ms = shown.time_ms - self._terms.max_skew_ms, now_ms + self._terms.max_skew_ms
        if not first_ms <= time_ms <= last_ms:
            raise RequestError("FEEDBACK_TIME", found_ms=time_ms, first_ms=first_ms, last_ms=last_ms)
        return Event(sent.id, sent.kind, sent.candidate_id, min(max(time_ms, shown.time_ms), now_ms))

    def _next(self) -> list[_Call]:
        """Return the calls whose turn it is: all that wait, up to a bound, the first in any case."""
        calls = [self._waiting.popleft()]
        size = calls[0].size
        while self._waiting and (size := size + self._waiting[0].size) <= _MOST_EVENTS_AT_ONCE:
            calls.append(self._waiting.popleft())
        return calls

    def _settle(self, calls: Sequence[_Call]) -> None:
        """Decide what counts, commit it, and tell each call."""
        failure: RankdError = ServiceError("RECORDS_UNAVAILABLE", detail="interrupted")
        now_ms = max(call.now_ms for call in calls)
        try:
            self._ledger.catch_up(now_ms)
            records = self._new(calls)
            if records:
                self._committed(self._ledger.append(records, now_ms))
        except RankdError as error:
            failure = error
        else:
            for call in calls:
                call.is_settled = True
            return
        finally:
            # Where another exception goes through, the calls end with it; what was committed is known when they are
            # repeated.
            for call in calls:
                if not call.is_settled:
                    call.failure, call.is_settled = type(failure)(failure.reason, **failure.metadata), True

    def _new(self, calls: Sequence[_Call]) -> list[NewRecord]:
        """Give every open event its outcome, and return the records of those that count."""
        parts = [(part, part.shown) for call in calls for part in call.parts if part.shown is not None]
        opened = [event for part, _ in parts for event in part.events if event is not None]
        marks, names = self._ledger.find(
            {mark for event in opened for mark in (event.mark, event.impression)}, {event.name for event in opened}
        )
        records: list[NewRecord] = []
        for part, shown in parts:
            if counted := self._counted(part, shown, marks, names):
                records.extend(_records(part, shown, counted))
        return records

    def _counted(self, part: _Part, shown: Shown, marks: set[bytes], names: dict[bytes, bytes]) -> list[_Counted]:
        """Return the events of one feedback that count, and note them among those that were counted."""
        if not any(part.events):
            return []
        if self._decisions.journal.erased(part.decision):
            self._shown.forget(part.decision)
            part.refuse(_erased(part.decision))
        elif shown.time_ms < self._ledger.begin_ms:
            part.refuse(_too_late(part.decision, self._ledger.begin_ms))
        counted: list[_Counted] = []
        for at, opened in enumerate(part.events):
            if opened is None:
                continue
            event, mark = opened.event, opened.mark
            if names.get(opened.name, mark) != mark:
                part.outcomes[at] = Outcome("REFUSED", RequestError("EVENT_ID_REUSED", event=event.id))
            elif mark in marks:
                part.outcomes[at] = _DUPLICATE
            else:
                part.outcomes[at] = _ACCEPTED
                names[opened.name] = mark
                both = (event, Indexed(mark, opened.name))
                if mark == opened.impression or opened.impression in marks:
                    counted.append((both,))
                else:
                    impression = Event("", SHOWN, event.candidate, event.time_ms)
                    counted.append(((impression, Indexed(opened.impression, None)), both))
                marks.update((mark, opened.impression))
        return counted


def _records(part: _Part, shown: Shown, counted: list[_Counted]) -> Iterator[NewRecord]:
    """Yield the record of some events, or several where one would be too long."""
    events = [both for group in counted for both in group]
    record = EventsRecord(
        surface=shown.surface,
        viewer=part.viewer,
        decision=part.decision,
        caller=part.caller,
        time_ms=part.time_ms,
        shown={event.candidate: shown.candidates[event.candidate] for event, _ in events},
        events=tuple(event for event, _ in events),
    )
    try:
        data = encode_events(record)
    except RecordError:
        half = len(counted) // 2
        if not half:
            raise
        yield from _records(part, shown, counted[:half])
        yield from _records(part, shown, counted[half:])
    else:
        yield NewRecord(record.time_ms, data, tuple(indexed for _, indexed in events))


def _erased(decision: int) -> RequestError:
    return RequestError("FEEDBACK_DECISION_ERASED", decision=decision)


def _too_late(decision: int, since_ms: int) -> RequestError:
    return RequestError("FEEDBACK_TOO_LATE", decision=decision, since_ms=since_ms)
