"""A member's key on paper: its 32-byte seed as nine lines of eight characters that a person can copy and type.

The 256 bits of the seed and a 14-bit check of the whole sheet are cut into nine times six characters of 5 bits. Each
line adds two check characters of a Reed-Solomon code over GF(32) that also holds the line's number. So one or two wrong
characters in a line, two of them exchanged, and two lines exchanged are always found, and the line is known; any other
slip of the pen passes a line once in about a thousand, and then the whole sheet once in 16,384.

The characters are Crockford's base 32: digits and capital letters without I, L, O and U. Hexadecimal would be a quarter
longer. A list of words would have to be another one in each language, and words that look alike in handwriting pass
where nobody counts the letters; these characters are the same on every keyboard and for every reader.

Source: D. Crockford, "Base 32", https://www.crockford.com/base32.html (alphabet, look-alike letters).
"""

from collections.abc import Sequence

from rankd.core.errors import AssemblyError
from rankd.core.exact.canonical import sha256

LINE_COUNT = 9
LINE_CHARACTERS = 8
SEED_BYTES = 32

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOK_ALIKE = str.maketrans("OILU", "011V")
_BETWEEN = str.maketrans("", "", " \t\r\n\u00a0-_.·|")
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}
_DATA = LINE_CHARACTERS - 2
_CHECK_BITS = LINE_COUNT * _DATA * 5 - SEED_BYTES * 8
_DOMAIN = b"rankd/paper/1\0"
_POLYNOMIAL = 0b100101
"""x⁵ + x² + 1, of which α = x is a primitive root."""


def _powers() -> tuple[int, ...]:
    powers = [1]
    for _ in range(30):
        doubled = powers[-1] << 1
        powers.append(doubled ^ _POLYNOMIAL if doubled & 32 else doubled)
    return tuple(powers)


_POWERS = _powers()
_LOGS = {power: exponent for exponent, power in enumerate(_POWERS)}


def write_sheet(seed: bytes) -> tuple[str, ...]:
    """Return the nine lines of a seed, each in two groups of four characters.

    Args:
        seed: An Ed25519 seed, 32 bytes.
    """
    number = int.from_bytes(seed) << _CHECK_BITS | _check(seed)
    count = LINE_COUNT * _DATA
    values = [number >> 5 * (count - 1 - place) & 31 for place in range(count)]
    lines = []
    for line in range(LINE_COUNT):
        data = values[line * _DATA : (line + 1) * _DATA]
        text = "".join(_ALPHABET[value] for value in (*data, *_checks(data, line + 1)))
        lines.append(f"{text[:4]} {text[4:]}")
    return tuple(lines)


def read_line(text: str, line: int) -> tuple[int, ...]:
    """Return the six values that a typed line holds.

    Capitals or not, spaces and hyphens do not matter; O is read as 0, I and L as 1, U as V.

    Args:
        text: What was typed.
        line: Which line of the sheet it is, from 1.

    Raises:
        AssemblyError: KEY_SHEET_LINE, which names the line and never what was typed.
    """
    characters = bare(text)
    values = [_VALUES.get(character, -1) for character in characters]
    if len(values) != LINE_CHARACTERS or -1 in values or tuple(values[_DATA:]) != _checks(values[:_DATA], line):
        raise AssemblyError("KEY_SHEET_LINE", line=line, count=LINE_COUNT)
    return tuple(values[:_DATA])


def read_sheet(lines: Sequence[str]) -> bytes:
    """Return the seed that nine typed lines hold.

    Raises:
        AssemblyError: KEY_SHEET_SHORT, KEY_SHEET_LINE, or KEY_SHEET_DIFFERS: each line is right, but they do not belong
            together.
    """
    if len(lines) != LINE_COUNT:
        raise AssemblyError("KEY_SHEET_SHORT", found=len(lines), count=LINE_COUNT)
    number = 0
    for line, text in enumerate(lines, 1):
        for value in read_line(text, line):
            number = number << 5 | value
    seed = (number >> _CHECK_BITS).to_bytes(SEED_BYTES)
    if number & (1 << _CHECK_BITS) - 1 != _check(seed):
        raise AssemblyError("KEY_SHEET_DIFFERS")
    return seed


def bare(text: str) -> str:
    """Return what was typed without what is only there for the eye, look-alike letters as what they look like."""
    return text.translate(_BETWEEN).upper().translate(_LOOK_ALIKE)


def _check(seed: bytes) -> int:
    return int.from_bytes(sha256(_DOMAIN + seed)[:2]) >> 16 - _CHECK_BITS


def _checks(data: Sequence[int], line: int) -> tuple[int, int]:
    """Return the two values that make Σ vᵢ and Σ vᵢ·αⁱ the line's number."""
    plain = weighted = line
    for place, value in enumerate(data):
        plain ^= value
        weighted ^= _times(value, place)
    last = _over(weighted ^ _times(plain, _DATA), _POWERS[_DATA] ^ _POWERS[_DATA + 1])
    return plain ^ last, last


def _times(value: int, exponent: int) -> int:
    return 0 if value == 0 else _POWERS[(_LOGS[value] + exponent) % 31]


def _over(value: int, divisor: int) -> int:
    return 0 if value == 0 else _POWERS[(_LOGS[value] - _LOGS[divisor]) % 31]
