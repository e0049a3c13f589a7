"""What one request reads: the entities that it is about, their keys in a store, and the counts that come back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rankd.core.exact.canonical import MAX_SAFE_INTEGER
from rankd.core.features.block import Block
from rankd.core.features.cells import Cells, Counts
from rankd.core.features.declaration import VIEWER, Entity

SEPARATOR = b"\x00"
"""Stands between the parts of an entity; no identifier holds it."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The entities of one kind that a request asks about.

    Attributes:
        keys: The parts of each, once.
        index: int64, shape (n,) or (1,): for each candidate, or for all of them, which of these; −1: not known.
    """

    keys: list[bytes]
    index: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to read for one request, and how to read it.

    Attributes:
        blocks: The blocks of the layout.
        now_ms: The request's clock.
        rows: The entities, by name.
        keys: The keys of all values, to be read at one moment.
    """

    blocks: tuple[Block, ...]
    now_ms: int
    rows: Mapping[str, Rows]
    keys: list[bytes]

    def cells(self, values: Sequence[bytes | None]) -> Cells:
        """Return the counts.

        Args:
            values: What a store holds under `keys`, in their order; None: nothing.
        """
        counts: dict[tuple[str, int], tuple[tuple[str, ...], Counts]] = {}
        at = 0
        for block in self.blocks:
            name = block.entity.name
            if name not in self.rows:
                continue
            row_count = len(self.rows[name].keys)
            length = row_count * max(1, len(block.chunks(self.now_ms)))
            # The row of zeros behind them is for what is not known: index −1 meets it.
            held = block.counts(values[at : at + length], row_count, self.now_ms)
            counts[name, block.bucket_ms] = (block.events, held)
            at += length
        return Cells({name: rows.index for name, rows in self.rows.items()}, counts)


def rows_of(
    entity: Entity,
    viewer: bytes,
    spellings: Mapping[str, list[bytes]],
    columns: Mapping[str, list[bytes]],
) -> Rows:
    """Return the entities of one kind that a request asks about.

    Args:
        entity: The kind.
        viewer: The viewer, sixteen bytes.
        spellings: Items and authors as bytes; b"" where not known.
        columns: Numbers of columns as digits; b"" where they identify nothing.
    """
    prefix = viewer if entity.is_personal else b""
    varying = [part for part in entity.parts if part != VIEWER]
    if not varying:
        return Rows([prefix], np.zeros(1, dtype=np.int64))
    spelt = [spellings[part] if part in spellings else columns.get(part, [b""]) for part in varying]
    length = max(len(words) for words in spelt)
    joined = spelt[0]
    for words in spelt[1:]:
        joined = _pairs(joined, words)
    if len(joined) < length:
        joined = joined * length
    first = dict.fromkeys(joined, 0)
    first.pop(b"", None)
    keys = [prefix + words for words in first]
    if len(first) == length:
        return Rows(keys, np.arange(length))
    first.update(zip(first, range(len(first)), strict=True))
    first[b""] = -1
    return Rows(keys, np.array([first[words] for words in joined], dtype=np.int64))


def _pairs(left: list[bytes], right: list[bytes]) -> list[bytes]:
    """Return parts in pairs, nothing where one is not known; one that stands alone goes with all of the other side."""
    if len(right) == 1:
        right = right * len(left)
    elif len(left) == 1:
        left = left * len(right)
    return [one + SEPARATOR + other if one and other else b"" for one, other in zip(left, right, strict=True)]


def spell_numbers(values: npt.NDArray[np.float32]) -> list[bytes]:
    """Return numbers as digits; nothing for those that identify no entity."""
    numbers = values.tolist()
    # Few of them are different.
    spelt = {number: _digits(number) for number in set(numbers)}
    return [spelt[number] for number in numbers]


def _digits(number: float) -> bytes:
    whole = whole_number(number)
    return b"" if whole is None else b"%d" % whole


def whole_number(value: float) -> int | None:
    """Return the number by which a column identifies an entity, within ±(2⁵³ − 1).

    Returns:
        None where the column is not known, or holds no whole number, or one that a record of events cannot carry.
    """
    # Neither NaN nor an infinity is whole.
    return int(value) if value.is_integer() and abs(value) <= MAX_SAFE_INTEGER else None
