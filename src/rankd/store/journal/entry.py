"""A write-ahead entry: one leaf with its body and what it erases, as the bytes of one frame.

| bytes | what |
|---|---|
| 4 | length of the leaf, little-endian like every number here |
| 4 | how many ranges of indexes are erased |
| 16 each | first and last index of a range |
| … | the leaf |
| 32 | the body's key |
| … | the body's record |

An entry without a body ends with its leaf.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from rankd.core.log.tree import leaf_hash

KEY_BYTES = 32
_COUNTS = struct.Struct("<II")
_RANGE = struct.Struct("<QQ")


@dataclass(frozen=True, slots=True)
class Entry:
    """What one commit holds.

    Attributes:
        leaf: What enters the tree.
        key: 32 bytes; None if there is no body.
        record: The body's content; empty if there is no body.
        erases: Ranges of indexes, first and last, whose keys go.
    """

    leaf: bytes
    key: bytes | None
    record: bytes
    erases: tuple[tuple[int, int], ...]

    @property
    def summary(self) -> "Summary":
        """What is kept in memory of it."""
        return Summary(leaf_hash(self.leaf), self.key is not None, self.erases)


@dataclass(frozen=True, slots=True)
class Summary:
    """What is kept in memory of an entry until it is published."""

    leaf_hash: bytes
    has_body: bool
    erases: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry on its way to the disk, with everything that can be computed before its turn to be written.

    Attributes:
        parts: The frame's content, in pieces.
        length: Their bytes together.
        digest: Their SHA-256.
        summary: What stays in memory.
    """

    parts: tuple[bytes, ...]
    length: int
    digest: bytes
    summary: Summary


def draft_entry(leaf: bytes, key: bytes | None, record: bytes, erases: Sequence[tuple[int, int]]) -> Draft:
    """Encode an entry and compute its digests.

    Raises:
        ValueError: The key is not 32 bytes, or there is a record without a key.
    """
    if (key is None and record) or (key is not None and len(key) != KEY_BYTES):
        raise ValueError(f"a body has a key of {KEY_BYTES} bytes")
    ranges = b"".join(_RANGE.pack(first, last) for first, last in erases)
    start = _COUNTS.pack(len(leaf), len(erases)) + ranges + leaf + (key or b"")
    digest = sha256(start)
    digest.update(record)
    summary = Summary(leaf_hash(leaf), key is not None, tuple(erases))
    return Draft((start, record), len(start) + len(record), digest.digest(), summary)


def decode_entry(data: bytes) -> Entry:
    """Read a frame's content back.

    Raises:
        ValueError: It is no entry.
    """
    if len(data) < _COUNTS.size:
        raise ValueError("no entry")
    leaf_length, range_count = _COUNTS.unpack_from(data)
    leaf_at = _COUNTS.size + range_count * _RANGE.size
    key_at = leaf_at + leaf_length
    record_at = key_at + KEY_BYTES
    if key_at > len(data) or key_at < len(data) < record_at:
        raise ValueError("no entry")
    erases = tuple((first, last) for first, last in _RANGE.iter_unpack(data[_COUNTS.size : leaf_at]))
    has_body = key_at < len(data)
    return Entry(data[leaf_at:key_at], data[key_at:record_at] if has_body else None, data[record_at:], erases)
