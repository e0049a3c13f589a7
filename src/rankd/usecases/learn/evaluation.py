"""Judgement: a sealed model's figures, head by head, on days that it has not seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rankd.core.ranking.calibration import probability_ppb
from rankd.core.ranking.signal import HeadSignal
from rankd.usecases.learn import metrics
from rankd.usecases.learn.history import Int64s, Rows
from rankd.usecases.learn.metrics import Figure

EVERYWHERE = "all"


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
        reliability: Of each bin of equal mass its mean probability and its outcome rate, parts per million, and its
            rows; empty for a silent head.
    """

    rows: int
    positives: int
    auc: Figure | None
    entropy: Figure | None
    error: Figure | None
    chance_error_ppm: int | None
    reliability: tuple[tuple[int, int, int], ...]

    def record(self) -> dict[str, Any]:
        """Return the figures for a JSON record: integers, [value, low, high] in parts per million."""
        return {
            "rows": self.rows,
            "positives": self.positives,
            "auc_ppm": record_of(self.auc),
            "normalised_entropy_ppm": record_of(self.entropy),
            "calibration_error_ppm": record_of(self.error),
            "calibration_error_by_chance_ppm": self.chance_error_ppm,
            "reliability": [list(point) for point in self.reliability],
        }


@dataclass(frozen=True, slots=True)
class Judgement:
    """One head's figures, by scope: `EVERYWHERE`, and any part of the rows that is judged alone."""

    objective: str
    scopes: Mapping[str, Scope]

    def record(self) -> dict[str, Any]:
        """Return the figures for a JSON record."""
        return {name: scope.record() for name, scope in self.scopes.items()}


def record_of(figure: Figure | None) -> list[int] | None:
    """Return a figure for a JSON record."""
    return None if figure is None else [figure.value_ppm, figure.low_ppm, figure.high_ppm]


def judge(
    heads: Sequence[HeadSignal],
    margins: npt.NDArray[np.int32],
    rows: Rows,
    scopes: Mapping[str, npt.NDArray[np.bool_]],
    *,
    resamples: int = metrics.RESAMPLES,
) -> tuple[Judgement, ...]:
    """Return every head's figures.

    Args:
        heads: The model's heads, whose outcomes the rows know.
        margins: int32, shape (heads, n), units of 2⁻²⁴ log-odds.
        rows: The n rows to judge, at least one.
        scopes: Parts of the rows that are judged alone, bool, shape (n,), by name.
        resamples: How often viewers are drawn anew for the intervals.
    """
    parts = {EVERYWHERE: np.ones(len(rows), dtype=np.bool_), **scopes}
    found: dict[str, dict[str, Scope]] = {head.objective: {} for head in heads}
    for name, part in parts.items():
        if not part.any():
            continue
        weights = metrics.viewer_weights(rows.viewers[part], resamples)
        for head, line in zip(heads, margins, strict=True):
            labels = rows.labels(head.objective)[part]
            found[head.objective][name] = _scope(head, line[part], labels, weights)
    return tuple(Judgement(objective, by_scope) for objective, by_scope in found.items())


def _scope(head: HeadSignal, margins: npt.NDArray[np.int32], labels: Int64s, weights: npt.NDArray[np.float64]) -> Scope:
    entropy = error = chance = None
    reliability: tuple[tuple[int, int, int], ...] = ()
    if head.calibration is not None:
        ppb = probability_ppb(head.calibration, margins)
        entropy = metrics.entropy_figure(ppb, labels, weights)
        error = metrics.calibration_figure(ppb, labels, weights)
        chance = metrics.calibration_error_by_chance(ppb, len(weights))
        reliability = metrics.reliability(ppb, labels)
    return Scope(
        rows=len(labels),
        positives=int(labels.sum()),
        auc=metrics.auc_figure(margins.astype(np.int64), labels, weights),
        entropy=entropy,
        error=error,
        chance_error_ppm=chance,
        reliability=reliability,
    )
