"""A mirror of the record, fetched entry by entry from who keeps the minutes: written only once it was all verified."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeAlias

from rankd.core.errors import AssemblyError
from rankd.store.fetched_minutes import FetchedMinutes
from rankd.store.record_folder import MINUTES, RecordFolder
from rankd.store.record_writer import RecordWriter
from rankd.usecases.audit.leaves import said_checkpoint
from rankd.usecases.govern.reading import Minutes, Seen, read_minutes
from rankd.usecases.govern.record_view import own_folders, record_files


class ShownEntry(Protocol):
    """An entry as somebody shows it; the body's two parts are None where it may not be read."""

    @property
    def leaf(self) -> bytes:
        """The entry's leaf."""

    @property
    def key(self) -> bytes | None:
        """The body's key."""

    @property
    def envelope(self) -> bytes | None:
        """The envelope's canonical JSON."""


class ShownPage(Protocol):
    """Entries that follow each other."""

    @property
    def entries(self) -> Sequence[ShownEntry]:
        """The entries, without gaps from the index that was asked for."""

    @property
    def size(self) -> int:
        """How many entries there are in all."""

    @property
    def checkpoint(self) -> bytes:
        """The newest checkpoint, which covers no more than there are."""


Pages: TypeAlias = Callable[[int], ShownPage]
"""Returns the entries from an index on; at least one, where there are more."""


def mirror(pages: Pages, genesis: bytes, record: Path, *, name: str, now_s: int, jobs: int = 1) -> Minutes:
    """Bring a record to the newest state of the minutes, or begin one.

    All entries are fetched each time: ballots become public after the close, and bodies are erased. They are held in
    memory until they are verified; a crash afterwards leaves a record that the next call finishes (`RecordWriter`).

    Args:
        pages: Gives the entries.
        genesis: The genesis digest, from elsewhere.
        record: The record's folder, made where there is none.
        name: What to call the giver in words.
        now_s: The time before anything is fetched, POSIX seconds.
        jobs: How many processes verify signatures.

    Returns:
        The minutes, without faults.

    Raises:
        RankdError: RECORD_FOLDER_TAKEN: something else lies there; what `read_minutes` refuses, or the first fault that
            it finds; MINUTES_ROLLED_BACK or MINUTES_FORKED also where these are not the minutes of the record as it
            lies there, grown; RECORD_UNWRITABLE.
    """
    seen = _seen(record)
    source = FetchedMinutes(name)
    while True:
        page = pages(source.count)
        for entry in page.entries:
            source.add(entry.leaf, entry.key, entry.envelope)
        if not page.entries or source.count >= page.size:
            break
    source.end_at(page.checkpoint)
    minutes = read_minutes(source, genesis, now_s=now_s, seen=seen, jobs=jobs)
    if minutes.faults:
        raise minutes.faults[0].error
    told = minutes.assembly.at(max(minutes.assembly.time_ms, 1_000 * now_s))
    if told.withheld is not None:
        # A vote that closed just now, and its ballots were not yet shown: the files tell of the last entry's time.
        told = minutes.assembly
    writer = RecordWriter(record, source)
    writer.write(minutes.note, record_files(told), (), own_folders(told))
    return minutes


def _seen(record: Path) -> Seen | None:
    """Return the state of the record that lies there; None where there is none yet."""
    try:
        said = said_checkpoint(RecordFolder(record))
    except AssemblyError as error:
        if error.reason != "MINUTES_MISSING":
            raise
    else:
        return Seen(said.size, said.root)
    # What does not belong to a record is removed from its folders, so nothing else may lie there: not the home of a
    # journal, of all things. A record that was begun has its tiles, and no checkpoint yet; .git may be there before.
    is_begun = (record / MINUTES / "tile").is_dir()
    is_folder = record.is_dir()
    is_taken = any(not path.name.startswith(".") for path in record.iterdir()) if is_folder else record.exists()
    if is_taken and not is_begun:
        raise AssemblyError("RECORD_FOLDER_TAKEN", path=record)
    return None
