"""Checkpoints (C2SP tlog-checkpoint): a log's size and root, signed by the log and by its witnesses."""

from collections.abc import Sequence
from dataclasses import dataclass

from rankd.core.errors import LogError
from rankd.core.log.canonical_text import base64_text, parse_base64, parse_decimal
from rankd.core.log.cosignature import cosignature_time_s
from rankd.core.log.note import COSIGNATURE, ED25519, NoteSigner, NoteVerifier, open_note
from rankd.core.log.tree import EMPTY_ROOT, HASH_BYTES

_FIELD_LINES = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself at one size.

    Attributes:
        origin: The log's name.
        size: How many leaves, 0 to 2⁶³ − 1.
        root: 32 bytes.
        extensions: Further lines, opaque; rankd's own logs write none.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The note text: one line each for origin, size, root in base64, and the extensions."""
        return "".join(f"{line}\n" for line in (self.origin, self.size, base64_text(self.root), *self.extensions))


@dataclass(frozen=True, slots=True)
class VerifiedCheckpoint:
    """A checkpoint whose log signed it, as witnesses saw it.

    Attributes:
        checkpoint: What was signed.
        note: The bytes that carried it.
        cosigners: The known witnesses that cosigned, each once, with the POSIX seconds that they name.
    """

    checkpoint: Checkpoint
    note: bytes
    cosigners: tuple[tuple[str, int], ...]


def parse_checkpoint_text(text: str) -> Checkpoint:
    """Read a checkpoint's note text strictly.

    Raises:
        LogError: CHECKPOINT_MALFORMED, naming the line.

    Source: C2SP tlog-checkpoint, “Note text”.
    """
    lines = text.split("\n")
    if lines.pop() != "" or len(lines) < _FIELD_LINES:
        raise LogError("CHECKPOINT_MALFORMED", line=len(lines) + 1)
    for at, line in enumerate(lines, 1):
        if not line:
            raise LogError("CHECKPOINT_MALFORMED", line=at)
    origin, size_text, root_text, *extensions = lines
    try:
        size = parse_decimal(size_text)
    except ValueError as error:
        raise LogError("CHECKPOINT_MALFORMED", line=2) from error
    try:
        root = parse_base64(root_text)
    except ValueError as error:
        raise LogError("CHECKPOINT_MALFORMED", line=3) from error
    if len(root) != HASH_BYTES or (size == 0 and root != EMPTY_ROOT):
        raise LogError("CHECKPOINT_MALFORMED", line=3)
    return Checkpoint(origin, size, root, tuple(extensions))


def open_checkpoint(
    note: bytes,
    log: NoteVerifier,
    witnesses: Sequence[NoteVerifier] = (),
    *,
    quorum: int = 0,
    latest_s: int | None = None,
) -> VerifiedCheckpoint:
    """Verify a signed checkpoint of one log.

    Args:
        note: The signed note.
        log: The log's key; its name is the origin that the checkpoint must have.
        witnesses: Keys of known witnesses (algorithm COSIGNATURE), all different.
        quorum: How many of them must have cosigned.
        latest_s: Cosignatures that claim a later time, in POSIX seconds, do not count. They refuse nothing by
            themselves: one witness with a wrong clock must not stop those who verify. None: every time counts.

    Raises:
        LogError: A NOTE reason; CHECKPOINT_MALFORMED; CHECKPOINT_ORIGIN; CHECKPOINT_UNSIGNED if the log itself did not
            sign; CHECKPOINT_QUORUM; WITNESS_REFUSED if a witness's key is not a cosigner's, is the log's own or stands
            twice in the list.

    Source: C2SP tlog-checkpoint, “Signatures”; tlog-cosignature, “Format”.
    """
    _check_keys(log, witnesses)
    opened = open_note(note, (log, *witnesses))
    checkpoint = parse_checkpoint_text(opened.text)
    if checkpoint.origin != log.name:
        raise LogError("CHECKPOINT_ORIGIN", wanted=log.name, found=checkpoint.origin)
    keys = {(witness.name, witness.key_id) for witness in witnesses}
    times_s: dict[tuple[str, int], int] = {}
    is_signed = False
    for signature in opened.verified:
        key = (signature.name, signature.key_id)
        is_signed = is_signed or key == (log.name, log.key_id)
        if key in keys and (latest_s is None or cosignature_time_s(signature.signature) <= latest_s):
            times_s.setdefault(key, cosignature_time_s(signature.signature))
    if not is_signed:
        raise LogError("CHECKPOINT_UNSIGNED", name=log.name)
    if len(times_s) < quorum:
        raise LogError("CHECKPOINT_QUORUM", wanted=quorum, found=len(times_s))
    return VerifiedCheckpoint(checkpoint, note, tuple((name, time_s) for (name, _), time_s in times_s.items()))


def _check_keys(log: NoteVerifier, witnesses: Sequence[NoteVerifier]) -> None:
    # A cosignature does not name its cosigner: one key under two names would count as two witnesses.
    if log.algorithm != ED25519:
        raise LogError("VKEY_MALFORMED", found=log.vkey)
    seen = {log.public_key}
    for witness in witnesses:
        if witness.algorithm != COSIGNATURE or witness.public_key in seen:
            raise LogError("WITNESS_REFUSED", name=witness.name)
        seen.add(witness.public_key)


def cosign(text: str, signer: NoteSigner, time_s: int) -> str:
    """Return a witness's signature line for a checkpoint's text.

    The caller has made sure that the checkpoint is the log's and grew out of the last one that it cosigned.

    Args:
        text: The checkpoint's note text.
        signer: A key with algorithm COSIGNATURE.
        time_s: Now, POSIX seconds.

    Raises:
        LogError: CHECKPOINT_MALFORMED.

    Source: C2SP tlog-cosignature.
    """
    parse_checkpoint_text(text)
    return signer.sign(text, time_s)
