"""Evidence: what a verifier reads of a journal, wherever it lies. Nothing in it is trusted."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

from rankd.core.errors import JournalError
from rankd.core.log.checkpoint import parse_checkpoint_text
from rankd.core.log.note import parse_note
from rankd.core.log.tiles import TILE_WIDTH
from rankd.store.archive import Archive
from rankd.store.frames import Frame, walk
from rankd.store.journal.reading import PRIVATE_FOLDER, JournalFiles, reading
from rankd.store.journal.segment import FILE_HEADER, segment_firsts, segment_path

_WAL_FOLDER = "wal"

DECISIONS = "decisions"
"""The journal of decisions in a data directory."""

EVENTS = "events"
"""The journal of events in a data directory, and what its origin ends in."""


class Source(Protocol):
    """A journal's leaves and bodies, as somebody shows them.

    Attributes:
        origin: The log that it is said to be about.
        size: Leaves of the tree that its checkpoint is said to sign.
        first: First leaf of the range that it shows completely.
        end: The leaf after the last one.
        numbers: The entry bundles that it holds, in order; at least those of the range.
    """

    origin: str
    size: int
    first: int
    end: int
    numbers: Sequence[int]

    def checkpoint(self) -> bytes:
        """Return the signed checkpoint: the same at every call."""
        ...

    def tile(self, level: int, number: int, width: int) -> bytes | None:
        """Return a tile of hashes, `width` hashes wide, or None where it is not there.

        Raises:
            RankdError: The source refuses.
        """
        ...

    def entry_bundle(self, number: int, width: int) -> bytes | None:
        """Return a bundle of `width` entries, or None where it is not there; raises as `tile`."""
        ...

    def bodies(self, number: int) -> Mapping[int, tuple[bytes, bytes]]:
        """Return key and sealed body by leaf, of those leaves of one entry bundle and of the range that have a body.

        A body is read when it is asked for; both this and that raise as `tile`.
        """
        ...


class Evidence(Source, Protocol):
    """A journal of decisions, with what the decisions rest on.

    Attributes:
        archive: Policies, limits and models that its decisions name.
        unpublished_count: Entries that lie there and that no checkpoint covers yet.
        later: The same journal as it went on, where this is not its newest state and that is at hand.
    """

    archive: Archive
    unpublished_count: int
    later: "Evidence | None"


class JournalEvidence:
    """A journal in a data directory, up to the checkpoint that it has now. A service may be writing there.

    Args:
        data_dir: The data directory.
        name: The journal's folder in it.
        note: An earlier checkpoint of it: the evidence reaches up to that one.

    Attributes: See `Evidence`.

    Raises:
        JournalError: There is no journal, or the disk refuses.
        LogError: Its checkpoint is malformed.
    """

    def __init__(self, data_dir: Path, name: str, note: bytes | None = None) -> None:
        self._data_dir, self._name = data_dir, name
        self._folder = data_dir / name
        self._files = JournalFiles(self._folder)
        self._checkpoint = self._files.checkpoint() if note is None else note
        # Only to know where to look: whoever verifies opens the note with the log's key.
        said = parse_checkpoint_text(parse_note(self._checkpoint).text)
        self.origin, self.size, self.first, self.end = said.origin, said.size, 0, said.size
        self.numbers: Sequence[int] = range(-(-self.size // TILE_WIDTH))
        self.archive = Archive(data_dir)
        self.later: Evidence | None = None
        with reading(self._folder):
            self.unpublished_count = max(self._committed() - self.size, 0)

    def witnessed(self) -> "JournalEvidence | None":
        """Return the journal up to the newest checkpoint that its witnesses cosigned; None if there was none.

        Raises:
            JournalError: The disk refuses.
            LogError: That checkpoint is malformed.
        """
        note = self._files.witnessed()
        if note is None:
            return None
        earlier = JournalEvidence(self._data_dir, self._name, note)
        earlier.later, earlier.unpublished_count = self, self.unpublished_count
        return earlier

    def vkey(self) -> str:
        """Return the log's key as the folder itself names it; see `JournalFiles.vkey`."""
        return self._files.vkey()

    def checkpoint(self) -> bytes:
        """Return the signed checkpoint; see `Evidence`."""
        return self._checkpoint

    def tile(self, level: int, number: int, width: int) -> bytes | None:
        """Return a tile of hashes; see `Evidence`."""
        return self._files.tile(level, number, width)

    def entry_bundle(self, number: int, width: int) -> bytes | None:
        """Return a bundle of entries; see `Evidence`."""
        return self._files.entry_bundle(number, width)

    def bodies(self, number: int) -> Mapping[int, tuple[bytes, bytes]]:
        """Return the bodies of one entry bundle's leaves; see `Evidence`."""
        first, end = number * TILE_WIDTH, min((number + 1) * TILE_WIDTH, self.end)
        try:
            return self._files.bodies(first, end)
        except JournalError as error:
            if error.reason != "JOURNAL_BODY_DAMAGED":
                raise
        # One damaged body must not hide its neighbours.
        return _Sparse({index: partial(self.body, index) for index in range(first, end) if self._has_body(index)})

    def body(self, index: int) -> tuple[bytes, bytes]:
        """Return key and sealed body of one leaf.

        Raises:
            JournalError: BODY_ERASED: it has none, or none any more; or as `JournalFiles.body`.
        """
        found = self._files.body(index)
        if found is None:
            raise JournalError("BODY_ERASED", index=index)
        return found

    def _has_body(self, index: int) -> bool:
        try:
            return self._files.body(index) is not None
        except JournalError:
            return True

    def _committed(self) -> int:
        """Return how many entries are committed, as far as the write-ahead log tells."""
        folder = self._folder / PRIVATE_FOLDER / _WAL_FOLDER
        count = 0
        for first in segment_firsts(folder) if folder.is_dir() else ():
            path = segment_path(folder, first)
            try:
                descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                # Published, and let go by the service in this moment.
                continue
            try:
                for item in walk(descriptor, str(path), first, FILE_HEADER):
                    if isinstance(item, Frame):
                        count = max(count, item.index + 1)
            finally:
                os.close(descriptor)
        return count


class _Sparse(Mapping[int, tuple[bytes, bytes]]):
    """Bodies that are read one by one."""

    def __init__(self, readers: Mapping[int, Callable[[], tuple[bytes, bytes]]]) -> None:
        self._readers = readers

    def __getitem__(self, index: int) -> tuple[bytes, bytes]:
        return self._readers[index]()

    def __contains__(self, index: object) -> bool:
        return index in self._readers

    def __iter__(self) -> Iterator[int]:
        return iter(self._readers)

    def __len__(self) -> int:
        return len(self._readers)
