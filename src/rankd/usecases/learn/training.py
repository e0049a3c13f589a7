"""Training a head: its settings, and the booster that they give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

from rankd.core.features.feature import Feature
from rankd.core.ranking.calibration import MARGIN_ONE

SEED = 20_220_425


@dataclass(frozen=True, slots=True)
class HeadPlan:
    """How one head is grown.

    Attributes:
        objective: The objective.
        rounds: Number of trees.
        leaves: Leaves of a tree, at most.
        rows_per_leaf: Rows in a leaf, at least.
        rate_ppm: Learning rate, parts per million.
        ridge: λ of the L2 penalty on leaves.
    """

    objective: str
    rounds: int
    leaves: int
    rows_per_leaf: int
    rate_ppm: int
    ridge: int

    def settings(self) -> dict[str, int | str]:
        """Return the settings for the record, without fractions."""
        return {
            "rounds": self.rounds,
            "leaves": self.leaves,
            "rows_per_leaf": self.rows_per_leaf,
            "rate_ppm": self.rate_ppm,
            "ridge": self.ridge,
        }


# Chosen on 1 and 2 May with training up to 30 April. A head with few positives gets small trees and few of them.
PLANS: tuple[HeadPlan, ...] = (
    HeadPlan("click", rounds=300, leaves=15, rows_per_leaf=200, rate_ppm=40_000, ridge=10),
    HeadPlan("long_view", rounds=300, leaves=15, rows_per_leaf=200, rate_ppm=40_000, ridge=10),
    HeadPlan("like", rounds=250, leaves=8, rows_per_leaf=200, rate_ppm=40_000, ridge=20),
    HeadPlan("reply", rounds=80, leaves=8, rows_per_leaf=500, rate_ppm=30_000, ridge=20),
    HeadPlan("repost", rounds=80, leaves=8, rows_per_leaf=500, rate_ppm=30_000, ridge=20),
    HeadPlan("follow", rounds=80, leaves=8, rows_per_leaf=500, rate_ppm=30_000, ridge=20),
    HeadPlan("profile_visit", rounds=200, leaves=6, rows_per_leaf=300, rate_ppm=40_000, ridge=20),
    HeadPlan("hide", rounds=80, leaves=8, rows_per_leaf=500, rate_ppm=30_000, ridge=20),
)

SHARED_SETTINGS: Mapping[str, int | str] = MappingProxyType(
    {
        "objective": "binary",
        "feature_fraction": "0.6",
        "bagging_fraction": "0.8",
        "bagging_freq": 1,
        "max_bin": 255,
        "seed": SEED,
    }
)
"""Settings that all heads share, as they are recorded."""


def train_head(
    matrix: npt.NDArray[np.float32],
    labels: npt.NDArray[np.int64],
    features: Sequence[Feature],
    plan: HeadPlan,
    *,
    threads: int,
) -> str:
    """Return a trained head as LightGBM writes it.

    The same rows give the same trees whatever `threads` is: LightGBM's deterministic mode with row-wise histograms.

    Args:
        matrix: float32, shape (n, features), NaN where not known.
        labels: int64, shape (n,), 0 or 1.
        features: The columns, in order.
        plan: How to grow it.
        threads: How many threads may work, ≥ 1.
    """
    parameters = {
        **SHARED_SETTINGS,
        "feature_fraction": float(SHARED_SETTINGS["feature_fraction"]),
        "bagging_fraction": float(SHARED_SETTINGS["bagging_fraction"]),
        "learning_rate": plan.rate_ppm / 1_000_000,
        "num_leaves": plan.leaves,
        "min_data_in_leaf": plan.rows_per_leaf,
        "lambda_l2": float(plan.ridge),
        "num_threads": threads,
        "deterministic": True,
        "force_row_wise": True,
        "verbose": -1,
    }
    names = [feature.name for feature in features]
    data = lgb.Dataset(matrix, labels, feature_name=names, free_raw_data=True)
    text: str = lgb.train(parameters, data, plan.rounds).model_to_string()
    return text


def sealed_margins(sealed: bytes, matrix: npt.NDArray[np.float32], *, threads: int) -> npt.NDArray[np.int64]:
    """Return a sealed head's margins, exactly.

    Args:
        sealed: What `forest.sealing.seal_head` gives.
        matrix: float32, shape (n, features), n ≥ 1.
        threads: How many threads may work, ≥ 1.

    Returns:
        int64, shape (n,), units of 2⁻²⁴ log-odds.
    """
    booster = lgb.Booster(model_str=sealed.decode("ascii"))
    raw = np.asarray(booster.predict(matrix, raw_score=True, num_threads=threads), dtype=np.float64)
    # Sealed leaves are multiples of 2⁻²⁴, so the product is a whole number and the cast loses nothing.
    return (raw * MARGIN_ONE).astype(np.int64)
