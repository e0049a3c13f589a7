import numpy as np
import pytest

from rankd.core.ranking.calibration import MARGIN_ONE, PPB, Calibration, probability_ppb
from rankd.usecases.learn.calibrating import (
    Blocks,
    calibration_methods,
    cut_blocks,
    fit_isotonic,
    fit_logistic,
    pool_violators,
)


def _drawn(rows: int, slope: float, intercept: float) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(5)
    margins = np.rint(random.normal(-1, 1.5, rows) * MARGIN_ONE).astype(np.int64)
    p = 1 / (1 + np.exp(-(slope * margins / MARGIN_ONE + intercept)))
    return margins, (random.random(rows) < p).astype(np.int64)


@pytest.mark.parametrize(
    ("positives", "methods"),
    [(0, ()), (49, ()), (50, ("logistic",)), (999, ("logistic",)), (1_000, ("logistic", "isotonic"))],
)
def test_the_number_of_positives_says_which_methods_may_be_tried(positives: int, methods: tuple[str, ...]) -> None:
    assert calibration_methods(positives) == methods


def test_every_block_holds_at_least_25_positives_and_no_row_is_lost() -> None:
    margins, labels = _drawn(9_000, 1.0, -1.0)
    blocks = cut_blocks(margins, labels)
    assert int(blocks.positives.min()) >= 25
    assert (int(blocks.rows.sum()), int(blocks.positives.sum())) == (9_000, int(labels.sum()))


def test_very_many_positives_still_fit_the_table() -> None:
    margins, labels = _drawn(120_000, 3.0, 2.0)
    assert int(labels.sum()) > 25 * 1_025
    assert len(cut_blocks(margins, labels).rows) <= 1_000


def test_rows_of_one_margin_are_never_split_between_blocks() -> None:
    margins = np.repeat(np.array([-5, 0, 5], dtype=np.int64), 1_000)
    labels = np.tile(np.array([0, 1], dtype=np.int64), 1_500)
    assert cut_blocks(margins, labels).rows.tolist() == [1_000, 1_000, 1_000]


def test_violators_are_pooled_and_equal_neighbours_too() -> None:
    blocks = Blocks(np.array([0, 10, 20, 30]), np.array([100, 100, 100, 100]), np.array([10, 30, 20, 25]))
    pooled = pool_violators(blocks)
    assert (pooled.margins.tolist(), pooled.rows.tolist(), pooled.positives.tolist()) == ([0, 20], [100, 300], [10, 75])


def test_isotonic_recovers_the_curve_that_drew_the_outcomes() -> None:
    margins, labels = _drawn(120_000, 1.0, 0.3)
    table = fit_isotonic(margins, labels)
    assert isinstance(table, Calibration)
    asked = np.array([-3, -1, 0, 1], dtype=np.int32) * np.int32(MARGIN_ONE)
    wanted = 1 / (1 + np.exp(-(asked / MARGIN_ONE + 0.3)))
    assert np.abs(probability_ppb(table, asked) / PPB - wanted).max() < 0.02


def test_isotonic_says_nothing_where_margins_order_nothing() -> None:
    margins = np.arange(4_000, dtype=np.int64)
    labels = (np.arange(4_000) < 2_000).astype(np.int64)
    assert fit_isotonic(margins, labels) is None


def test_logistic_recovers_slope_and_intercept_on_1025_knots_a_sixteenth_apart() -> None:
    margins, labels = _drawn(60_000, 0.7, -2.0)
    table = fit_logistic(margins, labels)
    assert table is not None
    assert table.margins.tolist() == [step * 2**20 for step in range(-512, 513)]
    odds = [float(np.log(p / (PPB - p))) for p in table.ppb[[512, 528]].tolist()]
    assert abs(odds[0] + 2.0) < 0.06
    assert abs(odds[1] - odds[0] - 0.7) < 0.04


def test_logistic_is_the_maximum_of_the_likelihood() -> None:
    from sklearn.linear_model import LogisticRegression

    margins, labels = _drawn(3_000, 0.8, -3.0)
    peer = LogisticRegression(C=1e12, tol=1e-10).fit((margins / MARGIN_ONE)[:, None], labels)
    table = fit_logistic(margins, labels)
    assert table is not None
    wanted = peer.predict_proba((table.margins[400:600] / MARGIN_ONE)[:, None])[:, 1]
    assert np.abs(table.ppb[400:600] / PPB - wanted).max() < 1e-5


def test_logistic_says_nothing_where_higher_margins_go_with_fewer_positives() -> None:
    margins, labels = _drawn(5_000, -0.5, -2.0)
    assert fit_logistic(margins, labels) is None


def test_logistic_of_one_single_margin_is_no_curve_that_fails() -> None:
    labels = (np.arange(1_000) < 60).astype(np.int64)
    assert fit_logistic(np.zeros(1_000, dtype=np.int64), labels) is None


def test_logistic_stays_within_bounds_where_outcomes_are_perfectly_separated() -> None:
    margins = np.arange(-500, 500, dtype=np.int64) * 2**16
    table = fit_logistic(margins, (margins >= 0).astype(np.int64))
    assert table is not None
    assert (int(table.ppb[0]), int(table.ppb[-1])) == (1, PPB - 1)
