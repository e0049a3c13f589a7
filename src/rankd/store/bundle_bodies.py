"""The bodies of one entry bundle's leaves, as they stand in a member of an audit bundle.

Each body: its leaf's index (8 bytes, big-endian), its key (32), the length of what is sealed (4, big-endian), and that.

Source: docs/spec/log.md, "Bundle".
"""

import struct
from collections.abc import Callable, Iterator, Mapping

from rankd.core.errors import BundleError
from rankd.core.records.body import MAX_BODY_BYTES

_HEAD = struct.Struct(">Q32sI")


def body_head(index: int, key: bytes, size: int) -> bytes:
    """Return what stands before `size` sealed bytes."""
    return _HEAD.pack(index, key, size)


def body_bytes(size: int) -> int:
    """Return what a body of `size` sealed bytes takes in its member."""
    return _HEAD.size + size


class BundleBodies(Mapping[int, tuple[bytes, bytes]]):
    """Keys and sealed bodies by index of their leaf; only heads are read before one is asked for.

    Args:
        read: Reads (offset, size) of the file.
        member: What to call the member in refusals.
        offset: Where it begins.
        size: Its length.
        allowed: Leaves that may stand in it.

    Raises:
        BundleError: BUNDLE_BODIES: the member is not what the specification says; or what `read` raises.
    """

    def __init__(self, read: Callable[[int, int], bytes], member: str, offset: int, size: int, allowed: range) -> None:
        self._read = read
        self._places: dict[int, tuple[bytes, int, int]] = {}
        at, before = 0, allowed.start - 1
        while at < size:
            if size - at < _HEAD.size:
                raise BundleError("BUNDLE_BODIES", member=member, offset=at)
            index, key, length = _HEAD.unpack(read(offset + at, _HEAD.size))
            if index <= before or index >= allowed.stop or length > min(size - at - _HEAD.size, MAX_BODY_BYTES):
                raise BundleError("BUNDLE_BODIES", member=member, offset=at)
            self._places[index] = key, offset + at + _HEAD.size, length
            at, before = at + _HEAD.size + length, index

    def __getitem__(self, index: int) -> tuple[bytes, bytes]:
        key, offset, size = self._places[index]
        return key, self._read(offset, size)

    def __contains__(self, index: object) -> bool:
        # Mapping's own would read the body.
        return index in self._places

    def __iter__(self) -> Iterator[int]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)
