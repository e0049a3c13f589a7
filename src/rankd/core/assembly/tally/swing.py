"""The late swing: whether an outcome changed so much in a vote's last hours that the vote is extended."""

from rankd.core.assembly.tally.result import PointsResult, RankingResult, Result, YesNoResult

SWING_POINTS = 100
"""Points that may change without extending a points vote, counted over all objectives (Σ|Δ|)."""


def swung(before: Result, after: Result) -> bool:
    """Tell whether two tallies of one vote differ in their outcome.

    Args:
        before: The tally of the ballots cast before the window.
        after: The tally of all ballots.

    Returns:
        Whether the verdict or the winner differs; for points, whether only one of them decides, or both decide and
        Σ|Δ| is above `SWING_POINTS`.

    Raises:
        TypeError: The two are not tallies of one kind.
        ValueError: The two are not of the same objectives.

    Source: MATH 6.
    """
    if isinstance(before, YesNoResult) and isinstance(after, YesNoResult):
        return before.passed != after.passed
    if isinstance(before, RankingResult) and isinstance(after, RankingResult):
        return before.winner != after.winner
    if isinstance(before, PointsResult) and isinstance(after, PointsResult):
        return _points_swung(before, after)
    raise TypeError("two tallies of one vote are of one kind")


def _points_swung(before: PointsResult, after: PointsResult) -> bool:
    if before.points is None or after.points is None:
        return (before.points is None) != (after.points is None)
    if before.points.keys() != after.points.keys():
        raise ValueError("two tallies of one vote are of the same objectives")
    moved = sum(abs(points - after.points[objective]) for objective, points in before.points.items())
    return moved > SWING_POINTS
