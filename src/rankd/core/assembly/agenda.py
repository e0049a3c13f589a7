"""The agenda: what time alone will bring about, and when; however much is running, the next is found at once."""

import heapq
from collections.abc import Iterator


class Agenda:
    """Moments by the index of the matter to which something happens then. Equal moments come in order of index."""

    def __init__(self) -> None:
        self._moments: dict[int, int] = {}
        # Some of what stands here is not so any more: it is skipped when it comes to the front.
        self._heap: list[tuple[int, int]] = []

    def __iter__(self) -> Iterator[int]:
        return iter(self._moments)

    def copy(self) -> "Agenda":
        """Return an agenda that changes apart from this one."""
        other = Agenda()
        other._moments, other._heap = dict(self._moments), list(self._heap)
        return other

    def put(self, index: int, time_ms: int) -> None:
        """Note when something happens to a matter, instead of what was noted before."""
        if self._moments.get(index) != time_ms:
            self._moments[index] = time_ms
            heapq.heappush(self._heap, (time_ms, index))

    def drop(self, index: int) -> None:
        """Note that nothing will happen to a matter."""
        self._moments.pop(index, None)

    def next(self) -> tuple[int, int] | None:
        """Return the next moment and to what; None: nothing will happen."""
        while self._heap:
            time_ms, index = self._heap[0]
            if self._moments.get(index) == time_ms:
                return time_ms, index
            heapq.heappop(self._heap)
        return None
