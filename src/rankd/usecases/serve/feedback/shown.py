"""What decisions showed, and to whom: kept for the newest ones, read from the record for others."""

import json
import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rankd.core.exact.canonical import MAX_SAFE_INTEGER
from rankd.core.ranking.exploration import exchange
from rankd.core.records.decision import Decision
from rankd.core.records.events import ShownCandidate
from rankd.usecases.serve.decisions import DecisionJournal

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)
_OVERHEAD_BYTES = 200
"""What an entry of the book takes beside its content."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What feedback asks of one decision.

    Attributes:
        surface: Where it was shown.
        viewer: The pseudonym of whom it was shown to.
        time_ms: The server's clock when it was decided.
        candidates: The slate that was answered, by id.
    """

    surface: str
    viewer: str
    time_ms: int
    candidates: Mapping[str, ShownCandidate]


def shown_by(decision: Decision, columns: tuple[str, ...]) -> Shown:
    """Return what a decision showed, from its record alone.

    Args:
        decision: The decision.
        columns: The columns whose whole numbers are wanted. A number that is not known, or is not whole, is left out.
    """
    request, candidates = decision.request, decision.request.candidates
    slate = list(exchange(decision.order, decision.exploration.pair)[: request.limit])
    numbers: list[dict[str, int]] = [{} for _ in slate]
    for column in decision.columns:
        if column.name in columns:
            values = column.values[slate] if len(column.values) > 1 else column.values.repeat(len(slate))
            for found, value in zip(numbers, values.tolist(), strict=True):
                # What is no number is not whole either.
                if value.is_integer() and abs(value) <= MAX_SAFE_INTEGER:
                    found[column.name] = int(value)
    ids, authors = candidates.ids, candidates.author_ids
    shown = {
        ids[index]: ShownCandidate(authors[index], place, found)
        for place, (index, found) in enumerate(zip(slate, numbers, strict=True), start=1)
    }
    return Shown(request.surface, request.viewer_id, decision.time_ms, shown)


class ShownBook:
    """What the newest decisions showed. Safe to use from many threads at once.

    A record of 1,500 candidates takes some ten milliseconds to read, and most feedback is about what was shown a while
    ago. What is kept is packed, under a hundred bytes for each place, and bounded; what was used last stays longest.

    Args:
        decisions: Where the rest is read.
        context_columns: The columns that are parts of entities on a surface: events carry their numbers along.
        most_bytes: How much is kept at most.
    """

    def __init__(
        self,
        decisions: DecisionJournal,
        context_columns: Callable[[str], tuple[str, ...]],
        most_bytes: int = 64 * 1024 * 1024,
    ) -> None:
        self._decisions = decisions
        self._context_columns = context_columns
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, bytes] = OrderedDict()
        self._size = 0

    def remember(self, index: int, decision: Decision) -> None:
        """Keep what a decision showed, from now on the newest.

        Args:
            index: Its index in the journal.
            decision: The decision, as it was recorded.
        """
        self._keep(index, shown_by(decision, self._context_columns(decision.request.surface)))

    def shown(self, index: int) -> Shown:
        """Return what a decision showed. Whether it was erased meanwhile is for the journal to say.

        Raises:
            JournalError: Its body was erased, or cannot be read.
            RecordError: The record is not what it should be.
        """
        with self._lock:
            kept = self._kept.get(index)
            if kept is not None:
                self._kept.move_to_end(index)
        if kept is not None:
            return _unpacked(kept)
        decision = self._decisions.recorded(index)
        shown = shown_by(decision, self._context_columns(decision.request.surface))
        self._keep(index, shown)
        return shown

    def forget(self, index: int) -> None:
        """Drop what is kept of a decision."""
        with self._lock:
            self._drop(index)

    def forget_all(self, ranges: Sequence[tuple[int, int]]) -> None:
        """Drop what is kept of some decisions.

        Args:
            ranges: First and last index, rising.
        """
        firsts = [first for first, _ in ranges]
        with self._lock:
            for index in tuple(self._kept):
                at = bisect_right(firsts, index) - 1
                if at >= 0 and index <= ranges[at][1]:
                    self._drop(index)

    def _keep(self, index: int, shown: Shown) -> None:
        packed = _packed(shown)
        with self._lock:
            self._drop(index)
            self._kept[index] = packed
            self._size += len(packed) + _OVERHEAD_BYTES
            while self._size > self._most_bytes and len(self._kept) > 1:
                self._drop(next(iter(self._kept)))

    def _drop(self, index: int) -> None:
        dropped = self._kept.pop(index, None)
        if dropped is not None:
            self._size -= len(dropped) + _OVERHEAD_BYTES


def _packed(shown: Shown) -> bytes:
    candidates = [[name, found.author, found.columns] for name, found in shown.candidates.items()]
    return _ENCODER.encode([shown.surface, shown.viewer, shown.time_ms, candidates]).encode()


def _unpacked(packed: bytes) -> Shown:
    surface, viewer, time_ms, candidates = json.loads(packed)
    places = enumerate(candidates, start=1)
    shown = {name: ShownCandidate(author, place, columns) for place, (name, author, columns) in places}
    return Shown(surface, viewer, time_ms, shown)
