"""Chronicle: what a journal's leaves say together, folded one by one in their order.

A leaf may be true to the byte and still be one that the operator should not have written: a decision whose epoch was
never announced or was over, a counter that was used twice or left out, an erasure by a key that nobody named or of a
body that had to be kept. Each of them is a fault here, and none of them needs a body.

Source: MATH 4; DESIGN "The journals"; docs/spec/log.md.
"""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

import numpy as np
import numpy.typing as npt

from rankd.core.errors import LogError, RankdError, RecordError
from rankd.core.exact.canonical import digest_text, sha256
from rankd.core.log.ed25519 import check_public_key
from rankd.core.records.counters import CounterClash, CounterGap, EpochCounters
from rankd.core.records.erasing import NOT_ERASED, Erased, Erasing, ErasureEntry, Longs, Numbers
from rankd.core.records.erasure import check_scope, open_erasure
from rankd.core.records.fault import Fault, Faults
from rankd.core.records.leaf import DecisionLeaf, EpochLeaf, ErasureLeaf, Leaf, Retention, RevealLeaf

MAX_COUNTERS_NAMED = 10_000
_NO_EPOCH = -1


@dataclass(slots=True)
class Epoch:
    """One epoch, as far as its leaves have told.

    Attributes:
        digest: SHA-256 of its secret.
        number: In the order in which epochs were first named.
        time_ms: When it was announced; None as long as it is not.
        worker: Whose it is; as long as nobody announced it, whose its first decision is, or "".
        retention: What it promised; None as long as it is not announced.
        announced: Index of its announcement.
        decided: Index of its first decision in the range.
        secret: Its secret, once revealed.
        revealed: Index of its first reveal.
        count: Counters drawn, where a reveal says so.
        voids: Counters declared void.
    """

    digest: bytes
    number: int
    time_ms: int | None = None
    worker: str = ""
    retention: Retention | None = None
    announced: int | None = None
    decided: int | None = None
    secret: bytes | None = None
    revealed: int | None = None
    count: int | None = None
    voids: "array[int]" = field(default_factory=lambda: array("q"))


@dataclass(frozen=True, slots=True)
class ChronicleReport:
    """What the leaves of a range say together.

    Attributes:
        decision_count: Decisions in the range.
        erased: Erased decisions, in runs of neighbours that one erasure reached.
        missing: Runs of decisions, first and last leaf, whose body is neither there nor erased.
        faults: What speaks against the journal.
        gaps: Counters that are not accounted for; pending ones are no fault.
        clashes: Counters that stand twice.
        unannounced_count: Decisions whose epoch began before the evidence does.
        unrevealed: Epochs of decisions whose secret is not in the evidence, so that their nonces were not drawn again.
        unjudged_count: Decisions erased by age of which nobody can tell yet whether they had to be kept longer.
        periods: Periods of pseudonyms whose key an erasure says was destroyed.
        void_count: Counters declared void: each may have been a decision that was thrown away.
        uncounted_count: Epochs of decisions whose reveals do not say how many counters were drawn.
    """

    decision_count: int
    erased: tuple[Erased, ...]
    missing: tuple[tuple[int, int], ...]
    faults: tuple[Fault, ...]
    gaps: tuple[CounterGap, ...]
    clashes: tuple[CounterClash, ...]
    unannounced_count: int
    unrevealed: tuple[bytes, ...]
    unjudged_count: int
    periods: tuple[int, ...]
    void_count: int
    uncounted_count: int


class Chronicle:
    """The fold over the leaves of one range of one journal.

    It keeps 21 bytes for each leaf of the range and a little for each epoch and erasure, whatever the leaves say;
    judging takes some times that for a moment.

    Args:
        origin: The journal.
        first: The first leaf of the range.
        end: The leaf after the last one. Epochs, reveals and erasures outside count for the range as well.
        size: Leaves of the tree when the evidence was taken. An erasure from there on explains a body that is gone, and
            says nothing against one that was still there.
        erasers: Public keys that may erase beside those that the journal names, 32 bytes each.
    """

    def __init__(self, origin: str, first: int, end: int, size: int, erasers: Iterable[bytes] = ()) -> None:
        self._origin = origin
        self._first, self._end, self._size = first, end, size
        self._lost_count = 0
        self._trusted = {key.hex(): key for key in erasers}
        self._named: dict[str, bytes] = {}
        self._faults = Faults()
        self._epochs: dict[bytes, Epoch] = {}
        self._unrevealed: dict[str, list[Epoch]] = {}
        # By position in the range.
        self._numbers, self._counters, self._times = array("i"), array("q"), array("q")
        self._bodies = bytearray()
        self._erasing = Erasing(first, end)

    def take(self, index: int, leaf: Leaf | RecordError, *, has_body: bool) -> None:
        """Fold one leaf; every leaf of the range in turn, and those outside that are there.

        Args:
            index: Its index, greater than any before.
            leaf: The leaf, or why it is none.
            has_body: Whether the evidence has a body of it.
        """
        if self._first <= index < self._end:
            if isinstance(leaf, DecisionLeaf):
                self._decision(index, leaf, has_body)
            else:
                self._keep(_NO_EPOCH, 0, 0 if isinstance(leaf, RecordError) else leaf.time_ms, has_body=False)
                if has_body:
                    self._fault(RecordError("BODY_UNEXPECTED"), index)
        if isinstance(leaf, RecordError):
            self._fault(leaf, index)
        elif isinstance(leaf, EpochLeaf):
            self._announce(index, leaf)
        elif isinstance(leaf, RevealLeaf):
            self._reveal(index, leaf)
        elif isinstance(leaf, ErasureLeaf):
            self._erase(index, leaf)

    def lose(self, count: int) -> None:
        """Leave out the next `count` leaves of the range: the evidence does not hold them as they were."""
        self._lost_count += count
        for _ in range(count):
            self._keep(_NO_EPOCH, 0, 0, has_body=False)

    def epoch(self, digest: bytes) -> Epoch | None:
        """Return what is known of an epoch so far."""
        return self._epochs.get(digest)

    def report(self) -> ChronicleReport:
        """Judge what needs all leaves, and return everything."""
        numbers = np.array(self._numbers, dtype=np.int32)
        has_body = np.frombuffer(bytes(self._bodies), dtype=np.bool_)
        epochs = sorted(self._epochs.values(), key=lambda epoch: epoch.number)
        counters, times_ms = np.array(self._counters, dtype=np.int64), np.array(self._times, dtype=np.int64)
        is_decision = numbers != _NO_EPOCH
        erased_by = self._erasing.erased_by()
        is_late = np.array([entry.index >= self._size for entry in self._erasing.entries] + [False])[erased_by]
        erased_by[~is_decision | (is_late & has_body)] = NOT_ERASED
        early, unjudged_count = self._erasing.judge(epochs, numbers, counters, times_ms)
        gaps, clashes, beyond = self._judge_counters(epochs, numbers, counters)
        counts = np.bincount(numbers[is_decision], minlength=len(epochs))
        seen = [(epoch, int(count)) for epoch, count in zip(epochs, counts, strict=True) if count]
        return ChronicleReport(
            decision_count=int(np.count_nonzero(is_decision)),
            erased=tuple(self._erasing.runs(erased_by)),
            missing=tuple(self._runs(is_decision & ~has_body & (erased_by == NOT_ERASED))),
            faults=(*self._faults.all(), *early, *beyond, *self._not_done(erased_by, has_body)),
            gaps=gaps,
            clashes=clashes,
            unannounced_count=sum(count for epoch, count in seen if epoch.announced is None),
            unrevealed=tuple(epoch.digest for epoch, _ in seen if epoch.secret is None),
            unjudged_count=unjudged_count,
            periods=tuple(sorted(self._erasing.periods)),
            void_count=sum(len(set(epoch.voids)) for epoch in epochs),
            uncounted_count=sum(epoch.secret is not None and epoch.count is None for epoch, _ in seen),
        )

    def _decision(self, index: int, leaf: DecisionLeaf, has_body: bool) -> None:
        epoch = self._named_epoch(leaf.epoch)
        self._keep(epoch.number, leaf.counter, leaf.time_ms, has_body=has_body)
        epoch.worker = epoch.worker or leaf.worker
        if epoch.decided is None:
            epoch.decided = index
        if epoch.announced is None and self._is_whole:
            self._fault(RecordError("EPOCH_UNANNOUNCED", epoch=digest_text(epoch.digest)), index, epoch.number)
        if epoch.announced is not None and epoch.worker != leaf.worker:
            self._fault(RecordError("EPOCH_WORKER", wanted=epoch.worker, found=leaf.worker), index, epoch.number)
        if epoch.revealed is not None:
            self._fault(RecordError("DECISION_AFTER_REVEAL", revealed=epoch.revealed), index, epoch.number)
        for digest, counter in leaf.voids:
            voided = self._named_epoch(digest)
            if voided.worker in ("", leaf.worker):
                voided.voids.append(counter)

    def _announce(self, index: int, leaf: EpochLeaf) -> None:
        epoch = self._named_epoch(leaf.epoch)
        self._named = {key.hex(): key for key in leaf.erasers if _is_sound(key)}
        if epoch.announced is not None:
            self._fault(RecordError("EPOCH_TWICE", before=epoch.announced), index, epoch.number)
            return
        if epoch.decided is not None and not self._is_whole:
            # Where nothing is missing before it, this was said at the decision.
            error = RecordError("EPOCH_UNANNOUNCED", epoch=digest_text(epoch.digest))
            self._fault(error, epoch.decided, epoch.number)
        epoch.announced, epoch.worker, epoch.retention = index, leaf.worker, leaf.retention
        epoch.time_ms = leaf.time_ms
        self._judge_overdue(index, epoch)
        # Whatever was declared void before the first counter was drawn explains no gap.
        epoch.voids = array("q")

    def _judge_overdue(self, index: int, epoch: Epoch) -> None:
        """Say where a worker goes on to a third epoch without having revealed the first: its lots stay unchecked."""
        if index < self._first or self._lost_count:
            return
        waiting = [before for before in self._unrevealed.get(epoch.worker, ()) if before.revealed is None]
        if len(waiting) > 1:
            error = RecordError("EPOCH_OVERDUE", epoch=digest_text(waiting[0].digest), worker=epoch.worker)
            self._fault(error, index, waiting[0].number)
        self._unrevealed[epoch.worker] = [*waiting, epoch]

    def _reveal(self, index: int, leaf: RevealLeaf) -> None:
        epoch = self._named_epoch(leaf.epoch)
        if sha256(leaf.secret) != epoch.digest:
            self._fault(RecordError("REVEAL_DIFFERS", epoch=digest_text(epoch.digest)), index)
            return
        # A crash between drawing a secret and announcing it has the next start reveal what nothing rests on: no fault.
        if epoch.announced is not None and epoch.worker != leaf.worker:
            self._fault(RecordError("EPOCH_WORKER", wanted=epoch.worker, found=leaf.worker), index, epoch.number)
        if epoch.revealed is None:
            epoch.secret, epoch.revealed = leaf.secret, index
        if leaf.count is not None:
            if epoch.count not in (None, leaf.count):
                self._fault(RecordError("REVEAL_COUNT", said=leaf.count, found=epoch.count), index, epoch.number)
            epoch.count = leaf.count
        epoch.voids.extend(leaf.voids)

    def _erase(self, index: int, leaf: ErasureLeaf) -> None:
        try:
            erasure, signer = open_erasure(leaf.envelope, {**self._named, **self._trusted})
            check_scope(erasure, self._origin, index)
        except (LogError, RecordError) as error:
            self._fault(error, index)
            return
        self._erasing.add(ErasureEntry(index, leaf.time_ms, erasure, signer))

    @property
    def _is_whole(self) -> bool:
        """Whether every leaf from the journal's first one on was there so far."""
        return self._first == 0 and self._lost_count == 0

    def _fault(self, error: RankdError, index: int, subject: object = None) -> None:
        # Of what lies outside the range, only what holds counts; whoever verifies that range judges the rest.
        if self._first <= index < self._end:
            self._faults.note(error, index, subject)

    def _keep(self, number: int, counter: int, time_ms: int, *, has_body: bool) -> None:
        self._numbers.append(number)
        self._counters.append(counter)
        self._times.append(time_ms)
        self._bodies.append(has_body)

    def _named_epoch(self, digest: bytes) -> Epoch:
        epoch = self._epochs.get(digest)
        if epoch is None:
            epoch = self._epochs[digest] = Epoch(digest, len(self._epochs))
        return epoch

    def _judge_counters(
        self, epochs: list[Epoch], numbers: Numbers, counters: Longs
    ) -> tuple[tuple[CounterGap, ...], tuple[CounterClash, ...], list[Fault]]:
        order = np.argsort(numbers, kind="stable")
        bounds = np.searchsorted(numbers[order], np.arange(len(epochs) + 1))
        counters = counters[order]
        gaps: list[CounterGap] = []
        clashes: list[CounterClash] = []
        beyond: list[Fault] = []
        for epoch in epochs:
            used = counters[bounds[epoch.number] : bounds[epoch.number + 1]]
            is_inside = epoch.revealed is not None and self._first <= epoch.revealed < self._end
            from_begin = epoch.announced is not None and epoch.announced >= self._first
            if len(used) == 0 and not (is_inside and from_begin):
                # Voids of an epoch whose decisions lie before the range.
                continue
            book = EpochCounters(
                epoch_digest=epoch.digest,
                worker=epoch.worker,
                used=used,
                void=np.array(epoch.voids, dtype=np.int64),
                count=epoch.count if is_inside else None,
                from_begin=from_begin or self._is_whole,
                to_end=is_inside,
            )
            found = islice(book.gaps(), MAX_COUNTERS_NAMED - len(gaps))
            # A counter may stand in a leaf that the evidence does not hold: the operator is not at fault for that.
            gaps.extend(replace(gap, pending=True) if self._lost_count else gap for gap in found)
            clashes.extend(islice(book.clashes(), MAX_COUNTERS_NAMED - len(clashes)))
            if (count := book.beyond()) > 0:
                error = RecordError("REVEAL_COUNT", said=epoch.count, found=int(used.max()) + 1)
                beyond.append(Fault(error, epoch.revealed, count))
        return tuple(gaps), tuple(clashes), beyond

    def _not_done(self, erased_by: Numbers, has_body: npt.NDArray[np.bool_]) -> Iterator[Fault]:
        places = np.flatnonzero(has_body & (erased_by != NOT_ERASED))
        for number in np.unique(erased_by[places]).tolist():
            found = places[erased_by[places] == number]
            error = RecordError("ERASURE_NOT_DONE", erasure=self._erasing.entries[number].index)
            yield Fault(error, self._first + int(found[0]), len(found))

    def _runs(self, chosen: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
        edges = np.flatnonzero(np.diff(np.concatenate(([False], chosen, [False])).astype(np.int8)))
        return [(self._first + int(a), self._first + int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _is_sound(key: bytes) -> bool:
    # Anybody can sign with a key of small order: that an operator names one lets nobody erase.
    try:
        check_public_key(key)
    except LogError:
        return False
    return True
