"""Canonical JSON (RFC 8785) for documents without fractions, and the digests over it."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeAlias

MAX_SAFE_INTEGER = 2**53 - 1
"""Largest integer magnitude that RFC 8785 carries exactly (RFC 7493 section 2.2)."""

Json: TypeAlias = "bool | int | str | list[Any] | tuple[Any, ...] | dict[str, Any] | None"

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_FLAT = {str, bool, type(None)}
_LISTS = {list, tuple}
# A value that holds itself does not come as far as this.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False)


class CanonicalError(ValueError):
    """A value has no canonical form here: a float, an unsafe integer, a lone surrogate, a key that is no string."""


def canonical_json(value: Json) -> bytes:
    """Return the RFC 8785 form of `value` as UTF-8 bytes.

    rankd's documents hold integers and strings only, so the number serialisation of RFC 8785 section 3.2.2.3
    reduces to decimal integers; floats are refused rather than written.

    Args:
        value: None, bool, int within ±(2⁵³−1), str, list or tuple, or dict with str keys, nested at will.

    Raises:
        CanonicalError: `value` contains anything else.

    Source: RFC 8785 sections 3.2.1 (no whitespace), 3.2.2.2 (strings), 3.2.3 (keys sorted by UTF-16 code units).
    """
    return _utf_8(_text(value))


@dataclass(frozen=True, slots=True)
class Written:
    """A canonical form that was made once, to stand in several documents."""

    text: str

    @property
    def data(self) -> bytes:
        """As UTF-8 bytes."""
        return _utf_8(self.text)


Member: TypeAlias = "Json | Written"


def write_object(members: Mapping[str, Member]) -> Written:
    """Return the canonical form of an object, with members that may be written already.

    Raises:
        CanonicalError: See `canonical_json`; a lone surrogate in a value is found in `Written.data`.
    """
    pairs = ((key, members[key]) for key in _sorted_keys(members))
    texts = (f"{_text(key)}:{m.text if isinstance(m, Written) else _text(m)}" for key, m in pairs)
    return Written(f"{{{','.join(texts)}}}")


def _text(value: Any) -> str:
    return _ENCODER.encode(_order(value))


def _utf_8(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise CanonicalError(f"a string holds a lone surrogate: {error}") from error


def _order(value: Any) -> Any:
    kind = type(value)
    if kind in _FLAT:
        return value
    if kind is int:
        if not -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER:
            raise CanonicalError(f"the integer {value} is outside ±(2**53 - 1)")
        return value
    if kind is list or kind is tuple:
        # Long lists, and lists of short ones, are looked through as a whole: item by item takes ten times as long.
        if _is_plain(value) or (set(map(type, value)) <= _LISTS and _is_plain(list(chain.from_iterable(value)))):
            return value
        return [_order(item) for item in value]
    if kind is dict:
        if not all(type(key) is str for key in value):
            raise CanonicalError("every key of an object must be a string")
        return {key: _order(value[key]) for key in _sorted_keys(value)}
    raise CanonicalError(f"a value of type {kind.__name__} has no canonical form here")


def _is_plain(values: Sequence[Any]) -> bool:
    """Tell whether a list holds nothing but strings, truth values, nulls and safe integers."""
    kinds = set(map(type, values))
    if int in kinds:
        numbers = values if len(kinds) == 1 else [value for value in values if type(value) is int]
        if min(numbers) < -MAX_SAFE_INTEGER or max(numbers) > MAX_SAFE_INTEGER:
            return False
        kinds.remove(int)
    return kinds <= _FLAT


def _sorted_keys(value: Mapping[str, Any]) -> list[str]:
    if "".join(value).isascii():
        return sorted(value)
    try:
        return sorted(value, key=lambda key: key.encode("utf-16-be"))
    except UnicodeEncodeError as error:
        raise CanonicalError(f"a key holds a lone surrogate: {error}") from error


def parse_canonical(data: bytes) -> Any:
    """Parse `data` and make sure that it *is* the canonical form of what it says.

    Raises:
        CanonicalError: `data` is not JSON, or not byte for byte what `canonical_json` would write.
    """
    try:
        value = json.loads(data.decode("utf-8"))
        again = canonical_json(value)
    except (ValueError, RecursionError) as error:
        raise CanonicalError(f"not canonical JSON: {error}") from error
    if again != data:
        raise CanonicalError("the JSON is not in its canonical form (RFC 8785)")
    return value


def sha256(data: bytes) -> bytes:
    """Return the SHA-256 digest of `data`, 32 bytes."""
    return hashlib.sha256(data).digest()


def digest_text(digest: bytes) -> str:
    """Return a digest as people and files write it: `sha256:` and 64 lower-case hexadecimal digits."""
    return f"sha256:{digest.hex()}"


def parse_digest(text: str) -> bytes:
    """Return the 32 bytes of a digest written by `digest_text`.

    Raises:
        ValueError: `text` is not of that exact form.
    """
    if not _DIGEST.fullmatch(text):
        raise ValueError(f"a digest is written sha256: and 64 lower-case hexadecimal digits, not {text!r}")
    return bytes.fromhex(text.removeprefix("sha256:"))
