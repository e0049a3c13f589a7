"""The tally of a yes/no vote."""

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction

from rankd.core.assembly.entries import Choice
from rankd.core.assembly.tally.result import YesNoResult


def tally_yes_no(choices: Iterable[Choice], quorum: int, majority: Fraction) -> YesNoResult:
    """Count a yes/no vote.

    It passes if 2·yes ≥ q and yes·den > num·(yes + no). So a tie fails, and *no* never helps to pass: a quorum of
    voters would let opponents defeat a proposal by staying at home, and bring it through by coming.

    Args:
        choices: One a member.
        quorum: q, see `quorum_of`.
        majority: num/den, the share of yes among yes and no that must be exceeded.

    Raises:
        ValueError: A choice is none of the three.

    Source: MATH 6.
    """
    counts: Counter[str] = Counter(choices)
    if not counts.keys() <= {"yes", "no", "abstain"}:
        raise ValueError("a choice is yes, no or abstain")
    yes, no = counts["yes"], counts["no"]
    passed = 2 * yes >= quorum and yes * majority.denominator > majority.numerator * (yes + no)
    return YesNoResult(yes, no, counts["abstain"], quorum, majority, passed)
