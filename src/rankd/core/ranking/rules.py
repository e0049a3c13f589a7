"""Rules that look at one candidate at a time: who is dropped, and what is discounted."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rankd.core.exact.half_life import FACTOR_ONE, half_power
from rankd.core.policy.policy import FeedbackFatigue, Freshness, Rules, SourceScaling
from rankd.core.ranking.formula import factor
from rankd.core.ranking.request import UNKNOWN_TIME_MS, Candidates, RankingRequest

DROP_SEEN, DROP_MUTED, MAX_AGE = "drop_seen/1", "drop_muted/1", "max_age/1"
FRESHNESS, SOURCE_SCALING, FEEDBACK_FATIGUE = "freshness/1", "source_scaling/1", "feedback_fatigue/1"
AUTHOR_DIVERSITY = "author_diversity/1"


@dataclass(frozen=True, slots=True)
class Step:
    """One discount over all candidates.

    Attributes:
        rule_id: The rule.
        factors: int64, shape (n,), over 2¹⁶, 0 to 65 536.
        after: int64, shape (n,), values after the discount, micro-points.
    """

    rule_id: str
    factors: npt.NDArray[np.int64]
    after: npt.NDArray[np.int64]


def ages_ms(candidates: Candidates, request_time_ms: int, unknown_age_ms: int) -> npt.NDArray[np.int64]:
    """Return each candidate's age at the request's clock, never negative; `unknown_age_ms` where unknown."""
    created = candidates.create_times_ms
    return np.where(created == UNKNOWN_TIME_MS, unknown_age_ms, np.maximum(0, request_time_ms - created))


def drop(request: RankingRequest, rules: Rules) -> dict[int, str]:
    """Return the candidates that a rule takes out, each with the first rule that does, by index.

    Source: docs/spec/scoring.md section 7.
    """
    dropped: dict[int, str] = {}
    candidates = request.candidates
    if rules.max_age is not None:
        ages = ages_ms(candidates, request.request_time_ms, rules.max_age.unknown_age_ms)
        dropped.update(dict.fromkeys(np.flatnonzero(ages > rules.max_age.age_ms).tolist(), MAX_AGE))
    if rules.drop_muted:
        dropped.update(dict.fromkeys(np.flatnonzero(candidates.muted).tolist(), DROP_MUTED))
    if rules.drop_seen:
        dropped.update(dict.fromkeys(np.flatnonzero(candidates.seen).tolist(), DROP_SEEN))
    return dropped


def discount(values: npt.NDArray[np.int64], factors: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return (V · f) >> 16 where V > 0, and V elsewhere: no discount ever raises a value."""
    return np.where(values > 0, (values * factors) >> 16, values)


def discounts(
    request: RankingRequest,
    rules: Rules,
    rule_columns: Mapping[str, npt.NDArray[np.float32]],
    values: npt.NDArray[np.int64],
) -> tuple[Step, ...]:
    """Apply freshness, source scaling and feedback fatigue, in that order, where the policy names them.

    Args:
        request: The request.
        rules: The policy's rules.
        rule_columns: float32, shape (n,) or (1,), by name: the columns that rules read.
        values: int64, shape (n,), starting values, micro-points.

    Source: MATH 3; docs/spec/scoring.md section 7.
    """
    steps: list[Step] = []

    def apply(rule_id: str, factors: npt.NDArray[np.int64]) -> None:
        before = steps[-1].after if steps else values
        steps.append(Step(rule_id, factors, discount(before, factors)))

    if rules.freshness is not None:
        apply(FRESHNESS, _freshness(request, rules.freshness))
    if rules.source_scaling is not None:
        apply(SOURCE_SCALING, _source(request.candidates, rules.source_scaling))
    if rules.feedback_fatigue is not None:
        column = np.broadcast_to(rule_columns[rules.feedback_fatigue.column], values.shape)
        apply(FEEDBACK_FATIGUE, _fatigue(column, rules.feedback_fatigue))
    return tuple(steps)


def _freshness(request: RankingRequest, rule: Freshness) -> npt.NDArray[np.int64]:
    floor = factor(rule.floor_ppm)
    ages = ages_ms(request.candidates, request.request_time_ms, rule.unknown_age_ms)
    return floor + (((FACTOR_ONE - floor) * half_power(ages, rule.half_life_ms)) >> 16)


def _source(candidates: Candidates, rule: SourceScaling) -> npt.NDArray[np.int64]:
    factors = {name: factor(ppm) for name, ppm in rule.shares}
    other = factor(rule.other_ppm)
    return np.array([factors.get(source, other) for source in candidates.sources], dtype=np.int64)


def _fatigue(column: npt.NDArray[np.float32], rule: FeedbackFatigue) -> npt.NDArray[np.int64]:
    floor = factor(rule.floor_ppm)
    never = np.isnan(column)
    hours = np.minimum(np.where(never, rule.recovery_hours, column), rule.recovery_hours).astype(np.int64)
    return floor + (FACTOR_ONE - floor) * hours // rule.recovery_hours
