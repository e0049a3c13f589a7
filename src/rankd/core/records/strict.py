"""Reading JSON strictly: every field is there, is of its kind, and none is left over."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

from rankd.core.errors import RecordError
from rankd.core.exact.canonical import parse_digest
from rankd.core.ranking.admission import MAX_TIME_MS
from rankd.core.words.visible import UNSEEN, visible

T = TypeVar("T")
U = TypeVar("U")

DIGEST_BYTES = 32


class Fields:
    """One JSON object, taken field by field; what is left over is refused.

    Args:
        value: What should be an object.
        name: What the object is called in a refusal.
        reason: Reason of every refusal; its sentences name `field` and `found`.

    Raises:
        RecordError: `value` is no object.
    """

    def __init__(self, value: Any, name: str, reason: str) -> None:
        if type(value) is not dict:
            raise RecordError(reason, field=name, found=shown(value))
        self.name = name
        self.reason = reason
        self.rest = dict(value)

    def take(self, key: str, read: Callable[[Any], T]) -> T:
        """Return the field `key` as `read` understands it.

        Raises:
            RecordError: It is missing, or `read` does not accept it.
        """
        if key not in self.rest:
            raise RecordError(self.reason, field=f"{self.name}.{key}", found="nothing")
        value = self.rest.pop(key)
        try:
            return read(value)
        except (ValueError, TypeError, OverflowError):
            raise RecordError(self.reason, field=f"{self.name}.{key}", found=shown(value)) from None

    def end(self) -> None:
        """Make sure that every field was taken.

        Raises:
            RecordError: One was not.
        """
        if self.rest:
            name = visible(f"{self.name}.{min(self.rest)}"[:120])
            raise RecordError(self.reason, field=name, found="an unknown field")


def shown(value: Any) -> str:
    """Return the beginning of a value, for a refusal; what nobody would see is written as an escape."""
    return visible(json.dumps(value, ensure_ascii=False)[:64])


def anything(value: Any) -> Any:
    """Return `value` as it is, for a later look."""
    return value


def text(value: Any) -> str:
    """Return a string, or raise ValueError."""
    if type(value) is not str:
        raise ValueError
    return value


def integer(value: Any) -> int:
    """Return an integer (`true` is none), or raise ValueError."""
    if type(value) is not int:
        raise ValueError
    return value


def natural(value: Any) -> int:
    """Return an integer from 0, or raise ValueError."""
    if type(value) is not int or value < 0:
        raise ValueError
    return value


def time(value: Any) -> int:
    """Return milliseconds from 1970 to the end of the year 9999, or raise ValueError."""
    if natural(value) > MAX_TIME_MS:
        raise ValueError
    return natural(value)


def array(value: Any) -> list[Any]:
    """Return a list, or raise ValueError."""
    if type(value) is not list:
        raise ValueError
    return value


def each(read: Callable[[Any], T]) -> Callable[[Any], tuple[T, ...]]:
    """Return a reader of lists whose every item `read` accepts."""
    return lambda value: tuple(read(item) for item in array(value))


def optional(read: Callable[[Any], T]) -> Callable[[Any], T | None]:
    """Return a reader that accepts null as well."""
    return lambda value: None if value is None else read(value)


def pair(value: Any, first: Callable[[Any], T], second: Callable[[Any], U]) -> tuple[T, U]:
    """Return a list of exactly two, or raise ValueError."""
    items = array(value)
    if len(items) != 2:
        raise ValueError
    return first(items[0]), second(items[1])


def line(most: int) -> Callable[[Any], str]:
    """Return a reader of strings of 1 to `most` characters, none of them a control or direction character."""

    def read(value: Any) -> str:
        if not 1 <= len(text(value)) <= most or UNSEEN.search(value):
            raise ValueError
        return str(value)

    return read


def texts(value: Any) -> tuple[str, ...]:
    """Return a list of strings, or raise ValueError; long lists are looked through as a whole."""
    if not set(map(type, array(value))) <= {str}:
        raise ValueError
    return tuple(value)


def integers(value: Any) -> tuple[int, ...]:
    """Return a list of integers, or raise ValueError; see `texts`."""
    if not set(map(type, array(value))) <= {int}:
        raise ValueError
    return tuple(value)


def naturals(value: Any) -> tuple[int, ...]:
    """Return a list of integers from 0, or raise ValueError; see `texts`."""
    if min(integers(value), default=0) < 0:
        raise ValueError
    return tuple(value)


def digest(value: Any) -> bytes:
    """Return the 32 bytes of `sha256:` and 64 digits, or raise ValueError."""
    return parse_digest(text(value))


def hex_32(value: Any) -> bytes:
    """Return the 32 bytes of 64 lower-case hexadecimal digits, or raise ValueError."""
    raw = bytes.fromhex(text(value))
    if len(raw) != DIGEST_BYTES or raw.hex() != value:
        raise ValueError
    return raw
