from dataclasses import replace

import pytest

from rankd.core.records.counters import PENDING_COUNT, CounterBook, CounterClash, CounterGap
from rankd.core.records.decision import Decision
from tests.conftest import House

OLD, NEW = bytes(32), b"\1" * 32


@pytest.fixture
def decision(house: House) -> Decision:
    return house.record([0])[0].decision


def book(decision: Decision, *entries: tuple[bytes, str, int, tuple[int, ...]]) -> CounterBook:
    """Return a book of decisions (epoch, worker, counter, counters of the same epoch that it declares void)."""
    counters = CounterBook()
    for epoch, worker, counter, voids in entries:
        declared = tuple((epoch, void) for void in voids)
        counters.note(replace(decision, epoch_digest=epoch, worker=worker, counter=counter, voids=declared))
    return counters


def test_counters_without_a_gap_in_any_order_are_accounted_for(decision: Decision) -> None:
    counters = book(decision, *((NEW, "w", counter, ()) for counter in (1, 0, 3, 2)))
    assert counters.gaps() == ()
    assert counters.clashes() == ()


def test_a_counter_that_is_declared_void_is_no_gap(decision: Decision) -> None:
    counters = book(decision, (OLD, "w", 0, ()), (OLD, "w", 3, (1, 2)), (NEW, "w", 0, ()))
    assert counters.gaps() == ()


def test_a_run_is_counted_from_zero(decision: Decision) -> None:
    counters = book(decision, (OLD, "w", 2, ()), (NEW, "w", 0, ()))
    assert counters.gaps() == (CounterGap(OLD, "w", 0, 1, pending=False),)


def test_each_worker_and_each_epoch_counts_for_itself(decision: Decision) -> None:
    entries = ((OLD, "a", 0, ()), (OLD, "b", 0, ()), (OLD, "b", 2, ()), (NEW, "a", 0, ()), (NEW, "b", 0, (1,)))
    assert book(decision, *entries).gaps() == (CounterGap(OLD, "b", 1, 1, pending=False),)


def test_a_void_declared_by_another_worker_explains_nothing(decision: Decision) -> None:
    counters = book(decision, (OLD, "a", 0, ()), (OLD, "a", 2, ()), (OLD, "b", 0, (1,)), (NEW, "a", 0, ()))
    assert counters.gaps() == (CounterGap(OLD, "a", 1, 1, pending=False),)


def test_gaps_near_the_end_of_the_last_run_are_pending_and_older_ones_are_not(decision: Decision) -> None:
    last = 2 * PENDING_COUNT
    used = [counter for counter in range(last + 1) if counter not in (10, last - 1)]
    assert book(decision, *((NEW, "w", counter, ()) for counter in used)).gaps() == (
        CounterGap(NEW, "w", 10, 10, pending=False),
        CounterGap(NEW, "w", last - 1, last - 1, pending=True),
    )


def test_a_counter_that_stands_twice_is_a_clash(decision: Decision) -> None:
    assert book(decision, (NEW, "w", 0, ()), (NEW, "w", 0, ())).clashes() == (CounterClash(NEW, "w", 0),)


def test_a_counter_that_is_recorded_and_declared_void_is_a_clash(decision: Decision) -> None:
    assert book(decision, (NEW, "w", 0, ()), (NEW, "w", 1, (0,))).clashes() == (CounterClash(NEW, "w", 0),)
