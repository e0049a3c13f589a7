"""Reading a journal's leaves and bodies from docs/spec/log.md alone: no code of rankd.

Every function raises `RefusedError` with the reason that the probes in tests/vectors/log name.
"""

import hashlib
import re
import struct
from collections.abc import Callable
from typing import Any

import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from tests.reference.ed25519 import is_sound_key
from tests.reference.signed import read_envelope
from tests.reference.strict import (
    Document,
    RefusedError,
    canonical,
    hmac_sha256,
    is_digest,
    is_hex,
    is_line,
    is_list_of,
    is_natural,
    is_null_or,
    is_rising,
    is_time,
    need,
)

MIB_64 = 64 * 2**20
MAX_BODY = MIB_64 + 2**18 + 1024


def is_void(value: Any) -> bool:
    return type(value) is list and len(value) == 2 and is_digest(value[0]) and is_natural(value[1])


def is_retention(value: Any) -> bool:
    return (
        type(value) is dict
        and set(value) == {"decision_ms", "sample_ppm", "sample_ms"}
        and all(is_natural(number) for number in value.values())
        and value["sample_ppm"] <= 10**6
    )


def are_erasers(value: Any) -> bool:
    return is_list_of(is_hex)(value) and is_rising(value) and all(is_sound_key(bytes.fromhex(key)) for key in value)


def are_void_counters(value: Any) -> bool:
    return is_list_of(is_natural)(value) and is_rising(value)


def is_envelope(value: Any) -> bool:
    try:
        read_envelope(value)
    except RefusedError:
        return False
    return True


LEAVES: dict[str, dict[str, Callable[[Any], bool]]] = {
    "rankd.leaf.decision/1": {
        "time_ms": is_time,
        "surface": is_line,
        "activation": is_null_or(is_natural),
        "policy": is_digest,
        "constitution": is_digest,
        "model": is_null_or(is_digest),
        "epoch": is_digest,
        "worker": is_line,
        "counter": is_natural,
        "voids": is_list_of(is_void),
        "commitment": is_digest,
    },
    "rankd.leaf.epoch/1": {
        "time_ms": is_time,
        "epoch": is_digest,
        "worker": is_line,
        "retention": is_retention,
        "erasers": are_erasers,
        "software": is_line,
    },
    "rankd.leaf.reveal/1": {
        "time_ms": is_time,
        "epoch": is_digest,
        "worker": is_line,
        "secret": is_hex,
        "count": is_null_or(is_natural),
        "voids": are_void_counters,
    },
    "rankd.leaf.erasure/1": {"time_ms": is_time, "envelope": is_envelope},
}


def read_leaf(data: bytes) -> Document:
    """Return a leaf's JSON object."""
    need(len(data) <= 65_535, "LEAF_MALFORMED")
    leaf = canonical(data, "LEAF_MALFORMED")
    need(type(leaf) is dict and type(leaf.get("schema")) is str and leaf["schema"] in LEAVES, "LEAF_MALFORMED")
    checks = LEAVES[leaf["schema"]]
    need(set(leaf) == {"schema", *checks}, "LEAF_MALFORMED")
    for field, check in checks.items():
        need(check(leaf[field]), "LEAF_MALFORMED")
    return dict(leaf)


def leaf_hash(data: bytes) -> bytes:
    """Return the RFC 6962 hash of a leaf."""
    return hashlib.sha256(b"\0" + data).digest()


# Sections 3 and 4: commitment and body


def commitment(key: bytes, record: bytes) -> bytes:
    """Return what a leaf holds in a record's place."""
    return hashlib.sha256(b"rankd/record/1\0" + key + record).digest()


def open_body(key: bytes, sealed: bytes) -> bytes:
    """Return the record that a body holds."""
    need(len(sealed) <= MAX_BODY, "BODY_TOO_LARGE")
    try:
        frame = ChaCha20Poly1305(key).decrypt(bytes(12), sealed, None)
    except InvalidTag:
        raise RefusedError("BODY_KEY_WRONG") from None
    try:
        size, is_whole = walk_frame(frame)
    except (IndexError, struct.error):
        raise RefusedError("BODY_MALFORMED") from None
    need(is_whole, "BODY_MALFORMED")
    need(size > 0 or frame == bytes.fromhex("28b52ffd2000010000"), "BODY_MALFORMED")
    try:
        record = zstandard.ZstdDecompressor(max_window_size=MIB_64).stream_reader(frame).read(size + 1)
    except zstandard.ZstdError:
        raise RefusedError("BODY_MALFORMED") from None
    need(len(record) == size, "BODY_MALFORMED")
    return record


def walk_frame(frame: bytes) -> tuple[int, bool]:
    """Return the size that a Zstandard frame states, and whether it ends where `frame` does (RFC 8878, 3.1.1)."""
    need(frame[:4] == b"\x28\xb5\x2f\xfd", "BODY_MALFORMED")
    descriptor, at = frame[4], 5
    is_single_segment = descriptor >> 5 & 1
    need(not descriptor & 0x08, "BODY_MALFORMED")
    window = 0
    if not is_single_segment:
        window = (1 << 10 + (frame[at] >> 3)) // 8 * (8 + (frame[at] & 7))
        at += 1
    dictionary_bytes = (0, 1, 2, 4)[descriptor & 3]
    need(not any(frame[at : at + dictionary_bytes]), "BODY_MALFORMED")
    at += dictionary_bytes
    size_bytes = (is_single_segment, 2, 4, 8)[descriptor >> 6]
    need(size_bytes, "BODY_MALFORMED")
    size = int.from_bytes(frame[at : at + size_bytes], "little") + (256 if size_bytes == 2 else 0)
    need(at + size_bytes <= len(frame), "BODY_MALFORMED")
    need(size != 2**64 - 1, "BODY_MALFORMED")
    need(max(size, window) <= MIB_64, "BODY_TOO_LARGE")
    at += size_bytes
    is_last = 0
    while not is_last:
        (head,) = struct.unpack("<I", frame[at : at + 3] + b"\0")
        is_last, kind, length = head & 1, head >> 1 & 3, head >> 3
        at += 3 + (1 if kind == 1 else length)
    if descriptor & 0x04:
        at += 4
    return size, at == len(frame)


# Sections 6 and 7: token and pseudonym


def feedback_token(key: bytes, origin: str, index: int, hashed: bytes) -> bytes:
    """Return the token of a decision."""
    at = struct.pack(">Q", index)
    return b"\1" + at + hmac_sha256(key, b"rankd.feedback.v1", origin.encode(), at, hashed)


def check_token(token: bytes, key: bytes, origin: str, hashed: bytes) -> int:
    """Return the index that a good token names."""
    need(len(token) == 41 and token[0] == 1, "TOKEN_MALFORMED")
    (index,) = struct.unpack(">Q", token[1:9])
    need(token == feedback_token(key, origin, index, hashed), "TOKEN_FOREIGN")
    return int(index)


def pseudonym(key: bytes, period: int, viewer_id: str) -> str:
    """Return a viewer's name in a period's records."""
    return f"p{period}-{hmac_sha256(key, b'rankd.viewer.v1', viewer_id.encode()).hex()[:32]}"


def pseudonym_period(text: str) -> int | None:
    """Return the period of a pseudonym, or None."""
    match = re.fullmatch(r"p([0-9]{1,15})-[0-9a-f]{32}", text, re.ASCII)
    return int(match[1]) if match and str(int(match[1])) == match[1] else None


# Sections 9 and 10: nonces and the retention sample


def decision_nonce(secret: bytes, worker: str, counter: int) -> bytes:
    """Return the nonce that a revealed secret gives a decision."""
    return hmac_sha256(secret, b"rankd.lot.v1", worker.encode(), struct.pack(">Q", counter))


def kept_longer(secret: bytes, worker: str, counter: int, sample_ppm: int) -> bool:
    """Whether a decision is in the retention sample."""
    lot = hmac_sha256(secret, b"rankd.keep.v1", worker.encode(), struct.pack(">Q", counter))
    return int.from_bytes(lot, "big") * 10**6 < sample_ppm * 2**256


def kept_until_ms(time_ms: int, retention: Document, is_sampled: bool) -> int:
    """Return from when a body may be erased because of its age."""
    return int(time_ms + retention["sample_ms" if is_sampled else "decision_ms"])
