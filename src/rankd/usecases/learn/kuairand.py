"""KuaiRand-Pure: what was shown, to whom, and what they did, read into columns."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from rankd.usecases.learn.refusal import LearnError

Int64s = npt.NDArray[np.int64]
Float32s = npt.NDArray[np.float32]

OUTCOME_COLUMNS: tuple[tuple[str, str], ...] = (
    ("click", "is_click"),
    ("long_view", "long_view"),
    ("like", "is_like"),
    ("reply", "is_comment"),
    ("repost", "is_forward"),
    ("follow", "is_follow"),
    ("profile_visit", "is_profile_enter"),
    ("hide", "is_hate"),
)
"""Each objective that the data knows, in canonical order, with its column. Nobody reports anything in it."""

FILES = ("impressions.parquet", "user_sequences.parquet", "users.parquet", "videos.parquet")

EPOCH = date(1970, 1, 1).toordinal()

DAY_MS = 86_400_000
SHANGHAI_MS = 8 * 3_600_000
"""Days are those of Asia/Shanghai, UTC+8 all year."""

FIRST_DAY = 19_107
"""25 April 2022, in days since 1970: the lists of `user_sequences` reach into the evening before."""


@dataclass(frozen=True, slots=True)
class Events:
    """What was shown, in time order.

    Attributes:
        viewers: int64, shape (n,), indexes into `History.viewers`.
        items: int64, shape (n,), indexes into `History.items`.
        scenes: int64, shape (n,), the app's tab.
        times_ms: int64, shape (n,), non-decreasing, milliseconds since 1970.
        outcomes: int64, shape (n, 8), 0 or 1, in the order of `OUTCOME_COLUMNS`.
    """

    viewers: Int64s
    items: Int64s
    scenes: Int64s
    times_ms: Int64s
    outcomes: Int64s

    def __len__(self) -> int:
        return len(self.times_ms)

    @property
    def days(self) -> Int64s:
        """int64, shape (n,): days since 1970 in Asia/Shanghai."""
        return day_of(self.times_ms)


@dataclass(frozen=True, slots=True)
class Viewers:
    """The people, and the lists of what they watched before the first day.

    Attributes:
        ids: int64, shape (v,), increasing.
        has_lists: bool, shape (v,), whether the data holds any lists of this person.
        watch_counts: int64, shape (v,), all videos watched in those weeks, of which the lists hold at most 50.
        listed: For "watch", "long" and "like", in that order, the entries of all lists: viewers and items, int64,
            shape (k,) each.
    """

    ids: Int64s
    has_lists: npt.NDArray[np.bool_]
    watch_counts: Int64s
    listed: tuple[tuple[Int64s, Int64s], ...]


@dataclass(frozen=True, slots=True)
class Items:
    """The videos.

    Attributes:
        ids: int64, shape (i,), increasing.
        authors: int64, shape (i,), indexes into `author_ids`.
        author_ids: int64, shape (a,).
        durations_s: float32, shape (i,), seconds, NaN where unknown.
        topics: int64, shape (i,), the first tag; −1 where the data has none.
        upload_types: How each was uploaded.
    """

    ids: Int64s
    authors: Int64s
    author_ids: Int64s
    durations_s: Float32s
    topics: Int64s
    upload_types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class History:
    """All that training reads.

    Attributes:
        duplicates: Exact duplicate rows that were dropped.
        early: Rows before the first day that were dropped, because the lists may already hold them.
    """

    events: Events
    viewers: Viewers
    items: Items
    duplicates: int
    early: int


def day_text(day: int) -> str:
    """Return a day since 1970 as YYYY-MM-DD."""
    return date.fromordinal(EPOCH + day).isoformat()


def day_of(times_ms: Int64s) -> Int64s:
    """Return the day in Asia/Shanghai, in days since 1970, of each time."""
    return (times_ms + SHANGHAI_MS) // DAY_MS


def read_history(folder: Path) -> History:
    """Read the four files of KuaiRand-Pure.

    Exact duplicate rows are dropped, and so are rows before the first day. What is left is ordered by time; rows of
    one millisecond by viewer, video and then all other columns, so that the order never depends on the file's.

    Args:
        folder: The folder with `impressions.parquet`, `users.parquet`, `videos.parquet`, `user_sequences.parquet`.

    Raises:
        LearnError: A file or column is missing, or a row names a person or video that no file describes.
    """
    tables = {name: _read(folder, name) for name in _COLUMNS}
    viewers = _viewers(tables["users"], tables["user_sequences"], tables["videos"])
    items = _items(tables["videos"])
    shown = tables["impressions"]
    names = ["time_ms", "user_id", "video_id"]
    names += [name for name in sorted(shown.column_names) if name not in names]
    unique = shown.group_by(names).aggregate([])
    columns = {name: _ordinal(unique[name]) for name in names}
    order = np.lexsort([columns[name] for name in reversed(names)])
    order = order[day_of(columns["time_ms"][order]) >= FIRST_DAY]
    events = Events(
        viewers=_index(viewers.ids, columns["user_id"][order], "user_id"),
        items=_index(items.ids, columns["video_id"][order], "video_id"),
        scenes=columns["tab"][order],
        times_ms=columns["time_ms"][order],
        outcomes=np.stack([columns[column][order] for _, column in OUTCOME_COLUMNS], axis=1),
    )
    return History(
        events=events,
        viewers=viewers,
        items=items,
        duplicates=shown.num_rows - unique.num_rows,
        early=unique.num_rows - len(events),
    )


_COLUMNS = {
    "impressions": ("user_id", "video_id", "time_ms", "tab", *(column for _, column in OUTCOME_COLUMNS)),
    "users": ("user_id",),
    "videos": ("video_id", "author_id", "video_duration", "upload_type", "tag"),
    "user_sequences": ("user_id", "history_len", "watch_seq", "like_seq", "long_watch_seq"),
}


def _read(folder: Path, name: str) -> pa.Table:
    path = folder / f"{name}.parquet"
    if not path.is_file():
        raise LearnError("DATA_FILE_MISSING", file=path.name, folder=folder)
    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise LearnError("DATA_FILE_UNREADABLE", file=path.name, detail=str(error)[:200]) from error
    for column in _COLUMNS[name]:
        if column not in table.column_names:
            raise LearnError("DATA_COLUMN_MISSING", file=path.name, column=column)
    return table


def _ordinal(column: pa.ChunkedArray) -> Int64s:
    """Return a column as integers that keep its order: itself, or the rank of each of its words."""
    if pa.types.is_integer(column.type):
        return _numbers(column)
    ranks: Int64s = np.unique(np.array(column.to_pylist(), dtype=str), return_inverse=True)[1].astype(np.int64)
    return ranks


def _numbers(column: pa.ChunkedArray) -> Int64s:
    return np.ascontiguousarray(column.to_numpy(), dtype=np.int64)


def _index(ids: Int64s, wanted: Int64s, column: str) -> Int64s:
    found = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1).astype(np.int64)
    strangers = wanted[ids[found] != wanted]
    if len(strangers):
        raise LearnError("DATA_UNKNOWN_ID", column=column, id=int(strangers[0]), count=len(strangers))
    return found


def _viewers(users: pa.Table, sequences: pa.Table, videos: pa.Table) -> Viewers:
    ids = np.sort(_numbers(users["user_id"]))
    items = np.sort(_numbers(videos["video_id"]))
    owners = _index(ids, _numbers(sequences["user_id"]), "user_id")
    has_lists = np.zeros(len(ids), dtype=np.bool_)
    has_lists[owners] = True
    watch_counts = np.zeros(len(ids), dtype=np.int64)
    watch_counts[owners] = _numbers(sequences["history_len"])
    listed = []
    for name in ("watch_seq", "long_watch_seq", "like_seq"):
        lists = sequences[name].combine_chunks()
        lengths: Int64s = np.diff(np.asarray(lists.offsets, dtype=np.int64)).astype(np.int64)
        listed.append((np.repeat(owners, lengths), _index(items, _numbers(lists.flatten()), name)))
    return Viewers(ids=ids, has_lists=has_lists, watch_counts=watch_counts, listed=tuple(listed))


def _items(videos: pa.Table) -> Items:
    ids = _numbers(videos["video_id"])
    order = np.argsort(ids)
    author_ids, authors = np.unique(_numbers(videos["author_id"])[order], return_inverse=True)
    duration_ms = np.array(videos["video_duration"].to_pylist(), dtype=np.float64)[order]
    tags = [str(tag).split(",", 1)[0] for tag in videos["tag"].to_pylist()]
    topics = np.array([int(tag) if tag.isdecimal() else -1 for tag in tags], dtype=np.int64)
    uploads = np.array(videos["upload_type"].to_pylist(), dtype=str)[order]
    return Items(
        ids=ids[order],
        authors=authors.astype(np.int64),
        author_ids=author_ids,
        durations_s=np.where(duration_ms > 0, duration_ms / 1000, np.nan).astype(np.float32),
        topics=topics[order],
        upload_types=tuple(str(word) for word in uploads),
    )
