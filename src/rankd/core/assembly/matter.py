"""Matters: proposals and guardians' interventions on their way, with the votes held on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from operator import attrgetter
from typing import Literal, TypeAlias

from rankd.core.assembly.constitution import Class, Constitution
from rankd.core.assembly.entries import Argument, Choice, Guardian, Proposal, VoteKind
from rankd.core.assembly.grown import Grown
from rankd.core.assembly.members import Electorate
from rankd.core.assembly.standing import ActivePolicy
from rankd.core.assembly.tally.result import Result
from rankd.core.assembly.wording import Wording
from rankd.core.errors import RankdError

MatterState: TypeAlias = Literal[
    "draft",
    "deliberation",
    "frozen",
    "voting",
    "defeated",
    "lapsed",
    "queued",
    "held",
    "cancelled",
    "recalled",
    "expired",
    "activated",
    "superseded",
]
InterventionState: TypeAlias = Literal["voting", "confirmed", "lapsed"]

FINAL: frozenset[MatterState] = frozenset(
    {"defeated", "lapsed", "cancelled", "recalled", "expired", "activated", "superseded"}
)
"""States out of which time alone leads nowhere."""

BallotChoice: TypeAlias = Choice | tuple[tuple[int, ...], ...] | tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Cast:
    """One ballot in the minutes.

    Attributes:
        index: Its entry.
        time_ms: When it was appended.
        member: Who cast it.
        number: Its sequence number.
        digest: SHA-256 of its envelope: the same bytes twice are one ballot.
        choice: What it says.
    """

    index: int
    time_ms: int
    member: str
    number: int
    digest: bytes
    choice: BallotChoice


@dataclass(frozen=True, slots=True)
class Vote:
    """One vote, with everything that was pinned when it opened.

    Attributes:
        kind: How it is tallied.
        texts: (canon, file) digests that every ballot must name.
        open_ms: From when on it is open.
        close_ms: From when on it is not; the second close where it was extended.
        constitution: In force at the opening.
        electorate: Who may vote.
        heads: points: the objectives that can be given points.
        room: points: how many each objective can be given.
        impact: Digest that every ballot must name.
        quorum: Members needed; see `core.assembly.tally`.
        majority: Share of yes that must be exceeded.
        window_ms: Late swing window; 0: none.
        is_extended: Whether it was extended.
        is_closed: Whether the last close is past, and its ballots counted.
        result: The tally at the last close.
        before: The tally one window earlier, where there is a window; of the first close where it was extended.
        at_first_close: The tally at the first close, where it was extended.
    """

    kind: VoteKind
    texts: tuple[tuple[bytes, bytes], ...]
    open_ms: int
    close_ms: int
    constitution: Constitution
    electorate: Electorate
    heads: tuple[str, ...]
    room: Mapping[str, range]
    impact: bytes | None
    quorum: int
    majority: Fraction
    window_ms: int
    is_extended: bool = False
    is_closed: bool = False
    result: Result | None = None
    before: Result | None = None
    at_first_close: Result | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """An argument in its place.

    Attributes:
        index: Its entry.
        time_ms: When it was appended.
        member: Who argues; "" where the body was erased.
        argument: What is said; None where the body was erased.
    """

    index: int
    time_ms: int
    member: str
    argument: Argument | None


_NOBODY: Grown[str] = Grown(str)
_NOTHING_SAID: Grown[Said] = Grown(attrgetter("member"))


@dataclass(frozen=True, slots=True)
class Offer:
    """An amendment that the proposer may accept."""

    index: int
    time_ms: int
    member: str
    texts: tuple[str, ...]
    wordings: tuple[Wording, ...]


@dataclass(frozen=True, slots=True)
class Matter:
    """A proposal on its way.

    Attributes:
        index: Its entry; its name is `p<index>`.
        proposal: As it was proposed.
        proposer: Who proposed it.
        rules: The rules that hold until its vote opens.
        wordings: What it puts to the vote now.
        state: Where it is.
        history: (milliseconds, state), from the draft on.
        sponsors: Members that sponsored it, in their order.
        debate_ms: Since when it has been debated as it is: the last sponsor, or the last accepted amendment.
        amended_count: How many amendments were accepted.
        offers: Amendments, accepted ones too, by entry.
        arguments: In the order of the minutes.
        impact: The impact's JSON that was frozen with it; None: none.
        impact_digest: What the proposal, then the freeze, says of the impact.
        frozen_roll: Who would have voted at the freeze; whoever keeps the roll may change it until the vote opens.
        vote: Its vote; None before it opens, and where it goes by notice.
        electorate: Who may recall it; pinned at the opening of the vote or of the queue.
        queue_ms: When it comes into force, unless something stops it.
        recallers: Members who petitioned against it.
        winner: The text that won; for a model its wording.
        reason: Why it expired.
        activation: Number of its activation.
    """

    index: int
    proposal: Proposal
    proposer: str
    rules: Class
    wordings: tuple[Wording, ...]
    state: MatterState
    history: tuple[tuple[int, MatterState], ...]
    sponsors: Grown[str] = _NOBODY
    debate_ms: int = 0
    amended_count: int = 0
    offers: Mapping[int, Offer] | None = None
    arguments: Grown[Said] = _NOTHING_SAID
    impact: str | None = None
    impact_digest: bytes | None = None
    frozen_roll: Electorate | None = None
    vote: Vote | None = None
    electorate: Electorate | None = None
    queue_ms: int = 0
    recallers: Grown[str] = _NOBODY
    winner: Wording | None = None
    reason: RankdError | None = None
    activation: int | None = None

    @property
    def since_ms(self) -> int:
        """Since when it has been in its state."""
        return self.history[-1][0]

    @property
    def due_ms(self) -> int | None:
        """When something happens to it by time alone; None: nothing will."""
        if self.state == "draft":
            return self.since_ms + self.rules.sponsorship_ms
        if self.state == "deliberation":
            return self.debate_ms + self.rules.deliberation_max_ms
        if self.state == "frozen":
            return self.since_ms + self.rules.notice_ms
        if self.state == "voting" and self.vote is not None:
            return self.vote.close_ms
        return self.queue_ms if self.state == "queued" else None

    @property
    def text_digests(self) -> tuple[tuple[bytes, bytes], ...]:
        """(canon, file) digests of what it puts to the vote."""
        return tuple((wording.canon_digest, wording.file_digest) for wording in self.wordings)


@dataclass(frozen=True, slots=True)
class Intervention:
    """What guardians did together, and the vote that confirms it or lets it lapse.

    Attributes:
        index: The entry that completed it; its name is `g<index>`.
        demand: What they demand.
        signers: Their keys.
        state: Whether the members confirmed it.
        vote: The vote.
        activation: rollback: the activation that it made.
        replaced: rollback: the policy that comes back if it lapses.
    """

    index: int
    demand: Guardian
    signers: tuple[bytes, ...]
    state: InterventionState
    vote: Vote
    activation: int | None = None
    replaced: ActivePolicy | None = None
