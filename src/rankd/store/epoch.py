"""Epochs: every start of a worker, and every rotation, draws a secret that keys the lots of its decisions.

A file `epochs/<number>-<digest>.secret` holds the 32 bytes of the secret as they are, so that `sha256sum` prints the
digest in its name. It must stay secret while its epoch lasts. Once the journal has revealed it, the file ends in
`.revealed` instead.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from rankd.core.errors import RecordError, ServiceError
from rankd.core.exact.canonical import digest_text, sha256
from rankd.store.atomic import sync_directory
from rankd.store.secret_file import SECRET_BYTES, create_secret_file, make_secret_folder

_FOLDER = "epochs"
_SECRET, _REVEALED = ".secret", ".revealed"
_NAME = re.compile(r"([0-9]+)-([0-9a-f]{64})\.(?:secret|revealed)")


@dataclass(frozen=True, slots=True)
class Epoch:
    """What keys the lots of one worker for a while.

    Attributes:
        secret: 32 bytes; never printed, logged or sent before its epoch's end.
        digest: Its SHA-256, which every decision of the epoch names.
    """

    secret: bytes = field(repr=False)
    digest: bytes


class EpochFolder:
    """The epochs of a data directory.

    Args:
        data_dir: The data directory; to write here, hold its journal.
    """

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / _FOLDER

    def open(self, draw: Callable[[int], bytes] = os.urandom) -> Epoch:
        """Begin an epoch: draw its secret and make it durable before anybody uses it.

        A crash in here leaves no epoch, or one without decisions, and perhaps a hidden unfinished file.

        Args:
            draw: Where secrets come from.

        Raises:
            ServiceError: EPOCH_UNWRITABLE: the disk refuses.
        """
        secret = draw(SECRET_BYTES)
        digest = sha256(secret)
        try:
            make_secret_folder(self._folder)
            numbers = [int(match[1]) for path in self._folder.iterdir() if (match := _NAME.fullmatch(path.name))]
            name = f"{max(numbers, default=0) + 1:06d}-{digest.hex()}{_SECRET}"
            create_secret_file(self._folder / name, secret)
        except OSError as error:
            raise ServiceError("EPOCH_UNWRITABLE", path=self._folder, detail=error.strerror) from error
        return Epoch(secret, digest)

    def unrevealed(self) -> tuple[Epoch, ...]:
        """Return the epochs that `note_revealed` was not told of, in the order in which they began.

        Raises:
            RecordError: EPOCH_DIFFERS: a file is not what its name says. EPOCH_UNREADABLE.
        """
        try:
            names = [path.name for path in self._folder.iterdir()] if self._folder.is_dir() else []
            found = sorted((int(match[1]), name) for name in names if (match := _NAME.fullmatch(name)))
            paths = [self._folder / name for _, name in found if name.endswith(_SECRET)]
            return tuple(_read(path) for path in paths)
        except OSError as error:
            raise RecordError("EPOCH_UNREADABLE", path=self._folder, detail=error.strerror) from error

    def note_revealed(self, epoch: Epoch) -> None:
        """Note that the journal holds an epoch's secret. A crash before this returns leaves it as it was, or noted.

        Raises:
            ServiceError: EPOCH_UNWRITABLE: the disk refuses; the epoch stays among the unrevealed.
        """
        try:
            for path in self._folder.glob(f"*-{epoch.digest.hex()}{_SECRET}"):
                path.rename(path.with_suffix(_REVEALED))
            sync_directory(self._folder)
        except OSError as error:
            raise ServiceError("EPOCH_UNWRITABLE", path=self._folder, detail=error.strerror) from error

    def find_secret(self, digest: bytes) -> bytes | None:
        """Return the secret of an epoch where the folder holds it and this person may read it, else None.

        Raises:
            RecordError: EPOCH_DIFFERS: the file is not what its name says. EPOCH_UNREADABLE.
        """
        try:
            paths = [path for path in self._folder.glob(f"*-{digest.hex()}.*") if _NAME.fullmatch(path.name)]
            return _read(min(paths)).secret if paths else None
        except PermissionError:
            return None
        except OSError as error:
            raise RecordError("EPOCH_UNREADABLE", path=self._folder, detail=error.strerror) from error


def _read(path: Path) -> Epoch:
    wanted = bytes.fromhex(path.stem.partition("-")[2])
    secret = path.read_bytes()
    if sha256(secret) != wanted:
        raise RecordError("EPOCH_DIFFERS", path=path, wanted=digest_text(wanted))
    return Epoch(secret, wanted)
