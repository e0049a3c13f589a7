"""Fitting calibration tables: isotonic where positives abound, logistic where they are few, silence below that."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rankd.core.ranking.calibration import MARGIN_ONE, PPB, Calibration

Int64s = npt.NDArray[np.int64]
Float64s = npt.NDArray[np.float64]

MIN_ISOTONIC_POSITIVES = 1_000
MIN_LOGISTIC_POSITIVES = 50
MIN_BLOCK_POSITIVES = 25
ENOUGH_POSITIVES = 10_000
"""With so many, the newest days say more about tomorrow than older ones add: how much people do changes from day to
day."""
MAX_BLOCKS = 1_000
"""Heads with very many positives get larger blocks, so that the table stays within its 1 025 knots. Fewer and larger
blocks calibrate worse: a line between two means of a convex curve lies above it."""

_KNOT_STEP = MARGIN_ONE // 16
_KNOT_REACH = 32 * 16
_NEWTON_STEPS = 100


@dataclass(frozen=True, slots=True)
class Blocks:
    """Consecutive margins pooled: mean margin, rows and positives of each block, in increasing order of margin."""

    margins: Int64s
    rows: Int64s
    positives: Int64s


def calibration_methods(positives: int) -> tuple[str, ...]:
    """Return how a head with so many pooled positives may be calibrated; none where it must be silent.

    Source: MATH 1.
    """
    if positives < MIN_LOGISTIC_POSITIVES:
        return ()
    return ("logistic", "isotonic") if positives >= MIN_ISOTONIC_POSITIVES else ("logistic",)


def fit_calibration(margins: Int64s, labels: Int64s, method: str) -> Calibration | None:
    """Return the table that one method fits, or None where higher margins do not go with more positives.

    Args:
        margins: int64, shape (n,), out-of-time margins of a sealed head, units of 2⁻²⁴ log-odds.
        labels: int64, shape (n,), 0 or 1.
        method: "isotonic" or "logistic".

    Source: MATH 1.
    """
    return fit_isotonic(margins, labels) if method == "isotonic" else fit_logistic(margins, labels)


def fit_isotonic(margins: Int64s, labels: Int64s) -> Calibration | None:
    """Fit a non-decreasing curve through blocks of at least 25 positives: one knot at each block's mean margin.

    Returns:
        The table, or None where all blocks pool into one: a flat curve says nothing.

    Source: MATH 1; pool adjacent violators (Ayer et al. 1955).
    """
    blocks = pool_violators(cut_blocks(margins, labels))
    if len(blocks.margins) < 2:
        return None
    ppb = np.clip(blocks.positives * PPB // blocks.rows, 1, PPB - 1)
    return Calibration(blocks.margins, ppb)


def cut_blocks(margins: Int64s, labels: Int64s) -> Blocks:
    """Cut rows, by increasing margin, into blocks of enough positives; rows of one margin stay together.

    The last rows, too few positives for a block of their own, join the last block.
    """
    values, where = np.unique(margins, return_inverse=True)
    rows = np.bincount(where, minlength=len(values))
    positives = np.bincount(where[labels == 1], minlength=len(values))
    total = int(positives.sum())
    least = max(MIN_BLOCK_POSITIVES, -(-total // MAX_BLOCKS))
    ends: list[int] = []
    seen = 0
    for end, count in enumerate(positives.tolist(), start=1):
        seen += count
        if seen >= least:
            ends.append(end)
            seen = 0
    ends = [*ends[:-1], len(values)]
    starts = [0, *ends[:-1]]
    block_rows = np.add.reduceat(rows, starts)
    sums = np.add.reduceat(values * rows, starts)
    return Blocks(sums // block_rows, block_rows, np.add.reduceat(positives, starts))


def pool_violators(blocks: Blocks) -> Blocks:
    """Merge neighbours until the share of positives strictly increases from block to block."""
    pooled: list[tuple[int, int, int]] = []
    for margin, rows, positives in zip(
        blocks.margins.tolist(), blocks.rows.tolist(), blocks.positives.tolist(), strict=True
    ):
        block = (margin * rows, rows, positives)
        while pooled and (pooled[-1][2] * block[1] >= block[2] * pooled[-1][1] or _meet(pooled[-1], block)):
            last = pooled.pop()
            block = (last[0] + block[0], last[1] + block[1], last[2] + block[2])
        pooled.append(block)
    sums, rows_, positives_ = (np.array(column, dtype=np.int64) for column in zip(*pooled, strict=True))
    return Blocks(sums // rows_, rows_, positives_)


def _meet(left: tuple[int, int, int], right: tuple[int, int, int]) -> bool:
    return left[0] // left[1] >= right[0] // right[1]


def fit_logistic(margins: Int64s, labels: Int64s) -> Calibration | None:
    """Fit p = 1 ÷ (1 + exp(−(slope × margin + intercept))) by maximum likelihood and tabulate it.

    Returns:
        1 025 knots, every 1/16 log-odds from −32 to +32, or None where the slope is not positive.

    Source: MATH 1; Platt (1999), by Newton's method.
    """
    x = margins / MARGIN_ONE
    y = labels.astype(np.float64)
    rate = float(np.clip(y.mean(), 1e-9, 1 - 1e-9))
    centre = float(x.mean())
    design = np.column_stack([x - centre, np.ones(len(x))])
    weights = np.array([0.0, np.log(rate / (1 - rate))])
    for _ in range(_NEWTON_STEPS):
        p = 1 / (1 + np.exp(-(design @ weights)))
        gradient = design.T @ (y - p)
        # The ridge keeps the step finite where all margins are equal; it is too small to be seen otherwise.
        hessian = (design.T * (p * (1 - p))) @ design + 1e-9 * np.eye(2)
        step = np.clip(np.linalg.solve(hessian, gradient), -1, 1)
        weights = weights + step
        if float(np.abs(step).max()) < 1e-12:
            break
    slope, level = float(weights[0]), float(weights[1])
    if slope <= 0:
        return None
    knots = np.arange(-_KNOT_REACH, _KNOT_REACH + 1, dtype=np.int64) * _KNOT_STEP
    odds = np.clip(slope * (knots / MARGIN_ONE - centre) + level, -700, 700)
    ppb = np.rint(PPB / (1 + np.exp(-odds))).astype(np.int64)
    return Calibration(knots, np.maximum.accumulate(np.clip(ppb, 1, PPB - 1)))
