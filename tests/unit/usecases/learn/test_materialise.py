from collections.abc import Callable

import numpy as np

from rankd.usecases.learn.definitions import FEATURES
from rankd.usecases.learn.kuairand import Events, History, Items, Viewers
from rankd.usecases.learn.materialise import FEEDBACK_DELAY_MS, Materialiser, Moments, moments_of

T0 = 1_650_900_000_000
AT = {feature.name: place for place, feature in enumerate(FEATURES)}


def _ints(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.int64)


def _tiny(outcomes: list[list[int]]) -> History:
    """Viewer 0 is shown items 0 and 1 (one author, two topics) at T0; viewer 1, without lists, is shown item 0."""
    events = Events(_ints(0, 0, 1), _ints(0, 1, 0), _ints(1, 1, 4), _ints(T0, T0, T0 + 10), np.array(outcomes))
    watched = (_ints(0, 0, 0), _ints(0, 1, 1))
    viewers = Viewers(
        ids=_ints(10, 11),
        has_lists=np.array([True, False]),
        watch_counts=_ints(70, 0),
        listed=(watched, (_ints(0), _ints(1)), (_ints(), _ints())),
    )
    items = Items(
        ids=_ints(20, 21),
        authors=_ints(0, 0),
        author_ids=_ints(30),
        durations_s=np.array([np.nan, 12.5], dtype=np.float32),
        topics=_ints(5, -1),
        upload_types=("Web", "LongImport"),
    )
    return History(events, viewers, items, 0, 0)


CLICKED = [[1, 1, 0, 0, 0, 0, 0, 0], [0] * 8, [1, 0, 1, 0, 0, 0, 1, 0]]


def _row(history: History, viewer: int, item: int, scene: int, time_ms: int) -> dict[str, float]:
    moment = Moments(_ints(viewer), _ints(item), _ints(scene), _ints(time_ms))
    return dict(zip(AT, Materialiser(history).features(moment)[0].tolist(), strict=True))


def test_every_number_of_a_small_history_is_the_one_worked_out_by_hand() -> None:
    row = _row(_tiny(CLICKED), 0, 1, 1, T0 + FEEDBACK_DELAY_MS + 100)
    wanted = {
        "scene": 1,
        "viewer_watch_count": 70,
        "viewer_long_watch_share": (1 + 5) / (3 + 10),
        "viewer_liked_share": 0.3 / 13,
        "viewer_long_watch_duration_s": 12.5,
        "viewer_impressions": 2,
        "viewer_click_rate": (1 + 4) / (2 + 10),
        "viewer_long_view_rate": (1 + 3) / (2 + 10),
        "viewer_like_rate": 0.4 / 22,
        "viewer_profile_visit_rate": 0.4 / 22,
        "viewer_scene_click_rate": 5 / 12,
        "duration_s": 12.5,
        "from_web": 0,
        "from_long_import": 1,
        "item_impressions": 1,
        "item_click_rate": 4 / 11,
        "item_long_view_rate": 3 / 11,
        "item_profile_visit_rate": 0.4 / 21,
        "item_long_watch_share": (1 + 5) / (2 + 10),
        "item_liked_share": 0.3 / 12,
        "author_profile_visit_rate": (1 + 0.4) / (3 + 20),
        "author_long_watch_share": (2 + 5) / (5 + 10),
        "author_liked_share": (1 + 0.3) / (5 + 10),
        "viewer_author_watches": 4,
        "viewer_item_watches": 2,
        "viewer_topic_watches": 2,
        "viewer_topic_long_watch_share": 6 / 12,
        "viewer_topic_liked_share": 0.3 / 12,
    }
    assert list(row) == list(wanted)
    assert row == {name: float(np.float32(value)) for name, value in wanted.items()}


def test_an_impression_counts_after_the_delay_and_not_before() -> None:
    history = _tiny(CLICKED)
    counts = [_row(history, 0, 0, 1, T0 + FEEDBACK_DELAY_MS + late)["viewer_impressions"] for late in (-1, 0, 1)]
    assert counts == [0, 0, 2]


def test_nobody_borrows_another_viewers_scene() -> None:
    history = _tiny(CLICKED)
    later = T0 + 2 * FEEDBACK_DELAY_MS
    # With five scenes known, scene 9 of viewer 0 must not be read as scene 4 of viewer 1.
    assert _row(history, 0, 0, 9, later)["viewer_scene_click_rate"] == float(np.float32(0.4))
    assert _row(history, 1, 0, 4, later)["viewer_scene_click_rate"] == float(np.float32(5 / 11))


def test_what_is_not_known_is_nan_and_only_in_nullable_features(history: History) -> None:
    matrix = Materialiser(history).features(moments_of(history.events))
    unknown = {feature.name for feature in FEATURES if np.isnan(matrix[:, AT[feature.name]]).any()}
    assert unknown == {feature.name for feature in FEATURES if feature.nullable}


def test_a_rows_own_outcome_changes_none_of_its_features(history: History, outcome: Callable[[str], int]) -> None:
    events = history.events
    flipped = events.outcomes.copy()
    flipped[-1] = 1 - flipped[-1]
    other = Events(events.viewers, events.items, events.scenes, events.times_ms, flipped)
    changed = History(other, history.viewers, history.items, 0, 0)
    before, after = (Materialiser(h).features(moments_of(h.events)) for h in (history, changed))
    assert np.array_equal(before, after, equal_nan=True)


def test_a_moment_reads_the_same_alone_and_among_others(history: History) -> None:
    everyone = moments_of(history.events)
    materialiser = Materialiser(history)
    matrix = materialiser.features(everyone)
    for at in (0, 2_999, 5_999):
        one = slice(at, at + 1)
        alone = Moments(everyone.viewers[one], everyone.items[one], everyone.scenes[one], everyone.times_ms[one])
        assert np.array_equal(materialiser.features(alone), matrix[one], equal_nan=True)
