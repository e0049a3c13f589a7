"""The public folder of a journal: checkpoint, key and tiles as files that any web server may publish."""

import shutil
from pathlib import Path

from rankd.core.log.tiles import TILE_WIDTH, Level, tile_path
from rankd.store.atomic import sync_directory
from rankd.store.disk import Disk

CHECKPOINT_FILE = "checkpoint"
VKEY_FILE = "vkey"
WITNESSED_FILE = "witnessed"
TILE_FOLDER = "tile"


def read_tile(public: Path, level: Level, number: int, width: int) -> bytes | None:
    """Return the tile's bytes, None where there is no such file.

    Raises:
        OSError: The disk refuses.
    """
    return read_public(public / tile_path(level, number, width))


def read_public(path: Path) -> bytes | None:
    """Return the content of a public file, None where there is none.

    Raises:
        OSError: The disk refuses.
    """
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def write_tile(public: Path, level: Level, number: int, width: int, data: bytes, disk: Disk) -> None:
    """Write a tile durably. A full one makes its partial ones unneeded, so they go.

    A crash leaves the tile as it was or as it is, and perhaps some of the partial ones.

    Raises:
        OSError: The disk refuses.
    """
    path = public / tile_path(level, number, width)
    _make_folders(path.parent)
    disk.replace(path, data)
    if width == TILE_WIDTH:
        partial = path.with_name(f"{path.name}.p")
        if partial.is_dir():
            shutil.rmtree(partial)


def _make_folders(folder: Path) -> None:
    if not folder.is_dir():
        _make_folders(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_directory(folder.parent)
