"""Whole slates: how near an order comes to the best one, beside newest first, popularity and chance.

Slates of rankd's own journals are what was shown together. Imported histories know none: what one viewer was shown on
one day is put together, and the figures are about *assembled requests over real items*.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from rankd.core.features.declaration import EVER, Count, Declaration, Declared, Entity
from rankd.core.features.feature import Feature
from rankd.core.policy.policy import Limits, Policy
from rankd.core.ranking.calibration import PPB
from rankd.core.ranking.formula import build_formula
from rankd.core.ranking.request import UNKNOWN_TIME_MS
from rankd.core.ranking.signal import LIFT_ONE, HeadSignal
from rankd.core.ranking.value import value_terms
from rankd.core.words.language import Phrase
from rankd.usecases.learn import metrics
from rankd.usecases.learn.evaluation import record_of
from rankd.usecases.learn.history import History, Int64s, Rows
from rankd.usecases.learn.materialise import materialise

Float64s: TypeAlias = npt.NDArray[np.float64]

TOP = 10
"""NDCG looks at the first ten places."""

VALUE = "value"
MODEL, NEWEST, POPULAR, RANDOM = "model", "newest_first", "popularity", "random"
ORDERS = (MODEL, NEWEST, POPULAR, RANDOM)

_SEED = 3


@dataclass(frozen=True, slots=True)
class Pair:
    """A policy and the limits that it stands under."""

    policy: Policy
    limits: Limits


def slate_record(
    history: History,
    rows: Rows,
    heads: Sequence[HeadSignal],
    margins: npt.NDArray[np.int32],
    pair: Pair | None,
    resamples: int = metrics.RESAMPLES,
) -> dict[str, Any]:
    """Return NDCG per objective, and of the policy's value where one is given, for the JSON record.

    An objective orders by its margins, the policy by its value before any rule. Gains are outcomes: 1 where it
    happened; of the policy, Σ sign × points × (1 ÷ base rate, under the ceiling) over what happened, nothing below
    zero. Slates in which every order is as good as any other are left out.

    Args:
        history: Everything that is known, to say what was popular at each moment.
        rows: The n rows to judge.
        heads: The model's heads, whose outcomes the rows know.
        margins: int32, shape (heads, n).
        pair: The policy, or None.
        resamples: How often viewers are drawn anew for the intervals.

    Source: Järvelin and Kekäläinen, "Cumulated Gain-Based Evaluation of IR Techniques", 2002; the discount is 1 ÷ log₂.
    """
    slates = np.unique(rows.slates, return_inverse=True)[1].astype(np.int64)
    known = rows.create_times_ms != UNKNOWN_TIME_MS
    common: dict[str, Float64s] = {POPULAR: popularity(history, rows).astype(np.float64)}
    if known.any():
        common[NEWEST] = np.where(known, rows.create_times_ms, -1).astype(np.float64)
    measured: dict[str, Any] = {}
    for head, line in zip(heads, margins, strict=True):
        gains = rows.labels(head.objective).astype(np.float64)
        own = {} if head.silent else {MODEL: line.astype(np.float64)}
        measured[head.objective] = _measure(slates, rows.viewers, gains, own | common, resamples)
    if pair is not None:
        formula = build_formula(pair.policy, pair.limits, tuple(heads))
        values = value_terms(formula, margins, ()).values.astype(np.float64)
        gains = _gains(rows, heads, formula.points, formula.signs, formula.lift_ceiling_micro)
        measured[VALUE] = _measure(slates, rows.viewers, gains, {MODEL: values} | common, resamples)
    return {"top": TOP, "slates": int(slates.max(initial=-1)) + 1, "ndcg": measured}


def _gains(
    rows: Rows, heads: Sequence[HeadSignal], points: Sequence[int], signs: Sequence[int], ceiling_micro: int
) -> Float64s:
    gains = np.zeros(len(rows), dtype=np.int64)
    for head, points_, sign in zip(heads, points, signs, strict=True):
        lift = min(PPB * LIFT_ONE // head.base_rate_ppb, ceiling_micro)
        gains += sign * points_ * lift * rows.labels(head.objective)
    return np.maximum(gains, 0).astype(np.float64)


def popularity(history: History, rows: Rows) -> Int64s:
    """Return how often each row's item had met with the commonest outcome when the row was shown."""
    sums = history.rows.outcomes.sum(axis=0, dtype=np.int64)
    kind = history.rows.objectives[int(sums.argmax())]
    words = Phrase(fr="Popularité", en="Popularity")
    feature = Feature("popularity", words, "n", "0", nullable=False, profiling=False)
    entity = Entity("item", ("item",))
    declaration = Declaration((entity,), (Declared(feature, Count("item", kind, EVER)),), b"")
    return materialise(declaration, history, rows)[:, 0].astype(np.int64)


def _measure(
    slates: Int64s, viewers: Int64s, gains: Float64s, scores: Mapping[str, Float64s], resamples: int
) -> dict[str, Any]:
    count = int(slates.max(initial=-1)) + 1
    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(low, slates, gains)
    np.maximum.at(high, slates, gains)
    telling = np.flatnonzero(high > low)
    who = np.zeros(count, dtype=np.int64)
    who[slates] = viewers
    found: dict[str, Any] = {"slates": len(telling)}
    if not len(telling):
        return found | dict.fromkeys(ORDERS) | {"over": {}}
    best = _gained(slates, gains, gains, count)[telling]
    reached = {name: _gained(slates, gains, scores[name], count)[telling] / best for name in ORDERS if name in scores}
    reached[RANDOM] = _by_chance(slates, gains, count)[telling] / best
    weights = metrics.viewer_weights(who[telling], resamples)
    for name in ORDERS:
        found[name] = record_of(metrics.mean_figure(reached[name], weights)) if name in reached else None
    # The same slates under two orders: their difference is surer than either.
    found["over"] = {
        name: record_of(metrics.mean_figure(reached[MODEL] - values, weights))
        for name, values in reached.items()
        if MODEL in reached and name != MODEL
    }
    return found


def _gained(slates: Int64s, gains: Float64s, scores: Float64s, count: int) -> Float64s:
    """Return each slate's discounted gain within its first places, in decreasing order of scores, ties by lot."""
    lots = np.random.Generator(np.random.PCG64(_SEED)).permutation(len(slates))
    order = np.lexsort((lots, -scores, slates))
    sizes = np.bincount(slates, minlength=count)
    place = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    discounted = gains[order] * _discounts(int(sizes.max()))[place]
    return np.bincount(slates[order], weights=discounted, minlength=count).astype(np.float64)


def _by_chance(slates: Int64s, gains: Float64s, count: int) -> Float64s:
    """Return each slate's expected discounted gain when every order is as likely."""
    sizes = np.bincount(slates, minlength=count)
    sums = np.bincount(slates, weights=gains, minlength=count)
    below = np.concatenate([[0.0], np.cumsum(_discounts(int(sizes.max())))])
    expected: Float64s = sums / np.maximum(sizes, 1) * below[sizes]
    return expected


def _discounts(places: int) -> Float64s:
    place = np.arange(places)
    return np.where(place < TOP, 1 / np.log2(place + 2), 0.0)
