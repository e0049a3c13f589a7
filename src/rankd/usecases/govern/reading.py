"""Reading minutes from whoever shows them: nothing is believed but what the genesis digest vouches for.

The genesis digest names the founding payload, that the founding constitution, that the log's key and origin, the key
signs the checkpoint, the checkpoint every leaf, a leaf its body, and a body bears its author's signature. What follows
from the entries is for the fold to say (`core.assembly.fold`).
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rankd.core.assembly.constitution import Constitution
from rankd.core.assembly.constitution_reader import read_constitution
from rankd.core.assembly.entries import Erasure, Founding
from rankd.core.assembly.fold import Assembly, Entry
from rankd.core.assembly.leaf import MinutesLeaf
from rankd.core.assembly.leaf_codec import decode_leaf
from rankd.core.assembly.signing import open_entry
from rankd.core.assembly.tally.counters import COUNTERS
from rankd.core.errors import AssemblyError, LogError, RankdError, RecordError
from rankd.core.exact.canonical import CanonicalError, digest_text, parse_canonical, sha256
from rankd.core.log.checkpoint import Checkpoint, VerifiedCheckpoint, open_checkpoint
from rankd.core.log.envelope import parse_envelope
from rankd.core.log.note import NoteVerifier
from rankd.core.log.tiles import TILE_WIDTH, TileTree
from rankd.core.records.body import open_body
from rankd.core.records.commitment import commitment
from rankd.core.records.fault import Fault, Faults
from rankd.store.evidence import Source
from rankd.store.record_folder import RecordFolder
from rankd.usecases.audit.leaves import entries_of, said_checkpoint, tree_of
from rankd.usecases.govern.record_check import check_record
from rankd.usecases.govern.record_view import vote_on
from rankd.usecases.govern.signatures import SignaturePass, vouched_for

MAX_AHEAD_MS = 600_000
"""So far an entry's time may lie ahead of the reader's clock: no two clocks agree."""

WITHHELD_AFTER_MS = 60_000
"""So long after its close the ballots of a vote may still be on their way."""

_ATTEMPTS = 3
_PATIENCE_S = 0.2

Verified: TypeAlias = set[bytes]
"""Digests of envelopes whose signature was seen to hold."""

Observer: TypeAlias = Callable[[Entry], None]
"""Is handed every entry that the fold took, in order."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A state of the minutes that was seen before: they must have grown out of it.

    Attributes:
        size: How many entries there were.
        root: The root, 32 bytes.
    """

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Minutes:
    """Minutes that were read.

    Attributes:
        assembly: The assembly after the entries that could be read. Its time is that of the last one.
        founding: What was founded.
        checkpoint: What the log key signed.
        note: The bytes that carried it.
        cosigners: Witnesses that cosigned it, with the POSIX seconds that they name.
        faults: What speaks against the minutes, or against what is shown of them.
    """

    assembly: Assembly
    founding: Founding
    checkpoint: Checkpoint
    note: bytes
    cosigners: tuple[tuple[str, int], ...]
    faults: tuple[Fault, ...]

    @property
    def size(self) -> int:
        """How many entries the checkpoint covers."""
        return self.checkpoint.size

    @property
    def root(self) -> bytes:
        """The root of their tree."""
        return self.checkpoint.root

    @property
    def seen(self) -> Seen:
        """What to compare later states with."""
        return Seen(self.size, self.root)


@dataclass(frozen=True)
class Reading:
    """How minutes are read.

    Attributes:
        genesis: The genesis digest, from elsewhere.
        counter: Name of what counts the votes; see `core.assembly.tally.counters`.
        jobs: How many processes verify signatures.
        witnesses: Keys of witnesses.
        quorum: How many of these must have cosigned.
        trusted: Signatures of entries were checked when they were entered, by this very co-op's keeper.
        with_files: Whether the files for people, and whatever else lies in a record, are looked at too.
    """

    genesis: bytes
    counter: str = "fast"
    jobs: int = 1
    witnesses: tuple[NoteVerifier, ...] = ()
    quorum: int = 0
    trusted: bool = False
    with_files: bool = True


def read_minutes(
    source: Source,
    genesis: bytes,
    *,
    now_s: int,
    counter: str = "fast",
    jobs: int = 1,
    known: Verified | None = None,
    witnesses: Sequence[NoteVerifier] = (),
    quorum: int = 0,
    seen: Seen | None = None,
    with_files: bool = True,
    trusted: bool = False,
    observe: Observer | None = None,
) -> Minutes:
    """Read minutes from their first entry on.

    A record that is being written to is read again where something does not fit and its files have changed meanwhile.

    Args:
        source: What is shown: a record, the minutes in a bundle, or a journal.
        genesis: The genesis digest, from elsewhere.
        now_s: The time of judging, POSIX seconds.
        counter: See `Reading`.
        jobs: See `Reading`.
        known: Digests of envelopes whose signature was seen to hold; those that are found now are added.
        witnesses: See `Reading`.
        quorum: See `Reading`.
        seen: A state that was seen before.
        with_files: See `Reading`.
        trusted: See `Reading`.
        observe: Is handed every entry; where it is all read again, once more from the first.

    Raises:
        AssemblyError: MINUTES_GENESIS, MINUTES_ORIGIN, MINUTES_EMPTY, MINUTES_ROLLED_BACK or MINUTES_FORKED; what the
            founding is refused for; MINUTES_UNREADABLE.
        LogError: The log key did not sign the checkpoint, or the right edge of its tree is missing or differs.
        BundleError, JournalError: The source cannot be read.
    """
    how = Reading(genesis, counter, jobs, tuple(witnesses), quorum, trusted, with_files)
    known = set() if known is None else known
    for attempt in range(_ATTEMPTS):
        is_last = attempt == _ATTEMPTS - 1
        try:
            minutes = MinutesRun(how, known, observe).go(source, now_s, seen)
            if is_last or not minutes.faults or not _has_moved(source):
                return minutes
        except RankdError:
            if is_last or not _has_moved(source):
                raise
        source = RecordFolder(source.path) if isinstance(source, RecordFolder) else source
    raise AssertionError("unreachable: the last attempt returns or raises")


def _has_moved(source: Source) -> bool:
    """Tell whether a record has changed since it was opened, or does so in a moment."""
    if not isinstance(source, RecordFolder):
        return False
    if not source.has_moved():
        time.sleep(_PATIENCE_S)
    return source.has_moved()


class MinutesRun:
    """Minutes as far as they were read; they can go on from there.

    Args:
        how: How they are read.
        known: Digests of envelopes whose signature was seen to hold.
        observe: Is handed every entry.

    Attributes:
        sealed: Ballots whose bodies were not shown.
    """

    def __init__(self, how: Reading, known: Verified, observe: Observer | None = None) -> None:
        self._how, self._known, self._observe = how, known, observe
        self._assembly = Assembly(how.genesis, COUNTERS[how.counter])
        self._founding: Founding | None = None
        self._faults = Faults()
        self._taken = 0
        self._time_ms = 0
        self._damaged: set[int] = set()
        self._shown_erasable: set[int] = set()
        self._now_ms = 0
        self._last: Seen | None = None
        self.sealed: set[int] = set()

    def go(self, source: Source, now_s: int, seen: Seen | None = None) -> Minutes:
        """Read what is new; raises as `read_minutes`."""
        self._now_ms = now_s * 1_000
        said = said_checkpoint(source)
        if said.size == 0:
            raise AssemblyError("MINUTES_EMPTY", path=said.origin)
        tree = tree_of(source, said)
        founding, constitution = self._found(source, tree)
        if said.origin != constitution.origin:
            raise AssemblyError("MINUTES_ORIGIN", found=said.origin[:256], wanted=constitution.origin)
        log = NoteVerifier.of(constitution.origin, constitution.log_key)
        shown = open_checkpoint(source.checkpoint(), log, self._how.witnesses, quorum=self._how.quorum, latest_s=now_s)
        _check_seen(seen, tree)
        _check_seen(self._last, tree)
        self._last = Seen(tree.size, said.root)
        if self._taken:
            # Whoever holds what was read before keeps it as it was.
            self._assembly = self._assembly.at(self._assembly.time_ms)
        self._founding = founding
        with SignaturePass(self._how.jobs) as signatures:
            self._go_on(source, tree, constitution, signatures)
        return self._minutes(source, tree, shown)

    def _found(self, source: Source, tree: TileTree) -> tuple[Founding, Constitution]:
        """Return the founding, after making sure that it is the one that the genesis digest names."""
        leaf = decode_leaf(entries_of(source, tree, 0)[0])
        bodies = source.bodies(0)
        if 0 not in bodies:
            raise AssemblyError("MINUTES_EMPTY", path=tree_name(source))
        record = open_record(0, leaf, *bodies[0])
        try:
            envelope = parse_envelope(parse_canonical(record))
        except (CanonicalError, LogError):
            raise AssemblyError("MINUTES_EMPTY", path=tree_name(source)) from None
        digest = sha256(envelope.payload)
        if digest != self._how.genesis:
            raise AssemblyError("MINUTES_GENESIS", found=digest_text(digest), wanted=digest_text(self._how.genesis))
        founding = open_entry(record).payload
        if not isinstance(founding, Founding):
            raise AssemblyError("MINUTES_EMPTY", path=tree_name(source))
        return founding, read_constitution(founding.text.encode("utf-8"), "constitution")

    def _go_on(self, source: Source, tree: TileTree, constitution: Constitution, signatures: SignaturePass) -> None:
        entries = self._entries(source, tree, constitution)
        if self._how.trusted:
            self._take(vouched_for(entry) for entry in entries)
        else:
            self._take(signatures.marked(entries, self._known))

    def _entries(self, source: Source, tree: TileTree, constitution: Constitution) -> Iterator[Entry]:
        """Yield the entries that follow those taken; what comes after one that cannot be read says nothing."""
        for number in range(self._taken // TILE_WIDTH, -(-tree.size // TILE_WIDTH)):
            begin = number * TILE_WIDTH
            try:
                leaves = entries_of(source, tree, number)
            except RankdError as error:
                self._faults.note(error, begin, error.metadata.get("path"))
                return
            try:
                bodies = source.bodies(number)
            except RankdError as error:
                self._faults.note(error, begin)
                bodies = {}
            for index, data in enumerate(leaves, begin):
                if index < self._taken:
                    continue
                try:
                    leaf = decode_leaf(data)
                    self._check_time(index, leaf, constitution)
                except AssemblyError as error:
                    self._faults.note(error, index)
                    return
                self._time_ms = leaf.time_ms
                envelope = None
                if index in bodies:
                    try:
                        envelope = open_record(index, leaf, *bodies[index])
                    except RankdError as error:
                        self._damaged.add(index)
                        self._faults.note(error, index)
                elif leaf.kind == "ballot":
                    self.sealed.add(index)
                yield Entry(index, leaf, envelope)

    def _check_time(self, index: int, leaf: MinutesLeaf, constitution: Constitution) -> None:
        if leaf.time_ms < self._time_ms:
            raise AssemblyError("MINUTES_TIME_FALLS", index=index, time_ms=leaf.time_ms, before_ms=self._time_ms)
        if not constitution.is_dev and leaf.time_ms > self._now_ms + MAX_AHEAD_MS:
            raise AssemblyError("MINUTES_TIME_AHEAD", index=index, time_ms=leaf.time_ms, now_ms=self._now_ms)

    def _take(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            void_count = len(self._assembly.voids)
            self._assembly.take(entry)
            self._taken += 1
            is_void = len(self._assembly.voids) > void_count
            if entry.envelope is not None and not is_void:
                self._note_erasure(entry.index, entry.leaf, entry.envelope)
            if self._observe is not None:
                self._observe(entry)

    def _note_erasure(self, index: int, leaf: MinutesLeaf, envelope: bytes) -> None:
        """Note bodies that can be erased, and make sure that an erasure was carried out."""
        if leaf.kind in ("argument", "registration"):
            self._shown_erasable.add(index)
        elif leaf.kind == "erasure":
            erasure = open_entry(envelope, verified=True).payload
            if isinstance(erasure, Erasure):
                for at in self._shown_erasable.intersection(erasure.entries):
                    self._faults.note(AssemblyError("MINUTES_NOT_ERASED", index=at), at)

    def _minutes(self, source: Source, tree: TileTree, shown: VerifiedCheckpoint) -> Minutes:
        assembly, founding = self._assembly, self._founding
        if founding is None:
            raise AssertionError("unreachable: go has set it")
        if self._taken == 0:
            # Its own fault is the first.
            raise self._faults.all()[0].error
        found: list[RankdError] = [
            AssemblyError("MINUTES_BODY_MISSING", index=index)
            for index in assembly.unexplained
            if index not in self._damaged
        ]
        withheld = self._withheld()
        if withheld is not None:
            found.append(AssemblyError("MINUTES_BALLOTS_WITHHELD", index=withheld))
        if self._how.with_files and isinstance(source, RecordFolder) and self._taken == tree.size:
            found += check_record(source, tree, assembly, self._now_ms)
        faults = (*self._faults.all(), *(Fault(error, error.metadata.get("index")) for error in found))  # type: ignore[arg-type]
        return Minutes(assembly, founding, shown.checkpoint, shown.note, shown.cosigners, faults)

    def _withheld(self) -> int | None:
        """Return a vote whose ballots should be shown by now and are not."""
        if not self.sealed:
            return None
        # Who keeps the minutes had come that far; in a development co-op that can be weeks ahead of this clock.
        now_ms = max(self._now_ms, self._time_ms)
        view = self._assembly.at(max(now_ms, self._assembly.time_ms))
        index = view.withheld
        vote = None if index is None else vote_on(view, index)
        if vote is None:
            return None
        # If they extended the vote, an entry by who keeps the minutes says so.
        return index if vote.close_ms + WITHHELD_AFTER_MS < now_ms else None


def open_record(index: int, leaf: MinutesLeaf, key: bytes, sealed: bytes) -> bytes:
    """Return the record in a body, after making sure that it is the one that the leaf commits to.

    Raises:
        AssemblyError: MINUTES_BODY_DIFFERS.
    """
    try:
        record = open_body(key, sealed)
    except RecordError as error:
        raise AssemblyError("MINUTES_BODY_DIFFERS", index=index) from error
    if commitment(key, record) != leaf.commitment:
        raise AssemblyError("MINUTES_BODY_DIFFERS", index=index)
    return record


def tree_name(source: Source) -> str:
    """Return what to call a source in words."""
    return str(source.path) if isinstance(source, RecordFolder) else source.origin


def _check_seen(seen: Seen | None, tree: TileTree) -> None:
    if seen is None:
        return
    if seen.size > tree.size:
        raise AssemblyError("MINUTES_ROLLED_BACK", seen=seen.size, size=tree.size)
    if tree.root_at(seen.size) != seen.root:
        raise AssemblyError("MINUTES_FORKED", seen=seen.size)
