"""Audit bundles read as evidence: a tar that somebody hands over, of which nothing is believed.

The whole file is walked once, header by header, before anything in it is used: only the members that the
specification names, each once and in order, each of a size that it can have, with nothing between them and nothing
after the end. Tiles and bodies are then read where they lie; only policies, limits and models are laid out as files, in
a folder of this process that goes away with it, under names that this module makes.

`tarfile` of the standard library is not the gate: before it shows a member it has obeyed pax and GNU headers, and it
keeps an object for each. What is needed instead is short (`store/ustar.py`).

Source: docs/spec/log.md, "Bundle".
"""

import errno
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from rankd.core.errors import BundleError, LogError
from rankd.core.exact.canonical import MAX_SAFE_INTEGER
from rankd.core.log.checkpoint import parse_checkpoint_text
from rankd.core.log.note import parse_note
from rankd.store.archive import Archive
from rankd.store.bundle_layout import (
    ABOUT,
    ARCHIVE,
    CHECKPOINT,
    MINUTES,
    MINUTES_CHECKPOINT,
    MINUTES_RANK,
    About,
    Place,
    most_bytes,
    place_of,
    read_about,
    shown,
)
from rankd.store.bundle_log import BundleLog
from rankd.store.evidence import Evidence
from rankd.store.ustar import BLOCK_BYTES, END, padding, read_ustar_header

MAX_MEMBERS = 4_000_000
MAX_ARCHIVE_FILES = 10_000
MAX_ARCHIVE_BYTES = 1 << 30


class BundleFile:
    """One audit bundle, as evidence. A context manager: leaving it removes what was laid out.

    Args:
        path: The file.

    Attributes:
        origin: The log that it says it is about.
        size: Leaves of that log's tree, as it says.
        first: First leaf of its range.
        end: The leaf after its range.
        numbers: The entry bundles that it holds.
        archive: Policies, limits and models.
        unpublished_count: 0: a bundle holds nothing that no checkpoint covers.
        later: None: a bundle is of one state.
        minutes: The minutes of the co-op, as far as they may be public; None: it holds none.

    Raises:
        BundleError: BUNDLE_UNREADABLE, or a reason that says what no bundle has.
    """

    unpublished_count = 0
    later: Evidence | None = None

    def __init__(self, path: Path) -> None:
        self._name = str(path)
        self._descriptor = -1
        self._folder = tempfile.TemporaryDirectory(prefix="rankd-bundle-")
        try:
            # A pipe or a device at `path` must not make anybody wait.
            self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
            self._log, self.minutes = self._index(_plain_size(self._descriptor))
        except OSError as error:
            self.close()
            raise BundleError("BUNDLE_UNREADABLE", path=path, detail=error.strerror) from error
        except BaseException:
            self.close()
            raise
        log = self._log
        self.origin, self.size, self.first, self.end = log.origin, log.size, log.first, log.end
        self.numbers: Sequence[int] = log.numbers
        self.archive = Archive(Path(self._folder.name))

    def __enter__(self) -> "BundleFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and remove what was laid out."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        self._folder.cleanup()

    def checkpoint(self) -> bytes:
        """Return the signed checkpoint; see `Evidence`."""
        return self._log.checkpoint()

    def tile(self, level: int, number: int, width: int) -> bytes | None:
        """Return a tile of hashes; see `Evidence`."""
        return self._log.tile(level, number, width)

    def entry_bundle(self, number: int, width: int) -> bytes | None:
        """Return a bundle of entries; see `Evidence`."""
        return self._log.entry_bundle(number, width)

    def bodies(self, number: int) -> Mapping[int, tuple[bytes, bytes]]:
        """Return the bodies of one entry bundle's leaves; see `Evidence`."""
        return self._log.bodies(number)

    def _read(self, offset: int, size: int) -> bytes:
        try:
            data = os.pread(self._descriptor, size, offset)
        except OSError as error:
            raise BundleError("BUNDLE_UNREADABLE", path=self._name, detail=error.strerror) from error
        if len(data) != size:
            raise BundleError("BUNDLE_TRUNCATED", file=self._name, offset=offset + len(data))
        return data

    def _index(self, file_size: int) -> tuple[BundleLog, BundleLog | None]:
        """Walk the file, note where everything lies, and lay out the archive."""
        members = self._members(file_size)
        about = read_about(self._expect(members, ABOUT))
        log = BundleLog(about, self._expect(members, CHECKPOINT), self._read)
        minutes: BundleLog | None = None
        minutes_about: About | None = None
        before = Place(0, 0, 0, "")
        file_count = archive_bytes = 0
        for member, offset, size in members:
            place = place_of(member, about, minutes_about)
            if place <= before:
                raise BundleError("BUNDLE_ORDER", member=shown(member))
            before = place
            _check_size(member, size, most_bytes(member, place))
            if place.rank == MINUTES_RANK:
                note = self._read(offset, size)
                minutes_about = _minutes_about(note)
                minutes = BundleLog(minutes_about, note, self._read, MINUTES)
            elif place.kind != ARCHIVE:
                owner = minutes if minutes is not None and place.is_minutes else log
                owner.add(place.kind, place.level, place.number, offset, size)
            else:
                file_count, archive_bytes = file_count + 1, archive_bytes + size
                _check_size("archive", archive_bytes, MAX_ARCHIVE_BYTES)
                _check_count("archive", file_count, MAX_ARCHIVE_FILES)
                self._lay_out(place.name, offset, size)
        return log, minutes

    def _expect(self, members: Iterator[tuple[str, int, int]], wanted: str) -> bytes:
        member, offset, size = next(members, ("–", 0, 0))
        if member != wanted:
            raise BundleError("BUNDLE_INCOMPLETE", member=wanted, found=shown(member))
        _check_size(member, size, most_bytes(member, None))
        return self._read(offset, size)

    def _members(self, file_size: int) -> Iterator[tuple[str, int, int]]:
        """Yield name, place and size of every member, after checking the bytes between them."""
        at = count = 0
        while True:
            block = self._read(at, BLOCK_BYTES)
            if not any(block):
                break
            try:
                name, size = read_ustar_header(block)
            except ValueError as error:
                raise BundleError("BUNDLE_HEADER", file=self._name, offset=at, found=str(error)) from None
            begin, gap = at + BLOCK_BYTES, padding(size)
            if begin + size + gap > file_size:
                raise BundleError("BUNDLE_TRUNCATED", file=self._name, offset=file_size)
            if any(self._read(begin + size, gap)):
                raise BundleError(
                    "BUNDLE_HEADER", file=self._name, offset=begin + size, found="padding that is not zero"
                )
            count += 1
            _check_count(self._name, count, MAX_MEMBERS)
            yield name, begin, size
            at = begin + size + gap
        if any(self._read(at, len(END))) or file_size != at + len(END):
            raise BundleError("BUNDLE_END", file=self._name, offset=at)

    def _lay_out(self, name: str, offset: int, size: int) -> None:
        path = Path(self._folder.name) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(self._read(offset, size))


def _minutes_about(note: bytes) -> About:
    """Return what the minutes' checkpoint says that they are; they are always whole.

    Raises:
        BundleError: BUNDLE_ABOUT: it is none, or of more than a bundle can hold.
    """
    try:
        said = parse_checkpoint_text(parse_note(note).text)
    except LogError as error:
        raise BundleError("BUNDLE_ABOUT", field=MINUTES_CHECKPOINT, found=error.reason) from None
    if said.size > MAX_SAFE_INTEGER:
        raise BundleError("BUNDLE_ABOUT", field=MINUTES_CHECKPOINT, found=str(said.size))
    return About(said.origin, said.size, 0, said.size)


def _plain_size(descriptor: int) -> int:
    state = os.fstat(descriptor)
    if not stat.S_ISREG(state.st_mode):
        raise OSError(errno.EINVAL, "not a plain file")
    return state.st_size


def _check_size(member: str, size: int, most: int) -> None:
    if size > most:
        raise BundleError("BUNDLE_TOO_LARGE", member=shown(member), size_bytes=size, most_bytes=most)


def _check_count(member: str, count: int, most: int) -> None:
    if count > most:
        raise BundleError("BUNDLE_TOO_MANY", member=shown(member), most=most)
