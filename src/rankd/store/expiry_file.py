"""How far bodies were looked through for their age: a file that can be lost, and then costs one look at everything.

`erasures/expiry.json` in the data directory. A stretch of the journal is what lies between two announcements of epochs.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rankd.core.errors import ServiceError
from rankd.store.atomic import write_atomic
from rankd.store.secret_file import make_secret_folder

SCHEMA = "rankd.expiry/1"
_FILE = "expiry.json"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of the journal in which bodies may still be.

    Attributes:
        first: Its first entry: the announcement of its epoch.
        end: The entry after its last one: the next announcement.
        next_ms: When it is to be looked through next.
        live_from_ms: No body in it belongs to a decision before this time.
        epochs: Indexes of the last announcements up to `first`, whose promises its decisions rely on.
    """

    first: int
    end: int
    next_ms: int
    live_from_ms: int
    epochs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the journal was looked through.

    Attributes:
        searched: Announcements of epochs before this entry are known.
        stretches: What may still hold bodies, in order, as far as the last announcement.
        epochs: Indexes of the last announcements.
    """

    searched: int = 0
    stretches: tuple[Stretch, ...] = ()
    epochs: tuple[int, ...] = ()


def load_progress(data_dir: Path) -> Progress:
    """Return how far the journal was looked through; nowhere, if the file is absent or not what it should be."""
    try:
        return _parse(json.loads((data_dir / "erasures" / _FILE).read_bytes()))
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return Progress()


def save_progress(data_dir: Path, progress: Progress) -> None:
    """Keep how far the journal was looked through. A crash leaves the old file or the new one.

    Raises:
        ServiceError: ERASURES_UNUSABLE: the disk refuses.
    """
    path = data_dir / "erasures" / _FILE
    try:
        make_secret_folder(path.parent)
        write_atomic(path, json.dumps({"schema": SCHEMA, **asdict(progress)}).encode())
    except OSError as error:
        raise ServiceError("ERASURES_UNUSABLE", path=path, detail=error.strerror) from error


def _parse(document: Any) -> Progress:
    if document["schema"] != SCHEMA:
        raise ValueError("schema")
    stretches = tuple(
        Stretch(
            _natural(entry["first"]),
            _natural(entry["end"]),
            _natural(entry["next_ms"]),
            _natural(entry["live_from_ms"]),
            tuple(map(_natural, entry["epochs"])),
        )
        for entry in document["stretches"]
    )
    return Progress(_natural(document["searched"]), stretches, tuple(map(_natural, document["epochs"])))


def _natural(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("natural")
    return value
