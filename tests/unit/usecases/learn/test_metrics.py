import numpy as np
from sklearn.metrics import roc_auc_score

from rankd.core.ranking.calibration import PPB
from rankd.usecases.learn.metrics import (
    auc,
    auc_figure,
    calibration_error,
    calibration_error_by_chance,
    calibration_figure,
    log_losses,
    normalised_entropy,
    upper_bound,
    viewer_weights,
)


def _ints(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.int64)


def test_auc_counts_ties_as_half() -> None:
    assert auc(_ints(1, 2, 2, 3), _ints(0, 0, 1, 1), np.ones(4)) == 3.5 / 4


def test_auc_equals_another_librarys_with_ties_and_weights() -> None:
    random = np.random.default_rng(2)
    scores, labels = random.integers(0, 30, 500), random.integers(0, 2, 500)
    weights = random.integers(0, 4, 500).astype(np.float64)
    assert abs(auc(scores, labels, weights) - roc_auc_score(labels, scores, sample_weight=weights)) < 1e-12


def test_auc_of_one_kind_of_outcome_is_unknown() -> None:
    assert auc_figure(_ints(1, 2), _ints(0, 0), np.ones((3, 2))) is None


def test_the_base_rate_itself_has_a_normalised_entropy_of_one() -> None:
    labels = _ints(1, 0, 0, 0)
    losses = log_losses(np.full(4, PPB // 4), labels)
    assert abs(normalised_entropy(losses, labels, np.ones(4)) - 1) < 1e-12


def test_calibration_error_is_the_mean_gap_of_twenty_equal_bins() -> None:
    # Twenty bins of five rows; each says 0.3 and sees 0.2 or 0.4.
    labels = np.tile(_ints(1, 0, 0, 0, 0, 1, 1, 0, 0, 0), 10)
    assert abs(calibration_error(np.full(100, 3 * PPB // 10), labels, np.ones(100)) - 0.1) < 1e-12


def test_calibration_error_sees_probabilities_that_are_right_only_on_average() -> None:
    labels = np.repeat(_ints(0, 1), 200)
    assert calibration_error(np.full(400, PPB // 2), labels, np.ones(400)) == 0.5
    assert calibration_error(np.repeat(_ints(1, PPB - 1), 200), labels, np.ones(400)) < 1e-8


def test_chance_alone_explains_the_error_of_outcomes_drawn_from_their_probabilities() -> None:
    random = np.random.default_rng(4)
    ppb = random.integers(PPB // 10, PPB // 2, 20_000)
    labels = (random.random(20_000) < ppb / PPB).astype(np.int64)
    chance = calibration_error_by_chance(ppb, 50) / 1e6
    assert abs(calibration_error(ppb, labels, np.ones(20_000)) - chance) < 0.5 * chance
    assert calibration_error(ppb + PPB // 20, labels, np.ones(20_000)) > 3 * chance


def test_viewers_are_drawn_with_all_their_rows() -> None:
    viewers = _ints(9, 4, 9, 4, 4, 7)
    weights = viewer_weights(viewers, 50)
    for row in weights:
        assert row[0] == row[2]
        assert row[1] == row[3] == row[4]
        assert row[0] + row[1] + row[5] == 3
    assert len({tuple(row) for row in weights.tolist()}) > 5


def test_the_bound_lies_above_nine_resamples_in_ten() -> None:
    random = np.random.default_rng(6)
    labels = random.integers(0, 2, 300)
    losses = log_losses(np.full(300, PPB // 3), labels)
    weights = viewer_weights(np.arange(300) // 3, 200)
    values = [normalised_entropy(losses, labels, row) for row in weights]
    share = float(np.mean(np.array(values) <= upper_bound(losses, labels, weights)))
    assert 0.9 <= share <= 0.91


def test_intervals_are_the_same_each_time_and_hold_their_figure() -> None:
    random = np.random.default_rng(8)
    labels, scores = random.integers(0, 2, 400), random.integers(0, 1000, 400)
    first, second = (auc_figure(scores, labels, viewer_weights(np.arange(400) // 4, 100)) for _ in range(2))
    assert first is not None
    assert first == second
    assert first.low_ppm < first.value_ppm < first.high_ppm


def test_calibration_figure_puts_rows_and_weights_in_the_same_order() -> None:
    random = np.random.default_rng(9)
    ppb, labels = random.integers(1, PPB, 200), random.integers(0, 2, 200)
    weights = viewer_weights(np.arange(200), 1)
    found = calibration_figure(ppb, labels, weights)
    assert found is not None
    assert found.low_ppm == found.high_ppm == round(calibration_error(ppb, labels, weights[0]) * 1e6)
