"""The feature matrix: what every engine takes."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FeatureMatrix: TypeAlias = npt.NDArray[np.float32]
"""float32, shape (rows, features), C order, columns in the manifest's order."""

Margins: TypeAlias = npt.NDArray[np.int32]
"""int32, shape (heads, rows), units of 2⁻²⁴ log-odds, heads in the manifest's order."""


def check_matrix(features: FeatureMatrix, feature_count: int) -> None:
    """Make sure that an engine was handed what its contract says.

    Raises:
        ValueError: A programmer's mistake; requests are checked, column by column, before a matrix is built.
    """
    if features.dtype != np.float32 or features.ndim != 2 or features.shape[1] != feature_count:
        raise ValueError(
            f"an engine takes float32 of shape (rows, {feature_count}), not {features.dtype} of {features.shape}"
        )
    if not features.flags.c_contiguous:
        raise ValueError("an engine takes a matrix in C order")
