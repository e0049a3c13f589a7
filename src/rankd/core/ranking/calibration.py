"""Calibration: from a head's margin to a probability in parts per billion."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

MARGIN_ONE = 1 << 24
"""Margins are integers in units of 2⁻²⁴ log-odds."""

PPB = 1_000_000_000
"""One, in parts per billion."""

MAX_KNOTS = 1025


@dataclass(frozen=True, slots=True)
class Calibration:
    """A head's calibration table: linear between knots, flat outside.

    Attributes:
        margins: int64, shape (knots,), 1 to 1025 knots, strictly increasing, units of 2⁻²⁴ log-odds, |margin| < 2³¹.
        ppb: int64, shape (knots,), non-decreasing, in [1, 10⁹ − 1].

    Raises:
        ValueError: The table breaks one of these promises.

    Source: MATH 1; docs/spec/scoring.md section 4.
    """

    margins: npt.NDArray[np.int64]
    ppb: npt.NDArray[np.int64]

    def __post_init__(self) -> None:
        m, p = self.margins, self.ppb
        if m.dtype != np.int64 or p.dtype != np.int64 or m.ndim != 1 or m.shape != p.shape:
            raise ValueError("a calibration table is two int64 columns of one length")
        if not 1 <= len(m) <= MAX_KNOTS:
            raise ValueError(f"a calibration table has 1 to {MAX_KNOTS} knots, not {len(m)}")
        if int(m[0]) <= -(2**31) or int(m[-1]) >= 2**31 or bool(np.any(np.diff(m) <= 0)):
            raise ValueError("margins must increase strictly and lie within ±2**31")
        if int(p[0]) < 1 or int(p[-1]) > PPB - 1 or bool(np.any(np.diff(p) < 0)):
            raise ValueError("probabilities must not decrease and lie in 1 to 999999999 parts per billion")
        # Bounds above give (m1 − m0) < 2³² and (p1 − p0) < 10⁹, so each segment's product is below 2⁶².
        m.setflags(write=False)
        p.setflags(write=False)


def probability_ppb(calibration: Calibration, margins: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """Return the calibrated probability of each margin.

    Args:
        calibration: The head's table.
        margins: int32, shape (n,), units of 2⁻²⁴ log-odds.

    Returns:
        int64, shape (n,), parts per billion, in [1, 10⁹ − 1].

    Source: MATH 1; docs/spec/scoring.md section 4.
    """
    m, p = calibration.margins, calibration.ppb
    x = np.clip(margins.astype(np.int64), m[0], m[-1])
    if len(m) == 1:
        return np.full(x.shape, p[0], dtype=np.int64)
    left = np.minimum(np.searchsorted(m, x, side="right") - 1, len(m) - 2)
    ppb: npt.NDArray[np.int64] = p[left] + (x - m[left]) * (p[left + 1] - p[left]) // (m[left + 1] - m[left])
    return ppb
