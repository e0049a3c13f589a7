"""Lots from a nonce: sections 1 and 3 of docs/spec/scoring.md, with hashlib alone."""

import hashlib
import hmac


def mac(key: bytes, *fields: bytes) -> bytes:
    """Return HMAC-SHA-256 under `key` of the fields, each behind its length in four bytes, big-endian."""
    message = b"".join(len(field).to_bytes(4, "big") + field for field in fields)
    return hmac.new(key, message, hashlib.sha256).digest()


def lot(nonce: str, word: str) -> int:
    """Return the lot called `word` under a nonce in hexadecimal: an integer below 2²⁵⁶."""
    return int.from_bytes(mac(bytes.fromhex(nonce), word.encode("ascii")), "big")


def tie_key(nonce: str, candidate_id: str) -> bytes:
    """Return a candidate's tie key; smaller bytes come first."""
    return mac(bytes.fromhex(nonce), b"tie", candidate_id.encode("utf-8"))
