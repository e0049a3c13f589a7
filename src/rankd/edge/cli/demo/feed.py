"""Whom the demo ranks for and what is on offer: the committed feed, or requests assembled over real items."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rankd.core.words.demo import SAY
from rankd.core.words.language import Phrase
from rankd.edge.cli.demo.failure import DemoError
from rankd.usecases.learn.definitions import CLICK, LIKED_SHARE, LONG_SHARE, LONG_VIEW, PROFILE_VISIT, Prior

_REAL_MOMENT = datetime(2022, 5, 4, 12, tzinfo=UTC)
_REAL_VIEWERS, _REAL_CANDIDATES = 4, 120


@dataclass(frozen=True, slots=True)
class Video:
    """A video as a feed backend knows it.

    Attributes:
        title: What the screen calls it.
        author_name: What the screen calls its author.
        hours_ago: Hours since it was published; None: not known.
    """

    id: str
    title: Phrase
    author_id: str
    author_name: Phrase
    hours_ago: int | None
    source: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Visit:
    """One person who opens the feed, with everything that a backend would send.

    Attributes:
        name: What the screen calls the person.
        about: The person in half a sentence.
        columns: float32, shape (videos,), by name.
        viewer_columns: By name; NaN where not known.
        served: Posts already served, by author id.
        sliders: Percent, by objective.
    """

    viewer_id: str
    name: Phrase
    about: Phrase
    videos: tuple[Video, ...]
    columns: Mapping[str, npt.NDArray[np.float32]]
    viewer_columns: Mapping[str, float]
    seen: frozenset[str]
    muted: frozenset[str]
    served: Mapping[str, int]
    sliders: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Stage:
    """What the demo plays with.

    Attributes:
        notice: Where it comes from, said on the screen before anything else.
        visits: At least one.
        dated: Whether creation times are known.
    """

    notice: Phrase
    visits: tuple[Visit, ...]
    dated: bool


def by_id(visit: Visit) -> dict[str, Video]:
    """Return the videos on offer to a person by their id."""
    return {video.id: video for video in visit.videos}


def has_real_data(data_dir: Path) -> bool:
    """Whether the impressions are there that requests can be assembled from."""
    return (data_dir / "impressions.parquet").is_file()


def read_real_stage(data_dir: Path) -> Stage:
    """Return requests of real viewers over real videos.

    Args:
        data_dir: The folder of KuaiRand-Pure.

    Raises:
        LearnError: The data cannot be read.
        DemoError: What reads them is not installed.
    """
    try:
        from rankd.usecases.learn.assembled import assemble_requests
    except ImportError as error:
        raise DemoError("extra_missing", module=error.name or "?") from error
    requests = assemble_requests(data_dir, _REAL_VIEWERS, _REAL_CANDIDATES, _REAL_MOMENT)
    visits = []
    for request in requests:
        offered = zip(request.ids, request.titles, request.author_ids, strict=True)
        videos = tuple(
            Video(id_, title, author, _filled(SAY["real_author"], id=author), None, "", ())
            for id_, title, author in offered
        )
        watched = request.viewer_columns["viewer_watch_count"]
        about = SAY["real_viewer_unlisted"] if np.isnan(watched) else SAY["real_viewer"]
        visits.append(
            Visit(
                viewer_id=request.viewer_id,
                name=_filled(SAY["real_name"], id=request.viewer_id),
                about=_filled(about, count=0 if np.isnan(watched) else int(watched)),
                videos=videos,
                columns=request.columns,
                viewer_columns=request.viewer_columns,
                seen=frozenset(),
                muted=frozenset(),
                served={},
                sliders={},
            )
        )
    return Stage(SAY["real_notice"], tuple(visits), dated=False)


def read_feed(path: Path) -> Stage:
    """Return the invented co-op's feed.

    Args:
        path: The feed's JSON file.

    Raises:
        DemoError: It is not there, or is not what it should be.
    """
    try:
        feed = json.loads(path.read_bytes())
        videos = tuple(_video(entry, feed["authors"]) for entry in feed["videos"])
        public = _public_columns(feed["videos"])
        topics = tuple(entry["topic"] for entry in feed["videos"])
        visits = tuple(_visit(entry, videos, topics, public) for entry in feed["viewers"])
        notice = Phrase(**feed["notice"])
        coop = feed["coop"]
    except OSError as error:
        raise DemoError("feed_unreadable", file=path, detail=error.strerror or str(error)) from error
    except (ValueError, KeyError, TypeError) as error:
        raise DemoError("feed_unreadable", file=path, detail=repr(error)) from error
    said = _filled(SAY["feed_notice"], coop=coop, file=path.name, viewers=len(visits), videos=len(videos))
    return Stage(Phrase(fr=f"{said.fr} {notice.fr}", en=f"{said.en} {notice.en}"), visits, dated=True)


def smoothed(hits: npt.ArrayLike, trials: npt.ArrayLike, prior: Prior) -> npt.NDArray[np.float64]:
    """Return (hits + weight × rate) ÷ (trials + weight), as the model's features are defined."""
    rates: npt.NDArray[np.float64] = np.minimum(
        (np.asarray(hits) + prior.weight * prior.rate) / (np.asarray(trials) + prior.weight), 1.0
    )
    return rates


def _filled(phrase: Phrase, **params: Any) -> Phrase:
    return Phrase(fr=phrase.say("fr", **params), en=phrase.say("en", **params))


def _same(text: str) -> Phrase:
    """Return what is called the same in both languages; braces in it are no parameters."""
    escaped = text.replace("{", "{{").replace("}", "}}")
    return Phrase(fr=escaped, en=escaped)


def _video(entry: Mapping[str, Any], authors: Mapping[str, str]) -> Video:
    return Video(
        id=entry["id"],
        title=_same(entry["title"]),
        author_id=entry["author"],
        author_name=_same(authors[entry["author"]]),
        hours_ago=entry["hours_ago"],
        source=entry["source"],
        groups=tuple(entry["groups"]),
    )


def _public_columns(entries: list[Mapping[str, Any]]) -> dict[str, npt.NDArray[np.float64]]:
    """Return the columns that say the same of a video whoever looks."""

    def count(name: str) -> npt.NDArray[np.int64]:
        return np.array([entry[name] for entry in entries], dtype=np.int64)

    authors = np.array([entry["author"] for entry in entries])
    same_author = authors[:, None] == authors[None, :]

    def of_author(name: str) -> npt.NDArray[np.int64]:
        total: npt.NDArray[np.int64] = same_author @ count(name)
        return total

    shown, opened, long_watched = count("shown"), count("opened"), count("watched_long")
    return {
        "duration_s": count("duration_s").astype(np.float64),
        "from_web": np.array([entry["upload"] == "web" for entry in entries], dtype=np.float64),
        "from_long_import": np.array([entry["upload"] == "long_import" for entry in entries], dtype=np.float64),
        "item_impressions": shown.astype(np.float64),
        "item_click_rate": smoothed(opened, shown, CLICK),
        "item_long_view_rate": smoothed(long_watched, shown, LONG_VIEW),
        "item_profile_visit_rate": smoothed(count("profile_visits"), shown, PROFILE_VISIT),
        "item_long_watch_share": smoothed(long_watched, opened, LONG_SHARE),
        "item_liked_share": smoothed(count("liked"), opened, LIKED_SHARE),
        "author_profile_visit_rate": smoothed(of_author("profile_visits"), of_author("shown"), PROFILE_VISIT),
        "author_long_watch_share": smoothed(of_author("watched_long"), of_author("opened"), LONG_SHARE),
        "author_liked_share": smoothed(of_author("liked"), of_author("opened"), LIKED_SHARE),
    }


def _visit(
    entry: Mapping[str, Any],
    videos: tuple[Video, ...],
    topics: tuple[str, ...],
    public: Mapping[str, npt.NDArray[np.float64]],
) -> Visit:
    offered = np.array([not set(entry["offered"]).isdisjoint(video.groups) for video in videos])
    watches = np.array([entry["topics"].get(topic, (0, 0, 0)) for topic in topics], dtype=np.int64)
    columns = {
        **public,
        "viewer_author_watches": np.array([entry["authors"].get(video.author_id, 0) for video in videos]),
        "viewer_item_watches": np.array([entry["videos"].get(video.id, 0) for video in videos]),
        "viewer_topic_watches": watches[:, 0],
        "viewer_topic_long_watch_share": smoothed(watches[:, 1], watches[:, 0], LONG_SHARE),
        "viewer_topic_liked_share": smoothed(watches[:, 2], watches[:, 0], LIKED_SHARE),
    }
    return Visit(
        viewer_id=entry["id"],
        name=_same(entry["name"]),
        about=Phrase(**entry["about"]),
        videos=tuple(video for video, takes_part in zip(videos, offered.tolist(), strict=True) if takes_part),
        columns={name: values[offered].astype(np.float32) for name, values in columns.items()},
        viewer_columns={
            name: float("nan") if value is None else float(value) for name, value in entry["columns"].items()
        },
        seen=frozenset(entry["seen"]),
        muted=frozenset(video.id for video in videos if video.author_id in entry["muted_authors"]),
        served=dict(entry["served"]),
        sliders=dict(entry["sliders"]),
    )
