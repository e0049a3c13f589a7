"""What is due by age: never before its own epoch's promise, and not long after it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rankd.core.errors import JournalError
from rankd.core.exact.canonical import sha256
from rankd.core.records.erasure import MAX_RANGES
from rankd.core.records.leaf import Retention
from rankd.core.records.sample import kept_longer
from rankd.store.expiry_file import load_progress
from rankd.store.journal.reading import JournalFiles
from rankd.usecases.erasing.expiry import Expiry, Ranges
from tests.journals import DAY_MS, HOUR_MS, TIME_MS, Ledger

HALF = Retention(30 * DAY_MS, 500_000, 400 * DAY_MS)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    found = Ledger(tmp_path)
    yield found
    found.journal.close()


def expiry(ledger: Ledger) -> Expiry:
    return Expiry(ledger.data, ledger.files, ledger.secrets.get)


def erase(ledger: Ledger, now_ms: int, source: Expiry | None = None) -> list[Ranges]:
    """Erase what is due, without an order, and return what that was."""
    ledger.journal.publish()
    batches = []
    for ranges in (source or expiry(ledger)).due(now_ms):
        ledger.journal.append(b"{}", erases=ranges)
        ledger.journal.publish()
        batches.append(ranges)
    return batches


def test_bodies_are_due_when_their_epoch_is_over_and_their_time_is(ledger: Ledger) -> None:
    times_ms = [TIME_MS + number * HOUR_MS for number in range(3)]
    ledger.epoch("first", times_ms)
    assert erase(ledger, TIME_MS + 400 * DAY_MS) == []
    ledger.announce("second", TIME_MS + DAY_MS)
    assert erase(ledger, TIME_MS + 31 * DAY_MS - 1) == []
    assert erase(ledger, TIME_MS + 31 * DAY_MS) == [((1, 3),)]
    assert erase(ledger, TIME_MS + 800 * DAY_MS) == []


def test_the_sample_is_kept_longer_and_then_goes_as_well(ledger: Ledger) -> None:
    indexes = ledger.epoch("first", [TIME_MS] * 40, HALF)
    ledger.announce("second", TIME_MS + DAY_MS, HALF)
    secret = sha256(b"first")
    kept = [index for counter, index in enumerate(indexes) if kept_longer(secret, "w1", counter, 500_000)]
    assert 0 < len(kept) < len(indexes)
    erase(ledger, TIME_MS + 31 * DAY_MS)
    assert ledger.live() == kept
    assert erase(ledger, TIME_MS + 400 * DAY_MS - 1) == []
    erase(ledger, TIME_MS + 400 * DAY_MS)
    assert ledger.live() == []


def test_where_the_secret_is_not_known_everything_may_be_in_the_sample(ledger: Ledger) -> None:
    ledger.epoch("first", [TIME_MS] * 5, HALF)
    ledger.announce("second", TIME_MS + DAY_MS)
    ledger.secrets.clear()
    assert erase(ledger, TIME_MS + 31 * DAY_MS) == []
    assert erase(ledger, TIME_MS + 400 * DAY_MS) == [((1, 5),)]


def test_no_secret_is_needed_where_there_is_no_sample(ledger: Ledger) -> None:
    ledger.epoch("first", [TIME_MS] * 5)
    ledger.announce("second", TIME_MS + DAY_MS)
    ledger.secrets.clear()
    assert erase(ledger, TIME_MS + 31 * DAY_MS) == [((1, 5),)]


def test_each_decision_has_the_promise_of_its_own_epoch(ledger: Ledger) -> None:
    ledger.epoch("long", [TIME_MS], Retention(90 * DAY_MS, 0, 90 * DAY_MS))
    ledger.announce("short", TIME_MS + HOUR_MS, Retention(DAY_MS, 0, DAY_MS))
    # Decided before the announcement, committed after it.
    late = ledger.decide("long", 1, TIME_MS + HOUR_MS - 1)
    own = ledger.decide("short", 0, TIME_MS + HOUR_MS)
    ledger.announce("next", TIME_MS + 2 * HOUR_MS)
    assert erase(ledger, TIME_MS + 2 * DAY_MS) == [((own, own),)]
    assert ledger.live() == [1, late]
    # Both promises are kept to the day.
    assert erase(ledger, TIME_MS + 90 * DAY_MS + 2 * HOUR_MS) == [((1, 1),), ((late, late),)]


def test_a_decision_of_an_epoch_that_was_never_announced_is_not_due(ledger: Ledger) -> None:
    ledger.announce("first", TIME_MS)
    ledger.decide("unknown", 0, TIME_MS)
    ledger.decide("first", 0, TIME_MS)
    ledger.announce("second", TIME_MS + DAY_MS)
    assert erase(ledger, TIME_MS + 4_000 * DAY_MS) == [((2, 2),)]
    assert erase(ledger, TIME_MS + 4_000 * DAY_MS) == []


def test_a_clock_that_was_ahead_delays_only_the_decisions_of_that_time(ledger: Ledger) -> None:
    ledger.epoch("first", [TIME_MS, TIME_MS + 5 * DAY_MS, TIME_MS + 1])
    ledger.announce("second", TIME_MS + DAY_MS)
    assert erase(ledger, TIME_MS + 31 * DAY_MS) == [((1, 1), (3, 3))]
    assert erase(ledger, TIME_MS + 35 * DAY_MS - 1) == []
    assert erase(ledger, TIME_MS + 35 * DAY_MS) == [((2, 2),)]


def test_what_is_erased_already_is_passed_over(ledger: Ledger) -> None:
    ledger.epoch("first", [TIME_MS] * 6)
    ledger.journal.append(b"{}", erases=[(1, 1), (3, 3)])
    ledger.announce("second", TIME_MS + DAY_MS)
    assert erase(ledger, TIME_MS + 31 * DAY_MS) == [((2, 6),)]


def test_runs_end_at_the_edges_of_what_is_due_also_over_bundles(ledger: Ledger) -> None:
    times_ms = [TIME_MS] * 300 + [TIME_MS + 60 * DAY_MS] + [TIME_MS] * 300
    indexes = ledger.epoch("first", times_ms)
    ledger.announce("second", TIME_MS + DAY_MS)
    assert erase(ledger, TIME_MS + 31 * DAY_MS) == [((indexes[0], indexes[299]), (indexes[301], indexes[-1]))]


def test_more_runs_than_an_order_holds_come_in_several(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_RANGES == 1_000
    monkeypatch.setattr("rankd.usecases.erasing.expiry.MAX_RANGES", 3)
    times_ms = [TIME_MS + 60 * DAY_MS * (number % 2) for number in range(16)]
    ledger.epoch("first", times_ms)
    ledger.announce("second", TIME_MS + DAY_MS)
    batches = erase(ledger, TIME_MS + 31 * DAY_MS)
    assert [len(ranges) for ranges in batches] == [3, 3, 2]
    assert [first for ranges in batches for first, _ in ranges] == list(range(1, 17, 2))


def test_what_was_looked_through_is_not_read_again(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        ledger.epoch(str(number), [TIME_MS + number * DAY_MS] * 300)
    ledger.announce("last", TIME_MS + 4 * DAY_MS)
    now_ms = TIME_MS + 31 * DAY_MS
    erase(ledger, now_ms)
    read: list[int] = []
    bundle = JournalFiles.entry_bundle

    def spy(self: JournalFiles, number: int, width: int) -> bytes | None:
        read.append(number)
        return bundle(self, number, width)

    monkeypatch.setattr(JournalFiles, "entry_bundle", spy)
    list(expiry(ledger).due(now_ms + HOUR_MS))
    assert len(read) <= 2
    read.clear()
    list(expiry(ledger).due(now_ms + DAY_MS))
    assert len(read) <= 2 + 3


def test_progress_is_kept_only_when_what_was_found_is_gone(ledger: Ledger) -> None:
    ledger.epoch("first", [TIME_MS] * 3)
    ledger.announce("second", TIME_MS + DAY_MS)
    ledger.journal.publish()
    now_ms = TIME_MS + 31 * DAY_MS
    assert list(expiry(ledger).due(now_ms, keep=False)) == [((1, 3),)]
    assert next(expiry(ledger).due(now_ms)) == ((1, 3),)
    assert erase(ledger, now_ms) == [((1, 3),)]
    assert load_progress(ledger.data).stretches == ()


def test_a_lost_file_of_progress_costs_one_look_and_erases_nothing_twice(ledger: Ledger) -> None:
    ledger.epoch("first", [TIME_MS] * 3)
    ledger.announce("second", TIME_MS + DAY_MS)
    erase(ledger, TIME_MS + 31 * DAY_MS)
    (ledger.data / "erasures" / "expiry.json").unlink()
    assert erase(ledger, TIME_MS + 31 * DAY_MS) == []


def test_progress_of_a_longer_journal_is_not_trusted(ledger: Ledger, tmp_path: Path) -> None:
    ledger.epoch("first", [TIME_MS] * 3)
    ledger.announce("second", TIME_MS + DAY_MS)
    erase(ledger, TIME_MS + 31 * DAY_MS)
    (tmp_path / "other").mkdir()
    other = Ledger(tmp_path / "other")
    other.epoch("first", [TIME_MS])
    other.announce("second", TIME_MS + DAY_MS)
    (other.data / "erasures").mkdir()
    (other.data / "erasures" / "expiry.json").write_bytes((ledger.data / "erasures" / "expiry.json").read_bytes())
    assert erase(other, TIME_MS + 31 * DAY_MS) == [((1, 1),)]
    other.journal.close()


def test_nothing_is_known_to_be_gone_before_there_is_an_epoch(ledger: Ledger) -> None:
    source = expiry(ledger)
    assert (list(source.due(TIME_MS)), source.live_from_ms) == ([], None)


def test_it_tells_from_when_on_bodies_may_be_left(ledger: Ledger) -> None:
    ledger.epoch("first", [TIME_MS, TIME_MS + 60 * DAY_MS])
    ledger.announce("second", TIME_MS + DAY_MS)
    ledger.journal.publish()
    source = expiry(ledger)
    list(source.due(TIME_MS + HOUR_MS))
    assert source.live_from_ms == TIME_MS - HOUR_MS
    erase(ledger, TIME_MS + 31 * DAY_MS, source)
    assert source.live_from_ms == TIME_MS + DAY_MS - HOUR_MS
    ledger.announce("third", TIME_MS + 100 * DAY_MS)
    ledger.journal.publish()
    erase(ledger, TIME_MS + 100 * DAY_MS, source)
    assert source.live_from_ms == TIME_MS + DAY_MS - HOUR_MS
    erase(ledger, TIME_MS + 130 * DAY_MS, source)
    assert source.live_from_ms == TIME_MS + 100 * DAY_MS - HOUR_MS


def test_a_bundle_that_is_gone_stops_it(ledger: Ledger) -> None:
    ledger.epoch("first", [TIME_MS] * 300)
    ledger.journal.publish()
    (ledger.folder / "public" / "tile" / "entries" / "000").unlink()
    with pytest.raises(JournalError) as caught:
        list(expiry(ledger).due(TIME_MS))
    assert caught.value.reason == "JOURNAL_UNREADABLE"
