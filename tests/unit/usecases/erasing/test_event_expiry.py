"""Events past their time: found in order, once, also behind what somebody had erased before."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rankd.core.records.erasure import MAX_RANGES
from rankd.core.records.events_leaf import EventsLeaf, encode_events_leaf
from rankd.core.records.forgetting import forgets
from rankd.store.journal.journal import Body, Journal
from rankd.store.journal.reading import JournalFiles
from rankd.store.pseudonyms import PseudonymBook
from rankd.usecases.erasing.erase import apply_erasure, erase_old_events, old_event_orders
from rankd.usecases.erasing.event_expiry import EventExpiry
from rankd.usecases.serve.feedback.event_log import EVENTS, events_signer
from tests.journals import DAY_MS, TIME_MS, private_key, public
from tests.journals import Ledger as DecisionsLedger

KEEP_MS = 400 * DAY_MS


class Events:
    """A journal of events whose records nobody reads, beside one of decisions."""

    def __init__(self, root: Path) -> None:
        self.ledger = DecisionsLedger(root)
        self.folder = self.ledger.data / EVENTS
        signer, mark = events_signer(self.ledger.signer), root / "log.key.mark.events"
        self.journal = Journal.open(self.folder, signer, mark, watch=False)

    @property
    def viewers(self) -> PseudonymBook:
        return self.ledger.viewers

    @property
    def expiry(self) -> EventExpiry:
        return EventExpiry(JournalFiles(self.folder), KEEP_MS)

    def record(self, *days: int) -> None:
        for day in days:
            number = self.journal.count
            body = Body(number.to_bytes(32, "big"), b"record %d" % number)
            self.journal.append(encode_events_leaf(EventsLeaf(TIME_MS + day * DAY_MS, bytes(32))), body)
        self.journal.publish()

    def erase_old(self, day: int, expiry: EventExpiry) -> int:
        now_ms = TIME_MS + day * DAY_MS
        count = erase_old_events(self.journal, self.viewers, expiry, private_key("eraser"), now_ms)
        self.journal.publish()
        return count

    def live(self) -> list[int]:
        self.journal.publish()
        return sorted(JournalFiles(self.folder).bodies(0, self.journal.count))


@pytest.fixture
def events(tmp_path: Path) -> Iterator[Events]:
    made = Events(tmp_path)
    yield made
    made.journal.close()
    made.ledger.journal.close()


def test_events_go_when_their_time_is_over_and_not_before(events: Events) -> None:
    events.record(0, 0, 1, 2)
    expiry = events.expiry
    assert (events.erase_old(399, expiry), events.live()) == (0, [0, 1, 2, 3])
    assert (events.erase_old(400, expiry), events.live()) == (1, [2, 3])
    events.record(3)
    assert (events.erase_old(402, expiry), events.live()) == (1, [5])
    assert events.erase_old(402, expiry) == 0


def test_a_new_start_goes_on_behind_what_is_gone(events: Events) -> None:
    events.record(*range(600))
    assert events.erase_old(700, events.expiry) == 1
    again = events.expiry
    assert (events.erase_old(700, again), events.erase_old(701, again)) == (0, 1)
    assert min(events.live()) == 302


def test_what_a_person_had_erased_is_not_erased_again(events: Events) -> None:
    events.record(*[0] * 6)
    (envelope,) = old_event_orders(events.journal.origin, Two(), private_key("eraser"), TIME_MS)  # type: ignore[arg-type]
    erasers = {public(private_key("eraser")).hex(): public(private_key("eraser"))}
    apply_erasure(events.journal, events.viewers, envelope, erasers, TIME_MS)
    events.journal.publish()
    assert list(events.expiry.due(TIME_MS + KEEP_MS)) == [((0, 1), (4, 5))]


class Two:
    """What finds the third and the fourth entry due."""

    def due(self, _now_ms: int) -> Iterator[tuple[tuple[int, int], ...]]:
        yield ((2, 3),)


def test_an_entry_before_its_time_keeps_what_is_behind_it(events: Events) -> None:
    """A clock that was set back: what looks old behind what is younger waits for that."""
    events.record(0, 5, 1, 6)
    assert list(events.expiry.due(TIME_MS + KEEP_MS + 2 * DAY_MS)) == [((0, 0),)]
    assert list(events.expiry.due(TIME_MS + KEEP_MS + 5 * DAY_MS)) == [((0, 2),)]


def test_many_ranges_come_in_several_orders(events: Events) -> None:
    class Every(EventExpiry):
        def _due(self, size: int, now_ms: int) -> Iterator[int]:  # noqa: ARG002  # as it is called
            return iter(range(0, 2 * MAX_RANGES + 4, 2))

    ranges = list(Every(JournalFiles(events.folder), 1).due(TIME_MS))
    assert [len(some) for some in ranges] == [MAX_RANGES, 2]
    assert (ranges[0][0], ranges[1][-1]) == ((0, 0), (2_002, 2_002))


def test_an_order_for_age_does_not_forget(events: Events) -> None:
    events.record(0)
    assert events.erase_old(400, events.expiry) == 1
    assert not forgets(events.journal.leaf(1))
