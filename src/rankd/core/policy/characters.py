"""Characters: which ones a policy text may hold, so that what members see is what the machine reads."""

import re
import unicodedata

from rankd.core.errors import PolicyError

MAX_BYTES = 64 * 1024
"""Largest policy or limits file."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_SUPPLEMENTS = "".join(chr(plane * 0x10000 + low) for plane in range(1, 17) for low in (0xFFFE, 0xFFFF))

# Line breaks that only some parsers honour (U+0085, U+2028, U+2029) count as controls here.
_CONTROL = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff" + _SUPPLEMENTS
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
# Characters without a shape of their own, and private ones that each screen draws differently. The joiners U+200C and
# U+200D stay allowed: some scripts and emoji need them.
_INVISIBLE = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd"
)
_REFUSED = re.compile(
    f"(?P<YAML_TAB>\t)|(?P<YAML_CARRIAGE_RETURN>\r)|(?P<YAML_CONTROL_CHARACTER>[{_CONTROL}])"
    f"|(?P<YAML_BIDI_CHARACTER>[{_BIDI}])|(?P<YAML_INVISIBLE_CHARACTER>[{_INVISIBLE}])"
)


def decode_text(data: bytes, name: str) -> str:
    """Return the text of a policy or limits file.

    Args:
        data: The file's bytes.
        name: What to call the file in errors.

    Raises:
        PolicyError: The file is over 64 KiB, empty, not UTF-8, begins with a byte order mark, does not end with a
            line feed, is not in Unicode's normal form C, or holds a tab, a carriage return, a control, bidi or
            invisible character.

    Source: docs/spec/policy.md section 2.
    """
    if len(data) > MAX_BYTES:
        raise PolicyError("YAML_TOO_LARGE", file=name, line=1, column=1, found=len(data), limit=MAX_BYTES)
    if data.startswith(BYTE_ORDER_MARK):
        raise PolicyError("YAML_BYTE_ORDER_MARK", file=name, line=1, column=1, found="U+FEFF")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line, column = place(data[: error.start].decode("utf-8"), error.start)
        found = f"0x{data[error.start]:02X}"
        raise PolicyError("YAML_NOT_UTF8", file=name, line=line, column=column, found=found) from error
    refused = refused_character(text)
    if refused is not None:
        reason, index, found = refused
        line, column = place(text, index)
        raise PolicyError(reason, file=name, line=line, column=column, found=found)
    if not text.strip():
        raise PolicyError("YAML_EMPTY_FILE", file=name, line=1, column=1)
    if not text.endswith("\n"):
        line, column = place(text, len(text))
        raise PolicyError("YAML_NO_FINAL_NEWLINE", file=name, line=line, column=column)
    return text


def refused_character(text: str) -> tuple[str, int, str] | None:
    """Return the reason, the index and a name of the first character that a text may not hold; None if all may stay.

    Text that is not in normal form C is reported, where nothing else is wrong, at the first character that
    normalising would change.
    """
    match = _REFUSED.search(text)
    if match is not None:
        return str(match.lastgroup), match.start(), code_point(match.group())
    if not unicodedata.is_normalized("NFC", text):
        normal = unicodedata.normalize("NFC", text)
        same = (index for index, (a, b) in enumerate(zip(text, normal, strict=False)) if a != b)
        index = next(same, min(len(text), len(normal)) - 1)
        return "YAML_NOT_NFC", index, code_point(text[index])
    return None


def code_point(character: str) -> str:
    """Return a character's Unicode number, as in U+202E."""
    return f"U+{ord(character):04X}"


def place(text: str, index: int) -> tuple[int, int]:
    """Return the line and column, both from 1 and the column in characters, of `index` in `text`."""
    before = text[:index]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
