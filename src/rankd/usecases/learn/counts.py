"""Counts as of a moment: what had happened to a viewer, an item or a pair strictly before a given time."""

import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]

_TIME_BITS = 42
"""Milliseconds since 1970 fit into 42 bits until the year 2109; a key has the 21 bits that are left, after ranking."""


class CountsBefore:
    """Sums over timed entries per key, readable at any moment.

    Args:
        keys: int64, shape (n,), the entity that each entry belongs to.
        times_ms: int64, shape (n,), milliseconds since 1970, in [0, 2⁴²).
        values: int64, shape (n, m), what each entry adds to the m sums.
    """

    def __init__(self, keys: Int64s, times_ms: Int64s, values: Int64s) -> None:
        self._keys, ranks = np.unique(keys, return_inverse=True)
        if len(self._keys) >= 1 << (63 - _TIME_BITS):
            raise ValueError("too many different keys for one table of counts")
        packed = (ranks.astype(np.int64) << _TIME_BITS) | times_ms
        order = np.argsort(packed, kind="stable")
        self._packed = packed[order]
        self._sums = np.zeros((len(keys) + 1, values.shape[1]), dtype=np.int64)
        np.cumsum(values[order], axis=0, out=self._sums[1:])

    def read(self, keys: Int64s, times_ms: Int64s) -> Int64s:
        """Return the sums over entries of each key whose time is strictly before the time asked for.

        Args:
            keys: int64, shape (q,); keys without any entry read as zeros.
            times_ms: int64, shape (q,), in [0, 2⁴²).

        Returns:
            int64, shape (q, m).
        """
        if not len(self._keys):
            return np.zeros((len(keys), self._sums.shape[1]), dtype=np.int64)
        ranks = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1).astype(np.int64)
        known = self._keys[ranks] == keys
        first = np.searchsorted(self._packed, ranks << _TIME_BITS)
        until = np.searchsorted(self._packed, (ranks << _TIME_BITS) | times_ms)
        return np.where(known[:, None], self._sums[until] - self._sums[first], 0)
