"""Fields of a manifest: strict reading of JSON values, with the field's name in every refusal."""

import re
from typing import Any

from rankd.core.errors import ModelError

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")

# Braces: what people read becomes a template (`Phrase`), where a brace would be a parameter. Controls and
# bidirectional marks: what is shown must be what is written.
_UNFIT_FOR_PEOPLE = re.compile(r"[{}\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def read_object(value: Any, where: str, keys: tuple[str, ...]) -> dict[str, Any]:
    """Return `value`, an object with exactly `keys`."""
    if not isinstance(value, dict):
        raise wrong(where, value, "object")
    for key in value:
        if key not in keys:
            raise ModelError("MODEL_MANIFEST_KEY_UNKNOWN", field=f"{where}.{key}"[:200])
    for key in keys:
        if key not in value:
            raise ModelError("MODEL_MANIFEST_KEY_MISSING", field=f"{where}.{key}")
    return value


def read_list(value: Any, where: str, least: int, most: int) -> list[Any]:
    """Return `value`, an array of `least` to `most` items."""
    if not isinstance(value, list):
        raise wrong(where, value, "array")
    require(least <= len(value) <= most, where, len(value), f"{least}…{most}")
    return value


def read_matching(value: Any, where: str, pattern: re.Pattern[str]) -> str:
    """Return `value`, a string that matches `pattern` from end to end."""
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise wrong(where, value, pattern.pattern)
    return value


def read_words(value: Any, where: str, most: int) -> str:
    """Return `value`, text for people of 1 to `most` characters, without braces and controls."""
    if not isinstance(value, str) or not 1 <= len(value) <= most or _UNFIT_FOR_PEOPLE.search(value):
        raise wrong(where, value, f"string 1…{most}, no {{ }}")
    return value


def read_digest(value: Any, where: str) -> bytes:
    """Return the 32 bytes of a SHA-256 written `sha256:` and 64 lower-case hexadecimal digits."""
    if not isinstance(value, str) or not _DIGEST.fullmatch(value):
        raise wrong(where, value, "sha256:<64 hex>")
    return bytes.fromhex(value.removeprefix("sha256:"))


def require_unique(names: list[str], where: str, key: str) -> None:
    """Refuse a name that stands twice."""
    for name in names:
        require(names.count(name) == 1, f"{where}.{key}", name, "unique")


def require(condition: bool, where: str, found: object, wanted: object) -> None:
    """Refuse the field `where` unless `condition` holds."""
    if not condition:
        raise wrong(where, found, wanted)


def wrong(where: str, found: object, wanted: object) -> ModelError:
    """Return MODEL_MANIFEST_VALUE: the field, what stands there (cut short) and what should."""
    return ModelError("MODEL_MANIFEST_VALUE", field=where, found=str(found)[:80], wanted=wanted)
