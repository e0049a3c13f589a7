"""Where a partition of a cluster stands: how much of the journal it counts, and which step is prepared beside that.

A *mark* is a position and the step that led there: `12.3f…`. What a partition's position key holds is its mark, and
`>` and a second one where a step to that is prepared: `12.3f…>15.a0…`. What the step raises lies beside it, packed.
"""

import re
import struct
from collections.abc import Mapping
from typing import NamedTuple

from rankd.store.features.store import Raised

TOKEN_BYTES = 8
_MARK = rb"([0-9]{1,15})\.([0-9a-f]{16})"
_STANDING = re.compile(_MARK + rb"(?:>" + _MARK + rb")?")
_VALUE = struct.Struct(">IQI")
_CELL = struct.Struct(">IQ")


class Mark(NamedTuple):
    """A position, and the name of the step that led there: of two steps from one place at most one is ever done."""

    position: int
    token: bytes

    @property
    def text(self) -> bytes:
        """As it is written."""
        return b"%d.%s" % self


class Standing(NamedTuple):
    """Where a partition stands.

    Attributes:
        at: What its values count.
        to: What they count together with the step that is prepared; None: none is.
    """

    at: Mark
    to: Mark | None = None

    @property
    def text(self) -> bytes:
        """As it is written."""
        return self.at.text if self.to is None else self.at.text + b">" + self.to.text

    @classmethod
    def read(cls, text: bytes) -> "Standing":
        """Return what a text says.

        Raises:
            ValueError: Nothing.
        """
        if (found := _STANDING.fullmatch(text)) is None:
            raise ValueError("standing")
        at, token, to, to_token = found.groups()
        return cls(Mark(int(at), token), None if to is None else Mark(int(to), to_token))

    def reaches(self, mark: Mark) -> bool:
        """Tell whether the values count what a mark says, with the prepared step or without."""
        return mark in (self.at, self.to)


def common_mark(standings: list[Standing]) -> Mark | None:
    """Return the mark that some partition counts and all reach; None where they were seen at moments too far apart."""
    for mark in {standing.at for standing in standings}:
        if all(standing.reaches(mark) for standing in standings):
            return mark
    return None


def pack_step(raised: Mapping[bytes, Raised]) -> bytes:
    """Return what a step raises in one partition, in bytes; none for nothing."""
    parts = []
    for key, how in raised.items():
        parts += [_VALUE.pack(len(key), how.expire_ms, len(how.cells)), key]
        parts += [_CELL.pack(cell, count) for cell, count in how.cells.items()]
    return b"".join(parts)


def unpack_step(data: bytes) -> dict[bytes, Raised]:
    """Return what `pack_step` was told.

    Raises:
        ValueError: These bytes are not its.
    """
    raised, at = {}, 0
    try:
        while at < len(data):
            key_bytes, expire_ms, cell_count = _VALUE.unpack_from(data, at)
            at += _VALUE.size
            key, at = data[at : at + key_bytes], at + key_bytes
            cells = dict(_CELL.unpack_from(data, at + number * _CELL.size) for number in range(cell_count))
            at += cell_count * _CELL.size
            raised[key] = Raised(cells, expire_ms)
    except struct.error as error:
        raise ValueError("step") from error
    return raised
