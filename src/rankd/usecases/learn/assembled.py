"""Assembled requests over real items: real viewers, with candidates drawn from the pool at a moment.

They are no real slates. What the app had on offer at that moment is not known.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rankd.core.features.declaration import Declaration, Sent
from rankd.core.features.kinds import KINDS, SHOWN
from rankd.core.words.language import Phrase
from rankd.usecases.learn.history import Float32s, History, Int64s
from rankd.usecases.learn.kuairand import MAIN_SCENE, read_kuairand
from rankd.usecases.learn.materialise import materialise
from rankd.usecases.learn.refusal import LearnError

_SEED = 7
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class AssembledRequest:
    """A viewer, candidates, and what a backend knows of them.

    Attributes:
        viewer_id: As in the data.
        time_ms: The moment, milliseconds since 1970.
        ids: Candidates.
        author_ids: Their authors.
        create_times_ms: int64, shape (candidates,), or `UNKNOWN_TIME_MS`.
        titles: What a person can tell them apart by: topic and duration. The data hold no titles.
        shown_count: How often the viewer had been shown something by then.
        sent: The columns that a request by ids sends, float32, shape (candidates,); NaN where not known.
        columns: All columns that the model reads, for requests that bring them all, float32, shape (candidates,).
    """

    viewer_id: str
    time_ms: int
    ids: tuple[str, ...]
    author_ids: tuple[str, ...]
    create_times_ms: Int64s
    titles: tuple[Phrase, ...]
    shown_count: int
    sent: Mapping[str, npt.NDArray[np.float32]]
    columns: Mapping[str, npt.NDArray[np.float32]]


def assemble_requests(
    data_dir: Path, declaration: Declaration, count: int, candidates: int, at: datetime
) -> list[AssembledRequest]:
    """Return requests of real viewers over real items, the same ones for the same arguments.

    Viewers are people who were shown something in the main scene within the day before `at`. Candidates are drawn
    without repeats from the videos shown to anybody within the three days before. Features see nothing from `at` on.

    Args:
        data_dir: The folder with the four Parquet files.
        declaration: The features of the model that will rank.
        count: How many viewers.
        candidates: How many candidates each.
        at: The moment, with its time zone.

    Raises:
        LearnError: The data cannot be read, or hold too few people or videos before that moment.
    """
    history = read_kuairand(data_dir, declaration)
    return assemble_from(history, declaration, count, candidates, round(at.timestamp() * 1000))


def assemble_from(
    history: History, declaration: Declaration, count: int, candidates: int, time_ms: int
) -> list[AssembledRequest]:
    """Return requests as `assemble_requests` does, from a history that was read already."""
    rows = history.rows
    recent = (rows.times_ms < time_ms) & (rows.times_ms >= time_ms - 3 * _DAY_MS)
    pool = np.unique(rows.items[recent])
    lately = recent & (rows.times_ms >= time_ms - _DAY_MS)
    if "scene" in rows.columns:
        lately &= rows.columns["scene"] == MAIN_SCENE
    people = np.unique(rows.viewers[lately])
    for what, found, wanted in (("videos", len(pool), candidates), ("viewers", len(people), count)):
        if found < wanted:
            raise LearnError("DATA_POOL_TOO_SMALL", what=what, found=found, wanted=wanted)
    generator = np.random.Generator(np.random.PCG64([_SEED, time_ms]))
    viewers = generator.choice(people, count, replace=False)
    last = {int(item): at for at, item in enumerate(rows.items.tolist())}
    return [
        _request(history, declaration, int(viewer), generator.choice(pool, candidates, replace=False), time_ms, last)
        for viewer in viewers
    ]


def _request(
    history: History, declaration: Declaration, viewer: int, items: Int64s, time_ms: int, last: Mapping[int, int]
) -> AssembledRequest:
    size = len(items)
    # Of each candidate some row in which it was shown, made over into one of this viewer's at this moment.
    rows = history.rows.take(np.array([last[int(item)] for item in items], dtype=np.int64))
    mine = int(np.flatnonzero(history.rows.viewers == viewer)[0])
    scene = {"scene": np.full(size, MAIN_SCENE, dtype=np.float32)} if "scene" in rows.columns else {}
    own = {name: np.full(size, history.rows.columns[name][mine]) for name in rows.columns if _is_of_viewer(name)}
    moment = np.full(size, time_ms, dtype=np.int64)
    asked = replace(
        rows,
        viewers=np.full(size, viewer, dtype=np.int64),
        times_ms=moment,
        at=moment,
        columns={**rows.columns, **own, **scene},
    )
    matrix = materialise(declaration, history, asked)
    columns = {declared.feature.name: matrix[:, at].copy() for at, declared in enumerate(declaration.features)}
    sent = {entry.feature.name for entry in declaration.features if isinstance(entry.reading, Sent)}
    events = history.events
    shown = (events.viewers == viewer) & (events.kinds == KINDS.index(SHOWN)) & (events.visible_at < time_ms)
    return AssembledRequest(
        viewer_id=history.viewers[viewer],
        time_ms=time_ms,
        ids=tuple(history.items[item] for item in items.tolist()),
        author_ids=tuple(history.authors[author] for author in rows.authors.tolist()),
        create_times_ms=rows.create_times_ms,
        titles=tuple(
            _title(float(topic), float(duration_s))
            for topic, duration_s in zip(
                _or_unknown(rows.columns, "topic", size), _or_unknown(rows.columns, "duration_s", size), strict=True
            )
        ),
        shown_count=int(shown.sum()),
        sent={name: values for name, values in columns.items() if name in sent},
        columns=columns,
    )


def _is_of_viewer(name: str) -> bool:
    """Whether a column of KuaiRand's says something of the person alone."""
    return name.startswith(("viewer_", "user_"))


def _or_unknown(columns: Mapping[str, Float32s], name: str, size: int) -> Float32s:
    return columns.get(name, np.full(size, np.nan, dtype=np.float32))


def _title(topic: float, duration_s: float) -> Phrase:
    known = not np.isnan(topic)
    fr, en = (f"Sujet {topic:.0f}", f"Topic {topic:.0f}") if known else ("Sujet inconnu", "Topic unknown")
    if np.isnan(duration_s):
        return Phrase(fr=fr, en=en)
    minutes, seconds = divmod(round(duration_s), 60)
    clock = f"{minutes}:{seconds:02d}"
    return Phrase(fr=f"{fr} · {clock}", en=f"{en} · {clock}")
