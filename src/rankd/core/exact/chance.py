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


class TieLot:
    """A candidate's lot among equals; its key is drawn only where it is asked for, since ties are few.

    Of two lots the one with the smaller `key` (bytes) comes first.
    """

    __slots__ = ("_candidate_id", "_key", "_nonce")

    def __init__(self, nonce: bytes, candidate_id: str) -> None:
        self._nonce = nonce
        self._candidate_id = candidate_id
        self._key: bytes | None = None

    @property
    def key(self) -> bytes:
        """The tie key, 32 bytes: MAC(nonce; "tie", id)."""
        if self._key is None:
            self._key = mac(self._nonce, b"tie", self._candidate_id.encode())
        return self._key

    def __lt__(self, other: "TieLot") -> bool:
        return self.key < other.key


def draw(nonce: bytes, name: bytes) -> int:
    """Return the lot called `name`: a uniform integer in [0, 2²⁵⁶)."""
    return int.from_bytes(mac(nonce, name), "big")
