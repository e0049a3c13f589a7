"""What a journal of decisions said, kept small: as much of every decision as events and features are judged by."""

from array import array
from bisect import bisect_left
from dataclasses import dataclass

from rankd.core.errors import RecordError
from rankd.core.records.body import open_body
from rankd.core.records.commitment import commitment
from rankd.core.records.decision import FEATURES_UNAVAILABLE, NO_POLICY_IN_FORCE, Decision
from rankd.core.records.leaf import DecisionLeaf
from rankd.core.records.reading import decode_decision
from rankd.store.evidence import JournalEvidence
from rankd.usecases.audit.verify import Observer

_NONE = -1
_COMMITMENT_BYTES = 32


@dataclass(frozen=True, slots=True)
class Shape:
    """What many decisions have in common.

    Attributes:
        surface: Where the feed was shown.
        model: Digest of the model; None in a newest-first decision.
        sent: The columns that the record takes for sent.
        is_unread: Whether the record says that counts of events could not be read.
        is_unserved: Whether there was no policy in force.
    """

    surface: str
    model: bytes | None
    sent: tuple[str, ...]
    is_unread: bool
    is_unserved: bool


class Decided:
    """Takes down every decision of a journal, about seventy bytes of each: hand it to `verify` as its observer.

    A decision's *place* is its number among the decisions, in the order of their leaves.

    Args:
        then: Another observer, who is told the same.
    """

    def __init__(self, then: Observer | None = None) -> None:
        self._then = then
        self._indexes, self._times, self._entry_counts = array("q"), array("q"), array("q")
        self._names, self._shapes = array("i"), array("i")
        self._commitments = bytearray()
        self._pseudonyms: dict[str, int] = {}
        self._surfaces = array("i")
        self._surface_numbers: dict[str, int] = {}
        self._shape_numbers: dict[Shape, int] = {}

    def __call__(self, index: int, leaf: DecisionLeaf, decision: Decision | None) -> None:
        """Take down one decision; see `rankd.usecases.audit.verify.Observer`."""
        self._indexes.append(index)
        self._times.append(leaf.time_ms)
        self._commitments += leaf.commitment
        self._surfaces.append(self._surface_numbers.setdefault(leaf.surface, len(self._surface_numbers)))
        if decision is None:
            self._entry_counts.append(_NONE)
            self._names.append(_NONE)
            self._shapes.append(_NONE)
        else:
            name, shape = decision.request.viewer_id, _shape_of(decision)
            self._entry_counts.append(_NONE if decision.features is None else decision.features.entry_count)
            self._names.append(self._pseudonyms.setdefault(name, len(self._pseudonyms)))
            self._shapes.append(self._shape_numbers.setdefault(shape, len(self._shape_numbers)))
        if self._then is not None:
            self._then(index, leaf, decision)

    def __len__(self) -> int:
        return len(self._indexes)

    def find(self, index: int) -> int | None:
        """Return the place of the decision at a leaf; None where that is no decision."""
        place = bisect_left(self._indexes, index)
        return place if place < len(self) and self._indexes[place] == index else None

    def index(self, place: int) -> int:
        """Return the leaf of a decision."""
        return self._indexes[place]

    def time_ms(self, place: int) -> int:
        """Return the server's clock when it was decided."""
        return self._times[place]

    def surface(self, place: int) -> str:
        """Return where it was shown."""
        return self.surfaces[self._surfaces[place]]

    def name(self, place: int) -> int | None:
        """Return the number of the pseudonym for whom it was made; None where its record is not there."""
        number = self._names[place]
        return None if number == _NONE else number

    def shape(self, place: int) -> Shape | None:
        """Return what it has in common with others; None where its record is not there."""
        number = self._shapes[place]
        return None if number == _NONE else self.shapes[number]

    @property
    def surfaces(self) -> tuple[str, ...]:
        """All surfaces, in the order in which they were first met."""
        return tuple(self._surface_numbers)

    @property
    def pseudonyms(self) -> tuple[str, ...]:
        """All pseudonyms, by their numbers."""
        return tuple(self._pseudonyms)

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """All shapes, by their numbers."""
        return tuple(self._shape_numbers)

    def featured(self) -> list[tuple[int, int]]:
        """Return how many entries of events each decision says that it read, and its place, the fewest entries first.

        Only decisions are among them of which rankd worked out columns, and whose record is there.
        """
        return sorted((count, place) for place, count in enumerate(self._entry_counts) if count != _NONE)

    def shape_counts(self) -> list[int]:
        """Return how many decisions have each shape."""
        counts = [0] * len(self._shape_numbers)
        for number in self._shapes:
            if number != _NONE:
                counts[number] += 1
        return counts

    def read(self, evidence: JournalEvidence, place: int) -> Decision:
        """Return a decision's record, after making sure that its leaf commits to it.

        Raises:
            RankdError: It is not there any more, or is another one.
        """
        key, sealed = evidence.body(self._indexes[place])
        record = open_body(key, sealed)
        wanted = self._commitments[place * _COMMITMENT_BYTES : (place + 1) * _COMMITMENT_BYTES]
        if commitment(key, record) != wanted:
            raise RecordError("COMMITMENT_DIFFERS")
        return decode_decision(record)


def _shape_of(decision: Decision) -> Shape:
    reasons = {entry.reason for entry in decision.degraded}
    return Shape(
        decision.request.surface,
        decision.model_digest,
        tuple(column.name for column in decision.sent_columns),
        FEATURES_UNAVAILABLE in reasons,
        NO_POLICY_IN_FORCE in reasons,
    )
