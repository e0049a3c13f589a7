"""Moments on the command line: what `--at` names. Only a development co-op takes one."""

import re
import time
from datetime import UTC, datetime

from rankd.core.errors import AssemblyError

_AFTER = re.compile(r"\+(\d{1,6})(ms|s|m|h|d)")
_UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def clock_ms() -> int:
    """Return the clock's time, milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def parse_moment(text: str, last_ms: int) -> int:
    """Return the milliseconds since 1970 that a text names.

    Args:
        text: `2026-03-01`, `2026-03-01T12:00Z`, or `+3d`, `+12h`, `+5m`, `+1s`, `+1ms`.
        last_ms: What `+…` counts from: the time of the last entry.

    Raises:
        AssemblyError: TIME_MALFORMED.
    """
    if (after := _AFTER.fullmatch(text)) is not None:
        return last_ms + int(after[1]) * _UNITS[after[2]]
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        found = (moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
    except ValueError:
        raise AssemblyError("TIME_MALFORMED", found=text[:80]) from None
    if found < 0:
        raise AssemblyError("TIME_MALFORMED", found=text[:80])
    return round(found * 1_000)
