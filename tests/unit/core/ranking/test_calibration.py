from typing import Any

import numpy as np
import pytest

from rankd.core.ranking.calibration import MAX_KNOTS, Calibration, probability_ppb

LAST = 999_999_999


def _table(*knots: tuple[int, int]) -> Calibration:
    return Calibration(np.array([m for m, _ in knots], dtype=np.int64), np.array([p for _, p in knots], dtype=np.int64))


def _ppb(calibration: Calibration, *margins: int) -> list[int]:
    found: list[int] = probability_ppb(calibration, np.array(margins, dtype=np.int32)).tolist()
    return found


@pytest.mark.parametrize(
    ("knots", "why"),
    [
        ([], "1 to 1025 knots"),
        ([(k, 1) for k in range(MAX_KNOTS + 1)], "1 to 1025 knots"),
        ([(0, 5), (0, 6)], "increase strictly"),
        ([(1, 5), (0, 6)], "increase strictly"),
        ([(-(2**31), 5)], "lie within"),
        ([(2**31, 5)], "lie within"),
        ([(0, 6), (1, 5)], "must not decrease"),
        ([(0, 0)], "1 to 999999999"),
        ([(0, 10**9)], "1 to 999999999"),
    ],
)
def test_a_table_that_breaks_its_promise_is_refused(knots: list[tuple[int, int]], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        _table(*knots)


@pytest.mark.parametrize(
    ("margins", "ppb"), [("i8:2", "i8:1"), ("i4:2", "i8:2"), ("i8:2", "f8:2"), ("i8:1,2", "i8:1,2")]
)
def test_columns_of_another_type_or_shape_are_refused(margins: str, ppb: str) -> None:
    def column(form: str) -> Any:
        dtype, _, shape = form.partition(":")
        return np.arange(1, 3)[: 1 if shape == "1" else 2].reshape([int(n) for n in shape.split(",")]).astype(dtype)

    with pytest.raises(ValueError, match="two int64 columns"):
        Calibration(column(margins), column(ppb))


def test_a_table_cannot_be_changed_afterwards() -> None:
    calibration = _table((0, 1), (1, 2))
    with pytest.raises(ValueError, match="read-only"):
        calibration.ppb[0] = 7


def test_the_longest_segment_does_not_wrap() -> None:
    low, high = -(2**31) + 1, 2**31 - 1
    calibration = _table((low, 1), (high, LAST))
    margins = (low, -1, 0, 1, high - 1, high)
    assert _ppb(calibration, *margins) == [1 + (m - low) * (LAST - 1) // (high - low) for m in margins]


def test_int32_extremes_outside_the_table_are_flat() -> None:
    assert _ppb(_table((-5, 7), (5, 9)), -(2**31), -5, 4, 5, 2**31 - 1) == [7, 7, 8, 9, 9]


def test_a_table_with_most_knots_is_read_at_every_knot() -> None:
    knots = [(k * 1000, k + 1) for k in range(MAX_KNOTS)]
    assert _ppb(_table(*knots), *(m for m, _ in knots)) == [p for _, p in knots]
    assert _ppb(_table(*knots), *(m + 999 for m, _ in knots)) == [p for _, p in knots]
