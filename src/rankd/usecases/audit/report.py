"""Report: a replay, and what the decisions that it went through showed to people, in numbers and without any person."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from rankd.core.errors import RankdError
from rankd.core.policy.baseline import BASELINE_DIGEST
from rankd.core.policy.policy import Limits, Policy
from rankd.core.records.decision import Decision
from rankd.core.records.leaf import DecisionLeaf
from rankd.store.evidence import Evidence
from rankd.usecases.audit.exposure import Exposure, Exposures
from rankd.usecases.audit.promises import Brought
from rankd.usecases.audit.replay import EngineName, Level, ReplayReport, replay
from rankd.usecases.audit.trust import Trust
from rankd.usecases.audit.usage import Usage, Usages

Text = TypeVar("Text", Policy, Limits)

MAX_SURFACES = 16
"""So many surfaces have figures of their own; decisions on others are counted together, under "" as their name."""


@dataclass(frozen=True, slots=True)
class Report:
    """What there is to say about a journal, or a range of it.

    Attributes:
        replayed: The verdict.
        trust: The keys that it rests on.
        usage: What the leaves say, of erased decisions too.
        exposures: What was shown, by surface, the surface with most decisions first.
        policies: Texts of the policies that ranked, by canon digest, as far as the archive gives them.
        penalties: Objectives that count against a post, by the limits that were in use.
    """

    replayed: ReplayReport
    trust: Trust
    usage: Usage
    exposures: Mapping[str, Exposure]
    policies: Mapping[bytes, Policy]
    penalties: frozenset[str]


def make_report(
    evidence: Evidence,
    trust: Trust,
    *,
    now_s: int,
    level: Level = "model",
    engine: EngineName = "auto",
    checkpoints: Sequence[Brought] = (),
    progress: Callable[[int], None] | None = None,
    again: Callable[[], Evidence] | None = None,
) -> Report:
    """Replay evidence, and count on the way what its decisions showed.

    Decisions that differ are counted as they are recorded: what they say was shown is what the journal committed to.

    Args:
        evidence: See `usecases.audit.replay.replay`, as for all that follow.
        trust: See there.
        now_s: See there.
        level: See there.
        engine: See there.
        checkpoints: See there.
        progress: See there.
        again: See there.

    Raises:
        RankdError: See `replay`: the evidence cannot be verified at all.
    """
    fold = _Fold()
    replayed = replay(
        evidence,
        trust,
        now_s=now_s,
        level=level,
        engine=engine,
        checkpoints=checkpoints,
        observe=fold.take,
        progress=progress,
        again=again,
    )
    usage = fold.usages.report((run.first, run.last) for run in replayed.verified.chronicle.erased)
    exposures = {surface: one.report() for surface, one in fold.exposures.items()}
    by_count = sorted(exposures.items(), key=lambda entry: (-entry[1].decision_count, entry[0]))
    return Report(
        replayed=replayed,
        trust=trust,
        usage=usage,
        exposures=dict(by_count),
        policies=_texts(evidence.archive.policy, (use.policy for use in usage.uses)),
        penalties=frozenset(
            entry.objective
            for limits in _texts(evidence.archive.limits, (digest for digest, _ in usage.limits)).values()
            for entry in limits.objectives
            if entry.sign < 0
        ),
    )


class _Fold:
    """What replay hands over, decision by decision."""

    def __init__(self) -> None:
        self.usages = Usages()
        self.exposures: dict[str, Exposures] = {}

    def take(self, index: int, leaf: DecisionLeaf, decision: Decision | None) -> None:
        self.usages.add(index, leaf, is_read=decision is not None)
        if decision is None:
            return
        known = leaf.surface in self.exposures or len(self.exposures) < MAX_SURFACES
        self.exposures.setdefault(leaf.surface if known else "", Exposures()).add(decision)


def _texts(read: Callable[[bytes], Text], digests: Iterable[bytes]) -> dict[bytes, Text]:
    found = {}
    for digest in dict.fromkeys(digests):
        if digest in (b"", BASELINE_DIGEST):
            continue
        try:
            found[digest] = read(digest)
        except RankdError:
            # Whether it had to be there is for replay to say; here it only lends its words.
            continue
    return found
