"""The signal: what a model lets the score know about each objective, and its lift."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rankd.core.ranking.calibration import Calibration, probability_ppb

LIFT_ONE = 1_000_000
"""Lift 1, "as likely as usual", in micro-units."""

MIN_BASE_RATE_PPB = 1_000


@dataclass(frozen=True, slots=True)
class HeadSignal:
    """One objective's part of the signal.

    Attributes:
        objective: The objective's id.
        base_rate_ppb: Its outcome rate over training and calibration rows, parts per billion, 1 to 10⁹ − 1 (at least
            1 000 unless the head is silent).
        calibration: None exactly where the head is silent: it knows too little, and its lift is 1 for everybody.
    """

    objective: str
    base_rate_ppb: int
    calibration: Calibration | None

    @property
    def silent(self) -> bool:
        """Whether this head has no say."""
        return self.calibration is None


def lift_micro(head: HeadSignal, margins: npt.NDArray[np.int32], ceiling_micro: int) -> npt.NDArray[np.int64]:
    """Return how many times likelier than usual each candidate's outcome is.

    Args:
        head: The objective's calibration and base rate.
        margins: int32, shape (n,), units of 2⁻²⁴ log-odds; not read where the head is silent.
        ceiling_micro: The constitution's ceiling, micro-units.

    Returns:
        int64, shape (n,), micro-units: min(p · 10⁶ // base rate, ceiling); 1 000 000 for a silent head.

    Source: MATH 2; docs/spec/scoring.md section 5.
    """
    if head.calibration is None:
        return np.full(margins.shape, LIFT_ONE, dtype=np.int64)
    p = probability_ppb(head.calibration, margins)
    return np.minimum(p * LIFT_ONE // head.base_rate_ppb, ceiling_micro)
