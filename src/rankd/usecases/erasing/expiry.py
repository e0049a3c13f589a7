"""Expiry: which bodies are as old as their epochs promised to keep them, found without reading the whole journal."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from rankd.core.errors import JournalError
from rankd.core.exact.canonical import MAX_SAFE_INTEGER
from rankd.core.log.tiles import TILE_WIDTH
from rankd.core.records.erasure import MAX_RANGES
from rankd.core.records.leaf import DECISION_SCHEMA, DecisionLeaf, EpochLeaf, decode_leaf
from rankd.core.records.sample import kept_longer, kept_until_ms
from rankd.store.expiry_file import Progress, Stretch, load_progress, save_progress
from rankd.store.journal.reading import JournalFiles
from rankd.usecases.erasing.published import PublishedEntries, epoch_of

Ranges: TypeAlias = tuple[tuple[int, int], ...]

_DAY_MS = 86_400_000
_SLACK_MS = 3_600_000
"""A decision may be committed so much after the announcement of an epoch that began later than the decision."""

_NEVER_MS = MAX_SAFE_INTEGER
_KNOWN_EPOCHS = 8
"""A decision is committed within so many announcements after its own epoch's."""

_DECISION = f'"schema":"{DECISION_SCHEMA}"'.encode()


@dataclass(frozen=True, slots=True)
class _Promise:
    """What one epoch promised, and its secret where it is known."""

    epoch: EpochLeaf
    secret: bytes | None = field(repr=False)

    def end_ms(self, leaf: DecisionLeaf, now_ms: int) -> int:
        """Return from when on a decision's body is due; while all of them are kept, the earliest that it can be."""
        retention = self.epoch.retention
        early_ms = kept_until_ms(leaf.time_ms, retention, kept=False)
        if early_ms > now_ms or retention.sample_ppm == 0:
            return early_ms
        kept = self.secret is None or kept_longer(self.secret, self.epoch.worker, leaf.counter, retention.sample_ppm)
        return kept_until_ms(leaf.time_ms, retention, kept)


class _Scan:
    """What one look at a stretch finds.

    Args:
        now_ms: The time.
    """

    def __init__(self, now_ms: int) -> None:
        self.now_ms = now_ms
        self.ranges: list[tuple[int, int]] = []
        self.is_open = False
        self.live_from_ms: int | None = None
        self._ends_ms: dict[int, int] = {}

    def take(self, index: int, time_ms: int, end_ms: int) -> None:
        """Take down a decision whose body is there, with the time from which it is due."""
        if end_ms <= self.now_ms:
            begin = self.ranges.pop()[0] if self.is_open else index
            self.ranges.append((begin, index))
            self.is_open = True
            return
        self.is_open = False
        self.live_from_ms = time_ms if self.live_from_ms is None else min(self.live_from_ms, time_ms)
        day = end_ms // _DAY_MS
        self._ends_ms[day] = max(self._ends_ms.get(day, 0), end_ms)

    def let_go(self) -> Ranges:
        """Return the ranges found so far, and begin anew."""
        found, self.ranges, self.is_open = tuple(self.ranges), [], False
        return found

    @property
    def next_ms(self) -> int:
        """When all bodies that are due on the next day on which any are will be."""
        return self._ends_ms[min(self._ends_ms)]


class Expiry:
    """Finds the bodies of one journal whose time is over, as the epoch of each decision promised it.

    The journal is looked through stretch by stretch, a stretch being what lies between two announcements of epochs:
    once when all of its bodies may be due, then day by day when those are that the sample keeps longer. So a body goes
    within an epoch, or a day, after its time. In memory are one bundle of 256 entries and a few numbers for each
    stretch.

    A body whose decision's promise is not known is never due; one whose epoch secret is not known is taken for one of
    the sample.

    Args:
        data_dir: The data directory.
        files: Its journal, as far as it is published.
        secrets: Gives the secret of an epoch by its digest, or None.
    """

    def __init__(self, data_dir: Path, files: JournalFiles, secrets: Callable[[bytes], bytes | None]) -> None:
        self._data_dir = data_dir
        self._published = PublishedEntries(files)
        self._secrets = secrets
        self._progress = load_progress(data_dir)

    def due(self, now_ms: int, *, keep: bool = True) -> Iterator[Ranges]:
        """Yield the leaves whose bodies are due, at most `MAX_RANGES` ranges of neighbours at a time, in order.

        Whoever asks for the next ones says that those before are erased for good.

        Args:
            now_ms: The time, milliseconds since 1970.
            keep: Remember how far it came; not where what is found is only ordered and not yet erased.

        Raises:
            JournalError: The journal cannot be read.
            LogError: What is published is damaged.
            ServiceError: ERASURES_UNUSABLE: how far it came cannot be kept.
        """
        size = self._published.checkpoint().size
        if self._progress.searched > size:
            self._progress = Progress()
        before = self._progress
        self._progress = self._search(size)
        for stretch in self._progress.stretches:
            if stretch.next_ms > now_ms:
                continue
            scan = _Scan(now_ms)
            yield from self._scan(stretch, scan)
            self._settle(stretch, scan)
            if keep:
                save_progress(self._data_dir, self._progress)
                before = self._progress
        if keep and before != self._progress:
            save_progress(self._data_dir, self._progress)

    @property
    def live_from_ms(self) -> int | None:
        """No body is left of a decision before this time, as far as `due` came; None where it knows of no epoch."""
        if not self._progress.epochs:
            return None
        newest = self._epoch(self._progress.epochs[-1]).time_ms - _SLACK_MS
        return min([newest, *(stretch.live_from_ms for stretch in self._progress.stretches)])

    def _search(self, size: int) -> Progress:
        """Take up the epochs that were announced since; each ends the stretch of the one before."""
        found = self._progress
        stretches, epochs = list(found.stretches), found.epochs
        for index, entry in self._published.entries(found.searched, size):
            if (following := epoch_of(entry)) is None:
                continue
            if epochs:
                leaf = self._epoch(epochs[-1])
                next_ms = following.time_ms + leaf.retention.decision_ms
                live_from_ms = max(0, leaf.time_ms - _SLACK_MS)
                stretches.append(Stretch(epochs[-1], index, next_ms, live_from_ms, epochs))
            epochs = (*epochs, index)[-_KNOWN_EPOCHS:]
        return Progress(size, tuple(stretches), epochs)

    def _scan(self, stretch: Stretch, scan: "_Scan") -> Iterator[Ranges]:
        promises = {leaf.epoch: _Promise(leaf, self._secrets(leaf.epoch)) for leaf in map(self._epoch, stretch.epochs)}
        erased: frozenset[int] = frozenset()
        for index, entry in self._published.entries(stretch.first, stretch.end):
            if index % TILE_WIDTH == 0 or index == stretch.first:
                erased = self._published.files.erased(index, min(index - index % TILE_WIDTH + TILE_WIDTH, stretch.end))
            if _DECISION not in entry or index in erased:
                continue
            leaf = decode_leaf(entry)
            if isinstance(leaf, DecisionLeaf):
                promise = promises.get(leaf.epoch)
                scan.take(index, leaf.time_ms, _NEVER_MS if promise is None else promise.end_ms(leaf, scan.now_ms))
                if len(scan.ranges) == MAX_RANGES and not scan.is_open:
                    yield scan.let_go()
        if scan.ranges:
            yield scan.let_go()

    def _settle(self, stretch: Stretch, scan: "_Scan") -> None:
        """Note when a stretch is to be looked through again; not at all once no body is left in it."""
        progress = self._progress
        stretches = [entry for entry in progress.stretches if entry.first != stretch.first]
        if scan.live_from_ms is not None:
            stretches.append(replace(stretch, next_ms=scan.next_ms, live_from_ms=scan.live_from_ms))
        self._progress = replace(progress, stretches=tuple(sorted(stretches, key=lambda entry: entry.first)))

    def _epoch(self, index: int) -> EpochLeaf:
        ((_, entry),) = self._published.entries(index, index + 1)
        leaf = epoch_of(entry)
        if leaf is None:
            raise JournalError("JOURNAL_UNREADABLE", path=self._data_dir / "erasures", detail=f"epoch? {index}")
        return leaf
