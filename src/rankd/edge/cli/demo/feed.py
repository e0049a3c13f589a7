"""Whom the demo ranks for, what is on offer, and what people did before: the committed feed, invented."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rankd.core.features.declaration import Declaration, Sent
from rankd.core.words.demo import SAY
from rankd.core.words.language import Phrase
from rankd.edge.cli.demo.failure import DemoError
from rankd.edge.cli.demo.tastes import Draw, Person, chosen, done

_MAIN_SCENE = 1
_VISIT_POSTS = 12
_EARLIER_HOURS = 14 * 24
_DURATION_BANDS_S = (7, 12, 18, 30, 45, 60, 90, 120, 180, 300)

Columns = Mapping[str, npt.NDArray[np.float32]]


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
        columns: float32, shape (videos,), by name: what the model wants sent, and nothing that rankd keeps itself.
        served: Posts already served, by author id.
        sliders: Percent, by objective.
    """

    viewer_id: str
    name: Phrase
    about: Phrase
    videos: tuple[Video, ...]
    columns: Columns
    seen: frozenset[str] = frozenset()
    muted: frozenset[str] = frozenset()
    served: Mapping[str, int] | None = None
    sliders: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Lived:
    """An earlier visit, and what the person then did: (video, kind of event), in order, for what is shown."""

    visit: Visit
    events: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """What the demo plays with.

    Attributes:
        notice: Where it comes from, said on the screen before anything else.
        past: What people did so far, in order.
        visits: At least one.
        dated: Whether creation times are known.
    """

    notice: Phrase
    past: tuple[Lived, ...]
    visits: tuple[Visit, ...]
    dated: bool


def by_id(visit: Visit) -> dict[str, Video]:
    """Return the videos on offer to a person by their id."""
    return {video.id: video for video in visit.videos}


def read_feed(path: Path, declaration: Declaration) -> Stage:
    """Return the invented co-op's feed.

    Args:
        path: The feed's JSON file.
        declaration: Of the model that ranks; it says which columns are sent.

    Raises:
        DemoError: It is not there, or is not what it should be.
    """
    try:
        feed = json.loads(path.read_bytes())
        offer = _Offer(feed, declaration)
        visits = tuple(_visit(entry, offer) for entry in feed["viewers"])
        past = tuple(lived for entry in (*feed["neighbours"], *feed["viewers"]) for lived in _past(entry, offer))
        notice = Phrase(**feed["notice"])
        coop = feed["coop"]
    except OSError as error:
        raise DemoError("feed_unreadable", file=path, detail=error.strerror or str(error)) from error
    except (ValueError, KeyError, TypeError) as error:
        raise DemoError("feed_unreadable", file=path, detail=repr(error)) from error
    counts = {"videos": len(feed["videos"]), "viewers": len(visits)}
    said = filled(SAY["feed_notice"], coop=coop, file=path.name, **counts)
    return Stage(Phrase(fr=f"{said.fr} {notice.fr}", en=f"{said.en} {notice.en}"), past, visits, dated=True)


def filled(phrase: Phrase, **params: Any) -> Phrase:
    """Return a sentence with what it names, in both languages."""
    return Phrase(fr=phrase.say("fr", **params), en=phrase.say("en", **params))


class _Offer:
    """What the feed says of its videos, and of the earlier ones: one for each, by the same author on the same topic."""

    def __init__(self, feed: Mapping[str, Any], declaration: Declaration) -> None:
        authors: Mapping[str, str] = feed["authors"]
        now = [(_video(entry, authors), entry) for entry in feed["videos"]]
        earlier = [(_earlier(video), entry) for video, entry in now]
        self.now, self.earlier = (tuple(video for video, _ in part) for part in (now, earlier))
        self._entries = {video.id: entry for video, entry in (*now, *earlier)}
        self._numbers: tuple[Mapping[str, int], Mapping[str, int]] = feed["topics"], feed["uploads"]
        self._sent = [entry.feature for entry in declaration.features if isinstance(entry.reading, Sent)]

    def draw(self, video: Video) -> Draw:
        """Return what a video is to people in general."""
        entry = self._entries[video.id]
        return Draw(entry["topic"], entry["author"], *entry["draw"])

    def columns(self, videos: Sequence[Video]) -> Columns:
        """Return the columns that the model wants sent."""
        topics, uploads = self._numbers
        entries = [self._entries[video.id] for video in videos]
        seconds = [entry["duration_s"] for entry in entries]
        known: dict[str, Sequence[int] | npt.NDArray[np.int64]] = {
            "scene": [_MAIN_SCENE] * len(entries),
            "topic": [topics[entry["topic"]] for entry in entries],
            "upload_type": [uploads[entry["upload"]] for entry in entries],
            "duration_s": seconds,
            "duration_band": np.digitize(seconds, _DURATION_BANDS_S) + 1,
        }
        unknown = np.full(len(entries), np.nan)
        return {
            feature.name: np.asarray(known.get(feature.name, unknown), dtype=np.float32)
            for feature in self._sent
            if feature.name in known or feature.default is None
        }


def _visit(entry: Mapping[str, Any], offer: _Offer) -> Visit:
    videos = _offered(entry, offer.now)
    return Visit(
        viewer_id=entry["id"],
        name=_same(entry["name"]),
        about=Phrase(**entry["about"]),
        videos=videos,
        columns=offer.columns(videos),
        seen=frozenset(entry["seen"]),
        muted=frozenset(video.id for video in videos if video.author_id in entry["muted_authors"]),
        served=dict(entry["served"]),
        sliders=dict(entry["sliders"]),
    )


def _past(entry: Mapping[str, Any], offer: _Offer) -> list[Lived]:
    """Return somebody's earlier visits: neighbours saw what is on offer now, the others what was on offer before."""
    person = Person(entry["id"], entry["tastes"])
    pool = _offered(entry, offer.earlier) if "offered" in entry else offer.now
    past = []
    for number in range(entry["visits"]):
        ids = chosen(person, number, [video.id for video in pool], _VISIT_POSTS)
        videos = tuple(video for video in pool if video.id in ids)
        events = [(video.id, kind) for video in videos for kind in done(person, number, video.id, offer.draw(video))]
        nobody = _same("")
        past.append(Lived(Visit(person.id, nobody, nobody, videos, offer.columns(videos)), tuple(events)))
    return past


def _offered(entry: Mapping[str, Any], videos: Sequence[Video]) -> tuple[Video, ...]:
    return tuple(video for video in videos if not set(entry["offered"]).isdisjoint(video.groups))


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


def _earlier(video: Video) -> Video:
    return replace(video, id=f"{video.id}-earlier", hours_ago=(video.hours_ago or 0) + _EARLIER_HOURS)
