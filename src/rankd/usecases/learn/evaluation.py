"""Judgement: a sealed model's figures on days that it has not seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rankd.core.ranking.calibration import probability_ppb
from rankd.core.ranking.signal import HeadSignal
from rankd.usecases.learn import metrics
from rankd.usecases.learn.definitions import MAIN_SCENE
from rankd.usecases.learn.kuairand import OUTCOME_COLUMNS, Events
from rankd.usecases.learn.metrics import Figure

Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scope:
    """Figures over some rows.

    Attributes:
        rows: Number of rows.
        positives: Rows where the outcome happened.
        auc: Of the margins; None without a positive and a negative.
        entropy: Normalised entropy of the probabilities; None for a silent head, too.
        error: Calibration error; None for a silent head, too.
        chance_error_ppm: The calibration error that perfect probabilities would show on so many rows, parts per
            million; None for a silent head.
    """

    rows: int
    positives: int
    auc: Figure | None
    entropy: Figure | None
    error: Figure | None
    chance_error_ppm: int | None

    def record(self) -> dict[str, Any]:
        """Return the figures for a JSON record: integers, [value, low, high] in parts per million."""
        return {
            "rows": self.rows,
            "positives": self.positives,
            "auc_ppm": _record(self.auc),
            "normalised_entropy_ppm": _record(self.entropy),
            "calibration_error_ppm": _record(self.error),
            "calibration_error_by_chance_ppm": self.chance_error_ppm,
        }


@dataclass(frozen=True, slots=True)
class Judgement:
    """One head's figures: over all rows, and within the main scene."""

    objective: str
    everywhere: Scope
    main_scene: Scope

    def record(self) -> dict[str, Any]:
        """Return the figures for a JSON record."""
        return {"all": self.everywhere.record(), f"scene_{MAIN_SCENE}": self.main_scene.record()}


def _record(figure: Figure | None) -> list[int] | None:
    return None if figure is None else [figure.value_ppm, figure.low_ppm, figure.high_ppm]


def judge(
    heads: Sequence[HeadSignal],
    margins: npt.NDArray[np.int32],
    events: Events,
    rows: npt.NDArray[np.bool_],
    *,
    resamples: int = metrics.RESAMPLES,
) -> tuple[Judgement, ...]:
    """Return every head's figures.

    Args:
        heads: The model's heads.
        margins: int32, shape (heads, m), margins of the m rows to judge, units of 2⁻²⁴ log-odds.
        events: All impressions.
        rows: bool, shape (n,), m of them true: the rows to judge.
        resamples: How often viewers are drawn anew for the intervals.
    """
    outcomes = events.outcomes[rows]
    main = events.scenes[rows] == MAIN_SCENE
    everyone = metrics.viewer_weights(events.viewers[rows], resamples)
    within = metrics.viewer_weights(events.viewers[rows][main], resamples) if main.any() else None
    order = [objective for objective, _ in OUTCOME_COLUMNS]
    judged = []
    for head, line in zip(heads, margins, strict=True):
        labels = outcomes[:, order.index(head.objective)]
        empty = Scope(0, 0, None, None, None, None)
        judged.append(
            Judgement(
                head.objective,
                _scope(head, line, labels, everyone),
                empty if within is None else _scope(head, line[main], labels[main], within),
            )
        )
    return tuple(judged)


def _scope(head: HeadSignal, margins: npt.NDArray[np.int32], labels: Int64s, weights: npt.NDArray[np.float64]) -> Scope:
    entropy = error = chance = None
    if head.calibration is not None:
        ppb = probability_ppb(head.calibration, margins)
        entropy = metrics.entropy_figure(ppb, labels, weights)
        error = metrics.calibration_figure(ppb, labels, weights)
        chance = metrics.calibration_error_by_chance(ppb, len(weights))
    return Scope(
        rows=len(labels),
        positives=int(labels.sum()),
        auc=metrics.auc_figure(margins.astype(np.int64), labels, weights),
        entropy=entropy,
        error=error,
        chance_error_ppm=chance,
    )
