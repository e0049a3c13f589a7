"""The reference engine: LightGBM's decision rule in a few lines of plain Python, for reading and for auditors."""

import math

import numpy as np

from rankd.forest.matrix import FeatureMatrix, Margins, check_matrix
from rankd.forest.sealed import SealedModel
from rankd.forest.trees import DEFAULT_LEFT, NAN_TYPED, ZERO_BOUND, Tree


class ReferenceForest:
    """Margins by the book: one row, one tree, one question at a time.

    The rule at a node with feature value x, a float32 read as a double:

    1. |x| ≤ 1.0000000180025095e-35 (LightGBM's zero threshold, a float32) is read as 0.0.
    2. x is NaN and the node is not NaN-typed: x is read as 0.0.
    3. x is NaN and the node is NaN-typed: go to the node's default side.
    4. Otherwise go left if x ≤ threshold, compared as doubles, and right if not.

    The margin of a head is the sum of the leaves reached, in integers.

    Source: docs/spec/scoring.md section 3; LightGBM `Tree::NumericalDecision` and `kZeroThreshold`.
    """

    name = "reference"

    def __init__(self, model: SealedModel) -> None:
        self._forests = model.forests
        self._feature_count = len(model.manifest.features)

    def margins(self, features: FeatureMatrix) -> Margins:
        """Return every head's margin of every row; see `Engine.margins`."""
        check_matrix(features, self._feature_count)
        rows: list[list[float]] = features.tolist()
        sums = [[sum(leaf(tree, row) for tree in f.trees) for row in rows] for f in self._forests]
        return np.array(sums, dtype=np.int32).reshape(len(self._forests), len(rows))


def leaf(tree: Tree, row: list[float]) -> int:
    """Return the leaf that `row` reaches in `tree`, in units of 2⁻²⁴ log-odds."""
    at = 0 if tree.split_feature else -1
    while at >= 0:
        x = row[tree.split_feature[at]]
        kind = tree.decision_type[at]
        if abs(x) <= ZERO_BOUND or (math.isnan(x) and not kind & NAN_TYPED):
            x = 0.0
        left = bool(kind & DEFAULT_LEFT) if math.isnan(x) else x <= tree.threshold[at]
        at = tree.left_child[at] if left else tree.right_child[at]
    return tree.leaf_units[-at - 1]
