"""Reading a record again and again: what was verified once is kept, what fails begins anew."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rankd.core.errors import RankdError, ServiceError
from rankd.core.log.note import NoteVerifier
from rankd.core.log.tiles import TILE_WIDTH
from rankd.store.record_folder import RecordFolder
from rankd.usecases.govern.reading import Minutes, MinutesRun, Reading, Seen, read_minutes

TOLERATED = frozenset({"MINUTES_NOT_ERASED"})
"""Faults of whoever keeps this copy, by which nothing that was decided is in doubt."""

DEV_PREFIX = "dev."


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom a server believes: the minutes of one co-op. There is no other switch.

    Attributes:
        origin: The minutes' origin.
        genesis: The genesis digest, 32 bytes.
    """

    origin: str
    genesis: bytes

    @property
    def is_dev(self) -> bool:
        """Whether this is a development co-op's."""
        return self.origin.startswith(DEV_PREFIX)


class Reader(Protocol):
    """Reads minutes again and again."""

    def has_changed(self) -> bool:
        """Return whether they lie there otherwise than when they were last read."""
        ...

    def read(self, now_ms: int, seen: Seen | None) -> Minutes:
        """Verify them as they lie there now.

        Args:
            now_ms: The clock, milliseconds since 1970.
            seen: A state that they must have grown out of.

        Raises:
            RankdError: They are not there, or something in them is wrong.
        """
        ...


class RecordReader:
    """Reads a record folder. For one thread at a time.

    Args:
        path: The folder.
        trust: Whom to believe.
        witnesses: Keys of witnesses, whose cosignatures tell how new the record is.
        jobs: How many processes verify signatures where there are many.
    """

    def __init__(self, path: Path, trust: Trust, witnesses: tuple[NoteVerifier, ...] = (), jobs: int = 1) -> None:
        self._path = path
        self._trust = trust
        self._how = Reading(trust.genesis, jobs=jobs, witnesses=witnesses, with_files=False)
        self._known: set[bytes] = set()
        self._run: MinutesRun | None = None
        self._looked: object = None

    def has_changed(self) -> bool:
        """See `Reader`."""
        return self._look() != self._looked

    def read(self, now_ms: int, seen: Seen | None) -> Minutes:
        """See `Reader`. Where something is wrong, everything is read once more before that is believed."""
        self._looked = self._look()
        folder = RecordFolder(self._path)
        if folder.origin.startswith(DEV_PREFIX) and not self._trust.is_dev:
            raise ServiceError("GATE_DEV_RECORD", found=folder.origin[:256], origin=self._trust.origin)
        if folder.origin != self._trust.origin:
            raise ServiceError("GATE_ORIGIN_DIFFERS", found=folder.origin[:256], wanted=self._trust.origin)
        run, self._run = self._run, None
        if run is not None and not self._shows_sealed(folder, run):
            try:
                minutes = run.go(folder, now_ms // 1_000, seen)
                _check_faults(minutes)
            except RankdError:
                pass
            else:
                self._run = run
                return minutes
        return self._read_all(now_ms, seen)

    def _read_all(self, now_ms: int, seen: Seen | None) -> Minutes:
        run, folder = MinutesRun(self._how, self._known), RecordFolder(self._path)
        try:
            minutes = run.go(folder, now_ms // 1_000, seen)
            _check_faults(minutes)
        except RankdError:
            if not folder.has_moved():
                raise
            # It is being written to; this waits and reads once more.
            minutes = read_minutes(
                folder,
                self._trust.genesis,
                now_s=now_ms // 1_000,
                jobs=self._how.jobs,
                known=self._known,
                witnesses=self._how.witnesses,
                seen=seen,
                with_files=False,
            )
            _check_faults(minutes)
        else:
            self._run = run
        return minutes

    def _look(self) -> object:
        """Return what is another value whenever the record has changed."""
        try:
            return RecordFolder(self._path).poll()
        except RankdError as error:
            return str(error)

    def _shows_sealed(self, folder: RecordFolder, run: MinutesRun) -> bool:
        """Tell whether ballots that were not shown when they were read are shown now: then they are read again."""
        numbers = {index // TILE_WIDTH for index in run.sealed}
        return any(not run.sealed.isdisjoint(folder.bodies(number)) for number in numbers)


def _check_faults(minutes: Minutes) -> None:
    for fault in minutes.faults:
        if fault.error.reason not in TOLERATED:
            raise fault.error
