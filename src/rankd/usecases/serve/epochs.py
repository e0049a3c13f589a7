"""Epochs in the journal: a secret's digest before the first lot that it keys, the secret itself after the last."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rankd.core.errors import ServiceError
from rankd.core.exact.chance import decision_nonce
from rankd.core.records.leaf import DecisionLeaf, EpochLeaf, Retention, RevealLeaf, encode_leaf
from rankd.store.epoch import Epoch, EpochFolder
from rankd.store.journal.journal import Journal
from rankd.usecases.serve.deciding import Lot

GAP_SEARCH_COUNT = 512
"""A counter can be missing only among so many of a crashed run's last decisions; more are never under way at once."""

MAX_VOIDS = 400
"""Voids that one leaf declares at most, so that it stays within an entry's size; the rest waits for the next."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What an epoch's leaf announces beside its digest.

    Attributes:
        retention: For how long bodies are kept.
        erasers: Public keys whose signature may erase, 32 bytes each, in byte order.
        software: Name and version of what runs.
    """

    retention: Retention
    erasers: tuple[bytes, ...]
    software: str


@dataclass(slots=True)
class _Run:
    """One epoch in use: how many counters were drawn, and how many of these are being decided now."""

    epoch: Epoch
    begin_ms: int
    counter: int = 0
    open_count: int = 0
    closed: threading.Event = field(default_factory=threading.Event)


class Epochs:
    """The epochs of one worker. Safe to use from many threads at once.

    The digest of a secret is committed before its first lot is drawn. The secret is committed only when no decision of
    its epoch is under way and none can follow, so nobody who reads the journal knows a lot before it is drawn. A crash
    leaves an epoch announced and not revealed; the next start reveals it, with the counters that were lost.

    Args:
        folder: Where secrets lie.
        journal: Where they are announced and revealed.
        worker: This worker's name.
        clock_ms: The server's clock, milliseconds since 1970.
        terms: What epochs announce.

    Raises:
        ServiceError: The disk refuses.
    """

    def __init__(
        self, folder: EpochFolder, journal: Journal, *, worker: str, clock_ms: Callable[[], int], terms: Terms
    ) -> None:
        self._folder = folder
        self._journal = journal
        self._worker = worker
        self._clock_ms = clock_ms
        self._terms = terms
        self._lock = threading.Lock()
        self._rotating = threading.Lock()
        self._voids: list[tuple[bytes, int]] = []
        self._run: _Run | None = None
        self._ended: list[_Run] = []

    @property
    def secret(self) -> bytes:
        """The secret of the epoch in use."""
        return self._current().epoch.secret

    @property
    def digest(self) -> bytes:
        """Its SHA-256."""
        return self._current().epoch.digest

    @property
    def begin_ms(self) -> int:
        """When the epoch in use began, milliseconds since 1970."""
        return self._current().begin_ms

    def begin(self, newest: Sequence[DecisionLeaf], *, whole: bool) -> None:
        """Reveal what earlier runs left unrevealed, and open the first epoch of this one.

        Args:
            newest: The last decisions in the journal, the newest first, at least `GAP_SEARCH_COUNT` where there are.
            whole: Whether they are all that there are.
        """
        lost = lost_counters(newest, self._worker, whole=whole)
        for epoch in self._folder.unrevealed():
            self._reveal(epoch, None, sorted(counter for digest, counter in lost if digest == epoch.digest))
            lost = [entry for entry in lost if entry[0] != epoch.digest]
        self._voids.extend(lost)
        self._run = self._announce()

    @contextmanager
    def draw(self) -> Iterator[Lot]:
        """Draw a counter for one decision; where the block fails, the counter is void, and said to be.

        Yields:
            What keys the decision's chance.
        """
        with self._lock:
            run = self._current()
            counter, voids = run.counter, tuple(self._voids[:MAX_VOIDS])
            run.counter += 1
            run.open_count += 1
            del self._voids[:MAX_VOIDS]
        epoch = run.epoch
        try:
            nonce = decision_nonce(epoch.secret, self._worker, counter)
            yield Lot(epoch.digest, nonce, self._worker, counter, voids)
        except BaseException:
            with self._lock:
                self._voids.extend((*voids, (epoch.digest, counter)))
            raise
        finally:
            with self._lock:
                run.open_count -= 1
                if run is not self._run and run.open_count == 0:
                    run.closed.set()

    def rotate(self, patience_s: float = 60.0) -> bool:
        """Go over to a new epoch, and reveal the old one once its last decision is recorded.

        No epoch is announced as long as one before the current one is not revealed: verifiers would call that overdue.

        Returns:
            Whether every ended epoch is revealed; if not, decisions took longer than `patience_s`, and the next call
            or the next start reveals it.

        Raises:
            ServiceError: The disk refuses. The old epoch goes on, or is revealed by the next call or at the next start.
        """
        with self._rotating:
            if not self._finish(patience_s):
                return False
            following = self._announce()
            with self._lock:
                self._leave(self._current())
                self._run = following
            return self._finish(patience_s)

    def end(self, patience_s: float = 5.0) -> bool:
        """Close the epoch in use and reveal it; nothing can be drawn afterwards. Returns as `rotate`."""
        with self._rotating:
            with self._lock:
                if self._run is not None:
                    self._leave(self._run)
                self._run = None
            return self._finish(patience_s)

    def _current(self) -> _Run:
        if self._run is None:
            raise ServiceError("SHUTTING_DOWN")
        return self._run

    def _announce(self) -> _Run:
        epoch = self._folder.open()
        now_ms, terms = self._clock_ms(), self._terms
        self._journal.append(
            encode_leaf(EpochLeaf(now_ms, epoch.digest, self._worker, terms.retention, terms.erasers, terms.software))
        )
        return _Run(epoch, now_ms)

    def _leave(self, run: _Run) -> None:
        self._ended.append(run)
        if run.open_count == 0:
            run.closed.set()

    def _finish(self, patience_s: float) -> bool:
        while self._ended:
            if not self._ended[0].closed.wait(patience_s):
                return False
            self._reveal_ended(self._ended[0])
            del self._ended[0]
        return True

    def _reveal_ended(self, old: _Run) -> None:
        digest = old.epoch.digest
        with self._lock:
            voids = [entry for entry in self._voids if entry[0] == digest]
            self._voids = [entry for entry in self._voids if entry[0] != digest]
        try:
            self._reveal(old.epoch, old.counter, sorted(counter for _, counter in voids))
        except BaseException:
            with self._lock:
                self._voids.extend(voids)
            raise

    def _reveal(self, epoch: Epoch, count: int | None, voids: Sequence[int]) -> None:
        # One leaf cannot hold the voids of a long time without a disk: then several say the same secret.
        for at in range(0, max(1, len(voids)), MAX_VOIDS):
            part = tuple(voids[at : at + MAX_VOIDS])
            leaf = RevealLeaf(self._clock_ms(), epoch.digest, self._worker, epoch.secret, count, part)
            self._journal.append(encode_leaf(leaf))
        # A crash here leaves it to the next start to reveal it again: the same secret twice, which is no fault.
        self._folder.note_revealed(epoch)


def lost_counters(newest_first: Sequence[DecisionLeaf], worker: str, *, whole: bool) -> list[tuple[bytes, int]]:
    """Return counters that stand in no decision and that no decision declares void, oldest run first.

    The oldest run found may have begun before what was read, so its gaps are looked for from its first counter found
    on, unless everything was read.

    Args:
        newest_first: Decisions, the newest first.
        worker: Whose counters.
        whole: Whether these are all decisions that there are.
    """
    counters: dict[bytes, set[int]] = {}
    declared: set[tuple[bytes, int]] = set()
    for leaf in reversed(newest_first):
        if leaf.worker == worker:
            counters.setdefault(leaf.epoch, set()).add(leaf.counter)
            declared.update(leaf.voids)
    lost: list[tuple[bytes, int]] = []
    for place, (epoch, drawn) in enumerate(counters.items()):
        first = 0 if place or whole else min(drawn)
        missing = (counter for counter in range(first, max(drawn)) if counter not in drawn)
        lost.extend((epoch, counter) for counter in missing if (epoch, counter) not in declared)
    return lost
