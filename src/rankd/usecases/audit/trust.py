"""Whom an auditor trusts: keys that come from outside the evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rankd.core.errors import BundleError, LogError
from rankd.core.log.ed25519 import check_public_key
from rankd.core.log.note import NoteVerifier, parse_vkey

_MAX_KEY_FILE_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Trust:
    """Keys that a verdict rests on.

    Attributes:
        log: The key that signs the journal's checkpoints and receipts; its name is the journal's origin.
        witnesses: Keys of witnesses.
        quorum: How many of these must have cosigned.
        erasers: Public keys that may erase beside those that the journal names, 32 bytes each.
        is_borrowed: Whether the log's key was taken from the evidence itself: then whoever made the evidence could
            have made the key as well.
    """

    log: NoteVerifier
    witnesses: tuple[NoteVerifier, ...] = ()
    quorum: int = 0
    erasers: tuple[bytes, ...] = ()
    is_borrowed: bool = False


def read_verifier(text: str) -> NoteVerifier:
    """Return the verifier that stands in a text, or in the file of that name.

    Args:
        text: A verifier key (`name+id+key`), or the path of a file that holds one on its only line.

    Raises:
        LogError: VKEY_MALFORMED or a PUBLIC_KEY reason.
        BundleError: KEY_UNREADABLE.
    """
    path = Path(text)
    try:
        if not path.is_file():
            return parse_vkey(text)
        with path.open("rb") as file:
            data = file.read(_MAX_KEY_FILE_BYTES)
    except (OSError, ValueError) as error:
        raise BundleError("KEY_UNREADABLE", path=text, detail=error) from error
    try:
        return parse_vkey(data.decode("utf-8", "replace").strip())
    except LogError as error:
        if error.reason != "VKEY_MALFORMED":
            raise
        # What stands in the file may be the private key, and must not reach a screen.
        raise LogError("VKEY_MALFORMED", found=text) from None


def read_erasers(texts: Sequence[str]) -> tuple[bytes, ...]:
    """Return public keys from their hexadecimal form.

    Raises:
        LogError: A PUBLIC_KEY reason.
    """
    keys = []
    for text in texts:
        try:
            key = bytes.fromhex(text)
        except ValueError:
            raise LogError("PUBLIC_KEY_LENGTH", found=text[:80], size_bytes=0) from None
        check_public_key(key)
        keys.append(key)
    return tuple(keys)
