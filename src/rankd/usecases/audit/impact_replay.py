"""One recorded decision under a proposed policy: its two slates, and what the model says of those whom they show."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from rankd.core.policy.policy import Limits, Policy
from rankd.core.policy.pull import spread
from rankd.core.ranking.calibration import probability_ppb
from rankd.core.ranking.formula import Formula, build_formula
from rankd.core.ranking.ranking import Ranking
from rankd.core.ranking.request import RankingRequest
from rankd.core.ranking.signal import LIFT_ONE, HeadSignal
from rankd.core.records.decision import Decision
from rankd.core.records.recompute import rerank
from rankd.usecases.needs import rule_columns

Longs: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposed policy, the limits under which it would rank, and the signal of the model whose margins are replayed.

    The three go together (`core.policy.pairing.check_pair`).
    """

    policy: Policy
    limits: Limits
    heads: tuple[HeadSignal, ...]

    @property
    def formula(self) -> Formula:
        """The formula that the three make."""
        return build_formula(self.policy, self.limits, self.heads)


@dataclass(frozen=True, slots=True)
class Effect:
    """What becomes of one decision.

    Attributes:
        before: Shown candidates by place, without exploration, under the policy that ranked.
        after: The same under the proposed policy.
        spreads_before: For each head, the differences between candidates that its terms make, added up, micro-points.
        spreads_after: The same under the proposed policy.
        ppb_before: For each head, the probabilities of those shown before, added up, parts per billion; 0 where silent.
        ppb_after: The same of those shown after.
        is_clipped: Whether a slider is set further than the proposed policy lets it.
    """

    before: tuple[int, ...]
    after: tuple[int, ...]
    spreads_before: tuple[int, ...]
    spreads_after: tuple[int, ...]
    ppb_before: tuple[int, ...]
    ppb_after: tuple[int, ...]
    is_clipped: bool


def lacks_column(decision: Decision, policy: Policy) -> bool:
    """Tell whether a rule of a policy reads a column that a record does not hold, or not as hours."""
    columns = {column.name: column.values for column in decision.columns}
    for name in rule_columns(policy.rules):
        values = columns.get(name)
        if values is None or bool(np.any(np.isinf(values) | (values < 0))):
            return True
    return False


def rank_proposed(decision: Decision, policy: Policy, formula: Formula) -> Ranking:
    """Rank a recorded request under a proposed policy, from its recorded margins and its recorded nonce.

    A slider that the policy does not know does nothing; one set beyond its range counts as far as the range goes.

    Args:
        decision: The decision.
        policy: The policy.
        formula: Its formula, for the heads whose margins the decision holds.

    Raises:
        KeyError: See `lacks_column`.
    """
    return rerank(replace(decision, request=_within(decision.request, policy)), formula)


def effect_of(decision: Decision, used: Formula, policy: Policy, formula: Formula) -> Effect:
    """Return what becomes of one decision; that it follows from the policy that ranked is known already.

    Args:
        decision: The decision.
        used: The formula that ranked it.
        policy: The proposed policy.
        formula: Its formula.

    Raises:
        KeyError: See `lacks_column`.
    """
    request = decision.request
    within = _within(request, policy)
    before = decision.order[: request.limit]
    after = rerank(replace(decision, request=within), formula).order[: request.limit]
    ppb: list[Longs | None] = [
        None if head.calibration is None else probability_ppb(head.calibration, decision.margins[row])
        for row, head in enumerate(formula.heads)
    ]
    lifts = {
        ceiling: _lift_spreads(ppb, formula, ceiling) for ceiling in {f.lift_ceiling_micro for f in (used, formula)}
    }
    return Effect(
        before=before,
        after=after,
        spreads_before=_spreads(lifts[used.lift_ceiling_micro], used.moved_points(request.sliders)),
        spreads_after=_spreads(lifts[formula.lift_ceiling_micro], formula.moved_points(within.sliders)),
        ppb_before=_sums(ppb, before),
        ppb_after=_sums(ppb, after),
        is_clipped=within.sliders != request.sliders,
    )


def _within(request: RankingRequest, policy: Policy) -> RankingRequest:
    if not request.sliders:
        return request
    ranges = {slider.objective: slider for slider in policy.sliders}
    sliders = tuple(
        (objective, min(max(percent, ranges[objective].min_percent), ranges[objective].max_percent))
        for objective, percent in request.sliders
        if objective in ranges
    )
    return request if sliders == request.sliders else replace(request, sliders=sliders)


def _lift_spreads(ppb: Sequence[Longs | None], formula: Formula, ceiling_micro: int) -> list[int]:
    return [
        0 if p is None else spread(np.minimum(p * LIFT_ONE // head.base_rate_ppb, ceiling_micro))
        for p, head in zip(ppb, formula.heads, strict=True)
    ]


def _spreads(lifts: Sequence[int], points: Sequence[int]) -> tuple[int, ...]:
    # A term is a lift times points and a sign, so differences between terms are differences between lifts times points.
    return tuple(lift * given for lift, given in zip(lifts, points, strict=True))


def _sums(ppb: Sequence[Longs | None], shown: Sequence[int]) -> tuple[int, ...]:
    places = list(shown)
    return tuple(0 if p is None else int(p[places].sum()) for p in ppb)
