"""Counters: two ways to count the same ballots, written apart, that must come to the same result."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from rankd.core.assembly.entries import Choice
from rankd.core.assembly.tally.markets import tally_points
from rankd.core.assembly.tally.naive import naive_points, naive_ranking, naive_yes_no
from rankd.core.assembly.tally.result import PointsBallot, PointsResult, Ranking, RankingResult, YesNoResult
from rankd.core.assembly.tally.schulze import tally_ranking
from rankd.core.assembly.tally.yes_no import tally_yes_no


@dataclass(frozen=True, slots=True)
class Counter:
    """How to count each kind of vote.

    Attributes:
        yes_no: Choices, quorum, majority; see `tally_yes_no`.
        ranking: Rankings, number of options, quorum, majority; see `tally_ranking`.
        points: Ballots, floors, caps, quorum; see `tally_points`.
    """

    yes_no: Callable[[Iterable[Choice], int, Fraction], YesNoResult]
    ranking: Callable[[Iterable[Ranking], int, int, Fraction], RankingResult]
    points: Callable[[Sequence[PointsBallot], Mapping[str, int], Mapping[str, int], int], PointsResult]


COUNTERS: Mapping[str, Counter] = MappingProxyType(
    {
        "fast": Counter(tally_yes_no, tally_ranking, tally_points),
        "naive": Counter(naive_yes_no, naive_ranking, naive_points),
    }
)
