from fractions import Fraction
from itertools import repeat
from typing import Any

import pytest

from rankd.core.assembly.entries import Choice
from rankd.core.assembly.tally.counters import COUNTERS
from rankd.core.assembly.tally.result import YesNoResult

HALF = Fraction(1, 2)
YES: Choice = "yes"
NO: Choice = "no"
ABSTAIN: Choice = "abstain"
TWO_THIRDS = Fraction(2, 3)
counter = pytest.mark.parametrize("counter", COUNTERS)


def choices(yes: int, no: int, abstain: int = 0) -> list[Choice]:
    return [*repeat(NO, no), *repeat(ABSTAIN, abstain), *repeat(YES, yes)]


@counter
def test_a_result_says_what_was_counted(counter: str) -> None:
    result = COUNTERS[counter].yes_no(choices(5, 3, 2), 10, HALF)
    assert result == YesNoResult(yes=5, no=3, abstain=2, quorum=10, majority=HALF, passed=True)


@counter
@pytest.mark.parametrize(
    ("yes", "no", "quorum", "majority", "passed"),
    [
        (4, 4, 0, HALF, False),  # a tie fails
        (5, 4, 0, HALF, True),
        (0, 0, 0, HALF, False),
        (1, 0, 0, HALF, True),
        (5, 0, 10, HALF, True),  # 2 × 5 ≥ 10
        (5, 0, 11, HALF, False),
        (4, 90, 8, HALF, False),
        (2, 1, 0, TWO_THIRDS, False),  # the share must be exceeded
        (3, 1, 0, TWO_THIRDS, True),
        (6, 3, 0, TWO_THIRDS, False),
        (7, 3, 0, TWO_THIRDS, True),
    ],
)
def test_it_passes_with_half_the_quorum_in_yes_and_more_than_the_majority(
    counter: str, yes: int, no: int, quorum: int, majority: Fraction, passed: bool
) -> None:
    assert COUNTERS[counter].yes_no(choices(yes, no), quorum, majority).passed is passed


@counter
def test_abstentions_count_for_neither(counter: str) -> None:
    assert COUNTERS[counter].yes_no(choices(5, 4, 1_000), 10, HALF).passed
    assert not COUNTERS[counter].yes_no(choices(4, 3, 1_000), 10, HALF).passed


@counter
@pytest.mark.parametrize("wrong", ["Yes", "", None, True])
def test_another_choice_is_refused(counter: str, wrong: Any) -> None:
    with pytest.raises(ValueError, match="choice"):
        COUNTERS[counter].yes_no(["yes", wrong], 0, HALF)
