"""The fold: from the entries of the minutes and a time to everything that the members have decided.

It begins with a founding whose digest is known from elsewhere, and believes nothing: an entry that breaks a rule
changes nothing and is listed. What follows from the rules and the time alone (a vote opens, closes, a change comes into
force) happens when its time has come, whether or not an entry says so.

Source: DESIGN "The assembly"; docs/spec/assembly.md, "The fold".
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from rankd.core.assembly.constitution import Constitution
from rankd.core.assembly.constitution_reader import read_constitution
from rankd.core.assembly.entries import EntryKind, Founding, Payload, RollChange, Witnessing
from rankd.core.assembly.entry_codec import encode_payload
from rankd.core.assembly.force import found
from rankd.core.assembly.happening import happen
from rankd.core.assembly.identity import member_id
from rankd.core.assembly.judging import judge
from rankd.core.assembly.leaf import MinutesLeaf, about_of
from rankd.core.assembly.matter import Cast, Intervention, Matter, Said, Vote
from rankd.core.assembly.members import Members
from rankd.core.assembly.noting import keeps_minutes
from rankd.core.assembly.signing import open_entry, open_registration
from rankd.core.assembly.standing import Activation, Standing, standing_after
from rankd.core.assembly.state import State
from rankd.core.assembly.tally.counters import COUNTERS, Counter
from rankd.core.errors import AssemblyError, RankdError
from rankd.core.exact.canonical import digest_text, sha256

_ERASABLE: frozenset[EntryKind] = frozenset({"argument", "registration"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the minutes, as the fold takes it.

    Attributes:
        index: Its index.
        leaf: Its leaf.
        envelope: Canonical JSON of its envelope; None where the body was erased or is not public yet.
        verified: True: its signature was checked already; False: it does not hold; None: nobody looked.
        registered: True: so were those of the registrations in it.
    """

    index: int
    leaf: MinutesLeaf
    envelope: bytes | None
    verified: bool | None = None
    registered: bool | None = None


@dataclass(frozen=True, slots=True)
class Void:
    """An entry that breaks a rule, and which."""

    index: int
    kind: EntryKind
    error: RankdError


@dataclass(frozen=True, slots=True)
class Judged:
    """An entry that would be accepted.

    Attributes:
        kind: Its kind.
        about: What its leaf must say that it belongs to.
        payload: What it says.
        key: Whose signature it bears.
        digest: SHA-256 of the envelope.
    """

    kind: EntryKind
    about: int | None
    payload: Payload
    key: bytes
    digest: bytes


class Assembly:
    """The assembly after some entries of its minutes. Not for use by several threads at once.

    Args:
        genesis: The genesis digest, from elsewhere.
        counter: What counts the votes; see `core.assembly.tally.counters`.
    """

    def __init__(self, genesis: bytes, counter: Counter = COUNTERS["fast"]) -> None:
        self.genesis = genesis
        self.size = 0
        self.voids: list[Void] = []
        self._counter = counter
        self._state: State | None = None
        self._waiting: int | None = None
        self._held: list[Entry] = []
        self._is_said_extended = False

    def take(self, entry: Entry) -> None:
        """Take the next entry. One that breaks a rule is listed in `voids` and changes nothing.

        Raises:
            AssemblyError: The first entry is not the founding with the genesis digest: nothing can follow from it.
            ValueError: It is not the next one.
        """
        if entry.index != self.size:
            raise ValueError(f"entry {entry.index} is not the next one, {self.size}")
        if self._state is None:
            self._found(entry)
            self.size = 1
            return
        self.size += 1
        self._take(entry, self._state)
        self._go_on(self._state)

    def judge(self, envelope: bytes, time_ms: int, *, index: int | None = None, verified: bool | None = None) -> Judged:
        """Judge an entry as if it were appended now; the time comes up to then, nothing else changes.

        Args:
            envelope: Canonical JSON of its envelope.
            time_ms: The time of the append, not before that of the last entry.
            index: The index that it would have; None: the next one.
            verified: See `Entry`.

        Raises:
            AssemblyError, PolicyError, LogError: Why it would be void.
        """
        state = self._need()
        self.advance(time_ms)
        if self._waiting is not None:
            raise AssemblyError("BALLOTS_WITHHELD", proposal=state.name(self._waiting))
        signed = open_entry(envelope, verified)
        judge(state, signed, self.size if index is None else index, time_ms)
        return Judged(signed.kind, about_of(signed.payload), signed.payload, signed.key, signed.digest)

    def advance(self, now_ms: int) -> None:
        """Let the time come up to `now_ms`: votes open and close, changes come into force."""
        state = self._need()
        while self._waiting is None:
            due = state.agenda.next()
            if due is None or due[0] > now_ms:
                break
            if not happen(state, due[1], due[0]):
                self._waiting = due[1]
        if self._waiting is None:
            state.time_ms = max(state.time_ms, now_ms)

    def at(self, now_ms: int) -> "Assembly":
        """Return a copy to which the time up to `now_ms` has come; this one stays as it is."""
        other = Assembly(self.genesis, self._counter)
        other.size, other.voids = self.size, list(self.voids)
        other._state = self._need().copy()
        other._waiting, other._held = self._waiting, list(self._held)
        other._is_said_extended = self._is_said_extended
        other.advance(now_ms)
        return other

    @property
    def time_ms(self) -> int:
        """The time up to which it has come."""
        return self._need().time_ms

    @property
    def origin(self) -> str:
        """The minutes' origin."""
        return self._need().origin

    @property
    def constitution(self) -> Constitution:
        """The constitution in force."""
        return self._need().constitution

    @property
    def constitutions(self) -> tuple[Constitution, ...]:
        """Every constitution that was ever in force; number n is at n − 1."""
        return tuple(self._need().constitutions)

    @property
    def is_dev(self) -> bool:
        """Whether this is a development co-op."""
        return self.constitution.is_dev

    @property
    def roll(self) -> Members:
        """The roll."""
        return self._need().members

    @property
    def registered(self) -> Mapping[bytes, int]:
        """Keys that wait to be admitted, with the entry that registered them."""
        return MappingProxyType(self._need().registered)

    @property
    def proposals(self) -> Mapping[int, Matter]:
        """Every proposal by its index."""
        return MappingProxyType(self._need().matters)

    @property
    def interventions(self) -> Mapping[int, Intervention]:
        """Every guardians' intervention by the index of the entry that completed it."""
        return MappingProxyType(self._need().interventions)

    def ballot_count(self, index: int) -> int:
        """Return how many ballots the minutes hold for a proposal or an intervention, shown or not."""
        state = self._need()
        return len(state.cast.get(index, ())) + len(state.sealed.get(index, ()))

    def ballots(self, index: int) -> tuple[Cast, ...]:
        """Return the ballots in the minutes for a proposal or an intervention, in their order."""
        return tuple(self._need().cast.get(index, ()))

    @property
    def activations(self) -> tuple[Activation, ...]:
        """Every activation; number n is at n − 1."""
        return tuple(self._need().activations)

    @property
    def withheld(self) -> int | None:
        """The vote that is over and whose ballots are not shown, so that nothing after its close is known."""
        return self._waiting

    @property
    def unexplained(self) -> tuple[int, ...]:
        """Entries whose body is not shown although no erasure names it."""
        state = self._need()
        return tuple(sorted(state.absent - state.erased))

    def is_witnessed(self, kind: EntryKind, index: int, said: str) -> bool:
        """Tell whether an entry notes this of a proposal or an intervention; see `entries.Witnessing`."""
        return (kind, index, said) in self._need().witnessed

    def index_of(self, digest: bytes) -> int | None:
        """Return the entry whose envelope has this digest, if it was accepted."""
        return self._need().digests.find(digest)

    def surfaces(self) -> tuple[str, ...]:
        """Return the surfaces for which something was ever adopted, sorted."""
        return tuple(sorted(self._need().in_force))

    def standing(self, surface: str, activation: int | None = None) -> Standing:
        """Return what is in force on a surface, now or after an earlier activation.

        Args:
            surface: A surface.
            activation: Number of an activation; None: the newest.

        Raises:
            AssemblyError: ACTIVATION_UNKNOWN.
        """
        state = self._need()
        known = len(state.activations)
        last = known if activation is None else activation
        if not 1 <= last <= known:
            raise AssemblyError("ACTIVATION_UNKNOWN", found=last, most=known)
        return standing_after(state.activations[:last], surface)

    def _need(self) -> State:
        if self._state is None:
            raise ValueError("no founding was taken yet")
        return self._state

    def _found(self, entry: Entry) -> None:
        if entry.envelope is None or entry.leaf.kind != "constitution":
            raise AssemblyError("FOUNDING_ABSENT")
        signed = open_entry(entry.envelope, entry.verified)
        founding = signed.payload
        if not isinstance(founding, Founding):
            raise AssemblyError("FOUNDING_ABSENT")
        if (digest := sha256(encode_payload(founding))) != self.genesis:
            raise AssemblyError("GENESIS_DIFFERS", found=digest_text(digest), wanted=digest_text(self.genesis))
        data = founding.text.encode("utf-8")
        constitution = read_constitution(data, "constitution")
        if constitution.number != 1:
            raise AssemblyError("CONSTITUTION_NUMBER", found=constitution.number, wanted=1)
        if signed.key not in constitution.secretaries:
            raise AssemblyError("SIGNER_NOT_SECRETARY", found=signed.key.hex())
        state = State(self.genesis, constitution, self._counter)
        state.time_ms = entry.leaf.time_ms
        changes = [
            RollChange("admit", member_id(open_registration(document, constitution.origin, entry.registered)), document)
            for document in founding.registrations
        ]
        state.members.put(state.members.after(changes, constitution.origin, entry.leaf.time_ms, True))
        found(state, founding, entry.leaf.time_ms)
        state.digests.put(signed.digest, 0)
        self._state = state

    def _take(self, entry: Entry, state: State) -> None:
        leaf = entry.leaf
        try:
            if self._waiting is None:
                if leaf.time_ms < state.time_ms:
                    raise AssemblyError("ENTRY_TIME_FALLS", time_ms=leaf.time_ms, before_ms=state.time_ms)
                self.advance(leaf.time_ms)
            if self._waiting is not None:
                self._hold(entry, state, self._waiting)
                return
            if entry.envelope is None:
                self._take_absent(entry, state)
                return
            signed = open_entry(entry.envelope, entry.verified)
            if signed.kind != leaf.kind or about_of(signed.payload) != leaf.about:
                raise AssemblyError("ENTRY_LEAF_DIFFERS")
            change = judge(state, signed, entry.index, leaf.time_ms, entry.registered)
        except RankdError as error:
            self.voids.append(Void(entry.index, leaf.kind, error))
            return
        change()
        state.digests.put(signed.digest, entry.index)
        if signed.kind in _ERASABLE:
            state.erasable[entry.index] = signed.kind

    def _take_absent(self, entry: Entry, state: State) -> None:
        """Take an entry whose body is not shown."""
        leaf = entry.leaf
        if leaf.kind == "ballot":
            index = -1 if leaf.about is None else leaf.about
            vote = state.vote(index)
            if vote is None or vote.is_closed:
                raise AssemblyError("BALLOT_NO_VOTE", proposal=state.name(index))
            state.sealed.setdefault(index, []).append(entry.index)
            return
        state.absent.add(entry.index)
        if leaf.kind not in _ERASABLE:
            raise AssemblyError("ENTRY_BODY_ABSENT")
        state.erasable[entry.index] = leaf.kind
        matter = None if leaf.about is None else state.matters.get(leaf.about)
        if matter is not None:
            said = Said(entry.index, leaf.time_ms, "", None)
            state.keep(replace(matter, arguments=matter.arguments.plus(said)))

    def _go_on(self, state: State) -> None:
        """Where a close waits for ballots that are not shown, believe for now an entry that says it was extended.

        Ballots stay sealed until the last close; then they are all shown, and whoever folds from the beginning sees
        whether it was said truly.
        """
        while (index := self._waiting) is not None:
            vote = state.vote(index)
            if vote is None or not self._is_said_extended or not _may_be_believed(state, index, vote):
                return
            state.put_vote(index, replace(vote, is_extended=True, close_ms=vote.close_ms + vote.window_ms))
            held, self._held, self._waiting, self._is_said_extended = self._held, [], None, False
            for entry in held:
                self._take(entry, state)

    def _hold(self, entry: Entry, state: State, index: int) -> None:
        """Keep an entry until the ballots of a vote are shown, and note whether it says that the vote was extended."""
        self._held.append(entry)
        if entry.leaf.kind != "close" or entry.leaf.about != index or entry.envelope is None:
            return
        try:
            signed = open_entry(entry.envelope, entry.verified)
        except RankdError:
            return
        said, member = signed.payload, state.members.find(signed.key)
        is_active = member is not None and member.status == "active"
        is_known = is_active or keeps_minutes(state, signed.key)
        if not isinstance(said, Witnessing) or not is_known:
            return
        # The leaf is written by who keeps the minutes; what counts is what was signed.
        if (said.kind, said.proposal, said.said) == ("close", index, "extended"):
            self._is_said_extended = True


def _may_be_believed(state: State, index: int, vote: Vote) -> bool:
    """Tell whether nothing can have come into force by a vote before its ballots are shown, if it was not extended."""
    matter = state.matters.get(index)
    if matter is None or vote.is_extended or not vote.window_ms:
        return False
    return vote.window_ms <= vote.constitution.class_of(matter.proposal.subject).timelock_ms
