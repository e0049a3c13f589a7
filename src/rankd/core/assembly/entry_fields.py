"""The fields that entries have in common, read strictly: each function returns the value or raises ValueError."""

import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

from rankd.core.assembly.constitution import SUBJECTS
from rankd.core.assembly.entries import NONCE_BYTES, Co
from rankd.core.errors import LogError, RecordError
from rankd.core.exact.canonical import MAX_SAFE_INTEGER, CanonicalError, parse_canonical
from rankd.core.log.envelope import parse_envelope
from rankd.core.log.origin import ORIGIN_PATTERN
from rankd.core.objectives import OBJECTIVES
from rankd.core.policy.characters import MAX_BYTES, refused_character
from rankd.core.records.strict import Fields, array, digest, each, natural, pair, text
from rankd.core.words.language import Phrase

MAX_TITLE_LENGTH = 200
MAX_REASONS_LENGTH = 2_000
MAX_ARGUMENT_LENGTH = 4_000
MAX_TEXTS = 10
MAX_CHANGES = 2_000
MAX_ERASED = 1_000
MAX_NUMBER = 2**32 - 1

MALFORMED = "ENTRY_MALFORMED"

NONCE_PATTERN = rf"[0-9a-f]{{{2 * NONCE_BYTES}}}"
_SURFACE = re.compile(r"[a-z][a-z0-9_]{0,31}")
_MEMBER = re.compile(r"m[0-9a-f]{16}")
_NONCE = re.compile(NONCE_PATTERN)
_SAID: Mapping[str, re.Pattern[str]] = {
    "open": re.compile(r"[0-9a-f]{64}"),
    "close": re.compile(r"closed|extended"),
    "activation": re.compile(r"[1-9][0-9]{0,15}"),
}


def matching(pattern: re.Pattern[str]) -> Callable[[Any], str]:
    """Return a reader of strings that a pattern matches as a whole."""

    def read(value: Any) -> str:
        if not pattern.fullmatch(text(value)):
            raise ValueError
        return str(value)

    return read


origin = matching(re.compile(ORIGIN_PATTERN))
surface = matching(_SURFACE)
member = matching(_MEMBER)


def is_surface(name: str) -> bool:
    """Whether a surface can have this name."""
    return _SURFACE.fullmatch(name) is not None


def said(kind: str) -> Callable[[Any], str]:
    """Return the reader of what a witnessing of this kind may say."""
    return matching(_SAID[kind])


def nonce(value: Any) -> bytes:
    """Return the bytes of a nonce."""
    if not _NONCE.fullmatch(text(value)):
        raise ValueError
    return bytes.fromhex(value)


def index(value: Any) -> int:
    """Return the index of an entry."""
    if natural(value) > MAX_SAFE_INTEGER:
        raise ValueError
    return natural(value)


def indexes(value: Any) -> tuple[int, ...]:
    """Return 1 to `MAX_ERASED` indexes, rising."""
    found = each(index)(value)
    if not 1 <= len(found) <= MAX_ERASED or any(before >= after for before, after in pairwise(found)):
        raise ValueError
    return found


def one_of(*names: str) -> Callable[[Any], Any]:
    """Return a reader of one of these strings."""

    def read(value: Any) -> Any:
        if text(value) not in names:
            raise ValueError
        return value

    return read


subject = one_of(*SUBJECTS)


def lines(most: int, least: int = 1) -> Callable[[Any], str]:
    """Return a reader of texts of `least` to `most` characters; lines may break, nothing may hide."""

    def read(value: Any) -> str:
        if not least <= len(text(value)) <= most or refused_character(value) or (value and not value.strip()):
            raise ValueError
        return str(value)

    return read


def line(most: int) -> Callable[[Any], str]:
    """Return a reader of texts of one line, of 1 to `most` characters."""
    read_lines = lines(most)

    def read(value: Any) -> str:
        if "\n" in text(value):
            raise ValueError
        return read_lines(value)

    return read


def file(value: Any) -> str:
    """Return the text of a policy or constitution; what it says is not looked at."""
    if not text(value) or refused_character(value) or len(value.encode()) > MAX_BYTES:
        raise ValueError
    return str(value)


def files(value: Any) -> tuple[str, ...]:
    """Return at most `MAX_TEXTS` texts."""
    return each(file)(few(value))


def few(value: Any) -> list[Any]:
    """Return a list of at most `MAX_TEXTS`."""
    if len(array(value)) > MAX_TEXTS:
        raise ValueError
    return array(value)


def digests(value: Any) -> tuple[bytes, ...]:
    """Return the digests of at most `MAX_TEXTS` texts."""
    return each(digest)(few(value))


def digest_pairs(value: Any) -> tuple[tuple[bytes, bytes], ...]:
    """Return the (canon, file) digests of 1 to `MAX_TEXTS` texts."""
    if not few(value):
        raise ValueError
    return tuple(pair(entry, digest, digest) for entry in value)


def heads(value: Any) -> tuple[str, ...]:
    """Return objectives, in the canonical order."""
    names = each(text)(value)
    if names != tuple(objective for objective in OBJECTIVES if objective in names):
        raise ValueError
    return names


def document(value: Any) -> str:
    """Return a string that holds an object as canonical JSON."""
    try:
        found = parse_canonical(text(value).encode())
    except CanonicalError as error:
        raise ValueError from error
    if type(found) is not dict:
        raise ValueError
    return str(value)


def envelope(value: Any) -> Mapping[str, Any]:
    """Return the JSON object of an envelope; nothing is verified."""
    try:
        return parse_envelope(value).document
    except LogError as error:
        raise ValueError from error


def phrase(fields: Fields, key: str, read: Callable[[Any], str]) -> Phrase:
    """Take a phrase, both of whose texts `read` accepts.

    Raises:
        RecordError: See `Fields`.
    """
    both = fields.take(key, lambda value: Fields(value, f"{fields.name}.{key}", fields.reason))
    found = Phrase(fr=both.take("fr", read), en=both.take("en", read))
    both.end()
    return found


def co(fields: Fields) -> Co:
    """Take what says which co-op an entry belongs to.

    Raises:
        RecordError: See `Fields`.
    """
    return Co(fields.take("origin", origin), fields.take("genesis", digest), fields.take("nonce", nonce))


def refuse(fields: Fields, key: str, found: str) -> RecordError:
    """Return the refusal of a field that does not go with the others."""
    return RecordError(fields.reason, field=f"{fields.name}.{key}", found=found)
