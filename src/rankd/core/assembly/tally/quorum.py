"""The quorum: how many members a decision needs."""

from fractions import Fraction
from math import ceil, isqrt


def quorum_of(active: int, share: Fraction | None, at_least: Fraction) -> int:
    """Return the quorum of a vote.

    Args:
        active: Active members on the roll that was pinned at the opening, N.
        share: The class's share of N, rounded up; None: the least q with 4q² ≥ 9N (about 1.5·√N).
        at_least: A share of N, rounded up, below which the quorum never goes.

    Returns:
        The quorum, at most N.

    Raises:
        ValueError: A number is negative.

    Source: MATH 6.
    """
    if active < 0 or at_least < 0 or (share is not None and share < 0):
        raise ValueError("neither a roll nor a share of it is negative")
    quorum = _least_by_root(active) if share is None else ceil(share * active)
    return min(active, max(quorum, ceil(at_least * active)))


def _least_by_root(active: int) -> int:
    """The least q with (2q)² ≥ 9N: half the least root, both rounded up."""
    if active == 0:
        return 0
    least_root = isqrt(9 * active - 1) + 1
    return (least_root + 1) // 2
