"""Epochs: every start of a worker draws a secret that keys the lots of its decisions.

A file `epochs/<number>-<digest>.secret` holds the 32 bytes of the secret as they are, so that `sha256sum` prints the
digest in its name. It must stay secret while its epoch lasts.
"""

import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from rankd.core.errors import RecordError, ServiceError
from rankd.core.exact.canonical import digest_text, sha256
from rankd.store.atomic import sync_directory

SECRET_BYTES = 32
_FOLDER = "epochs"
_NAME = re.compile(r"([0-9]+)-([0-9a-f]{64})\.secret")


@dataclass(frozen=True, slots=True)
class Epoch:
    """One worker's run.

    Attributes:
        secret: 32 bytes; never printed, logged or sent.
        digest: Its SHA-256, which every decision of the epoch names.
    """

    secret: bytes = field(repr=False)
    digest: bytes


def open_epoch(data_dir: Path, draw: Callable[[int], bytes] = os.urandom) -> Epoch:
    """Begin an epoch: draw its secret and make it durable before anybody uses it.

    A crash in here leaves no epoch, or one without decisions, and perhaps a hidden unfinished file.

    Args:
        data_dir: The data directory, whose decision log this process holds.
        draw: Where secrets come from.

    Raises:
        ServiceError: EPOCH_UNWRITABLE: the disk refuses.
    """
    folder = data_dir / _FOLDER
    secret = draw(SECRET_BYTES)
    digest = sha256(secret)
    try:
        if not folder.is_dir():
            data_dir.mkdir(parents=True, exist_ok=True)
            folder.mkdir(mode=0o700)
            sync_directory(data_dir)
        numbers = [int(match[1]) for path in folder.iterdir() if (match := _NAME.fullmatch(path.name))]
        path = folder / f"{max(numbers, default=0) + 1:06d}-{digest.hex()}.secret"
        # mkstemp makes files that only their owner can read.
        descriptor, unfinished = tempfile.mkstemp(dir=folder, prefix=".", suffix=".tmp")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(secret)
                file.flush()
                os.fsync(file.fileno())
            Path(unfinished).rename(path)
        except BaseException:
            Path(unfinished).unlink(missing_ok=True)
            raise
        sync_directory(folder)
    except OSError as error:
        raise ServiceError("EPOCH_UNWRITABLE", path=folder, detail=error.strerror) from error
    return Epoch(secret, digest)


def find_secret(data_dir: Path, digest: bytes) -> bytes | None:
    """Return the secret of an epoch where the data directory holds it and this person may read it, else None.

    Raises:
        RecordError: EPOCH_DIFFERS: the file is not what its name says. EPOCH_UNREADABLE.
    """
    try:
        paths = sorted((data_dir / _FOLDER).glob(f"*-{digest.hex()}.secret"))
        if not paths:
            return None
        secret = paths[0].read_bytes()
    except PermissionError:
        return None
    except OSError as error:
        raise RecordError("EPOCH_UNREADABLE", path=data_dir / _FOLDER, detail=error.strerror) from error
    if sha256(secret) != digest:
        raise RecordError("EPOCH_DIFFERS", path=paths[0], wanted=digest_text(digest))
    return secret
