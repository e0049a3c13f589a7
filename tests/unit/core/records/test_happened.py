"""What a record says happened."""

from rankd.core.features.happened import Happened
from rankd.core.records.events import Event, EventsRecord, ShownCandidate
from rankd.core.records.happened import happened_in


def test_a_record_says_what_happened_in_its_order() -> None:
    shown = {"p1": ShownCandidate("a1", 1, {"topic": 12}), "p2": ShownCandidate("", 3, {})}
    events = (Event("", "shown", "p2", 7), Event("e1", "like", "p2", 7), Event("e2", "hide", "p1", 5))
    record = EventsRecord("video", bytes(16), 4, "feed", 9, shown, events)
    assert happened_in(record) == [
        Happened("shown", bytes(16), "p2", "", {}, 7),
        Happened("like", bytes(16), "p2", "", {}, 7),
        Happened("hide", bytes(16), "p1", "a1", {"topic": 12}, 5),
    ]
