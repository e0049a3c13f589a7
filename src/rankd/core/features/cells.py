"""Cells: the counts that features are read from, whoever gathered them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from rankd.core.exact.half_life import FACTOR_ONE, half_power
from rankd.core.features.declaration import Span

Counts: TypeAlias = npt.NDArray[np.int64] | npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Cells:
    """Counts of entities in buckets of time.

    Attributes:
        index: For each entity, int64, shape (n,) or (1,): the row of its counts that each of n moments, or all of them,
            read.
        counts: For each entity and width of buckets, the kinds of events and int64 or uint32, shape (rows, kinds,
            buckets): the newest bucket first, the one in which the moment lies.
    """

    index: Mapping[str, npt.NDArray[np.int64]]
    counts: Mapping[tuple[str, int], tuple[tuple[str, ...], Counts]]

    def total(self, entity: str, event: str, span: Span) -> npt.NDArray[np.float64]:
        """Return how many events count within a span, each by its weight.

        Returns:
            float64, shape (n,) or (1,): whole numbers, or multiples of 2⁻¹⁶ where events fade.
        """
        held = self._held(entity, event, span)
        if span.half_life_ms == 0:
            whole: npt.NDArray[np.float64] = held.sum(axis=1, dtype=np.int64)[self.index[entity]].astype(np.float64)
            return whole
        ages_ms = np.arange(span.bucket_count, dtype=np.int64) * span.bucket_ms
        weighed = (held * half_power(ages_ms, span.half_life_ms)).sum(axis=1)
        faded: npt.NDArray[np.float64] = weighed[self.index[entity]].astype(np.float64) / FACTOR_ONE
        return faded

    def newest(self, entity: str, event: str, span: Span) -> npt.NDArray[np.int64]:
        """Return how many buckets ago the last event lies, 0 in the bucket of the moment; −1 where there is none."""
        some = self._held(entity, event, span) > 0
        return np.where(some.any(axis=1), some.argmax(axis=1), -1)[self.index[entity]]

    def _held(self, entity: str, event: str, span: Span) -> Counts:
        events, counts = self.counts[entity, span.bucket_ms]
        return counts[:, events.index(event), : span.bucket_count]
