"""The tally of a points vote: independent markets, exact in fractions.

Each objective is a market that rises with a common clock t: it may hold as much as t times the number of members who
would give it more than it holds. At the moment t* when the markets together hold all points, the clock stops.

Source: MATH 5; Freeman, Pennock, Peters and Wortman Vaughan, "Truthful Aggregation of Budget Proposals" (2019).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from rankd.core.assembly.tally.result import POINTS_TOTAL, PointsBallot, PointsResult


def tally_points(
    ballots: Sequence[PointsBallot], floors: Mapping[str, int], caps: Mapping[str, int], quorum: int
) -> PointsResult:
    """Count a points vote.

    Args:
        ballots: One a member.
        floors: The least points of each objective, at least 0.
        caps: The most points of each objective; 0 where the model has no head for it.
        quorum: Ballots with points that a decision needs, see `quorum_of`.

    Raises:
        ValueError: Floors and caps are not of the same objectives or leave no thousand points between them; or a
            ballot is invalid: not every objective and no other, not integers, not within floor and cap, not 1000.

    Source: MATH 5.
    """
    _check_bounds(floors, caps)
    filled = [ballot for ballot in ballots if not isinstance(ballot, str)]
    abstentions = Counter(ballot for ballot in ballots if isinstance(ballot, str))
    if not abstentions.keys() <= {"abstain"}:
        raise ValueError("a points ballot holds points, or abstains")
    columns = _columns(filled, floors, caps)
    if not filled:
        return PointsResult(None, {}, None, {}, 0, len(ballots), quorum)
    markets = {objective: _rises(columns[objective], floor) for objective, floor in floors.items()}
    t = _stop(list(markets.values()), POINTS_TOTAL - sum(floors.values()), len(filled))
    shares = {objective: floors[objective] + _held(rises, t) for objective, rises in markets.items()}
    return PointsResult(
        points=_rounded(shares) if len(filled) >= quorum else None,
        shares=shares,
        t=t,
        mean={objective: Fraction(sum(column), len(filled)) for objective, column in columns.items()},
        ballot_count=len(filled),
        abstain_count=len(ballots) - len(filled),
        quorum=quorum,
    )


@dataclass(frozen=True, slots=True)
class _Rise:
    """One rise of a market: it holds `demand`·t from `low`, at t = low/demand, to `high`, at t = high/demand.

    Before and after it stands still. `low` and `high` are neighbours among the values on the ballots (and 0), and
    `demand` is the number of ballots with at least `high`.
    """

    low: int
    high: int
    demand: int


def _check_bounds(floors: Mapping[str, int], caps: Mapping[str, int]) -> None:
    if floors.keys() != caps.keys() or any(not 0 <= floor <= caps[objective] for objective, floor in floors.items()):
        raise ValueError("floors and caps are of the same objectives, 0 ≤ floor ≤ cap")
    if not sum(floors.values()) <= POINTS_TOTAL <= sum(caps.values()):
        raise ValueError("no thousand points keep these floors and caps")


def _columns(
    filled: Sequence[Mapping[str, int]], floors: Mapping[str, int], caps: Mapping[str, int]
) -> dict[str, list[int]]:
    """The points by objective, each a list over the ballots."""
    if any(ballot.keys() != floors.keys() for ballot in filled):
        raise ValueError("a points ballot names every objective and no other")
    columns = {objective: [ballot[objective] for ballot in filled] for objective in floors}
    for objective, column in columns.items():
        if not set(map(type, column)) <= {int}:
            raise ValueError("points are integers")
        if filled and not floors[objective] <= min(column) <= max(column) <= caps[objective]:
            raise ValueError(f"the points of {objective} are not within its floor and cap on every ballot")
    if any(total != POINTS_TOTAL for total in map(sum, zip(*columns.values(), strict=True))):
        raise ValueError("the points of a ballot are not together 1000")
    return columns


def _rises(column: Sequence[int], floor: int) -> list[_Rise]:
    counts = Counter(column)
    rises = []
    low, demand = 0, len(column)
    for points in sorted(counts):
        high = points - floor
        if high > 0:
            rises.append(_Rise(low, high, demand))
            low = high
        demand -= counts[points]
    return rises


def _stop(markets: Sequence[Sequence[_Rise]], spare: int, ballot_count: int) -> Fraction:
    """Return t*: the greatest moment at which the markets hold no more than what there is, or the last of all.

    Between two moments at which a rise begins or ends they hold `standing` + `slope`·t.
    """
    moments = []
    for rise in (rise for rises in markets for rise in rises):
        moments.append((rise.low, rise.demand, -rise.low, rise.demand))
        moments.append((rise.high, rise.demand, rise.high, -rise.demand))
    # Two different fractions with denominators up to n are at least 1/n² apart, so that rounded down after a
    # multiplication by n² they are still different, and as integers they are sorted fast.
    scale = ballot_count * ballot_count
    moments.sort(key=lambda moment: moment[0] * scale // moment[1])
    standing = slope = 0
    for numerator, denominator, more_standing, more_slope in moments:
        if standing * denominator + slope * numerator > spare * denominator:
            return Fraction(spare - standing, slope)
        standing += more_standing
        slope += more_slope
    return Fraction(moments[-1][0], moments[-1][1]) if moments else Fraction(0)


def _held(rises: Sequence[_Rise], t: Fraction) -> Fraction:
    """What a market holds at a moment: what its last rise that has begun came to."""
    begun = None
    for rise in rises:
        if rise.demand * t.numerator <= rise.low * t.denominator:
            break
        begun = rise
    return Fraction(0) if begun is None else min(Fraction(begun.high), t * begun.demand)


def _rounded(shares: Mapping[str, Fraction]) -> dict[str, int]:
    """Round down, and hand what is missing, a point each, to the largest fractions, ties to the smaller id."""
    points = {objective: share.numerator // share.denominator for objective, share in shares.items()}
    by_fraction = sorted(shares, key=lambda objective: (points[objective] - shares[objective], objective.encode()))
    for objective in by_fraction[: POINTS_TOTAL - sum(points.values())]:
        points[objective] += 1
    return points
