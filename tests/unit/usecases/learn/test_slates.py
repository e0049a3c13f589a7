from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rankd.core.policy.policy import Limits
from rankd.core.ranking.calibration import MARGIN_ONE, Calibration
from rankd.core.ranking.signal import HeadSignal
from rankd.store.policy_folder import read_limits_file, read_policy_file
from rankd.usecases.learn.history import History, Rows
from rankd.usecases.learn.slates import Pair, popularity, slate_record

PROJECT = Path(__file__).resolve().parents[4]
TABLE = Calibration(np.array([-(8 * MARGIN_ONE), 8 * MARGIN_ONE]), np.array([1_000, 900_000_000]))
HEAD = HeadSignal("click", 300_000_000, TABLE)


def rows_of(history: History, slates: list[int], clicks: list[int], created: list[int]) -> Rows:
    size = len(slates)
    rows = history.rows.take(slice(0, size))
    outcomes = np.zeros((size, len(rows.objectives)), dtype=np.int8)
    outcomes[:, 0] = clicks
    return replace(
        rows, slates=np.array(slates), outcomes=outcomes, create_times_ms=np.array(created), viewers=np.array(slates)
    )


def test_the_best_order_is_one_and_the_worst_is_worked_out_by_hand(history: History) -> None:
    rows = rows_of(history, [1, 1, 1, 2, 2], [1, 0, 0, 0, 1], [3, 2, 1, 2, 1])
    best = np.array([[5, 3, 1, 1, 2]], dtype=np.int32) * MARGIN_ONE
    found = slate_record(history, rows, (HEAD,), best, None, 20)["ndcg"]["click"]
    assert found["slates"] == 2
    assert found["model"] == [1_000_000, 1_000_000, 1_000_000]
    # Newest first finds the first slate's click at once, and the second's in the second place.
    assert found["newest_first"][0] == round(1e6 * (1 + 1 / np.log2(3)) / 2)
    chance = (np.mean([1, 1 / np.log2(3), 0.5]) + np.mean([1, 1 / np.log2(3)])) / 2
    assert found["random"][0] == round(1e6 * chance)
    assert found["over"]["newest_first"][0] == round(1e6 * (1 - 1 / np.log2(3)) / 2)


def test_slates_in_which_every_order_is_as_good_are_left_out(history: History) -> None:
    rows = rows_of(history, [1, 1, 2, 2, 3], [1, 1, 0, 0, 1], [1, 2, 3, 4, 5])
    found = slate_record(history, rows, (HEAD,), np.zeros((1, 5), dtype=np.int32), None, 5)["ndcg"]["click"]
    assert (found["slates"], found["model"]) == (0, None)


def test_ten_places_count_and_no_more(history: History) -> None:
    clicks = [0] * 11 + [1]
    rows = rows_of(history, [1] * 12, clicks, [0] * 12)
    margins = -np.arange(12, dtype=np.int32)[None, :]
    assert slate_record(history, rows, (HEAD,), margins, None, 5)["ndcg"]["click"]["model"][0] == 0


def test_a_silent_head_orders_nothing_and_times_that_are_not_known_neither(history: History) -> None:
    rows = rows_of(history, [1, 1], [1, 0], [-1, -1])
    rows = replace(rows, create_times_ms=np.full(2, -1))
    silent = HeadSignal("click", 300_000_000, None)
    found = slate_record(history, rows, (silent,), np.zeros((1, 2), dtype=np.int32), None, 5)["ndcg"]["click"]
    assert (found["model"], found["newest_first"]) == (None, None)
    assert found["random"] is not None


def test_popularity_is_what_was_known_of_an_item_when_it_was_shown(history: History) -> None:
    rows, events = history.rows, history.events
    at = len(rows) - 1
    before = (events.items == rows.items[at]) & (events.visible_at < rows.at[at])
    clicks = before & (events.kinds == 1)
    assert popularity(history, rows.take(slice(at, at + 1))).tolist() == [int(clicks.sum())]


@pytest.fixture(scope="module")
def limits() -> Limits:
    return read_limits_file(PROJECT / "policies" / "limits.yaml")


def test_the_policys_value_orders_by_points_and_counts_what_happened(history: History, limits: Limits) -> None:
    policy = read_policy_file(PROJECT / "policies" / "video.yaml")
    rows = rows_of(history, [1, 1, 1], [0, 1, 0], [3, 2, 1])
    margins = np.array([[0, 1, -1]], dtype=np.int32) * MARGIN_ONE
    found = slate_record(history, rows, (HEAD,), margins, Pair(policy, limits), 5)["ndcg"]
    assert list(found) == ["click", "value"]
    assert found["value"]["model"][0] == 1_000_000
    assert found["value"]["over"]["newest_first"][0] > 0
