"""Results: what a tally found, with every number that is needed to recount it by hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

from rankd.core.exact.canonical import Json

Abstention: TypeAlias = Literal["abstain"]
PointsBallot: TypeAlias = Mapping[str, int] | Abstention
"""A thousand points by objective, every objective named, its floor included; or an abstention."""

Ranking: TypeAlias = tuple[tuple[int, ...], ...]
"""Groups of options, best first: 0 is the status quo, 1 … n the texts. Options that are not named are tied last."""

STATUS_QUO = 0
POINTS_TOTAL = 1000


@dataclass(frozen=True, slots=True)
class YesNoResult:
    """What a yes/no vote found.

    Attributes:
        yes: Ballots for it.
        no: Ballots against it.
        abstain: Ballots that count for neither.
        quorum: q; twice the yes must come to as many.
        majority: Share of yes among yes and no that must be exceeded.
        passed: Whether both hold.
    """

    yes: int
    no: int
    abstain: int
    quorum: int
    majority: Fraction
    passed: bool


@dataclass(frozen=True, slots=True)
class Support:
    """How one option fares against keeping things as they are.

    Attributes:
        option: Its number, from 1.
        supporters: Ballots that rank it above the status quo.
        opponents: Ballots that rank the status quo above it.
        qualifies: Whether it beats the status quo by the majority, and twice its supporters reach the quorum.
    """

    option: int
    supporters: int
    opponents: int
    qualifies: bool


@dataclass(frozen=True, slots=True)
class RankingResult:
    """What a ranking vote found.

    Attributes:
        ballot_count: Ballots, also those that rank nothing.
        quorum: q; see `Support`.
        majority: See `Support`.
        over: Each option against the status quo, in the options' order.
        pairwise: Ballots that rank option i above option j at [i][j], for 0 … n.
        qualified: Options that qualify, rising.
        strongest_paths: Strength of the strongest path from qualified[i] to qualified[j] at [i][j], 0: there is none.
        schulze_winners: Qualified options that no other beats by a stronger path than back, rising.
        winner: The option that won, 0: the status quo stays.
    """

    ballot_count: int
    quorum: int
    majority: Fraction
    over: tuple[Support, ...]
    pairwise: tuple[tuple[int, ...], ...]
    qualified: tuple[int, ...]
    strongest_paths: tuple[tuple[int, ...], ...]
    schulze_winners: tuple[int, ...]
    winner: int


@dataclass(frozen=True, slots=True)
class PointsResult:
    """What a points vote found.

    Attributes:
        points: The points decided by objective, together 1000; None: no decision.
        shares: The same before rounding, also where there are too few ballots to decide; empty without any.
        t: The moment t* at which the markets together hold all points; None without any ballot with points.
        mean: The average of the ballots, to compare with; it decides nothing. Empty without any.
        ballot_count: Ballots with points.
        abstain_count: Ballots without.
        quorum: Ballots with points that a decision needs; it needs one in any case.
    """

    points: Mapping[str, int] | None
    shares: Mapping[str, Fraction]
    t: Fraction | None
    mean: Mapping[str, Fraction]
    ballot_count: int
    abstain_count: int
    quorum: int


Result: TypeAlias = YesNoResult | RankingResult | PointsResult


def result_json(result: Result) -> dict[str, Json]:
    """Return a result as a document; fractions are written in lowest terms as "numerator/denominator"."""
    if isinstance(result, YesNoResult):
        return _yes_no_json(result)
    if isinstance(result, RankingResult):
        return _ranking_json(result)
    return _points_json(result)


def _yes_no_json(result: YesNoResult) -> dict[str, Json]:
    return {
        "vote": "yes_no",
        "yes": result.yes,
        "no": result.no,
        "abstain": result.abstain,
        "quorum": result.quorum,
        "majority": _fraction(result.majority),
        "passed": result.passed,
    }


def _ranking_json(result: RankingResult) -> dict[str, Json]:
    return {
        "vote": "ranking",
        "ballots": result.ballot_count,
        "quorum": result.quorum,
        "majority": _fraction(result.majority),
        "over": [
            {
                "option": support.option,
                "supporters": support.supporters,
                "opponents": support.opponents,
                "qualifies": support.qualifies,
            }
            for support in result.over
        ],
        "pairwise": [list(row) for row in result.pairwise],
        "qualified": list(result.qualified),
        "strongest_paths": [list(row) for row in result.strongest_paths],
        "schulze_winners": list(result.schulze_winners),
        "winner": result.winner,
    }


def _points_json(result: PointsResult) -> dict[str, Json]:
    return {
        "vote": "points",
        "ballots": result.ballot_count,
        "abstain": result.abstain_count,
        "quorum": result.quorum,
        "points": None if result.points is None else dict(result.points),
        "shares": {objective: _fraction(share) for objective, share in result.shares.items()},
        "t": None if result.t is None else _fraction(result.t),
        "mean": {objective: _fraction(share) for objective, share in result.mean.items()},
    }


def _fraction(value: Fraction) -> str:
    return f"{value.numerator}/{value.denominator}"
