"""The layout: which counts a declaration keeps, under which keys, in which bytes. Stores know nothing else.

A *block* holds counts of one entity in buckets of one width. Its value is big-endian 32-bit counters:

| width | key | counters |
|---|---|---|
| ever | code ‖ parts | one for each kind of event, in the block's order |
| w ms, n buckets | code ‖ parts ‖ 00 ‖ chunk | for each of the n buckets of the chunk one for each kind |

A bucket's number is ⌊time ÷ w⌋, its chunk ⌊number ÷ n⌋, so the last n buckets lie in at most two chunks. Counters that
were never touched are not stored; a value that is too short goes on with zeros. Counts only ever grow, so the order in
which events arrive does not matter.

Source: docs/spec/features.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rankd.core.exact.canonical import MAX_SAFE_INTEGER, canonical_json, sha256
from rankd.core.features.cells import Cells, Counts
from rankd.core.features.declaration import (
    AUTHOR,
    EVER_BUCKET_MS,
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

SCHEMA = "rankd.layout/1"
COUNTER_BYTES = 4
MAX_COUNT = 2**32 - 1
_COUNTER = np.dtype(">u4")
_SEPARATOR = b"\x00"


class Increment(NamedTuple):
    """One counter that goes up by one.

    Attributes:
        key: The value that holds it.
        cell: Its number in the value; the counter's bytes begin at four times this.
        expire_ms: When nobody reads the value any more, milliseconds since 1970; 0: never.
    """

    key: bytes
    cell: int
    expire_ms: int


@dataclass(frozen=True, slots=True)
class Block:
    """Counts of one entity in buckets of one width.

    Attributes:
        code: First byte of its keys.
        entity: Whose counts.
        bucket_ms: Width of a bucket; 0: one bucket for everything ever.
        bucket_count: How many buckets are read, and lie in one chunk; 1 for everything ever.
        events: The kinds that are counted, in the canonical order.
    """

    code: bytes
    entity: Entity
    bucket_ms: int
    bucket_count: int
    events: tuple[str, ...]

    @property
    def counter_count(self) -> int:
        """Counters in one value, and in what is read for one entity."""
        return len(self.events) * self.bucket_count

    @property
    def value_bytes(self) -> int:
        """Most bytes of one value."""
        return COUNTER_BYTES * self.counter_count

    def increment(self, parts: bytes, event: str, time_ms: int) -> Increment:
        """Return the counter that an event raises."""
        kind = self.events.index(event)
        if self.bucket_ms == EVER_BUCKET_MS:
            return Increment(self.code + parts, kind, 0)
        suffix, place, expire_ms = _place(time_ms // self.bucket_ms, self.bucket_count, self.bucket_ms)
        return Increment(self.code + parts + suffix, place * len(self.events) + kind, expire_ms)

    def chunks(self, now_ms: int) -> tuple[int, ...]:
        """Return the chunks in which the buckets lie that are read at a time, the newest first; none for ever."""
        if self.bucket_ms == EVER_BUCKET_MS:
            return ()
        chunk, place = divmod(now_ms // self.bucket_ms, self.bucket_count)
        return (chunk,) if place == self.bucket_count - 1 else (chunk, chunk - 1)

    def keys(self, rows: Sequence[bytes], now_ms: int) -> list[bytes]:
        """Return the keys of some entities' values: all of the newest chunk, then all of the one before it."""
        code = self.code
        if self.bucket_ms == EVER_BUCKET_MS:
            return [code + row for row in rows]
        return [code + row + suffix for suffix in map(_suffix, self.chunks(now_ms)) for row in rows]

    def counts(self, values: Sequence[bytes | None], row_count: int, now_ms: int) -> Counts:
        """Return counts from values in the order of `keys`, and a row of zeros behind them.

        Returns:
            uint32, shape (rows + 1, kinds, buckets), the newest bucket first.
        """
        size, kinds = self.value_bytes, len(self.events)
        zeros = bytes(size)
        whole = [zeros if value is None else value[:size].ljust(size, b"\0") for value in values]
        # Where no entity is known there are no values, and the row of zeros is all there is.
        chunk_count = max(1, len(self.chunks(now_ms)))
        for chunk in range(chunk_count):
            whole.insert((chunk + 1) * row_count + chunk, zeros)
        counters = np.frombuffer(b"".join(whole), dtype=_COUNTER)
        counters = counters.reshape(chunk_count, row_count + 1, self.bucket_count, kinds)
        if self.bucket_ms == EVER_BUCKET_MS:
            ever: Counts = counters[0].transpose(0, 2, 1).astype(np.uint32)
            return ever
        place = now_ms // self.bucket_ms % self.bucket_count
        # Newest bucket of the newest chunk back to its first, then from the end of the chunk before.
        parts = [counters[0, :, place::-1]]
        if chunk_count > 1:
            parts.append(counters[1, :, :place:-1])
        laid: Counts = np.concatenate(parts, axis=1).transpose(0, 2, 1).astype(np.uint32)
        return laid


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
    ) -> "Wanted":
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
        spelt = {name: _whole_numbers(values) for name, values in columns.items()}
        rows: dict[str, Rows] = {}
        keys: list[bytes] = []
        for block in self.blocks:
            entity = block.entity
            if entities is not None and entity.name not in entities:
                continue
            if entity.name not in rows:
                rows[entity.name] = _rows(entity, viewer, spellings, spelt)
            keys += block.keys(rows[entity.name].keys, now_ms)
        return Wanted(self, now_ms, rows, keys)


@dataclass(frozen=True, slots=True)
class Rows:
    """The entities of one kind that a request asks about.

    Attributes:
        keys: The parts of each, once.
        index: int64, shape (n,) or (1,): for each candidate, or for all of them, which of these; −1: not known.
    """

    keys: list[bytes]
    index: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to read for one request, and how to read it.

    Attributes:
        layout: The layout.
        now_ms: The request's clock.
        rows: The entities, by name.
        keys: The keys of all values, to be read at one moment.
    """

    layout: Layout
    now_ms: int
    rows: Mapping[str, Rows]
    keys: list[bytes]

    def cells(self, values: Sequence[bytes | None]) -> Cells:
        """Return the counts.

        Args:
            values: What a store holds under `keys`, in their order; None: nothing.
        """
        counts: dict[tuple[str, int], tuple[tuple[str, ...], Counts]] = {}
        at = 0
        for block in self.layout.blocks:
            name = block.entity.name
            if name not in self.rows:
                continue
            row_count = len(self.rows[name].keys)
            length = row_count * max(1, len(block.chunks(self.now_ms)))
            # The row of zeros behind them is for what is not known: index −1 meets it.
            held = block.counts(values[at : at + length], row_count, self.now_ms)
            counts[name, block.bucket_ms] = (block.events, held)
            at += length
        return Cells({name: rows.index for name, rows in self.rows.items()}, counts)


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
    return prefix + _SEPARATOR.join(parts)


def _rows(
    entity: Entity,
    viewer: bytes,
    spellings: Mapping[str, list[bytes]],
    columns: Mapping[str, list[bytes]],
) -> Rows:
    prefix = viewer if entity.is_personal else b""
    varying = [part for part in entity.parts if part != VIEWER]
    if not varying:
        return Rows([prefix], np.zeros(1, dtype=np.int64))
    spelt = [spellings[part] if part in spellings else columns.get(part, [b""]) for part in varying]
    length = max(len(words) for words in spelt)
    joined = spelt[0]
    for words in spelt[1:]:
        joined = _pairs(joined, words)
    if len(joined) < length:
        joined = joined * length
    first = dict.fromkeys(joined, 0)
    first.pop(b"", None)
    keys = [prefix + words for words in first]
    if len(first) == length:
        return Rows(keys, np.arange(length))
    first.update(zip(first, range(len(first)), strict=True))
    first[b""] = -1
    return Rows(keys, np.array([first[words] for words in joined], dtype=np.int64))


def _pairs(left: list[bytes], right: list[bytes]) -> list[bytes]:
    """Return parts in pairs, nothing where one is not known; one that stands alone goes with all of the other side."""
    if len(right) == 1:
        right = right * len(left)
    elif len(left) == 1:
        left = left * len(right)
    return [one + _SEPARATOR + other if one and other else b"" for one, other in zip(left, right, strict=True)]


def _whole_numbers(values: npt.NDArray[np.float32]) -> list[bytes]:
    """Return numbers as digits; nothing for those that identify no entity."""
    numbers = values.tolist()
    # Few of them are different.
    spelt = {number: _digits(number) for number in set(numbers)}
    return [spelt[number] for number in numbers]


def _digits(number: float) -> bytes:
    whole = whole_number(number)
    return b"" if whole is None else b"%d" % whole


def whole_number(value: float) -> int | None:
    """Return the number by which a column identifies an entity, within ±(2⁵³ − 1).

    Returns:
        None where the column is not known, or holds no whole number, or one that a record of events cannot carry.
    """
    # Neither NaN nor an infinity is whole.
    return int(value) if value.is_integer() and abs(value) <= MAX_SAFE_INTEGER else None


@lru_cache(maxsize=4096)
def _place(bucket: int, bucket_count: int, bucket_ms: int) -> tuple[bytes, int, int]:
    """Return where a bucket's counters are: how the key ends, which bucket of the value, and until when it is read."""
    chunk, place = divmod(bucket, bucket_count)
    # The last bucket of the chunk is read for as long as a whole span after it.
    return _suffix(chunk), place, (chunk + 2) * bucket_count * bucket_ms


def _suffix(chunk: int) -> bytes:
    return b"\x00%d" % chunk
