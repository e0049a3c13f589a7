"""Which entity a row or an event is about, as small numbers: only entities that some row asks about have one."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from rankd.core.features.declaration import AUTHOR, ITEM, VIEWER, Entity
from rankd.usecases.learn.history import UNKNOWN, UNKNOWN_NUMBER, Events, Int64s, Rows, whole_numbers

_Bools: TypeAlias = npt.NDArray[np.bool_]

_SMALL = 1 << 22
"""A table with an entry for every possible key is worth it up to here, or up to a few times the number of rows."""

_MOST = 1 << 62
_SIEVE = 1 << 22


@dataclass(frozen=True, slots=True, eq=False)
class Keyed:
    """Entities of rows and events.

    Attributes:
        count: How many different entities the rows ask about.
        rows: int64, shape (n,), in [0, count]; count: the row's entity is not known.
        which: int64, shape (k,), increasing: the events about one of them.
        events: int64, shape (k,), in [0, count): whose each of these is.
    """

    count: int
    rows: Int64s
    which: Int64s
    events: Int64s


def key_entities(entity: Entity, rows: Rows, events: Events) -> Keyed:
    """Return the entities of one kind that rows ask about, and the events that are about them."""
    row_keys, event_keys = np.zeros(len(rows), dtype=np.int64), np.zeros(len(events), dtype=np.int64)
    known_rows: _Bools | None = None
    known_events: _Bools | None = None
    size = 1
    for part in entity.parts:
        of_rows, of_events, width, may_be_unknown = _numbers(part, rows, events)
        if may_be_unknown:
            known_rows = _both(known_rows, of_rows >= 0)
            known_events = _both(known_events, of_events >= 0)
            # What is not known keeps a place in the arithmetic and is left out at the end.
            of_rows, of_events = np.maximum(of_rows, 0), np.maximum(of_events, 0)
        if size > 1 and size * width >= _MOST:
            row_keys, event_keys, size = _compressed(row_keys, event_keys)
        row_keys = of_rows if size == 1 else row_keys * width + of_rows
        event_keys = of_events if size == 1 else event_keys * width + of_events
        size *= width
    # What is not known gets a key of its own, for which nobody asks.
    if known_rows is not None:
        row_keys = np.where(known_rows, row_keys, size)
    if known_events is not None:
        event_keys = np.where(known_events, event_keys, size)
    return _ranked(row_keys, event_keys, size)


def _both(first: _Bools | None, second: _Bools) -> _Bools:
    return second if first is None else first & second


def _numbers(part: str, rows: Rows, events: Events) -> tuple[Int64s, Int64s, int, bool]:
    """Return a part's numbers in rows and events, −1 where not known, their count, and whether some may be."""
    if part in (VIEWER, ITEM, AUTHOR):
        name = f"{part}s"
        of_rows, of_events = getattr(rows, name), getattr(events, name)
        width = int(max(of_rows.max(initial=0), of_events.max(initial=0))) + 1
        return of_rows, of_events, width, part == AUTHOR and bool(min(of_rows.min(), of_events.min(initial=0)) < 0)
    if part not in rows.columns or part not in events.columns:
        return np.full(len(rows), UNKNOWN), np.full(len(events), UNKNOWN), 1, True
    of_rows, of_events = whole_numbers(rows.columns[part]), events.columns[part]
    known = of_rows[of_rows != UNKNOWN_NUMBER]
    if not len(known):
        return np.full(len(rows), UNKNOWN), np.full(len(events), UNKNOWN), 1, True
    least, most = int(known.min()), int(known.max())
    if most - least < _SMALL:
        # Nobody asks about other numbers, so they are as good as not known.
        return _within(of_rows, least, most), _within(of_events, least, most), most - least + 1, True
    values = np.unique(known)
    return _places(values, of_rows), _places(values, of_events), len(values), True


def _within(values: Int64s, least: int, most: int) -> Int64s:
    return np.where((values >= least) & (values <= most), values - least, UNKNOWN)


def _places(values: Int64s, wanted: Int64s) -> Int64s:
    """Return where each wanted number stands among increasing values; −1 where it does not."""
    found = np.minimum(np.searchsorted(values, wanted), len(values) - 1)
    return np.where(values[found] == wanted, found, UNKNOWN)


def _compressed(row_keys: Int64s, event_keys: Int64s) -> tuple[Int64s, Int64s, int]:
    values, of_rows = np.unique(row_keys, return_inverse=True)
    of_events = _places(values, event_keys)
    # Events of keys that no row has get one of their own.
    return of_rows.astype(np.int64), np.where(of_events < 0, len(values), of_events), len(values) + 1


def _ranked(row_keys: Int64s, event_keys: Int64s, unknown: int) -> Keyed:
    """Number the keys that rows ask about, in their order."""
    if unknown <= max(_SMALL, 4 * len(row_keys)):
        is_asked = np.zeros(unknown + 1, dtype=np.bool_)
        is_asked[row_keys] = True
        is_asked[unknown] = False
        number = np.cumsum(is_asked, dtype=np.int32)
        count = int(number[-1])
        number = np.where(is_asked, number - 1, np.int32(UNKNOWN))
        of_rows, of_events = number[row_keys].astype(np.int64), number[event_keys]
        which = np.flatnonzero(of_events >= 0)
        return Keyed(count, np.where(of_rows < 0, count, of_rows), which, of_events[which].astype(np.int64))
    values, of_rows = np.unique(row_keys, return_inverse=True)
    if len(values) and values[-1] == unknown:
        values = values[:-1]
    sieve = np.zeros(_SIEVE, dtype=np.bool_)
    sieve[_sieved(values)] = True
    which = np.flatnonzero(sieve[_sieved(event_keys)])
    found = _places(values, event_keys[which]) if len(values) else np.full(len(which), UNKNOWN)
    kept = np.flatnonzero(found >= 0)
    # Unknown is more than any other key: the last number is its own.
    return Keyed(len(values), of_rows.astype(np.int64), which[kept], found[kept])


def _sieved(keys: Int64s) -> Int64s:
    # A multiplicative hash: neighbouring keys are many, and share no place.
    return (keys * 0x9E3779B97F4A7C1 >> 20) & (_SIEVE - 1)
