from dataclasses import replace

import numpy as np
import pytest

from rankd.core.features.declaration import Declaration
from rankd.core.features.kinds import KINDS
from rankd.usecases.learn.history import Events, Float32s, History, Rows, whole_numbers
from rankd.usecases.learn.kuairand import FEEDBACK_DELAY_MS
from rankd.usecases.learn.materialise import materialise, sent_column
from rankd.usecases.learn.refusal import LearnError

T0 = 1_650_900_000_000
HOUR_MS = 3_600_000


def _ints(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.int64)


def _floats(*numbers: float) -> np.ndarray:
    return np.array(numbers, dtype=np.float32)


def _row(history: History, declaration: Declaration, time_ms: int, at: int) -> dict[str, float]:
    first = history.rows.take(slice(0, 1))
    asked = replace(first, times_ms=_ints(time_ms), at=_ints(at))
    names = [feature.name for feature in declaration.columns]
    return dict(zip(names, materialise(declaration, history, asked)[0].tolist(), strict=True))


@pytest.fixture
def tiny() -> History:
    """One person is shown item 0 twice and opens it once; an hour later somebody else likes another on its topic."""
    kinds = _ints(*(KINDS.index(kind) for kind in ("shown", "shown", "click", "shown", "like")))
    times = T0 + _ints(0, 0, 0, HOUR_MS, HOUR_MS)
    events = Events(
        kinds,
        _ints(0, 0, 0, 1, 1),
        _ints(0, 0, 0, 1, 1),
        _ints(0, 0, 0, 0, 0),
        times,
        times + FEEDBACK_DELAY_MS,
        {"topic": _ints(7, 7, 7, 7, 7)},
    )
    columns = {"scene": _floats(1), "topic": _floats(7), "duration_s": _floats(np.nan)}
    one = _ints(0)
    rows = Rows(
        one, one, one, _ints(T0), _ints(T0), one, one - 1, one - 1, columns, np.array([[1]], dtype=np.int8), ("click",)
    )
    return History(("p", "q"), ("a", "b"), ("x",), rows, events)


def test_every_number_of_a_small_history_is_the_one_worked_out_by_hand(tiny: History, declaration: Declaration) -> None:
    now = T0 + 5 * HOUR_MS
    wanted = {
        "scene": 1,
        "topic": 7,
        "item_shown": 2,
        "item_click_rate": (1 + 5 * 0.4) / (2 + 5),
        "viewer_click_rate": (1 + 5 * 0.4) / (2 + 5),
        "viewer_topic_like_rate": (0 + 20 * 0.02) / (2 + 20),
        "viewer_recency": now // HOUR_MS - T0 // HOUR_MS,
    }
    found = _row(tiny, declaration, now, now)
    assert np.isnan(found.pop("duration_s"))
    assert found == {name: float(np.float32(value)) for name, value in wanted.items()}


def test_an_event_counts_after_the_delay_and_not_before(tiny: History, declaration: Declaration) -> None:
    moments = [T0 + FEEDBACK_DELAY_MS + late for late in (-1, 0, 1)]
    assert [_row(tiny, declaration, moment, moment)["item_shown"] for moment in moments] == [0, 0, 2]


def test_what_is_not_known_is_nan_and_only_in_nullable_features(matrix: Float32s, declaration: Declaration) -> None:
    unknown = {feature.name for at, feature in enumerate(declaration.columns) if np.isnan(matrix[:, at]).any()}
    assert unknown == {"topic", "duration_s"}


def test_a_history_without_rows_or_events_is_read_too(tiny: History, declaration: Declaration) -> None:
    nothing = replace(tiny, events=tiny.events.take(slice(0, 0)))
    assert materialise(declaration, nothing)[0, 3] == 0
    assert materialise(declaration, tiny, tiny.rows.take(slice(0, 0))).shape == (0, 8)


def test_a_sent_column_that_is_missing_or_unknown_is_refused_by_name(tiny: History, declaration: Declaration) -> None:
    less = replace(tiny.rows, columns={name: tiny.rows.columns[name] for name in ("topic", "duration_s")})
    with pytest.raises(LearnError) as missing:
        sent_column(declaration, less, "scene")
    unknown = replace(tiny.rows, columns={**tiny.rows.columns, "scene": _floats(np.nan)})
    with pytest.raises(LearnError) as not_known:
        sent_column(declaration, unknown, "scene")
    assert (missing.value.reason, missing.value.metadata["column"]) == ("DATA_SENT_MISSING", "scene")
    assert (not_known.value.reason, not_known.value.metadata["row"]) == ("DATA_SENT_UNKNOWN", 1)


def test_only_whole_numbers_identify_anything() -> None:
    values = np.array([3.0, -0.0, 2.5, np.nan, np.inf, 1e30], dtype=np.float32)
    least = np.iinfo(np.int64).min
    assert whole_numbers(values).tolist() == [3, 0, least, least, least, least]


def test_progress_is_told_to_the_last_row(history: History, declaration: Declaration) -> None:
    told: list[tuple[int, int]] = []
    materialise(declaration, history, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (len(history.rows), len(history.rows))
