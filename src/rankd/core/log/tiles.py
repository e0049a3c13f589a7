"""Tiles (C2SP tlog-tiles): a tree in files of 256 hashes, where each lies, and reading them without trusting them."""

import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, TypeAlias

from rankd.core.errors import LogError
from rankd.core.log import proofs
from rankd.core.log.canonical_text import MAX_NUMBER
from rankd.core.log.tree import HASH_BYTES, join_peaks, leaf_hash, parents

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
MAX_ENTRY_BYTES = 0xFFFF
MAX_LEVEL = 63

Level: TypeAlias = int | Literal["entries"]
"""0 to 63, or "entries" for the bundles of entries that lie under level 0."""

TileReader: TypeAlias = Callable[[int, int, int], bytes | None]
"""(level, number, width) → the tile's bytes, or None where there is no such tile."""

_PATH = re.compile(r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([0-9]{1,3}))?")
_LENGTH_BYTES = 2
_CACHED_TILES = 64


def tile_path(level: Level, number: int, width: int = TILE_WIDTH) -> str:
    """Return where a tile lies: `tile/0/x001/234`, with `.p/7` behind it if it is only 7 wide.

    Source: C2SP tlog-tiles, “Merkle Tree” and “Partial Tiles”.
    """
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.append(f"x{number % 1000:03d}")
    partial = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(reversed(groups))}{partial}"


def parse_tile_path(path: str) -> tuple[Level, int, int]:
    """Return (level, number, width) of the only tile that lies at `path`.

    Raises:
        LogError: TILE_PATH_MALFORMED, also for a path that no tree of fewer than 2⁶³ leaves has.
    """
    match = _PATH.fullmatch(path)
    if match is None:
        raise LogError("TILE_PATH_MALFORMED", path=path)
    name, groups, suffix = match.groups()
    level: Level = "entries" if name == "entries" else int(name)
    number = int(groups.replace("/", "").replace("x", ""))
    width = TILE_WIDTH if suffix is None else int(suffix)
    height = 0 if level == "entries" else level
    fits = height <= MAX_LEVEL and number << TILE_HEIGHT * (height + 1) <= MAX_NUMBER
    if not fits or not 1 <= width <= TILE_WIDTH or tile_path(level, number, width) != path:
        raise LogError("TILE_PATH_MALFORMED", path=path)
    return level, number, width


def tile_widths(size: int) -> tuple[int, ...]:
    """Return the width of the partial tile at each level of a tree, from level 0 up; 0 where all tiles are full."""
    widths = []
    while size:
        widths.append(size % TILE_WIDTH)
        size >>= TILE_HEIGHT
    return tuple(widths)


def tiles_of(size: int, first: int = 0) -> Iterator[tuple[int, int, int]]:
    """Yield (level, number, width) of each tile that a tree has, level by level.

    Args:
        size: The tree's leaves.
        first: A smaller tree's leaves: tiles that it has already, in the same width, are left out.
    """
    level = 0
    while size:
        for number in range(first >> TILE_HEIGHT, (size - 1 >> TILE_HEIGHT) + 1) if size > first else ():
            yield level, number, min(size - (number << TILE_HEIGHT), TILE_WIDTH)
        level, size, first = level + 1, size >> TILE_HEIGHT, first >> TILE_HEIGHT


def encode_entries(entries: Sequence[bytes]) -> bytes:
    """Return an entry bundle: each entry behind its length as two big-endian bytes.

    Raises:
        LogError: ENTRY_TOO_LARGE.

    Source: C2SP tlog-tiles, “Log entries”.
    """
    for entry in entries:
        if len(entry) > MAX_ENTRY_BYTES:
            raise LogError("ENTRY_TOO_LARGE", size_bytes=len(entry), most_bytes=MAX_ENTRY_BYTES)
    return b"".join(len(entry).to_bytes(_LENGTH_BYTES, "big") + entry for entry in entries)


def decode_entries(data: bytes, width: int) -> tuple[bytes, ...]:
    """Return the `width` entries of a bundle, which holds nothing else.

    Raises:
        LogError: ENTRIES_MALFORMED.
    """
    entries = []
    at = 0
    for _ in range(width):
        begin = at + _LENGTH_BYTES
        at = begin + int.from_bytes(data[at:begin], "big")
        entries.append(data[begin:at])
    # Slices beyond the end come out short; the end that the lengths announce tells.
    if at != len(data):
        raise LogError("ENTRIES_MALFORMED", width=width, size_bytes=len(data))
    return tuple(entries)


class TileTree:
    """A tree read from tiles that nobody needs to trust: each is checked against the root before it is used.

    The partial tiles at the right edge hold the tree's peaks, so together they hash to the root. A full tile hashes to
    one entry of the tile above it. Not for use by several threads at once.

    Args:
        size: The tree's leaves, up to 2⁶³ − 1.
        root_hash: Its root, from a checkpoint whose signature holds.
        read_tile: Gives tiles by level, number and width. Where a partial tile is gone, the full one may stand in.

    Attributes:
        size: The tree's leaves.

    Raises:
        LogError: PROOF_SIZE, TILE_MISSING, or TILE_DIFFERS naming all tiles of the right edge (which of them is wrong
            cannot be told).
    """

    __slots__ = ("_cache", "_edge", "_read_tile", "size")

    def __init__(self, size: int, root_hash: bytes, read_tile: TileReader) -> None:
        if not 0 <= size <= MAX_NUMBER:
            raise LogError("PROOF_SIZE", size=size, most=MAX_NUMBER)
        self.size = size
        self._read_tile = read_tile
        self._cache: OrderedDict[tuple[int, int], list[list[bytes]]] = OrderedDict()
        self._edge: dict[tuple[int, int], list[list[bytes]]] = {}
        for level, width in enumerate(tile_widths(size)):
            if width:
                number = size >> TILE_HEIGHT * (level + 1)
                self._edge[level, number] = _levels(self._fetch(level, number, width))
        if self._root() != root_hash:
            paths = (tile_path(*key, len(levels[0])) for key, levels in self._edge.items())
            raise LogError("TILE_DIFFERS", path=", ".join(paths))

    def hash(self, level: int, index: int) -> bytes:
        """Return the root of the full subtree over the 2**level leaves from index·2**level on (a `HashReader`).

        Raises:
            LogError: TILE_OUTSIDE if this tree has no such subtree; TILE_MISSING; TILE_DIFFERS.
        """
        tile_level, height = divmod(level, TILE_HEIGHT)
        first = index << height
        number = first >> TILE_HEIGHT
        if index < 0 or (index + 1) << level > self.size:
            raise LogError("TILE_OUTSIDE", path=tile_path(tile_level, max(number, 0)), size=self.size)
        return self._tile(tile_level, number)[height][first % TILE_WIDTH >> height]

    def tile(self, level: int, number: int) -> bytes:
        """Return the tile's hashes, as wide as it is in this tree.

        Raises:
            LogError: TILE_OUTSIDE, TILE_MISSING or TILE_DIFFERS.
        """
        self._width(level, number)
        return b"".join(self._tile(level, number)[0])

    def entries(self, number: int, data: bytes, stored_width: int | None = None) -> tuple[bytes, ...]:
        """Return the entries of a bundle, after checking that they are this tree's.

        A full bundle is checked against the level above, so its level-0 tile need not exist.

        Args:
            number: The bundle's number.
            data: The bundle.
            stored_width: Its width, where it is a larger tree's and holds more than this one has.

        Raises:
            LogError: TILE_OUTSIDE, TILE_MISSING, ENTRIES_MALFORMED, or TILE_DIFFERS.
        """
        width = self._width(0, number)
        entries = decode_entries(data, stored_width or width)[:width]
        hashes = [leaf_hash(entry) for entry in entries]
        if width < TILE_WIDTH:
            is_ours = hashes == self._edge[0, number][0]
        else:
            is_ours = _levels(hashes)[TILE_HEIGHT][0] == self.hash(TILE_HEIGHT, number)
        if not is_ours:
            raise LogError("TILE_DIFFERS", path=tile_path("entries", number, stored_width or width))
        return entries

    def root_at(self, size: int) -> bytes:
        """Return the root that this log had when it had `size` leaves, at most this tree's.

        Raises:
            LogError: PROOF_SIZE_ORDER, TILE_MISSING or TILE_DIFFERS.
        """
        if size > self.size:
            raise LogError("PROOF_SIZE_ORDER", first=size, second=self.size)
        return proofs.root(size, self.hash)

    def _root(self) -> bytes:
        peaks: list[bytes] = []
        for levels in reversed(self._edge.values()):
            peaks.extend(level[-1] for level in reversed(levels) if len(level) % 2)
        return join_peaks(peaks)

    def _width(self, level: int, number: int) -> int:
        width = min((self.size >> TILE_HEIGHT * level) - (number << TILE_HEIGHT), TILE_WIDTH)
        if number < 0 or width <= 0:
            raise LogError("TILE_OUTSIDE", path=tile_path(level, max(number, 0)), size=self.size)
        return width

    def _tile(self, level: int, number: int) -> list[list[bytes]]:
        """Return the hashes of an authentic tile and of the full subtrees over them, by height."""
        key = (level, number)
        found = self._edge.get(key) or self._cache.get(key)
        if found is None:
            found = _levels(self._fetch(level, number, TILE_WIDTH))
            if found[TILE_HEIGHT][0] != self.hash(TILE_HEIGHT * (level + 1), number):
                raise LogError("TILE_DIFFERS", path=tile_path(level, number))
            self._cache[key] = found
            if len(self._cache) > _CACHED_TILES:
                self._cache.popitem(last=False)
        elif key in self._cache:
            self._cache.move_to_end(key)
        return found

    def _fetch(self, level: int, number: int, width: int) -> list[bytes]:
        data, stored = self._read_tile(level, number, width), width
        if data is None and width < TILE_WIDTH:
            data, stored = self._read_tile(level, number, TILE_WIDTH), TILE_WIDTH
        if data is None:
            raise LogError("TILE_MISSING", path=tile_path(level, number, width))
        if len(data) != stored * HASH_BYTES:
            raise LogError("TILE_DIFFERS", path=tile_path(level, number, stored))
        return [data[at : at + HASH_BYTES] for at in range(0, width * HASH_BYTES, HASH_BYTES)]


def _levels(hashes: list[bytes]) -> list[list[bytes]]:
    levels = [hashes]
    while len(levels[-1]) > 1:
        levels.append(parents(levels[-1]))
    return levels
