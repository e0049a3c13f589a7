"""The layout: which counts a declaration keeps, and which of them an event raises. Stores know nothing else.

Source: docs/spec/features.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rankd.core.exact.canonical import canonical_json, sha256
from rankd.core.features.block import Block, Increment
from rankd.core.features.declaration import (
    AUTHOR,
    ITEM,
    VIEWER,
    Declaration,
    Entity,
    Sent,
    entities_of,
    events_of,
)
from rankd.core.features.happened import Happened
from rankd.core.features.kinds import KINDS
from rankd.core.features.wanted import SEPARATOR, Rows, Wanted, rows_of, spell_numbers

SCHEMA = "rankd.layout/1"


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything that is counted for a declaration.

    Attributes:
        blocks: In the order of their codes.
        digest: SHA-256 of the layout's canonical form: stores of one layout can be read by every declaration with it.
    """

    blocks: tuple[Block, ...]
    digest: bytes

    def increments(self, happened: Happened) -> list[Increment]:
        """Return every counter that an event raises."""
        return self.increments_of((happened,))

    def increments_of(self, happenings: Iterable[Happened]) -> list[Increment]:
        """Return every counter that some events raise, event by event.

        Events about one candidate that follow each other cost less than others.
        """
        raised: list[Increment] = []
        known: dict[str, bytes | None] = {}
        before: Happened | None = None
        for happened in happenings:
            if before is None or not _same_entities(happened, before):
                known.clear()
            before = happened
            for block in self.blocks:
                if happened.kind not in block.events:
                    continue
                name = block.entity.name
                if name not in known:
                    known[name] = _parts_of(block.entity, happened)
                if (parts := known[name]) is not None:
                    raised.append(block.increment(parts, happened.kind, happened.time_ms))
        return raised

    def wanted(
        self,
        viewer: bytes,
        items: Sequence[str],
        authors: Sequence[str],
        columns: Mapping[str, npt.NDArray[np.float32]],
        now_ms: int,
        entities: frozenset[str] | None = None,
    ) -> Wanted:
        """Return what to read for one request.

        Args:
            viewer: The viewer, sixteen bytes.
            items: n candidates.
            authors: Their authors, "" where not known.
            columns: The columns that are parts of entities; float32, shape (n,) or (1,); one that is left out is known
                for nobody.
            now_ms: The request's clock, milliseconds since 1970.
            entities: The entities to read; None: all.
        """
        spellings: dict[str, list[bytes]] = {
            ITEM: [item.encode() for item in items],
            AUTHOR: [author.encode() for author in authors],
        }
        spelt = {name: spell_numbers(values) for name, values in columns.items()}
        rows: dict[str, Rows] = {}
        keys: list[bytes] = []
        for block in self.blocks:
            entity = block.entity
            if entities is not None and entity.name not in entities:
                continue
            if entity.name not in rows:
                rows[entity.name] = rows_of(entity, viewer, spellings, spelt)
            keys += block.keys(rows[entity.name].keys, now_ms)
        return Wanted(self.blocks, now_ms, rows, keys)


def layout_of(declaration: Declaration) -> Layout:
    """Return the counts that a declaration's features read, and nothing more."""
    blocks: list[Block] = []
    for entity in declaration.entities:
        widths: dict[int, tuple[int, set[str]]] = {}
        for declared in declaration.features:
            reading = declared.reading
            if entity.name not in entities_of(reading):
                continue
            assert not isinstance(reading, Sent)  # noqa: S101  # narrows the type; a sent column has no entities
            span = reading.span  # type: ignore[union-attr]  # what has entities has a span
            most, events = widths.setdefault(span.bucket_ms, (0, set()))
            events.update(events_of(reading, entity.name))  # type: ignore[arg-type]
            widths[span.bucket_ms] = (max(most, span.bucket_count), events)
        for bucket_ms in sorted(widths):
            most, events = widths[bucket_ms]
            ordered = tuple(kind for kind in KINDS if kind in events)
            blocks.append(Block(bytes([len(blocks) + 1]), entity, bucket_ms, most, ordered))
    return Layout(tuple(blocks), sha256(canonical_json(_form(blocks))))


def _form(blocks: Sequence[Block]) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "blocks": [
            {
                "parts": list(block.entity.parts),
                "bucket_ms": block.bucket_ms,
                "bucket_count": block.bucket_count,
                "events": list(block.events),
            }
            for block in blocks
        ],
    }


def _same_entities(one: Happened, other: Happened) -> bool:
    """Whether two events are about the same entities, whatever happened and when."""
    return (
        one.item == other.item
        and one.viewer == other.viewer
        and one.author == other.author
        and one.columns == other.columns
    )


def _parts_of(entity: Entity, happened: Happened) -> bytes | None:
    """Return what identifies the entity that an event is about; None where a part of it is not known."""
    prefix, parts = b"", []
    for part in entity.parts:
        if part == VIEWER:
            prefix = happened.viewer
        elif part == ITEM:
            parts.append(happened.item.encode())
        elif part == AUTHOR:
            if not happened.author:
                return None
            parts.append(happened.author.encode())
        elif part in happened.columns:
            parts.append(b"%d" % happened.columns[part])
        else:
            return None
    return prefix + SEPARATOR.join(parts)
