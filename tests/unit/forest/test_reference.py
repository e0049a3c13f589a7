import math
from collections.abc import Callable

import numpy as np
import pytest

from rankd.forest.reference import ReferenceForest, leaf
from rankd.forest.sealed import open_sealed
from rankd.forest.trees import DEFAULT_LEFT, NAN_TYPED, Tree

Seal = Callable[..., dict[str, bytes]]

LEFT, RIGHT = 1, 2


def asks(threshold: float, decision_type: int) -> Tree:
    return Tree((0,), (threshold,), (decision_type,), (-1,), (-2,), (LEFT, RIGHT))


@pytest.mark.parametrize(
    ("x", "threshold", "decision_type", "reached"),
    [
        (1.0, 1.0, 0, LEFT),
        (float(np.nextafter(np.float32(1), np.float32(2))), 1.0, 0, RIGHT),
        (math.inf, 1e308, 0, RIGHT),
        (-math.inf, -1e308, 0, LEFT),
        (-0.0, 0.0, 0, LEFT),
        (1e-36, 0.0, 0, LEFT),  # nearly zero is zero
        (-1e-36, -1e-40, 0, RIGHT),
        (1.0000000180025095e-35, 0.0, 0, LEFT),
        (float(np.nextafter(np.float32(1e-35), np.float32(1))), 0.0, 0, RIGHT),
        (math.nan, 0.0, 0, LEFT),  # without a missing type NaN is zero
        (math.nan, -0.5, 0, RIGHT),
        (math.nan, 0.0, NAN_TYPED, RIGHT),  # with one it goes to the default side
        (math.nan, -0.5, NAN_TYPED | DEFAULT_LEFT, LEFT),
        (0.0, -0.5, NAN_TYPED | DEFAULT_LEFT, RIGHT),  # which says nothing about zero
        (0.0, 0.5, NAN_TYPED, LEFT),
    ],
)
def test_the_decision_rule(x: float, threshold: float, decision_type: int, reached: int) -> None:
    assert leaf(asks(threshold, decision_type), [x]) == reached


def test_a_tree_of_one_leaf_asks_nothing() -> None:
    assert leaf(Tree((), (), (), (), (), (9,)), []) == 9


def test_a_margin_is_the_sum_of_one_leaf_of_each_tree(seal: Seal) -> None:
    engine = ReferenceForest(open_sealed(seal()))
    rows = np.array([[1.5, 0.0], [2.0, -0.25], [2.0, 0.0], [2.0, np.nan]], dtype=np.float32)
    margins = engine.margins(rows)
    assert margins.dtype == np.int32
    assert margins.tolist() == [[(1 << 24) - 3, -(1 << 23) - 3, -2, -(1 << 23) - 3], [7, 7, 7, 7]]


def test_no_rows_give_no_margins(seal: Seal) -> None:
    margins = ReferenceForest(open_sealed(seal())).margins(np.empty((0, 2), dtype=np.float32))
    assert margins.shape == (2, 0)
    assert margins.dtype == np.int32
