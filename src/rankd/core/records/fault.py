"""Faults: what speaks against a journal, each kind of it named once with how often and where it began."""

from dataclasses import dataclass

from rankd.core.errors import RankdError

MAX_KINDS = 10_000


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that speaks against a journal.

    Attributes:
        error: What it is, in words.
        index: The first leaf that it concerns; None where it concerns no leaf.
        count: How many leaves it concerns.
        notes: Signed notes that prove it, as they were.
    """

    error: RankdError
    index: int | None
    count: int = 1
    notes: tuple[bytes, ...] = ()


class Faults:
    """Faults as they are found; those alike (same reason, same subject) are one."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, object], Fault] = {}
        self.left_out_count = 0

    def note(self, error: RankdError, index: int, subject: object = None) -> None:
        """Take down what is wrong with the leaf `index`; of faults alike, the first one's words stay.

        Args:
            error: What is wrong.
            index: The leaf.
            subject: What faults of this reason have in common that are alike; None: the leaf itself.
        """
        key = (error.reason, ("leaf", index) if subject is None else subject)
        known = self._found.get(key)
        if known is not None:
            self._found[key] = Fault(known.error, known.index, known.count + 1)
        elif len(self._found) < MAX_KINDS:
            self._found[key] = Fault(error, index)
        else:
            # A journal that is wrong everywhere needs no memory for every place.
            self.left_out_count += 1

    def all(self) -> tuple[Fault, ...]:
        """Return the faults in the order in which they were found."""
        return tuple(self._found.values())
