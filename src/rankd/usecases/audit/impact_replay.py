"""One recorded decision under a proposed policy: its two slates, and what the model says of those whom they show."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from rankd.core.errors import RequestError
from rankd.core.policy.policy import Limits, Policy
from rankd.core.policy.pull import spread
from rankd.core.ranking.calibration import probability_ppb
from rankd.core.ranking.columns import feature_matrix, lay_columns
from rankd.core.ranking.formula import Formula, build_formula
from rankd.core.ranking.ranking import rank_without_chance
from rankd.core.ranking.request import Column, RankingRequest
from rankd.core.ranking.signal import LIFT_ONE, HeadSignal
from rankd.core.records.decision import Decision
from rankd.forest.engine import Engine
from rankd.forest.manifest import Manifest
from rankd.usecases.needs import column_needs, rule_columns

Longs: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class NewModel:
    """A proposed model, and what computes its margins."""

    manifest: Manifest
    engine: Engine


@dataclass(frozen=True, slots=True)
class Proposed:
    """What is proposed.

    Attributes:
        policy: The policy that would rank.
        limits: The limits under which it would.
        recorded: The signal of the model whose margins are recorded.
        model: A model that would take its place; None: it stays.
    """

    policy: Policy
    limits: Limits
    recorded: tuple[HeadSignal, ...]
    model: NewModel | None = None

    @property
    def heads(self) -> tuple[HeadSignal, ...]:
        """The signal that would rank."""
        return self.recorded if self.model is None else tuple(head.signal for head in self.model.manifest.heads)

    @property
    def formula(self) -> Formula:
        """The formula that would rank; policy, limits and heads go together (`core.policy.pairing.check_pair`)."""
        return build_formula(self.policy, self.limits, self.heads)

    def lacks_column(self, decision: Decision) -> bool:
        """Tell whether a record does not hold a column that the proposal reads, or not as it reads it."""
        if self.model is None:
            return _lacks_hours(decision, self.policy)
        try:
            self._laid(decision, self.model)
        except RequestError:
            return True
        return False

    def restate(self, decision: Decision) -> Decision:
        """Return a decision as the proposal finds it: sliders within its ranges, margins and columns of its model.

        A slider that the policy does not know does nothing; one set beyond its range counts as far as the range goes.

        Raises:
            RequestError: See `lacks_column`.
        """
        request = _within(decision.request, self.policy)
        if self.model is None:
            return decision if request is decision.request else replace(decision, request=request)
        columns = self._laid(decision, self.model)
        by_name = {column.name: column.values for column in columns}
        names = [feature.name for feature in self.model.manifest.features]
        margins = self.model.engine.margins(feature_matrix(by_name, names, len(request.candidates)))
        heads = tuple(head.objective for head in self.heads)
        return replace(decision, request=request, columns=columns, heads=heads, margins=margins)

    def _laid(self, decision: Decision, model: NewModel) -> tuple[Column, ...]:
        needs = column_needs(model.manifest.features, self.policy.rules)
        known = {need.name for need in needs}
        sent = [column for column in decision.known_columns if column.name in known]
        return lay_columns(sent, needs, len(decision.request.candidates)).columns


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


def effect_of(decision: Decision, used: Formula, proposed: Proposed, formula: Formula) -> Effect:
    """Return what becomes of one decision; that it follows from the policy that ranked is known already.

    Args:
        decision: The decision.
        used: The formula that ranked it.
        proposed: What is proposed.
        formula: Its formula.

    Raises:
        RequestError, KeyError: See `Proposed.lacks_column`.
    """
    request, other = decision.request, proposed.restate(decision)
    before = decision.order[: request.limit]
    columns = {column.name: column.values for column in other.columns}
    after = rank_without_chance(other.request, formula, other.margins, columns, other.nonce)
    was = _probabilities(used.heads, decision.margins)
    now = was if proposed.model is None else _probabilities(formula.heads, other.margins)
    # Of two models each would say of the other's slates what that one does not.
    heads = len(formula.heads)
    is_predicted = proposed.model is None
    return Effect(
        before=before,
        after=after,
        spreads_before=_spreads(was, used, request),
        spreads_after=_spreads(now, formula, other.request),
        ppb_before=_sums(was, before) if is_predicted else (0,) * heads,
        ppb_after=_sums(was, after) if is_predicted else (0,) * heads,
        is_clipped=other.request.sliders != request.sliders,
    )


def _lacks_hours(decision: Decision, policy: Policy) -> bool:
    columns = {column.name: column.values for column in decision.columns}
    for name in rule_columns(policy.rules):
        values = columns.get(name)
        if values is None or bool(np.any(np.isinf(values) | (values < 0))):
            return True
    return False


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


def _probabilities(heads: Sequence[HeadSignal], margins: npt.NDArray[np.int32]) -> list[Longs | None]:
    return [
        None if head.calibration is None else probability_ppb(head.calibration, margins[row])
        for row, head in enumerate(heads)
    ]


def _spreads(ppb: Sequence[Longs | None], formula: Formula, request: RankingRequest) -> tuple[int, ...]:
    # A term is a lift times points and a sign, so differences between terms are differences between lifts times points.
    return tuple(
        0 if p is None else given * spread(np.minimum(p * LIFT_ONE // head.base_rate_ppb, formula.lift_ceiling_micro))
        for p, head, given in zip(ppb, formula.heads, formula.moved_points(request.sliders), strict=True)
    )


def _sums(ppb: Sequence[Longs | None], shown: Sequence[int]) -> tuple[int, ...]:
    places = list(shown)
    return tuple(0 if p is None else int(p[places].sum()) for p in ppb)
