"""Keeping the minutes: entries are judged, dated, committed, promised, and published in the record."""

import logging
import os
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

from rankd.core.assembly.entries import NONCE_BYTES, Co, Erasure, Witnessing
from rankd.core.assembly.fold import Assembly, Entry, Judged
from rankd.core.assembly.leaf import MinutesLeaf
from rankd.core.assembly.leaf_codec import decode_leaf, encode_leaf
from rankd.core.assembly.signing import envelope_bytes, sign_entry, signature_holds
from rankd.core.errors import AssemblyError, JournalError, RankdError
from rankd.core.exact.canonical import sha256
from rankd.core.log.note import NoteSigner
from rankd.core.log.tree import leaf_hash
from rankd.core.records.commitment import KEY_BYTES, commitment
from rankd.core.records.receipt import Receipt, issue_receipt
from rankd.store.disk import Disk
from rankd.store.journal.journal import Body, Journal
from rankd.store.record_folder import MINUTES
from rankd.store.record_writer import RecordWriter
from rankd.usecases.govern.home import check_signer, founding_of, read_own
from rankd.usecases.govern.reading import Minutes
from rankd.usecases.govern.record_view import is_public, own_folders, record_files, vote_on
from rankd.usecases.govern.stamping import MAX_BACK_MS, Stamps

RECORD = "record"
"""The record's folder in a home."""

RECEIPT_DELAY_MS = 3_600_000
"""A receipt promises that its leaf is in every checkpoint signed this long after the entry; one follows in a second."""

POLL_S = 1.0
"""How often it is looked whether time alone has changed something that the record must say."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of an entry.

    Attributes:
        index: Its index; None for a dry run.
        leaf: Its leaf as the tree holds it.
        leaf_hash: The leaf's hash, 32 bytes.
        key: The body's key, with which its author finds her entry in the leaf; None where the body was erased.
        time_ms: When it was entered, or would be.
        receipt: The log key's signed promise, a note.
        repeated: Whether it had been entered before.
    """

    index: int | None
    leaf: bytes
    leaf_hash: bytes
    key: bytes | None = field(repr=False)
    time_ms: int
    receipt: bytes
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class PublicEntry:
    """An entry as anybody may read it; `key` and `envelope` are None where its body is erased, or not public yet."""

    index: int
    leaf: bytes
    key: bytes | None
    envelope: bytes | None


class Keeper:
    """Keeps the minutes of one co-op. Safe to use from many threads; open it with `open` or `found`.

    An entry counts once the journal has committed it: before that nothing of it is anywhere, after that a crash loses
    nothing but the answer, and the same envelope sent again finds it. The record follows (`store.record_writer`); what
    a crash interrupts there is done again at the next publication. The assembly in memory is made anew at every start.

    Attributes:
        journal: The journal of the minutes.
        genesis: The genesis digest.
    """

    def __init__(
        self,
        home: Path,
        journal: Journal,
        minutes: Minutes,
        ballots: dict[int, MinutesLeaf],
        signer: NoteSigner,
        clock_ms: Callable[[], int],
        disk: Disk | None,
        steady_s: Callable[[], float],
        draw: Callable[[int], bytes],
    ) -> None:
        self.journal = journal
        self.genesis = minutes.assembly.genesis
        self._assembly = minutes.assembly
        self._hidden = ballots
        self._erased: set[int] = set()
        self._last_ms = decode_leaf(journal.leaf(journal.count - 1)).time_ms
        self._signer, self._draw = signer, draw
        self._stamps = Stamps(clock_ms, steady_s)
        self._writer = RecordWriter(home / RECORD, home / MINUTES, disk)
        self._lock = threading.Lock()
        self._publish_lock = threading.Lock()
        self._shown: Assembly | None = None
        self._failure: str | None = None
        self._due, self._stopping = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    @classmethod
    def open(
        cls,
        home: Path,
        signer: NoteSigner,
        mark: Path,
        clock_ms: Callable[[], int],
        *,
        disk: Disk | None = None,
        publish_interval_s: float = 0.5,
        watch: bool = True,
        steady_s: Callable[[], float] = time.monotonic,
        draw: Callable[[int], bytes] = os.urandom,
    ) -> "Keeper":
        """Open the minutes in a home, and publish what is not published yet.

        Args:
            home: The folder with `minutes/` and `record/`. One process at a time can hold it.
            signer: The log key that the founding constitution names; its name is the origin.
            mark: The log key's mark; see `Journal.open`.
            clock_ms: The clock, milliseconds since 1970.
            disk: How to write.
            publish_interval_s: How soon after its commit an entry is published, in seconds.
            watch: Publish in the background; without it, `publish` and `close` do.
            steady_s: Seconds that pass however that clock is set.
            draw: Where keys of bodies come from.

        Raises:
            AssemblyError: MINUTES_EMPTY, MINUTES_LOG_KEY, MINUTES_UNSOUND, RECORD_UNWRITABLE.
            ServiceError, JournalError: See `Journal.open` and `Journal.publish`.
        """
        with ExitStack() as opened:
            journal = Journal.open(home / MINUTES, signer, mark, disk=disk, watch=False)
            opened.callback(journal.close)
            if journal.count == 0:
                raise AssemblyError("MINUTES_EMPTY", path=home / MINUTES)
            journal.publish()
            minutes, ballots = read_own(home, journal, signer)
            keeper = cls(home, journal, minutes, ballots, signer, clock_ms, disk, steady_s, draw)
            keeper.publish()
            opened.pop_all()
        if watch:
            keeper._watch(publish_interval_s)
        return keeper

    @classmethod
    def found(
        cls,
        home: Path,
        signer: NoteSigner,
        mark: Path,
        founding_envelope: bytes,
        time_ms: int,
        *,
        clock_ms: Callable[[], int] | None = None,
        disk: Disk | None = None,
        publish_interval_s: float = 0.5,
        watch: bool = False,
        steady_s: Callable[[], float] = time.monotonic,
        draw: Callable[[int], bytes] = os.urandom,
    ) -> "Keeper":
        """Begin the minutes of a co-op with its founding; done twice with the same founding, it is done once.

        Args:
            home: The folder, made where there is none.
            signer: See `open`.
            mark: See `open`.
            founding_envelope: Canonical JSON of the founding's envelope.
            time_ms: The time of the founding.
            clock_ms: See `open`; None: it is always `time_ms`.
            disk: See `open`.
            publish_interval_s: See `open`.
            watch: See `open`.
            steady_s: See `open`.
            draw: See `open`.

        Raises:
            AssemblyError: MINUTES_FOUNDED: there are other minutes; MINUTES_LOG_KEY; or why the founding is refused.
            ServiceError, JournalError: See `Journal.open`.
        """
        founding, genesis = founding_of(founding_envelope)
        check_signer(founding, signer)
        key = draw(KEY_BYTES)
        leaf = MinutesLeaf(time_ms, "constitution", None, commitment(key, founding_envelope))
        # Refused before anything is on disk.
        Assembly(genesis).take(Entry(0, leaf, founding_envelope))
        journal = Journal.open(home / MINUTES, signer, mark, disk=disk, watch=False)
        try:
            if journal.count == 0:
                journal.append(encode_leaf(leaf), Body(key, founding_envelope))
            elif journal.record(0) != founding_envelope:
                raise AssemblyError("MINUTES_FOUNDED", path=home / MINUTES)
        finally:
            journal.close()
        return cls.open(
            home,
            signer,
            mark,
            clock_ms or (lambda: time_ms),
            disk=disk,
            publish_interval_s=publish_interval_s,
            watch=watch,
            steady_s=steady_s,
            draw=draw,
        )

    @property
    def origin(self) -> str:
        """The minutes' origin."""
        return self.journal.origin

    @property
    def size(self) -> int:
        """How many entries there are."""
        return self.journal.count

    @property
    def failure(self) -> str | None:
        """Why the last publication did not come about; None if it did."""
        return self._failure

    def checkpoint(self) -> bytes:
        """Return the newest signed checkpoint."""
        return self.journal.checkpoint()

    def assembly_at(self, now_ms: int) -> Assembly:
        """Return the assembly after all entries, to which a time has come; the last entry's, if that is later."""
        with self._lock:
            return self._assembly.at(max(now_ms, self._assembly.time_ms))

    def submit(self, envelope: bytes, *, time_ms: int | None = None, dry_run: bool = False) -> Submitted:
        """Enter an envelope, or find the entry that it became before.

        Args:
            envelope: Its canonical JSON.
            time_ms: When, in a development co-op; None: now.
            dry_run: Only say whether it would be entered.

        Raises:
            AssemblyError, PolicyError, LogError: Why it would be void; MINUTES_CLOCK_BACK, MINUTES_TIME_GIVEN,
                MINUTES_CLOCK_LEAPT, MINUTES_TIME_BACK.
            ServiceError: RECORDS_UNAVAILABLE: nothing was entered.
        """
        verified = signature_holds(envelope) or None
        with self._lock:
            known = self._assembly.index_of(sha256(envelope))
            if known is not None:
                return self._again(known)
            stamp_ms = self._stamps.stamp(self._assembly, self._last_ms, time_ms)
            judged = self._judge(envelope, stamp_ms, verified, dry_run=dry_run)
            if dry_run:
                return Submitted(None, b"", b"", None, stamp_ms, b"")
            return self._enter(envelope, judged, stamp_ms)

    def entries(self, first: int, count: int) -> tuple[PublicEntry, ...]:
        """Return entries as anybody may read them.

        Args:
            first: Index of the first.
            count: How many at most.

        Raises:
            JournalError, LogError: The journal cannot be read.
        """
        return tuple(self._public(index) for index in range(max(first, 0), min(first + count, self.size)))

    def publish(self) -> bytes:
        """Publish everything that is committed, and bring the record to it; return the checkpoint.

        Raises:
            JournalError: JOURNAL_UNPUBLISHED; it can be tried again.
            AssemblyError: RECORD_UNWRITABLE; it can be tried again.
        """
        with self._publish_lock:
            try:
                note = self._publish()
            except RankdError as error:
                if self._failure is None:
                    _LOG.warning("the minutes of %s cannot be published: %s", self.origin, error)
                self._failure = error.reason
                raise
            self._failure = None
            return note

    def close(self) -> None:
        """Publish what is committed and let go of the home. What cannot be published now is at the next start."""
        self._stopping.set()
        self._due.set()
        if self._thread is not None:
            self._thread.join()
        with suppress(RankdError):
            self.publish()
        self.journal.close()

    def _publish(self) -> bytes:
        with self._lock:
            view = self._assembly.at(self._stamps.view_ms(self._assembly))
            if self._note_extensions(view):
                view = self._assembly.at(self._stamps.view_ms(self._assembly))
            note = self.journal.publish()
            self._hidden = {at: leaf for at, leaf in self._hidden.items() if not is_public(view, leaf)}
            hidden, erased, self._erased = set(self._hidden), self._erased, set()
        self._writer.forget(erased)
        self._writer.write(note, record_files(view), hidden, own_folders(view))
        self._shown = view
        return note

    def _note_extensions(self, view: Assembly) -> bool:
        """Enter that votes were extended: whoever cannot read their ballots yet learns it from nowhere else."""
        count = self.size
        for name in (*view.proposals, *view.interventions):
            vote = vote_on(view, name)
            if vote is None or not vote.is_extended or vote.is_closed or view.is_witnessed("close", name, "extended"):
                continue
            co = Co(self.origin, self.genesis, self._draw(NONCE_BYTES))
            envelope = envelope_bytes(sign_entry(Witnessing(co, "close", name, "extended"), self._signer.private_key))
            stamp_ms = max(view.time_ms, self._assembly.time_ms)
            self._enter(envelope, self._judge(envelope, stamp_ms, None, dry_run=False), stamp_ms)
        return self.size > count

    def _judge(self, envelope: bytes, stamp_ms: int, verified: bool | None, *, dry_run: bool) -> Judged:
        # Judging lets the time come up to then. A time that is only asked about, or told, must not come for all.
        ahead_ms = stamp_ms - self._assembly.time_ms
        is_far = dry_run or ahead_ms > (0 if self._assembly.is_dev else MAX_BACK_MS)
        assembly = self._assembly.at(stamp_ms) if is_far else self._assembly
        return assembly.judge(envelope, stamp_ms, verified=verified)

    def _enter(self, envelope: bytes, judged: Judged, stamp_ms: int) -> Submitted:
        key = self._draw(KEY_BYTES)
        leaf = MinutesLeaf(stamp_ms, judged.kind, judged.about, commitment(key, envelope))
        data, payload = encode_leaf(leaf), judged.payload
        erased = payload.entries if isinstance(payload, Erasure) else ()
        committed = self.journal.append(data, Body(key, envelope), [(index, index) for index in erased])
        self._assembly.take(Entry(committed.index, leaf, envelope, verified=True, registered=True))
        self._last_ms = stamp_ms
        self._erased.update(erased)
        if judged.kind == "ballot":
            self._hidden[committed.index] = leaf
        self._due.set()
        receipt = self._receipt(committed.index, committed.leaf_hash, stamp_ms)
        return Submitted(committed.index, data, committed.leaf_hash, key, stamp_ms, receipt)

    def _again(self, index: int) -> Submitted:
        data = self.journal.leaf(index)
        hash_, time_ms = leaf_hash(data), decode_leaf(data).time_ms
        body = self._body(index)
        receipt = self._receipt(index, hash_, time_ms)
        return Submitted(index, data, hash_, None if body is None else body[0], time_ms, receipt, repeated=True)

    def _receipt(self, index: int, hash_: bytes, time_ms: int) -> bytes:
        until_s = (time_ms + RECEIPT_DELAY_MS) // 1_000
        return issue_receipt(Receipt(self.origin, index, hash_, until_s), self._signer)

    def _public(self, index: int) -> PublicEntry:
        leaf = self.journal.leaf(index)
        with self._lock:
            is_hidden = index in self._hidden
        body = None if is_hidden else self._body(index)
        return PublicEntry(index, leaf, None, None) if body is None else PublicEntry(index, leaf, *body)

    def _body(self, index: int) -> tuple[bytes, bytes] | None:
        try:
            return self.journal.body(index)
        except JournalError as error:
            if error.reason not in ("BODY_ERASED", "BODY_MISSING"):
                raise
            return None

    def _watch(self, interval_s: float) -> None:
        def run() -> None:
            while not self._stopping.is_set():
                if self._due.wait(POLL_S):
                    if self._stopping.wait(interval_s):
                        return
                    self._due.clear()
                elif not self._has_moved():
                    continue
                try:
                    self.publish()
                except RankdError:
                    # It is noted where metrics read it.
                    self._due.set()

        self._thread = threading.Thread(target=run, name="rankd-minutes", daemon=True)
        self._thread.start()

    def _has_moved(self) -> bool:
        """Tell whether time has changed what the record must say, or witnesses have cosigned its checkpoint."""
        shown = self._shown
        if shown is None or self._failure is not None:
            return True
        with self._lock:
            view = self._assembly.at(self._stamps.view_ms(self._assembly))
        told = ((one.proposals, one.interventions, one.activations) for one in (view, shown))
        before, now = (tuple(map(_plain, parts)) for parts in told)
        return before != now


def _plain(found: object) -> object:
    return dict(found) if hasattr(found, "keys") else found  # type: ignore[call-overload]
