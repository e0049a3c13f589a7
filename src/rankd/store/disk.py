"""The disk under the decision log: what writing durably asks of it, and who may."""

import fcntl
import os
from pathlib import Path

from rankd.core.errors import ServiceError


class Disk:
    """What the log asks of a disk when it writes. Tests put one in its place that fails."""

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
