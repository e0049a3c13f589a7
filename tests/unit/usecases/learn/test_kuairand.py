from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rankd.core.features.declaration import Declaration
from rankd.core.features.kinds import KINDS
from rankd.core.features.reader import read_declaration
from rankd.usecases.learn.history import UNKNOWN_NUMBER, History
from rankd.usecases.learn.kuairand import DAY_MS, FEEDBACK_DELAY_MS, FIRST_DAY, SHANGHAI_MS, read_kuairand
from rankd.usecases.learn.refusal import LearnError

Tables = dict[str, dict[str, Any]]
Rewritten = Callable[[Callable[[Tables], None]], Path]


def _sent(name: str) -> str:
    return (
        f"  {name}:\n    meaning: {{fr: a, en: a}}\n    unit: id\n"
        '    nullable: "yes"\n    profiling: "no"\n    sent: number\n'
    )


def _reordered(tables: Tables, order: np.ndarray) -> None:
    shown = tables["impressions"]
    for name, column in shown.items():
        shown[name] = [column[at] for at in order]


def test_rows_that_repeat_exactly_are_dropped_and_counted(
    declaration: Declaration, history: History, rewritten: Rewritten
) -> None:
    def repeat(tables: Tables) -> None:
        _reordered(tables, np.concatenate([np.arange(6_000), np.arange(40), np.arange(20)]))

    again = read_kuairand(rewritten(repeat), declaration)
    assert (again.facts["duplicates_dropped"], len(again.rows)) == (60, len(history.rows))


def test_rows_that_differ_in_one_outcome_are_both_kept(declaration: Declaration, rewritten: Rewritten) -> None:
    def alter(tables: Tables) -> None:
        _reordered(tables, np.concatenate([np.arange(6_000), [0]]))
        tables["impressions"]["is_hate"][-1] = 1 - tables["impressions"]["is_hate"][0]

    again = read_kuairand(rewritten(alter), declaration)
    assert (again.facts["duplicates_dropped"], len(again.rows)) == (0, 6_001)


def test_the_order_does_not_depend_on_the_order_in_the_file(declaration: Declaration, rewritten: Rewritten) -> None:
    def same_minute(tables: Tables) -> None:
        times = np.asarray(tables["impressions"]["time_ms"])
        tables["impressions"]["time_ms"] = times - times % (DAY_MS // 4)

    def shuffled(tables: Tables) -> None:
        same_minute(tables)
        _reordered(tables, np.random.default_rng(1).permutation(6_000))

    first = read_kuairand(rewritten(same_minute), declaration).rows
    second = read_kuairand(rewritten(shuffled), declaration).rows
    assert np.all(np.diff(first.times_ms) >= 0)
    for name in ("viewers", "items", "times_ms", "outcomes"):
        assert np.array_equal(getattr(first, name), getattr(second, name))
    assert np.array_equal(first.columns["scene"], second.columns["scene"])


def test_rows_from_before_the_first_day_are_dropped_since_the_lists_may_hold_them(
    declaration: Declaration, rewritten: Rewritten
) -> None:
    def earlier(tables: Tables) -> None:
        tables["impressions"]["time_ms"] = np.concatenate(
            [
                [FIRST_DAY * DAY_MS - SHANGHAI_MS - 1, FIRST_DAY * DAY_MS - SHANGHAI_MS],
                tables["impressions"]["time_ms"][2:],
            ]
        )

    again = read_kuairand(rewritten(earlier), declaration)
    assert (again.facts["early_rows_dropped"], int(again.rows.times_ms[0])) == (1, FIRST_DAY * DAY_MS - SHANGHAI_MS)


def test_ids_authors_topics_and_durations_follow_the_videos(history: History) -> None:
    rows = history.rows
    for at in range(200):
        number = int(history.items[rows.items[at]])
        assert history.authors[rows.authors[at]] == str(500 + number // 3)
        topic, duration_s = float(rows.columns["topic"][at]), float(rows.columns["duration_s"][at])
        assert np.isnan(topic) if number == 4 else topic == number % 5
        assert np.isnan(duration_s) if number % 9 == 0 else duration_s == number + 5


def test_an_impression_and_what_came_of_it_are_known_a_quarter_of_an_hour_later(history: History) -> None:
    rows, events = history.rows, history.events
    live = events.visible_at > 0
    assert set((events.visible_at - events.times_ms)[live].tolist()) == {FEEDBACK_DELAY_MS}
    counts = {kind: int((events.kinds[live] == KINDS.index(kind)).sum()) for kind in ("shown", "click", "hide")}
    assert counts["shown"] == len(rows)
    assert counts["click"] == int(rows.labels("click").sum())
    assert counts["hide"] == int(rows.labels("hide").sum())


def test_what_was_watched_before_counts_as_shown_long_ago_and_only_what_is_in_that_list(
    declaration: Declaration, rewritten: Rewritten
) -> None:
    def listed(tables: Tables) -> None:
        size = len(tables["user_sequences"]["user_id"])
        lists = {"watch_seq": [1, 2, 4], "long_watch_seq": [2, 3], "like_seq": [4]}
        for name, first in lists.items():
            empty = pa.array([first] + [[]] * (size - 1), type=pa.list_(pa.int64()))
            tables["user_sequences"][name] = empty

    history = read_kuairand(rewritten(listed), declaration)
    events = history.events.take(history.events.visible_at == 0)
    found = [
        (KINDS[kind], history.items[item], time_ms)
        for kind, item, time_ms in zip(
            events.kinds.tolist(), events.items.tolist(), events.times_ms.tolist(), strict=True
        )
    ]
    # Video 3 was watched at length further back than the list of what was watched reaches.
    assert sorted(found) == [
        ("like", "4", 0),
        ("long_view", "2", 0),
        ("shown", "1", 0),
        ("shown", "2", 0),
        ("shown", "4", 0),
    ]
    assert events.columns["topic"].tolist() == [1, 2, UNKNOWN_NUMBER, 2, UNKNOWN_NUMBER]


def test_columns_of_people_and_videos_are_there_by_their_names(declaration: Declaration, data_folder: Path) -> None:
    names = (
        "viewer_history_count",
        "viewer_history_long_share",
        "user_user_id",
        "video_upload_type",
        "upload_type",
        "hour",
        "duration_band",
    )
    text = "schema: rankd.features/1\nentities: {}\nfeatures:\n" + "".join(map(_sent, names))
    rows = read_kuairand(data_folder, read_declaration(text.encode())).rows
    assert np.array_equal(rows.columns["video_upload_type"], rows.columns["upload_type"])
    assert set(rows.columns["upload_type"].tolist()) == {0.0, 1.0, 2.0}
    assert rows.columns["hour"].min() == 0
    assert rows.columns["hour"].max() == 23
    assert np.isnan(rows.columns["viewer_history_count"]).any()
    share = rows.columns["viewer_history_long_share"]
    assert 0 < np.nanmin(share) < np.nanmax(share) <= 1
    assert np.array_equal(rows.columns["user_user_id"], rows.viewers + 1_000)
    assert set(rows.columns["duration_band"].tolist()) >= {0.0, 2.0}


def test_a_column_that_the_data_do_not_have_is_named(declaration: Declaration, data_folder: Path) -> None:
    text = "schema: rankd.features/1\nentities: {}\nfeatures:\n" + _sent("mood")
    with pytest.raises(LearnError) as caught:
        read_kuairand(data_folder, read_declaration(text.encode()))
    assert (caught.value.reason, caught.value.metadata["column"]) == ("DATA_SENT_MISSING", "mood")


def test_a_missing_file_is_named(declaration: Declaration, tmp_path: Path) -> None:
    with pytest.raises(LearnError) as caught:
        read_kuairand(tmp_path, declaration)
    assert (caught.value.reason, caught.value.metadata["file"]) == ("DATA_FILE_MISSING", "impressions.parquet")


def test_a_missing_column_is_named(declaration: Declaration, rewritten: Rewritten) -> None:
    folder = rewritten(lambda tables: tables["videos"].pop("upload_type"))
    with pytest.raises(LearnError) as caught:
        read_kuairand(folder, declaration)
    assert (caught.value.reason, caught.value.metadata["column"]) == ("DATA_COLUMN_MISSING", "upload_type")


def test_an_unknown_video_is_named(declaration: Declaration, rewritten: Rewritten) -> None:
    def stranger(tables: Tables) -> None:
        tables["impressions"]["video_id"][3] = 777

    with pytest.raises(LearnError) as caught:
        read_kuairand(rewritten(stranger), declaration)
    assert (caught.value.reason, caught.value.metadata["id"]) == ("DATA_UNKNOWN_ID", 777)


def test_a_file_that_is_no_parquet_is_refused(declaration: Declaration, rewritten: Rewritten) -> None:
    folder = rewritten(lambda tables: tables.update())
    (folder / "users.parquet").write_bytes(b"PAR0")
    with pytest.raises(LearnError) as caught:
        read_kuairand(folder, declaration)
    assert caught.value.reason == "DATA_FILE_UNREADABLE"
    assert "users.parquet" in caught.value.say("fr")


def test_sliced_files_read_like_whole_ones(
    history: History, declaration: Declaration, data_folder: Path, tmp_path: Path
) -> None:
    for file in data_folder.glob("*.parquet"):
        pq.write_table(pq.read_table(file), tmp_path / file.name, row_group_size=97)
    again = read_kuairand(tmp_path, declaration)
    for name in ("kinds", "viewers", "items", "authors", "times_ms"):
        assert np.array_equal(getattr(history.events, name), getattr(again.events, name))
