"""Concentration of places on authors, against definitions taken literally."""

import random
from fractions import Fraction

import pytest

from rankd.usecases.audit import concentration
from rankd.usecases.audit.concentration import PERCENTS, Authors, gini


def literal_gini(counts: list[int]) -> Fraction:
    """Return half the mean absolute difference over the mean."""
    pairs = [abs(a - b) for a in counts for b in counts]
    mean = Fraction(sum(counts), len(counts))
    return Fraction(sum(pairs), len(pairs)) / (2 * mean)


def test_gini_is_half_the_mean_difference_over_the_mean() -> None:
    draw = random.Random(2)
    for _ in range(50):
        counts = sorted(draw.randrange(20) for _ in range(draw.randrange(1, 30)))
        assert gini(counts) == (literal_gini(counts) if sum(counts) else None)
    assert gini([3, 3, 3]) == 0
    assert gini([0] * 99 + [5]) == Fraction(99, 100)
    assert gini([]) is None


def test_places_and_candidates_are_counted_by_author() -> None:
    authors = Authors()
    authors.add(["a", "b", "b", "", "c"], ["b", "", "a"])
    authors.add(["b", "d"], ["b"])
    found = authors.report()
    assert (found.author_count, found.shown_author_count) == (4, 2)
    assert (found.offered_count, found.shown_count) == (6, 3)
    assert [part.percent for part in found.parts] == list(PERCENTS)
    half = next(part for part in found.parts if part.percent == 50)
    assert (half.author_count, half.shown_count, half.offered_count) == (2, 3, 4)
    assert [(one.author_id, one.shown_count, one.offered_count) for one in found.named] == [("b", 2, 3), ("a", 1, 1)]


def test_authors_beyond_the_bound_are_left_out_and_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concentration, "MAX_AUTHORS", 2)
    authors = Authors()
    authors.add(["a", "b", "c", "c"], ["c", "a"])
    found = authors.report()
    assert (found.author_count, found.offered_count, found.shown_count, found.left_out_count) == (2, 2, 1, 2)


def test_without_authors_there_is_no_coefficient() -> None:
    found = Authors().report()
    assert (found.shown_gini, found.offered_gini, found.parts, found.named) == (None, None, (), ())
