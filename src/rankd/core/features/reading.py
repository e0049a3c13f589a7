"""Reading: from counts to columns. The one function behind every feature, in training and in serving.

Every operation is one of IEEE 754's basic ones on binary64, in the order written here, and the result is rounded to
binary32 once: every machine gets the same bits.

Source: docs/spec/features.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from rankd.core.features.cells import Cells
from rankd.core.features.declaration import (
    Affinity,
    Age,
    Count,
    Declaration,
    Declared,
    OneOf,
    Prior,
    Rate,
    Recency,
    Sent,
)
from rankd.core.ranking.request import UNKNOWN_TIME_MS

Numbers: TypeAlias = npt.NDArray[np.float32]
_Wide: TypeAlias = npt.NDArray[np.float64]

_HOUR_MS = 3_600_000
_PPM = 1_000_000


@dataclass(frozen=True, slots=True)
class Given:
    """What a feature reads beside counts, for n candidates.

    Attributes:
        times_ms: int64, shape (n,) or (1,): the moments, milliseconds since 1970.
        create_times_ms: int64, shape (n,), or `UNKNOWN_TIME_MS`.
        sources: Each candidate's source, "" where none is named.
        groups: Each candidate's groups.
    """

    times_ms: npt.NDArray[np.int64]
    create_times_ms: npt.NDArray[np.int64]
    sources: Sequence[str]
    groups: Sequence[tuple[str, ...]]


def read_features(
    declaration: Declaration, cells: Cells, given: Given, names: Iterable[str] | None = None
) -> dict[str, Numbers]:
    """Return the columns that rankd works out itself.

    Args:
        declaration: What each is.
        cells: The counts of the entities that they read.
        given: What else they read.
        names: Which of the kept columns; None: all of them. What a prior names is read along.

    Returns:
        By name, in column order, float32, shape (n,), or (1,) where one number holds for all candidates; NaN only
        where the feature is nullable.
    """
    reader = _Reader(declaration, cells, given)
    wanted = {declared.feature.name for declared in declaration.kept}
    if names is not None:
        wanted &= set(names)
    return {
        declared.feature.name: reader.column(declared)
        for declared in declaration.kept
        if declared.feature.name in wanted
    }


class _Reader:
    def __init__(self, declaration: Declaration, cells: Cells, given: Given) -> None:
        self._by_name = {declared.feature.name: declared for declared in declaration.features}
        self._cells = cells
        self._given = given
        self._read: dict[str, Numbers] = {}

    def column(self, declared: Declared) -> Numbers:
        name = declared.feature.name
        if name not in self._read:
            self._read[name] = self._column(declared).astype(np.float32)
        return self._read[name]

    def _column(self, declared: Declared) -> _Wide:
        reading, cells = declared.reading, self._cells
        match reading:
            case Count():
                return cells.total(reading.of, reading.event, reading.span)
            case Rate():
                hits = cells.total(reading.of, reading.hits, reading.span)
                trials = cells.total(reading.of, reading.trials, reading.span)
                return self._smoothed(hits, trials, reading.prior)
            case Affinity():
                hits = cells.total(reading.of, reading.event, reading.span)
                trials = cells.total(reading.among, reading.event, reading.span)
                return self._smoothed(hits, trials, reading.prior)
            case Recency():
                ago = cells.newest(reading.of, reading.event, reading.span)
                hours = ago * (reading.span.bucket_ms // _HOUR_MS)
                return np.where(ago < 0, _unknown(declared), hours)
            case Age():
                created = self._given.create_times_ms
                hours = np.maximum(self._given.times_ms - created, 0) / _HOUR_MS
                return np.where(created == UNKNOWN_TIME_MS, _unknown(declared), hours)
            case OneOf():
                return self._one_of(reading)
            case Sent():
                raise ValueError(f"{declared.feature.name} is sent, not kept")

    def _smoothed(self, hits: _Wide, trials: _Wide, prior: Prior) -> _Wide:
        """Return (hits + weight × prior) ÷ (trials + weight), at most 1."""
        share: _Wide | float = prior.ppm / _PPM
        if prior.feature:
            share = self.column(self._by_name[prior.feature]).astype(np.float64)
        return np.minimum((hits + prior.weight * share) / (trials + prior.weight), 1.0)

    def _one_of(self, reading: OneOf) -> _Wide:
        number = {word: at for at, word in enumerate(reading.words, start=1)}
        if reading.field == "source":
            numbers = [number.get(source, 0) for source in self._given.sources]
        else:
            least = len(number) + 1
            firsts = [
                min((number.get(group, least) for group in groups), default=least) for groups in self._given.groups
            ]
            numbers = [0 if first == least else first for first in firsts]
        return np.array(numbers, dtype=np.float64)


def _unknown(declared: Declared) -> float:
    default = declared.feature.default
    return float("nan") if declared.feature.nullable or default is None else default


def defaults_of(features: Iterable[Declared]) -> Mapping[str, float]:
    """Return what stands for each kept feature while its counts cannot be read."""
    return {d.feature.name: float(d.feature.default or 0.0) for d in features if not isinstance(d.reading, Sent)}
