"""Verify: whether what is shown of a journal is what its log key signed, and whether the journal is sound."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TypeAlias

from rankd.core.errors import RankdError, RecordError
from rankd.core.log.checkpoint import Checkpoint, VerifiedCheckpoint, open_checkpoint
from rankd.core.log.tiles import TILE_WIDTH
from rankd.core.records.chronicle import Chronicle, ChronicleReport
from rankd.core.records.decision import Decision
from rankd.core.records.fault import Fault, Faults
from rankd.core.records.leaf import DecisionLeaf, Leaf, RevealLeaf, decode_leaf
from rankd.core.records.lots import Lots
from rankd.core.records.recompute import Difference
from rankd.store.evidence import Evidence
from rankd.usecases.audit.examination import Examined, Judge, Lack, examine_all
from rankd.usecases.audit.leaves import entries_of, tree_of
from rankd.usecases.audit.promises import Brought, CheckpointVerdict, ReceiptVerdict, judge_promises
from rankd.usecases.audit.trust import Trust

MAX_DIFFERING = 10_000
"""So many differing decisions are kept one by one; the others are counted."""

MAX_LOST_BUNDLES = 10_000
"""Evidence that lacks more of its entry bundles is refused: to sign for a tree of 2⁵⁰ leaves costs nobody anything."""

Observer: TypeAlias = Callable[[int, DecisionLeaf, Decision | None], None]
"""Is handed every decision of the range once, in order: index, leaf, and the record that the leaf commits to. The
record is None where it is erased, missing or unreadable. Whether it also follows from its files is in the report."""


@dataclass(frozen=True, slots=True)
class Differing:
    """A decision that is not what its leaf or its files say, and the first point at which it is not."""

    index: int
    difference: Difference


@dataclass(frozen=True, slots=True)
class Hindrance:
    """A file of the archive without which decisions could not be recomputed.

    Attributes:
        lack: Which, and what is wrong with it.
        decision_count: How many decisions it concerns.
        first: The first of them.
    """

    lack: Lack
    decision_count: int
    first: int


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What verification found.

    Attributes:
        checkpoint: What the log key signed.
        cosigners: Witnesses that cosigned it, with the POSIX seconds that they name.
        first: First leaf of the range that was shown.
        end: The leaf after the last one.
        chronicle: What the leaves say together.
        faults: What speaks against the journal, beside what is named below.
        left_out_count: Faults that are not among them, because there are too many.
        body_count: Bodies that were read and are what their leaves committed to.
        identical_count: Those of them in which nothing differs; where decisions are recomputed, that they follow.
        differing: Decisions in which something does, up to `MAX_DIFFERING`.
        differing_count: How many there are.
        hindrances: Files that were needed and cannot be used.
        nonce_count: Decisions whose nonce was drawn again from its epoch's secret.
        receipts: What became of the receipts that were brought.
        checkpoints: Whether the journal went on from the checkpoints that were brought.
        unpublished_count: Entries that lie there and that no checkpoint covers; they were not looked at.
        later_count: Entries that the journal had published beyond the checkpoint, where an earlier one was judged.
    """

    checkpoint: Checkpoint
    cosigners: tuple[tuple[str, int], ...]
    first: int
    end: int
    chronicle: ChronicleReport
    faults: tuple[Fault, ...]
    left_out_count: int
    body_count: int
    identical_count: int
    differing: tuple[Differing, ...]
    differing_count: int
    hindrances: tuple[Hindrance, ...]
    nonce_count: int
    receipts: tuple[ReceiptVerdict, ...]
    checkpoints: tuple[CheckpointVerdict, ...]
    unpublished_count: int
    later_count: int

    @property
    def good(self) -> bool:
        """Whether nothing speaks against the journal, and nothing that should be there is missing."""
        missing, clashes = self.chronicle.missing, self.chronicle.clashes
        found = (self.faults, self.left_out_count, self.differing_count, self.hindrances, missing, clashes)
        return not any(found) and all(gap.pending for gap in self.chronicle.gaps)


def verify(
    evidence: Evidence,
    trust: Trust,
    *,
    now_s: int,
    receipts: Sequence[Brought] = (),
    checkpoints: Sequence[Brought] = (),
    judge: Judge | None = None,
    observe: Observer | None = None,
    progress: Callable[[int], None] | None = None,
    again: Callable[[], Evidence] | None = None,
    jobs: int = 1,
) -> VerifyReport:
    """Verify evidence from the auditor's own keys on.

    The checkpoint's signature comes first; every entry is then checked against its root, every leaf against the
    leaves before it, every body against its leaf. Where the journal went on, what was brought is compared with its
    newest state, which must continue this one.

    Args:
        evidence: What is shown.
        trust: Keys, from elsewhere.
        now_s: The time of judging, POSIX seconds.
        receipts: Receipts of answers.
        checkpoints: Checkpoints that were seen earlier, or by somebody else.
        judge: Recomputes decisions; None: bodies are only compared with their leaves.
        observe: Is handed each decision while it is at hand.
        progress: Called with the number of leaves done, after each entry bundle.
        again: Reads the same source anew. Where a service is at work, the key of a body may be gone before the
            erasure that says so is in a checkpoint; it is called once, and only if a body is missing.
        jobs: How many decisions are examined side by side. It pays where margins are computed by a library that lets
            other threads run; what is found, and its order, is the same.

    Raises:
        LogError: The checkpoint is not one that the log key signed, or its tree's right edge is missing or differs; or
            more than `MAX_LOST_BUNDLES` entry bundles do.
        BundleError: BUNDLE_DIFFERS: a bundle says something else about itself than its checkpoint.
        RecordError, LogError: What was brought is no receipt or no checkpoint of this log.
    """
    shown = open_checkpoint(evidence.checkpoint(), trust.log, trust.witnesses, quorum=trust.quorum, latest_s=now_s)
    with ThreadPoolExecutor(jobs, "examine") if jobs > 1 else nullcontext() as pool:
        run = _Run(evidence, trust, shown, judge, observe, progress, pool)
        run.go()
    chronicle = run.chronicle.report()
    if chronicle.missing and again is not None:
        run.go_on(again())
        chronicle = run.chronicle.report()
    promises = judge_promises(receipts, checkpoints, trust.log, evidence.later, run.tree, shown, now_s)
    return VerifyReport(
        checkpoint=shown.checkpoint,
        cosigners=shown.cosigners,
        first=evidence.first,
        end=evidence.end,
        chronicle=chronicle,
        faults=(*promises.faults, *run.faults.all(), *chronicle.faults),
        left_out_count=run.faults.left_out_count,
        body_count=run.body_count,
        identical_count=run.identical_count,
        differing=tuple(run.differing),
        differing_count=run.differing_count,
        hindrances=tuple(run.hindrances.values()),
        nonce_count=run.lots.checked_count,
        receipts=promises.receipts,
        checkpoints=promises.checkpoints,
        unpublished_count=evidence.unpublished_count,
        later_count=promises.later_count,
    )


class _Run:
    """One verification under way."""

    def __init__(
        self,
        evidence: Evidence,
        trust: Trust,
        shown: VerifiedCheckpoint,
        judge: Judge | None,
        observe: Observer | None,
        progress: Callable[[int], None] | None,
        pool: ThreadPoolExecutor | None,
    ) -> None:
        checkpoint = shown.checkpoint
        self.tree = tree_of(evidence, checkpoint)
        self.chronicle = Chronicle(
            checkpoint.origin, evidence.first, evidence.end, checkpoint.size, erasers=trust.erasers
        )
        self.faults = Faults()
        self.lots = Lots()
        self.body_count = self.identical_count = self.differing_count = self._lost_count = 0
        self.differing: list[Differing] = []
        self.hindrances: dict[tuple[str, bytes], Hindrance] = {}
        self._evidence, self._trust, self._judge = evidence, trust, judge
        self._observe, self._progress, self._pool = observe, progress, pool

    def go(self) -> None:
        """Go through everything that the evidence holds, in order."""
        done = 0
        for number in _numbers(self._evidence):
            done += self._take(number)
            if self._progress is not None:
                self._progress(done)
        # Decisions after their epoch's reveal are a fault; their nonces are looked at all the same.
        for epoch_digest in self.lots.epochs:
            self._draw_again(epoch_digest)

    def go_on(self, later: Evidence) -> None:
        """Go through what the same source has published since, for erasures alone."""
        shown = open_checkpoint(later.checkpoint(), self._trust.log)
        tree, size = tree_of(later, shown.checkpoint), self.tree.size
        if tree.size <= size or tree.root_at(size) != self.tree.root_at(size):
            return
        for number in range(size // TILE_WIDTH, -(-tree.size // TILE_WIDTH)):
            for index, entry in enumerate(entries_of(later, tree, number), number * TILE_WIDTH):
                if index >= size:
                    self.chronicle.take(index, _leaf(entry), has_body=False)

    def _take(self, number: int) -> int:
        begin, evidence = number * TILE_WIDTH, self._evidence
        try:
            entries = entries_of(evidence, self.tree, number)
        except RankdError as error:
            self._lost_count += 1
            if self._lost_count > MAX_LOST_BUNDLES:
                raise
            lost = range(max(begin, evidence.first), min(begin + TILE_WIDTH, evidence.end))
            self.chronicle.lose(len(lost))
            self.faults.note(error, begin, error.metadata.get("path"))
            return len(lost)
        try:
            bodies = evidence.bodies(number)
        except RankdError as error:
            self.faults.note(error, begin)
            bodies = {}
        decisions: list[tuple[int, DecisionLeaf]] = []
        revealed: list[bytes] = []
        for index, entry in enumerate(entries, begin):
            leaf = _leaf(entry)
            self.chronicle.take(index, leaf, has_body=index in bodies)
            if isinstance(leaf, DecisionLeaf):
                decisions.append((index, leaf))
            elif isinstance(leaf, RevealLeaf):
                revealed.append(leaf.epoch)
        tasks = ((leaf, partial(bodies.__getitem__, at)) for at, leaf in decisions if at in bodies)
        examinations = examine_all(tasks, self._judge, self._pool)
        for index, leaf in decisions:
            examined = next(examinations) if index in bodies else None
            if examined is not None:
                self._note(index, examined)
            if self._observe is not None and evidence.first <= index < evidence.end:
                self._observe(index, leaf, None if examined is None else examined.decision)
        for epoch_digest in revealed:
            self._draw_again(epoch_digest)
        return len(entries)

    def _note(self, index: int, examined: Examined) -> None:
        if examined.decision is None:
            if examined.error is not None:
                self.faults.note(examined.error, index)
            return
        self.body_count += 1
        for lack in examined.lacks:
            known = self.hindrances.get((lack.subject, lack.digest)) or Hindrance(lack, 0, index)
            self.hindrances[lack.subject, lack.digest] = Hindrance(lack, known.decision_count + 1, known.first)
        if examined.difference is not None:
            self._differ(index, examined.difference)
        elif not examined.lacks:
            self.identical_count += 1
            self.lots.note(index, examined.decision)

    def _draw_again(self, epoch_digest: bytes) -> None:
        epoch = self.chronicle.epoch(epoch_digest)
        if epoch is None or epoch.secret is None:
            return
        for index, difference in self.lots.reveal(epoch_digest, epoch.secret):
            self.identical_count -= 1
            self._differ(index, difference)

    def _differ(self, index: int, difference: Difference) -> None:
        self.differing_count += 1
        if len(self.differing) < MAX_DIFFERING:
            self.differing.append(Differing(index, difference))


def _numbers(evidence: Evidence) -> Iterator[int]:
    """Yield the entry bundles that are there and those that must be, in order."""
    first, end, held = evidence.first, evidence.end, evidence.numbers
    required = range(first // TILE_WIDTH, -(-end // TILE_WIDTH) if end > first else 0)
    before = (number for number in held if number < required.start)
    after = (number for number in held if number >= max(required.start, required.stop))
    return chain(before, required, after)


def _leaf(entry: bytes) -> Leaf | RecordError:
    try:
        return decode_leaf(entry)
    except RecordError as error:
        return error
