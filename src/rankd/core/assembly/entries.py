"""What members and officers sign: the payload of each kind of entry in the minutes.

Every payload but a founding names the co-op (`Co`): origin and genesis digest, so that nothing signed for one co-op
says anything in another, and a nonce, so that no two entries are the same bytes by accident.

Source: DESIGN "The assembly"; docs/spec/assembly.md, "Entries".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from rankd.core.assembly.constitution import Subject
from rankd.core.words.language import Phrase

EntryKind: TypeAlias = Literal[
    "constitution",
    "registration",
    "roll",
    "proposal",
    "sponsor",
    "argument",
    "amendment",
    "freeze",
    "open",
    "ballot",
    "close",
    "recall",
    "activation",
    "guardian",
    "erasure",
]
ENTRY_KINDS: tuple[EntryKind, ...] = get_args(EntryKind)

VoteKind: TypeAlias = Literal["yes_no", "ranking", "points"]
Choice: TypeAlias = Literal["yes", "no", "abstain"]

NONCE_BYTES = 16


@dataclass(frozen=True, slots=True)
class Co:
    """Which co-op an entry belongs to, and what makes it different from every other.

    Attributes:
        origin: The minutes' origin.
        genesis: The genesis digest, 32 bytes: SHA-256 of the founding payload.
        nonce: `NONCE_BYTES` bytes, drawn by the signer.
    """

    origin: str
    genesis: bytes
    nonce: bytes


@dataclass(frozen=True, slots=True)
class Registration:
    """A person's own statement that a key is hers. Signed by that key: this is the proof of possession.

    It names no co-op's genesis, since founders register before there is one; the origin it does name.
    """

    origin: str
    key: bytes
    nonce: bytes


@dataclass(frozen=True, slots=True)
class FoundingSurface:
    """What the founders adopt for one surface.

    Attributes:
        surface: The surface.
        policy: The policy's text; None: the baseline, until a policy is voted.
        model: Digest of the model's manifest; None exactly where no policy is adopted and none is chosen.
        heads: Objectives for which the model has a head, in the canonical order.
    """

    surface: str
    policy: str | None
    model: bytes | None
    heads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Founding:
    """The first entry (kind `constitution`), signed by a secretary. SHA-256 of its payload is the genesis digest.

    Attributes:
        text: The founding constitution.
        registrations: Envelopes of the founding members' registrations, as JSON objects; none twice.
        surfaces: What they adopt with it, sorted by surface.
        nonce: 16 bytes.
    """

    text: str
    registrations: tuple[Mapping[str, Any], ...]
    surfaces: tuple[FoundingSurface, ...]
    nonce: bytes


@dataclass(frozen=True, slots=True)
class RollChange:
    """One change of the roll.

    Attributes:
        action: `admit` (with a registration), `suspend`, `reinstate`, `resign`, or `rotate` (with a registration of
            the new key).
        member: The member's id (`core.assembly.roll.member_id` of the first key).
        registration: Envelope of the registration, as a JSON object; None where the action has none.
    """

    action: Literal["admit", "suspend", "reinstate", "resign", "rotate"]
    member: str
    registration: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Roll:
    """Changes of the roll, in their order; all of them hold or none.

    Signed by a secretary; or by a member, then it is one change of her own: she resigns, or takes another key.

    Attributes:
        reason: Why, for everybody to read; may be empty. No names.
    """

    co: Co
    changes: tuple[RollChange, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """Signed by an active member.

    Attributes:
        subject: policy, model or constitution.
        vote: `yes_no`: one text; `ranking`: policies, one or more; `points`: one policy template. A model and a
            constitution go by `yes_no`.
        surface: The surface; "" for a constitution.
        texts: Policies, a template or a constitution, as files; none for a model.
        model: policy: digest of the model in force for which it is meant; model: of the model proposed; constitution:
            None.
        heads: model: the objectives for which the model has a head; else none.
        base_policy: model: canon digest of the policy in force for which it is meant, or None; else None (a text names
            its base).
        base_model: model: digest of the model that it replaces, or None; else None.
        impact: SHA-256 of the impact's canonical JSON; None where there is none yet.
    """

    co: Co
    subject: Subject
    vote: VoteKind
    surface: str
    title: Phrase
    reasons: Phrase
    texts: tuple[str, ...]
    model: bytes | None
    heads: tuple[str, ...]
    base_policy: bytes | None
    base_model: bytes | None
    impact: bytes | None


@dataclass(frozen=True, slots=True)
class Sponsor:
    """An active member supports that a proposal be debated. `texts` are the digests of what it says now."""

    co: Co
    proposal: int
    texts: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Argument:
    """A member argues. Its body can be erased.

    Attributes:
        side: for, against, or neither.
        reply_to: Index of the argument that it answers; None: the proposal itself.
        text: 1 to 4,000 characters.
    """

    co: Co
    proposal: int
    side: Literal["for", "against", "neither"]
    reply_to: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Amendment:
    """An active member offers other texts (`accepts` None), or the proposer accepts an offer (no texts).

    Attributes:
        texts: Every text as it would be, for a model none.
        accepts: Index of the offer.
    """

    co: Co
    proposal: int
    texts: tuple[str, ...]
    accepts: int | None


@dataclass(frozen=True, slots=True)
class Freeze:
    """The proposer ends the deliberation: from now on the texts cannot change.

    Attributes:
        texts: File digests of what is frozen.
        impact: The impact's canonical JSON, or None where there are no decisions to replay.
    """

    co: Co
    proposal: int
    texts: tuple[bytes, ...]
    impact: str | None


@dataclass(frozen=True, slots=True)
class Ballot:
    """A member votes.

    Attributes:
        proposal: Index of the proposal, or of the guardians' entry that is to be confirmed.
        texts: (canon, file) digests of every text on offer, in their order; for a model (digest, digest); for a
            guardians' intervention (digest of what they demand, the same).
        constitution: Canon digest of the constitution pinned at the opening.
        roll: Digest of the roll pinned at the opening.
        impact: Digest of the frozen impact, or None.
        number: Sequence number, 1 … 2³² − 1; the highest one counts.
        choice: yes_no: `yes`, `no`, `abstain`. ranking: groups of options, best first, 0 is “keep things as they are”,
            1 … n the texts; who is not named comes last, tied. points: points by objective, all nine, in the canonical
            order; or `abstain`.
    """

    co: Co
    proposal: int
    vote: VoteKind
    texts: tuple[tuple[bytes, bytes], ...]
    constitution: bytes
    roll: bytes
    impact: bytes | None
    number: int
    choice: "Choice | tuple[tuple[int, ...], ...] | tuple[tuple[str, int], ...]"


@dataclass(frozen=True, slots=True)
class Witnessing:
    """Somebody notes what followed from the rules and the time: kinds `open`, `close` and `activation`.

    Attributes:
        kind: Which.
        proposal: Index of the proposal or of the guardians' entry.
        said: open: the digest of the pinned roll, in hex; close: `closed` or `extended`; activation: its number in
            decimal.
    """

    co: Co
    kind: Literal["open", "close", "activation"]
    proposal: int
    said: str


@dataclass(frozen=True, slots=True)
class Recall:
    """An active member signs the petition against a queued change."""

    co: Co
    proposal: int


@dataclass(frozen=True, slots=True)
class Guardian:
    """One guardian demands an intervention; it takes effect when as many as the constitution asks demand the same.

    Attributes:
        action: `cancel` a queued proposal, or `rollback` a surface to an earlier policy.
        proposal: cancel: its index; else None.
        surface: rollback: the surface; else "".
        to: rollback: number of an earlier policy of that surface, 0: the baseline; else None.
        reason: Why.
    """

    co: Co
    action: Literal["cancel", "rollback"]
    proposal: int | None
    surface: str
    to: int | None
    reason: Phrase


@dataclass(frozen=True, slots=True)
class Erasure:
    """A secretary has the bodies of arguments or registrations erased.

    Attributes:
        entries: Their indexes, rising, at least one.
        reason: Why; may be empty.
    """

    co: Co
    entries: tuple[int, ...]
    reason: str


Payload: TypeAlias = (
    Founding
    | Registration
    | Roll
    | Proposal
    | Sponsor
    | Argument
    | Amendment
    | Freeze
    | Ballot
    | Witnessing
    | Recall
    | Guardian
    | Erasure
)


def kind_of(payload: Payload) -> EntryKind:
    """Return the kind of entry that carries a payload."""
    if isinstance(payload, Witnessing):
        return payload.kind
    return _KINDS[type(payload)]


_KINDS: Mapping[type, EntryKind] = {
    Founding: "constitution",
    Registration: "registration",
    Roll: "roll",
    Proposal: "proposal",
    Sponsor: "sponsor",
    Argument: "argument",
    Amendment: "amendment",
    Freeze: "freeze",
    Ballot: "ballot",
    Recall: "recall",
    Guardian: "guardian",
    Erasure: "erasure",
}


def payload_type(kind: EntryKind) -> str:
    """Return the DSSE payload type of a kind of entry."""
    return f"application/vnd.rankd.{kind}.v1+json"
