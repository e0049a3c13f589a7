"""A second implementation of features, for tests: dictionaries and Python numbers, one event and one row at a time.

It shares with the first one the declaration's dataclasses and the published table of powers, and nothing else.
"""

import struct
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rankd.core.exact.half_life import HALF_POWERS
from rankd.core.features.declaration import (
    Affinity,
    Age,
    Count,
    Declaration,
    Declared,
    Entity,
    OneOf,
    Prior,
    Rate,
    Recency,
    Sent,
    Span,
)

HOUR_MS = 3_600_000
NAN = float("nan")


@dataclass(frozen=True)
class Told:
    """An event, and from when on it is known."""

    kind: str
    viewer: str
    item: str
    author: str
    columns: Mapping[str, int]
    time_ms: int
    visible_at: int


@dataclass(frozen=True)
class Asked:
    """A row to read."""

    viewer: str
    item: str
    author: str
    columns: Mapping[str, float]
    time_ms: int
    at: int
    create_time_ms: int | None = None
    source: str = ""
    groups: tuple[str, ...] = ()


def columns_of(declaration: Declaration, told: Sequence[Told], asked: Asked) -> list[float]:
    """Return a row: what the declaration's features are for somebody who knows the events told before `asked.at`."""
    return _Row(declaration, [event for event in told if event.visible_at < asked.at], asked).columns()


class _Row:
    def __init__(self, declaration: Declaration, known: Sequence[Told], asked: Asked) -> None:
        self.declaration, self.known, self.asked = declaration, known, asked
        self.entities = {entity.name: entity for entity in declaration.entities}
        self.done: dict[str, float] = {}

    def columns(self) -> list[float]:
        for declared in self.declaration.features:
            self.done[declared.feature.name] = float32(self.column(declared))
        return list(self.done.values())

    def column(self, declared: Declared) -> float:
        reading, asked = declared.reading, self.asked
        unknown = NAN if declared.feature.nullable else declared.feature.default or 0.0
        if isinstance(reading, Sent):
            value = asked.columns.get(declared.feature.name, NAN)
            return unknown if value != value else value
        if isinstance(reading, Count):
            return self.total(reading.of, reading.event, reading.span)
        if isinstance(reading, Rate):
            hits = self.total(reading.of, reading.hits, reading.span)
            return self.share(hits, self.total(reading.of, reading.trials, reading.span), reading.prior)
        if isinstance(reading, Affinity):
            hits = self.total(reading.of, reading.event, reading.span)
            return self.share(hits, self.total(reading.among, reading.event, reading.span), reading.prior)
        if isinstance(reading, Recency):
            ages = self.ages(reading.of, reading.event, reading.span)
            return float(min(ages) * (reading.span.bucket_ms // HOUR_MS)) if ages else unknown
        if isinstance(reading, Age):
            if asked.create_time_ms is None:
                return unknown
            return max(asked.time_ms - asked.create_time_ms, 0) / HOUR_MS
        assert isinstance(reading, OneOf)
        carried = (asked.source,) if reading.field == "source" else asked.groups
        return float(min((at for at, word in enumerate(reading.words, 1) if word in carried), default=0))

    def share(self, hits: float, trials: float, prior: Prior) -> float:
        before = self.done[prior.feature] if prior.feature else prior.ppm / 1_000_000
        return min((hits + prior.weight * before) / (trials + prior.weight), 1.0)

    def total(self, name: str, kind: str, span: Span) -> float:
        ages = self.ages(name, kind, span)
        if not span.half_life_ms:
            return float(len(ages))
        buckets: dict[int, int] = defaultdict(int)
        for age in ages:
            buckets[age] += 1
        return sum(count * _power(age * span.bucket_ms, span.half_life_ms) for age, count in buckets.items()) / 65536

    def ages(self, name: str, kind: str, span: Span) -> list[int]:
        """Return how many buckets ago each event happened that counts."""
        mine = self.identity(self.entities[name], self.asked.viewer, self.asked.item, self.asked.author, self.asked)
        if mine is None:
            return []
        found = []
        for event in self.known:
            theirs = self.identity(self.entities[name], event.viewer, event.item, event.author, event)
            if event.kind != kind or theirs != mine:
                continue
            if not span.bucket_ms:
                found.append(0)
                continue
            age = self.asked.time_ms // span.bucket_ms - event.time_ms // span.bucket_ms
            if 0 <= age < span.bucket_count:
                found.append(age)
        return found

    def identity(
        self, entity: Entity, viewer: str, item: str, author: str, of: Told | Asked
    ) -> tuple[str | int, ...] | None:
        parts: list[str | int] = []
        for part in entity.parts:
            if part in ("viewer", "item", "author"):
                word = {"viewer": viewer, "item": item, "author": author}[part]
                if not word:
                    return None
                parts.append(word)
                continue
            number = of.columns.get(part, NAN)
            if number != number or number != int(number):
                return None
            parts.append(int(number))
        return tuple(parts)


def float32(value: float) -> float:
    """Return the nearest binary32."""
    return float(struct.unpack("<f", struct.pack("<f", value))[0])


def _power(age_ms: int, half_life_ms: int) -> int:
    halvings, rest = divmod(age_ms, half_life_ms)
    return HALF_POWERS[rest * 1024 // half_life_ms] >> min(halvings, 17)
