import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from rankd.core.errors import RecordError
from rankd.core.exact.canonical import canonical_json
from rankd.core.records.events import (
    MAX_EVENTS_BYTES,
    Event,
    EventsRecord,
    ShownCandidate,
    decode_events,
    encode_events,
)

NOW = 1_800_000_000_000
RECORD = EventsRecord(
    surface="video",
    viewer=bytes(range(16)),
    decision=17,
    caller="spiffe://coop/feed",
    time_ms=NOW,
    shown={
        "b": ShownCandidate("ana", 1, {"topic": 12, "région": -3}),
        "a": ShownCandidate("", 4, {}),
    },
    events=(
        Event("", "shown", "b", NOW - 5),
        Event("e1", "like", "b", NOW - 5),
        Event("e2", "shown", "a", NOW - 9),
        Event("é3", "hide", "a", NOW),
    ),
)


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    document = json.loads(encode_events(RECORD))
    change(document)
    return canonical_json(document)


def refused(data: bytes) -> str:
    with pytest.raises(RecordError) as caught:
        decode_events(data)
    assert caught.value.reason == "EVENTS_MALFORMED"
    assert caught.value.say("fr") != caught.value.say("en")
    return str(caught.value.metadata["field"])


def test_a_record_is_read_as_it_was_written() -> None:
    data = encode_events(RECORD)
    assert decode_events(data) == RECORD
    assert encode_events(decode_events(data)) == data


def test_the_bytes_are_those_of_the_specification() -> None:
    assert encode_events(replace(RECORD, shown={"a": RECORD.shown["a"]}, events=RECORD.events[2:3])) == (
        b'{"caller":"spiffe://coop/feed","decision":17,"events":[{"candidate":"a","id":"e2","kind":"shown",'
        b'"time_ms":1799999999991}],"schema":"rankd.events/1","shown":{"a":{"author":"","columns":{},"place":4}},'
        b'"surface":"video","time_ms":1800000000000,"viewer":"000102030405060708090a0b0c0d0e0f"}'
    )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param(lambda d: d.update(schema="rankd.events/2"), "events.schema", id="schema"),
        pytest.param(lambda d: d.update(viewer="00"), "events.viewer", id="short viewer"),
        pytest.param(lambda d: d.update(viewer="AB" * 16), "events.viewer", id="capital viewer"),
        pytest.param(lambda d: d.update(decision=-1), "events.decision", id="negative decision"),
        pytest.param(lambda d: d.update(surface=""), "events.surface", id="no surface"),
        pytest.param(lambda d: d.update(member=1), "events.member", id="unknown field"),
        pytest.param(lambda d: d.pop("caller"), "events.caller", id="missing field"),
        pytest.param(lambda d: d.update(shown=[]), "events.shown", id="shown is a list"),
        pytest.param(lambda d: d["shown"].pop("a"), "events.shown", id="an event about what is not listed"),
        pytest.param(lambda d: d["shown"].update(c=d["shown"]["a"]), "events.shown", id="shown without an event"),
        pytest.param(lambda d: d["shown"].update({"": d["shown"]["a"]}), "events.shown", id="empty candidate"),
        pytest.param(lambda d: d["shown"]["a"].update(place=0), "events.shown.place", id="place 0"),
        pytest.param(lambda d: d["shown"]["a"].update(place=True), "events.shown.place", id="place true"),
        pytest.param(lambda d: d["shown"]["a"].update(author="x\n"), "events.shown.author", id="control in author"),
        pytest.param(lambda d: d["shown"]["a"].update(columns={"t": "1"}), "events.shown.columns", id="text column"),
        pytest.param(lambda d: d["shown"]["a"].update(columns={"t": True}), "events.shown.columns", id="true column"),
        pytest.param(lambda d: d["shown"]["a"].update(columns={"": 1}), "events.shown.columns", id="nameless column"),
        pytest.param(lambda d: d["events"].clear(), "events.events", id="no events"),
        pytest.param(lambda d: d["events"][1].update(kind="love"), "events.events.kind", id="unknown kind"),
        pytest.param(lambda d: d["events"][1].update(id="e\u0301"), "events.events.id", id="id is not NFC"),
        pytest.param(lambda d: d["events"][1].update(id="x" * 257), "events.events.id", id="long id"),
        pytest.param(lambda d: d["events"][1].update(id="e2"), "events.events", id="an id twice"),
        pytest.param(lambda d: d["events"][3].update(kind="shown"), "events.events", id="a kind twice"),
        pytest.param(lambda d: d["events"][1].update(id=""), "events.events", id="an outcome without an id"),
        pytest.param(
            lambda d: d["events"][2].update(id=""), "events.events", id="implied, at another time than its cause"
        ),
        pytest.param(lambda d: d["events"].append(d["events"].pop(0)), "events.events", id="implied, and last"),
        pytest.param(lambda d: d["events"].append(d["events"].pop(2)), "events.events", id="shown after hide"),
        pytest.param(lambda d: d["events"][3].update(time_ms=NOW + 1), "events.time_ms", id="later than the record"),
        pytest.param(lambda d: d["events"][3].update(extra=0), "events.events.extra", id="unknown field of an event"),
    ],
)
def test_a_record_that_says_anything_else_is_refused_by_the_field(
    change: Callable[[dict[str, Any]], object], field: str
) -> None:
    assert refused(changed(change)) == field


def test_bytes_that_are_not_canonical_or_too_many_are_refused() -> None:
    assert refused(encode_events(RECORD) + b"\n") == "events"
    assert refused(json.dumps(json.loads(encode_events(RECORD))).encode()) == "events"
    assert refused(b" " * (MAX_EVENTS_BYTES + 1)) == "events"
    assert refused(b"[]") == "events"


def test_a_record_beyond_its_bound_is_not_written() -> None:
    events = tuple(Event(f"{at:0256}", "shown", f"{at:0256}", NOW) for at in range(2_000))
    shown = {event.candidate: ShownCandidate("", 1, {}) for event in events}
    with pytest.raises(RecordError) as caught:
        encode_events(replace(RECORD, events=events, shown=shown))
    assert caught.value.reason == "EVENTS_TOO_LARGE"
    assert caught.value.metadata["most_bytes"] == MAX_EVENTS_BYTES
