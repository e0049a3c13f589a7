"""Opening a journal's folder: begin it, or check everything that it stands on and finish what a crash interrupted.

Nothing is changed before everything is checked, so a folder that is refused stays as it was found. Work is bounded by
the depth of the tree and by what was not published yet, never by the length of the log.
"""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rankd.core.errors import JournalError, LogError
from rankd.core.log.note import NoteSigner
from rankd.store.atomic import sync_directory
from rankd.store.disk import Disk
from rankd.store.journal.bodies import BODIES_FOLDER, BodyStore
from rankd.store.journal.mark import Mark
from rankd.store.journal.publication import Publication
from rankd.store.journal.reading import PRIVATE_FOLDER, PUBLIC_FOLDER
from rankd.store.journal.tile_files import CHECKPOINT_FILE, TILE_FOLDER
from rankd.store.journal.wal import WriteAheadLog

WAL_FOLDER = "wal"


@dataclass(frozen=True, slots=True)
class Parts:
    """What a journal is made of, ready for work."""

    wal: WriteAheadLog
    bodies: BodyStore
    publication: Publication


def make_folders(folder: Path) -> None:
    """Make the folders of a journal where there are none, durably; the private ones for their owner alone.

    Raises:
        OSError: The disk refuses.
    """
    if not folder.is_dir():
        folder.mkdir(parents=True)
        sync_directory(folder.parent)
    private = folder / PRIVATE_FOLDER
    for path, mode in (
        (folder / PUBLIC_FOLDER, 0o755),
        (private, 0o700),
        (private / WAL_FOLDER, 0o700),
        (private / BODIES_FOLDER, 0o700),
    ):
        if not path.is_dir():
            path.mkdir(mode=mode)
            sync_directory(path.parent)


def open_parts(folder: Path, signer: NoteSigner, mark_path: Path, disk: Disk) -> Parts:
    """Open a journal whose lock this process holds.

    Args:
        folder: Its folder, with the folders in it.
        signer: The log key.
        mark_path: The key's mark.
        disk: How to write.

    Raises:
        JournalError: It is not as it was left; the reason says what, and nothing was changed.
        OSError: The disk refuses.
    """
    public, private = folder / PUBLIC_FOLDER, folder / PRIVATE_FOLDER
    mark = Mark(mark_path, signer.verifier, disk)
    publication = Publication(public, signer, mark, disk)
    if not (public / CHECKPOINT_FILE).exists():
        _begin(public, private, mark, publication, disk)
    publication.load()
    size = publication.size
    with ExitStack() as opened:
        wal = WriteAheadLog.open(private / WAL_FOLDER, size, disk)
        opened.callback(wal.close)
        _check_overlap(wal, publication, private / WAL_FOLDER)
        mark.check(wal.count, lambda marked_size: _root_at(marked_size, wal, publication))
        bodies = BodyStore(private, disk)
        opened.callback(bodies.close)
        bodies.check(size)
        wal.recover()
        bodies.recover(size)
        publication.announce()
        opened.pop_all()
    return Parts(wal, bodies, publication)


def _begin(public: Path, private: Path, mark: Mark, publication: Publication, disk: Disk) -> None:
    """Begin a journal in an empty folder. The checkpoint comes last: without it, nothing was ever committed here."""
    wal_folder = private / WAL_FOLDER
    is_used = (public / TILE_FOLDER).exists() or any((private / BODIES_FOLDER).iterdir())
    if not is_used and any(wal_folder.glob("*.wal")):
        wal = WriteAheadLog.open(wal_folder, 0, disk)
        is_used = wal.count > 0
        wal.close()
    if is_used:
        raise JournalError("JOURNAL_CHECKPOINT_MISSING", path=public / CHECKPOINT_FILE)
    mark.check(0, lambda _: publication.root_with(0, ()))
    BodyStore.begin(private, disk)
    WriteAheadLog.begin(wal_folder, disk)
    publication.begin()


def _check_overlap(wal: WriteAheadLog, publication: Publication, folder: Path) -> None:
    """Make sure that published entries which are still in the write-ahead log are the published ones."""
    for index in range(wal.first, publication.size):
        summary = wal.summary(index)
        try:
            if summary is None or publication.leaf_hash(index) == summary.leaf_hash:
                continue
        except LogError as error:
            where = error.metadata.get("path", folder)
            raise JournalError(
                "JOURNAL_EDGE_DIFFERS", path=where, detail=error.reason, size=publication.size
            ) from error
        raise JournalError("JOURNAL_WAL_DIFFERS", path=folder, index=index)


def _root_at(size: int, wal: WriteAheadLog, publication: Publication) -> bytes:
    further = [summary.leaf_hash for index in range(publication.size, size) if (summary := wal.summary(index))]
    try:
        return publication.root_with(size, further)
    except LogError as error:
        where = error.metadata.get("path", "tile")
        raise JournalError("JOURNAL_EDGE_DIFFERS", path=where, detail=error.reason, size=publication.size) from error
