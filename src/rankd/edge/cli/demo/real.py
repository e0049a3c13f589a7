"""Real people over real videos: requests assembled from KuaiRand-Pure, and what these people had really done."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from rankd.core.features.declaration import Declaration, Sent
from rankd.core.words.demo import SAY
from rankd.core.words.language import Phrase
from rankd.edge.cli.demo.failure import DemoError
from rankd.edge.cli.demo.feed import Lived, Stage, Video, Visit, filled

if TYPE_CHECKING:
    from rankd.usecases.learn.history import History

_MOMENT = datetime(2022, 5, 4, 12, tzinfo=UTC)
_VIEWERS, _CANDIDATES = 4, 120
_NEIGHBOURS = 100
_PAST_DAYS = 14
_DAY_MS = 86_400_000
_MOST_POSTS = 40


def has_real_data(data_dir: Path) -> bool:
    """Whether the impressions are there that requests can be assembled from."""
    return (data_dir / "impressions.parquet").is_file()


def read_real_stage(data_dir: Path, declaration: Declaration) -> Stage:
    """Return requests of real viewers over real videos, and what they and a hundred others had done.

    The others are those to whom most of the videos on offer had been shown, so that what is counted is about these.

    Args:
        data_dir: The folder of KuaiRand-Pure.
        declaration: Of the model that ranks; it says which columns are sent.

    Raises:
        LearnError: The data cannot be read.
        DemoError: What reads them is not installed.
    """
    try:
        from rankd.usecases.learn.assembled import assemble_from
        from rankd.usecases.learn.kuairand import read_kuairand
    except ImportError as error:
        raise DemoError("extra_missing", module=error.name or "?") from error
    history = read_kuairand(data_dir, declaration)
    now_ms = round(_MOMENT.timestamp() * 1000)
    requests = assemble_from(history, declaration, _VIEWERS, _CANDIDATES, now_ms)
    visits = tuple(
        Visit(
            viewer_id=request.viewer_id,
            name=filled(SAY["real_name"], id=request.viewer_id),
            about=filled(SAY["real_viewer"], count=request.shown_count),
            videos=tuple(
                _video(id_, author, title)
                for id_, author, title in zip(request.ids, request.author_ids, request.titles, strict=True)
            ),
            columns=request.sent,
        )
        for request in requests
    )
    sent = [entry.feature.name for entry in declaration.features if isinstance(entry.reading, Sent)]
    offered = {video.id for visit in visits for video in visit.videos}
    past = _past(history, sent, [visit.viewer_id for visit in visits], offered, now_ms)
    return Stage(SAY["real_notice"], past, visits, dated=False)


def _past(history: "History", sent: list[str], viewers: list[str], offered: set[str], now_ms: int) -> tuple[Lived, ...]:
    """Return what was shown to some people before a moment, day by day, and what they did."""
    rows = history.rows
    before = np.flatnonzero((rows.times_ms < now_ms) & (rows.times_ms >= now_ms - _PAST_DAYS * _DAY_MS))
    is_offered = np.array([item in offered for item in history.items])
    hits = np.bincount(rows.viewers[before[is_offered[rows.items[before]]]], minlength=len(history.viewers))
    mine = [history.viewers.index(viewer) for viewer in viewers]
    hits[mine] = -1
    others = np.lexsort([np.arange(len(hits)), -hits])[:_NEIGHBOURS]
    people = {*mine, *others.tolist()}
    wanted = before[np.isin(rows.viewers[before], list(people))]
    groups: dict[tuple[int, int], list[int]] = {}
    for row in wanted.tolist():
        groups.setdefault((int(rows.viewers[row]), int(rows.times_ms[row]) // _DAY_MS), []).append(row)
    # Of the others the day counts on which they saw most of what is on offer, of these people every day.
    best: dict[int, tuple[int, int]] = {}
    for (viewer, day), found in groups.items():
        seen = int(is_offered[rows.items[found]].sum())
        best[viewer] = max(best.get(viewer, (-1, 0)), (seen, day))
    kept = sorted((day, viewer) for viewer, day in groups if viewer in mine or best[viewer][1] == day)
    return tuple(_lived(history, sent, viewer, groups[viewer, day]) for day, viewer in kept)


def _lived(history: "History", sent: list[str], viewer: int, found: list[int]) -> Lived:
    rows = history.rows
    first: dict[int, int] = {}
    for row in found:
        first.setdefault(int(rows.items[row]), row)
    at = np.array(list(first.values())[:_MOST_POSTS], dtype=np.int64)
    ids = [history.items[item] for item in rows.items[at].tolist()]
    authors = [history.authors[author] for author in rows.authors[at].tolist()]
    nothing = Phrase(fr="", en="")
    videos = tuple(_video(id_, author, nothing) for id_, author in zip(ids, authors, strict=True))
    columns: Mapping[str, npt.NDArray[np.float32]] = {name: rows.columns[name][at] for name in sent}
    events = []
    for id_, row in zip(ids, at.tolist(), strict=True):
        did = [kind for kind, happened in zip(rows.objectives, rows.outcomes[row].tolist(), strict=True) if happened]
        events += [(id_, kind) for kind in ("shown", *did)]
    return Lived(Visit(history.viewers[viewer], nothing, nothing, videos, columns), tuple(events))


def _video(id_: str, author: str, title: Phrase) -> Video:
    return Video(id_, title, author, filled(SAY["real_author"], id=author), None, "", ())
