"""Forgetting: the orders by which everything that is left of one person is erased."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rankd.core.records.erasure import MAX_RANGES, Erasure, ReasonCode
from rankd.store.evidence import DECISIONS
from rankd.usecases.privacy.finding import Journals
from rankd.usecases.privacy.person import Person
from rankd.usecases.serve.feedback.event_log import EVENTS


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a person: indexes of their decisions and of their entries of events."""

    decisions: tuple[int, ...]
    events: tuple[int, ...]

    def __bool__(self) -> bool:
        """Whether anything is."""
        return bool(self.decisions or self.events)


def left_of(journals: Journals, person: Person) -> Left:
    """Return what is left of a person, as far as it is published.

    Raises:
        RankdError: A journal cannot be read.
    """
    decisions = tuple(index for index, _ in journals.decisions(person))
    return Left(decisions, tuple(index for index, _ in journals.events(person)))


def forget_orders(
    journals: Journals, left: Left, reason_code: ReasonCode, reason: str, now_ms: int
) -> Iterator[Erasure]:
    """Yield the orders to erase what is left of a person, the decisions first: then nothing is recorded about them.

    Args:
        journals: The journals.
        left: What is left.
        reason_code: What sort of reason.
        reason: The reason in words, for everybody to read, without personal data.
        now_ms: The time, milliseconds since 1970.

    Raises:
        RankdError: A journal cannot be read.
    """
    for name, indexes in ((DECISIONS, left.decisions), (EVENTS, left.events)):
        ranges = _ranges(indexes)
        for at in range(0, len(ranges), MAX_RANGES):
            origin = journals.reach(name).origin
            yield Erasure(origin, ranges[at : at + MAX_RANGES], (), reason_code, reason, now_ms)


def _ranges(indexes: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Return rising indexes as ranges, first and last, with neighbours joined."""
    ranges: list[tuple[int, int]] = []
    for index in indexes:
        if ranges and ranges[-1][1] == index - 1:
            ranges[-1] = (ranges[-1][0], index)
        else:
            ranges.append((index, index))
    return tuple(ranges)
