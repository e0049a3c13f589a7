import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rankd.usecases.learn.kuairand import Events, History, Items, Viewers
from rankd.usecases.learn.materialise import FEEDBACK_DELAY_MS, Materialiser, moments_of

T0 = 1_650_900_000_000


def _history(random: np.random.Generator, rows: int) -> History:
    def ints(high: int, size: int) -> np.ndarray:
        return random.integers(0, high, size, dtype=np.int64)

    span = 8 * FEEDBACK_DELAY_MS
    # Coarse times on purpose: many impressions share a moment, and many lie exactly one delay apart.
    times = np.sort(T0 + ints(span, rows) // (FEEDBACK_DELAY_MS // 4) * (FEEDBACK_DELAY_MS // 4))
    events = Events(ints(5, rows), ints(4, rows), ints(3, rows), times, ints(2, rows * 8).reshape(rows, 8))
    viewers = Viewers(
        ids=np.arange(5),
        has_lists=random.random(5) < 0.7,
        watch_counts=ints(90, 5),
        listed=tuple((ints(5, size), ints(4, size)) for size in (12, 6, 2)),
    )
    durations = np.array([3.0, np.nan, 20.0, 7.5], dtype=np.float32)
    items = Items(np.arange(4), np.array([0, 1, 1, 0]), np.arange(2), durations, ints(3, 4) - 1, ("Web",) * 4)
    return History(events, viewers, items, 0, 0)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(1, 40), cut=st.integers(0, 39), drop=st.booleans())
def test_changing_or_removing_what_happens_at_or_after_a_moment_changes_no_feature_up_to_it(
    seed: int, rows: int, cut: int, drop: bool
) -> None:
    random = np.random.default_rng(seed)
    history = _history(random, rows)
    events = history.events
    moment = events.times_ms[min(cut, rows - 1)]
    future = events.times_ms >= moment
    if drop:
        # The rows at the moment itself stay as questions: only what is known of the future goes.
        kept = ~future
        changed = Events(*(getattr(events, name)[kept] for name in Events.__slots__))
    else:
        outcomes = np.where(future[:, None], random.integers(0, 2, events.outcomes.shape), events.outcomes)
        viewers = np.where(events.times_ms > moment, random.integers(0, 5, rows), events.viewers)
        changed = Events(viewers, events.items, events.scenes, events.times_ms, outcomes)
    asked = moments_of(events)
    until = events.times_ms <= moment
    before = Materialiser(history).features(asked)[until]
    after = Materialiser(History(changed, history.viewers, history.items, 0, 0)).features(asked)[until]
    assert np.array_equal(before, after, equal_nan=True)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(2, 40))
def test_changing_the_past_does_change_features(seed: int, rows: int) -> None:
    history = _history(np.random.default_rng(seed), rows)
    events = history.events
    outcomes = events.outcomes.copy()
    outcomes[0] = 1 - outcomes[0]
    changed = Events(events.viewers, events.items, events.scenes, events.times_ms, outcomes)
    asked = moments_of(events)
    known = (events.items == events.items[0]) & (events.times_ms > events.times_ms[0] + FEEDBACK_DELAY_MS)
    before = Materialiser(history).features(asked)
    after = Materialiser(History(changed, history.viewers, history.items, 0, 0)).features(asked)
    differs = ~np.all((before == after) | (np.isnan(before) & np.isnan(after)), axis=1)
    assert np.all(differs[known])
