from collections.abc import Callable, Sequence

import numpy as np
import pytest

from rankd.core.errors import PolicyError
from rankd.core.exact.half_life import FACTOR_ONE, STEPS, half_power
from rankd.core.objectives import OBJECTIVES
from rankd.core.policy.pairing import (
    MAX_CLOCK_MS,
    MAX_INT64,
    check_limits,
    check_pair,
    check_surface,
    prove_bounds,
)
from rankd.core.policy.policy import Limits, Policy
from rankd.core.policy.reader import read_limits
from rankd.core.ranking.calibration import Calibration, probability_ppb
from rankd.core.ranking.formula import build_formula
from rankd.core.ranking.rules import discount
from rankd.core.ranking.signal import HeadSignal
from rankd.core.ranking.value import value_terms

Read = Callable[..., Policy]
Heads = Callable[..., tuple[HeadSignal, ...]]
EIGHT = OBJECTIVES[:-1]


def refusal(policy: Policy, limits: Limits, heads: Sequence[HeadSignal]) -> PolicyError:
    with pytest.raises(PolicyError) as caught:
        check_pair(policy, limits, heads)
    for language in ("fr", "en"):
        assert caught.value.say(language)
    return caught.value


def test_a_pair_whose_heads_all_know_something_has_nothing_to_announce(
    founding: Policy, limits: Limits, heads: Heads
) -> None:
    assert check_pair(founding, limits, heads(*EIGHT)) == ()


def test_silent_heads_with_points_load_and_are_announced(founding: Policy, limits: Limits, heads: Heads) -> None:
    silent = heads("click", "long_view", "like!", "reply", "repost!", "follow", "profile_visit", "hide", "report!")
    assert check_pair(founding, limits, silent) == ("like", "repost")


def test_points_on_an_objective_without_a_head_do_not_load(example: Policy, limits: Limits, heads: Heads) -> None:
    error = refusal(example, limits, heads(*EIGHT))
    assert error.reason == "HEAD_MISSING"
    assert error.metadata["objectives"] == "report"
    assert error.metadata["field"] == "points.report"


def test_an_objective_without_points_needs_no_head(small: Read, limits: Limits, heads: Heads) -> None:
    policy = small(("hide: 150", "hide: 0"), ("long_view: 300", "long_view: 450"))
    assert check_pair(policy, limits, heads(*OBJECTIVES[:-2])) == ()


@pytest.mark.parametrize("names", [("click", "click"), ("long_view", "click")])
def test_heads_that_repeat_or_are_out_of_order_are_refused(
    names: tuple[str, str], founding: Policy, limits: Limits, heads: Heads
) -> None:
    assert refusal(founding, limits, heads(*names)).reason == "HEAD_REPEATED"


@pytest.mark.parametrize(("given", "ok"), [(299, False), (300, True), (301, False)])
def test_points_must_lie_in_the_limits(given: int, ok: bool, small: Read) -> None:
    policy = small(("long_view: 300", f"long_view: {given}"), ("click: 150", f"click: {450 - given}"))
    tight = read_limits(
        b"schema: rankd.limits/1\nlift_ceiling: 10\nexploration_max: 5%\nobjectives:\n"
        + b"".join(
            f"  {objective}: {{sign: reward, min: {300 if objective == 'long_view' else 0}, "
            f"max: {300 if objective == 'long_view' else 1000}}}\n".encode()
            for objective in OBJECTIVES
        )
    )
    if ok:
        check_limits(policy, tight)
    else:
        with pytest.raises(PolicyError) as caught:
            check_limits(policy, tight)
        assert caught.value.reason == "POINTS_OUTSIDE_LIMITS"
        assert caught.value.metadata["field"] == "points.long_view"


def test_more_exploration_than_the_limits_allow_is_refused(small: Read, limits: Limits, heads: Heads) -> None:
    error = refusal(small(("share: 2%", "share: 5.0001%")), limits, heads(*EIGHT))
    assert error.reason == "EXPLORATION_ABOVE_LIMIT"
    assert check_pair(small(("share: 2%", "share: 5%")), limits, heads(*EIGHT)) == ()


def test_a_model_of_another_surface_is_refused(founding: Policy) -> None:
    check_surface(founding, "video")
    with pytest.raises(PolicyError) as caught:
        check_surface(founding, "timeline")
    assert caught.value.reason == "MODEL_SURFACE"


def extreme_limits() -> Limits:
    rows = "".join(f"  {objective}: {{sign: reward, min: 0, max: 1000}}\n" for objective in OBJECTIVES)
    text = f"schema: rankd.limits/1\nlift_ceiling: 50\nexploration_max: 100%\nobjectives:\n{rows}"
    return read_limits(text.encode())


def test_the_most_extreme_policy_and_limits_are_proven(small: Read) -> None:
    points = "{" + ", ".join(f"{objective}: {1000 if objective == 'reply' else 0}" for objective in OBJECTIVES) + "}"
    policy = small(
        (
            "{click: 150, long_view: 300, like: 100, reply: 150, repost: 50, "
            "follow: 50, profile_visit: 50, hide: 150, report: 0}",
            points,
        ),
        ("sliders: {}", "sliders: {reply: {min: 0%, max: 300%}}"),
        (
            "rules: {}",
            "rules: {freshness/1: {half_life: 3650d, floor: 0.1%, unknown_age: 3650d}, "
            "feedback_fatigue/1: {column: c, recovery: 3650d, floor: 0%}, "
            "quota/1: [{group: g, at_least: 500, in_first: 500}]}",
        ),
    )
    proof = {product: magnitude for product, magnitude, _ in prove_bounds(policy, extreme_limits())}
    assert proof["sum of terms"] == 150_000_000_000
    assert proof["value × factor"] == 150_000_000_000 * 65536
    assert proof["rest of age × 1024"] == (315_360_000_000 - 1) * 1024


def test_a_product_beyond_its_bound_is_refused_by_name(founding: Policy, limits: Limits) -> None:
    impossible = Limits(2**40, 0, limits.objectives, b"", b"", b"")
    with pytest.raises(PolicyError) as caught:
        prove_bounds(founding, impossible)
    assert caught.value.reason == "BOUND_EXCEEDED"
    assert caught.value.metadata["product"] == "value × factor"


def test_numpy_agrees_with_unbounded_integers_at_every_extreme(small: Read) -> None:
    table = Calibration(np.array([-(2**31) + 1, 2**31 - 1], dtype=np.int64), np.array([1, 10**9 - 1], dtype=np.int64))
    margins = np.array([2**31 - 1, -(2**31) + 1, 2**31 - 2, 0], dtype=np.int32)
    p = [1 + (int(m) + 2**31 - 1) * (10**9 - 2) // (2**32 - 2) for m in margins]
    assert probability_ppb(table, margins).tolist() == p

    limits = extreme_limits()
    policy = small(("sliders: {}", "sliders: {long_view: {min: 0%, max: 300%}}"))
    heads = tuple(HeadSignal(objective, 1, table) for objective in OBJECTIVES)
    formula = build_formula(policy, limits, heads)
    moved = tuple((objective, 300) for objective in OBJECTIVES)
    terms = value_terms(formula, np.tile(margins, (9, 1)), moved)
    lifts = [min(each * 10**6, 50_000_000) for each in p]
    assert terms.values.tolist() == [3000 * lift for lift in lifts]
    full = np.full(len(lifts), FACTOR_ONE, dtype=np.int64)
    assert discount(terms.values, full).tolist() == [3000 * lift for lift in lifts]
    assert half_power(np.array([MAX_CLOCK_MS]), 315_360_000_000).tolist() == [0]
    assert (315_360_000_000 - 1) * STEPS < MAX_INT64
