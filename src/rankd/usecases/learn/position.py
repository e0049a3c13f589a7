"""Position bias: what a place in the slate adds to an outcome's log-odds, apart from what stands there.

People act more on what stands first. A head that learned from what was shown would take that for quality, and what an
earlier policy put first would stay first. So the log-odds of a row are taken to be a sum: what the features say, and
an effect of its place. Both are fitted in turns, the effects on rows that the head has not seen (else it explains the
places away); then the head is grown with the effects as offsets. In serving there are none: every candidate is judged
as if all stood in one place.

Source: additive position effects in log-odds, left out at serving: Zhao et al., "Recommending What Video to Watch Next:
A Multitask Ranking System", RecSys 2019, section 4.2; PAL (Guo et al., RecSys 2019) has the product of probabilities.
Fitting in turns is backfitting (Hastie and Tibshirani, "Generalized Additive Models", 1986); on folds, cross-fitting
(Chernozhukov et al., 2018).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from rankd.core.features.feature import Feature
from rankd.usecases.learn.history import Float32s, Int64s
from rankd.usecases.learn.plan import HeadPlan
from rankd.usecases.learn.training import raw_margins, train_head

Float64s: TypeAlias = npt.NDArray[np.float64]

MIN_ROWS = 100
"""Places that were seen less often share an effect with the last one that was."""

_TURNS = 4
_FOLDS = 2
_NEWTON_STEPS = 30
_RIDGE = 1.0
_PPM = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class PositionEffects:
    """What each place adds.

    Attributes:
        base: The log-odds of the outcome over all rows.
        effects: float64, shape (places,), by place from 1; the last one holds for all behind it. Over the rows that
            they were fitted on they are zero on average.
    """

    base: float
    effects: Float64s

    def offsets(self, places: Int64s) -> Float64s:
        """Return what to grow a head over, shape (n,): the base alone where the place is not known."""
        if not len(self.effects):
            return np.full(len(places), self.base)
        known = self.effects[np.clip(places, 1, len(self.effects)) - 1]
        return self.base + np.where(places >= 1, known, 0.0)

    def record(self) -> list[int]:
        """Return the effects for a JSON record, in parts per million of one log-odds unit."""
        return [round(effect * _PPM) for effect in self.effects.tolist()]


def fit_positions(
    matrix: Float32s,
    labels: Int64s,
    places: Int64s,
    viewers: Int64s,
    features: Sequence[Feature],
    plan: HeadPlan,
) -> PositionEffects | None:
    """Return what each place adds to an outcome's log-odds; None where fewer than two places, or no outcome, are known.

    Args:
        matrix: float32, shape (n, features).
        labels: int64, shape (n,), 0 or 1.
        places: int64, shape (n,), from 1, or `UNKNOWN`.
        viewers: int64, shape (n,): nobody's rows are on both sides of a fold.
        features: The columns.
        plan: How the head will be grown.
    """
    counts = np.bincount(places[places >= 1])[1:]
    rare = np.flatnonzero(counts < MIN_ROWS)
    count = int(rare[0]) if len(rare) else len(counts)
    rate = float(labels.mean()) if len(labels) else 0.0
    if count < 2 or not 0 < rate < 1:
        return None
    base = float(np.log(rate / (1 - rate)))
    index = np.where(places >= 1, np.minimum(places, count) - 1, count)
    fold = viewers % _FOLDS
    if any(len(np.unique(labels[fold == side])) < 2 for side in range(_FOLDS)):
        return None
    # A coarser head will do here, and half as many trees.
    coarse = replace(plan, rounds=max(plan.rounds // 2, 1))
    fitted = PositionEffects(base, np.zeros(count))
    for _ in range(_TURNS):
        said = np.empty(len(labels))
        offsets = fitted.offsets(places)
        for side in range(_FOLDS):
            held = fold == side
            text = train_head(matrix[~held], labels[~held], features, coarse, offsets[~held])
            said[held] = base + raw_margins(text, matrix[held])
        effects = _effects(said, labels, index, count)
        known = index < count
        effects -= float(effects[index[known]].mean())
        fitted = PositionEffects(base, effects)
    return fitted


def _effects(said: Float64s, labels: Int64s, index: Int64s, count: int) -> Float64s:
    """Return the effect of each place that makes its rows likeliest, given what the head says of them."""
    effects = np.zeros(count + 1)
    for _ in range(_NEWTON_STEPS):
        p = 1 / (1 + np.exp(-(said + effects[index])))
        gradient = np.bincount(index, weights=labels - p, minlength=count + 1) - _RIDGE * effects
        curvature = np.bincount(index, weights=p * (1 - p), minlength=count + 1) + _RIDGE
        step = np.clip(gradient / curvature, -1, 1)
        # Rows whose place is not known have no effect.
        step[count] = 0
        effects = effects + step
        if float(np.abs(step).max()) < 1e-10:
            break
    return effects[:count]
