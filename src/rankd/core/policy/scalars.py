"""Scalars: what an unquoted word is, where every YAML parser agrees on it."""

import re
from typing import Literal, TypeAlias

from rankd.core.exact.canonical import MAX_SAFE_INTEGER

ScalarKind: TypeAlias = Literal["integer", "signed", "word", "quoted"]
"""`integer`: unquoted decimal digits; `signed`: the same behind + or −; `word`: other unquoted text; `quoted`: text in
quotes or in a block."""

_INTEGER = re.compile(r"0|[1-9][0-9]*")
_SIGNED = re.compile(r"[-+](?:0|[1-9][0-9]*)")
_MEASURE = re.compile(r"[0-9]+(?:ms|[smhd])|[0-9]+(?:\.[0-9]+)?%|[0-9]+/[0-9]+")
_NUMERIC = re.compile(
    r"[-+]?0[0-9_]+|[-+]?[0-9][0-9_]*_[0-9_]*|[-+]?0[oO][0-7_]+|[-+]?0[xX][0-9a-fA-F_]+|[-+]?0[bB][01_]+"
)
_FLOAT = re.compile(
    r"[-+]?(?:\.[0-9_]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|nan)", re.IGNORECASE
)
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_BARE_EXPONENT = re.compile(r"[eE][-+]?[0-9]+")  # a float to one widely used parser
_STARTS = "0123456789+-.~=<?:"


def scalar_kind(text: str) -> ScalarKind | str:
    """Return what an unquoted scalar is, or the reason why it is refused.

    YAML 1.1 and 1.2, and their parsers, disagree about words that look like truth values, nulls, dates or numbers.
    So an unquoted scalar is either a decimal integer, a duration, share or fraction as these texts write them, or a
    word that starts with nothing that a number, date or null could start with and is none of the known words.

    Returns:
        A `ScalarKind`, or a reason that begins with `YAML_`.

    Source: YAML 1.1 types bool, float, int, merge, null, timestamp, value; YAML 1.2.2 section 10.3;
        docs/spec/policy.md section 3.
    """
    if not text:
        return "YAML_EMPTY_VALUE"
    if _INTEGER.fullmatch(text):
        return "integer" if int_fits(text) else "YAML_INTEGER_TOO_LARGE"
    if _SIGNED.fullmatch(text):
        return "signed"
    if _NUMERIC.fullmatch(text):
        return "YAML_INTEGER_FORM"
    if _FLOAT.fullmatch(text):
        return "YAML_FLOAT"
    if _MEASURE.fullmatch(text):
        return "word"
    if text.lower() in _WORDS or text[0] in _STARTS or _BARE_EXPONENT.fullmatch(text):
        return "YAML_AMBIGUOUS_WORD"
    return "word"


def int_fits(digits: str) -> bool:
    """Whether decimal digits without leading zeros are at most 2⁵³ − 1, without converting thousands of them."""
    return len(digits) <= 16 and int(digits) <= MAX_SAFE_INTEGER
