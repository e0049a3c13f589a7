"""A history in the documented Parquet layout: whatever a backend kept, brought to rankd once.

Source: docs/spec/history.md.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rankd.core.features.declaration import Declaration, Sent
from rankd.core.objectives import OBJECTIVES
from rankd.core.ranking.admission import MAX_TIME_MS
from rankd.core.ranking.request import UNKNOWN_TIME_MS
from rankd.usecases.learn.days import days_of
from rankd.usecases.learn.history import UNKNOWN, Float32s, History, Int8s, Int64s, Rows, events_of_rows
from rankd.usecases.learn.refusal import LearnError
from rankd.usecases.learn.tables import codes, read_table

FILE = "impressions.parquet"
REQUIRED = ("viewer_id", "item_id", "author_id", "time")
OPTIONAL = ("place", "slate", "create_time", "source", "groups")
FEEDBACK_DELAY_MS = 900_000
"""How long after it happened an event is taken to be known."""

MAX_SKEW_MS = 300_000
"""How far before its impression an outcome's time may be, by clocks that differ; it counts with the impression then."""

_LATEST_MS = MAX_TIME_MS - 86_400_000
"""A day before the last that there is: in some zone it has begun."""

_DAY_COUNT = 4_000_000
"""More days than there are."""


def read_parquet_history(folder: Path, declaration: Declaration, zone: str) -> History:
    """Read a history in the documented layout.

    Args:
        folder: The folder that holds `impressions.parquet`.
        declaration: Says which sent columns are wanted.
        zone: The time zone whose days tell slates apart where the file has no column `slate`.

    Raises:
        LearnError: A file or column is missing, or a cell is not what it should be; with file, column and row.
    """
    sent = [declared.feature.name for declared in declaration.features if isinstance(declared.reading, Sent)]
    wanted = {*REQUIRED, *OPTIONAL, *OBJECTIVES, *(f"{name}_time" for name in OBJECTIVES), *sent}
    table = read_table(folder, FILE, REQUIRED, wanted)
    objectives = tuple(name for name in OBJECTIVES if name in table.column_names)
    if not objectives:
        raise LearnError("DATA_COLUMN_MISSING", file=FILE, column=" | ".join(OBJECTIVES))
    if not table.num_rows:
        raise LearnError("DATA_CELL", file=FILE, column="time", row=1, found="–", wanted="≥ 1")
    times = _times(table, "time", required=True)
    viewers, viewer_ids = _ids(table, "viewer_id")
    items, item_ids = _ids(table, "item_id")
    authors, author_ids = _ids(table, "author_id", required=False)
    outcomes: Int8s = np.stack([_outcome(table, name) for name in objectives], axis=1)
    has_slates = "slate" in table.column_names
    rows = Rows(
        viewers=viewers,
        items=items,
        authors=authors,
        times_ms=times,
        at=times,
        slates=_ids(table, "slate")[0] if has_slates else viewers * _DAY_COUNT + days_of(times, zone),
        places=_places(table),
        create_times_ms=_times(table, "create_time", required=False),
        columns={name: _numbers(table, name) for name in sent if name in table.column_names},
        outcomes=outcomes,
        objectives=objectives,
        sources=_words(table, "source"),
        groups=_groups(table),
    )
    when = {
        name: _outcome_times(table, f"{name}_time", times, outcomes[:, at])
        for at, name in enumerate(objectives)
        if f"{name}_time" in table.column_names
    }
    # Ties by who and what, so that the order never depends on the file's.
    order = np.lexsort((items, viewers, times))
    rows, when = rows.take(order), {name: values[order] for name, values in when.items()}
    events = events_of_rows(rows, FEEDBACK_DELAY_MS, declaration.key_columns, when)
    return History(viewer_ids, item_ids, author_ids, rows, events, {"rows": len(rows)})


def _refuse(column: str, row: int, found: object, wanted: str) -> LearnError:
    return LearnError("DATA_CELL", file=FILE, column=column, row=row + 1, found=str(found)[:60], wanted=wanted)


def _first(which: Sequence[bool] | np.ndarray) -> int | None:
    places = np.flatnonzero(np.asarray(which))
    return int(places[0]) if len(places) else None


def _ids(table: pa.Table, name: str, *, required: bool = True) -> tuple[Int64s, tuple[str, ...]]:
    column = table[name]
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type) or _is_whole(column.type)):
        raise _refuse(name, 0, column.type, "string | integer")
    values, words = codes(column.cast(pa.string()))
    if required and (row := _first(values < 0)) is not None:
        raise _refuse(name, row, "null", "string | integer")
    if "" in words:
        if required:
            raise _refuse(name, _first(values == words.index("")) or 0, "", "string | integer")
        # An author of no name is one who is not known; "" is the least word there is.
        return np.where(values <= 0, UNKNOWN, values - 1), words[1:]
    return values, words


def _is_whole(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind))


def _times(table: pa.Table, name: str, *, required: bool) -> Int64s:
    if name not in table.column_names:
        return np.full(table.num_rows, UNKNOWN_TIME_MS, dtype=np.int64)
    column = table[name]
    if pa.types.is_timestamp(column.type):
        if column.type.tz is None:
            raise _refuse(name, 0, column.type, "timestamp[ms, UTC] | int64")
        column = column.cast(pa.timestamp("ms", column.type.tz), safe=False).cast(pa.int64())
    elif not _is_whole(column.type):
        raise _refuse(name, 0, column.type, "timestamp[ms, UTC] | int64")
    nulls = np.asarray(pc.is_null(column).to_numpy())
    if required and (row := _first(nulls)) is not None:
        raise _refuse(name, row, "null", "int64")
    times = np.asarray(column.fill_null(0).to_numpy(), dtype=np.int64)
    if (row := _first((times < 0) | (times > _LATEST_MS))) is not None:
        raise _refuse(name, row, times[row], f"0 … {_LATEST_MS}")
    return np.where(nulls, UNKNOWN_TIME_MS, times)


def _outcome(table: pa.Table, name: str) -> Int8s:
    column = table[name]
    if not (pa.types.is_boolean(column.type) or _is_whole(column.type)):
        raise _refuse(name, 0, column.type, "0 | 1")
    values = _whole(table, name, -1, "0 | 1")
    if (row := _first((values < 0) | (values > 1))) is not None:
        raise _refuse(name, row, column[row].as_py(), "0 | 1")
    return values.astype(np.int8)


def _outcome_times(table: pa.Table, name: str, times: Int64s, outcomes: Int8s) -> Int64s:
    """Return when an outcome happened: never before its impression, or the row would read what it is to foretell."""
    given = _times(table, name, required=False)
    early = (outcomes > 0) & (given != UNKNOWN_TIME_MS) & (given < times - MAX_SKEW_MS)
    if (row := _first(early)) is not None:
        raise _refuse(name, row, given[row], f"≥ {times[row] - MAX_SKEW_MS}")
    return np.maximum(given, times)


def _whole(table: pa.Table, name: str, missing: int, wanted: str) -> Int64s:
    """Return a column of integers or truths, with a number where nothing stands."""
    try:
        column = table[name].cast(pa.int64())
    except pa.ArrowInvalid:
        # Unsigned numbers go further than any that is wanted.
        most = np.uint64(np.iinfo(np.int64).max)
        row = _first(np.asarray(table[name].fill_null(0).to_numpy(), dtype=np.uint64) > most) or 0
        raise _refuse(name, row, table[name][row].as_py(), wanted) from None
    return np.asarray(column.fill_null(missing).to_numpy(), dtype=np.int64)


def _places(table: pa.Table) -> Int64s:
    if "place" not in table.column_names:
        return np.full(table.num_rows, UNKNOWN, dtype=np.int64)
    column = table["place"]
    if not _is_whole(column.type):
        raise _refuse("place", 0, column.type, "≥ 1")
    places = _whole(table, "place", UNKNOWN, "≥ 1")
    if (row := _first((places < 1) & (places != UNKNOWN))) is not None:
        raise _refuse("place", row, places[row], "≥ 1")
    return places


def _numbers(table: pa.Table, name: str) -> Float32s:
    column = table[name]
    if not (_is_whole(column.type) or pa.types.is_floating(column.type) or pa.types.is_boolean(column.type)):
        raise _refuse(name, 0, column.type, "float32")
    with np.errstate(over="ignore"):
        values = np.asarray(column.cast(pa.float64(), safe=False).to_numpy()).astype(np.float32)
    if (row := _first(np.isinf(values))) is not None:
        raise _refuse(name, row, column[row].as_py(), "float32")
    return values


def _words(table: pa.Table, name: str) -> tuple[str, ...]:
    if name not in table.column_names:
        return ()
    return tuple("" if word is None else str(word) for word in table[name].to_pylist())


def _groups(table: pa.Table) -> tuple[tuple[str, ...], ...]:
    if "groups" not in table.column_names:
        return ()
    if not (pa.types.is_list(table["groups"].type) or pa.types.is_large_list(table["groups"].type)):
        raise _refuse("groups", 0, table["groups"].type, "list<string>")
    return tuple(() if words is None else tuple(map(str, words)) for words in table["groups"].to_pylist())
