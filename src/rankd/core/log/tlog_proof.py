"""Proofs that travel in one file (C2SP tlog-proof): an index, an inclusion proof, and the checkpoint it leads to."""

from collections.abc import Sequence
from dataclasses import dataclass

from rankd.core.errors import LogError
from rankd.core.log.canonical_text import base64_text, parse_base64, parse_decimal
from rankd.core.log.checkpoint import VerifiedCheckpoint, open_checkpoint
from rankd.core.log.note import MAX_NOTE_BYTES, NoteVerifier, parse_note
from rankd.core.log.proofs import verify_inclusion
from rankd.core.log.tree import HASH_BYTES

MAX_EXTRA_BYTES = 65_536
MAX_HASHES = 63
MAX_PROOF_BYTES = MAX_NOTE_BYTES + 100_000

_HEADER = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class TlogProof:
    """A proof that is well formed; nothing in it is verified.

    Attributes:
        index: The leaf, 0 to 2⁶³ − 1.
        hashes: The inclusion proof, from the leaf's sibling up, 32 bytes each.
        checkpoint_note: The signed checkpoint.
        extra: Anything else, at least one byte; nobody vouches for it.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint_note: bytes
    extra: bytes | None = None

    def encode(self) -> bytes:
        """Return the file.

        Raises:
            LogError: TLOG_PROOF_MALFORMED or a NOTE reason: `parse_tlog_proof` would not read it back.

        Source: C2SP tlog-proof, “Format”.
        """
        lines = [_HEADER]
        if self.extra is not None:
            lines.append(f"extra {base64_text(self.extra)}")
        lines.append(f"index {self.index}")
        lines.extend(base64_text(found) for found in self.hashes)
        data = "".join(f"{line}\n" for line in lines).encode() + b"\n" + self.checkpoint_note
        parse_tlog_proof(data)
        return data

    def verify(
        self, leaf_hash: bytes, log: NoteVerifier, witnesses: Sequence[NoteVerifier] = (), *, quorum: int = 0
    ) -> VerifiedCheckpoint:
        """Make sure that the leaf is where the proof says, in the tree of a checkpoint that the log signed.

        Args:
            leaf_hash: 32 bytes.
            log: The log's key.
            witnesses: Keys of known witnesses.
            quorum: How many of them must have cosigned.

        Raises:
            LogError: A NOTE, CHECKPOINT or PROOF reason.
        """
        verified = open_checkpoint(self.checkpoint_note, log, witnesses, quorum=quorum)
        checkpoint = verified.checkpoint
        verify_inclusion(leaf_hash, self.index, checkpoint.size, self.hashes, checkpoint.root)
        return verified


def parse_tlog_proof(data: bytes) -> TlogProof:
    """Read a proof strictly; nothing is verified.

    Raises:
        LogError: TLOG_PROOF_MALFORMED naming the line, or a NOTE reason about the checkpoint in it (whose lines count
            from its own first).
    """
    if len(data) > MAX_PROOF_BYTES:
        raise LogError("NOTE_TOO_LARGE", size_bytes=len(data), most_bytes=MAX_PROOF_BYTES)
    head, _, note = data.partition(b"\n\n")
    lines = head.decode("utf-8", "replace").split("\n")
    extra = None
    if len(lines) > 1 and lines[1].startswith("extra "):
        extra = _base64(lines[1].removeprefix("extra "), 2)
    at = 1 if extra is None else 2
    if lines[0] != _HEADER:
        raise LogError("TLOG_PROOF_MALFORMED", line=1)
    if extra is not None and not 1 <= len(extra) <= MAX_EXTRA_BYTES:
        raise LogError("TLOG_PROOF_MALFORMED", line=2)
    try:
        word, number = lines[at].split(" ")
        index = parse_decimal(number)
    except (ValueError, IndexError) as error:
        raise LogError("TLOG_PROOF_MALFORMED", line=at + 1) from error
    if word != "index" or len(lines) - at - 1 > MAX_HASHES:
        raise LogError("TLOG_PROOF_MALFORMED", line=at + 1)
    hashes = tuple(_hash(line, number) for number, line in enumerate(lines[at + 1 :], at + 2))
    parse_note(note)
    return TlogProof(index, hashes, note, extra)


def _hash(text: str, line: int) -> bytes:
    found = _base64(text, line)
    if len(found) != HASH_BYTES:
        raise LogError("TLOG_PROOF_MALFORMED", line=line)
    return found


def _base64(text: str, line: int) -> bytes:
    try:
        return parse_base64(text)
    except ValueError as error:
        raise LogError("TLOG_PROOF_MALFORMED", line=line) from error
