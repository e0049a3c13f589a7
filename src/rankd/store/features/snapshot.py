r"""The snapshot of an embedded store: one file, whole or refused.

| bytes | what |
|---|---|
| 28 | `rankd.features-snapshot/1\n` and its length padded with zeros |
| 32 | digest of the origin |
| 32 | digest of the layout |
| 8 | position |
| 8 | how many values |
| … | the values, zstd: for each, length of its key (2), length of its value (4), expire_ms (8), key, value |
| 32 | SHA-256 of everything before |

Numbers are little-endian. The file is for its owner's eyes: it says what people did, if not who they are.
"""

import hashlib
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import zstandard

MAGIC = b"rankd.features-snapshot/1\n".ljust(28, b"\0")
DIGEST_BYTES = 32
_HEAD = struct.Struct("<28s32s32sQQ")
_ENTRY = struct.Struct("<HIQ")
_LEVEL = 1
_AT_ONCE = 4_096
_MAX_VALUE_BYTES = 4 * 65_536
_PIECE_BYTES = 1024 * 1024


class SnapshotDamagedError(Exception):
    """These bytes are not what `pack` made."""


class SnapshotForeignError(Exception):
    """A snapshot of other counts, or in another version of the format."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What an embedded store holds.

    Attributes:
        position: Entries of the journal that are counted.
        values: By key.
        expiry: For keys whose time ends, when, milliseconds since 1970.
    """

    position: int
    values: dict[bytes, bytes]
    expiry: dict[bytes, int]


def pack(origin: bytes, layout: bytes, snapshot: Snapshot) -> bytes:
    """Return the file.

    Args:
        origin: Digest of the origin, 32 bytes.
        layout: Digest of the layout, 32 bytes.
        snapshot: What it holds. Nobody changes it meanwhile.
    """
    head = _HEAD.pack(MAGIC, origin, layout, snapshot.position, len(snapshot.values))
    digest = hashlib.sha256(head)
    pieces = [head]
    compressor = zstandard.ZstdCompressor(level=_LEVEL).compressobj()

    def take(piece: bytes) -> None:
        digest.update(piece)
        pieces.append(piece)

    for plain in _entries(snapshot):
        take(compressor.compress(plain))
    take(compressor.flush())
    pieces.append(digest.digest())
    return b"".join(pieces)


def unpack(data: bytes, origin: bytes, layout: bytes) -> Snapshot:
    """Return what a file holds.

    Raises:
        SnapshotDamagedError: It was changed, cut or is no snapshot.
        SnapshotForeignError: It is whole, but of another origin, layout or version.
    """
    body = memoryview(data)[:-DIGEST_BYTES]
    if len(data) < _HEAD.size + DIGEST_BYTES or hashlib.sha256(body).digest() != data[-DIGEST_BYTES:]:
        raise SnapshotDamagedError
    magic, of_origin, of_layout, position, count = _HEAD.unpack_from(data)
    if (magic, of_origin, of_layout) != (MAGIC, origin, layout):
        raise SnapshotForeignError
    values: dict[bytes, bytes] = {}
    expiry: dict[bytes, int] = {}
    try:
        for key, value, expire_ms in _read_entries(body[_HEAD.size :]):
            if len(values) >= count or key in values:
                raise SnapshotDamagedError
            values[key] = value
            if expire_ms:
                expiry[key] = expire_ms
    except zstandard.ZstdError:
        raise SnapshotDamagedError from None
    if len(values) != count:
        raise SnapshotDamagedError
    return Snapshot(position, values, expiry)


def _entries(snapshot: Snapshot) -> Iterator[bytes]:
    """Yield the values as bytes, some thousands at once, so that other threads get their turn."""
    expiry = snapshot.expiry.get
    items: Iterable[tuple[bytes, bytes]] = iter(snapshot.values.items())
    while part := list(islice(items, _AT_ONCE)):
        yield b"".join(
            [_ENTRY.pack(len(key), len(value), expiry(key, 0)) + key + value for key, value in part],
        )


def _read_entries(packed: memoryview) -> Iterator[tuple[bytes, bytes, int]]:
    rest = b""
    # Never more than a piece at once, however small what is read from is.
    with zstandard.ZstdDecompressor().stream_reader(packed) as reader:
        while piece := reader.read(_PIECE_BYTES):
            rest += piece
            at = 0
            while at + _ENTRY.size <= len(rest):
                key_length, value_length, expire_ms = _ENTRY.unpack_from(rest, at)
                if value_length > _MAX_VALUE_BYTES:
                    raise SnapshotDamagedError
                middle = at + _ENTRY.size + key_length
                end = middle + value_length
                if end > len(rest):
                    break
                yield rest[at + _ENTRY.size : middle], rest[middle:end], expire_ms
                at = end
            rest = rest[at:]
    if rest:
        raise SnapshotDamagedError
