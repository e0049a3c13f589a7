"""What decisions showed, and to whom: kept for the newest ones, read from the record for others."""

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
    slate = exchange(decision.order, decision.exploration.pair)[: request.limit]
    wanted = {column.name: column.values for column in decision.columns if column.name in columns}
    shown = {}
    for place, index in enumerate(slate, start=1):
        found = ((name, _whole(values[index if len(values) > 1 else 0])) for name, values in wanted.items())
        shown[candidates.ids[index]] = ShownCandidate(
            candidates.author_ids[index], place, {name: number for name, number in found if number is not None}
        )
    return Shown(request.surface, request.viewer_id, decision.time_ms, shown)


class ShownBook:
    """What the newest decisions showed. Safe to use from many threads at once.

    A record of 1,500 candidates takes some ten milliseconds to read, and most feedback is about what was shown a moment
    ago. What is kept is bounded by the number of places, about half a kilobyte each; what was used last stays longest.

    Args:
        decisions: Where the rest is read.
        context_columns: The columns that are parts of entities on a surface: events carry their numbers along.
        most_places: How many shown places are kept at most.
    """

    def __init__(
        self,
        decisions: DecisionJournal,
        context_columns: Callable[[str], tuple[str, ...]],
        most_places: int = 100_000,
    ) -> None:
        self._decisions = decisions
        self._context_columns = context_columns
        self._most_places = most_places
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, Shown] = OrderedDict()
        self._place_count = 0

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
                return kept
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
        with self._lock:
            self._drop(index)
            self._kept[index] = shown
            self._place_count += _weight(shown)
            while self._place_count > self._most_places and len(self._kept) > 1:
                self._drop(next(iter(self._kept)))

    def _drop(self, index: int) -> None:
        dropped = self._kept.pop(index, None)
        if dropped is not None:
            self._place_count -= _weight(dropped)


def _weight(shown: Shown) -> int:
    # A slate without places is kept somewhere too.
    return len(shown.candidates) + 1


def _whole(value: float) -> int | None:
    number = float(value)
    # What is no number is not whole either.
    return int(number) if number.is_integer() and abs(number) <= MAX_SAFE_INTEGER else None
