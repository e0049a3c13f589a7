"""Commitment: what a leaf holds in a record's place, so that the record can be erased and the proofs stay."""

import hashlib

KEY_BYTES = 32
"""A body's key: random, used for one record and never again. It hides what a guess at the record would confirm."""

_DOMAIN = b"rankd/record/1\0"


def commitment(key: bytes, record: bytes) -> bytes:
    """Return the commitment to a record, 32 bytes: SHA-256("rankd/record/1" ‖ 0x00 ‖ key ‖ record).

    Args:
        key: The body's key, `KEY_BYTES` bytes.
        record: The record.

    Raises:
        ValueError: The key is of another length: two splits of one text must not commit alike.

    Source: DESIGN "The journals" (Commitment); docs/spec/log.md section 3.
    """
    if len(key) != KEY_BYTES:
        raise ValueError(f"a body's key has {KEY_BYTES} bytes, not {len(key)}")
    digest = hashlib.sha256(_DOMAIN)
    digest.update(key)
    digest.update(record)
    return digest.digest()
