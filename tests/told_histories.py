"""Invented histories and declarations, drawn from a seed, in the shape that learning reads and in the reference's."""

import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rankd.core.features.declaration import (
    EVER,
    Affinity,
    Age,
    Count,
    Declaration,
    Declared,
    Entity,
    OneOf,
    Prior,
    Rate,
    Reading,
    Recency,
    Sent,
    Span,
    entities_of,
)
from rankd.core.features.feature import Feature
from rankd.core.features.kinds import KINDS
from rankd.core.ranking.request import UNKNOWN_TIME_MS
from rankd.core.words.language import Phrase
from rankd.usecases.learn.history import UNKNOWN_NUMBER, Events, History, Rows
from tests.reference.features import NAN, Asked, Told

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
START_MS = 1_700_000_000_000
VIEWERS, ITEMS, AUTHORS = 4, 5, 3
PARTS = ("viewer", "item", "author", "topic", "scene")
WORDS = ("near", "far")


def declaration_of(chance: random.Random) -> Declaration:
    """Return a declaration, of everything that one can hold."""
    sets = [parts for size in (1, 2, 3) for parts in _subsets(size)]
    entities = [Entity(f"e{at}", parts) for at, parts in enumerate(chance.sample(sets, chance.randint(1, 5)))]
    features = [
        Declared(_feature("topic", nullable=True), Sent()),
        Declared(_feature("scene", nullable=False), Sent()),
        Declared(_feature("length", nullable=True), Sent()),
    ]
    for at in range(chance.randint(1, 12)):
        shares = [entry.feature.name for entry in features if isinstance(entry.reading, Rate | Affinity)]
        reading = _reading(chance, entities, shares)
        features.append(Declared(_feature(f"f{at}", nullable=isinstance(reading, Recency) and at % 2 == 0), reading))
    used = {name for declared in features for name in entities_of(declared.reading)}
    return Declaration(tuple(entity for entity in entities if entity.name in used), tuple(features), bytes(32))


def _subsets(size: int) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = [()]
    for part in PARTS:
        found += [(*parts, part) for parts in found if len(parts) < size]
    return [parts for parts in found if len(parts) == size]


def _feature(name: str, *, nullable: bool) -> Feature:
    return Feature(name, Phrase(fr=name, en=name), "1", "0.5", nullable, profiling=False)


def _span(chance: random.Random) -> Span:
    bucket_ms = chance.choice([HOUR_MS, DAY_MS])
    half_life_ms = chance.choice([0, 0, bucket_ms, 5 * bucket_ms // 2])
    return chance.choice([EVER, Span(bucket_ms, chance.choice([1, 3, 24]), half_life_ms)])


def _reading(chance: random.Random, entities: Sequence[Entity], shares: Sequence[str]) -> Reading:
    of, kind, span = chance.choice(entities).name, chance.choice(KINDS[:4]), _span(chance)
    prior = Prior(chance.randrange(1_000_001), "", chance.randint(1, 20))
    if shares and chance.random() < 0.5:
        prior = Prior(0, chance.choice(shares), chance.randint(1, 20))
    among = chance.choice(entities).name
    readings: list[Reading] = [
        Count(of, kind, span),
        Rate(of, kind, "shown", span, prior),
        Affinity(of, among, kind, span, prior),
        Recency(of, kind, span if span != EVER else Span(HOUR_MS, 30)),
        Age(),
        OneOf(chance.choice(["source", "groups"]), WORDS),
    ]
    return chance.choice(readings)


def told_of(chance: random.Random, count: int) -> list[Told]:
    """Return events: some early, some late, some equal, and their news in any order."""
    told: list[Told] = []
    for _ in range(count):
        if told and chance.random() < 0.15:
            told.append(replace(chance.choice(told)))
            continue
        time_ms = chance.choice([0, START_MS + chance.randrange(-30, 12) * HOUR_MS + chance.randrange(3)])
        columns = {name: chance.randrange(3) for name in ("topic", "scene") if chance.random() < 0.8}
        author = chance.choice(["", "a0", "a1", "a2"])
        viewer, item = f"v{chance.randrange(VIEWERS)}", f"i{chance.randrange(ITEMS)}"
        visible_at = chance.choice([0, chance.randrange(40)])
        told.append(Told(chance.choice(KINDS[:5]), viewer, item, author, columns, time_ms, visible_at))
    return told


def asked_of(chance: random.Random, count: int) -> list[Asked]:
    """Return rows; some ask the same twice, as the candidates of one request do."""
    asked: list[Asked] = []
    for _ in range(count):
        if asked and chance.random() < 0.3:
            asked.append(replace(asked[-1], item=f"i{chance.randrange(ITEMS)}"))
            continue
        time_ms = START_MS + chance.randrange(-20, 15) * HOUR_MS + chance.randrange(3)
        columns = {"topic": chance.choice([NAN, 0.0, 1.0, 2.0, 0.5, 9.0]), "scene": float(chance.randrange(3))}
        asked.append(
            Asked(
                viewer=f"v{chance.randrange(VIEWERS)}",
                item=f"i{chance.randrange(ITEMS)}",
                author=chance.choice(["", "a0", "a1", "a2"]),
                columns=columns | {"length": chance.choice([NAN, 1.25])},
                time_ms=time_ms,
                at=chance.choice([0, 1, 20, chance.randrange(42)]),
                create_time_ms=chance.choice([None, time_ms - 90 * 60_000, time_ms + 5]),
                source=chance.choice(["", *WORDS]),
                groups=chance.choice([(), ("far", "near"), ("far",), ("other",)]),
            )
        )
    return asked


def history_of(told: Sequence[Told], asked: Sequence[Asked], scale: int = 1) -> History:
    """Return the same as learning reads it.

    Args:
        told: The events.
        asked: The rows.
        scale: What `at` and `visible_at` are multiplied with: moments far apart are kept in another way.
    """

    def numbers(words: Sequence[str], prefix: str) -> np.ndarray:
        return np.array([int(word.removeprefix(prefix)) if word else -1 for word in words], dtype=np.int64)

    def ints(values: Sequence[int]) -> np.ndarray:
        return np.array(values, dtype=np.int64)

    events = Events(
        kinds=ints([KINDS.index(event.kind) for event in told]),
        viewers=numbers([event.viewer for event in told], "v"),
        items=numbers([event.item for event in told], "i"),
        authors=numbers([event.author for event in told], "a"),
        times_ms=ints([event.time_ms for event in told]),
        visible_at=ints([event.visible_at for event in told]) * scale,
        columns={
            name: ints([event.columns.get(name, UNKNOWN_NUMBER) for event in told]) for name in ("topic", "scene")
        },
    )
    created = [UNKNOWN_TIME_MS if row.create_time_ms is None else row.create_time_ms for row in asked]
    rows = Rows(
        viewers=numbers([row.viewer for row in asked], "v"),
        items=numbers([row.item for row in asked], "i"),
        authors=numbers([row.author for row in asked], "a"),
        times_ms=ints([row.time_ms for row in asked]),
        at=ints([row.at for row in asked]) * scale,
        slates=ints(range(len(asked))),
        places=ints([-1] * len(asked)),
        create_times_ms=ints(created),
        columns={
            name: np.array([row.columns[name] for row in asked], dtype=np.float32)
            for name in ("topic", "scene", "length")
        },
        outcomes=np.zeros((len(asked), 1), dtype=np.int8),
        objectives=("click",),
        sources=tuple(row.source for row in asked),
        groups=tuple(row.groups for row in asked),
    )
    viewers, items, authors = (
        [f"{prefix}{at}" for at in range(count)] for prefix, count in (("v", VIEWERS), ("i", ITEMS), ("a", AUTHORS))
    )
    return History(viewers, items, authors, rows, events)
