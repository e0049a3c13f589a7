"""Frames: how records stand one behind the other in a file, and what is an unfinished end and what is damage.

The file is a header of its own, then frames without gaps. A frame is a head of 52 bytes and its record; numbers are
little-endian:

| bytes | what |
|---|---|
| 4 | `MAGIC` |
| 8 | index of the record |
| 4 | length of the record in bytes |
| 32 | SHA-256 of the record |
| 4 | CRC-32 of the 48 bytes before |

**The rule of the end.** The last bytes of a file are *torn* where they are the beginning of a frame and nothing
else: a head that is cut off and agrees with `MAGIC` and the next index as far as it goes, or a whole head with a good
CRC and the next index, followed by fewer bytes than it announces. That is what a killed process or a full disk leaves
of a record that nobody was answered about. Everything else that is not a good frame is *damage*: because the head has a
check of its own, a bit that flips in the length of the last frame is damage and never passes for a torn end.

Two things look torn and are not: a file that somebody cut inside its last frame, and a bit that flips in a torn end.
Neither can be told from the file alone. A power failure on a file system that lengthens a file before its content
arrives can leave zeros, or a complete frame with a wrong digest: that is damage, since an acknowledged record that was
lost looks the same.
"""

import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from rankd.core.errors import RecordError
from rankd.core.exact.canonical import sha256
from rankd.core.records.body import MAX_RECORD_BYTES

MAGIC = b"\xf5RKD"
"""Begins with a byte that no UTF-8 text holds."""

MAX_FRAME_BYTES = MAX_RECORD_BYTES + (1 << 20)
"""The longest content of a frame: a record with what a journal writes beside it, or sealed."""

_HEAD = struct.Struct("<4sQI32s")
_CHECK = struct.Struct("<I")
HEAD_BYTES = _HEAD.size + _CHECK.size
_SEARCH_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Frame:
    """A good frame."""

    index: int
    offset: int
    record: bytes


@dataclass(frozen=True, slots=True)
class Torn:
    """An unfinished end of `size` bytes, where the frame `index` was begun."""

    index: int
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes at `offset` that are not what was written there.

    `index` is the record that should stand there; −1 for the file's own header.
    """

    index: int
    offset: int
    error: RecordError


def frame_head(index: int, length: int, digest: bytes) -> bytes:
    """Return the head of a frame, 52 bytes; its record follows."""
    head = _HEAD.pack(MAGIC, index, length, digest)
    return head + _CHECK.pack(zlib.crc32(head))


def read_frame(descriptor: int, index: int, offset: int, name: str) -> bytes:
    """Return the record of one frame whose place is known.

    Raises:
        RecordError: RECORD_DAMAGED: it is not there any more as it was written.
        OSError: The disk refuses.
    """
    head = _read_head(os.pread(descriptor, HEAD_BYTES, offset))
    if head is not None and head[0] == index:
        record = os.pread(descriptor, head[1], offset + HEAD_BYTES)
        if len(record) == head[1] and sha256(record) == head[2]:
            return record
    raise RecordError("RECORD_DAMAGED", file=name, offset=offset, index=index)


def walk(descriptor: int, name: str, first: int, file_header: bytes) -> Iterator[Frame | Torn | Damage]:
    """Yield everything that a file of frames holds, from its beginning to the end that it has now.

    After damage the walk goes on with the next frame that can be recognised.

    Args:
        descriptor: The open file; its position is neither used nor moved.
        name: What to call the file in errors.
        first: The index of the file's first frame.
        file_header: What the file begins with.

    Raises:
        OSError: The disk refuses.
    """
    size = os.fstat(descriptor).st_size
    header = os.pread(descriptor, len(file_header), 0)
    if header != file_header:
        if file_header.startswith(header):
            yield Torn(first, 0, len(header))
            return
        yield Damage(-1, 0, RecordError("RECORDS_HEADER", file=name, wanted=file_header.decode().strip()))
    at, expected = len(file_header), first
    while at < size:
        raw = os.pread(descriptor, HEAD_BYTES, at)
        if len(raw) < HEAD_BYTES and _begins_head(raw, expected):
            yield Torn(expected, at, len(raw))
            return
        head = _read_head(raw)
        if head is None:
            found = _find_head(descriptor, at, size, expected)
            for lost in range(expected, expected + 1 if found is None else found[1]):
                yield Damage(lost, at, RecordError("RECORD_DAMAGED", file=name, offset=at, index=lost))
            if found is None:
                return
            at, expected = found
            continue
        index, length, digest = head
        if index != expected:
            error = RecordError("RECORD_OUT_OF_ORDER", file=name, offset=at, index=expected, found=index)
            yield Damage(expected, at, error)
            expected = index
        record = os.pread(descriptor, length, at + HEAD_BYTES)
        if len(record) < length:
            yield Torn(expected, at, size - at)
            return
        if sha256(record) == digest:
            yield Frame(index, at, record)
        else:
            yield Damage(index, at, RecordError("RECORD_DAMAGED", file=name, offset=at, index=index))
        at, expected = at + HEAD_BYTES + length, index + 1


def _read_head(raw: bytes) -> tuple[int, int, bytes] | None:
    """Return index, length and digest; None if this is no good head."""
    if len(raw) != HEAD_BYTES or not raw.startswith(MAGIC):
        return None
    if _CHECK.unpack_from(raw, _HEAD.size)[0] != zlib.crc32(raw[: _HEAD.size]):
        return None
    _, index, length, digest = _HEAD.unpack_from(raw)
    return (index, length, digest) if length <= MAX_FRAME_BYTES else None


def _begins_head(raw: bytes, index: int) -> bool:
    known = MAGIC + index.to_bytes(8, "little")
    return raw[: len(known)] == known[: len(raw)]


def _find_head(descriptor: int, damaged: int, size: int, expected: int) -> tuple[int, int] | None:
    """Return place and index of the first good head behind the damaged one; None if there is none.

    Callers choose some of the bytes inside records, so a head counts only if its index is one that the bytes
    passed over leave room for.
    """
    at = damaged + 1
    while at < size:
        chunk = os.pread(descriptor, _SEARCH_BYTES + HEAD_BYTES, at)
        found = chunk.find(MAGIC)
        while 0 <= found < _SEARCH_BYTES:
            head = _read_head(chunk[found : found + HEAD_BYTES])
            place = at + found
            if head is not None and expected < head[0] <= expected + (place - damaged) // HEAD_BYTES:
                return place, head[0]
            found = chunk.find(MAGIC, found + 1)
        at += _SEARCH_BYTES
    return None
