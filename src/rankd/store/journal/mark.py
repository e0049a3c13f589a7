"""The mark: the last checkpoint that a log key signed, kept beside the key and apart from the log.

Whoever restores an old copy of a journal and goes on signs a second history, and two histories under one key are what
a log promises never to have. The copy cannot tell that it is old; the mark can, because it is not in it.
"""

from collections.abc import Callable
from pathlib import Path

from rankd.core.errors import JournalError, LogError
from rankd.core.log.checkpoint import Checkpoint, open_checkpoint
from rankd.core.log.note import NoteVerifier
from rankd.store.disk import Disk


class Mark:
    """The mark of one log key.

    Args:
        path: Its file, in a folder that exists and is not copied or restored with the journal.
        verifier: The log key under its origin.
        disk: How to write.

    Attributes:
        size: The size that was last signed, as far as it was read or written here.
    """

    def __init__(self, path: Path, verifier: NoteVerifier, disk: Disk) -> None:
        self._path = path
        self._verifier = verifier
        self._disk = disk
        self.size = 0

    def read(self) -> Checkpoint | None:
        """Return the last checkpoint that the key signed, None if it signed none that this machine knows of.

        Raises:
            JournalError: JOURNAL_MARK_DAMAGED: the file is no checkpoint of this key.
            OSError: The disk refuses.
        """
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            return open_checkpoint(data, self._verifier).checkpoint
        except LogError as error:
            raise JournalError("JOURNAL_MARK_DAMAGED", path=self._path, detail=error.reason) from error

    def write(self, note: bytes, size: int) -> None:
        """Replace the mark by a checkpoint of this size, durably. A crash leaves the old one or the new one.

        Raises:
            OSError: The disk refuses.
        """
        self._disk.replace(self._path, note)
        self.size = size

    def check(self, count: int, root_at: Callable[[int], bytes]) -> None:
        """Make sure that a journal holds everything that its key ever signed, so that it may be signed for again.

        Args:
            count: How many entries are committed in the journal.
            root_at: Gives the root of its first entries, up to `count`.

        Raises:
            JournalError: JOURNAL_MARK_MISSING, JOURNAL_ROLLED_BACK, JOURNAL_MARK_DAMAGED.
            OSError: The disk refuses.
        """
        marked = self.read()
        if marked is None:
            if count:
                raise JournalError("JOURNAL_MARK_MISSING", path=self._path, count=count)
            return
        if marked.size > count or root_at(marked.size) != marked.root:
            raise JournalError("JOURNAL_ROLLED_BACK", path=self._path, marked=marked.size, count=count)
        self.size = marked.size
