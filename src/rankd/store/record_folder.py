"""The record that anybody may mirror, as a source of minutes. Nothing in it is trusted.

`minutes/` holds the checkpoint, the tiles and the bodies that may be public; the other files are for people to read and
say nothing that the minutes do not. No link is followed out of the folder, no pipe makes anybody wait, and no file is
read beyond the size that it can have.

Source: docs/spec/assembly.md, "The record".
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rankd.core.errors import AssemblyError, BundleError
from rankd.core.log.checkpoint import parse_checkpoint_text
from rankd.core.log.note import MAX_NOTE_BYTES, parse_note
from rankd.core.log.tiles import MAX_ENTRY_BYTES, TILE_WIDTH, Level, tile_path, tiles_of
from rankd.core.log.tree import HASH_BYTES
from rankd.store.bundle_bodies import BundleBodies
from rankd.store.plain_files import OversizeError, PlainFiles

MINUTES = "minutes"
"""The folder of the minutes, in a record and in a home."""

TOLD_FILE = "record.json"
"""Says up to which entry and which moment the files for people tell the minutes."""

MAX_BODIES_BYTES = 512 * 1024 * 1024
MAX_READABLE_BYTES = 64 * 1024 * 1024
MAX_FILES = 2_000_000

_CHECKPOINT = f"{MINUTES}/checkpoint"


def bodies_path(number: int) -> str:
    """Return where the bodies of an entry bundle's leaves lie in the folder of the minutes."""
    return tile_path("entries", number).replace("tile/entries/", "bodies/", 1)


class RecordFolder:
    """One state of a record: that of the checkpoint which it had when this was made.

    Args:
        path: The record's folder.

    Attributes:
        origin: The log that it is said to be about.
        size: Leaves of the tree that its checkpoint is said to sign.
        first: 0.
        end: `size`.
        numbers: All entry bundles.

    Raises:
        AssemblyError: MINUTES_MISSING: there is no checkpoint; MINUTES_UNREADABLE or MINUTES_TOO_LARGE.
        LogError: The checkpoint is malformed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._files = PlainFiles(path)
        self._polled = self.poll()
        note = self._polled[0]
        if note is None:
            raise AssemblyError("MINUTES_MISSING", path=path / _CHECKPOINT)
        self._checkpoint = note
        # Only to know where to look: whoever verifies opens the note with the log's key.
        said = parse_checkpoint_text(parse_note(note).text)
        self.origin, self.size, self.first, self.end = said.origin, said.size, 0, said.size
        self.numbers: Sequence[int] = range(-(-said.size // TILE_WIDTH))

    def poll(self) -> tuple[bytes | None, bytes | None]:
        """Return what lies there now as the checkpoint, and what the record tells: nothing else changes without both.

        Raises:
            AssemblyError: MINUTES_UNREADABLE or MINUTES_TOO_LARGE.
        """
        return self._read(_CHECKPOINT, MAX_NOTE_BYTES), self.readable(TOLD_FILE)

    def has_moved(self) -> bool:
        """Tell whether the record has changed since this was made."""
        try:
            return self.poll() != self._polled
        except AssemblyError:
            return True

    def checkpoint(self) -> bytes:
        """Return the signed checkpoint; see `Source`."""
        return self._checkpoint

    def tile(self, level: int, number: int, width: int) -> bytes | None:
        """Return a tile of hashes; see `Source`."""
        return self._tile(level, number, width, TILE_WIDTH * HASH_BYTES)

    def entry_bundle(self, number: int, width: int) -> bytes | None:
        """Return a bundle of entries; see `Source`."""
        return self._tile("entries", number, width, TILE_WIDTH * (MAX_ENTRY_BYTES + 2))

    def bodies(self, number: int) -> Mapping[int, tuple[bytes, bytes]]:
        """Return the bodies of one entry bundle's leaves; see `Source`.

        Raises:
            AssemblyError: MINUTES_BODIES, MINUTES_UNREADABLE or MINUTES_TOO_LARGE.
        """
        found = self._bodies(number)
        # Bodies are published before the checkpoint that covers them.
        is_whole = all(index < self.size for index in found)
        return found if is_whole else {index: found[index] for index in found if index < self.size}

    def has_bodies(self, number: int) -> bool:
        """Tell whether there are bodies of one entry bundle's leaves, and none of a leaf that this state does not have.

        Raises: See `bodies`.
        """
        found = self._bodies(number)
        return len(found) > 0 and all(index < self.size for index in found)

    def readable(self, name: str) -> bytes | None:
        """Return a file for people by its path under the record; None where there is none.

        Raises:
            AssemblyError: MINUTES_UNREADABLE or MINUTES_TOO_LARGE.
        """
        return self._read(name, MAX_READABLE_BYTES)

    def names(self) -> Iterator[tuple[str, bool]]:
        """Yield the path under the record of whatever lies there, and whether it is a plain file; hidden things apart.

        Raises:
            AssemblyError: MINUTES_UNREADABLE.
        """
        try:
            yield from self._files.names(MAX_FILES)
        except OSError as error:
            raise self._unreadable(error.filename or "", error) from error

    def tile_names(self) -> set[str]:
        """Return the paths under the record of the checkpoint and of every tile that this state has."""
        levels: Iterator[tuple[Level, int, int]] = tiles_of(self.size)
        names = {f"{MINUTES}/{tile_path(*place)}" for place in levels}
        names |= {
            f"{MINUTES}/{tile_path('entries', number, min(self.size - number * TILE_WIDTH, TILE_WIDTH))}"
            for number in self.numbers
        }
        return names | {_CHECKPOINT}

    def _bodies(self, number: int) -> Mapping[int, tuple[bytes, bytes]]:
        name = f"{MINUTES}/{bodies_path(number)}"
        data = self._read(name, MAX_BODIES_BYTES) or b""
        begin = number * TILE_WIDTH
        allowed = range(begin, begin + TILE_WIDTH)
        try:
            return BundleBodies(lambda at, size: data[at : at + size], name, 0, len(data), allowed)
        except BundleError as error:
            where = self.path / name
            raise AssemblyError("MINUTES_BODIES", path=where, offset=error.metadata["offset"]) from error

    def _tile(self, level: Level, number: int, width: int, most_bytes: int) -> bytes | None:
        return self._read(f"{MINUTES}/{tile_path(level, number, width)}", most_bytes)

    def _read(self, name: str, most_bytes: int) -> bytes | None:
        try:
            return self._files.read(name, most_bytes)
        except OversizeError as error:
            where = self.path / name
            raise AssemblyError(
                "MINUTES_TOO_LARGE", path=where, size_bytes=error.size, most_bytes=most_bytes
            ) from error
        except OSError as error:
            raise self._unreadable(name, error) from error

    def _unreadable(self, name: str, error: OSError) -> AssemblyError:
        return AssemblyError("MINUTES_UNREADABLE", path=self.path / name, detail=error.strerror or error)
