"""Text forms that have exactly one spelling: standard base64 and decimal numbers."""

import base64
import binascii
import re

MAX_NUMBER = 2**63 - 1
"""Largest size, index or time that any text or structure of a log carries here."""

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


def base64_text(data: bytes) -> str:
    """Return `data` in standard base64 with padding (RFC 4648 section 4)."""
    return base64.b64encode(data).decode("ascii")


def parse_base64(text: str) -> bytes:
    """Return the bytes that `text` spells, if `base64_text` would spell them so.

    Raises:
        ValueError: Another alphabet, white space, missing padding, or spare bits that are not zero (RFC 4648
            section 3.5).
    """
    try:
        return spelled(text.encode("ascii"))
    except UnicodeEncodeError as error:
        raise ValueError("this is not standard base64") from error


def spelled(text: bytes) -> bytes:
    """Return the bytes that ASCII text spells; see `parse_base64`."""
    try:
        data = binascii.a2b_base64(text, strict_mode=True)
    except binascii.Error as error:
        raise ValueError("this is not standard base64") from error
    if binascii.b2a_base64(data, newline=False) != text:
        raise ValueError("this base64 has another spelling")
    return data


def parse_decimal(text: str) -> int:
    """Return the number that `text` spells in ASCII digits without leading zeroes, 0 to 2⁶³ − 1.

    Raises:
        ValueError: Anything else.
    """
    if not _DECIMAL.fullmatch(text) or int(text) > MAX_NUMBER:
        raise ValueError("this is not a decimal number in its only spelling")
    return int(text)
