"""The right edge of a growing tree: the partial tile of each level, which is all that growing needs."""

from collections.abc import Iterator, Sequence

from rankd.core.log.tiles import TILE_HEIGHT, TILE_WIDTH, TileTree, tile_widths
from rankd.core.log.tree import HASH_BYTES, CompactRange, join_peaks, root_of


class RightEdge:
    """A tree of `size` leaves by its partial tiles, at most 255 hashes a level. Not thread-safe.

    Args:
        size: The tree's leaves.
        levels: The hashes of each level's partial tile, from level 0 up.

    Attributes:
        size: The tree's leaves.
    """

    def __init__(self, size: int = 0, levels: Sequence[Sequence[bytes]] = ()) -> None:
        self.size = size
        self._levels = [list(level) for level in levels]

    @classmethod
    def of(cls, tree: TileTree) -> "RightEdge":
        """Read the edge of a tree.

        Raises:
            LogError: TILE_MISSING or TILE_DIFFERS.
        """
        levels = []
        for level, width in enumerate(tile_widths(tree.size)):
            data = tree.tile(level, tree.size >> TILE_HEIGHT * (level + 1)) if width else b""
            levels.append([data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)])
        return cls(tree.size, levels)

    def copy(self) -> "RightEdge":
        """Return an edge that grows on its own."""
        return RightEdge(self.size, self._levels)

    def append(self, leaf_hash: bytes) -> Iterator[tuple[int, int, list[bytes]]]:
        """Add a leaf, then yield level, number and hashes of each tile that it completes. Take them all."""
        self.size += 1
        level, found = 0, leaf_hash
        while True:
            if level == len(self._levels):
                self._levels.append([])
            self._levels[level].append(found)
            if len(self._levels[level]) < TILE_WIDTH:
                return
            full, self._levels[level] = self._levels[level], []
            yield level, (self.size >> TILE_HEIGHT * (level + 1)) - 1, full
            level, found = level + 1, root_of(full)

    def partial(self, level: int) -> tuple[int, list[bytes]]:
        """Return number and hashes of a level's partial tile."""
        return self.size >> TILE_HEIGHT * (level + 1), self._levels[level]

    @property
    def peaks(self) -> list[bytes]:
        """The roots of the full subtrees, largest first."""
        found: list[bytes] = []
        for hashes in reversed(self._levels):
            at = 0
            for height in reversed(range(TILE_HEIGHT)):
                if len(hashes) & 1 << height:
                    found.append(root_of(hashes[at : at + (1 << height)]))
                    at += 1 << height
        return found

    @property
    def root(self) -> bytes:
        """The root over all leaves."""
        return join_peaks(self.peaks)

    def root_with(self, leaf_hashes: Sequence[bytes]) -> bytes:
        """Return the root that the tree would have with more leaves."""
        grown = CompactRange(self.size, self.peaks)
        for leaf in leaf_hashes:
            grown.append(leaf)
        return grown.root()
