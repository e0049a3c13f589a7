"""Strict reading for tests/reference/log.py and tests/reference/signed.py: canonical JSON, base64, kinds of values."""

import hashlib
import hmac
import json
import re
import struct
from base64 import b64decode, b64encode
from collections.abc import Callable
from itertools import pairwise
from typing import Any

MAX_TIME_MS = 253_402_300_799_999
UNSEEN = [*range(0x20), *range(0x7F, 0xA0), 0x61C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A)]

Document = dict[str, Any]


class RefusedError(Exception):
    """The specification does not allow this; the argument is the reason."""


def need(condition: object, reason: str) -> None:
    """Refuse unless the condition holds."""
    if not condition:
        raise RefusedError(reason)


def canonical(data: bytes, reason: str) -> Any:
    """Return the JSON value whose RFC 8785 form is exactly `data`."""
    try:
        value = json.loads(data.decode("utf-8"))
        # With integers and ASCII keys only, json writes the RFC 8785 form with these settings.
        again = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")
    except (ValueError, RecursionError):
        raise RefusedError(reason) from None
    need(again == data and all_integers_are_safe(value), reason)
    return value


def all_integers_are_safe(value: Any) -> bool:
    if isinstance(value, list):
        return all(all_integers_are_safe(item) for item in value)
    if isinstance(value, dict):
        return all(all_integers_are_safe(item) for item in value.values())
    return not isinstance(value, float) and (not isinstance(value, int) or abs(value) < 2**53)


def standard_base64(text: object, reason: str) -> bytes:
    """Return the bytes of standard base64 in its only spelling."""
    need(isinstance(text, str) and re.fullmatch(r"[A-Za-z0-9+/]*={0,2}", text), reason)
    try:
        data = b64decode(str(text))
    except ValueError:
        raise RefusedError(reason) from None
    need(b64encode(data).decode() == text, reason)
    return data


def decimal(text: str, reason: str) -> int:
    """Return a decimal number without leading zeroes, below 2⁶³."""
    need(re.fullmatch(r"0|[1-9][0-9]*", text, re.ASCII) and len(text) < 20 and int(text) < 2**63, reason)
    return int(text)


def hmac_sha256(key: bytes, *fields: bytes) -> bytes:
    """Return MAC(key; fields …) of scoring.md, section 1."""
    return hmac.new(key, b"".join(struct.pack(">I", len(field)) + field for field in fields), hashlib.sha256).digest()


def is_natural(value: Any) -> bool:
    return type(value) is int and value >= 0


def is_time(value: Any) -> bool:
    return is_natural(value) and value <= MAX_TIME_MS


def is_line(value: Any, most: int = 256) -> bool:
    return type(value) is str and 1 <= len(value) <= most and not any(ord(character) in UNSEEN for character in value)


def is_hex(value: Any) -> bool:
    return type(value) is str and re.fullmatch("[0-9a-f]{64}", value) is not None


def is_digest(value: Any) -> bool:
    return type(value) is str and value[:7] == "sha256:" and is_hex(value[7:])


def is_null_or(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or check(value)


def is_list_of(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: type(value) is list and all(check(item) for item in value)


def is_rising(value: Any) -> bool:
    """Whether these are numbers or strings, each greater than the one before."""
    return all(one < other for one, other in pairwise(value))
