"""How good a head is: AUC, normalised entropy, calibration error, each with an interval by viewer."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rankd.core.ranking.calibration import PPB

Int64s = npt.NDArray[np.int64]
Float64s = npt.NDArray[np.float64]

PPM = 1_000_000
CALIBRATION_BINS = 20
RESAMPLES = 400
_SEED = 1


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure and its 95 % interval over resampled viewers, parts per million."""

    value_ppm: int
    low_ppm: int
    high_ppm: int


def auc(scores: Int64s, labels: Int64s, weights: Float64s) -> float:
    """Return the chance that a positive scores above a negative, ties counting half; NaN without one of each.

    Args:
        scores: int64, shape (n,).
        labels: int64, shape (n,), 0 or 1.
        weights: float64, shape (n,), how often each row counts.
    """
    _, where = np.unique(scores, return_inverse=True)
    return _auc_of_ranks(where, labels, weights)


def _auc_of_ranks(ranks: Int64s, labels: Int64s, weights: Float64s) -> float:
    positive = np.bincount(ranks, weights=weights * labels)
    negative = np.bincount(ranks, weights=weights * (1 - labels))
    pairs = positive.sum() * negative.sum()
    if pairs == 0:
        return float("nan")
    below = np.cumsum(negative) - negative
    return float((positive * (below + negative / 2)).sum() / pairs)


def log_losses(ppb: Int64s, labels: Int64s) -> Float64s:
    """Return each row's log loss under its probability in parts per billion."""
    p = ppb / PPB
    return -np.log(np.where(labels == 1, p, 1 - p))


def entropy(rate: float) -> float:
    """Return the entropy, in nats, of an outcome that happens at `rate`; NaN where it always or never does."""
    if not 0 < rate < 1:
        return float("nan")
    return float(-(rate * np.log(rate) + (1 - rate) * np.log(1 - rate)))


def normalised_entropy(losses: Float64s, labels: Int64s, weights: Float64s) -> float:
    """Return mean log loss ÷ entropy of the outcome rate of the same rows: 1 is no better than that rate.

    Source: He et al., "Practical Lessons from Predicting Clicks on Ads at Facebook", 2014.
    """
    total = weights.sum()
    return float((losses * weights).sum() / total / entropy(float((labels * weights).sum() / total)))


def calibration_error(ppb: Int64s, labels: Int64s, weights: Float64s) -> float:
    """Return Σ share of bin × |mean probability − outcome rate| over 20 bins of equal mass.

    Rows are put in order of probability, equal ones as they come, and cut where 1/20, 2/20 … of the weight is reached.
    """
    order = np.argsort(ppb, kind="stable")
    return _calibration_error_in_order(ppb[order] / PPB, labels[order], weights[order])


def calibration_error_by_chance(ppb: Int64s, draws: int) -> int:
    """Return the calibration error that perfect probabilities would show, parts per million.

    Few rows in a bin scatter around any probability. Outcomes are drawn from the probabilities themselves, and the
    error is averaged over the draws: a measured error of about this size is no evidence against the table.
    """
    p = np.sort(ppb) / PPB
    generator = np.random.Generator(np.random.PCG64(_SEED))
    ones = np.ones(len(p))
    errors = [
        _calibration_error_in_order(p, (generator.random(len(p)) < p).astype(np.int64), ones) for _ in range(draws)
    ]
    return round(float(np.mean(errors)) * PPM)


def _calibration_error_in_order(p: Float64s, labels: Int64s, weights: Float64s) -> float:
    total = weights.sum()
    middle = np.cumsum(weights) - weights / 2
    bins = np.minimum((middle * CALIBRATION_BINS / total).astype(np.int64), CALIBRATION_BINS - 1)
    gaps = np.bincount(bins, weights=weights * (p - labels), minlength=CALIBRATION_BINS)
    return float(np.abs(gaps).sum() / total)


def reliability(ppb: Int64s, labels: Int64s) -> tuple[tuple[int, int, int], ...]:
    """Return mean probability and outcome rate, parts per million, and rows of each bin of equal mass."""
    order = np.argsort(ppb, kind="stable")
    bins = np.minimum((2 * np.arange(len(order)) + 1) * CALIBRATION_BINS // (2 * len(order)), CALIBRATION_BINS - 1)
    rows = np.bincount(bins, minlength=CALIBRATION_BINS)
    # Whole numbers: the sum of probabilities stays below 2⁶³ for any number of rows that fits into memory.
    said = np.array([int(ppb[order][bins == at].sum()) for at in range(CALIBRATION_BINS)])
    came = np.bincount(bins, weights=labels[order], minlength=CALIBRATION_BINS).astype(np.int64)
    return tuple(
        (int(said[at]) // int(rows[at]) // 1_000, int(came[at]) * PPM // int(rows[at]), int(rows[at]))
        for at in range(CALIBRATION_BINS)
        if rows[at]
    )


def mean_figure(values: Float64s, weights: npt.NDArray[np.float64]) -> Figure | None:
    """Return a mean with its interval; None of nothing.

    Args:
        values: float64, shape (n,).
        weights: float64, shape (resamples, n).
    """
    if not len(values):
        return None
    return _figure(lambda row: float((values * row).sum() / row.sum()) if row.any() else float("nan"), weights)


def viewer_weights(viewers: Int64s, resamples: int) -> npt.NDArray[np.float64]:
    """Return bootstrap weights by viewer: people are drawn with replacement, with all their rows.

    Returns:
        float64, shape (resamples, n).
    """
    _, who = np.unique(viewers, return_inverse=True)
    count = int(who.max()) + 1
    generator = np.random.Generator(np.random.PCG64(_SEED))
    weights = np.empty((resamples, len(viewers)))
    for row in weights:
        drawn = np.bincount(generator.integers(0, count, count), minlength=count)
        row[:] = drawn[who]
    return weights


def upper_bound(losses: Float64s, labels: Int64s, weights: npt.NDArray[np.float64]) -> float:
    """Return the 90 % bootstrap bound of the normalised entropy: nine resamples in ten lie at or below it."""
    values = np.array([normalised_entropy(losses, labels, row) for row in weights])
    values = values[~np.isnan(values)]
    return float(np.quantile(values, 0.9, method="higher")) if len(values) else float("inf")


def auc_figure(scores: Int64s, labels: Int64s, weights: npt.NDArray[np.float64]) -> Figure | None:
    """Return the AUC with its interval; None without a positive and a negative."""
    _, ranks = np.unique(scores, return_inverse=True)
    return _figure(lambda row: _auc_of_ranks(ranks, labels, row), weights)


def entropy_figure(ppb: Int64s, labels: Int64s, weights: npt.NDArray[np.float64]) -> Figure | None:
    """Return the normalised entropy with its interval; None without a positive and a negative."""
    losses = log_losses(ppb, labels)
    return _figure(lambda row: normalised_entropy(losses, labels, row), weights)


def calibration_figure(ppb: Int64s, labels: Int64s, weights: npt.NDArray[np.float64]) -> Figure | None:
    """Return the calibration error with its interval."""
    order = np.argsort(ppb, kind="stable")
    p, ordered = ppb[order] / PPB, labels[order]
    return _figure(lambda row: _calibration_error_in_order(p, ordered, row[order]), weights)


def _figure(measure: Callable[[Float64s], float], weights: npt.NDArray[np.float64]) -> Figure | None:
    value = measure(np.ones(weights.shape[1]))
    if np.isnan(value):
        return None
    values = np.array([measure(row) for row in weights])
    low, high = np.quantile(values[~np.isnan(values)], (0.025, 0.975))
    return Figure(round(value * PPM), round(float(low) * PPM), round(float(high) * PPM))
