"""A history: what was shown to whom, what came of it, and from when on that is known.

A *row* is an impression to learn from, an *event* is something that counts. `at` and `visible_at` put both in order:
a row sees an event where event.visible_at < row.at. Of imported histories both are milliseconds. Of rankd's journals
`at` is how many entries of the events journal a decision's reads reflected, `visible_at` the number of the entry.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from rankd.core.features.kinds import KINDS, SHOWN

Int64s: TypeAlias = npt.NDArray[np.int64]
Int8s: TypeAlias = npt.NDArray[np.int8]
Float32s: TypeAlias = npt.NDArray[np.float32]

UNKNOWN = -1
"""An author or a place that is not known."""

UNKNOWN_NUMBER = np.iinfo(np.int64).min
"""A number of a column that is not known, or no whole number."""

MAX_NUMBER = 2**53 - 1
"""Beyond it no record holds a whole number."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Impressions, or moments that are read like them.

    Attributes:
        viewers: int64, shape (n,), indexes into `History.viewers`.
        items: int64, shape (n,), indexes into `History.items`.
        authors: int64, shape (n,), indexes into `History.authors`, or `UNKNOWN`.
        times_ms: int64, shape (n,), milliseconds since 1970.
        at: int64, shape (n,): the row sees events whose `visible_at` is smaller.
        slates: int64, shape (n,): rows of one number were, or are taken to have been, on offer together.
        places: int64, shape (n,), from 1, or `UNKNOWN`.
        create_times_ms: int64, shape (n,), or `UNKNOWN_TIME_MS`.
        columns: The sent columns by name, float32, shape (n,), NaN where not known.
        sources: Each row's source; empty: not known for any.
        groups: Each row's groups; empty: not known for any.
        outcomes: int8, shape (n, objectives), 0 or 1.
        objectives: The objectives of `outcomes`, in canonical order.
    """

    viewers: Int64s
    items: Int64s
    authors: Int64s
    times_ms: Int64s
    at: Int64s
    slates: Int64s
    places: Int64s
    create_times_ms: Int64s
    columns: Mapping[str, Float32s]
    outcomes: Int8s
    objectives: tuple[str, ...]
    sources: Sequence[str] = ()
    groups: Sequence[tuple[str, ...]] = ()

    def __len__(self) -> int:
        return len(self.times_ms)

    def take(self, which: npt.NDArray[np.bool_] | Int64s | slice) -> "Rows":
        """Return some of the rows."""
        numbers = np.arange(len(self))[which].tolist() if self.sources or self.groups else []
        arrays = ("viewers", "items", "authors", "times_ms", "at", "slates", "places", "create_times_ms", "outcomes")
        return replace(
            self,
            **{name: getattr(self, name)[which] for name in arrays},
            columns={name: values[which] for name, values in self.columns.items()},
            sources=tuple(self.sources[at] for at in numbers) if self.sources else (),
            groups=tuple(self.groups[at] for at in numbers) if self.groups else (),
        )

    def labels(self, objective: str) -> Int64s:
        """Return an objective's outcomes, int64, 0 or 1; KeyError where they are not known."""
        if objective not in self.objectives:
            raise KeyError(objective)
        return self.outcomes[:, self.objectives.index(objective)].astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """What counts.

    Attributes:
        kinds: int64, shape (m,), indexes into `KINDS`.
        viewers: int64, shape (m,).
        items: int64, shape (m,).
        authors: int64, shape (m,), or `UNKNOWN`.
        times_ms: int64, shape (m,): in whose bucket it counts.
        visible_at: int64, shape (m,): known to rows whose `at` is greater.
        columns: Numbers of columns that are parts of entities, int64, shape (m,), or `UNKNOWN_NUMBER`; a column that is
            left out is known for none.
    """

    kinds: Int64s
    viewers: Int64s
    items: Int64s
    authors: Int64s
    times_ms: Int64s
    visible_at: Int64s
    columns: Mapping[str, Int64s]

    def __len__(self) -> int:
        return len(self.times_ms)

    def take(self, which: npt.NDArray[np.bool_] | Int64s | slice) -> "Events":
        """Return some of the events."""
        names = ("kinds", "viewers", "items", "authors", "times_ms", "visible_at")
        columns = {name: values[which] for name, values in self.columns.items()}
        return Events(**{name: getattr(self, name)[which] for name in names}, columns=columns)


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Rows, events, and the names behind their numbers.

    Attributes:
        viewers: Ids of people.
        items: Ids of items.
        authors: Ids of authors.
        rows: In time order.
        events: In any order.
        facts: What a card says about the reading: what was left out and how often.
    """

    viewers: Sequence[str]
    items: Sequence[str]
    authors: Sequence[str]
    rows: Rows
    events: Events
    facts: Mapping[str, int] = field(default_factory=dict)


def whole_numbers(values: npt.NDArray[np.floating]) -> Int64s:
    """Return a column as entities are identified by it: whole numbers, or `UNKNOWN_NUMBER`."""
    with np.errstate(invalid="ignore"):
        whole = np.isfinite(values) & (np.abs(values) <= MAX_NUMBER)
        number = np.where(whole, values, 0).astype(np.int64)
    return np.where(whole & (number == values), number, UNKNOWN_NUMBER)


def events_of_rows(
    rows: Rows, delay_ms: int, key_columns: Sequence[str], times_ms: Mapping[str, Int64s] | None = None
) -> Events:
    """Return what happened in an imported history: every impression, and every outcome.

    Args:
        rows: The impressions; `times_ms` is when each was shown.
        delay_ms: How long after an event it is known.
        key_columns: Columns that are parts of entities.
        times_ms: When outcomes happened, by objective, shape (n,); one that is left out, with its impression.
    """
    numbers = {name: whole_numbers(rows.columns[name]) for name in key_columns if name in rows.columns}
    every = np.arange(len(rows), dtype=np.int64)
    parts = [(KINDS.index(SHOWN), every, rows.times_ms)]
    for at, objective in enumerate(rows.objectives):
        which = np.flatnonzero(rows.outcomes[:, at])
        when = rows.times_ms if times_ms is None else times_ms.get(objective, rows.times_ms)
        parts.append((KINDS.index(objective), which, when[which]))
    row = np.concatenate([which for _, which, _ in parts])
    times = np.concatenate([when for _, _, when in parts])
    return Events(
        kinds=np.repeat(
            np.array([kind for kind, _, _ in parts], dtype=np.int64), [len(which) for _, which, _ in parts]
        ),
        viewers=rows.viewers[row],
        items=rows.items[row],
        authors=rows.authors[row],
        times_ms=times,
        visible_at=times + delay_ms,
        columns={name: values[row] for name, values in numbers.items()},
    )


def joined(first: Events, second: Events) -> Events:
    """Return the events of both."""
    names = ("kinds", "viewers", "items", "authors", "times_ms", "visible_at")
    columns = {
        name: np.concatenate(
            [side.columns.get(name, np.full(len(side), UNKNOWN_NUMBER, dtype=np.int64)) for side in (first, second)]
        )
        for name in dict.fromkeys([*first.columns, *second.columns])
    }
    arrays = {name: np.concatenate([getattr(first, name), getattr(second, name)]) for name in names}
    return Events(**arrays, columns=columns)
