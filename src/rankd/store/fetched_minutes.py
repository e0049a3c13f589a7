"""Minutes that were fetched entry by entry: leaves, keys and envelopes become a source like any other."""

from collections.abc import Mapping, Sequence

from rankd.core.errors import AssemblyError
from rankd.core.log.checkpoint import parse_checkpoint_text
from rankd.core.log.note import parse_note
from rankd.core.log.tiles import TILE_HEIGHT, TILE_WIDTH, encode_entries
from rankd.core.log.tree import leaf_hash, root_of
from rankd.core.records.body import seal
from rankd.core.records.commitment import KEY_BYTES


class FetchedMinutes:
    """Entries in memory, up to what a checkpoint signs. Nothing is verified; see `store.evidence.Source`.

    Args:
        name: What to call their source in words.

    Attributes:
        origin: The log that the checkpoint is said to be about; "" before there is one.
        size: Leaves of the tree that the checkpoint is said to sign.
        first: 0.
        end: `size`.
        numbers: All entry bundles.
    """

    def __init__(self, name: str) -> None:
        self.origin, self.size, self.first, self.end = "", 0, 0, 0
        self.numbers: Sequence[int] = range(0)
        self._name = name
        self._note = b""
        self._leaves: list[bytes] = []
        # By level: the hashes of the tree's full subtrees of 256 to the power of that level.
        self._levels: list[list[bytes]] = []
        self._bodies: dict[int, tuple[bytes, bytes]] = {}

    @property
    def count(self) -> int:
        """How many entries were added."""
        return len(self._leaves)

    def add(self, leaf: bytes, key: bytes | None, envelope: bytes | None) -> None:
        """Add the next entry.

        Args:
            leaf: Its leaf.
            key: Its body's key; None: the body is not shown.
            envelope: Its envelope; None: the body is not shown.

        Raises:
            AssemblyError: MINUTES_UNREADABLE: there can be no such key.
        """
        index = len(self._leaves)
        if key is not None and envelope is not None:
            if len(key) != KEY_BYTES:
                raise AssemblyError("MINUTES_UNREADABLE", path=f"{self._name} ({index})", detail=f"{len(key)} bytes")
            # Held as the record holds it, which takes a fraction of the space.
            self._bodies[index] = key, seal(key, envelope)
        self._leaves.append(leaf)
        level, found = 0, leaf_hash(leaf)
        while True:
            if level == len(self._levels):
                self._levels.append([])
            self._levels[level].append(found)
            if len(self._levels[level]) % TILE_WIDTH:
                return
            level, found = level + 1, root_of(self._levels[level][-TILE_WIDTH:])

    def end_at(self, note: bytes) -> None:
        """Take a checkpoint; what was added beyond it is left out.

        Raises:
            LogError: It is malformed.
            AssemblyError: MINUTES_UNREADABLE: it is said to cover more entries than there are.
        """
        said = parse_checkpoint_text(parse_note(note).text)
        if said.size > len(self._leaves):
            detail = f"{len(self._leaves)} < {said.size}"
            raise AssemblyError("MINUTES_UNREADABLE", path=self._name, detail=detail)
        self._note = note
        self.origin, self.size, self.end = said.origin, said.size, said.size
        self.numbers = range(-(-said.size // TILE_WIDTH))

    def checkpoint(self) -> bytes:
        """Return the signed checkpoint."""
        return self._note

    def tile(self, level: int, number: int, width: int) -> bytes | None:
        """Return a tile of hashes."""
        end = min((number + 1) * TILE_WIDTH, self.size >> TILE_HEIGHT * level)
        hashes = self._levels[level][number * TILE_WIDTH : end] if level < len(self._levels) else []
        return b"".join(hashes[:width]) if len(hashes) >= width else None

    def entry_bundle(self, number: int, width: int) -> bytes | None:
        """Return a bundle of entries.

        Raises:
            LogError: ENTRY_TOO_LARGE.
        """
        begin = number * TILE_WIDTH
        entries = self._leaves[begin : min(begin + TILE_WIDTH, self.size)]
        return encode_entries(entries[:width]) if len(entries) >= width else None

    def bodies(self, number: int) -> Mapping[int, tuple[bytes, bytes]]:
        """Return key and sealed body of those leaves of one entry bundle whose body is shown."""
        begin = number * TILE_WIDTH
        indexes = range(begin, min(begin + TILE_WIDTH, self.size))
        return {index: self._bodies[index] for index in indexes if index in self._bodies}
