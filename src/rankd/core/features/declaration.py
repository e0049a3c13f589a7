"""A declaration: which features a model reads, what is counted for them, and how the counts become numbers.

Source: docs/spec/features.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from rankd.core.features.feature import Feature

VIEWER, ITEM, AUTHOR = "viewer", "item", "author"
PARTS = (VIEWER, ITEM, AUTHOR)
"""What an entity can consist of, beside columns of whole numbers that requests send."""

EVER_BUCKET_MS = 0


@dataclass(frozen=True, slots=True)
class Entity:
    """Something that events are counted about.

    Attributes:
        name: Its name in the declaration.
        parts: What identifies one, in the canonical order: the viewer, the item, the author, then columns by name.
    """

    name: str
    parts: tuple[str, ...]

    @property
    def is_personal(self) -> bool:
        """Whether each one belongs to one viewer."""
        return VIEWER in self.parts

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns among its parts."""
        return tuple(part for part in self.parts if part not in PARTS)


@dataclass(frozen=True, slots=True)
class Span:
    """The part of the past that counts.

    Attributes:
        bucket_ms: Width of a bucket of time; 0: everything ever is one bucket.
        bucket_count: How many buckets count, the one under way included; 1 where everything ever counts.
        half_life_ms: Time after which an event counts half, by the age of its bucket; 0: all count in full.
    """

    bucket_ms: int
    bucket_count: int
    half_life_ms: int = 0


EVER = Span(EVER_BUCKET_MS, 1)


@dataclass(frozen=True, slots=True)
class Prior:
    """What a share is taken to be before anything is known: `weight` imagined trials.

    Attributes:
        ppm: The share, parts per million; where `feature` is named, 0.
        feature: The feature whose value is the share; "": `ppm` is.
        weight: How many trials it stands for, at least 1.
    """

    ppm: int
    feature: str
    weight: int


@dataclass(frozen=True, slots=True)
class Count:
    """How many events of a kind an entity has had."""

    of: str
    event: str
    span: Span


@dataclass(frozen=True, slots=True)
class Rate:
    """The share of an entity's trials that were hits, smoothed, at most 1."""

    of: str
    hits: str
    trials: str
    span: Span
    prior: Prior


@dataclass(frozen=True, slots=True)
class Affinity:
    """The share of an entity's events that fell on a narrower one: of a viewer's likes, those for this author.

    Attributes:
        of: The narrower entity; it has all parts of `among`.
        among: The wider entity.
    """

    of: str
    among: str
    event: str
    span: Span
    prior: Prior


@dataclass(frozen=True, slots=True)
class Recency:
    """Hours since an entity's last event of a kind, by buckets; not known where it had none within the span."""

    of: str
    event: str
    span: Span


@dataclass(frozen=True, slots=True)
class Age:
    """Hours between a candidate's creation and the request; not known where the creation time is not."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """Which of a few words a candidate carries: the number of the first in the list, from 1; 0 where none.

    Attributes:
        field: "source" or "groups".
        words: The words, in the order of their numbers.
    """

    field: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """A number that the request sends; rankd only passes it on."""


Reading: TypeAlias = Count | Rate | Affinity | Recency | Age | OneOf | Sent
Counting: TypeAlias = Count | Rate | Affinity | Recency


@dataclass(frozen=True, slots=True)
class Declared:
    """A feature, and how its number comes about.

    Attributes:
        feature: What people and models read of it.
        reading: How it is read.
        is_for_everyone: Whether it counts negative kinds of all people together: only where the declaration says so.
    """

    feature: Feature
    reading: Reading
    is_for_everyone: bool = False


@dataclass(frozen=True, slots=True)
class Declaration:
    """A declaration. Nothing half valid exists: `core.features.reader` makes them.

    Attributes:
        entities: In the file's order.
        features: In column order. A prior names a feature further up.
        file_digest: SHA-256 of the file's bytes.
    """

    entities: tuple[Entity, ...]
    features: tuple[Declared, ...]
    file_digest: bytes

    @property
    def columns(self) -> tuple[Feature, ...]:
        """The features as a manifest lists them."""
        return tuple(declared.feature for declared in self.features)

    @property
    def kept(self) -> tuple[Declared, ...]:
        """The features that rankd works out itself."""
        return tuple(declared for declared in self.features if not isinstance(declared.reading, Sent))

    def counted(self, names: Iterable[str]) -> frozenset[str]:
        """Return the entities whose counts some features read, those that their priors read included."""
        by_name = {declared.feature.name: declared for declared in self.features}
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            reading = by_name[waiting.pop()].reading
            found.update(entities_of(reading))
            if isinstance(reading, Rate | Affinity) and reading.prior.feature:
                waiting.append(reading.prior.feature)
        return frozenset(found)

    @property
    def key_columns(self) -> tuple[str, ...]:
        """Columns that are parts of entities: events carry their numbers along."""
        return tuple(dict.fromkeys(column for entity in self.entities for column in entity.columns))


def entities_of(reading: Reading) -> tuple[str, ...]:
    """Return the names of the entities whose counts a feature reads."""
    if isinstance(reading, Affinity):
        return reading.of, reading.among
    return (reading.of,) if isinstance(reading, Count | Rate | Recency) else ()


def events_of(reading: Counting, entity: str) -> tuple[str, ...]:
    """Return the kinds of events of one of its entities that a feature reads."""
    if entity not in entities_of(reading):
        return ()
    return (reading.hits, reading.trials) if isinstance(reading, Rate) else (reading.event,)
