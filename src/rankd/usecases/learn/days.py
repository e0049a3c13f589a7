"""Days: which of them train, calibrate and judge."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from rankd.usecases.learn.history import Int64s
from rankd.usecases.learn.refusal import LearnError

_EPOCH = date(1970, 1, 1).toordinal()
_BLOCK_MS = 900_000
"""Zones change their clocks, and are apart, by whole quarters of an hour since 1972."""


@dataclass(frozen=True, slots=True)
class Split:
    """Which days do what, in days since 1970 of a time zone.

    Attributes:
        first: First day of training.
        calibration: The rolling days, at least two, so that each can be judged by a table fitted on others: for each, a
            head is trained on the days before it and predicts it.
        judgement: First and last day of judgement. No head that is judged was trained on them.
        zone: The time zone of the days.

    Raises:
        ValueError: Fewer than two rolling days, or days out of order.
    """

    first: int
    calibration: tuple[int, ...]
    judgement: tuple[int, int]
    zone: str

    def __post_init__(self) -> None:
        days = [self.first, *self.calibration]
        begin, end = self.judgement
        before = [day for day in self.calibration if day < begin]
        if len(days) < 3 or sorted(set(days)) != days or not before or begin > end or days[-1] > end:
            raise ValueError("a split trains before it calibrates, on two days or more, and judges last")

    @property
    def last(self) -> int:
        """Last day that the final heads are trained on."""
        return max(day for day in self.calibration if day < self.judgement[0])

    @property
    def is_tuned(self) -> bool:
        """Whether tables are fitted on days of judgement, too, whose calibration then says nothing about other days."""
        return self.calibration[-1] >= self.judgement[0]


def day_text(day: int) -> str:
    """Return a day since 1970 as YYYY-MM-DD."""
    return date.fromordinal(_EPOCH + day).isoformat()


def read_day(text: str) -> int:
    """Return the day since 1970 that YYYY-MM-DD names.

    Raises:
        LearnError: DATA_DAY_UNREADABLE.
    """
    try:
        return date.fromisoformat(text).toordinal() - _EPOCH
    except ValueError as error:
        raise LearnError("DATA_DAY_UNREADABLE", found=text) from error


def read_zone(name: str) -> ZoneInfo:
    """Return a time zone.

    Raises:
        LearnError: DATA_ZONE_UNKNOWN.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise LearnError("DATA_ZONE_UNKNOWN", found=name) from error


def days_of(times_ms: Int64s, zone: str) -> Int64s:
    """Return the day of each time, in days since 1970 of a time zone.

    Raises:
        LearnError: DATA_ZONE_UNKNOWN.
    """
    place = read_zone(zone)
    blocks, where = np.unique(times_ms // _BLOCK_MS, return_inverse=True)
    start = datetime(1970, 1, 1, tzinfo=UTC)
    days = [
        (start + timedelta(milliseconds=block * _BLOCK_MS)).astimezone(place).date().toordinal() - _EPOCH
        for block in blocks.tolist()
    ]
    return np.array(days, dtype=np.int64)[where]


def split_days(days: Int64s, calibrate: int, judge: int, zone: str, *, tuned: bool = False) -> Split:
    """Return the split in which the last days judge, those before them calibrate, and all up to them train.

    Args:
        days: Every row's day; days without a row are left out of the count.
        calibrate: How many days calibrate, at least two.
        judge: How many days judge, at least one.
        zone: The time zone of the days.
        tuned: Whether the days of judgement calibrate, too, each predicted by heads trained on the days before it.

    Raises:
        LearnError: DATA_DAYS_TOO_FEW.
    """
    known = np.unique(days).tolist()
    wanted = calibrate + judge + 1
    if len(known) < wanted:
        raise LearnError("DATA_DAYS_TOO_FEW", found=len(known), wanted=wanted)
    rolling = tuple(known[len(known) - judge - calibrate : None if tuned else len(known) - judge])
    return Split(known[0], rolling, (known[-judge], known[-1]), zone)
