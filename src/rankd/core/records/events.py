"""Events: what one viewer did with what one decision showed, as bytes and back.

Source: docs/spec/events.md section 3.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rankd.core.errors import RecordError, RequestError
from rankd.core.exact.canonical import CanonicalError, canonical_json, parse_canonical
from rankd.core.features.kinds import KINDS, SHOWN
from rankd.core.ranking.admission import check_id
from rankd.core.records.feature_viewer import FEATURE_VIEWER_BYTES
from rankd.core.records.strict import Fields, anything, array, integer, line, natural, text, time
from rankd.core.records.strict import shown as beginning

SCHEMA = "rankd.events/1"
MAX_EVENTS_BYTES = 1024 * 1024
"""The longest record: a reader knows how much to expect."""

_MALFORMED = "EVENTS_MALFORMED"


@dataclass(frozen=True, slots=True)
class ShownCandidate:
    """A candidate as a decision showed it.

    Attributes:
        author: Its author, "" where not known.
        place: Its place in the slate that was answered, from 1.
        columns: Whole numbers of the columns that are parts of entities; those that are not known are left out.
    """

    author: str
    place: int
    columns: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    Attributes:
        id: The caller's identifier; "" for an impression that follows from the next event about the candidate.
        kind: One of `core.features.kinds.KINDS`.
        candidate: The candidate.
        time_ms: When, milliseconds since 1970; never after the record's own time.
    """

    id: str
    kind: str
    candidate: str
    time_ms: int


@dataclass(frozen=True, slots=True)
class EventsRecord:
    """What one call said about one decision, as far as it was new.

    Attributes:
        surface: Where the feed was shown.
        viewer: Whose events, `core.records.feature_viewer`, 16 bytes.
        decision: Index of the decision in the journal of decisions of the same origin.
        caller: Identity of who reported them.
        time_ms: The server's clock when they were appended, never before the decision.
        shown: The candidates that the events are about, by id, and no others.
        events: In the order in which they count.
    """

    surface: str
    viewer: bytes
    decision: int
    caller: str
    time_ms: int
    shown: Mapping[str, ShownCandidate]
    events: tuple[Event, ...]


def encode_events(record: EventsRecord) -> bytes:
    """Return a record's bytes: canonical JSON, at most `MAX_EVENTS_BYTES`.

    Raises:
        RecordError: EVENTS_TOO_LARGE.
    """
    document = {
        "schema": SCHEMA,
        "surface": record.surface,
        "viewer": record.viewer.hex(),
        "decision": record.decision,
        "caller": record.caller,
        "time_ms": record.time_ms,
        "shown": {
            candidate: {"author": shown.author, "place": shown.place, "columns": dict(shown.columns)}
            for candidate, shown in record.shown.items()
        },
        "events": [
            {"id": event.id, "kind": event.kind, "candidate": event.candidate, "time_ms": event.time_ms}
            for event in record.events
        ],
    }
    data = canonical_json(document)
    if len(data) > MAX_EVENTS_BYTES:
        raise RecordError("EVENTS_TOO_LARGE", size_bytes=len(data), most_bytes=MAX_EVENTS_BYTES)
    return data


def decode_events(data: bytes) -> EventsRecord:
    """Read a record strictly, from bytes that nobody vouches for.

    Whether the decision showed these candidates is in the journal of decisions; that nothing counts twice within the
    record is checked here.

    Raises:
        RecordError: EVENTS_MALFORMED, with the field.
    """
    if len(data) > MAX_EVENTS_BYTES:
        raise RecordError(_MALFORMED, field="events", found=f"{len(data)} bytes")
    try:
        document = parse_canonical(data)
    except CanonicalError as error:
        raise RecordError(_MALFORMED, field="events", found=str(error)[:200]) from None
    fields = Fields(document, "events", _MALFORMED)
    fields.take("schema", _schema)
    record = EventsRecord(
        surface=fields.take("surface", line(256)),
        viewer=fields.take("viewer", _viewer),
        decision=fields.take("decision", natural),
        caller=fields.take("caller", text),
        time_ms=fields.take("time_ms", time),
        shown={_key(key): _shown(value) for key, value in _entries(fields.take("shown", anything), "events.shown")},
        events=tuple(_event(value) for value in fields.take("events", array)),
    )
    fields.end()
    _check(record)
    return record


def _check(record: EventsRecord) -> None:
    """Make sure that the events are about what was shown, and that nothing stands there twice.

    Raises:
        RecordError: EVENTS_MALFORMED.
    """
    ids = [event.id for event in record.events if event.id]
    counted = {(event.candidate, event.kind) for event in record.events}
    if not record.events:
        raise RecordError(_MALFORMED, field="events.events", found="nothing")
    if len(set(ids)) != len(ids) or len(counted) != len(record.events):
        raise RecordError(_MALFORMED, field="events.events", found="an event that stands there twice")
    if {event.candidate for event in record.events} != record.shown.keys():
        raise RecordError(_MALFORMED, field="events.shown", found="other candidates than those of the events")
    if any(event.time_ms > record.time_ms for event in record.events):
        raise RecordError(_MALFORMED, field="events.time_ms", found="an event that comes later")
    begun: set[str] = set()
    for at, event in enumerate(record.events):
        after = record.events[at + 1] if at + 1 < len(record.events) else None
        if event.kind == SHOWN and event.candidate in begun:
            raise RecordError(_MALFORMED, field="events.events", found="an impression after what follows from it")
        # An impression without an id is there because of the event behind it, which is its time's source too.
        if not event.id and (
            event.kind != SHOWN or after is None or (after.candidate, after.time_ms) != (event.candidate, event.time_ms)
        ):
            raise RecordError(_MALFORMED, field="events.events", found="an event without an id")
        begun.add(event.candidate)


def _schema(value: Any) -> None:
    if text(value) != SCHEMA:
        raise ValueError


def _viewer(value: Any) -> bytes:
    raw = bytes.fromhex(text(value))
    if len(raw) != FEATURE_VIEWER_BYTES or raw.hex() != value:
        raise ValueError
    return raw


def _entries(value: Any, name: str) -> list[tuple[str, Any]]:
    if type(value) is not dict:
        raise RecordError(_MALFORMED, field=name, found=beginning(value))
    return list(value.items())


def _key(value: str) -> str:
    try:
        return _id(value)
    except ValueError:
        raise RecordError(_MALFORMED, field="events.shown", found=beginning(value)) from None


def _shown(value: Any) -> ShownCandidate:
    fields = Fields(value, "events.shown", _MALFORMED)
    columns = fields.take("columns", anything)
    shown = ShownCandidate(
        author=fields.take("author", lambda found: _id(found) if found else text(found)),
        place=fields.take("place", _place),
        columns={_column(name): number for name, number in _entries(columns, "events.shown.columns")},
    )
    fields.end()
    if any(type(number) is not int for number in shown.columns.values()):
        raise RecordError(_MALFORMED, field="events.shown.columns", found=beginning(columns))
    return shown


def _event(value: Any) -> Event:
    fields = Fields(value, "events.events", _MALFORMED)
    event = Event(
        id=fields.take("id", lambda found: _id(found) if found else text(found)),
        kind=fields.take("kind", _kind),
        candidate=fields.take("candidate", _id),
        time_ms=fields.take("time_ms", time),
    )
    fields.end()
    return event


def _id(value: Any) -> str:
    try:
        check_id(text(value), "id")
    except RequestError as error:
        raise ValueError from error
    return str(value)


def _column(name: str) -> str:
    try:
        check_id(name, "name")
    except RequestError:
        raise RecordError(_MALFORMED, field="events.shown.columns", found=beginning(name)) from None
    return name


def _kind(value: Any) -> str:
    if text(value) not in KINDS:
        raise ValueError
    return str(value)


def _place(value: Any) -> int:
    if integer(value) < 1:
        raise ValueError
    return integer(value)
