from dataclasses import replace

import numpy as np
import pytest

from rankd.core.features.declaration import Declaration
from rankd.core.ranking.calibration import MARGIN_ONE
from rankd.usecases.learn.days import Split
from rankd.usecases.learn.history import Float32s, History, Int64s
from rankd.usecases.learn.kuairand import FIRST_DAY, ZONE
from rankd.usecases.learn.learning import LearnedHead, calibrate, learn, newest_days
from rankd.usecases.learn.plan import HeadPlan, Plan
from rankd.usecases.learn.refusal import LearnError

HEADS = (
    HeadPlan("click", rounds=20, leaves=6, rows_per_leaf=20, rate_ppm=100_000, ridge=1),
    HeadPlan("like", rounds=10, leaves=4, rows_per_leaf=40, rate_ppm=100_000, ridge=1),
    HeadPlan("repost", rounds=5, leaves=3, rows_per_leaf=60, rate_ppm=100_000, ridge=1),
)
PLAN = Plan({head.objective: head for head in HEADS})


def only(history: History, objectives: tuple[str, ...]) -> History:
    """Return a history that knows some outcomes alone."""
    kept = [history.rows.objectives.index(objective) for objective in objectives]
    rows = replace(history.rows, outcomes=history.rows.outcomes[:, kept], objectives=objectives)
    return replace(history, rows=rows)


@pytest.fixture(scope="module")
def less(history: History) -> History:
    return only(history, ("click", "like", "repost"))


@pytest.fixture(scope="module")
def learned(
    less: History, days: Int64s, matrix: Float32s, declaration: Declaration, split: Split
) -> tuple[LearnedHead, ...]:
    return learn(less.rows, days, matrix, declaration.columns, split, PLAN, resamples=40)


def test_heads_learn_what_can_be_learned_and_say_what_cannot(learned: tuple[LearnedHead, ...]) -> None:
    click, like, repost = learned
    assert [head.plan.objective for head in learned] == ["click", "like", "repost"]
    assert click.rehearsal.method in ("isotonic", "logistic")
    assert click.silent_reason is None
    assert (like.rehearsal.method, like.silent_reason) == ("logistic", None)
    assert (repost.rehearsal.method, repost.silent_reason, repost.signal.silent) == ("none", "TOO_FEW_POSITIVES", True)
    assert click.rehearsal.entropy_ppm is not None
    assert click.rehearsal.entropy_ppm < 990_000


def test_base_rates_come_from_training_and_calibration_rows(
    learned: tuple[LearnedHead, ...], less: History, days: Int64s, split: Split
) -> None:
    labels = less.rows.labels("click")[days <= split.last]
    head = learned[0]
    assert (head.rows, head.positives) == (len(labels), int(labels.sum()))
    assert head.signal.base_rate_ppb == int(labels.sum()) * 10**9 // len(labels)


def test_heads_that_grow_side_by_side_are_those_that_grow_one_by_one(
    learned: tuple[LearnedHead, ...],
    less: History,
    days: Int64s,
    matrix: Float32s,
    declaration: Declaration,
    split: Split,
) -> None:
    again = learn(less.rows, days, matrix, declaration.columns, split, PLAN, threads=3, resamples=40)
    for one, two in zip(learned, again, strict=True):
        assert (one.text, one.rehearsal, _table(one)) == (two.text, two.rehearsal, _table(two))


def test_outcomes_on_the_days_of_judgement_change_nothing(
    learned: tuple[LearnedHead, ...],
    less: History,
    days: Int64s,
    matrix: Float32s,
    declaration: Declaration,
    split: Split,
) -> None:
    ahead = days >= split.judgement[0]
    outcomes = np.where(ahead[:, None], 1 - less.rows.outcomes, less.rows.outcomes)
    rows = replace(less.rows, outcomes=outcomes)
    again = learn(rows, days, matrix, declaration.columns, split, PLAN, resamples=40)
    for one, two in zip(learned, again, strict=True):
        assert (one.text, one.rehearsal, _table(one)) == (two.text, two.rehearsal, _table(two))


def test_a_day_without_rows_is_named(less: History, days: Int64s, matrix: Float32s, declaration: Declaration) -> None:
    beyond = Split(FIRST_DAY, (FIRST_DAY + 7, FIRST_DAY + 8), (FIRST_DAY + 9, FIRST_DAY + 10), ZONE)
    with pytest.raises(LearnError) as caught:
        learn(less.rows, days, matrix, declaration.columns, beyond, PLAN, resamples=5)
    assert (caught.value.reason, caught.value.metadata["day"]) == ("DATA_DAY_EMPTY", "2022-05-05")


def test_outcomes_that_never_happen_have_no_head_and_none_at_all_is_refused(
    less: History, days: Int64s, matrix: Float32s, declaration: Declaration, split: Split
) -> None:
    columns = declaration.columns
    outcomes = less.rows.outcomes.copy()
    outcomes[:, 1] = 0
    learned = learn(replace(less.rows, outcomes=outcomes), days, matrix, columns, split, PLAN, resamples=5)
    assert [head.plan.objective for head in learned] == ["click", "repost"]
    with pytest.raises(LearnError) as caught:
        learn(replace(less.rows, outcomes=outcomes * 0), days, matrix, columns, split, PLAN, resamples=5)
    assert caught.value.reason == "DATA_NOTHING_HAPPENED"


def test_progress_is_told_from_start_to_end(
    history: History, days: Int64s, matrix: Float32s, declaration: Declaration, split: Split
) -> None:
    told: list[tuple[str, int, int]] = []
    rows = only(history, ("repost",)).rows
    learn(rows, days, matrix, declaration.columns, split, PLAN, resamples=5, progress=lambda *step: told.append(step))
    assert told == [("heads", done, 6) for done in range(7)]


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


def test_only_the_newest_days_with_enough_positives_are_pooled_and_at_least_two() -> None:
    days = np.repeat(np.arange(6), 8_000)
    labels = (np.arange(len(days)) % 2 == 0).astype(np.int64)
    assert newest_days(days, labels) == (3, 4, 5)
    assert newest_days(days, np.ones_like(labels)) == (4, 5)
    assert newest_days(days, np.where(days == 5, 0, labels)) == (2, 3, 4, 5)
    assert newest_days(days, (np.arange(len(days)) % 90 == 0).astype(np.int64)) == (0, 1, 2, 3, 4, 5)


def test_the_method_is_the_one_that_does_better_on_days_that_it_was_not_fitted_on() -> None:
    straight = _pooled(0.3, 1.0)
    margins, _, days, viewers = straight
    # A step is no logistic curve.
    random = np.random.default_rng(2)
    stepped = (random.random(len(margins)) < np.where(margins > 0, 0.4, 0.2)).astype(np.int64)
    _, _, logistic = calibrate(*straight, base_rate_ppb=300_000_000, resamples=10)
    _, _, isotonic = calibrate(margins, stepped, days, viewers, base_rate_ppb=300_000_000, resamples=10)
    assert (logistic.method, isotonic.method) == ("logistic", "isotonic")
    assert isotonic.error_ppm is not None
    assert isotonic.error_ppm < 50_000


def test_a_base_rate_below_a_thousand_parts_per_billion_is_silent() -> None:
    table, silent, _ = calibrate(*_pooled(0.02, 1.0), base_rate_ppb=999, resamples=50)
    assert (table, silent) == (None, "BASE_RATE_TOO_LOW")


def _table(head: LearnedHead) -> list[list[int]]:
    table = head.signal.calibration
    return [] if table is None else [table.margins.tolist(), table.ppb.tolist()]
