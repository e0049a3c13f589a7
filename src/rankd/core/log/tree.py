"""The Merkle tree of RFC 6962: hashes of leaves and nodes, and the root of a growing list."""

from collections.abc import Iterable, Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
"""The root of a tree without leaves (RFC 6962 section 2.1)."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of an entry as a leaf: SHA-256(0x00 ‖ entry) (RFC 6962 section 2.1)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees as a node: SHA-256(0x01 ‖ left ‖ right) (RFC 6962 section 2.1)."""
    return sha256(b"\x01" + left + right).digest()


def parents(hashes: Sequence[bytes]) -> list[bytes]:
    """Return the hashes one level up: one for each full pair; a last hash without a pair is left out."""
    ahead = iter(hashes)
    return [sha256(b"\x01" + left + right).digest() for left, right in zip(ahead, ahead, strict=False)]


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes, any number of them.

    RFC 6962 splits at the largest power of two below the count; joining neighbours level by level, where a hash
    without a neighbour rises as it is, builds the same tree.

    Args:
        hashes: Leaf hashes in order, 32 bytes each.

    Source: RFC 6962 section 2.1 (MTH).
    """
    if not hashes:
        return EMPTY_ROOT
    level = hashes
    while len(level) > 1:
        above = parents(level)
        if len(level) % 2:
            above.append(level[-1])
        level = above
    return level[0]


class CompactRange:
    """A growing tree that keeps only its peaks: the roots of its full subtrees, largest first, at most 63.

    Args:
        size: How many leaves there are.
        peaks: One hash for each bit of `size` that is set, from the highest bit down.

    Raises:
        ValueError: The number of peaks does not fit the size.
    """

    __slots__ = ("_peaks", "size")

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self._peaks = list(peaks)
        self.size = size
        if size < 0 or len(self._peaks) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} peaks, not {len(self._peaks)}")

    @property
    def peaks(self) -> tuple[bytes, ...]:
        """The roots of the full subtrees, largest first."""
        return tuple(self._peaks)

    def append(self, leaf: bytes) -> None:
        """Add one leaf by its hash."""
        peaks = self._peaks
        rest = self.size
        self.size = rest + 1
        while rest & 1:
            leaf = sha256(b"\x01" + peaks.pop() + leaf).digest()
            rest >>= 1
        peaks.append(leaf)

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        return join_peaks(self._peaks)


def join_peaks(peaks: Sequence[bytes]) -> bytes:
    """Return the root of a tree from its full subtrees, largest first; EMPTY_ROOT if there are none."""
    if not peaks:
        return EMPTY_ROOT
    joined = peaks[-1]
    for peak in reversed(peaks[:-1]):
        joined = node_hash(peak, joined)
    return joined
