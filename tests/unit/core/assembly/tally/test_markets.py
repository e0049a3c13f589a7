from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import permutations
from typing import Any

import pytest

from rankd.core.assembly.tally.counters import COUNTERS
from rankd.core.assembly.tally.result import PointsBallot, PointsResult

counter = pytest.mark.parametrize("counter", COUNTERS)


def ballots(*rows: Sequence[int]) -> list[PointsBallot]:
    """Read points by the objectives a to e."""
    return [dict(zip("abcde", row, strict=False)) for row in rows]


def bounds(size: int, bound: int) -> dict[str, int]:
    return dict.fromkeys("abcde"[:size], bound)


def count(
    counter: str, *rows: Sequence[int], floors: Sequence[int] | None = None, quorum: int = 1
) -> tuple[PointsResult, list[int]]:
    size = len(rows[0])
    lows = bounds(size, 0) if floors is None else dict(zip("abcde", floors, strict=False))
    result = COUNTERS[counter].points(ballots(*rows), lows, bounds(size, 1000), quorum)
    return result, list((result.points or {}).values())


@counter
def test_worked_example_two_three_five_members_who_each_want_one_thing(counter: str) -> None:
    result, points = count(counter, *[[1000, 0, 0]] * 2, *[[0, 1000, 0]] * 3, *[[0, 0, 1000]] * 5)
    assert points == [200, 300, 500]
    assert result.t == 100
    assert result.mean == {"a": 200, "b": 300, "c": 500}
    assert (result.ballot_count, result.abstain_count, result.quorum) == (10, 0, 1)


@counter
def test_worked_example_four_members(counter: str) -> None:
    result, points = count(counter, [700, 200, 100], [300, 600, 100], [300, 100, 600], [0, 500, 500])
    assert points == [300, 350, 350]
    assert result.t == 175
    assert result.shares == {"a": 300, "b": 350, "c": 350}
    assert result.mean == {"a": 325, "b": 350, "c": 325}


@counter
def test_worked_example_with_floors(counter: str) -> None:
    above = [[500, 200, 100, 0], [0, 300, 300, 200], [200, 0, 100, 500], [800, 0, 0, 0]]
    floors = [100, 50, 50, 0]
    result, points = count(
        counter, *[[s + f for s, f in zip(row, floors, strict=True)] for row in above], floors=floors
    )
    assert points == [367, 250, 183, 200]
    assert result.t == Fraction(400, 3)
    third = Fraction(1, 3)
    assert result.shares == {"a": 366 + 2 * third, "b": 250, "c": 183 + third, "d": 200}


@counter
def test_worked_example_below_every_vote_on_the_first(counter: str) -> None:
    result, points = count(counter, [600, 400, 0, 0, 0], [600, 0, 400, 0, 0], [600, 0, 0, 400, 0], [600, 0, 0, 0, 400])
    assert points == [500, 125, 125, 125, 125]
    assert result.t == 125
    assert result.mean["a"] == 600


@counter
def test_one_member_alone_gets_what_she_wants_and_so_do_all_who_want_the_same(counter: str) -> None:
    for rows in ([[500, 250, 250]], [[500, 250, 250]] * 4):
        result, points = count(counter, *rows)
        assert points == [500, 250, 250]
        # everything is handed out at the very last of the breakpoints
        assert result.t == Fraction(500, len(rows))


@counter
def test_missing_points_go_to_the_largest_fractions_then_to_smaller_ids_in_bytes(counter: str) -> None:
    _, points = count(counter, *permutations([1000, 0, 0]))
    assert points == [334, 333, 333]
    given: list[PointsBallot] = [
        {"é": 1000, "z": 0, "Z": 0},
        {"é": 0, "z": 1000, "Z": 0},
        {"é": 0, "z": 0, "Z": 1000},
    ]
    free = {"é": 0, "z": 0, "Z": 0}
    result = COUNTERS[counter].points(given, free, dict.fromkeys(free, 1000), 1)
    assert result.points == {"é": 333, "z": 333, "Z": 334}
    _, points = count(counter, *[[1000, 0, 0]] * 3, *[[0, 1000, 0]] * 2, *[[0, 0, 1000]] * 2)
    # 3000/7 = 428 4/7, 2000/7 = 285 5/7 twice
    assert points == [428, 286, 286]


@counter
def test_bounds_that_leave_nothing_to_hand_out(counter: str) -> None:
    result = COUNTERS[counter].points(ballots([400, 600], [400, 600]), {"a": 400, "b": 600}, {"a": 1000, "b": 600}, 1)
    assert result.points == {"a": 400, "b": 600}
    assert result.t == 0


@counter
def test_an_objective_without_a_head_gets_nothing(counter: str) -> None:
    given = ballots([300, 0, 700], [500, 0, 500])
    result = COUNTERS[counter].points(given, bounds(3, 0), {"a": 1000, "b": 0, "c": 1000}, 1)
    assert result.points is not None
    assert result.points["b"] == 0


@counter
def test_abstentions_are_counted_and_decide_nothing(counter: str) -> None:
    rows = ballots([700, 300], [500, 500])
    free, full = bounds(2, 0), bounds(2, 1000)
    without = COUNTERS[counter].points(rows, free, full, 2)
    given: list[PointsBallot] = ["abstain", rows[0], "abstain", rows[1], "abstain"]
    result = COUNTERS[counter].points(given, free, full, 2)
    assert (result.points, result.ballot_count, result.abstain_count) == (without.points, 2, 3)
    assert COUNTERS[counter].points(given, free, full, 3).points is None


@counter
def test_below_the_quorum_nothing_is_decided_but_everybody_sees_what_was_counted(counter: str) -> None:
    decided, _ = count(counter, [700, 300], [500, 500], quorum=2)
    result, _ = count(counter, [700, 300], [500, 500], quorum=3)
    assert decided.points is not None
    assert result.points is None
    assert (result.shares, result.t, result.mean) == (decided.shares, decided.t, decided.mean)


@counter
@pytest.mark.parametrize("quorum", [0, 1])
def test_without_any_ballot_nothing_is_decided(counter: str, quorum: int) -> None:
    result = COUNTERS[counter].points(["abstain"], bounds(2, 0), bounds(2, 1000), quorum)
    assert result == PointsResult(None, {}, None, {}, 0, 1, quorum)


@counter
@pytest.mark.parametrize(
    "wrong",
    [
        {"a": 600, "b": 300},
        {"a": 600, "b": 300, "c": 101},
        {"a": 600, "b": 300, "c": 99},
        {"a": 950, "b": 50, "c": 0},
        {"a": 0, "b": 701, "c": 299},
        {"a": 1000, "b": -100, "c": 100},
        {"a": 600, "b": 300, "c": 100, "d": 0},
        {"a": 600, "b": 300, "d": 100},
        {"a": 600, "b": 300, "c": 100.0},
        {"a": 600, "b": 399, "c": True},
        {},
        "yes",
    ],
)
def test_an_invalid_ballot_is_refused_and_not_repaired(counter: str, wrong: Any) -> None:
    floors: Mapping[str, int] = {"a": 0, "b": 0, "c": 1}
    caps: Mapping[str, int] = {"a": 1000, "b": 700, "c": 400}
    right: PointsBallot = {"a": 600, "b": 300, "c": 100}
    assert COUNTERS[counter].points([right, right], floors, caps, 2).points == right
    with pytest.raises(ValueError, match=r"point|ballot|objective|1000"):
        COUNTERS[counter].points([right, wrong], floors, caps, 2)


@counter
@pytest.mark.parametrize(
    ("floors", "caps"),
    [
        ({"a": 0}, {"a": 1000, "b": 1000}),
        ({"a": 0, "b": 0}, {"a": 1000}),
        ({"a": -1, "b": 0}, {"a": 1000, "b": 1000}),
        ({"a": 500, "b": 0}, {"a": 499, "b": 1000}),
        ({"a": 500, "b": 501}, {"a": 1000, "b": 1000}),
        ({"a": 0, "b": 0}, {"a": 500, "b": 499}),
        ({}, {}),
    ],
)
def test_bounds_that_nobody_can_keep_are_refused(counter: str, floors: dict[str, int], caps: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"bounds|floors"):
        COUNTERS[counter].points([], floors, caps, 0)
