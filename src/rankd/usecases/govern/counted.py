"""Was mine counted: what became of one signed entry, by the minutes as anybody can read them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rankd.core.assembly.entries import Ballot, EntryKind, Founding, Registration
from rankd.core.assembly.fold import Assembly, Void
from rankd.core.assembly.leaf import about_of
from rankd.core.assembly.leaf_codec import decode_leaf
from rankd.core.assembly.matter import Cast, Vote
from rankd.core.assembly.signing import SignedEntry, open_entry
from rankd.core.errors import AssemblyError, RankdError
from rankd.core.exact.canonical import digest_text
from rankd.core.log.note import NoteVerifier
from rankd.core.log.tiles import TILE_WIDTH
from rankd.core.records.commitment import commitment
from rankd.core.records.receipt import Receipt
from rankd.store.evidence import Source
from rankd.usecases.audit.leaves import entries_of, said_checkpoint, tree_of
from rankd.usecases.govern.kept import Kept, check_kept

Verdict: TypeAlias = Literal[
    "counted",
    "replaced",
    "clashed",
    "open",
    "overtaken",
    "sealed",
    "hidden",
    "withheld",
    "entered",
    "void",
    "not_public",
    "absent",
    "other",
]
"""What became of an entry.

counted: a ballot that counts. replaced: a later ballot of the same member counts. clashed: another ballot bears the
same number, so neither counts. open: a ballot in the minutes whose vote goes on. overtaken: a later ballot of the same
member is there already, and the vote goes on. sealed: its vote is over, but ballots are not shown yet. hidden: no
receipt says where it is, and ballots are not shown before the close. withheld: the same after the close. entered:
another entry, in the minutes and in order. void: in the minutes, but it breaks a rule. not_public: this state of the
minutes does not reach as far as the receipt. absent: no receipt says where it is, and it is not among what the minutes
show. other: where the receipt puts it, the minutes hold something else.
"""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of an entry.

    Attributes:
        verdict: What.
        kind: The kind of entry.
        index: Where it stands, or should; None: unknown.
        proposal: ballot: what it is about.
        number: ballot: its number.
        by: replaced: the ballot that counts; clashed: the other one.
        error: void: the rule that it breaks.
        close_ms: hidden: when its vote closes, milliseconds since 1970; else None.
        until_s: When the promise in the receipt ends, POSIX seconds; None: there is no receipt.
        size: How many entries the minutes show.
    """

    verdict: Verdict
    kind: EntryKind
    index: int | None
    proposal: int | None
    number: int | None
    by: Cast | None
    error: RankdError | None
    close_ms: int | None
    until_s: int | None
    size: int

    @property
    def good(self) -> bool:
        """Whether nothing is wrong with it: it counts, or will, or was replaced by its own author."""
        return self.verdict in ("counted", "replaced", "open", "overtaken", "entered")


def fate_of(
    source: Source, assembly: Assembly, log: NoteVerifier, data: bytes, kept: Kept | None = None, file: object = ""
) -> Fate:
    """Return what became of an entry.

    Args:
        source: The minutes that `assembly` was read from.
        assembly: The assembly, at the present.
        log: The key that signs the minutes.
        data: The entry: the envelope's canonical JSON.
        kept: Its receipt, with what belongs to it.
        file: The receipt's file, for words.

    Raises:
        AssemblyError: The entry is malformed or of another co-op; KEPT_DIFFERS.
        LogError, RecordError: The receipt is not one of the log key's.
    """
    signed = open_entry(data)
    _check_co(signed, assembly)
    promise = None if kept is None else _promise(kept, log, signed, file)
    size = said_checkpoint(source).size
    inquiry = _Inquiry(source, assembly, signed, data, size, None if promise is None else promise.until_s)
    if promise is None:
        return inquiry.unpromised()
    if promise.index >= size:
        return inquiry.fate("not_public", promise.index)
    tree = tree_of(source, said_checkpoint(source))
    number, place = divmod(promise.index, TILE_WIDTH)
    if kept is None or entries_of(source, tree, number)[place] != kept.leaf:
        return inquiry.fate("other", promise.index)
    return inquiry.at(promise.index)


class _Inquiry:
    def __init__(
        self, source: Source, assembly: Assembly, signed: SignedEntry, data: bytes, size: int, until_s: int | None
    ) -> None:
        self._source, self._assembly, self._signed, self._data = source, assembly, signed, data
        self._size, self._until_s = size, until_s

    def unpromised(self) -> Fate:
        """Return the fate of an entry that no receipt places."""
        payload = self._signed.payload
        if isinstance(payload, Ballot):
            for cast in self._assembly.ballots(payload.proposal):
                if cast.digest == self._signed.digest:
                    return self.at(cast.index)
        index = self._assembly.index_of(self._signed.digest)
        if index is not None:
            return self.at(index)
        void = self._void_with_bytes(self._assembly.voids)
        return self._unseen() if void is None else self.fate("void", void.index, error=void.error)

    def at(self, index: int) -> Fate:
        """Return the fate of an entry that stands at an index."""
        payload = self._signed.payload
        void = next((void for void in self._assembly.voids if void.index == index), None)
        if void is not None:
            return self._repeated(index, void) or self.fate("void", index, error=void.error)
        if not isinstance(payload, Ballot):
            return self.fate("entered", index)
        vote = self._vote(payload)
        if vote is None or self._assembly.withheld == payload.proposal:
            return self.fate("sealed", index)
        return self._counted(index, payload, is_open=not vote.is_closed)

    def fate(
        self, verdict: Verdict, index: int | None, by: Cast | None = None, error: RankdError | None = None
    ) -> Fate:
        payload = self._signed.payload
        about, number = (payload.proposal, payload.number) if isinstance(payload, Ballot) else (None, None)
        kind = self._signed.kind
        vote = self._vote(payload) if verdict == "hidden" and isinstance(payload, Ballot) else None
        close_ms = None if vote is None else vote.close_ms
        return Fate(verdict, kind, index, about, number, by, error, close_ms, self._until_s, self._size)

    def _vote(self, ballot: Ballot) -> Vote | None:
        held = self._assembly.proposals.get(ballot.proposal) or self._assembly.interventions.get(ballot.proposal)
        return None if held is None else held.vote

    def _unseen(self) -> Fate:
        """Return the fate of an entry that is not among what is shown."""
        payload = self._signed.payload
        vote = self._vote(payload) if isinstance(payload, Ballot) else None
        if vote is None or not isinstance(payload, Ballot):
            return self.fate("absent", None)
        if self._assembly.withheld == payload.proposal:
            return self.fate("withheld", None)
        return self.fate("absent" if vote.is_closed else "hidden", None)

    def _counted(self, index: int, ballot: Ballot, *, is_open: bool) -> Fate:
        """Return the fate of a ballot by those that are shown; before the close there may be more."""
        cast = self._assembly.ballots(ballot.proposal)
        mine = next((entry for entry in cast if entry.digest == self._signed.digest), None)
        if mine is None:
            return self.fate("open" if is_open else "sealed", index)
        numbers: dict[int, dict[bytes, Cast]] = defaultdict(dict)
        for entry in cast:
            if entry.member == mine.member:
                numbers[entry.number].setdefault(entry.digest, entry)
        if len(numbers[mine.number]) > 1:
            other = next(entry for digest, entry in numbers[mine.number].items() if digest != mine.digest)
            return self.fate("clashed", index, by=other)
        last = max(number for number, found in numbers.items() if len(found) == 1)
        if last == mine.number:
            return self.fate("open" if is_open else "counted", index)
        return self.fate("overtaken" if is_open else "replaced", index, by=next(iter(numbers[last].values())))

    def _repeated(self, index: int, void: Void) -> Fate | None:
        """Return the fate of the entry's first copy, where this is but another."""
        if void.error.reason != "ENTRY_REPEATED":
            return None
        first = self._assembly.index_of(self._signed.digest)
        return None if first is None or first == index else self.at(first)

    def _void_with_bytes(self, voids: Iterable[Void]) -> Void | None:
        for void in voids:
            if void.kind != self._signed.kind:
                continue
            body = self._source.bodies(void.index // TILE_WIDTH).get(void.index)
            if body is None:
                continue
            number, place = divmod(void.index, TILE_WIDTH)
            tree = tree_of(self._source, said_checkpoint(self._source))
            leaf = decode_leaf(entries_of(self._source, tree, number)[place])
            if leaf.commitment == commitment(body[0], self._data):
                return void
        return None


def _promise(kept: Kept, log: NoteVerifier, signed: SignedEntry, file: object) -> Receipt:
    leaf = decode_leaf(kept.leaf)
    if (leaf.kind, leaf.about) != (signed.kind, about_of(signed.payload)):
        raise AssemblyError("KEPT_DIFFERS", file=file, field="leaf.kind, leaf.about")
    return check_kept(kept, log, leaf.commitment, file)


def _check_co(signed: SignedEntry, assembly: Assembly) -> None:
    payload = signed.payload
    if isinstance(payload, Founding):
        return
    origin = payload.origin if isinstance(payload, Registration) else payload.co.origin
    if origin != assembly.origin:
        raise AssemblyError("ENTRY_OTHER_CO", field="origin", found=origin, wanted=assembly.origin)
    if not isinstance(payload, Registration) and payload.co.genesis != assembly.genesis:
        found, wanted = digest_text(payload.co.genesis), digest_text(assembly.genesis)
        raise AssemblyError("ENTRY_OTHER_CO", field="genesis", found=found, wanted=wanted)
