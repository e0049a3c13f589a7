"""Small worlds in which the smallest transfer can be found with pencil and paper."""

from dataclasses import replace
from typing import Any

from rankd.core.exact.chance import TieLot
from rankd.core.ranking.counterfactual import Counterfactuals, Swap, Transfer
from tests.reference.cases import TABLE, plain_case
from tests.reference.conversion import (
    rankd_columns,
    rankd_formula,
    rankd_limits,
    rankd_margins,
    rankd_ranking,
    rankd_request,
)


def two_heads(click: list[int], reply: list[int], points: tuple[int, int] = (600, 400)) -> dict[str, Any]:
    """Return a case without rules in which lifts are as given, in whole numbers."""
    case = plain_case([lift * 1_000_000 for lift in click])
    case["heads"].append({"objective": "reply", "base_rate_ppb": 1_000_000, "calibration": TABLE})
    case["margins"].append([lift * 1_000_000 for lift in reply])
    case["policy"]["points"] |= {"click": points[0], "reply": points[1]}
    case["nonce"] = next(nonce for nonce in map("{:064x}".format, range(99)) if lots_as_numbered(nonce, len(click)))
    return case


def lots_as_numbered(nonce: str, count: int) -> bool:
    """Whether among equals p0 comes before p1, p1 before p2 and so on."""
    keys = [TieLot(bytes.fromhex(nonce), f"p{at}").key for at in range(count)]
    return keys == sorted(keys)


def swap(case: dict[str, Any], candidate: int, tries: int = 30, **bounds: tuple[int, int]) -> Swap | None:
    formula, limits = rankd_formula(case), rankd_limits(case["limits"])
    assert formula is not None
    limits = replace(
        limits,
        objectives=tuple(
            replace(entry, min_points=bounds[entry.objective][0], max_points=bounds[entry.objective][1])
            if entry.objective in bounds
            else entry
            for entry in limits.objectives
        ),
    )
    margins, columns, nonce = rankd_margins(case), rankd_columns(case), bytes.fromhex(case["nonce"])
    policies = Counterfactuals(rankd_request(case), formula, limits, margins, columns, nonce, rankd_ranking(case))
    return policies.swap(candidate, tries)


def test_the_smallest_transfer_is_the_one_that_pencil_and_paper_give() -> None:
    # 600 × 2 + 400 × 1 = 1600 against 600 × 1 + 400 × 2 = 1400: equal at 500 and 500, so 101 points settle it.
    found = swap(two_heads([2, 1], [1, 2]), 1)
    assert found == Swap(0, Transfer(101, "click", "reply"), settled=True, tried=1)


def test_equal_values_fall_to_the_recorded_lot() -> None:
    sizes = set()
    for number in range(20):
        case = two_heads([2, 1], [1, 2])
        case["nonce"] = f"{number:064x}"
        found = swap(case, 1)
        assert found is not None
        assert found.transfer is not None
        sizes.add(found.transfer.points)
    assert sizes == {100, 101}


def test_limits_that_leave_too_few_points_leave_no_such_transfer_and_that_is_settled() -> None:
    assert swap(two_heads([2, 1], [1, 2]), 1, click=(550, 1000)) == Swap(0, None, settled=True, tried=0)
    assert swap(two_heads([2, 1], [1, 2]), 1, reply=(0, 450)) == Swap(0, None, settled=True, tried=0)


def test_sliders_apply_to_the_policy_that_is_tried() -> None:
    case = two_heads([2, 1], [1, 2])
    case["request"]["sliders"] = [["reply", 50]]
    # Now (600 − t) × 2 + (400 + t) // 2 against (600 − t) + (400 + t) // 2 × 2: past where 600 − t = (400 + t) // 2.
    found = swap(case, 1)
    assert found is not None
    assert found.transfer is not None
    size = found.transfer.points
    assert 600 - size <= (400 + size) // 2
    assert 600 - (size - 2) > (400 + size - 2) // 2


def test_points_for_an_objective_that_the_viewer_set_to_zero_move_nobody() -> None:
    case = two_heads([2, 1], [1, 2])
    case["request"]["sliders"] = [["reply", 0]]
    assert swap(case, 1, click=(1, 1000)) == Swap(0, None, settled=True, tried=0)


def test_a_swap_that_only_a_cap_brings_about_is_found_by_ranking_again() -> None:
    case = two_heads([5, 4, 1], [1, 1, 4])
    case["request"]["candidates"]["author_id"] = ["ana", "bao", "ana"]
    case["policy"]["rules"] = {"cap/1": [{"per": "author", "at_most": 1, "in_first": 2}], "after_cap": "append"}
    assert rankd_ranking(case).order == (0, 1, 2)
    # With 172 points more for replies p2 comes first, so that p0, of the same author, must wait until after p1.
    assert swap(case, 1, tries=1_000, reply=(0, 900)) == Swap(
        0, Transfer(172, "click", "reply"), settled=True, tried=172 + 171
    )
    assert swap(case, 1, tries=300, reply=(0, 900)) == Swap(0, None, settled=False, tried=300)


def test_few_tries_leave_the_question_open_and_say_so() -> None:
    case = two_heads([9, 3, 1], [1, 1, 1], (1000, 0))
    case["request"]["candidates"]["groups"] = [["ad"], [], []]
    case["policy"]["rules"] = {"cap/1": [{"group": "ad", "at_most": 0, "in_first": 1}], "after_cap": "drop"}
    # p0 may not stand first: whatever the points, p1 is before it, and only ranking all of them again would prove it.
    assert rankd_ranking(case).order == (1, 0, 2)
    assert swap(case, 0, tries=5) == Swap(1, None, settled=False, tried=5)


def test_the_first_the_unplaced_and_newest_first_have_nobody_right_before_them() -> None:
    case = two_heads([2, 1], [1, 2])
    assert swap(case, 0) is None
    case["policy"]["rules"] = {"drop_muted/1": "apply"}
    case["request"]["candidates"]["muted"] = [1]
    assert swap(case, 1) is None
    case["request"]["mode"] = "NEWEST_FIRST"
    assert swap(case, 1) is None


def test_places_are_those_before_exploration() -> None:
    case = two_heads([3, 2, 1], [1, 1, 5])
    case["policy"]["exploration"]["share_ppm"] = 1_000_000
    ranking = rankd_ranking(case)
    assert ranking.shown != ranking.order
    for place in (1, 2):
        found = swap(case, ranking.order[place])
        assert found is not None
        assert found.before == ranking.order[place - 1]
