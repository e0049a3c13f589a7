"""State: what the minutes have come to. It is never stored; the fold makes it from the entries and a time."""

from dataclasses import dataclass, replace
from operator import attrgetter

from rankd.core.assembly.agenda import Agenda
from rankd.core.assembly.constitution import Constitution
from rankd.core.assembly.entries import EntryKind
from rankd.core.assembly.grown import Grown
from rankd.core.assembly.identity import intervention_name, proposal_name
from rankd.core.assembly.matter import Cast, Intervention, Matter, MatterState, Vote
from rankd.core.assembly.members import Members
from rankd.core.assembly.standing import BASELINE_IN_FORCE, Activation, ActiveModel, ActivePolicy, Cause
from rankd.core.assembly.tally.counters import Counter

_NO_BALLOTS: Grown[Cast] = Grown(attrgetter("member"))
_OPEN: frozenset[MatterState] = frozenset({"draft", "deliberation", "frozen"})

Demand = tuple[str, int | None, str, int | None]
"""What guardians demand: action, proposal, surface, and the number to go back to."""


@dataclass(frozen=True, slots=True)
class InForce:
    """What is in force on one surface.

    Attributes:
        policy: The policy.
        model: The model.
        activation: Number of the activation that last changed either.
        cause: What put the policy there.
        policies: Every policy that was ever activated there; number n is at n − 1.
    """

    policy: ActivePolicy
    model: ActiveModel | None
    activation: int
    cause: Cause
    policies: tuple[ActivePolicy, ...]


class Digests:
    """Entries by the digest of their envelope. A copy shares them until one of the two takes another one."""

    def __init__(self) -> None:
        self._indexes: dict[bytes, int] = {}
        self._is_shared = False

    def copy(self) -> "Digests":
        """Return digests that change apart from these."""
        other = Digests()
        other._indexes = self._indexes
        other._is_shared = self._is_shared = True
        return other

    def find(self, digest: bytes) -> int | None:
        """Return the entry whose envelope has this digest."""
        return self._indexes.get(digest)

    def put(self, digest: bytes, index: int) -> None:
        """Take an entry."""
        if self._is_shared:
            self._indexes, self._is_shared = dict(self._indexes), False
        self._indexes[digest] = index


class State:
    """Everything that entries and time change. Values are immutable, the containers are not.

    Args:
        genesis: The genesis digest.
        constitution: The founding constitution.
        counter: What counts the votes.
    """

    def __init__(self, genesis: bytes, constitution: Constitution, counter: Counter) -> None:
        self.genesis = genesis
        self.counter = counter
        self.origin = constitution.origin
        self.time_ms = 0
        self.constitutions: list[Constitution] = [constitution]
        self.members = Members()
        self.matters: dict[int, Matter] = {}
        self.interventions: dict[int, Intervention] = {}
        self.agenda = Agenda()
        self.cast: dict[int, Grown[Cast]] = {}
        self.sealed: dict[int, list[int]] = {}
        self.demands: dict[Demand, dict[bytes, int]] = {}
        self.in_force: dict[str, InForce] = {}
        self.activations: list[Activation] = []
        self.registered: dict[bytes, int] = {}
        self.erasable: dict[int, EntryKind] = {}
        self.erased: set[int] = set()
        self.absent: set[int] = set()
        self.witnessed: set[tuple[EntryKind, int, str]] = set()
        self.digests = Digests()

    def copy(self) -> "State":
        """Return a state that changes apart from this one."""
        other = State(self.genesis, self.constitutions[0], self.counter)
        other.time_ms = self.time_ms
        other.constitutions = list(self.constitutions)
        other.members = self.members.copy()
        other.matters, other.interventions = dict(self.matters), dict(self.interventions)
        other.agenda, other.cast = self.agenda.copy(), dict(self.cast)
        other.sealed = {index: list(sealed) for index, sealed in self.sealed.items()}
        other.demands = {demand: dict(signers) for demand, signers in self.demands.items()}
        other.in_force, other.activations = dict(self.in_force), list(self.activations)
        other.registered, other.erasable = dict(self.registered), dict(self.erasable)
        other.witnessed = set(self.witnessed)
        other.erased, other.absent, other.digests = set(self.erased), set(self.absent), self.digests.copy()
        return other

    @property
    def constitution(self) -> Constitution:
        """The constitution in force."""
        return self.constitutions[-1]

    def name(self, index: int) -> str:
        """Return the name of a proposal or an intervention."""
        return intervention_name(index) if index in self.interventions else proposal_name(index)

    def open_count(self, member: str) -> int:
        """Return how many proposals of a member wait for their vote."""
        running = (self.matters[index] for index in self.agenda if index in self.matters)
        return sum(matter.proposer == member and matter.state in _OPEN for matter in running)

    def vote(self, index: int) -> Vote | None:
        """Return the vote on a proposal or an intervention; None: there is none, or not yet."""
        if (matter := self.matters.get(index)) is not None:
            return matter.vote
        intervention = self.interventions.get(index)
        return None if intervention is None else intervention.vote

    def keep(self, matter: Matter) -> None:
        """Take a matter as it is now."""
        self.matters[matter.index] = matter
        self._note(matter.index, matter.due_ms)

    def keep_intervention(self, intervention: Intervention) -> None:
        """Take an intervention as it is now."""
        self.interventions[intervention.index] = intervention
        self._note(intervention.index, intervention.vote.close_ms if intervention.state == "voting" else None)

    def move(self, matter: Matter, state: MatterState, time_ms: int) -> None:
        """Take a matter in another state from a time on."""
        self.keep(replace(matter, state=state, history=(*matter.history, (time_ms, state))))

    def ballots_of(self, member: str, index: int) -> int:
        """Return how many ballots of a member there are for a proposal or an intervention, as far as they are shown."""
        return self.cast.get(index, _NO_BALLOTS).count_of(member)

    def put_vote(self, index: int, vote: Vote) -> None:
        """Take the vote on a proposal or an intervention as it is now."""
        matter = self.matters.get(index)
        if matter is not None:
            self.keep(replace(matter, vote=vote))
        else:
            self.keep_intervention(replace(self.interventions[index], vote=vote))

    def put_ballot(self, index: int, cast: Cast) -> None:
        """Take a ballot for a proposal or an intervention."""
        self.cast[index] = self.cast.get(index, _NO_BALLOTS).plus(cast)

    def _note(self, index: int, due_ms: int | None) -> None:
        if due_ms is None:
            self.agenda.drop(index)
        else:
            self.agenda.put(index, due_ms)

    def surface(self, name: str) -> InForce:
        """Return what is in force on a surface, the baseline where nothing ever was."""
        return self.in_force.get(name) or InForce(BASELINE_IN_FORCE, None, 0, "founding", ())

    def activate(
        self,
        cause: Cause,
        entry: int,
        time_ms: int,
        surface: str = "",
        policy: ActivePolicy | None = None,
        model: ActiveModel | None = None,
    ) -> int:
        """Put a policy and a model in force on a surface, or the newest constitution everywhere; return its number."""
        number = len(self.activations) + 1
        self.activations.append(Activation(number, time_ms, cause, entry, surface, policy, model, self.constitution))
        if policy is not None:
            before = self.surface(surface)
            # What put the policy there does not change when its model does.
            why = before.cause if policy == before.policy and before.activation else cause
            known = before.policies
            policies = (*known, policy) if policy.number == len(known) + 1 else known
            self.in_force[surface] = InForce(policy, model, number, why, policies)
        return number
