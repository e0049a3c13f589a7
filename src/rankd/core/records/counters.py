"""Counters: every worker numbers its decisions within an epoch, so that none can be left out unseen."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Counters: TypeAlias = npt.NDArray[np.int64]

PENDING_COUNT = 256
"""So many counters at the open end of an epoch may be under way, or be declared void by what follows."""


@dataclass(frozen=True, slots=True)
class CounterGap:
    """Counters `first` … `last` of one epoch that stand in no decision and that nothing declares void.

    `pending`: what this evidence does not hold may account for them: leaves before its range, or leaves to come.
    """

    epoch_digest: bytes
    worker: str
    first: int
    last: int
    pending: bool


@dataclass(frozen=True, slots=True)
class CounterClash:
    """A counter of one epoch that stands in two decisions, or in one and is declared void as well."""

    epoch_digest: bytes
    worker: str
    counter: int


@dataclass(frozen=True, slots=True)
class EpochCounters:
    """The counters of one epoch, as far as evidence holds them.

    Attributes:
        epoch_digest: Which epoch.
        worker: Whose.
        used: Counters of its decisions, int64, in any order.
        void: Counters declared void; one that is declared twice is void all the same.
        count: How many were drawn, where the epoch's reveal says so.
        from_begin: Whether the evidence holds the epoch from its beginning.
        to_end: Whether it holds it to its end.
    """

    epoch_digest: bytes
    worker: str
    used: Counters
    void: Counters
    count: int | None
    from_begin: bool
    to_end: bool

    def gaps(self) -> Iterator[CounterGap]:
        """Yield every stretch of counters that is not accounted for."""
        present = np.unique(np.concatenate((self.used, self.void)))
        lowest, highest = (int(present[0]), int(present[-1])) if len(present) else (0, -1)
        before = -1 if self.from_begin else lowest - 1
        after = highest + 1 if self.count is None or not self.to_end else max(highest + 1, self.count)
        edges = np.concatenate(([before], present, [after]))
        for at in np.flatnonzero(np.diff(edges) > 1).tolist():
            first, last = int(edges[at]) + 1, int(edges[at + 1]) - 1
            open_before = not self.from_begin and first < lowest + PENDING_COUNT
            open_after = not self.to_end and last >= highest - PENDING_COUNT
            yield CounterGap(self.epoch_digest, self.worker, first, last, open_before or open_after)

    def clashes(self) -> Iterator[CounterClash]:
        """Yield every counter that stands twice, in order."""
        values, times = np.unique(self.used, return_counts=True)
        twice = np.union1d(values[times > 1], np.intersect1d(values, self.void))
        for counter in twice.tolist():
            yield CounterClash(self.epoch_digest, self.worker, counter)

    def beyond(self) -> int:
        """Return how many decisions hold a counter that the reveal says was never drawn."""
        return 0 if self.count is None else int(np.count_nonzero(self.used >= self.count))
