"""Assembled requests over real items: real viewers, with candidates drawn from the pool at a moment.

They are no real slates. What the app had on offer at that moment is not known.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rankd.core.words.language import Phrase
from rankd.usecases.learn.definitions import DEFINITIONS, MAIN_SCENE, Side
from rankd.usecases.learn.kuairand import History, read_history
from rankd.usecases.learn.materialise import Materialiser, Moments
from rankd.usecases.learn.refusal import LearnError

_SEED = 7


@dataclass(frozen=True, slots=True)
class AssembledRequest:
    """A viewer, candidates, and all the features that the video model reads.

    Attributes:
        viewer_id: As in the data.
        time_ms: The moment, milliseconds since 1970.
        ids: Candidates.
        author_ids: Their authors.
        titles: What a person can tell them apart by: topic and duration. The data hold no titles.
        viewer_columns: The features that hold for all candidates; NaN where not known.
        columns: The features of each candidate, float32, shape (candidates,); NaN where not known.
    """

    viewer_id: str
    time_ms: int
    ids: tuple[str, ...]
    author_ids: tuple[str, ...]
    titles: tuple[Phrase, ...]
    viewer_columns: dict[str, float]
    columns: dict[str, npt.NDArray[np.float32]]


def assemble_requests(data_dir: Path, count: int, candidates: int, at: datetime) -> list[AssembledRequest]:
    """Return requests of real viewers over real items, the same ones for the same arguments.

    Viewers are people who were shown something in the main scene within the day before `at`. Candidates are drawn
    without repeats from the videos shown to anybody within the three days before. Features see nothing from `at` on.

    Args:
        data_dir: The folder with the four Parquet files.
        count: How many viewers.
        candidates: How many candidates each.
        at: The moment, with its time zone.

    Raises:
        LearnError: The data cannot be read, or hold too few people or videos before that moment.
    """
    return assemble_from(read_history(data_dir), count, candidates, round(at.timestamp() * 1000))


def assemble_from(history: History, count: int, candidates: int, time_ms: int) -> list[AssembledRequest]:
    """Return requests as `assemble_requests` does, from a history that was read already."""
    events = history.events
    day = 86_400_000
    recent = (events.times_ms < time_ms) & (events.times_ms >= time_ms - 3 * day)
    pool = np.unique(events.items[recent])
    lately = recent & (events.times_ms >= time_ms - day) & (events.scenes == MAIN_SCENE)
    people = np.unique(events.viewers[lately])
    for what, found, wanted in (("videos", len(pool), candidates), ("viewers", len(people), count)):
        if found < wanted:
            raise LearnError("DATA_POOL_TOO_SMALL", what=what, found=found, wanted=wanted)
    generator = np.random.Generator(np.random.PCG64([_SEED, time_ms]))
    materialiser = Materialiser(history)
    viewers = generator.choice(people, count, replace=False)
    return [
        _request(history, materialiser, int(viewer), generator.choice(pool, candidates, replace=False), time_ms)
        for viewer in viewers
    ]


def _request(
    history: History, materialiser: Materialiser, viewer: int, items: npt.NDArray[np.int64], time_ms: int
) -> AssembledRequest:
    size = len(items)
    matrix = materialiser.features(
        Moments(
            viewers=np.full(size, viewer, dtype=np.int64),
            items=items,
            scenes=np.full(size, MAIN_SCENE, dtype=np.int64),
            times_ms=np.full(size, time_ms, dtype=np.int64),
        )
    )
    names = [(at, definition.feature.name, definition.side) for at, definition in enumerate(DEFINITIONS)]
    pool = history.items
    return AssembledRequest(
        viewer_id=str(history.viewers.ids[viewer]),
        time_ms=time_ms,
        ids=tuple(str(number) for number in pool.ids[items]),
        author_ids=tuple(str(number) for number in pool.author_ids[pool.authors[items]]),
        titles=tuple(_title(int(pool.topics[item]), float(pool.durations_s[item])) for item in items),
        viewer_columns={name: float(matrix[0, at]) for at, name, side in names if side is Side.VIEWER},
        columns={name: matrix[:, at].copy() for at, name, side in names if side is Side.CANDIDATE},
    )


def _title(topic: int, duration_s: float) -> Phrase:
    fr, en = (f"Sujet {topic}", f"Topic {topic}") if topic >= 0 else ("Sujet inconnu", "Topic unknown")
    if np.isnan(duration_s):
        return Phrase(fr=fr, en=en)
    minutes, seconds = divmod(round(duration_s), 60)
    clock = f"{minutes}:{seconds:02d}"
    return Phrase(fr=f"{fr} · {clock}", en=f"{en} · {clock}")
