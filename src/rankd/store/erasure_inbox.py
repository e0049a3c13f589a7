"""The inbox of erasures: signed orders that wait until whoever holds the journal obeys them.

An order lies in `erasures/inbox/<digest>.json` of the data directory: the envelope in canonical JSON, under the SHA-256
of these bytes. Before the journal is asked to commit it, it is renamed to `<digest>.<count>.json`, where count is how
many entries the journal had then. So after a crash the entry, if there is one, is looked for from that index on, and no
order is obeyed twice. What is refused is moved to `erasures/refused/`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rankd.core.errors import ServiceError
from rankd.core.exact.canonical import canonical_json, sha256
from rankd.store.atomic import sync_directory
from rankd.store.secret_file import create_secret_file, make_secret_folder, read_secret_file

_NAME = re.compile(r"([0-9a-f]{64})(?:\.([0-9]{1,18}))?\.json")
_MOST_BYTES = 65_535
"""A larger one would not fit into a leaf."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An order that waits.

    Attributes:
        path: Its file.
        digest: SHA-256 of its bytes, in hexadecimal.
        envelope: What it says; None where it cannot be read.
        since: How many entries the journal had when it was first asked to commit the order; None: it was not.
    """

    path: Path
    digest: str
    envelope: Mapping[str, Any] | None
    since: int | None


class ErasureInbox:
    """The inbox of a data directory. Anybody who owns the directory may put; who holds its journal does the rest.

    Args:
        data_dir: The data directory.
    """

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "erasures" / "inbox"
        self._refused = data_dir / "erasures" / "refused"

    def put(self, envelope: Mapping[str, Any]) -> str:
        """Lay an order into the inbox, durably, unless it lies there already. A crash leaves the whole order or none.

        Args:
            envelope: A DSSE envelope's JSON object.

        Returns:
            Its digest in hexadecimal.

        Raises:
            ServiceError: ERASURES_UNUSABLE: the disk refuses.
        """
        data = canonical_json(dict(envelope))
        digest = sha256(data).hex()
        try:
            for folder in (self._folder.parent, self._folder):
                make_secret_folder(folder)
            if self.state(digest) != "waiting":
                create_secret_file(self._folder / f"{digest}.json", data)
        except FileExistsError:
            pass  # somebody else laid it there this moment
        except OSError as error:
            raise self._unusable(error) from error
        return digest

    def waiting(self) -> tuple[Waiting, ...]:
        """Return what waits, the oldest first.

        Raises:
            ServiceError: ERASURES_UNUSABLE.
        """
        try:
            if not self._folder.is_dir():
                return ()
            found = [(match, path) for path in self._folder.iterdir() if (match := _NAME.fullmatch(path.name))]
            found.sort(key=lambda item: (item[1].lstat().st_mtime_ns, item[1].name))
        except OSError as error:
            raise self._unusable(error) from error
        return tuple(
            Waiting(path, match[1], _read(path, match[1]), None if match[2] is None else int(match[2]))
            for match, path in found
        )

    def begin(self, order: Waiting, count: int) -> Waiting:
        """Note, durably, that the journal is asked to commit an order now that it has `count` entries.

        A crash leaves it as it was, or noted.

        Raises:
            ServiceError: ERASURES_UNUSABLE: the journal must not be asked.
        """
        path = self._folder / f"{order.digest}.{count}.json"
        try:
            order.path.rename(path)
            sync_directory(self._folder)
        except OSError as error:
            raise self._unusable(error) from error
        return Waiting(path, order.digest, order.envelope, count)

    def finish(self, order: Waiting) -> None:
        """Take an order out that the journal holds. A crash leaves it there or not; then it is found in the journal.

        Raises:
            ServiceError: ERASURES_UNUSABLE.
        """
        try:
            order.path.unlink(missing_ok=True)
            sync_directory(self._folder)
        except OSError as error:
            raise self._unusable(error) from error

    def refuse(self, order: Waiting) -> None:
        """Move an order aside that nobody will obey. A crash leaves it in the inbox or aside.

        Raises:
            ServiceError: ERASURES_UNUSABLE.
        """
        try:
            make_secret_folder(self._refused)
            order.path.rename(self._refused / f"{order.digest}.json")
            for folder in (self._refused, self._folder):
                sync_directory(folder)
        except OSError as error:
            raise self._unusable(error) from error

    def state(self, digest: str) -> Literal["waiting", "refused", "gone"]:
        """Return what became of an order: gone means that the journal holds it, if it ever was in the inbox."""
        if any(self._folder.glob(f"{digest}*.json")):
            return "waiting"
        return "refused" if (self._refused / f"{digest}.json").exists() else "gone"

    def _unusable(self, error: OSError) -> ServiceError:
        return ServiceError("ERASURES_UNUSABLE", path=self._folder, detail=error.strerror)


def _read(path: Path, digest: str) -> Mapping[str, Any] | None:
    """Return the envelope in a file; None where it is not what its name says, or lies open to others."""
    try:
        data = read_secret_file(path, _MOST_BYTES)
        document = json.loads(data) if sha256(data).hex() == digest else None
    except (OSError, ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None
