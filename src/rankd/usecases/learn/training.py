"""Training a head: the booster that its settings give."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from rankd.core.features.feature import Feature
from rankd.core.ranking.calibration import MARGIN_ONE
from rankd.usecases.learn.plan import HeadPlan

SEED = 20_220_425

SHARED_SETTINGS: Mapping[str, int | str] = MappingProxyType(
    {"objective": "binary", "bagging_freq": 1, "max_bin": 255, "seed": SEED}
)
"""Settings that all heads share, as they are recorded."""


def train_head(
    matrix: npt.NDArray[np.float32],
    labels: npt.NDArray[np.int64],
    features: Sequence[Feature],
    plan: HeadPlan,
    offsets: npt.NDArray[np.float64] | None = None,
) -> str:
    """Return a trained head as LightGBM writes it.

    It works in one thread, in LightGBM's deterministic mode with row-wise histograms: the same rows give the same
    trees, however many heads grow beside it.

    Args:
        matrix: float32, shape (n, features), NaN where not known.
        labels: int64, shape (n,), 0 or 1.
        features: The columns, in order.
        plan: How to grow it.
        offsets: float64, shape (n,), log-odds that are known before and that the head is not to learn; None: none.
    """
    parameters: dict[str, object] = {
        **SHARED_SETTINGS,
        "feature_fraction": plan.columns_ppm / 1_000_000,
        "bagging_fraction": plan.rows_ppm / 1_000_000,
        "learning_rate": plan.rate_ppm / 1_000_000,
        "num_leaves": plan.leaves,
        "min_data_in_leaf": plan.rows_per_leaf,
        "lambda_l2": float(plan.ridge),
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
        "verbose": -1,
    }
    weights = None
    if len(never := _never_unknown(matrix, features)):
        # A row that weighs nothing, so that "not known" has a direction of its own in every tree.
        unknown = matrix[:1].copy()
        unknown[0, never] = np.nan
        matrix, labels = np.concatenate([matrix, unknown]), np.append(labels, 0)
        weights = np.append(np.ones(len(labels) - 1), 0.0)
        offsets = None if offsets is None else np.append(offsets, 0.0)
    # Bins are cut from all rows: of a sample nobody knows whether what is rarely not known is in it.
    parameters["bin_construct_sample_cnt"] = len(labels)
    names = [feature.name for feature in features]
    data = lgb.Dataset(matrix, labels, weight=weights, init_score=offsets, feature_name=names, free_raw_data=True)
    text: str = lgb.train(parameters, data, plan.rounds).model_to_string()
    return text


def _never_unknown(matrix: npt.NDArray[np.float32], features: Sequence[Feature]) -> list[int]:
    """Return the columns that may be unknown, and are known in every row."""
    return [at for at, one in enumerate(features) if one.nullable and not np.isnan(matrix[:, at]).any()]


def raw_margins(text: str, matrix: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Return the log-odds that a head says, without any offsets, float64, shape (n,)."""
    booster = lgb.Booster(model_str=text)
    return np.asarray(booster.predict(matrix, raw_score=True, num_threads=1), dtype=np.float64)


def sealed_margins(sealed: bytes, matrix: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """Return a sealed head's margins, exactly.

    Args:
        sealed: What `forest.sealing.seal_head` gives.
        matrix: float32, shape (n, features), n ≥ 1.

    Returns:
        int64, shape (n,), units of 2⁻²⁴ log-odds.
    """
    # Sealed leaves are multiples of 2⁻²⁴, so the product is a whole number and the cast loses nothing.
    return (raw_margins(sealed.decode("ascii"), matrix) * MARGIN_ONE).astype(np.int64)
