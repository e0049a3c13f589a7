"""A feature store: a map from keys to packed counters that knows how many entries of the journal it has counted.

The journal of events is the truth. A store is a view of it, for one layout and one origin: what it lost is counted
again. It knows nothing of what its keys and counters mean (`core.features.layout`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from rankd.core.exact.canonical import sha256
from rankd.core.features.block import COUNTER_BYTES, MAX_COUNT, Increment

MAX_CELLS = 65_536
"""Counters in one value, at most: a value has at most four times as many bytes."""


class FeatureStore(Protocol):
    """Counters, and the number of journal entries that they count. Safe to use from many threads at once.

    A value is its counters, big-endian, 32 bits each, up to the last one that was ever raised: what lies behind it is
    zero and left out. Counters stop at 2³²−1.
    """

    def position(self) -> int | None:
        """Return how many entries of the journal are counted.

        Returns:
            None: nothing is here, or not of this layout and origin: `reset`, and count from entry 0.

        Raises:
            FeatureStoreError: FEATURE_STORE_DOWN, _SLOW, _REFUSED, _EVICTS; _DAMAGED: something else is here, `reset`.
        """

    def read(self, keys: Sequence[bytes], timeout_s: float) -> tuple[int, list[bytes | None]]:
        """Return the position and the values under some keys, all of one moment between two `add`s.

        Args:
            keys: Any bytes, any number of them, also none.
            timeout_s: The call returns or raises within this, whatever the store does.

        Returns:
            The position, and in the order of the keys each value, None where there is none or its time is over.

        Raises:
            FeatureStoreError: FEATURE_STORE_EMPTY where `position` would give None, _DOWN, _SLOW, _REFUSED, _DAMAGED.
        """

    def add(self, increments: Sequence[Increment], position: int, *, expected: int) -> None:
        """Raise counters and set the position: all of it or nothing, for every reader and across every crash.

        Args:
            increments: One for each time that a counter goes up; the same one may come again. A key's `expire_ms` is
                the same in every increment of it; one that is over need not be stored.
            position: How many entries are counted once these are.
            expected: How many are counted before; where that is not so, nothing changes.

        Raises:
            FeatureStoreError: FEATURE_STORE_MOVED: the position is another one. FEATURE_STORE_EMPTY: there is none.
                FEATURE_STORE_REFUSED: nothing was added. FEATURE_STORE_DAMAGED: other things lie under these keys, and
                counts may be wrong from here on: `reset`. FEATURE_STORE_DOWN, _SLOW: it may have been done, be done
                later, or never; only if nothing else changes the position meanwhile. Ask for `position` and go on from
                there.
        """

    def reset(self) -> None:
        """Begin anew: no values, position 0. What was there disappears, from disks too.

        A crash leaves the old counts, none (`position` gives None) or the new beginning, never some of the old ones.

        Raises:
            FeatureStoreError: FEATURE_STORE_DOWN, _SLOW, _REFUSED: it may have happened or not.
        """


@dataclass(frozen=True, slots=True)
class Raised:
    """What many increments do to one value.

    Attributes:
        cells: By how much each counter goes up.
        expire_ms: When the value's time is over, milliseconds since 1970; 0: never.
    """

    cells: dict[int, int]
    expire_ms: int


def gather(increments: Iterable[Increment], now_ms: int) -> dict[bytes, Raised]:
    """Return increments by key, without those whose time is over.

    Raises:
        ValueError: A cell that no layout has.
    """
    gathered: dict[bytes, Raised] = {}
    for increment in increments:
        cell, expire_ms = increment.cell, increment.expire_ms
        if not 0 <= cell < MAX_CELLS:
            raise ValueError(f"cell {cell}")
        if 0 < expire_ms <= now_ms:
            continue
        raised = gathered.get(increment.key)
        if raised is None:
            gathered[increment.key] = Raised({cell: 1}, expire_ms)
        else:
            raised.cells[cell] = raised.cells.get(cell, 0) + 1
    return gathered


def raised_value(value: bytes, how: Raised) -> bytes:
    """Return a value after some increments."""
    cells = bytearray(value.ljust((max(how.cells) + 1) * COUNTER_BYTES, b"\0"))
    for cell, count in how.cells.items():
        place = slice(cell * COUNTER_BYTES, (cell + 1) * COUNTER_BYTES)
        raised = min(int.from_bytes(cells[place], "big") + count, MAX_COUNT)
        cells[place] = raised.to_bytes(COUNTER_BYTES, "big")
    return bytes(cells)


def origin_digest(origin: str) -> bytes:
    """Return the 32 bytes by which stores know a journal."""
    return sha256(b"rankd.features-origin/1\x00" + origin.encode())
