"""LightGBM's model text as lines: a header, blocks of trees, and the parameters of training."""

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from rankd.core.errors import ModelError

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,9})")
_REAL = re.compile(r"-?(?:0|[1-9][0-9]{0,39})(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,3})?")
_NOT_FINITE = re.compile(r"[+-]?(?:nan(?:\([a-z0-9]*\))?|inf(?:inity)?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Block:
    """Lines `key=value` that stand together.

    Attributes:
        values: Each key's text. A line without `=` has the value "".
        lines: Each key's line number, from 1.
        file: The head's file, for errors.
    """

    values: Mapping[str, str]
    lines: Mapping[str, int]
    file: str

    def text(self, key: str) -> str:
        """Return the text of `key`; MODEL_TEXT_LINE_MISSING if there is none."""
        if key not in self.values:
            first = min(self.lines.values(), default=1)
            raise ModelError("MODEL_TEXT_LINE_MISSING", file=self.file, line=first, key=key)
        return self.values[key]

    def integers(self, key: str, count: int) -> tuple[int, ...]:
        """Return the `count` integers of `key`, each of at most ten digits."""
        words = self._words(key, count)
        if not all(map(_INTEGER.fullmatch, words)):
            raise self._unreadable(key)
        return tuple(map(int, words))

    def integer(self, key: str) -> int:
        """Return the one integer of `key`."""
        return self.integers(key, 1)[0]

    def reals(self, key: str, count: int) -> tuple[float, ...]:
        """Return the `count` doubles of `key`; MODEL_NOT_FINITE for a NaN, an infinity or what overflows to one."""
        return self._finite(key, self._words(key, count))

    def _finite(self, key: str, words: list[str]) -> tuple[float, ...]:
        if not all(map(_REAL.fullmatch, words)):
            if any(map(_NOT_FINITE.fullmatch, words)):
                raise self._not_finite(key)
            raise self._unreadable(key)
        values = tuple(map(float, words))
        if any(abs(value) == float("inf") for value in values):
            raise self._not_finite(key)
        return values

    def thresholds(self, key: str, count: int) -> tuple[float, ...]:
        """Return the `count` thresholds of `key`, where `inf` stands for the largest double.

        LightGBM writes `inf` where it asks "is this a number at all?". Features are finite, so the largest double
        sends the same values left, and no reader of sealed text has to know infinities.
        """
        words = [repr(sys.float_info.max) if word == "inf" else word for word in self._words(key, count)]
        return self._finite(key, words)

    def _words(self, key: str, count: int) -> list[str]:
        words = self.text(key).split(" ") if self.text(key) else []
        if len(words) != count:
            raise ModelError(
                "MODEL_TEXT_COUNT",
                file=self.file,
                line=self.lines[key],
                key=key,
                found=len(words),
                wanted=count,
            )
        return words

    def _unreadable(self, key: str) -> ModelError:
        return ModelError(
            "MODEL_TEXT_UNREADABLE", file=self.file, line=self.lines[key], found=f"{key}={self.values[key]}"[:80]
        )

    def _not_finite(self, key: str) -> ModelError:
        return ModelError("MODEL_NOT_FINITE", file=self.file, line=self.lines[key], key=key)


@dataclass(frozen=True, slots=True)
class ModelText:
    """A model's text, cut into its parts.

    Attributes:
        header: Everything before the first tree.
        trees: One block for each tree, numbered from 0 without gaps.
        parameters: The names and values of the training parameters; empty where the text has none.
    """

    header: Block
    trees: tuple[Block, ...]
    parameters: Mapping[str, str]


def cut(text: str, file: str) -> ModelText:
    """Cut the text of `Booster.model_to_string()`, or a sealed one, into header, trees and parameters.

    Args:
        text: The model text.
        file: Its file, for errors.

    Raises:
        ModelError: MODEL_TEXT_UNREADABLE, at the line that has no place in such a text.
    """
    lines = text.split("\n")
    if lines[0] != "tree":
        raise _misplaced(file, 1, lines[0])
    try:
        end = lines.index("end of trees")
    except ValueError:
        raise _misplaced(file, len(lines), lines[-1]) from None
    starts = [at for at in range(1, end) if lines[at].startswith("Tree=")]
    header = _block(lines, 1, starts[0] if starts else end, file)
    trees = []
    for index, start in enumerate(starts):
        stop = starts[index + 1] if index + 1 < len(starts) else end
        if lines[start] != f"Tree={index}":
            raise _misplaced(file, start + 1, lines[start])
        trees.append(_block(lines, start, stop, file))
    return ModelText(header, tuple(trees), _parameters(lines[end + 1 :]))


def _block(lines: list[str], start: int, stop: int, file: str) -> Block:
    values: dict[str, str] = {}
    numbers: dict[str, int] = {}
    for at in range(start, stop):
        if not lines[at]:
            continue
        key, _, value = lines[at].partition("=")
        if key in values:
            raise _misplaced(file, at + 1, lines[at])
        values[key] = value
        numbers[key] = at + 1
    return Block(values, numbers, file)


def _parameters(lines: list[str]) -> dict[str, str]:
    if "parameters:" not in lines:
        return {}
    found = {}
    for line in lines[lines.index("parameters:") + 1 :]:
        if line == "end of parameters":
            break
        name, colon, value = line.strip("[]").partition(":")
        if colon:
            found[name.strip()] = value.strip()
    return found


def _misplaced(file: str, line: int, found: str) -> ModelError:
    return ModelError("MODEL_TEXT_UNREADABLE", file=file, line=line, found=found[:80])
