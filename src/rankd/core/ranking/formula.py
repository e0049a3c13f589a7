"""A formula: one policy, the limits over it and a model's signal, ready to score."""

from dataclasses import dataclass

from rankd.core.exact.half_life import FACTOR_ONE
from rankd.core.policy.policy import Limits, Policy, Rules
from rankd.core.ranking.signal import HeadSignal

MAX_SERVED = 64
"""Author counts beyond this discount no further."""


def factor(ppm: int) -> int:
    """Return a share in parts per million as a factor over 2¹⁶, rounded down."""
    return ppm * FACTOR_ONE // 1_000_000


@dataclass(frozen=True, slots=True)
class Formula:
    """What turns margins into values for one surface.

    Attributes:
        heads: The model's signal, in the canonical order of objectives.
        points: Points of each head's objective, in the order of `heads`.
        signs: +1 or −1, in the order of `heads`.
        lift_ceiling_micro: The ceiling of every lift.
        rules: The policy's rules.
        exploration_ppm: Share of requests that explore.
        diversity: Factor over 2¹⁶ for an author's post after k others of his, k = 0 … 64; all one without the rule.
    """

    heads: tuple[HeadSignal, ...]
    points: tuple[int, ...]
    signs: tuple[int, ...]
    lift_ceiling_micro: int
    rules: Rules
    exploration_ppm: int
    diversity: tuple[int, ...]

    def moved_points(self, sliders: tuple[tuple[str, int], ...]) -> tuple[int, ...]:
        """Return each head's points after the viewer's sliders: (points × percent) // 100.

        Source: MATH 2; docs/spec/scoring.md section 6.
        """
        percents = dict(sliders)
        return tuple(
            points * percents.get(head.objective, 100) // 100
            for head, points in zip(self.heads, self.points, strict=True)
        )


def build_formula(policy: Policy, limits: Limits, heads: tuple[HeadSignal, ...]) -> Formula:
    """Return the formula of a pair that `core.policy.pairing.check_pair` accepts."""
    points = dict(policy.points)
    signs = {entry.objective: entry.sign for entry in limits.objectives}
    return Formula(
        heads=heads,
        points=tuple(points[head.objective] for head in heads),
        signs=tuple(signs[head.objective] for head in heads),
        lift_ceiling_micro=limits.lift_ceiling_micro,
        rules=policy.rules,
        exploration_ppm=policy.exploration_ppm,
        diversity=_diversity(policy.rules),
    )


def _diversity(rules: Rules) -> tuple[int, ...]:
    rule = rules.author_diversity
    if rule is None:
        return (FACTOR_ONE,) * (MAX_SERVED + 1)
    decay, floor = factor(rule.decay_ppm), factor(rule.floor_ppm)
    powers = [FACTOR_ONE]
    for _ in range(MAX_SERVED):
        powers.append((powers[-1] * decay) >> 16)
    return tuple(max(floor, power) for power in powers)
