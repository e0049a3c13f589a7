"""Fields: places in a text, each read as one thing and refused with its path, line and column."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from rankd.core.errors import PolicyError
from rankd.core.policy.scalars import int_fits
from rankd.core.policy.strict_yaml import ListNode, MapNode, Node, ScalarNode

PPM = 1_000_000
"""All of something, in parts per million."""

MAX_DURATION_MS = 3650 * 86_400_000
"""Ten years of 365 days."""

MAX_NAME_BYTES = 64

_UNITS_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_DURATION = re.compile(r"(0|[1-9][0-9]*)(ms|s|m|h|d)")
_SHARE = re.compile(r"(0|[1-9][0-9]*)(?:\.([0-9]{1,4}))?%")
_PERCENT = re.compile(r"(0|[1-9][0-9]*)%")


@dataclass(frozen=True, slots=True)
class Field:
    """One place in a text.

    Attributes:
        node: What stands there.
        path: Its name from the root, as in `rules.cap/1[2].at_most`; "" for the root.
        file: The file's name in errors.
    """

    node: Node
    path: str
    file: str

    def refuse(self, reason: str, **metadata: object) -> PolicyError:
        """Return the error that says what is wrong here."""
        found = self.node.text[:60] if isinstance(self.node, ScalarNode) else ""
        place = {"file": self.file, "line": self.node.line, "column": self.node.column}
        return PolicyError(reason, **{**place, "field": self.path or "(root)", "found": found, **metadata})

    def entries(self) -> "dict[str, Field]":
        """Read a mapping with any keys, in the file's order."""
        if not isinstance(self.node, MapNode):
            raise self.refuse("POLICY_NOT_A_MAPPING")
        prefix = f"{self.path}." if self.path else ""
        return {key.text: Field(value, prefix + key.text, self.file) for key, value in self.node.entries}

    def record(
        self,
        required: Iterable[str],
        optional: Iterable[str] = (),
        *,
        unknown: str = "POLICY_FIELD_UNKNOWN",
        missing: str = "POLICY_FIELD_MISSING",
    ) -> "dict[str, Field]":
        """Read a mapping whose keys are known: every one of `required`, any of `optional`, nothing else."""
        found = self.entries()
        needed = tuple(required)
        allowed = (*needed, *optional)
        for name in found:
            if name not in allowed:
                raise self.key(name).refuse(unknown, found=name, allowed=", ".join(allowed))
        absent = [name for name in needed if name not in found]
        if absent:
            raise self.refuse(missing, found=", ".join(absent))
        return found

    def key(self, name: str) -> "Field":
        """Return the place of a mapping's key itself."""
        if isinstance(self.node, MapNode):
            for key, _ in self.node.entries:
                if key.text == name:
                    return Field(key, f"{self.path}.{name}" if self.path else name, self.file)
        return self

    def items(self, most: int) -> "tuple[Field, ...]":
        """Read a list of 1 to `most` items, counted from 1 in paths."""
        if not isinstance(self.node, ListNode):
            raise self.refuse("POLICY_NOT_A_LIST")
        if not 1 <= len(self.node.items) <= most:
            raise self.refuse("POLICY_LIST_LENGTH", found=len(self.node.items), most=most)
        items = enumerate(self.node.items, start=1)
        return tuple(Field(item, f"{self.path}[{number}]", self.file) for number, item in items)

    def text(self) -> str:
        """Read text: a word or something in quotes, never a number."""
        if not isinstance(self.node, ScalarNode):
            raise self.refuse("POLICY_NOT_TEXT")
        if self.node.kind in ("integer", "signed"):
            raise self.refuse("POLICY_NOT_TEXT")
        return self.node.text

    def choice(self, *options: str) -> str:
        """Read one of a few words."""
        text = self.text()
        if text not in options:
            raise self.refuse("POLICY_CHOICE", allowed=", ".join(options))
        return text

    def integer(self, least: int, most: int) -> int:
        """Read an unquoted decimal integer in [least, most]."""
        if not isinstance(self.node, ScalarNode) or self.node.kind != "integer":
            raise self.refuse("POLICY_NOT_AN_INTEGER", least=least, most=most)
        value = int(self.node.text)
        if not least <= value <= most:
            raise self.refuse("POLICY_INTEGER_RANGE", least=least, most=most)
        return value

    def duration_ms(self, least_ms: int) -> int:
        """Read a duration such as `6h`, from `least_ms` to ten years, into milliseconds."""
        match = _DURATION.fullmatch(self.node.text) if isinstance(self.node, ScalarNode) else None
        if match is None:
            raise self.refuse("POLICY_DURATION_FORM")
        value = int(match[1]) * _UNITS_MS[match[2]] if int_fits(match[1]) else MAX_DURATION_MS + 1
        if not least_ms <= value <= MAX_DURATION_MS:
            raise self.refuse("POLICY_DURATION_RANGE", least=duration_text(least_ms))
        return value

    def share_ppm(self, least_ppm: int = 0) -> int:
        """Read a share such as `2.5%`, from `least_ppm` to 100 %, into parts per million."""
        match = _SHARE.fullmatch(self.node.text) if isinstance(self.node, ScalarNode) else None
        if match is None:
            raise self.refuse("POLICY_SHARE_FORM")
        value = int(match[1]) * 10_000 + int((match[2] or "").ljust(4, "0")) if int_fits(match[1]) else PPM + 1
        if not least_ppm <= value <= PPM:
            raise self.refuse("POLICY_SHARE_RANGE", least=share_text(least_ppm))
        return value

    def percent(self, least: int, most: int) -> int:
        """Read whole percents such as `150%`, in [least, most]."""
        match = _PERCENT.fullmatch(self.node.text) if isinstance(self.node, ScalarNode) else None
        if match is None:
            raise self.refuse("POLICY_PERCENT_FORM", least=least, most=most)
        value = int(match[1]) if int_fits(match[1]) else most + 1
        if not least <= value <= most:
            raise self.refuse("POLICY_PERCENT_RANGE", least=least, most=most)
        return value

    def name(self) -> str:
        """Read the name of a source or group: 1 to 64 bytes of UTF-8 in which every character shows."""
        text = self.text()
        hidden = any(unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") for character in text)
        if not 1 <= len(text.encode("utf-8")) <= MAX_NAME_BYTES or hidden or text != text.strip():
            raise self.refuse("POLICY_NAME_FORM", most=MAX_NAME_BYTES)
        return text


def duration_text(milliseconds: int) -> str:
    """Write a duration as policies do, in its largest whole unit: 172 800 000 is `2d`."""
    if milliseconds == 0:
        return "0h"
    unit = next(unit for unit in ("d", "h", "m", "s", "ms") if milliseconds % _UNITS_MS[unit] == 0)
    return f"{milliseconds // _UNITS_MS[unit]}{unit}"


def share_text(ppm: int) -> str:
    """Write a share as policies do: 25 000 is `2.5%`."""
    whole, rest = divmod(ppm, 10_000)
    digits = f"{rest:04d}".rstrip("0")
    return f"{whole}.{digits}%" if digits else f"{whole}%"
