"""What a log asks of a witness, and what the witness decides (C2SP tlog-witness); no clock, no disk, no network."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, unique
from typing import TypeAlias

from rankd.core.errors import LogError
from rankd.core.log.canonical_text import base64_text, parse_base64, parse_decimal
from rankd.core.log.checkpoint import Checkpoint, parse_checkpoint_text
from rankd.core.log.note import ED25519, NoteVerifier, OpenedNote, open_note, parse_note, parse_vkey
from rankd.core.log.proofs import verify_consistency
from rankd.core.log.tree import EMPTY_ROOT, HASH_BYTES
from rankd.core.log.views import is_split_view, split_view

MAX_PROOF_LINES = 63
MAX_REQUEST_BYTES = 256 * 1024
"""Room for 63 hashes and a checkpoint with sixteen signatures of the longest sort in use (ML-DSA, under 5 kB)."""

_OLD = "old "

KnownLogs: TypeAlias = Mapping[str, Sequence[NoteVerifier]]
"""The keys that a witness trusts, by the origin that they sign for."""


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """The body of an add-checkpoint request, well formed; nothing in it is verified.

    Attributes:
        old_size: The size that the proof starts from, 0 to 2⁶³ − 1.
        proof: Consistency proof, at most 63 hashes of 32 bytes.
        note: The signed checkpoint.
    """

    old_size: int
    proof: tuple[bytes, ...]
    note: bytes

    def encode(self) -> bytes:
        """Return the body."""
        lines = "".join(f"{base64_text(found)}\n" for found in self.proof)
        return f"{_OLD}{self.old_size}\n{lines}\n".encode() + self.note


def parse_add_checkpoint(data: bytes) -> AddCheckpoint:
    """Read the body of an add-checkpoint request strictly; the checkpoint itself is not looked into.

    Raises:
        LogError: WITNESS_REQUEST_TOO_LARGE; WITNESS_REQUEST_MALFORMED, naming the line.

    Source: C2SP tlog-witness, “add-checkpoint”.
    """
    if len(data) > MAX_REQUEST_BYTES:
        raise LogError("WITNESS_REQUEST_TOO_LARGE", size_bytes=len(data), most_bytes=MAX_REQUEST_BYTES)
    head, blank, note = data.partition(b"\n\n")
    lines = head.decode("ascii", "replace").split("\n", MAX_PROOF_LINES + 1)
    old_line, *proof_lines = lines
    try:
        old_size = parse_decimal(old_line.removeprefix(_OLD))
    except ValueError as error:
        raise LogError("WITNESS_REQUEST_MALFORMED", line=1) from error
    if not old_line.startswith(_OLD):
        raise LogError("WITNESS_REQUEST_MALFORMED", line=1)
    if len(proof_lines) > MAX_PROOF_LINES:
        raise LogError("WITNESS_REQUEST_MALFORMED", line=MAX_PROOF_LINES + 2)
    proof = tuple(_proof_hash(line, at) for at, line in enumerate(proof_lines, 2))
    if not blank or not note:
        raise LogError("WITNESS_REQUEST_MALFORMED", line=len(lines) + 1)
    return AddCheckpoint(old_size, proof, note)


def _proof_hash(line: str, at: int) -> bytes:
    try:
        found = parse_base64(line)
    except ValueError as error:
        raise LogError("WITNESS_REQUEST_MALFORMED", line=at) from error
    if len(found) != HASH_BYTES:
        raise LogError("WITNESS_REQUEST_MALFORMED", line=at)
    return found


def known_logs(vkeys: Iterable[str], own_key: bytes) -> KnownLogs:
    """Return the logs that a witness follows. Several keys of one name are keys of one log.

    Args:
        vkeys: Verifier keys of logs.
        own_key: The witness's own public key, which is no log's.

    Raises:
        LogError: VKEY_MALFORMED or a PUBLIC_KEY reason; WITNESS_LOG_KEY.
    """
    logs: dict[str, tuple[NoteVerifier, ...]] = {}
    for vkey in vkeys:
        verifier = parse_vkey(vkey)
        if verifier.algorithm != ED25519 or verifier.public_key == own_key:
            raise LogError("WITNESS_LOG_KEY", found=vkey)
        logs[verifier.name] = (*logs.get(verifier.name, ()), verifier)
    return logs


@unique
class Ruling(Enum):
    """What a witness answers, by its HTTP status."""

    COSIGN = 200
    MALFORMED = 400
    UNSIGNED = 403
    UNKNOWN_LOG = 404
    CONFLICT = 409
    INCONSISTENT = 422


@dataclass(frozen=True, slots=True)
class Verdict:
    """A witness's decision on one request.

    Attributes:
        ruling: What to answer.
        checkpoint: What a known log signed; None if the request did not get so far.
        note: That checkpoint with the signatures of known keys only; empty if the request did not get so far.
        held_size: The size that a CONFLICT names; 0 before that.
        refusal: Why not; None for COSIGN.
        split: The split view that this checkpoint proves, together with the one that is held, whatever else is wrong
            with the request. Such a checkpoint is never cosigned.
    """

    ruling: Ruling
    checkpoint: Checkpoint | None = None
    note: bytes = b""
    held_size: int = 0
    refusal: LogError | None = None
    split: LogError | None = None


def judge(data: bytes, logs: KnownLogs, held: Callable[[str], Checkpoint | None]) -> Verdict:
    """Decide on an add-checkpoint request, with the checks in the order of the specification.

    Time has no say: no check of the specification depends on it.

    Args:
        data: The request's body.
        logs: The keys that are trusted.
        held: Gives the last checkpoint that this witness cosigned for an origin; None if it never did. Between this
            call and writing the new one down, nobody else may change it.

    Source: C2SP tlog-witness, “add-checkpoint”.
    """
    try:
        request = parse_add_checkpoint(data)
        checkpoint = parse_checkpoint_text(parse_note(request.note).text)
    except LogError as refusal:
        return Verdict(Ruling.MALFORMED, refusal=refusal)
    origin, size = checkpoint.origin, checkpoint.size
    if origin not in logs:
        return Verdict(Ruling.UNKNOWN_LOG, refusal=LogError("WITNESS_LOG_UNKNOWN", origin=origin))
    try:
        note = _known_part(open_note(request.note, logs[origin]))
    except LogError as refusal:
        return Verdict(Ruling.UNSIGNED, refusal=refusal)
    last = held(origin) or Checkpoint(origin, 0, EMPTY_ROOT)
    split = split_view(last, checkpoint) if is_split_view(last, checkpoint) else None

    def refused(ruling: Ruling, refusal: LogError) -> Verdict:
        return Verdict(ruling, checkpoint, note, last.size, refusal, split)

    if request.old_size > size:
        return refused(Ruling.MALFORMED, LogError("PROOF_SIZE_ORDER", first=request.old_size, second=size))
    if request.old_size != last.size:
        differs = LogError("WITNESS_SIZE_DIFFERS", origin=origin, held=last.size, found=request.old_size)
        return refused(Ruling.CONFLICT, differs)
    # The specification names two answers for a split view with a proof that is not empty; this one says what happened.
    if split is not None:
        return refused(Ruling.CONFLICT, split)
    try:
        verify_consistency(last.size, size, request.proof, last.root, checkpoint.root)
    except LogError as error:
        forked = LogError("LOG_FORKED", origin=origin, first=last.size, second=size, detail=error.reason)
        return refused(Ruling.INCONSISTENT, forked)
    return Verdict(Ruling.COSIGN, checkpoint, note, last.size)


def _known_part(opened: OpenedNote) -> bytes:
    """Return a note without what unknown keys, and so anybody, may have written into it."""
    lines = dict.fromkeys(signature.line for signature in opened.verified)
    return f"{opened.text}\n{''.join(lines)}".encode()
