"""Concentration: how unevenly what was shown is spread over the authors who were on offer."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

MAX_AUTHORS = 1_000_000
PERCENTS = (1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100)
MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Part:
    """The most shown authors, up to a share of all, and apart from them the most offered.

    Attributes:
        percent: How many of a hundred authors.
        author_count: How many authors that is, rounded up.
        shown_count: Places that the most shown of them had.
        offered_count: Candidates that the most offered of them had.
    """

    percent: int
    author_count: int
    shown_count: int
    offered_count: int


@dataclass(frozen=True, slots=True)
class Named:
    """One of the most shown authors, by name."""

    author_id: str
    shown_count: int
    offered_count: int


@dataclass(frozen=True, slots=True)
class Concentration:
    """How candidates and places are spread over authors. Candidates without an author are left out.

    Attributes:
        author_count: Authors who were on offer at least once.
        shown_author_count: Those of them who were shown at least once.
        offered_count: Their candidates.
        shown_count: Their places.
        parts: The most shown authors, by percentage of all.
        shown_gini: Gini coefficient of places over all authors on offer; None where nothing was shown.
        offered_gini: The same of candidates.
        named: The most shown authors, most first.
        left_out_count: Candidates that are not counted, because there were more than `MAX_AUTHORS` authors.
    """

    author_count: int
    shown_author_count: int
    offered_count: int
    shown_count: int
    parts: tuple[Part, ...]
    shown_gini: Fraction | None
    offered_gini: Fraction | None
    named: tuple[Named, ...]
    left_out_count: int


class Authors:
    """The fold over decisions: about 200 bytes for each of at most `MAX_AUTHORS` authors."""

    def __init__(self) -> None:
        self._offered: dict[str, int] = {}
        self._shown: dict[str, int] = {}
        self._left_out_count = 0

    def add(self, offered: Iterable[str], shown: Iterable[str]) -> None:
        """Take the authors of one decision's candidates, and of its places; "" where the author is not known."""
        for author, count in Counter(offered).items():
            if author in self._offered:
                self._offered[author] += count
            elif author and len(self._offered) < MAX_AUTHORS:
                self._offered[author] = count
            elif author:
                self._left_out_count += count
        for author in shown:
            if author in self._offered:
                self._shown[author] = self._shown.get(author, 0) + 1

    def report(self) -> Concentration:
        """Return what came of it."""
        shown = sorted((self._shown.get(author, 0) for author in self._offered), reverse=True)
        offered = sorted(self._offered.values(), reverse=True)
        most = sorted(self._shown.items(), key=lambda entry: (-entry[1], entry[0]))[:MOST_NAMED]
        return Concentration(
            author_count=len(offered),
            shown_author_count=len(self._shown),
            offered_count=sum(offered),
            shown_count=sum(shown),
            parts=tuple(_parts(shown, offered)),
            shown_gini=gini(shown[::-1]),
            offered_gini=gini(offered[::-1]),
            named=tuple(Named(author, count, self._offered[author]) for author, count in most),
            left_out_count=self._left_out_count,
        )


def gini(rising: Sequence[int]) -> Fraction | None:
    """Return the Gini coefficient of counts: 0 where all are equal, towards 1 where one has everything.

    Args:
        rising: Counts ≥ 0, the smallest first.

    Returns:
        The exact coefficient; None where there is nothing to share.

    Source: G = 2 Σ i xᵢ / (n Σ xᵢ) − (n + 1) / n over counts in rising order, i from 1; equal to half the mean absolute
        difference over the mean (C. Gini, Variabilità e mutabilità, 1912).
    """
    count, total = len(rising), sum(rising)
    if total == 0:
        return None
    return Fraction(2 * sum(at * one for at, one in enumerate(rising, start=1)), count * total) - Fraction(
        count + 1, count
    )


def _parts(shown: Sequence[int], offered: Sequence[int]) -> Iterable[Part]:
    for percent in PERCENTS if shown else ():
        count = -(-len(shown) * percent // 100)
        yield Part(percent, count, sum(shown[:count]), sum(offered[:count]))
