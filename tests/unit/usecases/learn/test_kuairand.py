from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rankd.usecases.learn.kuairand import DAY_MS, FIRST_DAY, SHANGHAI_MS, History, day_of, read_history
from rankd.usecases.learn.refusal import LearnError

Tables = dict[str, dict[str, Any]]
Rewritten = Callable[[Callable[[Tables], None]], Path]


def _reordered(tables: Tables, order: np.ndarray) -> None:
    shown = tables["impressions"]
    for name, column in shown.items():
        shown[name] = [column[at] for at in order]


def test_rows_that_repeat_exactly_are_dropped_and_counted(history: History, rewritten: Rewritten) -> None:
    def repeat(tables: Tables) -> None:
        _reordered(tables, np.concatenate([np.arange(6_000), np.arange(40), np.arange(20)]))

    again = read_history(rewritten(repeat))
    assert (again.duplicates, len(again.events)) == (60, len(history.events))


def test_rows_that_differ_in_one_outcome_are_both_kept(rewritten: Rewritten) -> None:
    def alter(tables: Tables) -> None:
        _reordered(tables, np.concatenate([np.arange(6_000), [0]]))
        tables["impressions"]["is_hate"][-1] = 1 - tables["impressions"]["is_hate"][0]

    again = read_history(rewritten(alter))
    assert (again.duplicates, len(again.events)) == (0, 6_001)


def test_the_order_does_not_depend_on_the_order_in_the_file(rewritten: Rewritten) -> None:
    def same_minute(tables: Tables) -> None:
        times = np.asarray(tables["impressions"]["time_ms"])
        tables["impressions"]["time_ms"] = times - times % (DAY_MS // 4)

    def shuffled(tables: Tables) -> None:
        same_minute(tables)
        _reordered(tables, np.random.default_rng(1).permutation(6_000))

    first = read_history(rewritten(same_minute)).events
    second = read_history(rewritten(shuffled)).events
    assert np.all(np.diff(first.times_ms) >= 0)
    for name in ("viewers", "items", "scenes", "times_ms", "outcomes"):
        assert np.array_equal(getattr(first, name), getattr(second, name))


def test_rows_from_before_the_first_day_are_dropped_since_the_lists_may_hold_them(rewritten: Rewritten) -> None:
    def earlier(tables: Tables) -> None:
        tables["impressions"]["time_ms"] = np.concatenate(
            [
                [FIRST_DAY * DAY_MS - SHANGHAI_MS - 1, FIRST_DAY * DAY_MS - SHANGHAI_MS],
                tables["impressions"]["time_ms"][2:],
            ]
        )

    again = read_history(rewritten(earlier))
    assert (again.early, int(again.events.times_ms[0])) == (1, FIRST_DAY * DAY_MS - SHANGHAI_MS)


def test_a_day_begins_at_midnight_in_shanghai() -> None:
    times = np.array([1_650_815_999_999, 1_650_816_000_000], dtype=np.int64)
    assert day_of(times).tolist() == [FIRST_DAY - 1, FIRST_DAY]


def test_ids_authors_topics_and_durations_follow_the_videos(history: History) -> None:
    items = history.items
    assert items.author_ids[items.authors].tolist() == [500 + number // 3 for number in range(50)]
    assert items.topics[:6].tolist() == [0, 1, 2, 3, -1, 0]
    assert np.isnan(items.durations_s[[0, 9, 18]]).all()
    assert float(items.durations_s[1]) == 6.0


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LearnError) as caught:
        read_history(tmp_path)
    assert (caught.value.reason, caught.value.metadata["file"]) == ("DATA_FILE_MISSING", "impressions.parquet")


def test_a_missing_column_is_named(rewritten: Rewritten) -> None:
    folder = rewritten(lambda tables: tables["videos"].pop("upload_type"))
    with pytest.raises(LearnError) as caught:
        read_history(folder)
    assert (caught.value.reason, caught.value.metadata["column"]) == ("DATA_COLUMN_MISSING", "upload_type")


def test_an_unknown_video_is_named(rewritten: Rewritten) -> None:
    def stranger(tables: Tables) -> None:
        tables["impressions"]["video_id"][3] = 777

    with pytest.raises(LearnError) as caught:
        read_history(rewritten(stranger))
    assert (caught.value.reason, caught.value.metadata["id"]) == ("DATA_UNKNOWN_ID", 777)


def test_a_file_that_is_no_parquet_is_refused(rewritten: Rewritten) -> None:
    folder = rewritten(lambda tables: tables.update())
    (folder / "users.parquet").write_bytes(b"PAR0")
    with pytest.raises(LearnError) as caught:
        read_history(folder)
    assert caught.value.reason == "DATA_FILE_UNREADABLE"
    assert "users.parquet" in caught.value.say("fr")


def test_empty_lists_are_lists(rewritten: Rewritten) -> None:
    def emptied(tables: Tables) -> None:
        size = len(tables["user_sequences"]["user_id"])
        tables["user_sequences"]["like_seq"] = pa.array([[]] * size, type=pa.list_(pa.int64()))

    assert [len(part) for part in read_history(rewritten(emptied)).viewers.listed[2]] == [0, 0]


def test_sliced_files_read_like_whole_ones(history: History, data_folder: Path, tmp_path: Path) -> None:
    for file in data_folder.glob("*.parquet"):
        pq.write_table(pq.read_table(file), tmp_path / file.name, row_group_size=97)
    again = read_history(tmp_path)
    for (viewers, items), (other_viewers, other_items) in zip(
        history.viewers.listed, again.viewers.listed, strict=True
    ):
        assert np.array_equal(viewers, other_viewers)
        assert np.array_equal(items, other_items)
