"""Counters: every worker numbers its decisions within an epoch, so that none can be left out unseen."""

from array import array
from collections import defaultdict
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from rankd.core.records.decision import Decision

Run: TypeAlias = tuple[bytes, str]
"""(epoch digest, worker): one run of one worker."""

PENDING_COUNT = 256
"""So many of the last counters of a worker's last run may be under way, or be declared void by its next record."""


@dataclass(frozen=True, slots=True)
class CounterGap:
    """Counters `first` … `last` of one run that stand in no record and that no record declares void.

    `pending`: they are among the last of a worker's last run: being decided now, or interrupted with it.
    """

    epoch_digest: bytes
    worker: str
    first: int
    last: int
    pending: bool


@dataclass(frozen=True, slots=True)
class CounterClash:
    """A counter of one run that stands in two records, or in one and is declared void as well."""

    epoch_digest: bytes
    worker: str
    counter: int


class CounterBook:
    """The counters of all decisions that it was shown, in the order of their records."""

    def __init__(self) -> None:
        self._used: defaultdict[Run, array[int]] = defaultdict(lambda: array("Q"))
        self._void: defaultdict[Run, array[int]] = defaultdict(lambda: array("Q"))
        self._last_epoch: dict[str, bytes] = {}

    def note(self, decision: Decision) -> None:
        """Take down a decision's counter, and those that it declares void."""
        self._used[decision.epoch_digest, decision.worker].append(decision.counter)
        for epoch, counter in decision.voids:
            self._void[epoch, decision.worker].append(counter)
        self._last_epoch[decision.worker] = decision.epoch_digest

    def gaps(self) -> tuple[CounterGap, ...]:
        """Return every stretch of counters that is not accounted for, run by run."""
        found = []
        for run, counters in self._used.items():
            epoch, worker = run
            present = np.unique(np.array([*counters, *self._void.get(run, ())], dtype=np.uint64)).tolist()
            pending_from = max(counters) - PENDING_COUNT if self._last_epoch[worker] == epoch else max(counters)
            before = -1
            for counter in present:
                if counter > before + 1:
                    found.append(CounterGap(epoch, worker, before + 1, counter - 1, before + 1 >= pending_from))
                before = counter
        return tuple(found)

    def clashes(self) -> tuple[CounterClash, ...]:
        """Return every counter that stands twice."""
        found: list[CounterClash] = []
        for run, counters in self._used.items():
            values, times = np.unique(np.array(counters, dtype=np.uint64), return_counts=True)
            twice = set(values[times > 1].tolist()) | (set(values.tolist()) & set(self._void.get(run, ())))
            found.extend(CounterClash(*run, counter) for counter in sorted(twice))
        return tuple(found)
