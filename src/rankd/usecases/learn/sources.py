"""Where histories come from: KuaiRand-Pure, Parquet files in the documented layout, rankd's own journals."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, unique
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rankd.core.exact.canonical import digest_text
from rankd.core.features.declaration import Declaration
from rankd.store.evidence import DECISIONS, JournalEvidence
from rankd.usecases.learn import kuairand, parquet_history
from rankd.usecases.learn.days import read_zone
from rankd.usecases.learn.history import Float32s, History, Rows
from rankd.usecases.learn.kuairand import read_kuairand
from rankd.usecases.learn.loop import EVENTS, read_loop
from rankd.usecases.learn.materialise import materialise
from rankd.usecases.learn.parquet_history import read_parquet_history
from rankd.usecases.learn.recorded import Recorded, agreement, with_recorded
from rankd.usecases.learn.refusal import LearnError

LICENSE_FILE = "LICENSE"
NO_LICENSE = (
    b"Aucune licence n'est indiquee pour les donnees dont ce modele a appris.\n"
    b"No licence is stated for the data that this model learned from.\n"
)


@unique
class Kind(Enum):
    """What a history is read from."""

    KUAIRAND = "kuairand"
    PARQUET = "parquet"
    LOOP = "loop"


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A history, and what a card says about where it comes from.

    Attributes:
        kind: What it was read from.
        history: The history.
        recorded: What decisions recorded of kept columns; None of imports.
        zone: The time zone of its days, where nobody names another.
        files: Digests of files, or sizes and roots of journals, by name.
        license: The licence of the data.
        delay_ms: How long after an event it is known; 0 where the journals say so themselves.
    """

    kind: Kind
    history: History
    recorded: Recorded | None
    zone: str
    files: Mapping[str, str]
    license: bytes
    delay_ms: int

    def scopes(self, rows: Rows) -> dict[str, npt.NDArray[np.bool_]]:
        """Return the parts of rows that are judged alone."""
        if self.kind is Kind.KUAIRAND and "scene" in rows.columns:
            return {f"scene_{kuairand.MAIN_SCENE}": rows.columns["scene"] == kuairand.MAIN_SCENE}
        return {}

    def matrix(
        self, declaration: Declaration, progress: Callable[[int, int], None] = lambda *_: None
    ) -> tuple[Float32s, tuple[int, int] | None]:
        """Return what a model of a declaration reads of each row.

        Returns:
            The matrix; and, where decisions recorded what was read, of how many numbers how many come out the same
            again. What was recorded then stands.

        Raises:
            LearnError: A sent column is missing.
        """
        matrix = materialise(declaration, self.history, progress=progress)
        if self.recorded is None:
            return matrix, None
        agreed = agreement(declaration, matrix, self.recorded)
        return with_recorded(declaration, matrix, self.recorded), agreed


def open_source(kind: Kind, folder: Path, declaration: Declaration, surface: str, zone: str = "") -> Source:
    """Read a history.

    Args:
        kind: What it is read from.
        folder: The folder of the files, or the data directory of a service.
        declaration: Which sent columns are wanted.
        surface: The surface; imports are of one only.
        zone: The time zone of its days; "": the data's own, or UTC.

    Raises:
        LearnError: It cannot be read.
        RankdError: A journal cannot be read.
    """
    if zone:
        read_zone(zone)
    if kind is Kind.KUAIRAND:
        license_text = _license(folder, needed=True)
        history = read_kuairand(folder, declaration)
        files = file_digests(folder, kuairand.FILES)
        return Source(kind, history, None, zone or kuairand.ZONE, files, license_text, kuairand.FEEDBACK_DELAY_MS)
    if kind is Kind.PARQUET:
        history = read_parquet_history(folder, declaration, zone or "UTC")
        files = file_digests(folder, (parquet_history.FILE,))
        delay_ms = parquet_history.FEEDBACK_DELAY_MS
        return Source(kind, history, None, zone or "UTC", files, _license(folder), delay_ms)
    history, recorded = read_loop(folder, declaration, surface)
    sizes = {name: str(JournalEvidence(folder, name).size) for name in (DECISIONS, EVENTS)}
    return Source(kind, history, recorded, zone or "UTC", sizes, _license(folder), 0)


def _license(folder: Path, *, needed: bool = False) -> bytes:
    path = folder / LICENSE_FILE
    if path.is_file():
        return path.read_bytes()
    if needed:
        # A model is under the licence of the data that it was learned from.
        raise LearnError("DATA_FILE_MISSING", file=LICENSE_FILE, folder=folder)
    return NO_LICENSE


def file_digests(folder: Path, names: tuple[str, ...]) -> dict[str, str]:
    """Return the digest of each file, by name."""
    digests = {}
    for name in names:
        try:
            with (folder / name).open("rb") as file:
                digests[name] = digest_text(hashlib.file_digest(file, "sha256").digest())
        except OSError as error:
            raise LearnError("DATA_FILE_MISSING", file=name, folder=folder) from error
    return digests
