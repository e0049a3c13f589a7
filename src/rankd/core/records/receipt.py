"""Receipt: the log key's promise that a leaf is, or will be, in the tree."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from rankd.core.errors import RecordError
from rankd.core.log.canonical_text import base64_text, parse_base64, parse_decimal
from rankd.core.log.note import NoteSigner, NoteVerifier, open_note, sign_note

T = TypeVar("T")

MAGIC = "rankd.coop/receipt/1"
LEAF_HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class Receipt:
    """A promise: at the latest when `until_s` has passed, the published tree holds this leaf at this index.

    Attributes:
        origin: The journal's origin.
        index: Index of the leaf, from 0.
        leaf_hash: RFC 6962 hash of the leaf, 32 bytes.
        until_s: POSIX seconds.
    """

    origin: str
    index: int
    leaf_hash: bytes
    until_s: int


def issue_receipt(receipt: Receipt, signer: NoteSigner) -> bytes:
    """Return the receipt as a signed note.

    Raises:
        RecordError: RECEIPT_ORIGIN: the signer is another journal's.
    """
    if receipt.origin != signer.name:
        raise RecordError("RECEIPT_ORIGIN", found=receipt.origin, wanted=signer.name)
    text = f"{MAGIC}\n{receipt.origin}\n{receipt.index}\n{base64_text(receipt.leaf_hash)}\n{receipt.until_s}\n"
    return sign_note(text, signer)


def open_receipt(data: bytes, verifier: NoteVerifier) -> Receipt:
    """Verify and read a receipt.

    Args:
        data: The signed note.
        verifier: The log key; its name is the origin.

    Raises:
        LogError: The note is malformed, the key did not sign it, or its signature is wrong.
        RecordError: RECEIPT_MALFORMED: what was signed is no receipt; RECEIPT_ORIGIN: it is another journal's.

    Source: docs/spec/log.md section 5.
    """
    # The first line tells a receipt from a checkpoint, whose first line is the origin and whose second is a number.
    lines = open_note(data, [verifier]).text.removesuffix("\n").split("\n")
    if len(lines) != 5 or lines[0] != MAGIC:
        raise RecordError("RECEIPT_MALFORMED", line=1, found=lines[0][:64])
    if lines[1] != verifier.name:
        raise RecordError("RECEIPT_ORIGIN", found=lines[1][:256], wanted=verifier.name)
    return Receipt(
        origin=lines[1],
        index=_read(lines, 3, parse_decimal),
        leaf_hash=_read(lines, 4, _leaf_hash),
        until_s=_read(lines, 5, parse_decimal),
    )


def _read(lines: Sequence[str], number: int, parse: Callable[[str], T]) -> T:
    try:
        return parse(lines[number - 1])
    except ValueError:
        raise RecordError("RECEIPT_MALFORMED", line=number, found=lines[number - 1][:64]) from None


def _leaf_hash(text: str) -> bytes:
    leaf_hash = parse_base64(text)
    if len(leaf_hash) != LEAF_HASH_BYTES:
        raise ValueError
    return leaf_hash
