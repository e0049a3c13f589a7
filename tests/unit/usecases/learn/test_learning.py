from collections.abc import Callable

import numpy as np
import pytest

from rankd.core.ranking.calibration import MARGIN_ONE
from rankd.usecases.learn.kuairand import FIRST_DAY, Events, History
from rankd.usecases.learn.learning import SPLIT, LearnedHead, Split, calibrate, learn
from rankd.usecases.learn.refusal import LearnError
from rankd.usecases.learn.training import HeadPlan

PLANS = (
    HeadPlan("click", rounds=20, leaves=6, rows_per_leaf=20, rate_ppm=100_000, ridge=1),
    HeadPlan("like", rounds=10, leaves=4, rows_per_leaf=40, rate_ppm=100_000, ridge=1),
    HeadPlan("repost", rounds=5, leaves=3, rows_per_leaf=60, rate_ppm=100_000, ridge=1),
)


@pytest.fixture(scope="module")
def learned(history: History) -> tuple[LearnedHead, ...]:
    return learn(history, plans=PLANS, threads=1, resamples=40)


def test_the_split_is_by_time_and_judgement_comes_last() -> None:
    assert [SPLIT.first, *SPLIT.calibration, *SPLIT.judgement] == [FIRST_DAY + day for day in (0, 3, 4, 5, 6, 7, 8, 9)]


def test_heads_learn_what_can_be_learned_and_say_what_cannot(learned: tuple[LearnedHead, ...]) -> None:
    click, like, repost = learned
    assert (click.rehearsal.method, click.silent_reason) == ("isotonic", None)
    assert (like.rehearsal.method, like.silent_reason) == ("logistic", None)
    assert (repost.rehearsal.method, repost.silent_reason, repost.signal.silent) == ("none", "TOO_FEW_POSITIVES", True)
    assert click.judgement.everywhere.auc is not None
    assert click.judgement.everywhere.auc.low_ppm > 550_000


def test_base_rates_come_from_training_and_calibration_rows(
    learned: tuple[LearnedHead, ...], history: History, outcome: Callable[[str], int]
) -> None:
    seen = history.events.days <= SPLIT.last
    labels = history.events.outcomes[seen, outcome("click")]
    head = learned[0]
    assert (head.rows, head.positives) == (len(labels), int(labels.sum()))
    assert head.signal.base_rate_ppb == int(labels.sum()) * 10**9 // len(labels)


def test_the_number_of_threads_changes_nothing(history: History) -> None:
    split = Split(SPLIT.first, SPLIT.calibration[-2:], SPLIT.judgement)
    one, two = (learn(history, split, PLANS[:1], threads=threads, resamples=5)[0] for threads in (1, 2))
    assert (one.rehearsal, one.judgement) == (two.rehearsal, two.judgement)
    assert _trees(one.text) == _trees(two.text)
    assert _table(one) == _table(two)


def test_outcomes_on_the_days_of_judgement_change_nothing_but_the_judgement(
    learned: tuple[LearnedHead, ...], history: History
) -> None:
    events = history.events
    ahead = events.days >= SPLIT.judgement[0]
    outcomes = np.where(ahead[:, None], 1 - events.outcomes, events.outcomes)
    changed = Events(events.viewers, events.items, events.scenes, events.times_ms, outcomes)
    again = learn(History(changed, history.viewers, history.items, 0, 0), plans=PLANS, threads=1, resamples=40)
    for one, two in zip(learned, again, strict=True):
        assert (one.text, one.rehearsal, _table(one)) == (two.text, two.rehearsal, _table(two))
    assert learned[0].judgement != again[0].judgement


@pytest.mark.parametrize(
    ("calibration", "judgement"),
    [((3,), (8, 9)), ((3, 4), (4, 5)), ((4, 3), (8, 9)), ((3, 4), (9, 8)), ((0, 3), (8, 9))],
)
def test_a_split_that_would_judge_itself_is_refused(calibration: tuple[int, ...], judgement: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="judges last"):
        Split(0, calibration, judgement)


def test_a_day_without_rows_is_named(history: History) -> None:
    beyond = Split(FIRST_DAY, (FIRST_DAY + 7, FIRST_DAY + 8), (FIRST_DAY + 9, FIRST_DAY + 10))
    with pytest.raises(LearnError) as caught:
        learn(history, beyond, PLANS, resamples=5)
    assert (caught.value.reason, caught.value.metadata["day"]) == ("DATA_DAY_EMPTY", "2022-05-05")


def test_progress_is_told_from_start_to_end(history: History) -> None:
    told: list[tuple[str, int, int]] = []
    learn(history, plans=PLANS[2:], resamples=5, progress=lambda *step: told.append(step))
    assert told == [("features", 0, 1), ("features", 1, 1), ("heads", 0, 1), ("heads", 1, 1)]


def _pooled(rate: float, slope: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(1)
    rows = 8_000
    margins = np.rint(random.normal(0, 1, rows) * MARGIN_ONE).astype(np.int64)
    odds = np.log(rate / (1 - rate)) + slope * margins / MARGIN_ONE
    labels = (random.random(rows) < 1 / (1 + np.exp(-odds))).astype(np.int64)
    return margins, labels, np.arange(rows) % 5, random.integers(0, 2_000, rows)


def test_a_head_whose_margins_order_nothing_is_silent() -> None:
    table, silent, rehearsal = calibrate(*_pooled(0.02, 0.0), base_rate_ppb=20_000_000, resamples=50)
    assert (table, silent, rehearsal.method) == (None, "NO_BETTER_THAN_BASE_RATE", "logistic")


def test_a_head_that_orders_well_speaks_and_its_bound_lies_above_its_entropy() -> None:
    table, silent, rehearsal = calibrate(*_pooled(0.02, 1.0), base_rate_ppb=20_000_000, resamples=50)
    assert silent is None
    assert table is not None
    assert rehearsal.entropy_ppm is not None
    assert rehearsal.bound_ppm is not None
    assert rehearsal.entropy_ppm < rehearsal.bound_ppm < 1_000_000


def test_a_base_rate_below_a_thousand_parts_per_billion_is_silent() -> None:
    table, silent, _ = calibrate(*_pooled(0.02, 1.0), base_rate_ppb=999, resamples=50)
    assert (table, silent) == (None, "BASE_RATE_TOO_LOW")


def _trees(text: str) -> str:
    # LightGBM writes the number of threads among its parameters; sealing drops that block.
    return text.split("\nparameters:", 1)[0]


def _table(head: LearnedHead) -> list[list[int]]:
    table = head.signal.calibration
    return [] if table is None else [table.margins.tolist(), table.ppb.tolist()]
