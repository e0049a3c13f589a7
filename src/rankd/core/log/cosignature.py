"""Witness cosignatures, version 1: a timestamp and an Ed25519 signature over it and a checkpoint's text."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.log import ed25519
from rankd.core.log.canonical_text import MAX_NUMBER

_TIME_BYTES = 8


def cosigned_message(text: str, time_s: int) -> bytes:
    """Return what a cosigner signs: a header line, a timestamp line, and the checkpoint's text.

    Args:
        text: The checkpoint's note text with its last newline.
        time_s: POSIX seconds, 0 to 2⁶³ − 1.

    Source: C2SP tlog-cosignature, “Ed25519 signed message”.
    """
    return f"cosignature/v1\ntime {time_s}\n{text}".encode()


def sign_cosignature(private_key: Ed25519PrivateKey, text: str, time_s: int) -> bytes:
    """Return the 72 bytes of a cosignature: the time, big-endian, and the signature.

    Source: C2SP tlog-cosignature, “Format” (timestamped_signature).
    """
    if not 0 <= time_s <= MAX_NUMBER:
        raise ValueError(f"a cosignature's time is 0 to {MAX_NUMBER} seconds, not {time_s}")
    return time_s.to_bytes(_TIME_BYTES, "big") + private_key.sign(cosigned_message(text, time_s))


def cosignature_time_s(cosignature: bytes) -> int:
    """Return the POSIX seconds that a cosignature claims."""
    return int.from_bytes(cosignature[:_TIME_BYTES], "big")


def verify_cosignature(raw_public: bytes, cosignature: bytes, text: str) -> bool:
    """Tell whether these are a time within range and this key's signature of it and the text."""
    time_s = cosignature_time_s(cosignature)
    if time_s > MAX_NUMBER:
        return False
    return ed25519.verify(raw_public, cosignature[_TIME_BYTES:], cosigned_message(text, time_s))
