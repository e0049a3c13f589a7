"""Pseudonym: the name under which a viewer stands in records; it links nothing beyond its period."""

import re

from rankd.core.exact.chance import mac

PSEUDONYM_BYTES = 16
MAX_PERIOD = 10**15 - 1

_PSEUDONYM = re.compile(r"p(0|[1-9][0-9]{0,14})-[0-9a-f]{32}")


def pseudonym(key: bytes, period: int, viewer_id: str) -> str:
    """Return a viewer's pseudonym: `p`, the period, `-`, half of MAC(key; "rankd.viewer.v1", viewer id) in hexadecimal.

    Once the period's key is destroyed nobody can tell whose it was.

    Args:
        key: The period's key, 32 bytes.
        period: Number of the period, 0 to 10¹⁵ − 1.
        viewer_id: The viewer as the caller names it.

    Source: docs/spec/log.md section 7.
    """
    return f"p{period}-{mac(key, b'rankd.viewer.v1', viewer_id.encode())[:PSEUDONYM_BYTES].hex()}"


def pseudonym_period(text: str) -> int | None:
    """Return the period of a pseudonym; None if `text` is not spelt as one."""
    match = _PSEUDONYM.fullmatch(text)
    return int(match[1]) if match else None
