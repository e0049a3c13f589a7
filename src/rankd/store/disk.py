"""The disk under decisions and journals: what writing durably asks of it, and who may."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

from rankd.core.errors import ServiceError
from rankd.store.atomic import sync_directory, write_atomic


class Disk:
    """What is asked of a disk when something is written. Tests put one in its place that fails."""

    def write(self, descriptor: int, data: bytes, offset: int) -> None:
        """Write all of `data` at `offset`."""
        rest = memoryview(data)
        while rest:
            written = os.pwrite(descriptor, rest, offset)
            rest, offset = rest[written:], offset + written

    def sync(self, descriptor: int) -> None:
        """Return once content and length are on disk."""
        os.fdatasync(descriptor)

    def cut(self, descriptor: int, size: int) -> None:
        """Shorten the file to `size`, durably."""
        os.ftruncate(descriptor, size)
        os.fsync(descriptor)

    def replace(self, path: Path, data: bytes) -> None:
        """Give the file at `path` this content, durably and at once; see `write_atomic`."""
        write_atomic(path, data)

    def rename(self, source: Path, target: Path) -> None:
        """Give the file another name in its folder, durably."""
        source.rename(target)
        sync_directory(target.parent)

    def sync_names(self, folder: Path) -> None:
        """Make the names in a folder durable."""
        sync_directory(folder)

    def transact(self, commit: Callable[[], None]) -> None:
        """Commit a transaction of a database, which writes by itself."""
        commit()

    def remove(self, path: Path) -> None:
        """Remove the file where there is one, durably."""
        path.unlink(missing_ok=True)
        sync_directory(path.parent)


def hold(path: Path) -> int:
    """Return a descriptor that holds the lock file at `path` for this process, until it is closed or the process ends.

    Raises:
        ServiceError: RECORDS_LOCKED: another process holds it.
        OSError: The disk refuses.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise ServiceError("RECORDS_LOCKED", path=path.parent) from None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
