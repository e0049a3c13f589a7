"""Atomic files: after a crash there is the old content or the new, never half of one."""

import os
import tempfile
from pathlib import Path


def write_atomic(path: Path, data: bytes) -> None:
    """Replace the file at `path` by `data`, durably.

    On return the content and its name are on disk (fsync of the file and of its directory). A crash leaves the old
    file or the new one, and perhaps a hidden file `.<name>.…tmp` beside it that nobody reads. On an error the
    old file is untouched.

    Args:
        path: The file; its directory exists. A link at `path` is replaced, not followed.
        data: The whole content.

    Raises:
        OSError: The disk refuses.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            # mkstemp makes files for their owner only; what is published must be readable.
            os.fchmod(file.fileno(), 0o644)
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Make the names in the directory `path` durable."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
