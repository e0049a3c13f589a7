"""Erasing: which decisions of a journal the signed erasures in it reach, and whether age alone allowed it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from rankd.core.errors import RecordError
from rankd.core.records.erasure import Erasure
from rankd.core.records.fault import Fault
from rankd.core.records.leaf import PPM, Retention
from rankd.core.records.sample import kept_longer, kept_until_ms
from rankd.core.records.spans import Spans

NOT_ERASED = -1
SLACK_MS = 3_600_000
"""Clocks that are set, and decisions that take their time, put leaves out of order by less than this."""

_NEVER_MS = 2**53

Longs = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class ErasureEntry:
    """An erasure as the journal holds it.

    Attributes:
        index: Its leaf.
        time_ms: Time of that leaf.
        erasure: What was signed.
        signer: The public key that signed, in hexadecimal.
    """

    index: int
    time_ms: int
    erasure: Erasure
    signer: str


@dataclass(frozen=True, slots=True)
class Erased:
    """Decisions `first` … `last` that one erasure reached before any other did."""

    first: int
    last: int
    entry: ErasureEntry


class Promise(Protocol):
    """What an epoch says about keeping the bodies of its decisions."""

    worker: str
    time_ms: int | None
    retention: Retention | None
    secret: bytes | None


class Erasing:
    """The erasures that reach one range of a journal, in their order. Of two that name a leaf, the first one counts.

    Args:
        first: The first leaf of the range.
        end: The leaf after the last one.
    """

    def __init__(self, first: int, end: int) -> None:
        self._first, self._end = first, end
        self._spans = Spans()
        self._runs: list[list[tuple[int, int]]] = []
        self.entries: list[ErasureEntry] = []
        self.periods: set[int] = set()

    def add(self, entry: ErasureEntry) -> None:
        """Take down an erasure whose signature holds."""
        self.periods.update(entry.erasure.pseudonym_periods)
        fresh: list[tuple[int, int]] = []
        for first, last in entry.erasure.decisions:
            begin, end = max(first, self._first), min(last, self._end - 1)
            if begin <= end:
                fresh.extend(self._spans.add(begin, end))
        if fresh:
            self.entries.append(entry)
            self._runs.append(fresh)

    def erased_by(self) -> Numbers:
        """Return for each leaf of the range the number of its erasure in `entries`, or `NOT_ERASED`."""
        found = np.full(self._end - self._first, NOT_ERASED, dtype=np.int32)
        for number, runs in enumerate(self._runs):
            for first, last in runs:
                found[first - self._first : last + 1 - self._first] = number
        return found

    def runs(self, erased_by: Numbers) -> Iterator[Erased]:
        """Yield runs of neighbours that one erasure reached, in order.

        Args:
            erased_by: As `erased_by` returns it; leaves that are to be left out hold `NOT_ERASED`.
        """
        begins = np.flatnonzero(np.diff(np.concatenate(([NOT_ERASED], erased_by, [NOT_ERASED]))))
        for begin, end in zip(begins[:-1].tolist(), begins[1:].tolist(), strict=True):
            if erased_by[begin] != NOT_ERASED:
                yield Erased(self._first + begin, self._first + end - 1, self.entries[erased_by[begin]])

    def judge(
        self, epochs: Sequence[Promise], numbers: Numbers, counters: Longs, times_ms: Longs
    ) -> tuple[list[Fault], int]:
        """Say which erasures by age came too early for the promise that the decision's own epoch made.

        Args:
            epochs: Every epoch.
            numbers: For each leaf of the range its epoch's place in `epochs`; negative where it is no decision.
            counters: For each leaf its counter.
            times_ms: For each leaf its time; 0 where it is not known.

        A time is believed as far as its neighbours bear it out, give or take `SLACK_MS`: no decision is older than the
        announcement of its epoch, and no erasure is younger than any leaf behind it.

        Returns:
            The faults, and how many erased decisions nobody can judge: their epoch's promise, or the secret that tells
            whether they are in the sample, is not in the evidence.
        """
        faults: list[Fault] = []
        low, high = _bounds(epochs)
        begins_ms = np.array([(epoch.time_ms or 0) - SLACK_MS for epoch in epochs] + [0], dtype=np.int64)
        times_ms = np.where(numbers >= 0, np.maximum(times_ms, begins_ms[numbers]), times_ms)
        later_ms = np.where(times_ms > 0, times_ms, _NEVER_MS)
        later_ms = np.append(np.minimum.accumulate(later_ms[::-1])[::-1], _NEVER_MS)
        unjudged_count = 0
        for number, entry in enumerate(self.entries):
            if entry.erasure.reason_code != "RETENTION":
                continue
            places = np.concatenate([np.arange(first, last + 1) for first, last in self._runs[number]]) - self._first
            places = places[numbers[places] >= 0]
            behind = min(max(entry.index + 1 - self._first, 0), len(later_ms) - 1)
            time_ms = min(entry.time_ms, int(later_ms[behind]) + SLACK_MS)
            age_ms, least_ms, most_ms = time_ms - times_ms[places], low[numbers[places]], high[numbers[places]]
            early = {"ERASURE_EARLY": places[age_ms < least_ms].tolist(), "ERASURE_OF_SAMPLE": []}
            unjudged_count += int(np.count_nonzero(most_ms < 0))
            for place in places[(age_ms >= least_ms) & (age_ms < most_ms)].tolist():
                epoch = epochs[numbers[place]]
                if epoch.secret is None or epoch.retention is None:
                    unjudged_count += 1
                    continue
                kept = kept_longer(epoch.secret, epoch.worker, int(counters[place]), epoch.retention.sample_ppm)
                if time_ms < kept_until_ms(int(times_ms[place]), epoch.retention, kept):
                    early["ERASURE_OF_SAMPLE" if kept else "ERASURE_EARLY"].append(place)
            for reason, found in early.items():
                if found:
                    faults.append(Fault(RecordError(reason, erasure=entry.index), self._first + min(found), len(found)))
        return faults, unjudged_count


def _bounds(epochs: Sequence[Promise]) -> tuple[Longs, Longs]:
    """Return for each epoch the ages before which no body, and from which every body, may be erased; −1: unknown."""
    low, high = np.full(len(epochs), -1, dtype=np.int64), np.full(len(epochs), -1, dtype=np.int64)
    for at, epoch in enumerate(epochs):
        if epoch.retention is not None:
            ages = (kept_until_ms(0, epoch.retention, False), kept_until_ms(0, epoch.retention, True))
            possible = (
                ages[:1] if epoch.retention.sample_ppm == 0 else ages[1:] if epoch.retention.sample_ppm == PPM else ages
            )
            low[at], high[at] = min(possible), max(possible)
    return low, high
