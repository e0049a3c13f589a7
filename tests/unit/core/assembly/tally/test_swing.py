from fractions import Fraction
from itertools import repeat

import pytest

from rankd.core.assembly.entries import Choice
from rankd.core.assembly.tally.markets import tally_points
from rankd.core.assembly.tally.result import PointsBallot, PointsResult, Ranking, RankingResult, YesNoResult
from rankd.core.assembly.tally.schulze import tally_ranking
from rankd.core.assembly.tally.swing import swung
from rankd.core.assembly.tally.yes_no import tally_yes_no

HALF = Fraction(1, 2)
YES: Choice = "yes"
NO: Choice = "no"


def yes_no(yes: int, no: int) -> YesNoResult:
    return tally_yes_no([*repeat(YES, yes), *repeat(NO, no)], 4, HALF)


def ranking(*ballots: Ranking) -> RankingResult:
    return tally_ranking(ballots, 2, 0, HALF)


def points(*firsts: int, quorum: int = 1) -> PointsResult:
    ballots: list[PointsBallot] = [{"a": first, "b": 1000 - first} for first in firsts]
    return tally_points(ballots, {"a": 0, "b": 0}, {"a": 1000, "b": 1000}, quorum)


def test_another_verdict_is_a_swing_and_other_numbers_are_not() -> None:
    assert swung(yes_no(3, 2), yes_no(3, 3))
    assert swung(yes_no(1, 0), yes_no(2, 0))
    assert not swung(yes_no(3, 2), yes_no(30, 2))
    assert not swung(yes_no(1, 0), yes_no(1, 9))


def test_another_winner_is_a_swing_and_so_is_the_status_quo() -> None:
    one, two, stay = ((1,), (2,), (0,)), ((2,), (1,), (0,)), ((0,),)
    assert swung(ranking(one), ranking(one, two, two))
    assert swung(ranking(one), ranking(one, stay))
    assert not swung(ranking(one), ranking(one, one, two))


def test_points_swing_when_more_than_a_hundred_move() -> None:
    assert not swung(points(500), points(550))  # Σ|Δ| = 100
    assert swung(points(500), points(551))
    assert swung(points(551), points(500))


def test_points_swing_when_the_quorum_is_reached_in_the_window() -> None:
    assert swung(points(500, quorum=2), points(500, 500, quorum=2))
    assert not swung(points(0, quorum=3), points(0, 1000, quorum=3))


def test_tallies_of_two_votes_are_not_compared() -> None:
    with pytest.raises(TypeError, match="one kind"):
        swung(yes_no(1, 1), points(500))
    ballots: list[PointsBallot] = [{"a": 1000}]
    with pytest.raises(ValueError, match="same objectives"):
        swung(tally_points(ballots, {"a": 0}, {"a": 1000}, 1), points(500))
