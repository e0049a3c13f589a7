"""Secret files: for their owner only, on disk before anybody uses what they hold, never overwritten."""

import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

from rankd.core.errors import ServiceError
from rankd.store.atomic import sync_directory

SECRET_BYTES = 32
_OTHERS = 0o077


class LoosePermissionsError(PermissionError):
    """A secret file lies open to others than its owner."""


def create_secret_file(path: Path, data: bytes) -> None:
    """Make a new file that only its owner can read; on return its content and its name are on disk.

    A crash leaves the whole file or none, and perhaps a hidden file `.<name>.…tmp` beside it, either unused or a second
    name of the same file. An error leaves the same, without the hidden file.

    Args:
        path: The file; its directory exists.
        data: The whole content.

    Raises:
        FileExistsError: There is something at `path`; it is left as it is.
        OSError: The disk refuses.
    """
    # mkstemp makes files that only their owner can read, whatever the umask.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # Unlike a rename, a link never takes the place of a file that is there.
        os.link(name, path)
    finally:
        Path(name).unlink(missing_ok=True)
    sync_directory(path.parent)


def read_secret_file(path: Path, most_bytes: int) -> bytes:
    """Return what a secret file holds.

    Args:
        path: The file, reached through links.
        most_bytes: A longer file is cut to one byte more than this, so that it can be told.

    Raises:
        LoosePermissionsError: Others than its owner can read or write it.
        OSError: It cannot be read, or is no regular file.
    """
    # Not blocking, so that a pipe in the place of a file does not hold us up.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if not stat.S_ISREG(mode):
            raise OSError(0, "not a regular file")
        if mode & _OTHERS:
            raise LoosePermissionsError(0, f"mode {stat.S_IMODE(mode):04o}")
        return file.read(most_bytes + 1)


def blank_secret_file(path: Path) -> None:
    """Overwrite what a secret file holds, durably, and leave it empty; also under any other name that it has.

    A crash leaves the secret, zeros in its place, or nothing. What a disk that writes elsewhere instead of overwriting
    keeps of it is beyond us.

    Raises:
        OSError: The disk refuses.
    """
    with path.open("r+b") as file:
        file.write(bytes(os.fstat(file.fileno()).st_size))
        file.flush()
        os.fsync(file.fileno())
        file.truncate(0)
        os.fsync(file.fileno())


def make_secret_folder(path: Path) -> None:
    """Make a folder for its owner only, durably, where there is none.

    Raises:
        OSError: The disk refuses.
    """
    if not path.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
        sync_directory(path.parent)


def open_secret(data_dir: Path, draw: Callable[[int], bytes] = os.urandom) -> bytes:
    """Return the secret of this data directory's feedback tokens, 32 bytes, made when it is first asked for.

    Where it is lost, tokens given out before are not known any more; decisions and receipts are as good as ever.

    Args:
        data_dir: The data directory, whose journal this process holds.
        draw: Where secrets come from.

    Raises:
        ServiceError: SECRET_UNUSABLE: the disk refuses, others can read it, or it is not of its length.
    """
    path = data_dir / "keys" / "feedback.secret"
    try:
        make_secret_folder(path.parent)
        if not path.exists():
            create_secret_file(path, draw(SECRET_BYTES))
        secret = read_secret_file(path, SECRET_BYTES)
    except OSError as error:
        raise ServiceError("SECRET_UNUSABLE", path=path, detail=error.strerror) from error
    if len(secret) != SECRET_BYTES:
        raise ServiceError("SECRET_UNUSABLE", path=path, detail=f"{len(secret)} ≠ {SECRET_BYTES}")
    return secret
