"""The fold: from the entries of the minutes and a time to everything that the members have decided.

It begins with a founding whose digest is known from elsewhere, and believes nothing: an entry that breaks a rule
changes nothing and is listed. What follows from the rules and the time alone (a vote opens, closes, a change comes into
force) happens when its time has come, whether or not an entry says so.

Source: DESIGN "The assembly"; docs/spec/assembly.md, "The fold".
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from rankd.core.assembly import debate, guarding
from rankd.core.assembly.constitution import Constitution
from rankd.core.assembly.constitution_reader import read_constitution
from rankd.core.assembly.debate import Change
from rankd.core.assembly.deciding import decide
from rankd.core.assembly.entries import (
    Amendment,
    Argument,
    Ballot,
    Co,
    EntryKind,
    Erasure,
    Founding,
    Freeze,
    Guardian,
    Payload,
    Proposal,
    Recall,
    Registration,
    Roll,
    RollChange,
    Sponsor,
    Witnessing,
)
from rankd.core.assembly.entry_codec import encode_payload
from rankd.core.assembly.force import check_fit, come_into_force, found
from rankd.core.assembly.identity import member_id
from rankd.core.assembly.leaf import MinutesLeaf
from rankd.core.assembly.matter import Cast, Intervention, Matter, Said, Vote
from rankd.core.assembly.members import Member, Members
from rankd.core.assembly.signing import SignedEntry, open_entry, open_registration
from rankd.core.assembly.standing import Activation, Ratification, Standing
from rankd.core.assembly.state import BASELINE_IN_FORCE, State
from rankd.core.assembly.tally.counters import COUNTERS, Counter
from rankd.core.assembly.voting import check_ballot, close_vote, open_vote, rules_of
from rankd.core.errors import AssemblyError, RankdError
from rankd.core.exact.canonical import digest_text, sha256

MAX_REGISTERED = 1000
"""So many registrations can wait for the secretary."""

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
        self._judge(state, signed, self.size if index is None else index, time_ms)
        return Judged(signed.kind, about_of(signed.payload), signed.payload, signed.key, signed.digest)

    def advance(self, now_ms: int) -> None:
        """Let the time come up to `now_ms`: votes open and close, changes come into force."""
        state = self._need()
        while self._waiting is None:
            due = state.agenda.next()
            if due is None or due[0] > now_ms:
                break
            self._happen(state, due[1], due[0])
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
            change = self._judge(state, signed, entry.index, leaf.time_ms, entry.registered)
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

    def _judge(
        self, state: State, signed: SignedEntry, index: int, time_ms: int, registered: bool | None = None
    ) -> Change:
        """Return what an entry changes, or refuse it."""
        payload, key = signed.payload, signed.key
        known = state.digests.find(signed.digest)
        if known is not None:
            raise AssemblyError("ENTRY_REPEATED", found=known)
        if isinstance(payload, Founding):
            raise AssemblyError("FOUNDING_AGAIN")
        if isinstance(payload, Registration):
            return self._register(state, payload, key, index)
        _check_co(payload.co, state)
        if isinstance(payload, Roll):
            return self._enrol(state, payload, key, time_ms, registered)
        if isinstance(payload, Erasure):
            return self._erase(state, payload, key)
        if isinstance(payload, Guardian):
            return guarding.demand(state, payload, key, index, time_ms)
        if isinstance(payload, Ballot):
            member = check_ballot(state, payload, key, time_ms)
            cast = Cast(index, time_ms, member, payload.number, signed.digest, payload.choice)
            return lambda: state.put_ballot(payload.proposal, cast)
        if isinstance(payload, Recall):
            return debate.recall(state, payload, key, time_ms)
        if isinstance(payload, Witnessing):
            return self._witness(state, payload, key)
        author = self._author(state, key)
        if isinstance(payload, Proposal):
            return debate.propose(state, payload, author, index, time_ms)
        if isinstance(payload, Sponsor):
            return debate.sponsor(state, payload, author, time_ms)
        if isinstance(payload, Argument):
            return debate.argue(state, payload, author, index, time_ms)
        if isinstance(payload, Amendment):
            return debate.amend(state, payload, author, index, time_ms)
        return debate.freeze(state, payload, author, time_ms)

    def _author(self, state: State, key: bytes) -> Member:
        member = state.members.find(key)
        if member is None:
            raise AssemblyError("SIGNER_UNKNOWN", found=key.hex())
        if member.status != "active":
            raise AssemblyError("SIGNER_NOT_ACTIVE", member=member.id, found=member.status)
        return member

    def _register(self, state: State, entry: Registration, key: bytes, index: int) -> Change:
        if entry.origin != state.origin:
            raise AssemblyError("ENTRY_OTHER_CO", field="origin", found=entry.origin, wanted=state.origin)
        if entry.key != key:
            raise AssemblyError("REGISTRATION_NOT_OWN", wanted=entry.key.hex(), found=key.hex())
        if state.members.is_used(key) or key in state.registered:
            raise AssemblyError("ROLL_KEY_USED", found=key.hex())
        if len(state.registered) >= MAX_REGISTERED:
            raise AssemblyError("REGISTRATIONS_TOO_MANY", most=MAX_REGISTERED)
        return lambda: state.registered.update({key: index})

    def _enrol(self, state: State, entry: Roll, key: bytes, time_ms: int, registered: bool | None) -> Change:
        if key not in state.constitution.secretaries:
            member = state.members.find(key)
            only = entry.changes[0] if len(entry.changes) == 1 else None
            own = only is not None and member is not None and only.member == member.id
            if not own or only is None or only.action not in ("resign", "rotate"):
                raise AssemblyError("SIGNER_NOT_SECRETARY", found=key.hex())
        places = state.members.after(entry.changes, state.origin, time_ms, registered)

        def change() -> None:
            state.members.put(places)
            for place in places:
                state.registered.pop(place.key, None)

        return change

    def _erase(self, state: State, entry: Erasure, key: bytes) -> Change:
        if key not in state.constitution.secretaries:
            raise AssemblyError("SIGNER_NOT_SECRETARY", found=key.hex())
        for index in entry.entries:
            if index not in state.erasable:
                raise AssemblyError("ERASURE_NOT_ERASABLE", found=index)

        def change() -> None:
            state.erased.update(entry.entries)
            # What is erased waits no longer: or a thousand registrations by nobody would keep out everybody.
            gone = [registered for registered, index in state.registered.items() if index in state.erased]
            for registered in gone:
                del state.registered[registered]

        return change

    def _witness(self, state: State, entry: Witnessing, key: bytes) -> Change:
        if not _keeps_minutes(state, key):
            self._author(state, key)
        vote = state.vote(entry.proposal)
        if entry.kind == "activation":
            found = [str(past.number) for past in state.activations if past.entry == entry.proposal]
            good = entry.said in found
        elif vote is None:
            good = False
        elif entry.kind == "open":
            good = entry.said == vote.electorate.digest.hex()
        else:
            good = (entry.said == "closed" and vote.is_closed) or (entry.said == "extended" and vote.is_extended)
        if not good:
            raise AssemblyError(
                "WITNESS_DIFFERS", entry=entry.kind, proposal=state.name(entry.proposal), found=entry.said[:64]
            )
        if (entry.kind, entry.proposal, entry.said) in state.witnessed:
            raise AssemblyError("WITNESS_REPEATED", entry=entry.kind, proposal=state.name(entry.proposal))
        return lambda: state.witnessed.add((entry.kind, entry.proposal, entry.said))

    def _happen(self, state: State, index: int, time_ms: int) -> None:
        """Let what is due happen to a matter."""
        matter = state.matters.get(index)
        if matter is None:
            self._close(state, index, time_ms)
        elif matter.state in ("draft", "deliberation"):
            # Frozen on the last moment is frozen in time; the freeze was an entry before this.
            state.move(matter, "lapsed", time_ms)
        elif matter.state == "frozen":
            self._open(state, matter, time_ms)
        elif matter.state == "voting":
            self._close(state, index, time_ms)
        else:
            come_into_force(state, matter, time_ms)

    def _open(self, state: State, matter: Matter, time_ms: int) -> None:
        try:
            check_fit(state, matter, matter.wordings, state.constitution)
        except RankdError as error:
            state.move(replace(matter, reason=error), "expired", time_ms)
            return
        rules = rules_of(state.constitution, matter.proposal.subject)
        pinned = replace(matter, electorate=state.members.electorate())
        if rules.by == "notice":
            ready = replace(pinned, rules=rules, winner=matter.wordings[0], queue_ms=time_ms + rules.timelock_ms)
            state.move(ready, "queued", time_ms)
            return
        model = state.surface(matter.proposal.surface).model
        vote = open_vote(
            state,
            rules,
            matter.proposal.vote,
            matter.text_digests,
            open_ms=time_ms,
            voting_ms=rules.voting_ms,
            window_ms=rules.late_swing_ms,
            heads=() if model is None else model.heads,
            impact=matter.impact_digest,
        )
        state.move(replace(pinned, vote=vote), "voting", time_ms)

    def _close(self, state: State, index: int, time_ms: int) -> None:
        vote = state.vote(index)
        if vote is None:
            return
        if index in state.sealed:
            self._waiting = index
            return
        closed = close_vote(state, index, vote)
        self._set_vote(state, index, closed)
        if not closed.is_closed or closed.result is None:
            return
        matter = state.matters.get(index)
        if matter is None:
            guarding.settle(state, state.interventions[index], time_ms)
        else:
            decide(state, matter, closed, time_ms)

    def _set_vote(self, state: State, index: int, vote: Vote) -> None:
        matter = state.matters.get(index)
        if matter is not None:
            state.keep(replace(matter, vote=vote))
        else:
            state.keep_intervention(replace(state.interventions[index], vote=vote))

    def _go_on(self, state: State) -> None:
        """Where a close waits for ballots that are not shown, believe for now an entry that says it was extended.

        Ballots stay sealed until the last close; then they are all shown, and whoever folds from the beginning sees
        whether it was said truly.
        """
        while (index := self._waiting) is not None:
            vote = state.vote(index)
            if vote is None or not self._is_said_extended or not _may_be_believed(state, index, vote):
                return
            self._set_vote(state, index, replace(vote, is_extended=True, close_ms=vote.close_ms + vote.window_ms))
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
        is_known = is_active or _keeps_minutes(state, signed.key)
        if not isinstance(said, Witnessing) or not is_known:
            return
        # The leaf is written by who keeps the minutes; what counts is what was signed.
        if (said.kind, said.proposal, said.said) == ("close", index, "extended"):
            self._is_said_extended = True


def standing_after(activations: list[Activation], surface: str) -> Standing:
    """Return what is in force on a surface after some activations, at least the founding's first.

    Args:
        activations: In their order.
        surface: A surface.
    """
    policy, model, cause, newest = BASELINE_IN_FORCE, None, activations[0].cause, activations[0].number
    for past in activations:
        if past.surface not in ("", surface):
            continue
        newest = past.number
        if past.policy is not None:
            cause = cause if past.policy == policy else past.cause
            policy, model = past.policy, past.model
    constitution = activations[-1].constitution
    ratification: Ratification = "RATIFIED"
    if policy.number == 0:
        ratification = "BASELINE"
    elif constitution.is_dev:
        ratification = "DEV"
    elif cause == "rollback":
        ratification = "ROLLED_BACK"
    return Standing(surface, newest, policy, model, constitution, ratification)


def about_of(payload: Payload) -> int | None:
    """Return what an entry's leaf says that it belongs to."""
    if isinstance(payload, Sponsor | Argument | Amendment | Freeze | Ballot | Witnessing | Recall | Guardian):
        return payload.proposal
    return None


def _keeps_minutes(state: State, key: bytes) -> bool:
    """Tell whether a key is a secretary's or the log's."""
    return key in state.constitution.secretaries or key == state.constitution.log_key


def _may_be_believed(state: State, index: int, vote: Vote) -> bool:
    """Tell whether nothing can have come into force by a vote before its ballots are shown, if it was not extended."""
    matter = state.matters.get(index)
    if matter is None or vote.is_extended or not vote.window_ms:
        return False
    return vote.window_ms <= rules_of(vote.constitution, matter.proposal.subject).timelock_ms


def _check_co(co: Co, state: State) -> None:
    if co.origin != state.origin:
        raise AssemblyError("ENTRY_OTHER_CO", field="origin", found=co.origin, wanted=state.origin)
    if co.genesis != state.genesis:
        raise AssemblyError(
            "ENTRY_OTHER_CO", field="genesis", found=digest_text(co.genesis), wanted=digest_text(state.genesis)
        )
