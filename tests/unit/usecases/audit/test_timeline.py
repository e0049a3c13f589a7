"""Stretches of time: as many as fit, exact whatever their width."""

import random
from itertools import pairwise

from rankd.usecases.audit.timeline import DAY_MS, MAX_STRETCHES, WIDTHS_MS, Timeline

MONDAY_MS = 1_772_409_600_000  # 2026-03-02


def filled(times_ms: list[int]) -> Timeline[str]:
    timeline: Timeline[str] = Timeline()
    for time_ms in times_ms:
        timeline.add(time_ms, "x" if time_ms % 2 else "y")
    return timeline


def test_widths_are_multiples_of_each_other() -> None:
    assert all(wide % narrow == 0 for narrow, wide in pairwise(WIDTHS_MS))


def test_a_minute_is_the_narrowest_and_empty_stretches_are_there() -> None:
    timeline = filled([MONDAY_MS, MONDAY_MS + 120_001])
    assert [(entry.begin_ms - MONDAY_MS, entry.counts.total()) for entry in timeline.stretches()] == [
        (0, 1),
        (60_000, 0),
        (120_000, 1),
    ]


def test_weeks_begin_on_mondays() -> None:
    timeline = filled([MONDAY_MS + at * DAY_MS for at in range(60)])
    assert timeline.width_ms == 7 * DAY_MS
    assert timeline.stretches()[0].begin_ms == MONDAY_MS


def test_counts_do_not_depend_on_the_order_and_none_is_lost() -> None:
    draw = random.Random(1)
    for span in (1, 10**6, 10**8, 10**10, 10**12, 253_402_300_799_999):
        times_ms = [draw.randrange(span) for _ in range(200)]
        first, second = filled(times_ms), filled(sorted(times_ms))
        assert first.stretches() == second.stretches()
        assert len(first.stretches()) <= MAX_STRETCHES
        assert sum(entry.counts.total() for entry in first.stretches()) == 200
        for time_ms in times_ms:
            begin_ms = first.stretches()[first.place(time_ms)].begin_ms
            assert begin_ms <= time_ms < begin_ms + first.width_ms


def test_nothing_added_is_no_stretch() -> None:
    assert filled([]).stretches() == ()
