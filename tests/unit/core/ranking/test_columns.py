import numpy as np
import pytest

from rankd.core.errors import RequestError
from rankd.core.ranking.columns import ColumnNeed, feature_matrix, lay_columns
from rankd.core.ranking.request import Column

DURATION = ColumnNeed("duration_s", nullable=False)
RATE = ColumnNeed("reply_rate", nullable=True, default=0.5)
HOURS = ColumnNeed("hours", nullable=True, rule_input=True)
NEEDS = (DURATION, RATE, HOURS)
NAN, INF = float("nan"), float("inf")
HUGE = 3.0e38


def _column(name: str, *values: float) -> Column:
    return Column(name, np.array(values, dtype=np.float32))


FINE = (_column("duration_s", 1, 2, 3), _column("reply_rate", 0.25), _column("hours", 0, NAN, 7))


@pytest.mark.parametrize(
    ("sent", "reason", "field"),
    [
        ((*FINE, _column("likes", 1, 2, 3)), "COLUMN_UNKNOWN", "columns[likes]"),
        ((*FINE, _column("duration_s", 1, 2, 3)), "COLUMN_DUPLICATE", "columns[duration_s]"),
        (FINE[1:], "COLUMN_MISSING", "columns[duration_s]"),
        (FINE[:2], "COLUMN_MISSING", "columns[hours]"),
        ((_column("duration_s", 1, 2), *FINE[1:]), "COLUMN_LENGTH", "columns[duration_s]"),
        ((_column("duration_s"), *FINE[1:]), "COLUMN_LENGTH", "columns[duration_s]"),
        ((_column("duration_s", 1, 2, 3, 4), *FINE[1:]), "COLUMN_LENGTH", "columns[duration_s]"),
        ((_column("duration_s", 1, INF, 3), *FINE[1:]), "COLUMN_INFINITE", "columns[duration_s][1]"),
        ((_column("duration_s", -INF, INF, 3), *FINE[1:]), "COLUMN_INFINITE", "columns[duration_s][0]"),
        ((_column("duration_s", 1, 2, NAN), *FINE[1:]), "COLUMN_NAN", "columns[duration_s][2]"),
        ((FINE[0], _column("reply_rate", NAN, -INF, 1), FINE[2]), "COLUMN_INFINITE", "columns[reply_rate][1]"),
        ((*FINE[:2], _column("hours", NAN, -0.5, 1)), "COLUMN_NEGATIVE", "columns[hours][1]"),
        ((*FINE[:2], _column("hours", NAN, 1, INF)), "COLUMN_INFINITE", "columns[hours][2]"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_columns_are_refused_with_the_column_and_the_row(sent: tuple[Column, ...], reason: str, field: str) -> None:
    with pytest.raises(RequestError) as refusal:
        lay_columns(sent, NEEDS, 3)
    assert (refusal.value.reason, refusal.value.metadata["field"]) == (reason, field)
    assert field in refusal.value.say("fr")
    assert field in refusal.value.say("en")


def test_columns_are_laid_in_the_order_of_the_needs() -> None:
    laid = lay_columns(FINE[::-1], NEEDS, 3)
    assert [column.name for column in laid.columns] == ["duration_s", "reply_rate", "hours"]
    assert laid.defaulted == ()


def test_what_is_not_sent_and_has_a_default_takes_it_and_is_named() -> None:
    laid = lay_columns((FINE[0], FINE[2]), NEEDS, 3)
    assert laid.defaulted == ("reply_rate",)
    assert laid.columns[1].values.tolist() == [0.5]


def test_numbers_whose_sum_overflows_are_finite_all_the_same() -> None:
    laid = lay_columns((_column("duration_s", HUGE, HUGE, HUGE), *FINE[1:]), NEEDS, 3)
    assert laid.columns[0].values.tolist() == _column("", HUGE, HUGE, HUGE).values.tolist()


def test_zero_hours_and_negative_zero_are_not_negative() -> None:
    laid = lay_columns((*FINE[:2], _column("hours", 0.0, -0.0, NAN)), NEEDS, 3)
    assert laid.columns[2].values[:2].tolist() == [0, 0]


def test_a_surface_that_reads_nothing_refuses_every_column() -> None:
    assert lay_columns((), (), 3).columns == ()
    with pytest.raises(RequestError):
        lay_columns(FINE[:1], (), 3)


def test_a_feature_matrix_repeats_a_viewers_number_and_keeps_the_wanted_order() -> None:
    columns = {"a": np.array([1, 2], dtype=np.float32), "b": np.array([9], dtype=np.float32)}
    matrix = feature_matrix(columns, ["b", "a"], 2)
    assert matrix.tolist() == [[9, 1], [9, 2]]
    assert matrix.dtype == np.dtype(np.float32)
    assert matrix.flags.c_contiguous
