"""Stamping: the times that who keeps the minutes gives to entries, by a clock that may be wrong."""

from collections.abc import Callable

from rankd.core.assembly.fold import Assembly
from rankd.core.errors import AssemblyError

MAX_BACK_MS = 600_000
"""So far the clock may lie behind the last entry: then that entry's time counts on. Further, nothing is entered."""


class Stamps:
    """A clock for entries.

    Args:
        clock_ms: The clock, milliseconds since 1970.
        steady_s: Seconds that pass however that clock is set.
    """

    def __init__(self, clock_ms: Callable[[], int], steady_s: Callable[[], float]) -> None:
        self._clock_ms, self._steady_s = clock_ms, steady_s
        self._begin_ms, self._begin_s = clock_ms(), steady_s()

    def stamp(self, assembly: Assembly, last_ms: int, time_ms: int | None) -> int:
        """Return when an entry is entered now.

        Args:
            assembly: The assembly.
            last_ms: The last entry's time.
            time_ms: The time that is asked for; None: the clock's.

        Raises:
            AssemblyError: MINUTES_TIME_GIVEN: only a development co-op takes times; MINUTES_TIME_BACK,
                MINUTES_CLOCK_BACK, MINUTES_CLOCK_LEAPT.
        """
        if time_ms is not None:
            if not assembly.is_dev:
                raise AssemblyError("MINUTES_TIME_GIVEN", origin=assembly.origin)
            if time_ms < last_ms:
                raise AssemblyError("MINUTES_TIME_BACK", time_ms=time_ms, last_ms=last_ms)
            return time_ms
        now_ms = self._clock_ms()
        if not assembly.is_dev:
            if now_ms < last_ms - MAX_BACK_MS:
                raise AssemblyError("MINUTES_CLOCK_BACK", clock_ms=now_ms, last_ms=last_ms)
            leap_ms = self._leap_ms(now_ms)
            if leap_ms > MAX_BACK_MS:
                raise AssemblyError("MINUTES_CLOCK_LEAPT", minutes=leap_ms // 60_000)
        return max(now_ms, assembly.time_ms)

    def view_ms(self, assembly: Assembly) -> int:
        """Return up to when the record tells. A clock that leapt opens no ballots: they could not be closed again."""
        now_ms, time_ms = self._clock_ms(), assembly.time_ms
        if not assembly.is_dev and self._leap_ms(now_ms) > MAX_BACK_MS:
            return time_ms
        return max(now_ms, time_ms)

    def _leap_ms(self, now_ms: int) -> int:
        return now_ms - self._begin_ms - round(1_000 * (self._steady_s() - self._begin_s))
