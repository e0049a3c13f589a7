"""What is counted of one person: their own events, counted again as every model that ranked here declares it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rankd.core.features.block import COUNTER_BYTES, MAX_COUNT
from rankd.core.features.cells import Cells
from rankd.core.features.declaration import (
    AUTHOR,
    ITEM,
    VIEWER,
    Declaration,
    Declared,
    Entity,
    Sent,
    entities_of,
    events_of,
)
from rankd.core.features.feature import Feature
from rankd.core.features.happened import Happened
from rankd.core.features.layout import Layout, layout_of
from rankd.core.features.reading import Given, read_features
from rankd.core.ranking.request import UNKNOWN_TIME_MS


@dataclass(frozen=True, slots=True)
class Counted:
    """What one feature counts of a person now.

    Attributes:
        feature: The feature, as the model's card names it.
        about: What it is about beside the person: author, item, or columns by name, as text; empty: the person alone.
        counts: Events by kind, in the declared span; those that fade by their present weight.
        value: What the model reads; None where that also depends on what others did.
    """

    feature: Feature
    about: tuple[tuple[str, str], ...]
    counts: tuple[tuple[str, float], ...]
    value: float | None


def counted_of(declaration: Declaration, viewer: bytes, happened: Sequence[Happened], now_ms: int) -> Iterator[Counted]:
    """Yield what a model's features count of a person, leaving out what counts nothing.

    Args:
        declaration: What the model declares.
        viewer: The person, 16 bytes.
        happened: All of their events on the model's surface.
        now_ms: The time at which it is read, milliseconds since 1970.
    """
    if not happened:
        return
    entities = {entity.name: entity for entity in declaration.entities}
    personal = frozenset(name for name, entity in entities.items() if entity.is_personal)
    subjects = list(dict.fromkeys(_subject(one, declaration.key_columns) for one in happened))
    cells = _cells(layout_of(declaration), declaration.key_columns, viewer, happened, subjects, now_ms, personal)
    count = len(subjects)
    given = Given(np.array([now_ms]), np.full(count, UNKNOWN_TIME_MS, dtype=np.int64), ("",) * count, ((),) * count)
    own = [one.feature.name for one in declaration.kept if _is_own(declaration, one, personal)]
    values = read_features(declaration, cells, given, own)
    for declared in declaration.kept:
        named = [entities[name] for name in entities_of(declared.reading) if name in personal]
        if not named:
            continue
        numbers = values.get(declared.feature.name)
        # The narrower of two entities comes first, and has all parts of the other one.
        for at, about in _first_of_each(named[0], subjects, declaration.key_columns):
            counts = tuple(_counts(declared, named, cells, at))
            if any(number for _, number in counts):
                value = None if numbers is None else float(numbers[at if len(numbers) > 1 else 0])
                yield Counted(declared.feature, about, counts, None if value is None or np.isnan(value) else value)


_Subject = tuple[str, str, tuple[int | None, ...]]
"""An item, its author, and the numbers of the columns that are parts of entities."""


def _subject(happened: Happened, columns: Sequence[str]) -> _Subject:
    return happened.item, happened.author, tuple(happened.columns.get(name) for name in columns)


def _cells(
    layout: Layout,
    columns: Sequence[str],
    viewer: bytes,
    happened: Iterable[Happened],
    subjects: Sequence[_Subject],
    now_ms: int,
    entities: frozenset[str],
) -> Cells:
    """Return what a store that knows nobody else would hold."""
    values: dict[bytes, bytearray] = {}
    for one in happened:
        for increment in layout.increments(one):
            value, place = values.setdefault(increment.key, bytearray()), increment.cell * COUNTER_BYTES
            value.extend(bytes(max(0, place + COUNTER_BYTES - len(value))))
            number = min(int.from_bytes(value[place : place + COUNTER_BYTES], "big") + 1, MAX_COUNT)
            value[place : place + COUNTER_BYTES] = number.to_bytes(COUNTER_BYTES, "big")
    numbers = {
        name: np.array([np.nan if row[at] is None else row[at] for _, _, row in subjects], dtype=np.float32)
        for at, name in enumerate(columns)
    }
    items, authors = [item for item, _, _ in subjects], [author for _, author, _ in subjects]
    wanted = layout.wanted(viewer, items, authors, numbers, now_ms, entities)
    return wanted.cells([None if key not in values else bytes(values[key]) for key in wanted.keys])


def _is_own(declaration: Declaration, declared: Declared, personal: frozenset[str]) -> bool:
    """Tell whether a feature reads nothing but what is counted of one person."""
    read = declaration.counted([declared.feature.name])
    return bool(read) and read <= personal


def _first_of_each(
    entity: Entity, subjects: Sequence[_Subject], columns: Sequence[str]
) -> Iterator[tuple[int, tuple[tuple[str, str], ...]]]:
    """Yield where each of a person's entities of one kind first stands, and what it is about."""
    known = set()
    for at, (item, author, numbers) in enumerate(subjects):
        parts: Mapping[str, str | None] = {
            ITEM: item,
            AUTHOR: author or None,
            **{name: None if number is None else str(number) for name, number in zip(columns, numbers, strict=True)},
        }
        about = tuple((part, parts[part]) for part in entity.parts if part != VIEWER)
        spelt = tuple((part, text) for part, text in about if text is not None)
        if len(spelt) == len(about) and spelt not in known:
            known.add(spelt)
            yield at, spelt


def _counts(declared: Declared, entities: Sequence[Entity], cells: Cells, at: int) -> Iterator[tuple[str, float]]:
    reading = declared.reading
    if isinstance(reading, Sent):
        return
    for entity in entities:
        for kind in events_of(reading, entity.name):  # type: ignore[arg-type]  # what has entities counts
            total = cells.total(entity.name, kind, reading.span)  # type: ignore[union-attr]  # likewise
            name = kind if len(entities) == 1 else f"{kind}:{entity.name}"
            yield name, float(total[at if len(total) > 1 else 0])
