"""KuaiRand-Pure: what was shown, to whom, and what they did, as a history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rankd.core.features.declaration import Declaration, Sent
from rankd.core.features.kinds import KINDS, SHOWN
from rankd.core.ranking.request import UNKNOWN_TIME_MS
from rankd.usecases.learn.history import (
    Events,
    Float32s,
    History,
    Int8s,
    Int64s,
    Rows,
    events_of_rows,
    joined,
    whole_numbers,
)
from rankd.usecases.learn.refusal import LearnError
from rankd.usecases.learn.tables import codes, integers, numbers, ordinals, read_table

OUTCOME_COLUMNS: Mapping[str, str] = {
    "click": "is_click",
    "long_view": "long_view",
    "like": "is_like",
    "reply": "is_comment",
    "repost": "is_forward",
    "follow": "is_follow",
    "profile_visit": "is_profile_enter",
    "hide": "is_hate",
}
"""Each objective that the data knows, in canonical order, with its column. Nobody reports anything in it."""

FILES = ("impressions.parquet", "user_sequences.parquet", "users.parquet", "videos.parquet")

FEEDBACK_DELAY_MS = 900_000
"""An impression counts from fifteen minutes after it was shown. By then people have watched and liked, and a service
in production has heard of it; without the delay the features would know more in training than they can when serving."""

ZONE = "Asia/Shanghai"
DAY_MS = 86_400_000
SHANGHAI_MS = 8 * 3_600_000
"""UTC+8 all year."""

_EPOCH = date(1970, 1, 1).toordinal()
FIRST_DAY = date(2022, 4, 25).toordinal() - _EPOCH
"""In days since 1970: the lists of `user_sequences` reach into the evening before."""

MAIN_SCENE = 1
"""Three rows in four were shown in tab 1. Over all tabs a head looks better than it is at ordering one feed, because
the tab alone moves the click rate from 0.02 to 0.99."""

_LISTS = {"watch_seq": SHOWN, "long_watch_seq": "long_view", "like_seq": "like"}
"""Of the videos watched as many were liked, and watched at length, as of those shown: they are impressions."""
_LONG_AGO_MS = 0
_HISTORY = {
    "viewer_history_count": ("", 0, 0.0),
    "viewer_history_long_share": ("long_watch_seq", 10, 0.6),
    "viewer_history_like_share": ("like_seq", 20, 0.04),
}
"""What the lists say of a person: list, imagined trials, and their share. Whole lists here: they reach as far back as
the count of what was watched does."""

_DURATION_BANDS_S = (7, 12, 18, 30, 45, 60, 90, 120, 180, 300)
_USER, _VIDEO = "user_", "video_"


@dataclass(frozen=True, slots=True, eq=False)
class _Files:
    users: pa.Table
    videos: pa.Table
    sequences: pa.Table
    viewer_ids: Int64s
    item_ids: Int64s
    authors: Int64s
    author_ids: Int64s


def read_kuairand(folder: Path, declaration: Declaration) -> History:
    """Read the four files of KuaiRand-Pure.

    Exact duplicate rows are dropped, and so are rows before the first day. What is left is ordered by time; rows of
    one millisecond by viewer, video and then all other columns, so that the order never depends on the file's.

    What people had watched, watched at length and liked before the first day counts as impressions, long views and
    likes of a time that is not known, long ago: `within: ever` sees them, and no window does. Whether they had been
    opened the data do not say.

    Args:
        folder: The folder with `impressions.parquet`, `users.parquet`, `videos.parquet`, `user_sequences.parquet`.
        declaration: Says which sent columns are wanted. Known are `scene` (the app's tab), `topic` (the first tag),
            `duration_s`, `duration_band`, `upload_type`, `hour` (in Shanghai), `viewer_history_count` (how many videos
            the person had watched before the first day), `viewer_history_long_share` and `viewer_history_like_share`
            (of these, smoothed), and any column of users and videos behind `user_` and `video_`,
            words as their rank.

    Raises:
        LearnError: A file or column is missing, or a row names a person or video that no file describes.
    """
    shown = read_table(folder, FILES[0], ("user_id", "video_id", "time_ms", "tab", *OUTCOME_COLUMNS.values()))
    files = _read_files(folder)
    names = ["time_ms", "user_id", "video_id"]
    names += [name for name in sorted(shown.column_names) if name not in names]
    unique = shown.group_by(names).aggregate([])
    columns = {name: ordinals(unique[name]) for name in names}
    order = np.lexsort([columns[name] for name in reversed(names)])
    order = order[_day_of(columns["time_ms"][order]) >= FIRST_DAY]
    times_ms = columns["time_ms"][order]
    viewers = _index(files.viewer_ids, columns["user_id"][order], "user_id")
    items = _index(files.item_ids, columns["video_id"][order], "video_id")
    outcomes: Int8s = np.stack([columns[column][order] for column in OUTCOME_COLUMNS.values()], axis=1).astype(np.int8)
    wanted = [declared.feature.name for declared in declaration.features if isinstance(declared.reading, Sent)]
    rows = Rows(
        viewers=viewers,
        items=items,
        authors=files.authors[items],
        times_ms=times_ms,
        at=times_ms,
        slates=viewers * 100_000 + _day_of(times_ms),
        places=np.full(len(order), -1, dtype=np.int64),
        create_times_ms=_upload_times_ms(files)[items],
        columns={name: _column(files, name, viewers, items, columns["tab"][order], times_ms) for name in wanted},
        outcomes=outcomes,
        objectives=tuple(OUTCOME_COLUMNS),
    )
    events = events_of_rows(rows, FEEDBACK_DELAY_MS, declaration.key_columns)
    return History(
        viewers=tuple(map(str, files.viewer_ids.tolist())),
        items=tuple(map(str, files.item_ids.tolist())),
        authors=tuple(map(str, files.author_ids.tolist())),
        rows=rows,
        events=joined(_listed(files, declaration.key_columns), events),
        facts={
            "rows": len(order),
            "duplicates_dropped": shown.num_rows - unique.num_rows,
            "early_rows_dropped": unique.num_rows - len(order),
        },
    )


def _day_of(times_ms: Int64s) -> Int64s:
    return (times_ms + SHANGHAI_MS) // DAY_MS


def _read_files(folder: Path) -> _Files:
    users = read_table(folder, FILES[2], ("user_id",))
    videos = read_table(folder, FILES[3], ("video_id", "author_id", "video_duration", "upload_type", "tag"))
    sequences = read_table(folder, FILES[1], ("user_id", "history_len", *_LISTS))
    videos = videos.take(pa.array(np.argsort(integers(videos["video_id"]))))
    users = users.take(pa.array(np.argsort(integers(users["user_id"]))))
    author_ids, authors = np.unique(integers(videos["author_id"]), return_inverse=True)
    return _Files(
        users=users,
        videos=videos,
        sequences=sequences,
        viewer_ids=integers(users["user_id"]),
        item_ids=integers(videos["video_id"]),
        authors=authors.astype(np.int64),
        author_ids=author_ids,
    )


def _index(ids: Int64s, wanted: Int64s, column: str) -> Int64s:
    found = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1).astype(np.int64)
    strangers = wanted[ids[found] != wanted]
    if len(strangers):
        raise LearnError("DATA_UNKNOWN_ID", column=column, id=int(strangers[0]), count=len(strangers))
    return found


def _upload_times_ms(files: _Files) -> Int64s:
    """Return when each video was uploaded: the beginning of its day."""
    if "upload_dt" not in files.videos.column_names:
        return np.full(len(files.item_ids), UNKNOWN_TIME_MS, dtype=np.int64)
    days, words = codes(files.videos["upload_dt"].cast(pa.string()))
    starts = [(date.fromisoformat(word).toordinal() - _EPOCH) * DAY_MS - SHANGHAI_MS for word in words]
    return np.array([*starts, UNKNOWN_TIME_MS], dtype=np.int64)[days]


def _listed(files: _Files, key_columns: Sequence[str]) -> Events:
    """Return what the lists hold.

    Only the list of what was watched ends where the others do: of them, what is not among it reaches further back.
    """
    owners = _index(files.viewer_ids, integers(files.sequences["user_id"]), "user_id")
    entries = {}
    for name in _LISTS:
        lists = files.sequences[name].combine_chunks()
        bounds = np.asarray(lists.offsets, dtype=np.int64)
        items = _index(files.item_ids, integers(lists.flatten()), name)
        entries[name] = np.repeat(owners, bounds[1:] - bounds[:-1]) * len(files.item_ids) + items
    watched = entries["watch_seq"]
    kinds, pairs = [], []
    for name, kind in _LISTS.items():
        pairs.append(watched[np.isin(watched, entries[name])])
        kinds.append(np.full(len(pairs[-1]), KINDS.index(kind), dtype=np.int64))
    who, what = np.divmod(np.concatenate(pairs), len(files.item_ids))
    long_ago = np.full(len(who), _LONG_AGO_MS, dtype=np.int64)
    columns = {}
    for name in key_columns:
        # Neither the place in the app nor the hour is known of them.
        if (of_viewer := _viewer_column(files, name)) is not None:
            columns[name] = whole_numbers(of_viewer)[who]
        elif (of_item := _item_column(files, name)) is not None:
            columns[name] = whole_numbers(of_item)[what]
    return Events(np.concatenate(kinds), who, what, files.authors[what], long_ago, long_ago, columns)


def _column(files: _Files, name: str, viewers: Int64s, items: Int64s, scenes: Int64s, times_ms: Int64s) -> Float32s:
    if name == "scene":
        return scenes.astype(np.float32)
    if name == "hour":
        return ((times_ms + SHANGHAI_MS) % DAY_MS // 3_600_000).astype(np.float32)
    if (of_viewer := _viewer_column(files, name)) is not None:
        return of_viewer[viewers]
    if (of_item := _item_column(files, name)) is not None:
        return of_item[items]
    known = "scene, topic, duration_s, duration_band, upload_type, hour, viewer_history_…, user_…, video_…"
    raise LearnError("DATA_SENT_MISSING", column=name, known=known)


def _viewer_column(files: _Files, name: str) -> Float32s | None:
    """Return a column that says something of each person."""
    if name in _HISTORY:
        watched = numbers(files.sequences["history_len"]).astype(np.float64)
        said = watched
        if name != "viewer_history_count":
            column, weight, prior = _HISTORY[name]
            lengths = integers(pc.list_value_length(files.sequences[column]))
            said = np.minimum((lengths + weight * prior) / (watched + weight), 1.0)
        found = np.full(len(files.viewer_ids), np.nan, dtype=np.float32)
        found[_index(files.viewer_ids, integers(files.sequences["user_id"]), "user_id")] = said.astype(np.float32)
        return found
    if name.startswith(_USER) and name.removeprefix(_USER) in files.users.column_names:
        return _any_column(files.users[name.removeprefix(_USER)])
    return None


def _item_column(files: _Files, name: str) -> Float32s | None:
    """Return a column that says something of each video."""
    videos = files.videos
    if name == "topic":
        first = [str(tag).split(",", 1)[0] for tag in videos["tag"].to_pylist()]
        return np.array([int(tag) if tag.isdecimal() else np.nan for tag in first], dtype=np.float32)
    if name in ("duration_s", "duration_band"):
        duration_s = numbers(videos["video_duration"]).astype(np.float64) / 1000
        duration_s = np.where(duration_s > 0, duration_s, np.nan)
        if name == "duration_s":
            return duration_s.astype(np.float32)
        band = np.digitize(duration_s, _DURATION_BANDS_S) + 1
        return np.where(np.isnan(duration_s), 0, band).astype(np.float32)
    if name == "upload_type":
        return _any_column(videos["upload_type"])
    if name.startswith(_VIDEO) and name.removeprefix(_VIDEO) in videos.column_names:
        return _any_column(videos[name.removeprefix(_VIDEO)])
    return None


def _any_column(column: pa.ChunkedArray) -> Float32s:
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        return numbers(column)
    ranks, _ = codes(column.cast(pa.string()))
    return np.where(ranks < 0, np.nan, ranks).astype(np.float32)
