"""The value of each candidate before any rule: the sum of points × lift."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rankd.core.ranking.formula import Formula
from rankd.core.ranking.signal import lift_micro


@dataclass(frozen=True, slots=True)
class Terms:
    """Every objective's part in every candidate's value.

    Attributes:
        points: Points after the viewer's sliders, one per head.
        lifts_micro: int64, shape (heads, n), micro-units.
        terms: int64, shape (heads, n), micro-points: sign × points × lift.
        values: int64, shape (n,), micro-points: the sum of the terms.
    """

    points: tuple[int, ...]
    lifts_micro: npt.NDArray[np.int64]
    terms: npt.NDArray[np.int64]
    values: npt.NDArray[np.int64]


def value_terms(formula: Formula, margins: npt.NDArray[np.int32], sliders: tuple[tuple[str, int], ...]) -> Terms:
    """Return the terms and values of all candidates.

    Args:
        formula: The formula in force.
        margins: int32, shape (heads, n), in the order of the formula's heads, units of 2⁻²⁴ log-odds.
        sliders: The viewer's settings.

    Source: MATH 2; docs/spec/scoring.md sections 5 and 6.
    """
    points = formula.moved_points(sliders)
    lifts = np.empty(margins.shape, dtype=np.int64)
    for row, head in enumerate(formula.heads):
        lifts[row] = lift_micro(head, margins[row], formula.lift_ceiling_micro)
    signed = np.array([s * p for s, p in zip(formula.signs, points, strict=True)], dtype=np.int64)
    terms = lifts * signed[:, None]
    return Terms(points=points, lifts_micro=lifts, terms=terms, values=terms.sum(axis=0, dtype=np.int64))
