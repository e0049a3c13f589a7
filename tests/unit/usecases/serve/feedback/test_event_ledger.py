"""The ledger: what the index is told, and from where. What this means for events stands in test_feedback."""

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

from rankd.core.errors import ServiceError
from rankd.core.records.events import Event, EventsRecord, ShownCandidate, encode_events
from rankd.store.event_index import EventIndex, Indexed, event_mark, event_name
from rankd.usecases.serve.feedback.event_ledger import EventLedger, NewRecord
from tests.feedback_world import DAY, NOW, World
from tests.unit.store.journal.conftest import Fault


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


def ledger_of(world: World, now_ms: int = NOW) -> EventLedger:
    return EventLedger(world.events, world.index, 8 * DAY, now_ms)


def new(number: int, time_ms: int = NOW) -> NewRecord:
    event = Event(f"e{number}", "shown", "a", time_ms)
    shown = {"a": ShownCandidate("", 1, {})}
    record = EventsRecord("video", bytes(16), number, "feed", time_ms, shown, (event,))
    return NewRecord(
        time_ms, encode_events(record), (Indexed(event_mark(number, "a", "shown"), event_name("feed", event.id)),)
    )


def known(ledger: EventLedger, count: int) -> list[int]:
    marks, names = ledger.find([event_mark(n, "a", "shown") for n in range(count)], [])
    assert not names
    return [number for number in range(count) if event_mark(number, "a", "shown") in marks]


def test_what_is_appended_is_known_by_what_a_rebuilt_index_finds_in_the_records(world: World) -> None:
    ledger = ledger_of(world)
    assert ledger.append([new(0), new(1)], NOW) == 2
    assert ledger.append([new(2)], NOW) == 3
    found = ledger.find([event_mark(1, "a", "shown")], [event_name("feed", "e1")])
    world.index.renew()
    again = ledger_of(world)
    assert (known(again, 5), world.index.count) == ([0, 1, 2], 3)
    assert again.find([event_mark(1, "a", "shown")], [event_name("feed", "e1")]) == found


def test_a_long_journal_is_taken_piece_by_piece(world: World) -> None:
    ledger = ledger_of(world)
    ledger.append([new(number) for number in range(2_500)], NOW)
    world.index.renew()
    taken: list[int] = []
    take = world.index.take
    world.index.take = lambda *arguments: taken.append(arguments[1]) or take(*arguments)  # type: ignore[method-assign,func-returns-value]
    assert len(known(ledger_of(world), 2_600)) == 2_500
    assert taken == [1_000, 2_000, 2_500]


def test_entries_that_others_append_in_between_are_taken_in_their_place(world: World) -> None:
    ledger = ledger_of(world)
    ledger.append([new(0), new(1)], NOW)
    world.erase(world.events.journal, (0, 0))
    assert ledger.append([new(2)], NOW) == 4
    assert (known(ledger, 3), world.index.count) == ([1, 2], 4)


def test_an_index_made_anew_begins_where_the_time_that_matters_does(world: World) -> None:
    ledger = ledger_of(world)
    ledger.append([new(number, NOW - (20 - number) * DAY) for number in range(21)], NOW)
    world.index.renew()
    again = ledger_of(world)
    assert (known(again, 21), again.begin_ms) == (list(range(12, 21)), NOW - 8 * DAY)
    world.index.renew()
    assert ledger_of(world, NOW - 20 * DAY).begin_ms == 0


def test_what_the_index_misses_it_is_told_before_it_is_asked(world: World) -> None:
    ledger = ledger_of(world)
    world.index_disk.faults = {"commit keys": Fault(errno.ENOSPC)}
    assert ledger.append([new(0)], NOW) == 1
    with pytest.raises(ServiceError) as caught:
        ledger.catch_up(NOW)
    assert (caught.value.reason, world.index.count) == ("RECORDS_UNAVAILABLE", 0)
    world.index_disk.faults = {}
    ledger.catch_up(NOW)
    assert (known(ledger, 2), world.index.count) == ([0], 1)


def test_the_index_of_another_journal_of_the_same_name_is_not_believed(world: World, tmp_path: Path) -> None:
    ledger_of(world).append([new(0), new(1)], NOW)
    other = World(tmp_path / "other")
    ledger_of(other).append([new(5), new(6)], NOW)
    other.index.close()
    other.index = EventIndex.open(world.index_path, other.events.origin)
    assert known(ledger_of(other), 9) == [5, 6]
    other.close()
