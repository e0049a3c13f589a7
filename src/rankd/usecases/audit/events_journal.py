"""A journal of events by itself: what its key signed, each body against its leaf, and what was erased by whose order.

Source: docs/spec/events.md; docs/spec/log.md for tree, bodies and erasures.
"""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from rankd.core.errors import LogError, RankdError, RecordError
from rankd.core.log.checkpoint import Checkpoint, open_checkpoint
from rankd.core.log.note import NoteVerifier
from rankd.core.log.tiles import TILE_WIDTH
from rankd.core.records.body import open_body
from rankd.core.records.commitment import commitment
from rankd.core.records.erasing import NOT_ERASED, SLACK_MS, Erased, Erasing, ErasureEntry
from rankd.core.records.erasure import check_scope, open_erasure
from rankd.core.records.events import EventsRecord, decode_events
from rankd.core.records.events_leaf import EventsJournalLeaf, EventsLeaf, decode_events_leaf
from rankd.core.records.fault import Fault, Faults
from rankd.core.records.forgetting import is_forgetting
from rankd.core.records.leaf import EPOCH_SCHEMA, EpochLeaf, ErasureLeaf, decode_leaf
from rankd.store.evidence import EVENTS, Evidence, JournalEvidence
from rankd.usecases.audit.leaves import entries_of, tree_of
from rankd.usecases.audit.trust import Trust
from rankd.usecases.audit.verify import MAX_LOST_BUNDLES

NEVER_MS = 2**53
"""Stands for a time that nobody knows: what is of this time may be of any."""

NEVER = 2**53
"""Stands for an entry that there is none of, behind all others."""

_LIVING, _EMPTY, _ABSENT, _LOST = range(4)
_COMMITMENT_BYTES = 32


def events_verifier(trust: Trust) -> NoteVerifier:
    """Return the key of the journal of events: that of the decisions' journal, under its own name."""
    return NoteVerifier.of(f"{trust.log.name}/{EVENTS}", trust.log.public_key)


class Erasers:
    """Who may erase, as the journal of decisions announces it: the newest announcement counts.

    Args:
        decisions: The journal of decisions, verified.
        trust: Keys; its erasers may erase at any time.
    """

    def __init__(self, decisions: Evidence, trust: Trust) -> None:
        self._decisions = decisions
        self._trust = trust
        self._announced: list[tuple[int, frozenset[bytes]]] | None = None

    def at(self, time_ms: int) -> Mapping[str, bytes]:
        """Return the keys that were in force at a time, give or take an hour: clocks are set."""
        if self._announced is None:
            # Few journals hold erasures, and this reads all leaves once more.
            self._announced = list(self._read())
        keys = set(self._trust.erasers)
        earlier = [named for since_ms, named in self._announced if since_ms < time_ms - SLACK_MS]
        keys.update(*earlier[-1:])
        keys.update(*(named for since_ms, named in self._announced if abs(since_ms - time_ms) <= SLACK_MS))
        return {key.hex(): key for key in keys}

    def _read(self) -> Iterator[tuple[int, frozenset[bytes]]]:
        tree = tree_of(self._decisions, open_checkpoint(self._decisions.checkpoint(), self._trust.log).checkpoint)
        for number in range(-(-tree.size // TILE_WIDTH)):
            try:
                entries = entries_of(self._decisions, tree, number)
            except RankdError:
                # Whoever verifies the decisions says so.
                continue
            for entry in entries:
                # Most leaves are of decisions, and need not be read for this.
                if EPOCH_SCHEMA.encode() in entry:
                    leaf = _announcement(entry)
                    if leaf is not None:
                        yield leaf.time_ms, frozenset(leaf.erasers)


def _announcement(entry: bytes) -> EpochLeaf | None:
    try:
        leaf = decode_leaf(entry)
    except RecordError:
        return None
    return leaf if isinstance(leaf, EpochLeaf) else None


@dataclass(frozen=True, slots=True)
class EventsFound:
    """What a journal of events says by itself.

    Attributes:
        checkpoint: What the log key signed.
        living_count: Entries whose body is there and is what the leaf commits to.
        erased: Erased entries, in runs of neighbours that one erasure reached.
        missing: Runs of entries, first and last, whose body is neither there nor erased.
        faults: What speaks against it.
        left_out_count: Faults that are not among them, because there are too many.
    """

    checkpoint: Checkpoint
    living_count: int
    erased: tuple[Erased, ...]
    missing: tuple[tuple[int, int], ...]
    faults: tuple[Fault, ...]
    left_out_count: int


class EventsJournal:
    """One journal of events, whose entries are looked at twice: first by themselves, then with the decisions.

    It keeps fifty-three bytes for each entry, and sixteen and a little for each person.

    Args:
        evidence: The journal.
        verifier: Its key.
        erasers: Who may erase.
        now_s: The time of judging, POSIX seconds.

    Raises:
        LogError: Its checkpoint is not one that the key signed, or the tree's right edge is missing or differs.
        BundleError: BUNDLE_DIFFERS.
    """

    def __init__(self, evidence: JournalEvidence, verifier: NoteVerifier, erasers: Erasers, now_s: int) -> None:
        self.shown = open_checkpoint(evidence.checkpoint(), verifier, latest_s=now_s)
        self.tree = tree_of(evidence, self.shown.checkpoint)
        self.size = self.tree.size
        self._evidence, self._erasers = evidence, erasers
        self._faults = Faults()
        self._times, self._states = array("q"), bytearray()
        self._commitments = bytearray()
        self._decisions, self._viewers = array("q"), array("i")
        self._viewer_numbers: dict[bytes, int] = {}
        self._erasing = Erasing(0, self.size)
        self._latest_ms = 0
        # For each entry the one that erased it, `NEVER` where none did.
        self._erased_at = np.empty(0, dtype=np.int64)
        self._forgetting: set[int] = set()

    def read(self) -> EventsFound:
        """Look at every entry by itself, in order, and return what was found.

        Raises:
            LogError: More than `MAX_LOST_BUNDLES` entry bundles are missing or damaged.
        """
        lost = 0
        for number in range(-(-self.size // TILE_WIDTH)):
            begin = number * TILE_WIDTH
            try:
                entries = entries_of(self._evidence, self.tree, number)
            except RankdError as error:
                lost += 1
                if lost > MAX_LOST_BUNDLES:
                    raise
                self._faults.note(error, begin, error.metadata.get("path"))
                for _ in range(begin, min(begin + TILE_WIDTH, self.size)):
                    self._keep(NEVER_MS, _LOST)
                continue
            try:
                bodies = self._evidence.bodies(number)
            except RankdError as error:
                self._faults.note(error, begin)
                bodies = {}
            for index, entry in enumerate(entries, begin):
                self._take(index, entry, bodies)
        return self._found()

    def records(self) -> Iterator[tuple[int, EventsRecord | None]]:
        """Yield index and record of every entry, in order; None where there is none, or none any more."""
        for begin in range(0, self.size, TILE_WIDTH):
            indexes = range(begin, min(begin + TILE_WIDTH, self.size))
            bodies: Mapping[int, tuple[bytes, bytes]] = {}
            if any(self._states[index] == _LIVING for index in indexes):
                with suppress(RankdError):
                    bodies = self._evidence.bodies(begin // TILE_WIDTH)
            for index in indexes:
                record = None
                if self._states[index] == _LIVING:
                    # Where it was there a moment ago, it was erased meanwhile.
                    with suppress(KeyError, RankdError):
                        record = self._record(index, *bodies[index])
                yield index, record

    def time_ms(self, index: int) -> int:
        """Return the time of an entry's leaf, or `NEVER_MS`."""
        return self._times[index]

    def is_empty(self, index: int) -> bool:
        """Tell whether an entry holds no events, and never did."""
        return self._states[index] == _EMPTY

    def erased_at(self, index: int) -> int:
        """Return the entry that erased an entry, or `NEVER`."""
        return int(self._erased_at[index])

    def forgets(self, index: int) -> bool:
        """Tell whether nothing is read behind an entry of what was counted before it and is erased by then."""
        return index in self._forgetting

    def links(self) -> Iterator[tuple[int, int, int]]:
        """Yield index, decision and number of the viewer of each entry that can be read, in order."""
        for index, state in enumerate(self._states):
            if state == _LIVING:
                yield index, self._decisions[index], self._viewers[index]

    @property
    def viewers(self) -> tuple[bytes, ...]:
        """The names of people in events, by their numbers."""
        return tuple(self._viewer_numbers)

    def _take(self, index: int, entry: bytes, bodies: Mapping[int, tuple[bytes, bytes]]) -> None:
        try:
            leaf: EventsJournalLeaf = decode_events_leaf(entry)
        except RecordError as error:
            self._faults.note(error, index)
            self._keep(NEVER_MS, _LOST)
            return
        if leaf.time_ms < self._latest_ms - SLACK_MS:
            self._faults.note(RecordError("EVENTS_ORDER", found_ms=leaf.time_ms, before_ms=self._latest_ms), index)
        self._latest_ms = max(self._latest_ms, leaf.time_ms)
        if isinstance(leaf, ErasureLeaf):
            if index in bodies:
                self._faults.note(RecordError("BODY_UNEXPECTED"), index)
            self._keep(leaf.time_ms, _EMPTY)
            self._erase(index, leaf)
        else:
            self._keep(leaf.time_ms, _ABSENT if index not in bodies else _LOST, leaf.commitment)
            self._examine(index, leaf, bodies)

    def _examine(self, index: int, leaf: EventsLeaf, bodies: Mapping[int, tuple[bytes, bytes]]) -> None:
        if index not in bodies:
            return
        try:
            record = self._record(index, *bodies[index])
        except RankdError as error:
            self._faults.note(error, index)
            return
        if record.time_ms != leaf.time_ms:
            differs = RecordError("EVENTS_LEAF_DIFFERS", found_ms=record.time_ms, wanted_ms=leaf.time_ms)
            self._faults.note(differs, index)
        self._states[index] = _LIVING
        self._decisions[index] = record.decision
        self._viewers[index] = self._viewer_numbers.setdefault(record.viewer, len(self._viewer_numbers))

    def _record(self, index: int, key: bytes, sealed: bytes) -> EventsRecord:
        data = open_body(key, sealed)
        if commitment(key, data) != self._commitments[index * _COMMITMENT_BYTES : (index + 1) * _COMMITMENT_BYTES]:
            raise RecordError("COMMITMENT_DIFFERS")
        return decode_events(data)

    def _erase(self, index: int, leaf: ErasureLeaf) -> None:
        try:
            erasure, signer = open_erasure(leaf.envelope, self._erasers.at(leaf.time_ms))
            check_scope(erasure, self.shown.checkpoint.origin, index)
        except (LogError, RecordError) as error:
            self._faults.note(error, index)
            return
        self._erasing.add(ErasureEntry(index, leaf.time_ms, erasure, signer))
        if is_forgetting(erasure):
            self._forgetting.add(index)

    def _keep(self, time_ms: int, state: int, committed: bytes = bytes(_COMMITMENT_BYTES)) -> None:
        self._times.append(time_ms)
        self._states.append(state)
        self._commitments += committed
        self._decisions.append(-1)
        self._viewers.append(-1)

    def _found(self) -> EventsFound:
        states = np.frombuffer(bytes(self._states), dtype=np.uint8)
        erased_by = self._erasing.erased_by()
        erased_by[states == _EMPTY] = NOT_ERASED
        self._erased_at = np.array([entry.index for entry in self._erasing.entries] + [NEVER])[erased_by]
        for number in np.unique(erased_by[(states == _LIVING) & (erased_by != NOT_ERASED)]).tolist():
            first = int(np.flatnonzero((states == _LIVING) & (erased_by == number))[0])
            error = RecordError("ERASURE_NOT_DONE", erasure=self._erasing.entries[number].index)
            self._faults.note(error, first)
        missing = np.flatnonzero((states == _ABSENT) & (erased_by == NOT_ERASED)).tolist()
        return EventsFound(
            checkpoint=self.shown.checkpoint,
            living_count=int(np.count_nonzero(states == _LIVING)),
            erased=tuple(self._erasing.runs(erased_by)),
            missing=tuple(_runs(missing)),
            faults=self._faults.all(),
            left_out_count=self._faults.left_out_count,
        )


def _runs(indexes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield runs of neighbours, first and last, of rising numbers."""
    for _, run in groupby(enumerate(indexes), lambda pair: pair[1] - pair[0]):
        found = [index for _, index in run]
        yield found[0], found[-1]
