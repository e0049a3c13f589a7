from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rankd.core.features.declaration import Declaration
from rankd.core.features.kinds import KINDS
from rankd.core.ranking.request import UNKNOWN_TIME_MS
from rankd.usecases.learn.history import History
from rankd.usecases.learn.materialise import materialise
from rankd.usecases.learn.parquet_history import FEEDBACK_DELAY_MS, FILE, read_parquet_history
from rankd.usecases.learn.refusal import LearnError
from rankd.usecases.learn.sources import NO_LICENSE, Kind
from rankd.usecases.learn.workshop import Order, evaluate_folder, seal_folder, train_folder

T0 = 1_700_000_000_000
HOUR_MS = 3_600_000


def columns() -> dict[str, Any]:
    return {
        "viewer_id": ["ana", "bo", "ana", "bo"],
        "item_id": ["p1", "p1", "p2", "p3"],
        "author_id": ["x", "x", None, ""],
        "time": [T0 + 2 * HOUR_MS, T0, T0 + HOUR_MS, T0 + 3 * HOUR_MS],
        "click": [1, 0, 1, 0],
        "like": [True, False, False, True],
        "scene": [1, 2, 1, 1],
        "topic": pa.array([7, 7, None, 7], type=pa.int32()),
        "duration_s": [1.5, 2.5, float("nan"), 3.5],
    }


def clicks() -> tuple[list[int], list[int]]:
    return columns()["time"], columns()["click"]


def written(folder: Path, changed: dict[str, Any] | None = None, without: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    kept = {name: values for name, values in (columns() | (changed or {})).items() if name != without}
    pq.write_table(pa.table(kept), folder / FILE)
    return folder


def read(folder: Path, declaration: Declaration) -> History:
    return read_parquet_history(folder, declaration, "UTC")


def test_rows_come_in_time_order_with_names_places_and_outcomes(tmp_path: Path, declaration: Declaration) -> None:
    history = read(written(tmp_path, {"place": pa.array([3, 1, None, 2], type=pa.int8())}), declaration)
    rows = history.rows
    assert [history.viewers[who] for who in rows.viewers.tolist()] == ["bo", "ana", "ana", "bo"]
    assert [history.items[what] for what in rows.items.tolist()] == ["p1", "p2", "p1", "p3"]
    assert (rows.authors.tolist(), list(history.authors)) == ([0, -1, 0, -1], ["x"])
    assert rows.places.tolist() == [1, -1, 3, 2]
    assert (rows.objectives, rows.outcomes.tolist()) == (("click", "like"), [[0, 0], [1, 0], [1, 1], [0, 1]])
    assert rows.columns["topic"][0] == 7
    assert np.isnan(rows.columns["topic"][1])
    assert set(rows.create_times_ms.tolist()) == {UNKNOWN_TIME_MS}


def test_times_may_be_timestamps_and_mean_the_same(tmp_path: Path, declaration: Declaration) -> None:
    moments = [datetime.fromtimestamp(ms / 1000, UTC) for ms in columns()["time"]]
    first = read(written(tmp_path), declaration)
    for unit in ("s", "ms", "us"):
        second = read(written(tmp_path, {"time": pa.array(moments, type=pa.timestamp(unit, "UTC"))}), declaration)
        assert first.rows.times_ms.tolist() == second.rows.times_ms.tolist()


def test_an_outcome_counts_from_its_own_time_where_that_is_known(tmp_path: Path, declaration: Declaration) -> None:
    later = pa.array([T0 + 9 * HOUR_MS, None, None, None], type=pa.int64())
    events = read(written(tmp_path, {"like_time": later}), declaration).events
    likes = events.kinds == KINDS.index("like")
    assert sorted(events.times_ms[likes].tolist()) == [T0 + 3 * HOUR_MS, T0 + 9 * HOUR_MS]
    assert set((events.visible_at - events.times_ms).tolist()) == {FEEDBACK_DELAY_MS}


def test_rows_read_what_was_known_before_them(tmp_path: Path, declaration: Declaration) -> None:
    history = read(written(tmp_path), declaration)
    names = [feature.name for feature in declaration.columns]
    shown = materialise(declaration, history)[:, names.index("item_shown")]
    assert shown.tolist() == [0, 0, 1, 0]


def test_no_row_reads_its_own_outcome_by_clocks_that_differ(tmp_path: Path, declaration: Declaration) -> None:
    at = declaration.columns.index(next(one for one in declaration.columns if one.name == "viewer_click_rate"))
    early = {"click_time": [time - 300_000 if click else 0 for time, click in zip(*clicks(), strict=True)]}
    with_times, without = (read(written(tmp_path, changed), declaration) for changed in (early, {}))
    assert materialise(declaration, with_times)[:, at].tolist() == materialise(declaration, without)[:, at].tolist()
    assert with_times.events.times_ms.tolist() == without.events.times_ms.tolist()


def test_columns_that_nobody_asked_for_are_not_even_read(tmp_path: Path, declaration: Declaration) -> None:
    folder = written(tmp_path)
    names = [*columns(), "other", "other"]
    pq.write_table(pa.table([*columns().values(), [1, 2, 3, 4], ["a", "b", "c", "d"]], names=names), folder / FILE)
    assert len(read(folder, declaration).rows) == 4


def test_the_folders_own_name_says_nothing(tmp_path: Path, declaration: Declaration) -> None:
    assert len(read(written(tmp_path / "place=-7"), declaration).rows) == 4


def test_slates_of_the_last_days_that_there_are_stay_apart(tmp_path: Path, declaration: Declaration) -> None:
    last_ms = 253_402_300_799_999 - 86_400_000
    folder = written(tmp_path, {"viewer_id": ["a", "b", "a", "b"], "time": [last_ms, last_ms, 0, 0]})
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        assert len(set(read_parquet_history(folder, declaration, zone).rows.slates.tolist())) == 4


def test_slates_are_those_of_the_file_else_a_viewers_day(tmp_path: Path, declaration: Declaration) -> None:
    day = read(written(tmp_path), declaration).rows
    assert len(set(day.slates.tolist())) == len(
        {(int(v), int(t) // 86_400_000) for v, t in zip(day.viewers, day.times_ms, strict=True)}
    )
    named = read(written(tmp_path, {"slate": ["s", "t", "s", "t"]}), declaration).rows
    assert named.slates.tolist() == [1, 0, 0, 1]


def test_groups_and_sources_come_along_in_order(tmp_path: Path, declaration: Declaration) -> None:
    groups = pa.array([["a", "b"], None, [], ["c"]], type=pa.list_(pa.string()))
    rows = read(written(tmp_path, {"groups": groups, "source": ["near", None, "far", "near"]}), declaration).rows
    assert rows.groups == ((), (), ("a", "b"), ("c",))
    assert rows.sources == ("", "far", "near", "near")


@pytest.mark.parametrize("name", ["viewer_id", "item_id", "author_id", "time"])
def test_a_column_that_is_required_is_named(tmp_path: Path, declaration: Declaration, name: str) -> None:
    with pytest.raises(LearnError) as caught:
        read(written(tmp_path, without=name), declaration)
    assert (caught.value.reason, caught.value.metadata["column"]) == ("DATA_COLUMN_MISSING", name)


@pytest.mark.parametrize(
    ("changed", "column", "row"),
    [
        ({"viewer_id": ["ana", None, "bo", "bo"]}, "viewer_id", 2),
        ({"item_id": ["a", "b", "", "c"]}, "item_id", 3),
        ({"item_id": [1.5, 2.5, 3.5, 4.5]}, "item_id", 1),
        ({"time": [T0, None, T0, T0]}, "time", 2),
        ({"time": [T0, T0, T0, -1]}, "time", 4),
        ({"time": pa.array([datetime(2022, 1, 1)] * 4, type=pa.timestamp("ms"))}, "time", 1),  # noqa: DTZ001
        ({"click": [0, 1, 2, 0]}, "click", 3),
        ({"click": pa.array([0, None, 1, 0], type=pa.int8())}, "click", 2),
        ({"click": pa.array([0, 1, 2**63, 0], type=pa.uint64())}, "click", 3),
        ({"place": pa.array([1, 2**64 - 1, 3, 4], type=pa.uint64())}, "place", 2),
        ({"time": pa.array([T0, T0, T0, 2**64 - 1], type=pa.uint64())}, "time", 4),
        ({"time": [T0, 253_402_300_799_999, T0, T0]}, "time", 2),
        # In seconds where milliseconds are meant: every row would read its own outcome.
        ({"click_time": pa.array([T0 // 1_000, None, None, None], type=pa.int64())}, "click_time", 1),
        ({"click_time": [T0 + 2 * HOUR_MS, 0, T0 + HOUR_MS - 300_001, 0]}, "click_time", 3),
        ({"click": ["0", "1", "0", "1"]}, "click", 1),
        ({"place": [1, 2, 0, 4]}, "place", 3),
        ({"duration_s": [0.0, 1e39, 0.0, 0.0]}, "duration_s", 2),
        ({"scene": ["a", "b", "c", "d"]}, "scene", 1),
        ({"groups": ["a", "b", "c", "d"]}, "groups", 1),
    ],
)
def test_a_cell_that_is_not_what_it_should_be_is_named_by_column_and_row(
    tmp_path: Path, declaration: Declaration, changed: dict[str, Any], column: str, row: int
) -> None:
    with pytest.raises(LearnError) as caught:
        read(written(tmp_path, changed), declaration)
    assert (caught.value.reason, caught.value.metadata["column"], caught.value.metadata["row"]) == (
        "DATA_CELL",
        column,
        row,
    )
    assert FILE in caught.value.say("fr")


def test_without_any_outcome_there_is_nothing_to_learn(tmp_path: Path, declaration: Declaration) -> None:
    folder = written(tmp_path, without="click")
    table = pq.read_table(folder / FILE).drop_columns(["like"])
    pq.write_table(table, folder / FILE)
    with pytest.raises(LearnError) as caught:
        read(folder, declaration)
    assert caught.value.reason == "DATA_COLUMN_MISSING"
    assert "long_view" in caught.value.say("en")


def test_a_model_is_trained_sealed_and_judged_from_such_a_file(tmp_path: Path, features_file: Path) -> None:
    random = np.random.default_rng(8)
    size, start = 3_000, datetime(2024, 3, 1, tzinfo=UTC)
    taste = random.normal(0, 1, 50)
    item, place = random.integers(0, 50, size), random.integers(1, 6, size)
    odds = taste[item] - 0.3 * place
    folder = written(
        tmp_path / "data",
        {
            "viewer_id": random.integers(0, 90, size),
            "item_id": item,
            "author_id": item // 4,
            "time": [start + timedelta(minutes=int(m)) for m in random.integers(0, 8 * 1440, size)],
            "click": random.random(size) < 1 / (1 + np.exp(-odds)),
            "like": random.random(size) < 0.05,
            "scene": np.ones(size),
            "topic": item % 5,
            "duration_s": random.random(size),
            "place": place,
        },
    )
    order = Order(
        Kind.PARQUET, folder, features_file, "timeline", tmp_path / "work", calibrate_days=2, judge_days=1, resamples=5
    )
    record = train_folder(order)
    model = seal_folder(tmp_path / "work", tmp_path / "model", replace=False)
    assert (model.manifest.surface, record["data"]["kind"]) == ("timeline", "parquet")
    assert record["heads"]["click"]["positions_ppm"][0] > record["heads"]["click"]["positions_ppm"][-1]
    assert (tmp_path / "model" / "LICENSE").read_bytes() == NO_LICENSE
    assert evaluate_folder(tmp_path / "model", Kind.PARQUET, folder, resamples=5).agrees is True
