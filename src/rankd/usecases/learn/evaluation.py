"""Judgement: a sealed model's figures on days that it has not seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rankd.core.ranking.calibration import probability_ppb
from rankd.core.ranking.signal import HeadSignal
from rankd.usecases.learn import metrics
from rankd.usecases.learn.kuairand import OUTCOME_COLUMNS, Events
from rankd.usecases.learn.metrics import Figure

Int64s = npt.NDArray[np.int64]

MAIN_SCENE = 1
"""Three rows in four were shown in tab 1. Over all tabs a head looks better than it is at ordering one feed, because
the tab alone moves the click rate from 0.02 to 0.99."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Figures over some rows.

    Attributes:
        rows: Number of rows.
        positives: Rows where the outcome happened.
        auc: Of the margins; None without a positive and a negative.
        entropy: Normalised entropy of the probabilities; None for a silent head, too.
        error: Calibration error; None for a silent head, too.
    """

    rows: int
    positives: int
    auc: Figure | None
    entropy: Figure | None
    error: Figure | None

    def record(self) -> dict[str, Any]:
        """Return the figures for a JSON record: integers, [value, low, high] in parts per million."""
        return {
            "rows": self.rows,
            "positives": self.positives,
            "auc_ppm": _record(self.auc),
            "normalised_entropy_ppm": _record(self.entropy),
            "calibration_error_ppm": _record(self.error),
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
        empty = Scope(0, 0, None, None, None)
        judged.append(
            Judgement(
                head.objective,
                _scope(head, line, labels, everyone),
                empty if within is None else _scope(head, line[main], labels[main], within),
            )
        )
    return tuple(judged)


def _scope(head: HeadSignal, margins: npt.NDArray[np.int32], labels: Int64s, weights: npt.NDArray[np.float64]) -> Scope:
    entropy = error = None
    if head.calibration is not None:
        ppb = probability_ppb(head.calibration, margins)
        entropy = metrics.entropy_figure(ppb, labels, weights)
        error = metrics.calibration_figure(ppb, labels, weights)
    return Scope(
        rows=len(labels),
        positives=int(labels.sum()),
        auc=metrics.auc_figure(margins.astype(np.int64), labels, weights),
        entropy=entropy,
        error=error,
    )
