"""Usage: which policy ranked what share of a journal's decisions, from when to when, from its leaves alone."""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rankd.core.policy.baseline import BASELINE_DIGEST
from rankd.core.records.leaf import DecisionLeaf
from rankd.usecases.audit.timeline import Stretch, Timeline

MAX_BASES = 256
"""So many policies, limits and models are told apart; decisions by others are counted together."""
MAX_CHANGES = 200

_NO_RUN = (-1, -1)

Fate: TypeAlias = Literal["read", "erased", "missing"]
FATES: tuple[Fate, ...] = ("read", "erased", "missing")


@dataclass(frozen=True, slots=True)
class Use:
    """How long, and how often, one policy was in use on a surface.

    Attributes:
        surface: The surface; "" for all those that are not told apart.
        policy: Canon digest of the policy, or of the baseline; b"" for all those that are not told apart.
        decision_count: Decisions by it.
        first: Leaf of its first decision in the range.
        last: Leaf of its last one.
        first_ms: Time of the first one.
        last_ms: Time of the last one.
    """

    surface: str
    policy: bytes
    decision_count: int
    first: int
    last: int
    first_ms: int
    last_ms: int


@dataclass(frozen=True, slots=True)
class Change:
    """The first decision on a surface by another policy than the one before it; newest first counts as none.

    Attributes:
        surface: The surface.
        index: The decision's leaf.
        time_ms: Its time.
        before: Canon digest of the policy before; None: it is the first one in the range.
        after: Canon digest of its own.
    """

    surface: str
    index: int
    time_ms: int
    before: bytes | None
    after: bytes


@dataclass(frozen=True, slots=True)
class Usage:
    """What the leaves of decisions say.

    Attributes:
        first_ms: The earliest time of a decision; None: there is none.
        last_ms: The latest.
        width_ms: How long a stretch is.
        fates: Decisions by stretch and by what became of their records. Damaged ones count as missing.
        policies: Decisions by the same stretches, by surface and policy.
        uses: Policies in the order of their first decisions.
        changes: Changes of policy, in order, up to `MAX_CHANGES`.
        change_count: How many there are.
        limits: Decisions by digest of the limits, most first.
        models: Decisions by digest of the model, most first; newest first needs none.
    """

    first_ms: int | None
    last_ms: int | None
    width_ms: int
    fates: tuple[Stretch[Fate], ...]
    policies: tuple[Stretch[tuple[str, bytes]], ...]
    uses: tuple[Use, ...]
    changes: tuple[Change, ...]
    change_count: int
    limits: tuple[tuple[bytes, int], ...]
    models: tuple[tuple[bytes, int], ...]


class Usages:
    """The fold over the leaves of decisions: 16 bytes for each whose record is not there, and little else."""

    def __init__(self) -> None:
        self._first_ms: int | None = None
        self._last_ms: int | None = None
        self._timeline: Timeline[tuple[str, bytes]] = Timeline()
        self._gone_at, self._gone_ms = array("q"), array("q")
        self._uses: dict[tuple[str, bytes], Use] = {}
        self._in_force: dict[str, bytes] = {}
        self._changes: list[Change] = []
        self._change_count = 0
        self._limits: Counter[bytes] = Counter()
        self._models: Counter[bytes] = Counter()

    def add(self, index: int, leaf: DecisionLeaf, *, is_read: bool) -> None:
        """Take one decision, in the order of leaves.

        Args:
            index: Its leaf's index.
            leaf: The leaf.
            is_read: Whether its record is there and is the one that the leaf commits to.
        """
        time_ms, key = leaf.time_ms, (leaf.surface, leaf.policy)
        self._first_ms = time_ms if self._first_ms is None else min(self._first_ms, time_ms)
        self._last_ms = time_ms if self._last_ms is None else max(self._last_ms, time_ms)
        if not is_read:
            self._gone_at.append(index)
            self._gone_ms.append(time_ms)
        if key not in self._uses and len(self._uses) >= MAX_BASES:
            key = ("", b"")
        known = self._uses.get(key) or Use(*key, 0, index, index, time_ms, time_ms)
        self._uses[key] = Use(*key, known.decision_count + 1, known.first, index, known.first_ms, time_ms)
        self._timeline.add(time_ms, key)
        _count(self._limits, leaf.constitution)
        if leaf.model is not None:
            _count(self._models, leaf.model)
        if leaf.policy != BASELINE_DIGEST:
            self._in_turn(index, leaf)

    def report(self, erased: Iterable[tuple[int, int]]) -> Usage:
        """Return what came of it.

        Args:
            erased: Runs of decisions that a signed erasure reached, first and last leaf, in order.
        """
        stretches = self._timeline.stretches()
        fates: list[Counter[Fate]] = [Counter({"read": stretch.counts.total()}) for stretch in stretches]
        for at, fate in self._gone(erased):
            fates[at].update({"read": -1, fate: 1})
        return Usage(
            first_ms=self._first_ms,
            last_ms=self._last_ms,
            width_ms=self._timeline.width_ms,
            fates=tuple(Stretch(one.begin_ms, counts) for one, counts in zip(stretches, fates, strict=True)),
            policies=stretches,
            uses=tuple(self._uses.values()),
            changes=tuple(self._changes),
            change_count=self._change_count,
            limits=tuple(self._limits.most_common()),
            models=tuple(self._models.most_common()),
        )

    def _gone(self, erased: Iterable[tuple[int, int]]) -> Iterator[tuple[int, Fate]]:
        """Yield the stretch and the fate of each decision whose record is not there."""
        runs = iter(erased)
        first, last = next(runs, _NO_RUN)
        for index, time_ms in zip(self._gone_at, self._gone_ms, strict=True):
            while last < index and (first, last) != _NO_RUN:
                first, last = next(runs, _NO_RUN)
            yield self._timeline.place(time_ms), "erased" if first <= index <= last else "missing"

    def _in_turn(self, index: int, leaf: DecisionLeaf) -> None:
        before = self._in_force.get(leaf.surface)
        if before == leaf.policy or (before is None and len(self._in_force) >= MAX_BASES):
            return
        self._in_force[leaf.surface] = leaf.policy
        self._change_count += before is not None
        if len(self._changes) < MAX_CHANGES:
            self._changes.append(Change(leaf.surface, index, leaf.time_ms, before, leaf.policy))


def _count(counts: Counter[bytes], digest: bytes) -> None:
    known = digest in counts or len(counts) < MAX_BASES
    counts[digest if known else b""] += 1
