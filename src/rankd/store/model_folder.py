"""Model folders: a sealed model on disk."""

import ctypes
import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path

from rankd.core.errors import ModelError
from rankd.forest.manifest import MANIFEST_FILE, read_manifest
from rankd.forest.sealed import SealedModel, listed_files, open_sealed
from rankd.store.atomic import sync_directory

MAX_FILE_BYTES = 64 * 1024 * 1024
_ATTEMPTS = 3
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def read_model_folder(path: Path) -> SealedModel:
    """Read and check a sealed model.

    Only manifest.json and the names that it lists are opened, as plain files of this folder: links are not
    followed. Other files in the folder are not looked at. A folder that is replaced while it is read is read again.

    Args:
        path: The folder; it may itself be reached through a link.

    Raises:
        ModelError: MODEL_FILE_MISSING, MODEL_FILE_NOT_PLAIN, MODEL_FILE_TOO_LARGE, MODEL_FOLDER_UNREADABLE, or what
            `open_sealed` refuses.
    """
    for attempt in range(_ATTEMPTS):
        try:
            folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise _unreadable(path, error) from error
        try:
            return _read(folder)
        except ModelError:
            # `write_model_folder` deletes the replaced folder's files, perhaps while they are being read here.
            if attempt == _ATTEMPTS - 1 or _still_at(path, folder):
                raise
        except OSError as error:
            raise _unreadable(path, error) from error
        finally:
            os.close(folder)
    raise AssertionError("unreachable: the last attempt returns or raises")


def write_model_folder(path: Path, files: Mapping[str, bytes], *, replace: bool = False) -> None:
    """Write a sealed model, durably and all at once, after `open_sealed` accepted it.

    The files are written and synced in a hidden sibling `.<name>.….tmp`, which then takes the folder's name in one
    rename, or in one exchange where it replaces a folder. A crash leaves at `path` what was there before (perhaps
    nothing) or all of the new model, and perhaps the hidden sibling, which nobody reads and which may be deleted.

    Args:
        path: The folder to make; its parent exists.
        files: Content by file name, as `open_sealed` takes it.
        replace: Whether a folder at `path` may be replaced.

    Raises:
        ModelError: MODEL_FOLDER_EXISTS, MODEL_FILE_NOT_PLAIN if `path` is something else than a folder,
            MODEL_FOLDER_UNWRITABLE (nothing changed), or what `open_sealed` refuses.
    """
    open_sealed(files)
    if os.path.lexists(path):
        if not replace:
            raise ModelError("MODEL_FOLDER_EXISTS", path=path)
        if path.is_symlink() or not path.is_dir():
            raise ModelError("MODEL_FILE_NOT_PLAIN", file=path)
    try:
        staged = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp"))
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        _stage(staged, files)
        if os.path.lexists(path):
            _exchange(staged, path)
        else:
            staged.rename(path)
        sync_directory(path.parent)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            raise ModelError("MODEL_FOLDER_EXISTS", path=path) from error
        raise _unwritable(path, error) from error
    finally:
        # After an exchange this is the old model, after a failure the unfinished one, after a rename nothing.
        shutil.rmtree(staged, ignore_errors=True)


def _read(folder: int) -> SealedModel:
    files = {MANIFEST_FILE: _read_file(folder, MANIFEST_FILE)}
    for name in listed_files(read_manifest(files[MANIFEST_FILE])):
        files[name] = _read_file(folder, name)
    return open_sealed(files)


def _read_file(folder: int, name: str) -> bytes:
    try:
        # O_NONBLOCK: opening a pipe must not wait for its writer.
        handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except FileNotFoundError:
        raise ModelError("MODEL_FILE_MISSING", file=name) from None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):
            raise ModelError("MODEL_FILE_NOT_PLAIN", file=name) from error
        raise
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise ModelError("MODEL_FILE_NOT_PLAIN", file=name)
    with os.fdopen(handle, "rb") as file:
        data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise ModelError("MODEL_FILE_TOO_LARGE", file=name, limit_bytes=MAX_FILE_BYTES)
    return data


def _still_at(path: Path, folder: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(folder))
    except OSError:
        return False


def _stage(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        with (folder / name).open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    # mkdtemp makes folders for their owner only; the service runs as somebody else.
    folder.chmod(0o755)
    sync_directory(folder)


def _exchange(one: Path, other: Path) -> None:
    """Exchange two names in one step (Linux `renameat2`); no sequence of plain renames survives a crash."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        raise OSError(errno.ENOTSUP, "this system cannot exchange two folders")
    if renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def _unreadable(path: Path, error: OSError) -> ModelError:
    return ModelError("MODEL_FOLDER_UNREADABLE", path=path, detail=error.strerror)


def _unwritable(path: Path, error: OSError) -> ModelError:
    return ModelError("MODEL_FOLDER_UNWRITABLE", path=path, detail=error.strerror)
