"""Examining one decision: the body that somebody shows against the leaf that committed to it."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rankd.core.errors import RankdError, RecordError
from rankd.core.records.body import open_body
from rankd.core.records.commitment import commitment
from rankd.core.records.decision import Decision
from rankd.core.records.leaf import DecisionLeaf, leaf_differences
from rankd.core.records.reading import decode_decision
from rankd.core.records.recompute import Difference

Subject: TypeAlias = Literal["policy", "limits", "model"]


@dataclass(frozen=True, slots=True)
class Lack:
    """A file that a decision names and that cannot be used.

    Attributes:
        subject: What sort of file.
        digest: Which one.
        error: What is wrong with it.
    """

    subject: Subject
    digest: bytes
    error: RankdError


@dataclass(frozen=True, slots=True)
class Judgement:
    """What follows for one decision from the files that it names.

    Attributes:
        difference: The first point at which it does not follow from them; None where it does, or where nobody can tell.
        lacks: Why nobody can tell.
    """

    difference: Difference | None
    lacks: tuple[Lack, ...] = ()


_MOST_WAITING = 32

Judge: TypeAlias = Callable[[Decision], Judgement]
"""Recomputes one decision; may be called from several threads at once."""

BodyReader: TypeAlias = Callable[[], tuple[bytes, bytes]]
"""Reads the key and the sealed body of one decision."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What one body said.

    Attributes:
        decision: The decision; None where the body is not what the leaf committed to, or is no record.
        error: Why it is None.
        difference: The first point at which leaf, record and recomputation part.
        lacks: Files without which it could not be recomputed.
    """

    decision: Decision | None
    error: RankdError | None = None
    difference: Difference | None = None
    lacks: tuple[Lack, ...] = ()


def read_body(leaf: DecisionLeaf, key: bytes, sealed: bytes) -> Decision:
    """Return the decision that a leaf commits to.

    Args:
        leaf: An authentic leaf.
        key: The body's key, from somebody whom nobody vouches for.
        sealed: The body.

    Raises:
        RecordError: It does not open, is no record, or COMMITMENT_DIFFERS: it is another than the leaf's.
    """
    record = open_body(key, sealed)
    if commitment(key, record) != leaf.commitment:
        raise RecordError("COMMITMENT_DIFFERS")
    return decode_decision(record)


def examine(leaf: DecisionLeaf, read: BodyReader, judge: Judge | None) -> Examined:
    """Examine one decision.

    Args:
        leaf: Its authentic leaf.
        read: Reads its key and its sealed body.
        judge: Recomputes it; None: only leaf and body are compared.
    """
    try:
        decision = read_body(leaf, *read())
    except RankdError as error:
        return Examined(None, error)
    difference = next(leaf_differences(leaf, decision), None)
    if difference is not None or judge is None:
        return Examined(decision, difference=difference)
    judgement = judge(decision)
    return Examined(decision, difference=judgement.difference, lacks=judgement.lacks)


def examine_all(
    tasks: Iterable[tuple[DecisionLeaf, BodyReader]], judge: Judge | None, pool: Executor | None
) -> Iterator[Examined]:
    """Yield what `examine` says of each decision, in their order.

    Args:
        tasks: Leaves, and what reads their bodies.
        judge: See `examine`.
        pool: Examines several side by side; None: one after the other.
    """
    if pool is None:
        for leaf, read in tasks:
            yield examine(leaf, read, judge)
        return
    waiting: deque[Future[Examined]] = deque()
    for leaf, read in tasks:
        waiting.append(pool.submit(examine, leaf, read, judge))
        # Decisions may be large: no more are at hand than keep every thread busy.
        if len(waiting) >= _MOST_WAITING:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
