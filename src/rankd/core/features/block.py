"""A block: counts of one entity in buckets of one width, packed into values that stores keep under keys.

A value is big-endian 32-bit counters:

| width | key | counters |
|---|---|---|
| ever | code ‖ parts | one for each kind of event, in the block's order |
| w ms, n buckets | code ‖ parts ‖ 00 ‖ chunk | for each of the n buckets of the chunk one for each kind |

A bucket's number is ⌊time ÷ w⌋, its chunk ⌊number ÷ n⌋, so the last n buckets lie in at most two chunks. Counters that
were never touched are not stored; a value that is too short goes on with zeros. Counts only ever grow, so the order in
which events arrive does not matter.

Source: docs/spec/features.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from rankd.core.features.cells import Counts
from rankd.core.features.declaration import EVER_BUCKET_MS, Entity

COUNTER_BYTES = 4
MAX_COUNT = 2**32 - 1
_COUNTER = np.dtype(">u4")


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


@lru_cache(maxsize=4096)
def _place(bucket: int, bucket_count: int, bucket_ms: int) -> tuple[bytes, int, int]:
    """Return where a bucket's counters are: how the key ends, which bucket of the value, and until when it is read."""
    chunk, place = divmod(bucket, bucket_count)
    # The last bucket of the chunk is read for as long as a whole span after it.
    return _suffix(chunk), place, (chunk + 2) * bucket_count * bucket_ms


def _suffix(chunk: int) -> bytes:
    return b"\x00%d" % chunk
