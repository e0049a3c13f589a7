"""The record around the minutes: whether its files say what the minutes say, and whether anything else lies there."""

from collections.abc import Iterator

from rankd.core.assembly.fold import Assembly
from rankd.core.errors import AssemblyError, RankdError
from rankd.core.exact.canonical import CanonicalError, parse_canonical
from rankd.core.log.tiles import TileTree, tiles_of
from rankd.store.record_folder import MINUTES, TOLD_FILE, RecordFolder, bodies_path
from rankd.usecases.govern.record_view import record_files, told_file

MAX_AHEAD_MS = 600_000
MAX_ERRORS = 10_000


def check_record(folder: RecordFolder, tree: TileTree, assembly: Assembly, now_ms: int) -> list[RankdError]:
    """Return what is wrong with a record beside the entries themselves, at most `MAX_ERRORS` things.

    Args:
        folder: The record.
        tree: Its tree, verified.
        assembly: The assembly after all its entries.
        now_ms: The time of judging.
    """
    errors: list[RankdError] = []
    try:
        for error in _errors(folder, tree, assembly, now_ms):
            errors.append(error)
            if len(errors) == MAX_ERRORS:
                break
    except RankdError as error:
        errors.append(error)
    return errors


def _errors(folder: RecordFolder, tree: TileTree, assembly: Assembly, now_ms: int) -> Iterator[RankdError]:
    for level, number, _ in tiles_of(tree.size):
        try:
            tree.tile(level, number)
        except RankdError as error:
            yield error
    bodies = {f"{MINUTES}/{bodies_path(number)}" for number in folder.numbers if _has_bodies(folder, number)}
    told_ms = _told_ms(folder, assembly, now_ms)
    files: dict[str, bytes] = {}
    if told_ms is None:
        yield AssemblyError("RECORD_FILE_DIFFERS", path=folder.path / TOLD_FILE)
    elif (view := assembly.at(told_ms)).withheld is None:
        files = record_files(view)
    for name, wanted in files.items():
        try:
            found = folder.readable(name)
        except RankdError as error:
            yield error
            continue
        if found is not None and found != wanted:
            yield AssemblyError("RECORD_FILE_DIFFERS", path=folder.path / name)
    missing = {*files, *folder.tile_names(), TOLD_FILE}
    for name, is_plain in folder.names():
        if name in missing and is_plain:
            missing.discard(name)
        # Where it is not told what the files tell of, or ballots that it rests on are not shown (yet, where a vote was
        # extended), nobody knows which there should be.
        elif (name not in bodies or not is_plain) and (files or name.startswith(f"{MINUTES}/")):
            yield AssemblyError("RECORD_FILE_UNEXPECTED", path=folder.path / name)
    yield from (AssemblyError("RECORD_FILE_MISSING", path=folder.path / name) for name in sorted(missing))


def _has_bodies(folder: RecordFolder, number: int) -> bool:
    try:
        return folder.has_bodies(number)
    except RankdError:
        # Named already, by whoever needed them.
        return True


def _told_ms(folder: RecordFolder, assembly: Assembly, now_ms: int) -> int | None:
    """Return the moment of which the files for people tell; None where it is not said, or cannot be."""
    told = folder.readable(TOLD_FILE)
    try:
        document = None if told is None else parse_canonical(told.removesuffix(b"\n"))
    except CanonicalError:
        document = None
    time_ms = document.get("time_ms") if type(document) is dict else None
    if type(time_ms) is not int or time_ms < assembly.time_ms or told != told_file(assembly, time_ms):
        return None
    if not assembly.is_dev and time_ms > now_ms + MAX_AHEAD_MS:
        return None
    return time_ms
