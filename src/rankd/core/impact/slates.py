"""Two slates of one request, compared exactly: places that changed, pairs in opposite order, what the top keeps."""

from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass, fields
from fractions import Fraction

TOP = 10
"""So many places are the top of a slate."""


@dataclass(frozen=True, slots=True)
class Slates:
    """How slates changed, summed over decisions.

    Attributes:
        identical: Decisions whose two slates are the same.
        places: Places, counted to the longer of two slates.
        moved: Places that show another candidate than before, or that only one slate has.
        entered: Candidates that only the slate after shows.
        left: Candidates that only the slate before shows.
        pairs: Pairs of candidates of one request that both slates show. Who entered or left is in no pair.
        discordant: Those of them that the two slates show in opposite order.
        top_places: Places of the first `TOP`, counted to the longer of two slates.
        top_kept: Candidates that stand among the first `TOP` both before and after.
    """

    identical: int = 0
    places: int = 0
    moved: int = 0
    entered: int = 0
    left: int = 0
    pairs: int = 0
    discordant: int = 0
    top_places: int = 0
    top_kept: int = 0

    def __add__(self, other: "Slates") -> "Slates":
        return Slates(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Slates)))

    @property
    def tau(self) -> Fraction | None:
        """Kendall's τ over all pairs: 1 where every order stays, −1 where every one turns; None without a pair.

        Source: M. G. Kendall, A New Measure of Rank Correlation, Biometrika 30 (1938): (concordant − discordant) over
            pairs; within a slate there are no ties.
        """
        return Fraction(self.pairs - 2 * self.discordant, self.pairs) if self.pairs else None


def compare_slates(before: Sequence[int], after: Sequence[int]) -> Slates:
    """Compare two slates of one request.

    Args:
        before: Candidates by place, each once.
        after: The same of the other slate.
    """
    was = {candidate: place for place, candidate in enumerate(before)}
    kept = [was[candidate] for candidate in after if candidate in was]
    places = max(len(before), len(after))
    stayed = sum(one == other for one, other in zip(before, after, strict=False))
    return Slates(
        identical=int(stayed == places),
        places=places,
        moved=places - stayed,
        entered=len(after) - len(kept),
        left=len(before) - len(kept),
        pairs=len(kept) * (len(kept) - 1) // 2,
        discordant=_inversions(kept),
        top_places=min(places, TOP),
        top_kept=len(set(before[:TOP]) & set(after[:TOP])),
    )


def _inversions(places: Sequence[int]) -> int:
    seen: list[int] = []
    count = 0
    for place in places:
        count += len(seen) - bisect_right(seen, place)
        insort(seen, place)
    return count
