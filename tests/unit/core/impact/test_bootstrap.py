"""The bootstrap: the same draws everywhere, exact sums, and an interval that means what it says."""

import hashlib
import os
import subprocess
import sys
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest

from rankd.core.impact import bootstrap
from rankd.core.impact.bootstrap import LEFT_OUT, RESAMPLES, Sums, draw_viewers, intervals, mean_ppb

SCRIPT = """\
from rankd.core.impact.bootstrap import *
from tests.unit.core.impact.test_bootstrap import sums
print(draw_viewers(7, 30).tolist(), intervals(sums(30, 2, 1), sums(30, 2, 2)))
"""


def sums(viewers: int, heads: int, seed: int, most: int = 10**9) -> Sums:
    draw = np.random.default_rng(seed)
    places = draw.integers(1, 40, viewers)
    return Sums(draw.integers(0, most, (viewers, heads)) * places[:, None], places)


def slow_draws(resample: int, count: int) -> list[int]:
    """Return the draws as the docstring defines them, one by one."""
    found = []
    for d in range(count):
        block = hashlib.sha256(
            b"rankd/impact/bootstrap/1\0" + resample.to_bytes(4, "big") + (d // 8).to_bytes(4, "big")
        ).digest()
        u = int.from_bytes(block[4 * (d % 8) : 4 * (d % 8) + 4], "big")
        found.append(u * count >> 32)
    return found


def slow_intervals(before: Sums, after: Sums) -> list[tuple[int, int]]:
    found = []
    for head in range(before.ppb.shape[1]):
        changes = []
        for resample in range(RESAMPLES):
            chosen = slow_draws(resample, len(before.places))
            was = sum(int(before.ppb[v, head]) for v in chosen) // sum(int(before.places[v]) for v in chosen)
            now = sum(int(after.ppb[v, head]) for v in chosen) // sum(int(after.places[v]) for v in chosen)
            changes.append(now - was)
        inside = sorted(changes)[LEFT_OUT : RESAMPLES - LEFT_OUT]
        found.append((inside[0], inside[-1]))
    return found


@pytest.mark.parametrize(("resample", "count"), [(0, 1), (0, 8), (3, 21), (999, 100)])
def test_draws_are_what_their_definition_says(resample: int, count: int) -> None:
    assert draw_viewers(resample, count).tolist() == slow_draws(resample, count)


def test_draws_are_even_over_viewers() -> None:
    counts = Counter(v for resample in range(RESAMPLES) for v in draw_viewers(resample, 20).tolist())
    assert set(counts) == set(range(20))
    # 1,000 draws each are expected; six standard deviations are 185.
    assert max(abs(count - 1_000) for count in counts.values()) < 185


def test_an_interval_is_what_its_definition_says() -> None:
    before, after = sums(20, 2, 1), sums(20, 2, 2)
    assert list(intervals(before, after) or ()) == slow_intervals(before, after)


def test_sums_beyond_64_bits_stay_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = sums(25, 2, 3), sums(25, 2, 4)
    usual = intervals(before, after)
    monkeypatch.setattr(bootstrap, "_MAX_INT64", 0)
    assert intervals(before, after) == usual
    huge = Sums(np.full((25, 1), 2**62), np.full(25, 2**40))
    monkeypatch.undo()
    # Without exact sums 25 · 2⁶² would wrap round to something negative.
    assert intervals(Sums(huge.ppb // 2, huge.places), huge) == ((2**21, 2**21),)


def test_viewers_who_agree_leave_no_width() -> None:
    same = Sums(np.full((30, 1), 500), np.full(30, 5))
    more = Sums(np.full((30, 1), 700), np.full(30, 5))
    assert intervals(same, more) == ((40, 40),)


def test_an_interval_covers_the_true_change_about_as_often_as_it_says() -> None:
    # Each viewer's change is drawn about a truth of 1,000; with 90 % intervals about 45 of 50 cover it.
    covered = 0
    for seed in range(50):
        draw = np.random.default_rng(seed)
        places = np.full(60, 10)
        base = draw.integers(10_000, 20_000, 60)
        change = draw.normal(1_000, 400, 60).round().astype(np.int64)
        found = intervals(Sums((base * 10)[:, None], places), Sums(((base + change) * 10)[:, None], places))
        assert found is not None
        covered += found[0][0] <= 1_000 <= found[0][1]
    assert 38 <= covered <= 50


def test_few_viewers_have_no_interval() -> None:
    assert intervals(sums(19, 1, 1), sums(19, 1, 2)) is None
    assert intervals(sums(20, 1, 1), sums(20, 1, 2)) is not None


def test_a_mean_is_rounded_down_and_of_nothing_is_nothing() -> None:
    assert (mean_ppb(11, 4), mean_ppb(0, 0)) == (2, 0)
    assert Fraction(mean_ppb(10**30, 3)) == 10**30 // 3


def test_other_processes_draw_the_same() -> None:
    said = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert said == {f"{slow_draws(7, 30)} {intervals(sums(30, 2, 1), sums(30, 2, 2))}\n"}
