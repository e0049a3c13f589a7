"""Packs: files of sealed bodies, appended to and never changed.

A pack is `FILE_HEADER`, then frames (see `store.frames`) whose index is the leaf's; leaves without a body leave gaps.
Where each frame lies stands in the table of keys. Without its key a sealed body is noise: erasing leaves packs alone.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from rankd.core.errors import JournalError, RecordError
from rankd.core.exact.canonical import sha256
from rankd.store.disk import Disk
from rankd.store.frames import HEAD_BYTES, frame_head, read_frame

FILE_HEADER = b"rankd.pack/1\n"
PACK_BYTES = 1 << 28
"""A pack that has grown to this takes no more bodies."""

_NAME = re.compile(r"[0-9]{16}\.pack")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed body lies.

    Attributes:
        pack: The pack's number: the index of its first body's leaf.
        at: Offset of the frame in bytes.
        size: Length of the sealed body in bytes, without the frame's head.
    """

    pack: int
    at: int
    size: int


def pack_path(folder: Path, number: int) -> Path:
    """Return where a pack lies."""
    return folder / f"{number:016d}.pack"


def read_sealed(folder: Path, index: int, place: Place) -> bytes:
    """Return the sealed body of a leaf, checked against its digest.

    Raises:
        JournalError: JOURNAL_BODY_DAMAGED.
        OSError: The disk refuses.
    """
    path = pack_path(folder, place.pack)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            sealed = read_frame(descriptor, index, place.at, str(path))
        finally:
            os.close(descriptor)
        if len(sealed) == place.size:
            return sealed
    except (RecordError, FileNotFoundError, OverflowError):
        pass
    raise JournalError("JOURNAL_BODY_DAMAGED", file=path, offset=place.at, index=index)


class PackWriter:
    """Appends sealed bodies to the last pack of a folder. For one thread at a time.

    Bodies are durable when `sync` returned. After any error, `recover` before the next `append`.
    """

    def __init__(self, folder: Path, disk: Disk) -> None:
        self._folder = folder
        self._disk = disk
        self._number = -1
        self._descriptor = -1
        self._end = 0

    def check(self, last: Place | None) -> None:
        """Make sure that the packs reach to the last body that the table knows; nothing is changed.

        Raises:
            JournalError: JOURNAL_PACK_SHORT, or JOURNAL_PACK_DAMAGED: it does not begin as a pack.
            OSError: The disk refuses.
        """
        if last is None:
            return
        path = pack_path(self._folder, last.pack)
        wanted = last.at + HEAD_BYTES + last.size
        found = path.stat().st_size if path.is_file() else 0
        if found < wanted:
            raise JournalError("JOURNAL_PACK_SHORT", file=path, wanted=wanted, found=found)
        with path.open("rb") as file:
            if file.read(len(FILE_HEADER)) != FILE_HEADER:
                raise JournalError("JOURNAL_PACK_DAMAGED", file=path, wanted=FILE_HEADER.decode().strip())

    def recover(self, last: Place | None) -> None:
        """Cut off everything behind the last body that counts, and go on from there.

        Raises:
            JournalError: See `check`.
            OSError: The disk refuses.
        """
        self.check(last)
        self.close()
        for path in sorted(self._folder.iterdir()):
            if _NAME.fullmatch(path.name) and (last is None or int(path.stem) > last.pack):
                self._disk.remove(path)
        if last is None:
            return
        descriptor = os.open(pack_path(self._folder, last.pack), os.O_RDWR | os.O_CLOEXEC)
        self._number, self._descriptor, self._end = last.pack, descriptor, last.at + HEAD_BYTES + last.size
        self._disk.cut(descriptor, self._end)

    def append(self, index: int, sealed: bytes) -> Place:
        """Write one sealed body behind the last, in a new pack if that one is full.

        Raises:
            OSError: The disk refuses.
        """
        if self._descriptor < 0 or self._end >= PACK_BYTES:
            self._begin(index)
        place = Place(self._number, self._end, len(sealed))
        frame = frame_head(index, len(sealed), sha256(sealed)) + sealed
        self._disk.write(self._descriptor, frame, self._end)
        self._end += len(frame)
        return place

    def sync(self) -> None:
        """Return once all bodies are on disk.

        Raises:
            OSError: The disk refuses.
        """
        if self._descriptor >= 0:
            self._disk.sync(self._descriptor)

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._number = self._descriptor = -1

    def _begin(self, index: int) -> None:
        self.sync()
        self.close()
        path = pack_path(self._folder, index)
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        self._number, self._end = index, len(FILE_HEADER)
        self._disk.write(self._descriptor, FILE_HEADER, 0)
        self._disk.sync_names(self._folder)
