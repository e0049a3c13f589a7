import numpy as np
import pytest

from rankd.forest.matrix import check_matrix


def test_float32_rows_in_c_order_are_accepted() -> None:
    check_matrix(np.zeros((3, 2), dtype=np.float32), 2)


@pytest.mark.parametrize(
    "matrix",
    [
        np.zeros((3, 2), dtype=np.float64),
        np.zeros((3, 3), dtype=np.float32),
        np.zeros(2, dtype=np.float32),
        np.zeros((3, 2), dtype=np.float32, order="F"),
        np.zeros((3, 4), dtype=np.float32)[:, ::2],
    ],
)
def test_anything_else_is_a_programmers_mistake(matrix: np.ndarray) -> None:
    with pytest.raises(ValueError, match="an engine takes"):
        check_matrix(matrix, 2)
