from fractions import Fraction
from typing import Any

import pytest

from rankd.core.assembly.tally.counters import COUNTERS
from rankd.core.assembly.tally.result import Ranking, RankingResult, Support

HALF = Fraction(1, 2)
counter = pytest.mark.parametrize("counter", COUNTERS)


def rankings(*groups: tuple[int, str]) -> list[Ranking]:
    """Read "12=3>0" as 1, then 2 … written with ">" between groups and "=" within them."""
    return [
        tuple(tuple(int(option) for option in group.split("=")) for group in text.split(">") if group)
        for count, text in groups
        for _ in range(count)
    ]


# The 45 ballots of Schulze's example 1, A … E as 1 … 5. Nobody names the status quo.
SCHULZE = rankings(
    (5, "1>3>2>5>4"),
    (5, "1>4>5>3>2"),
    (8, "2>5>4>1>3"),
    (3, "3>1>2>5>4"),
    (7, "3>1>5>2>4"),
    (2, "3>2>1>4>5"),
    (7, "4>3>5>2>1"),
    (8, "5>2>1>4>3"),
)


@counter
def test_the_example_of_schulze_is_won_by_e(counter: str) -> None:
    result = COUNTERS[counter].ranking(SCHULZE, 5, 45, HALF)
    assert result == RankingResult(
        ballot_count=45,
        quorum=45,
        majority=HALF,
        over=tuple(Support(option, 45, 0, True) for option in range(1, 6)),
        pairwise=(
            (0, 0, 0, 0, 0, 0),
            (45, 0, 20, 26, 30, 22),
            (45, 25, 0, 16, 33, 18),
            (45, 19, 29, 0, 17, 24),
            (45, 15, 12, 28, 0, 14),
            (45, 23, 27, 21, 31, 0),
        ),
        qualified=(1, 2, 3, 4, 5),
        strongest_paths=(
            (0, 28, 28, 30, 24),
            (25, 0, 28, 33, 24),
            (25, 29, 0, 29, 24),
            (25, 28, 28, 0, 24),
            (25, 28, 28, 31, 0),
        ),
        schulze_winners=(5,),
        winner=5,
    )


@counter
@pytest.mark.parametrize(
    ("supporters", "opponents", "quorum", "majority", "qualifies"),
    [
        (3, 3, 0, HALF, False),
        (4, 3, 0, HALF, True),
        (4, 3, 8, HALF, True),
        (4, 3, 9, HALF, False),
        (4, 2, 0, Fraction(2, 3), False),
        (5, 2, 0, Fraction(2, 3), True),
        (0, 0, 0, HALF, False),
    ],
)
def test_an_option_qualifies_by_beating_the_status_quo_with_half_the_quorum_behind_it(
    counter: str, supporters: int, opponents: int, quorum: int, majority: Fraction, qualifies: bool
) -> None:
    ballots = rankings((supporters, "1>0"), (opponents, "0>1"), (20, "0=1"), (20, ""))
    result = COUNTERS[counter].ranking(ballots, 1, quorum, majority)
    assert result.over == (Support(1, supporters, opponents, qualifies),)
    assert result.winner == (1 if qualifies else 0)
    assert result.ballot_count == supporters + opponents + 40


@counter
def test_without_any_ballot_the_status_quo_stays(counter: str) -> None:
    result = COUNTERS[counter].ranking([], 2, 0, HALF)
    assert (result.winner, result.qualified, result.schulze_winners, result.strongest_paths) == (0, (), (), ())


@counter
def test_options_that_do_not_qualify_are_removed_before_the_others_are_compared(counter: str) -> None:
    # 1 beats 2 and 2 beats 3, but the status quo beats 1
    ballots = rankings((3, "0>1>2>3"), (2, "2>3>0>1"), (2, "1>2>3>0"), (2, "2>0>1>3"))
    result = COUNTERS[counter].ranking(ballots, 3, 0, Fraction(5, 9))
    assert result.over == (Support(1, 2, 7, False), Support(2, 6, 3, True), Support(3, 4, 5, False))
    assert result.pairwise[1][2] == 5
    assert (result.qualified, result.strongest_paths, result.winner) == ((2,), ((0,),), 2)


@counter
def test_who_is_not_named_is_tied_last_and_equal_ranks_count_for_neither(counter: str) -> None:
    result = COUNTERS[counter].ranking(rankings((1, "1=2"), (1, "2")), 3, 0, HALF)
    assert result.pairwise == ((0, 0, 0, 0), (1, 0, 0, 1), (2, 1, 0, 2), (0, 0, 0, 0))
    assert result.winner == 2


@counter
def test_of_several_winners_the_one_with_most_votes_over_the_status_quo_wins(counter: str) -> None:
    result = COUNTERS[counter].ranking(rankings((2, "1>2>0"), (1, "2>1>0"), (1, "2>0>1")), 2, 0, HALF)
    assert result.over == (Support(1, 3, 1, True), Support(2, 4, 0, True))
    assert (result.schulze_winners, result.winner) == ((1, 2), 2)


@counter
def test_then_the_one_with_fewest_votes_against_wins(counter: str) -> None:
    result = COUNTERS[counter].ranking(rankings((2, "1>2>0"), (1, "2>1>0"), (1, "2=0>1"), (1, "0=1=2")), 2, 0, HALF)
    assert result.over == (Support(1, 3, 1, True), Support(2, 3, 0, True))
    assert (result.schulze_winners, result.winner) == ((1, 2), 2)


@counter
def test_then_the_earliest_wins_and_never_a_lot(counter: str) -> None:
    cycle = rankings((1, "1>2>3>0"), (1, "2>3>1>0"), (1, "3>1>2>0"))
    result = COUNTERS[counter].ranking(cycle, 3, 0, HALF)
    assert result.strongest_paths == ((0, 2, 2), (2, 0, 2), (2, 2, 0))
    assert (result.schulze_winners, result.winner) == ((1, 2, 3), 1)


@counter
@pytest.mark.parametrize("wrong", [((1,), (3,)), ((-1,),), ((1,), (1,)), ((1, 1),), ((1,), ()), ((0,), (1,), (0,))])
def test_an_invalid_ranking_is_refused_and_not_repaired(counter: str, wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"option|group"):
        COUNTERS[counter].ranking([((1,),), wrong], 2, 0, HALF)


@counter
def test_a_ranking_vote_without_options_is_refused(counter: str) -> None:
    with pytest.raises(ValueError, match="rank"):
        COUNTERS[counter].ranking([], 0, 0, HALF)
