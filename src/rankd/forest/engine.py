"""Engines: whatever turns features into margins, all of them bit for bit alike."""

from importlib.util import find_spec
from typing import Protocol

from rankd.forest.matrix import FeatureMatrix, Margins
from rankd.forest.reference import ReferenceForest
from rankd.forest.sealed import SealedModel


class Engine(Protocol):
    """From features to margins. Safe to call from many threads at once."""

    name: str

    def margins(self, features: FeatureMatrix) -> Margins:
        """Return every head's margin of every row.

        Args:
            features: float32, shape (rows, features), C order, columns in the manifest's order. NaN is "not known";
                in a feature that is not nullable it counts as 0.0 unless a node is NaN-typed. Zero rows are fine.

        Returns:
            int32, shape (heads, rows), units of 2⁻²⁴ log-odds, heads in the manifest's order. A row's margins do
            not depend on the other rows.

        Raises:
            ValueError: The matrix has another dtype, shape or order.
        """
        ...


def choose_engine(model: SealedModel) -> Engine:
    """Return the fastest engine that is installed: lightgbm, else the reference.

    A lightgbm that is installed and broken (a missing OpenMP library, say) raises what its import raises: nobody
    should find out from slow answers.
    """
    if find_spec("lightgbm") is None:
        return ReferenceForest(model)
    from rankd.forest.lightgbm import LightGBMForest

    return LightGBMForest(model)
