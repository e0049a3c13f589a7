"""Which of a member's ballots counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

ChoiceT = TypeVar("ChoiceT")


@dataclass(frozen=True, slots=True)
class CountedBallot(Generic[ChoiceT]):
    """The one ballot of a member that counts.

    Attributes:
        member: The member's id.
        number: Its sequence number.
        choice: What it says.
    """

    member: str
    number: int
    choice: ChoiceT


def counted_ballots(cast: Iterable[tuple[str, int, bytes, ChoiceT]]) -> tuple[CountedBallot[ChoiceT], ...]:
    """Return every member's ballot that counts: of her numbers with exactly one content, the highest.

    The same content twice is one ballot. A number with two contents is skipped, whatever else was cast.

    Args:
        cast: Member's id, sequence number, digest of the content, and choice of each valid ballot, in any order.

    Returns:
        At most one ballot a member, sorted by member.

    Source: MATH 6.
    """
    contents: dict[str, dict[int, dict[bytes, ChoiceT]]] = {}
    for member, number, digest, choice in cast:
        contents.setdefault(member, {}).setdefault(number, {})[digest] = choice
    ballots = []
    for member in sorted(contents):
        numbers = [number for number, said in contents[member].items() if len(said) == 1]
        if numbers:
            (choice,) = contents[member][max(numbers)].values()
            ballots.append(CountedBallot(member, max(numbers), choice))
    return tuple(ballots)


def counted(cast: Iterable[tuple[str, int, bytes, ChoiceT]]) -> dict[str, ChoiceT]:
    """Return what each member's counted ballot says, by member; see `counted_ballots`."""
    return {ballot.member: ballot.choice for ballot in counted_ballots(cast)}
