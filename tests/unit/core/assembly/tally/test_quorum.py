from fractions import Fraction

import pytest

from rankd.core.assembly.tally.quorum import quorum_of

NONE = Fraction(0)


@pytest.mark.parametrize(
    ("active", "quorum"),
    [(0, 0), (1, 1), (2, 2), (3, 3), (4, 3), (5, 4), (9, 5), (16, 6), (17, 7), (100, 15), (101, 16), (10_000, 150)],
)
def test_quorum_is_the_least_number_whose_fourfold_square_reaches_nine_times_the_members(
    active: int, quorum: int
) -> None:
    assert quorum_of(active, None, NONE) == quorum


def test_a_share_of_the_members_is_rounded_up() -> None:
    assert quorum_of(9, Fraction(1, 3), NONE) == 3
    assert quorum_of(10, Fraction(1, 3), NONE) == 4
    assert quorum_of(100_000, Fraction(1, 10), NONE) == 10_000


def test_a_large_cooperative_may_set_a_minimum() -> None:
    two_percent = Fraction(2, 100)
    assert quorum_of(10_000, None, two_percent) == 200
    assert quorum_of(10_001, None, two_percent) == 201
    assert quorum_of(100, None, two_percent) == 15
    assert quorum_of(100, Fraction(1, 100), two_percent) == 2


def test_no_quorum_is_above_the_number_of_members() -> None:
    assert quorum_of(7, Fraction(3, 2), NONE) == 7
    assert quorum_of(7, None, Fraction(2)) == 7


@pytest.mark.parametrize(
    ("active", "share", "at_least"), [(-1, None, NONE), (5, Fraction(-1, 3), NONE), (5, None, Fraction(-1, 3))]
)
def test_negative_numbers_are_refused(active: int, share: Fraction | None, at_least: Fraction) -> None:
    with pytest.raises(ValueError, match="negative"):
        quorum_of(active, share, at_least)
