"""Timeline: how often something happened in equal stretches of time, however long the whole turns out to be."""

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

DAY_MS = 86_400_000
MAX_STRETCHES = 40

_MINUTE_MS = 60_000
_MONDAY_MS = 4 * DAY_MS
"""1970-01-05: weeks begin on Mondays."""

WIDTHS_MS = (
    *(_MINUTE_MS * count for count in (1, 5, 15, 60, 180, 720)),
    *(DAY_MS * count for count in (1, 7, 28, 364, 3_640, 36_400, 364_000)),
)
"""Widths of a stretch; each is a multiple of the one before, so that stretches can be put together exactly."""

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Stretch(Generic[Key]):
    """One stretch of time.

    Attributes:
        begin_ms: Its first millisecond, POSIX, UTC.
        counts: How often each thing happened in it.
    """

    begin_ms: int
    counts: Counter[Key]


class Timeline(Generic[Key]):
    """Counts by stretch of time: at most `MAX_STRETCHES`, of the smallest width that this takes.

    The outcome does not depend on the order in which things are added.
    """

    def __init__(self) -> None:
        self._counts: dict[int, Counter[Key]] = {}
        self._step = 0
        self._low, self._high = 0, -1

    @property
    def width_ms(self) -> int:
        """How long each stretch is."""
        return WIDTHS_MS[self._step]

    def add(self, time_ms: int, key: Key, count: int = 1) -> None:
        """Count something that happened, from 0 to the year 9999."""
        at = self._at(time_ms)
        self._low, self._high = (min(self._low, at), max(self._high, at)) if self._counts else (at, at)
        self._counts.setdefault(at, Counter())[key] += count
        while self._high - self._low >= MAX_STRETCHES:
            self._widen()

    def stretches(self) -> tuple[Stretch[Key], ...]:
        """Return all stretches from the first to the last thing, those in which nothing happened too."""
        return tuple(
            Stretch(at * self.width_ms + _MONDAY_MS, self._counts.get(at, Counter()))
            for at in range(self._low, self._high + 1)
        )

    def place(self, time_ms: int) -> int:
        """Return in which of `stretches` a time lies that something was added at."""
        return self._at(time_ms) - self._low

    def _at(self, time_ms: int) -> int:
        return (time_ms - _MONDAY_MS) // self.width_ms

    def _widen(self) -> None:
        ratio = WIDTHS_MS[self._step + 1] // self.width_ms
        self._step += 1
        self._low, self._high = self._low // ratio, self._high // ratio
        wider: dict[int, Counter[Key]] = {}
        for at, counts in self._counts.items():
            wider.setdefault(at // ratio, Counter()).update(counts)
        self._counts = wider
