"""What another policy would have made of recorded decisions, written apart from `rankd policy impact`, to check it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rankd.core.policy.pairing import check_pair
from rankd.core.policy.policy import Policy
from rankd.core.ranking.formula import Formula, build_formula
from rankd.core.ranking.request import Mode
from rankd.core.records.decision import Decision
from rankd.core.records.recompute import rerank
from rankd.store.evidence import DECISIONS, JournalEvidence
from rankd.usecases.audit.leaves import recorded_decisions


@dataclass(frozen=True, slots=True)
class Move:
    """A candidate that both slates show.

    Attributes:
        candidate: Index in the request.
        before: Its place in the recorded slate, from 1.
        after: Its place in the other slate, from 1.
    """

    candidate: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two slates of one request, both without exploration.

    Attributes:
        before: Candidates of the recorded slate, by place.
        after: Candidates of the slate under the other formula, by place.
        moves: Every candidate that both show, by its place in the other slate.
        entered: Candidates that only the other slate shows, by place.
        left: Candidates that only the recorded slate shows, by place.
        discordant: Pairs of candidates that both slates show, but in opposite order.
        pairs: Pairs of candidates that both slates show.
    """

    before: tuple[int, ...]
    after: tuple[int, ...]
    moves: tuple[Move, ...]
    entered: tuple[int, ...]
    left: tuple[int, ...]
    discordant: int
    pairs: int

    @property
    def identical(self) -> bool:
        """Whether both slates show the same candidates at the same places."""
        return self.before == self.after


@dataclass(frozen=True, slots=True)
class Compared:
    """A recorded decision, by the index of its leaf, and its comparison."""

    index: int
    decision: Decision
    comparison: Comparison


def compare(decision: Decision, formula: Formula) -> Comparison:
    """Compare a recorded slate with the one that another formula makes from the same margins and the same lots.

    Slates are compared without exploration: a swap that was drawn is no merit of either policy.

    Args:
        decision: A ranked decision. One that showed the newest first was ranked by no policy, and stays as it is.
        formula: The other policy under the limits and the heads of the decision's model.

    Raises:
        ValueError: The formula is not made for the heads whose margins the decision holds.
        KeyError: The other policy's rules read a column that is not in the record.

    Source: MATH 4 ("Impact compares slates without exploration, under the recorded nonce").
    """
    limit = decision.request.limit
    before = decision.order[:limit]
    ranked = _by_policy(decision)
    if ranked and decision.heads != tuple(head.objective for head in formula.heads):
        raise ValueError("the formula is for other heads than the decision's")
    after = rerank(decision, formula if ranked else None).order[:limit]
    old = {candidate: place for place, candidate in enumerate(before, start=1)}
    moves = tuple(Move(c, old[c], place) for place, c in enumerate(after, start=1) if c in old)
    places = [move.before for move in moves]
    return Comparison(
        before=before,
        after=after,
        moves=moves,
        entered=tuple(c for c in after if c not in old),
        left=tuple(c for c in before if c not in after),
        discordant=sum(a > b for at, a in enumerate(places) for b in places[at + 1 :]),
        pairs=len(places) * (len(places) - 1) // 2,
    )


def compare_recorded(data_dir: Path, policy: Policy) -> Iterator[Compared]:
    """Compare every decision that a policy ranked on this policy's surface, from files alone.

    Decisions that are not published yet, and those whose body was erased, are not compared.

    Args:
        data_dir: The service's data directory.
        policy: The other policy. Limits and model are those of each decision.

    Raises:
        JournalError, LogError, RecordError: The journal, a record, or what it rests on, cannot be read.
        ModelError: A model of the archive is not what it should be.
        PolicyError: The policy does not go together with the limits and the model of a decision.
    """
    evidence = JournalEvidence(data_dir, DECISIONS)
    archive = evidence.archive

    @lru_cache(maxsize=8)
    def formula(limits_digest: bytes, model_digest: bytes) -> Formula:
        limits, model = archive.limits(limits_digest), archive.model(model_digest)
        heads = tuple(head.signal for head in model.manifest.heads)
        check_pair(policy, limits, heads)
        return build_formula(policy, limits, heads)

    for index, decision in recorded_decisions(evidence):
        if decision.request.surface == policy.surface and decision.model_digest is not None and _by_policy(decision):
            other = formula(decision.constitution_digest, decision.model_digest)
            yield Compared(index, decision, compare(decision, other))


def _by_policy(decision: Decision) -> bool:
    return decision.model_digest is not None and decision.request.mode is Mode.RANKED
