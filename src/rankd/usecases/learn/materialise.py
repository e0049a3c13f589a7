"""From a history to feature rows: what was known about a viewer and an item at a moment, and nothing later."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rankd.usecases.learn.counts import CountsBefore
from rankd.usecases.learn.definitions import (
    CLICK,
    FEATURES,
    LIKE,
    LIKED_SHARE,
    LONG_SHARE,
    LONG_VIEW,
    PROFILE_VISIT,
    Prior,
)
from rankd.usecases.learn.kuairand import OUTCOME_COLUMNS, Events, History

Int64s = npt.NDArray[np.int64]
Float32s = npt.NDArray[np.float32]
Float64s = npt.NDArray[np.float64]

FEEDBACK_DELAY_MS = 900_000
"""An impression counts from fifteen minutes after it was shown. By then people have watched and liked, and a service
in production has heard of it; without the delay the features would know more in training than they can when serving."""

_LONG_AGO_MS = 0
"""Time of what the lists hold: before every impression."""

_OUTCOME = {objective: at for at, (objective, _) in enumerate(OUTCOME_COLUMNS)}


@dataclass(frozen=True, slots=True)
class Moments:
    """Who looks at what, where and when.

    Attributes:
        viewers: int64, shape (q,), indexes into `History.viewers`.
        items: int64, shape (q,), indexes into `History.items`.
        scenes: int64, shape (q,).
        times_ms: int64, shape (q,), milliseconds since 1970.
    """

    viewers: Int64s
    items: Int64s
    scenes: Int64s
    times_ms: Int64s


def moments_of(events: Events) -> Moments:
    """Return the moments at which a history's impressions were shown."""
    return Moments(events.viewers, events.items, events.scenes, events.times_ms)


class Materialiser:
    """Reads features from a history at any moments.

    Training asks for the moments of the history's own impressions, assembled requests for others: one definition.
    Only impressions strictly earlier than `FEEDBACK_DELAY_MS` before a moment are seen, and the lists that end
    before the first day.

    Args:
        history: The history; it is indexed once, here.
    """

    def __init__(self, history: History) -> None:
        events, items = history.events, history.items
        self._history = history
        self._author_count = len(items.author_ids)
        # −1, no topic, is a topic of its own.
        self._topics = items.topics + 1
        self._topic_count = int(self._topics.max(initial=0)) + 1
        self._scene_count = int(events.scenes.max(initial=0)) + 1

        shown = np.column_stack([np.ones(len(events), dtype=np.int64), events.outcomes])
        times = events.times_ms
        self._shown_viewer = CountsBefore(events.viewers, times, shown)
        self._shown_item = CountsBefore(events.items, times, shown)
        self._shown_author = CountsBefore(items.authors[events.items], times, shown)
        scenes = events.viewers * self._scene_count + events.scenes
        self._shown_scene = CountsBefore(scenes, times, shown)

        viewers, watched_items, times, watched = _watches(history)
        self._watched_item = CountsBefore(watched_items, times, watched)
        self._watched_author = CountsBefore(items.authors[watched_items], times, watched)
        self._viewer_author = CountsBefore(self._author_key(viewers, watched_items), times, watched)
        self._viewer_item = CountsBefore(self._item_key(viewers, watched_items), times, watched)
        self._viewer_topic = CountsBefore(self._topic_key(viewers, watched_items), times, watched)
        self._listed = _listed_features(history)

    def features(self, moments: Moments) -> Float32s:
        """Return the feature matrix of some moments.

        Args:
            moments: q moments.

        Returns:
            float32, shape (q, features), C order, columns as in `definitions.FEATURES`, NaN where not known.
        """
        history, items = self._history, self._history.items
        viewers, videos = moments.viewers, moments.items
        until = moments.times_ms - FEEDBACK_DELAY_MS
        viewer = self._shown_viewer.read(viewers, until)
        item = self._shown_item.read(videos, until)
        author = self._shown_author.read(items.authors[videos], until)
        # A scene that nobody was shown anything in has no key, and must not borrow the next viewer's.
        scene_keys = np.where(moments.scenes < self._scene_count, viewers * self._scene_count + moments.scenes, -1)
        scene = self._shown_scene.read(scene_keys, until)
        watched_item = self._watched_item.read(videos, until)
        watched_author = self._watched_author.read(items.authors[videos], until)
        topic = self._viewer_topic.read(self._topic_key(viewers, videos), until)
        uploads = np.array(history.items.upload_types)
        columns: dict[str, npt.NDArray[np.generic]] = {
            "scene": moments.scenes,
            "viewer_impressions": viewer[:, 0],
            "viewer_click_rate": _rate(viewer, "click", CLICK),
            "viewer_long_view_rate": _rate(viewer, "long_view", LONG_VIEW),
            "viewer_like_rate": _rate(viewer, "like", LIKE),
            "viewer_profile_visit_rate": _rate(viewer, "profile_visit", PROFILE_VISIT),
            "viewer_scene_click_rate": _rate(scene, "click", CLICK),
            "duration_s": items.durations_s[videos],
            "from_web": (uploads == "Web")[videos],
            "from_long_import": (uploads == "LongImport")[videos],
            "item_impressions": item[:, 0],
            "item_click_rate": _rate(item, "click", CLICK),
            "item_long_view_rate": _rate(item, "long_view", LONG_VIEW),
            "item_profile_visit_rate": _rate(item, "profile_visit", PROFILE_VISIT),
            "item_long_watch_share": _smooth(watched_item[:, 1], watched_item[:, 0], LONG_SHARE),
            "item_liked_share": _smooth(watched_item[:, 2], watched_item[:, 0], LIKED_SHARE),
            "author_profile_visit_rate": _rate(author, "profile_visit", PROFILE_VISIT),
            "author_long_watch_share": _smooth(watched_author[:, 1], watched_author[:, 0], LONG_SHARE),
            "author_liked_share": _smooth(watched_author[:, 2], watched_author[:, 0], LIKED_SHARE),
            "viewer_author_watches": self._viewer_author.read(self._author_key(viewers, videos), until)[:, 0],
            "viewer_item_watches": self._viewer_item.read(self._item_key(viewers, videos), until)[:, 0],
            "viewer_topic_watches": topic[:, 0],
            "viewer_topic_long_watch_share": _smooth(topic[:, 1], topic[:, 0], LONG_SHARE),
            "viewer_topic_liked_share": _smooth(topic[:, 2], topic[:, 0], LIKED_SHARE),
        }
        columns |= {name: values[viewers] for name, values in self._listed.items()}
        matrix = np.empty((len(viewers), len(FEATURES)), dtype=np.float32)
        for at, feature in enumerate(FEATURES):
            matrix[:, at] = columns[feature.name]
        return matrix

    def _author_key(self, viewers: Int64s, items: Int64s) -> Int64s:
        return viewers * self._author_count + self._history.items.authors[items]

    def _item_key(self, viewers: Int64s, items: Int64s) -> Int64s:
        return viewers * len(self._history.items.ids) + items

    def _topic_key(self, viewers: Int64s, items: Int64s) -> Int64s:
        return viewers * self._topic_count + self._topics[items]


def _watches(history: History) -> tuple[Int64s, Int64s, Int64s, Int64s]:
    """Return everything watched, listed or logged: viewers, items, times, and (watched, at length, liked) of each."""
    events = history.events
    long_view = events.outcomes[:, _OUTCOME["long_view"]]
    like = events.outcomes[:, _OUTCOME["like"]]
    watch = events.outcomes[:, _OUTCOME["click"]] | long_view
    parts = [(events.viewers, events.items, events.times_ms, np.column_stack([watch, long_view, like]))]
    for kind, (viewers, items) in enumerate(history.viewers.listed):
        values = np.zeros((len(viewers), 3), dtype=np.int64)
        values[:, kind] = 1
        parts.append((viewers, items, np.full(len(viewers), _LONG_AGO_MS, dtype=np.int64), values))
    viewers, items, times, values = (np.concatenate(part) for part in zip(*parts, strict=True))
    return viewers, items, times, values


def _listed_features(history: History) -> dict[str, Float64s]:
    """Return what the lists alone say of each viewer, NaN for those without any."""
    people = history.viewers
    counts = [np.bincount(viewers, minlength=len(people.ids)) for viewers, _ in people.listed]
    watch_count, long_count, like_count = counts
    long_viewers, long_items = people.listed[1]
    durations = history.items.durations_s[long_items].astype(np.float64)
    timed = ~np.isnan(durations)
    seconds = np.bincount(long_viewers[timed], weights=durations[timed], minlength=len(people.ids))
    timed_count = np.bincount(long_viewers[timed], minlength=len(people.ids))
    mean_s = np.divide(seconds, timed_count, out=np.full(len(people.ids), np.nan), where=timed_count > 0)
    return {
        "viewer_watch_count": np.where(people.has_lists, people.watch_counts, np.nan),
        "viewer_long_watch_share": np.where(people.has_lists, _smooth(long_count, watch_count, LONG_SHARE), np.nan),
        "viewer_liked_share": np.where(people.has_lists, _smooth(like_count, watch_count, LIKED_SHARE), np.nan),
        "viewer_long_watch_duration_s": mean_s,
    }


def _rate(counts: Int64s, objective: str, prior: Prior) -> Float64s:
    return _smooth(counts[:, 1 + _OUTCOME[objective]], counts[:, 0], prior)


def _smooth(hits: Int64s, trials: Int64s, prior: Prior) -> Float64s:
    """Return (hits + weight × rate) ÷ (trials + weight), at most 1.

    Lists of fifty hold more likes than watches for some people, hence the bound.
    """
    return np.minimum((hits + prior.weight * prior.rate) / (trials + prior.weight), 1.0)
