"""Chance: lots that neither author nor caller can steer and that everybody can draw again later."""

import hashlib
import hmac

NONCE_BYTES = 32


def message(*fields: bytes) -> bytes:
    """Return the fields, each behind its length as four big-endian bytes, so that no two lists look alike."""
    return b"".join(len(field).to_bytes(4, "big") + field for field in fields)


def mac(key: bytes, *fields: bytes) -> bytes:
    """Return HMAC-SHA-256 of `message(*fields)` under `key`, 32 bytes."""
    return hmac.digest(key, message(*fields), hashlib.sha256)


def decision_nonce(epoch_secret: bytes, worker: str, counter: int) -> bytes:
    """Return the nonce that keys the lots of one recorded decision.

    Args:
        epoch_secret: 32 bytes, secret until the epoch's end.
        worker: The worker's name.
        counter: The worker's decision counter within the epoch, 0 … 2⁶³ − 1.

    Source: MATH 4; docs/spec/scoring.md section 3.
    """
    return mac(epoch_secret, b"rankd.lot.v1", worker.encode(), counter.to_bytes(8, "big"))


def dry_run_nonce(epoch_secret: bytes, request_digest: bytes) -> bytes:
    """Return the nonce of a dry run: it uses no counter and shows nothing of the recorded lots.

    Source: MATH 4; docs/spec/scoring.md section 3.
    """
    return mac(epoch_secret, b"rankd.dry.v1", request_digest)


def tie_keys(nonce: bytes, candidate_ids: tuple[str, ...]) -> list[bytes]:
    """Return each candidate's tie key, 32 bytes; among equal values the smaller bytes come first."""
    prefix = message(b"tie")
    digest, sha256 = hmac.digest, "sha256"
    keys = []
    for candidate_id in candidate_ids:
        raw = candidate_id.encode()
        keys.append(digest(nonce, prefix + len(raw).to_bytes(4, "big") + raw, sha256))
    return keys


def draw(nonce: bytes, name: bytes) -> int:
    """Return the lot called `name`: a uniform integer in [0, 2²⁵⁶)."""
    return int.from_bytes(mac(nonce, name), "big")
