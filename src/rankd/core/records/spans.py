"""Spans: a set of whole numbers kept as its runs, so that a million neighbours cost two integers."""

from bisect import bisect_right


class Spans:
    """A growing set of whole numbers."""

    def __init__(self) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []

    def add(self, first: int, last: int) -> list[tuple[int, int]]:
        """Add `first` … `last` and return the runs of it that are new, in order.

        Adding is linear in the runs that the new one touches, and these become one.
        """
        low = bisect_right(self._lasts, first - 2)
        high = bisect_right(self._firsts, last + 1)
        fresh, at = [], first
        for begin, end in zip(self._firsts[low:high], self._lasts[low:high], strict=True):
            if at < begin:
                fresh.append((at, min(begin - 1, last)))
            at = max(at, end + 1)
        if at <= last:
            fresh.append((at, last))
        if low < high:
            first, last = min(first, self._firsts[low]), max(last, self._lasts[high - 1])
        self._firsts[low:high] = [first]
        self._lasts[low:high] = [last]
        return fresh

    @property
    def runs(self) -> list[tuple[int, int]]:
        """The set's runs, in order, with a number missing between each two."""
        return list(zip(self._firsts, self._lasts, strict=True))
