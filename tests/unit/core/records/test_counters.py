from collections.abc import Iterable

import numpy as np
import pytest

from rankd.core.records.counters import PENDING_COUNT, CounterClash, CounterGap, EpochCounters

EPOCH = bytes(32)


def counters(
    used: Iterable[int],
    void: Iterable[int] = (),
    *,
    count: int | None = None,
    from_begin: bool = True,
    to_end: bool = True,
) -> EpochCounters:
    return EpochCounters(
        EPOCH, "w", np.array([*used], np.int64), np.array([*void], np.int64), count, from_begin, to_end
    )


def gap(first: int, last: int, *, pending: bool = False) -> CounterGap:
    return CounterGap(EPOCH, "w", first, last, pending)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (1, 0, 3, 2)])
def test_counters_without_a_gap_in_any_order_are_accounted_for(order: tuple[int, ...]) -> None:
    assert list(counters(order, count=4).gaps()) == []
    assert list(counters(order).clashes()) == []


def test_a_counter_that_is_declared_void_is_no_gap_however_often() -> None:
    assert list(counters((0, 3), (1, 2, 2)).gaps()) == []
    assert list(counters((0, 3), (1, 2, 2)).clashes()) == []


def test_an_epoch_is_counted_from_zero_to_the_count_of_its_reveal() -> None:
    assert list(counters((2,), count=5).gaps()) == [gap(0, 1), gap(3, 4)]
    assert list(counters((), count=2).gaps()) == [gap(0, 1)]


def test_an_epoch_that_nobody_counted_is_counted_to_its_last_counter() -> None:
    assert list(counters((0, 2)).gaps()) == [gap(1, 1)]
    assert list(counters(()).gaps()) == []


def test_gaps_at_the_open_end_of_an_epoch_are_pending_and_older_ones_are_not() -> None:
    last = 2 * PENDING_COUNT
    used = [counter for counter in range(last + 1) if counter not in (10, last - 1)]
    assert list(counters(used, to_end=False).gaps()) == [gap(10, 10), gap(last - 1, last - 1, pending=True)]
    assert list(counters(used).gaps()) == [gap(10, 10), gap(last - 1, last - 1)]


def test_an_epoch_that_began_before_the_evidence_is_judged_from_its_first_counter_on() -> None:
    last = 3 * PENDING_COUNT
    used = [counter for counter in range(1_000, 1_000 + last) if counter not in (1_001, 1_000 + last - 2)]
    assert list(counters(used, from_begin=False).gaps()) == [
        gap(1_001, 1_001, pending=True),
        gap(1_000 + last - 2, 1_000 + last - 2),
    ]


def test_the_count_of_a_reveal_says_nothing_of_a_range_that_ends_before_it() -> None:
    assert list(counters((0, 1), count=9, to_end=False).gaps()) == []


def test_a_counter_that_stands_twice_is_a_clash() -> None:
    assert list(counters((0, 1, 1, 2, 0)).clashes()) == [CounterClash(EPOCH, "w", 0), CounterClash(EPOCH, "w", 1)]


def test_a_counter_that_is_recorded_and_declared_void_is_a_clash() -> None:
    assert list(counters((0, 1), (0,)).clashes()) == [CounterClash(EPOCH, "w", 0)]


def test_counters_beyond_the_count_of_the_reveal_are_counted() -> None:
    assert counters((0, 1, 2, 7), count=2).beyond() == 2
    assert counters((0, 1, 2, 7)).beyond() == 0


def test_the_largest_counter_that_a_record_can_hold_is_no_trouble() -> None:
    assert list(counters((2**53 - 1,)).gaps()) == [gap(0, 2**53 - 2)]
