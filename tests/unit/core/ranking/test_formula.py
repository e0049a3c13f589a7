from typing import Any

import pytest

from rankd.core.ranking.formula import Formula, factor
from tests.reference.cases import TABLE, limits_form
from tests.reference.conversion import rankd_formula
from tests.reference.value import OBJECTIVES


def _formula(rules: dict[str, Any]) -> Formula:
    heads = [{"objective": name, "base_rate_ppb": 1_000, "calibration": TABLE} for name in ("like", "hide")]
    points = dict.fromkeys(OBJECTIVES, 0) | {"like": 333, "hide": 667}
    policy = {"points": points, "rules": rules, "exploration": {"share_ppm": 5}, "sliders": {}}
    formula = rankd_formula({"policy": policy, "limits": limits_form(), "heads": heads})
    assert formula is not None
    return formula


@pytest.mark.parametrize(
    ("ppm", "over_65536"), [(0, 0), (15, 0), (16, 1), (1_000, 65), (500_000, 32768), (999_999, 65535), (10**6, 65536)]
)
def test_a_share_becomes_a_factor_rounded_down(ppm: int, over_65536: int) -> None:
    assert factor(ppm) == over_65536


def test_points_and_signs_follow_the_heads() -> None:
    formula = _formula({})
    assert (formula.points, formula.signs, formula.exploration_ppm) == ((333, 667), (1, -1), 5)


def test_sliders_move_points_rounding_down_and_leave_the_others() -> None:
    formula = _formula({})
    assert formula.moved_points((("like", 50), ("click", 300))) == (166, 667)
    assert formula.moved_points((("like", 0), ("hide", 300))) == (0, 2001)


def test_without_diversity_every_factor_is_one() -> None:
    assert _formula({}).diversity == (65536,) * 65


def test_diversity_decays_to_its_floor_and_never_below() -> None:
    diversity = _formula({"author_diversity/1": {"decay_ppm": 500_000, "floor_ppm": 100_000}}).diversity
    assert diversity[:6] == (65536, 32768, 16384, 8192, 6553, 6553)
    assert set(diversity[4:]) == {6553}
    assert len(diversity) == 65


def test_a_floor_above_the_decay_wins_at_once() -> None:
    diversity = _formula({"author_diversity/1": {"decay_ppm": 100_000, "floor_ppm": 900_000}}).diversity
    assert diversity[:3] == (65536, 58982, 58982)
