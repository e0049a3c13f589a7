"""Writing the record: what may be public of a journal of minutes, and files for people, in a folder to be mirrored."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from rankd.core.errors import AssemblyError, LogError
from rankd.core.log.checkpoint import parse_checkpoint_text
from rankd.core.log.note import parse_note
from rankd.core.log.tiles import TILE_WIDTH, Level, tile_path, tiles_of
from rankd.store.atomic import sync_directory
from rankd.store.bundle_bodies import body_head
from rankd.store.disk import Disk
from rankd.store.evidence import Source
from rankd.store.journal.reading import JournalFiles
from rankd.store.plain_files import PlainFiles
from rankd.store.record_folder import MAX_FILES, MINUTES, TOLD_FILE, bodies_path

_CHECKPOINT = f"{MINUTES}/checkpoint"


class RecordWriter:
    """Brings a record to the state of its journal. Only files that change are written; one writer at a time.

    A state is written step by step, and the next `write` finishes or repeats whatever a crash interrupted:

    1. Tiles and entry bundles that are new. Crash: tiles that the record's checkpoint does not need yet.
    2. Bodies: those of new entries, those that may be public from now on; without those that were erased. Crash: some
       are there that the checkpoint does not cover, or some erased ones still are.
    3. Files for people, then the one that says what they tell of. Crash: some of them are ahead of it.
    4. The checkpoint. Crash: the record is new, and some files are too many.
    5. What no state needs any more is removed: narrower tiles, files that nothing in the minutes asks for, files under
       way when a crash came.

    Readers who come while this goes on find the old checkpoint with everything that it needs, or the new one.

    Args:
        folder: The record's folder, made where there is none.
        journal: The folder of the journal, or minutes in another form.
        disk: How to write.
    """

    def __init__(self, folder: Path, journal: Path | Source, disk: Disk | None = None) -> None:
        self._folder = folder
        self._journal = JournalFiles(journal) if isinstance(journal, Path) else journal
        self._disk = disk or Disk()
        self._plain = PlainFiles(folder)
        # What this writer knows to be there; None: it has not looked yet.
        self._size: int | None = None
        self._bodies: dict[int, tuple[int, frozenset[int]]] = {}
        self._files: dict[str, bytes] = {}

    def forget(self, indexes: Iterable[int]) -> None:
        """Have the bodies beside these entries written anew at the next `write`: one of them was erased."""
        for index in indexes:
            self._bodies.pop(index // TILE_WIDTH, None)

    def write(
        self, note: bytes, files: Mapping[str, bytes], hidden: Collection[int], own_folders: Collection[str]
    ) -> bool:
        """Bring the record to a state of the journal.

        Args:
            note: The journal's newest checkpoint.
            files: The files for people by their path under the record, with the one that says what they tell of. Where
                nothing else changes, that one stays as it is.
            hidden: Entries up to the checkpoint whose bodies must not be public yet.
            own_folders: Folders right under the record in which nothing else may lie.

        Returns:
            Whether anything was written.

        Raises:
            AssemblyError: RECORD_UNWRITABLE; it can be tried again.
            JournalError, LogError: The journal cannot be read.
        """
        try:
            return self._write(note, files, hidden, own_folders)
        except OSError as error:
            # What is there is not what was thought: look again at the next try.
            self._size = None
            where = error.filename or self._folder
            raise AssemblyError("RECORD_UNWRITABLE", path=where, detail=error.strerror or error) from error
        except BaseException:
            self._size = None
            raise

    def _write(
        self, note: bytes, files: Mapping[str, bytes], hidden: Collection[int], own_folders: Collection[str]
    ) -> bool:
        size = parse_checkpoint_text(parse_note(note).text).size
        is_first = self._size is None
        before = 0 if self._size is None or self._size > size else self._size
        if is_first:
            self._bodies, self._files = {}, {}
            _make_folders(self._folder / MINUTES)
        changed = False
        for name, data in self._tiles(size, before):
            changed |= self._put(name, data)
        changed |= self._write_bodies(size, hidden)
        for name, data in files.items():
            if name != TOLD_FILE and self._files.get(name) != data:
                changed |= self._put(name, data)
                self._files[name] = data
        surplus = self._surplus(size, files, own_folders) if is_first else self._outgrown(size, before, files)
        changed |= bool(surplus) or self._read(_CHECKPOINT) != note or self._read(TOLD_FILE) is None
        if changed:
            self._put(TOLD_FILE, files[TOLD_FILE])
            self._put(_CHECKPOINT, note)
            for name in surplus:
                self._remove(name)
                self._files.pop(name, None)
        self._size = size
        return changed

    def _tiles(self, size: int, before: int) -> Iterator[tuple[str, bytes]]:
        """Yield path and content of the tiles and entry bundles that a smaller state does not have."""
        if size == before:
            return
        for level, number, width in tiles_of(size, before):
            yield self._tile(level, number, width, self._journal.tile(level, number, width))
        for number in range(before // TILE_WIDTH, -(-size // TILE_WIDTH)):
            width = min(size - number * TILE_WIDTH, TILE_WIDTH)
            yield self._tile("entries", number, width, self._journal.entry_bundle(number, width))

    @staticmethod
    def _tile(level: Level, number: int, width: int, data: bytes | None) -> tuple[str, bytes]:
        path = tile_path(level, number, width)
        if data is None:
            raise LogError("TILE_MISSING", path=path)
        return f"{MINUTES}/{path}", data

    def _write_bodies(self, size: int, hidden: Collection[int]) -> bool:
        by_number: dict[int, set[int]] = {}
        for index in hidden:
            by_number.setdefault(index // TILE_WIDTH, set()).add(index)
        changed = False
        for number in range(-(-size // TILE_WIDTH)):
            end = min(size, (number + 1) * TILE_WIDTH)
            state = (end, frozenset(by_number.get(number, ())))
            if self._bodies.get(number) == state:
                continue
            name = f"{MINUTES}/{bodies_path(number)}"
            found = self._bodies_of(number, end)
            shown = ((index, *found[index]) for index in sorted(found) if index not in state[1])
            data = b"".join(body_head(index, key, len(sealed)) + sealed for index, key, sealed in shown)
            if data:
                changed |= self._put(name, data)
            elif self._read(name) is not None:
                self._remove(name)
                changed = True
            self._bodies[number] = state
        return changed

    def _bodies_of(self, number: int, end: int) -> Mapping[int, tuple[bytes, bytes]]:
        """Return key and sealed body of an entry bundle's leaves before `end` that have one."""
        if isinstance(self._journal, JournalFiles):
            return self._journal.bodies(number * TILE_WIDTH, end)
        return self._journal.bodies(number)

    def _outgrown(self, size: int, before: int, files: Mapping[str, bytes]) -> list[str]:
        """Return what the last state needed and this one does not."""
        gone = [name for name in self._files if name not in files]
        if size > before:
            kept = set(_tile_names(size))
            gone += [name for name in _tile_names(before) if name not in kept]
        return gone

    def _surplus(self, size: int, files: Mapping[str, bytes], own_folders: Collection[str]) -> list[str]:
        """Return what lies in the record's own folders and is not of this state, and files under way there."""
        kept = {*_tile_names(size), *files, _CHECKPOINT}
        kept |= {f"{MINUTES}/{bodies_path(number)}" for number in self._bodies}
        names = (name for name, _ in self._plain.names(MAX_FILES, with_hidden=True))
        return [
            name
            for name in names
            if name not in kept and (_is_under_way(name) or name.partition("/")[0] in own_folders)
        ]

    def _put(self, name: str, data: bytes) -> bool:
        """Give a file this content unless it has it; tell whether it was written."""
        if self._read(name) == data:
            return False
        path = self._folder / name
        _make_folders(path.parent)
        self._disk.replace(path, data)
        return True

    def _read(self, name: str) -> bytes | None:
        path = self._folder / name
        try:
            return None if path.is_symlink() or not path.is_file() else path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _remove(self, name: str) -> None:
        path = self._folder / name
        self._disk.remove(path)
        if path.parent.name.endswith(".p") and not any(path.parent.iterdir()):
            path.parent.rmdir()


def _tile_names(size: int) -> Iterator[str]:
    for level, number, width in tiles_of(size):
        yield f"{MINUTES}/{tile_path(level, number, width)}"
    for number in range(-(-size // TILE_WIDTH)):
        yield f"{MINUTES}/{tile_path('entries', number, min(size - number * TILE_WIDTH, TILE_WIDTH))}"


def _is_under_way(name: str) -> bool:
    """Tell whether a crash left this behind; see `write_atomic`."""
    last = name.rpartition("/")[2]
    return last.startswith(".") and last.endswith(".tmp")


def _make_folders(folder: Path) -> None:
    if not folder.is_dir():
        _make_folders(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_directory(folder.parent)
