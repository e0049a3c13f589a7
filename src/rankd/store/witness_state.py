"""What a witness remembers: the last checkpoint that it cosigned for each log, and the evidence against any of them.

| in the folder | what |
|---|---|
| `witness` | the witness's vkey: this memory and that key belong together |
| `lock` | one process at a time |
| `logs/<SHA-256 of the origin>.note` | the last checkpoint cosigned, as its log signed it |
| `evidence/…-held.note`, `evidence/…-shown.note` | two checkpoints of one log that do not go together |

A note is written before its cosignature leaves. A crash before that leaves the last one, and nobody has the
cosignature; a crash after it leaves the new one, and the log asks again. Nothing in the folder tells whether the folder
itself is an old copy: a witness that goes on from a restored backup may cosign a second history.
"""

import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from rankd.core.errors import LogError, ServiceError, WitnessError
from rankd.core.log.checkpoint import Checkpoint, parse_checkpoint_text
from rankd.core.log.note import MAX_NOTE_BYTES, parse_note
from rankd.store.disk import Disk, hold

WITNESS_FILE = "witness"
MOST_EVIDENCE = {"split-view": 100, "unproven": 20}
"""How much is kept of each kind. Only the log itself can make a split view; anybody can send a proof that is wrong."""

_LOGS, _EVIDENCE, _LOCK = "logs", "evidence", "lock"
_MOST_VKEY_BYTES = 1_024


class WitnessState:
    """A witness's memory, held by this process until `close`. One thread at a time.

    Args:
        folder: The folder.
        lock: The descriptor that holds it.
        disk: How to write.
    """

    def __init__(self, folder: Path, lock: int, disk: Disk) -> None:
        self._folder = folder
        self._lock = lock
        self._disk = disk

    @classmethod
    def create(cls, folder: Path, vkey: str, disk: Disk | None = None) -> None:
        """Make the empty memory of a witness whose key has cosigned nothing; on return it is on disk.

        After a crash in here the folder is not empty but no memory either: remove it, and begin again.

        Args:
            folder: Absent or empty; the folder that it lies in exists.
            vkey: The witness's key.
            disk: How to write.

        Raises:
            WitnessError: WITNESS_STATE_EXISTS or WITNESS_STATE_UNUSABLE.
        """
        disk = disk or Disk()
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            if any(folder.iterdir()):
                raise WitnessError("WITNESS_STATE_EXISTS", path=folder)
            for name in (_LOGS, _EVIDENCE):
                (folder / name).mkdir(mode=0o700)
            disk.replace(folder / WITNESS_FILE, f"{vkey}\n".encode())
            disk.sync_names(folder.parent)
        except OSError as error:
            raise _unusable(folder, error) from error

    @classmethod
    def open(cls, folder: Path, vkey: str, disk: Disk | None = None) -> "WitnessState":
        """Open a witness's memory and make sure that all of it can be read.

        Args:
            folder: The folder.
            vkey: The witness's key, whose memory this must be.
            disk: How to write.

        Raises:
            WitnessError: WITNESS_STATE_ABSENT, WITNESS_STATE_OTHER_KEY, WITNESS_STATE_LOCKED, WITNESS_STATE_DAMAGED, or
                WITNESS_STATE_UNUSABLE.
        """
        try:
            owner = _read(folder / WITNESS_FILE, _MOST_VKEY_BYTES)
        except FileNotFoundError as error:
            raise WitnessError("WITNESS_STATE_ABSENT", path=folder) from error
        except OSError as error:
            raise _unusable(folder, error) from error
        if owner != f"{vkey}\n".encode():
            raise WitnessError(
                "WITNESS_STATE_OTHER_KEY", path=folder, found=owner.decode("utf-8", "replace").strip(), wanted=vkey
            )
        try:
            lock = hold(folder / _LOCK)
        except ServiceError as error:
            raise WitnessError("WITNESS_STATE_LOCKED", path=folder) from error
        except OSError as error:
            raise _unusable(folder, error) from error
        state = cls(folder, lock, disk or Disk())
        try:
            state._check()
        except BaseException:
            state.close()
            raise
        return state

    def held(self, origin: str) -> Checkpoint | None:
        """Return the last checkpoint that was cosigned for a log; None if there was none.

        It is read from the disk every time: after a write that failed, only the disk knows how it went.

        Raises:
            WitnessError: WITNESS_STATE_DAMAGED or WITNESS_STATE_UNUSABLE.
        """
        try:
            note = self._note(origin)
        except FileNotFoundError:
            return None
        return _checkpoint(self._path(origin), note, origin)

    def advance(self, checkpoint: Checkpoint, note: bytes) -> None:
        """Write down the checkpoint that is about to be cosigned; on return it is on disk.

        Args:
            checkpoint: What the note says; it continues the one that is held.
            note: The checkpoint as its log signed it.

        Raises:
            RuntimeError: It would take the witness backwards, or to another tree of the same size.
            WitnessError: WITNESS_STATE_UNUSABLE: it may be on disk or not, and must not be cosigned now.
        """
        held = self.held(checkpoint.origin)
        if held is not None and (
            checkpoint.size < held.size or (checkpoint.size == held.size and checkpoint.root != held.root)
        ):
            raise RuntimeError("a witness never goes back")
        try:
            self._disk.replace(self._path(checkpoint.origin), note)
        except OSError as error:
            raise _unusable(self._folder, error) from error

    def keep_evidence(self, kind: str, shown: Checkpoint, note: bytes) -> Path | None:
        """Keep a checkpoint that does not go with the one that is held, beside that one, each as its log signed it.

        Args:
            kind: “split-view” or “unproven”.
            shown: What the note says.
            note: The signed checkpoint.

        Returns:
            The file of `note`; None where nothing was written: it is there already, or there is enough of this kind.

        Raises:
            WitnessError: WITNESS_STATE_UNUSABLE.
        """
        folder = self._folder / _EVIDENCE
        name = f"{kind}-{shown.size}-{sha256(shown.text.encode()).hexdigest()[:16]}"
        path = folder / f"{name}-shown.note"
        try:
            count = sum(1 for _ in folder.glob(f"{kind}-*-shown.note"))
            if path.exists() or count >= MOST_EVIDENCE[kind]:
                return None
            with suppress(FileNotFoundError):
                self._disk.replace(folder / f"{name}-held.note", self._note(shown.origin))
            self._disk.replace(path, note)
        except OSError as error:
            raise _unusable(self._folder, error) from error
        return path

    def close(self) -> None:
        """Let go of the folder."""
        os.close(self._lock)

    def _check(self) -> None:
        try:
            paths = sorted((self._folder / _LOGS).glob("*.note"))
            if not (self._folder / _EVIDENCE).is_dir():
                raise FileNotFoundError(2, "evidence")
            notes = {path: _read(path, MAX_NOTE_BYTES) for path in paths}
        except OSError as error:
            raise _unusable(self._folder, error) from error
        for path, note in notes.items():
            _checkpoint(path, note, None)

    def _note(self, origin: str) -> bytes:
        """Return the note that is held.

        Raises:
            FileNotFoundError: There is none.
            WitnessError: WITNESS_STATE_UNUSABLE.
        """
        try:
            return _read(self._path(origin), MAX_NOTE_BYTES)
        except FileNotFoundError:
            # A folder that is gone is not a log that was never seen.
            if not (self._folder / _LOGS).is_dir():
                raise WitnessError("WITNESS_STATE_ABSENT", path=self._folder) from None
            raise
        except OSError as error:
            raise _unusable(self._folder, error) from error

    def _path(self, origin: str) -> Path:
        return self._folder / _LOGS / f"{_file_stem(origin)}.note"


def _file_stem(origin: str) -> str:
    # An origin is any text; a file's name is not.
    return sha256(origin.encode()).hexdigest()


def _checkpoint(path: Path, note: bytes, origin: str | None) -> Checkpoint:
    try:
        checkpoint = parse_checkpoint_text(parse_note(note).text)
    except LogError as error:
        raise WitnessError("WITNESS_STATE_DAMAGED", file=path) from error
    if path.stem != _file_stem(checkpoint.origin) or origin not in (None, checkpoint.origin):
        raise WitnessError("WITNESS_STATE_DAMAGED", file=path)
    return checkpoint


def _read(path: Path, most_bytes: int) -> bytes:
    with path.open("rb") as file:
        return file.read(most_bytes + 1)


def _unusable(folder: Path, error: OSError) -> WitnessError:
    return WitnessError("WITNESS_STATE_UNUSABLE", path=folder, detail=error.strerror or str(error))
