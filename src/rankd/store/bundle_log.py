"""One log in an audit bundle: where its tiles, entry bundles and bodies lie in the file."""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence

from rankd.core.log.tiles import TILE_WIDTH
from rankd.core.log.tree import HASH_BYTES
from rankd.store.bundle_bodies import BundleBodies
from rankd.store.bundle_layout import BODIES, ENTRIES, HASHES, About, bodies_member


class _Places:
    """Where the members of one kind lie, numbers ascending: 24 bytes a member, however many a bundle has."""

    def __init__(self) -> None:
        self.numbers, self._offsets, self._sizes = array("q"), array("q"), array("q")

    def add(self, number: int, offset: int, size: int) -> None:
        self.numbers.append(number)
        self._offsets.append(offset)
        self._sizes.append(size)

    def find(self, number: int) -> tuple[int, int] | None:
        at = bisect_left(self.numbers, number)
        if at == len(self.numbers) or self.numbers[at] != number:
            return None
        return self._offsets[at], self._sizes[at]


class BundleLog:
    """A log as a bundle shows it; see `store.evidence.Source`.

    Args:
        about: What the bundle says of it.
        checkpoint: Its checkpoint.
        read: Reads (offset, size) of the file.
        folder: What stands before the names of its members.

    Attributes:
        origin: The log that it is said to be about.
        size: Leaves of that log's tree, as it is said.
        first: First leaf of its range.
        end: The leaf after its range.
        numbers: The entry bundles that it holds.
    """

    def __init__(self, about: About, checkpoint: bytes, read: Callable[[int, int], bytes], folder: str = "") -> None:
        self.origin, self.size, self.first, self.end = about.origin, about.size, about.first, about.end
        self._checkpoint, self._read, self._folder = checkpoint, read, folder
        entries = _Places()
        self._places = {(ENTRIES, 0): entries}
        self.numbers: Sequence[int] = entries.numbers

    def add(self, rank: int, level: int, number: int, offset: int, size: int) -> None:
        """Note where a member lies; numbers of one kind and level ascend."""
        self._places.setdefault((rank, level), _Places()).add(number, offset, size)

    def checkpoint(self) -> bytes:
        """Return the signed checkpoint; see `Source`."""
        return self._checkpoint

    def tile(self, level: int, number: int, width: int) -> bytes | None:
        """Return a tile of hashes; see `Source`."""
        place = self._find(HASHES, level, number)
        return None if place is None or place[1] != width * HASH_BYTES else self._read(*place)

    def entry_bundle(self, number: int, width: int) -> bytes | None:
        """Return a bundle of entries; see `Source`."""
        place = self._find(ENTRIES, 0, number)
        stored = min(self.size - number * TILE_WIDTH, TILE_WIDTH)
        return None if place is None or width != stored else self._read(*place)

    def bodies(self, number: int) -> Mapping[int, tuple[bytes, bytes]]:
        """Return the bodies of one entry bundle's leaves; see `Source`."""
        place = self._find(BODIES, 0, number)
        if place is None:
            return {}
        begin = number * TILE_WIDTH
        allowed = range(max(begin, self.first), min(begin + TILE_WIDTH, self.end))
        return BundleBodies(self._read, self._folder + bodies_member(number), *place, allowed)

    def _find(self, rank: int, level: int, number: int) -> tuple[int, int] | None:
        places = self._places.get((rank, level))
        return None if places is None else places.find(number)
