from datetime import UTC, datetime

import numpy as np
import pytest

from rankd.usecases.learn.days import Split, day_text, days_of, read_day, split_days
from rankd.usecases.learn.refusal import LearnError


def _ms(*moments: datetime) -> np.ndarray:
    return np.array([round(moment.timestamp() * 1000) for moment in moments], dtype=np.int64)


def test_a_day_begins_at_midnight_of_its_zone() -> None:
    times = np.array([1_650_815_999_999, 1_650_816_000_000], dtype=np.int64)
    assert [day_text(day) for day in days_of(times, "Asia/Shanghai").tolist()] == ["2022-04-24", "2022-04-25"]
    assert len(set(days_of(times, "UTC").tolist())) == 1


def test_days_follow_the_clocks_as_they_change() -> None:
    # In Paris clocks go forward on 27 March 2022: midnight is at 23:00 UTC the evening before, then at 22:00.
    times = _ms(
        datetime(2022, 3, 26, 22, 59, tzinfo=UTC),
        datetime(2022, 3, 26, 23, tzinfo=UTC),
        datetime(2022, 3, 27, 21, 59, tzinfo=UTC),
        datetime(2022, 3, 27, 22, tzinfo=UTC),
    )
    found = [day_text(day) for day in days_of(times, "Europe/Paris").tolist()]
    assert found == ["2022-03-26", "2022-03-27", "2022-03-27", "2022-03-28"]


def test_the_last_days_judge_those_before_calibrate_and_days_without_rows_do_not_count() -> None:
    split = split_days(np.array([5, 1, 2, 3, 4, 7, 9, 9]), 3, 2, "UTC")
    assert (split.first, split.calibration, split.judgement, split.last) == (1, (3, 4, 5), (7, 9), 5)


def test_days_of_judgement_may_calibrate_and_never_train() -> None:
    split = split_days(np.array([1, 2, 3, 4, 7, 9]), 3, 2, "UTC", tuned=True)
    assert (split.calibration, split.judgement, split.last, split.is_tuned) == ((2, 3, 4, 7, 9), (7, 9), 4, True)


def test_too_few_days_are_counted() -> None:
    with pytest.raises(LearnError) as caught:
        split_days(np.array([1, 2, 3]), 2, 1, "UTC")
    assert (caught.value.reason, caught.value.metadata["found"], caught.value.metadata["wanted"]) == (
        "DATA_DAYS_TOO_FEW",
        3,
        4,
    )


def test_a_zone_and_a_day_that_do_not_exist_are_named() -> None:
    with pytest.raises(LearnError) as zone:
        days_of(_ms(datetime(2022, 1, 1, tzinfo=UTC)), "Europe/Lutece")
    with pytest.raises(LearnError) as day:
        read_day("2022-02-30")
    assert (zone.value.reason, day.value.reason) == ("DATA_ZONE_UNKNOWN", "DATA_DAY_UNREADABLE")


@pytest.mark.parametrize(
    ("calibration", "judgement"),
    [
        ((3,), (8, 9)),
        ((4,), (4, 5)),
        ((4, 3), (8, 9)),
        ((3, 4), (9, 8)),
        ((0, 3), (8, 9)),
        ((8, 9), (8, 9)),
        ((3, 10), (8, 9)),
    ],
)
def test_a_split_that_would_judge_itself_is_refused(calibration: tuple[int, ...], judgement: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="judges last"):
        Split(0, calibration, judgement, "UTC")
