"""Feedback token: what ties a later event to the decision that showed the post."""

import hmac

from rankd.core.errors import RecordError
from rankd.core.exact.chance import mac

VERSION = 1
TOKEN_BYTES = 41
INDEX_BYTES = 8


def feedback_token(key: bytes, origin: str, index: int, leaf_hash: bytes) -> bytes:
    """Return the token of a decision: 0x01 ‖ index ‖ MAC(key; "rankd.feedback.v1", origin, index, leaf hash).

    Args:
        key: The server's secret for tokens, 32 bytes.
        origin: The journal's origin.
        index: Index of the decision's leaf, 0 to 2⁶⁴ − 1, as eight big-endian bytes.
        leaf_hash: RFC 6962 hash of the leaf, 32 bytes.

    Source: DESIGN "The journals"; docs/spec/log.md section 6.
    """
    at = index.to_bytes(INDEX_BYTES, "big")
    return bytes([VERSION]) + at + mac(key, b"rankd.feedback.v1", origin.encode(), at, leaf_hash)


def token_index(token: bytes) -> int:
    """Return the index that a token names, before anything is verified.

    Raises:
        RecordError: TOKEN_MALFORMED.
    """
    if len(token) != TOKEN_BYTES or token[0] != VERSION:
        raise RecordError("TOKEN_MALFORMED", size_bytes=len(token), wanted_bytes=TOKEN_BYTES)
    return int.from_bytes(token[1 : 1 + INDEX_BYTES], "big")


def check_token(token: bytes, key: bytes, origin: str, leaf_hash: bytes) -> None:
    """Make sure that this server gave out a token for this leaf; how long that takes does not tell how near it was.

    Args:
        token: What came back.
        key: The server's secret for tokens.
        origin: The journal's origin.
        leaf_hash: Hash of the leaf at `token_index(token)`.

    Raises:
        RecordError: TOKEN_MALFORMED or TOKEN_FOREIGN.
    """
    index = token_index(token)
    if not hmac.compare_digest(token, feedback_token(key, origin, index, leaf_hash)):
        raise RecordError("TOKEN_FOREIGN", index=index)
