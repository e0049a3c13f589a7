"""A small invented history, written in the shape of KuaiRand-Pure."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rankd.core.features.declaration import Declaration
from rankd.core.features.reader import read_declaration
from rankd.usecases.learn.days import Split, days_of, split_days
from rankd.usecases.learn.history import Float32s, History, Int64s
from rankd.usecases.learn.kuairand import DAY_MS, FIRST_DAY, SHANGHAI_MS, ZONE, read_kuairand
from rankd.usecases.learn.materialise import materialise

VIEWERS, ITEMS, ROWS, DAYS = 240, 50, 6_000, 10
START_MS = FIRST_DAY * DAY_MS - SHANGHAI_MS

_FEATURE = """  {name}:
    meaning: {{fr: "{name}", en: "{name}"}}
    unit: "1"
{default}    nullable: "{nullable}"
    profiling: "{profiling}"
    {reading}
"""


def _feature(name: str, reading: str, default: str = "", nullable: str = "no", profiling: str = "no") -> str:
    line = f'    default: "{default}"\n' if default else ""
    return _FEATURE.format(name=name, default=line, nullable=nullable, profiling=profiling, reading=reading)


FEATURES = (
    "schema: rankd.features/1\nentities:\n  viewer: [viewer]\n  item: [item]\n  viewer_topic: [viewer, topic]\n"
    "features:\n"
    + _feature("scene", "sent: whole")
    + _feature("topic", "sent: whole", nullable="yes")
    + _feature("duration_s", "sent: number", nullable="yes")
    + _feature("item_shown", "count: {of: item, event: shown, within: 30d}", "0")
    + _feature(
        "item_click_rate",
        "rate: {of: item, hits: click, trials: shown, within: 30d, half_life: 3d, prior: 40%, weight: 5}",
        "0.4",
    )
    + _feature(
        "viewer_click_rate",
        "rate: {of: viewer, hits: click, trials: shown, within: 7d, prior: 40%, weight: 5}",
        "0.4",
        profiling="yes",
    )
    + _feature(
        "viewer_topic_like_rate",
        "rate: {of: viewer_topic, hits: like, trials: shown, within: ever, prior: 2%, weight: 20}",
        "0.02",
        profiling="yes",
    )
    + _feature("viewer_recency", "recency: {of: viewer, event: click, within: 48h}", "48", profiling="yes")
)
"""A small declaration, of what the invented history can tell."""


def invented_tables() -> dict[str, dict[str, Any]]:
    """Return the columns of the four files. Clicks depend on viewer and item; the rarest outcome happens 30 times."""
    random = np.random.Generator(np.random.PCG64(11))
    viewer, item = random.integers(0, VIEWERS, ROWS), random.integers(0, ITEMS, ROWS)
    taste, charm = random.normal(0, 1, VIEWERS), random.normal(0, 1, ITEMS)
    odds = taste[viewer] + charm[item]
    rates = {"is_click": 0.0, "long_view": -1.0, "is_like": -2.0, "is_profile_enter": -3.0, "is_comment": -3.5}
    shown: dict[str, Any] = {
        "user_id": viewer + 1_000,
        "video_id": item,
        "time_ms": np.sort(START_MS + random.integers(0, DAYS * DAY_MS, ROWS)),
        "tab": random.choice([0, 1, 1, 1], ROWS),
        "tag": [f"{number % 5}" for number in item],
    }
    for column, base in rates.items():
        shown[column] = (random.random(ROWS) < 1 / (1 + np.exp(-(odds + base)))).astype(np.int64)
    shown["is_follow"] = (random.random(ROWS) < 0.02).astype(np.int64)
    shown["is_hate"] = (random.random(ROWS) < 0.02).astype(np.int64)
    shown["is_forward"] = (np.arange(ROWS) % 200 == 0).astype(np.int64)
    listed = [viewer_id for viewer_id in range(1_000, 1_000 + VIEWERS) if viewer_id % 7]
    lists = {
        name: [random.integers(0, ITEMS, size).tolist() for size in random.integers(0, longest, len(listed))]
        for name, longest in (("watch_seq", 20), ("long_watch_seq", 10), ("like_seq", 3))
    }
    return {
        "impressions": shown,
        "users": {"user_id": list(range(1_000 + VIEWERS - 1, 999, -1))},
        "videos": {
            "video_id": list(range(ITEMS)),
            "author_id": [500 + number // 3 for number in range(ITEMS)],
            "video_duration": [None if number % 9 == 0 else 1_000.0 * (number + 5) for number in range(ITEMS)],
            "upload_type": [("Web", "LongImport", "Kmovie")[number % 3] for number in range(ITEMS)],
            "tag": ["unknown" if number == 4 else f"{number % 5},9" for number in range(ITEMS)],
        },
        "user_sequences": {"user_id": listed, "history_len": [len(seen) for seen in lists["watch_seq"]], **lists},
    }


def write_tables(folder: Path, tables: dict[str, dict[str, Any]]) -> Path:
    """Write the four files and a licence."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, columns in tables.items():
        pq.write_table(pa.table(columns), folder / f"{name}.parquet")
    (folder / "LICENSE").write_text("An invented licence.\n", "utf-8")
    return folder


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tables(tmp_path_factory.mktemp("invented") / "kuairand-pure", invented_tables())


@pytest.fixture(scope="session")
def features_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("declared") / "FEATURES.yaml"
    path.write_text(FEATURES, "utf-8")
    return path


@pytest.fixture(scope="session")
def declaration() -> Declaration:
    return read_declaration(FEATURES.encode())


@pytest.fixture(scope="session")
def history(data_folder: Path, declaration: Declaration) -> History:
    return read_kuairand(data_folder, declaration)


@pytest.fixture(scope="session")
def days(history: History) -> Int64s:
    return days_of(history.rows.times_ms, ZONE)


@pytest.fixture(scope="session")
def split(days: Int64s) -> Split:
    return split_days(days, 5, 2, ZONE)


@pytest.fixture(scope="session")
def matrix(history: History, declaration: Declaration) -> Float32s:
    return materialise(declaration, history)


@pytest.fixture
def rewritten(tmp_path: Path) -> Callable[[Callable[[dict[str, dict[str, Any]]], None]], Path]:
    """A writer of the same history after a change."""

    def write(change: Callable[[dict[str, dict[str, Any]]], None]) -> Path:
        tables = invented_tables()
        change(tables)
        return write_tables(tmp_path / "rewritten", tables)

    return write
