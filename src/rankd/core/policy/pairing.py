"""Pairing: whether a policy may rank under these limits with this model, proven before it does."""

from collections.abc import Iterable, Sequence

import numpy as np

from rankd.core.errors import PolicyError
from rankd.core.exact.canonical import MAX_SAFE_INTEGER
from rankd.core.exact.half_life import FACTOR_ONE, STEPS
from rankd.core.objectives import OBJECTIVES
from rankd.core.policy.fields import MAX_DURATION_MS, share_text
from rankd.core.policy.policy import Limits, Policy
from rankd.core.policy.reader import MAX_SLIDER_PERCENT
from rankd.core.ranking.calibration import PPB
from rankd.core.ranking.signal import LIFT_ONE, HeadSignal

MAX_INT64 = 2**63 - 1

MAX_CLOCK_MS = 253_402_300_799_999
"""The last millisecond of the year 9999, the latest that a Timestamp carries: no age is greater."""


def check_pair(policy: Policy, limits: Limits, heads: Sequence[HeadSignal]) -> tuple[str, ...]:
    """Make sure that a policy, limits and a model go together.

    Args:
        policy: The policy.
        limits: The limits that it must keep.
        heads: The model's signal, one head per objective at most, in the canonical order.

    Returns:
        The silent objectives that carry points, in the canonical order: the pair loads, and people are told.

    Raises:
        PolicyError: `HEAD_REPEATED`, `HEAD_MISSING`, `POINTS_OUTSIDE_LIMITS`, `EXPLORATION_ABOVE_LIMIT` or
            `BOUND_EXCEEDED`.

    Source: DESIGN 3; docs/spec/policy.md section 9.
    """
    check_limits(policy, limits)
    order = [OBJECTIVES.index(head.objective) for head in heads]
    for number in range(1, len(order)):
        if order[number] <= order[number - 1]:
            raise PolicyError("HEAD_REPEATED", objective=heads[number].objective)
    silent = {head.objective: head.silent for head in heads}
    missing = [objective for objective, given in policy.points if given > 0 and objective not in silent]
    if missing:
        raise PolicyError(
            "HEAD_MISSING",
            surface=policy.surface,
            objectives=", ".join(missing),
            heads=", ".join(head.objective for head in heads),
            field=f"points.{missing[0]}",
        )
    prove_bounds(policy, limits, heads)
    return tuple(objective for objective, given in policy.points if given > 0 and silent[objective])


def check_surface(policy: Policy, model_surface: str) -> None:
    """Make sure that a policy and a model are for one surface.

    Raises:
        PolicyError: `MODEL_SURFACE`.
    """
    if policy.surface != model_surface:
        raise PolicyError("MODEL_SURFACE", field="surface", surface=policy.surface, found=model_surface)


def check_limits(policy: Policy, limits: Limits) -> None:
    """Make sure that a policy keeps its limits, whatever the model.

    Raises:
        PolicyError: `POINTS_OUTSIDE_LIMITS` or `EXPLORATION_ABOVE_LIMIT`.
    """
    points = dict(policy.points)
    for entry in limits.objectives:
        given = points[entry.objective]
        if not entry.min_points <= given <= entry.max_points:
            raise PolicyError(
                "POINTS_OUTSIDE_LIMITS",
                surface=policy.surface,
                objective=entry.objective,
                found=given,
                least=entry.min_points,
                most=entry.max_points,
                field=f"points.{entry.objective}",
            )
    if policy.exploration_ppm > limits.exploration_max_ppm:
        raise PolicyError(
            "EXPLORATION_ABOVE_LIMIT",
            surface=policy.surface,
            found=share_text(policy.exploration_ppm),
            most=share_text(limits.exploration_max_ppm),
            field="exploration.share",
        )


def prove_bounds(policy: Policy, limits: Limits, heads: Sequence[HeadSignal] = ()) -> tuple[tuple[str, int, int], ...]:
    """Prove that no request can take a product of the score out of int64, or a stored value out of ±(2⁵³ − 1).

    Each magnitude is the largest over every input, computed without overflow: every probability, base rate and
    calibration segment that a table may hold, lifts at the ceiling, sliders at 300 %, clocks up to the year 9999.

    Args:
        policy: The policy.
        limits: Its limits.
        heads: The model's heads, whose own calibration segments are measured; none: the worst that a table may hold.

    Returns:
        (product, largest magnitude, bound) for each, as the specification lists them.

    Raises:
        PolicyError: `BOUND_EXCEEDED` names the first product that could leave its bound.

    Source: MATH preamble; DESIGN 2.7; docs/spec/policy.md section 10.
    """
    proof = tuple(_products(policy, limits, heads))
    for product, magnitude, bound in proof:
        if magnitude > bound:
            raise PolicyError("BOUND_EXCEEDED", product=product, found=magnitude, most=bound)
    return proof


def _products(policy: Policy, limits: Limits, heads: Sequence[HeadSignal]) -> Iterable[tuple[str, int, int]]:
    rules = policy.rules
    ceiling = limits.lift_ceiling_micro
    yield "calibration: margin × probability", _longest_segment(heads), MAX_INT64
    yield "probability × 10⁶", (PPB - 1) * LIFT_ONE, MAX_INT64
    yield "points × slider percent", max(given for _, given in policy.points) * MAX_SLIDER_PERCENT, MAX_INT64
    moved = [given * MAX_SLIDER_PERCENT // 100 for _, given in policy.points]
    yield "points × lift", max(moved) * max(ceiling, LIFT_ONE), MAX_SAFE_INTEGER
    value = sum(moved) * max(ceiling, LIFT_ONE)
    yield "sum of terms", value, MAX_SAFE_INTEGER
    yield "value × factor", value * FACTOR_ONE, MAX_INT64
    yield "share × 2¹⁶", LIFT_ONE * FACTOR_ONE, MAX_INT64
    yield "factor × factor", FACTOR_ONE * FACTOR_ONE, MAX_INT64
    ages = [rule.unknown_age_ms for rule in (rules.max_age, rules.freshness) if rule is not None]
    yield "age", max([MAX_CLOCK_MS, *ages]), MAX_SAFE_INTEGER
    if rules.freshness is not None:
        # Only the rest of the age modulo the half-life meets the table.
        yield "rest of age × 1024", (rules.freshness.half_life_ms - 1) * STEPS, MAX_INT64
    if rules.feedback_fatigue is not None:
        hours = rules.feedback_fatigue.recovery_hours
        yield "fatigue: factor × hours", FACTOR_ONE * hours, MAX_INT64
    counts = [quota.at_least * quota.in_first for quota in rules.quotas]
    yield "quota: at least × places", max(counts, default=0), MAX_INT64
    yield "duration", MAX_DURATION_MS, MAX_SAFE_INTEGER


def _longest_segment(heads: Sequence[HeadSignal]) -> int:
    """Largest product inside a calibration table; without heads, over every table that `Calibration` admits."""
    if not heads:
        return (2**32 - 2) * (PPB - 2)
    longest = 0
    for head in heads:
        if head.calibration is not None:
            # Exact in int64: no table that `Calibration` admits has a segment whose product reaches 2⁶².
            products = np.diff(head.calibration.margins) * np.diff(head.calibration.ppb)
            longest = max(longest, int(products.max(initial=0)))
    return longest
