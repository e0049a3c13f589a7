"""A constitution: the rules by which members decide. Build it with `read_constitution`, never by hand."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, TypeAlias, get_args

from rankd.core.policy.policy import Limits
from rankd.core.words.language import Phrase

Subject: TypeAlias = Literal["policy", "model", "constitution"]
"""What a proposal is about; each has its class of rules."""

SUBJECTS: tuple[Subject, ...] = get_args(Subject)

DEV_PREFIX = "dev."
"""An origin that begins so is a development co-op's: hard bounds are waived and time is an input."""


@dataclass(frozen=True, slots=True)
class Class:
    """The rules for proposals about one subject.

    Attributes:
        subject: What it is about.
        by: `vote`, or `notice`: no vote, but a queue in which members can object (recall). Only a model may go by
            notice.
        sponsors: Active members, beside the proposer, who must sponsor it.
        sponsorship_ms: Time to find them; after that it has lapsed.
        deliberation_ms: From the last sponsor, or the last accepted amendment, how long it cannot be frozen.
        deliberation_max_ms: From the same moment, how long it can be frozen; after that it has lapsed.
        notice_ms: From the freeze to the opening of the vote.
        voting_ms: How long the vote is open.
        quorum: Share of the active members; None: the least q with 4q² ≥ 9N.
        quorum_min: A share of the active members that the quorum never goes below.
        majority: Share of yes among yes and no that must be exceeded, 1/2 or more and below 1.
        late_swing_ms: The window in which a changed outcome extends the vote, once, by as much; 0: none.
        timelock_ms: From the close to the activation.
        recall: Share of the active members whose petition stops a queued change.
    """

    subject: Subject
    by: Literal["vote", "notice"]
    sponsors: int
    sponsorship_ms: int
    deliberation_ms: int
    deliberation_max_ms: int
    notice_ms: int
    voting_ms: int
    quorum: Fraction | None
    quorum_min: Fraction
    majority: Fraction
    late_swing_ms: int
    timelock_ms: int
    recall: Fraction


@dataclass(frozen=True, slots=True)
class Guardians:
    """Who may stop a queued change or go back to an earlier policy, until the members confirm it.

    Attributes:
        keys: Public keys, 32 bytes each, in byte order, none twice; none at all: the co-op has no guardians.
        needed: How many of them must say the same; 0 exactly where there are no keys.
        confirmation_ms: How long the vote that confirms an intervention is open; it lapses unless that passes.
    """

    keys: tuple[bytes, ...]
    needed: int
    confirmation_ms: int


@dataclass(frozen=True, slots=True)
class Constitution:
    """One constitution text, read and checked.

    Attributes:
        number: 1 for the founding one, then rising by one.
        origin: The minutes' origin: the name of their log.
        base_digest: Canon digest of the constitution that it replaces; None for the founding one.
        log_key: Public key that signs the minutes' checkpoints, 32 bytes.
        secretaries: Public keys that keep the roll, 32 bytes each, in byte order, at least one.
        guardians: Who may stop a change.
        limits: Signs, bounds, lift ceiling; its `canon_digest`, `file_digest` and `canonical` are the constitution's.
        classes: The rules for policy, model and constitution, in the order of `SUBJECTS`.
        canon_digest: SHA-256 of `canonical`.
        file_digest: SHA-256 of the file's bytes.
        canonical: The RFC 8785 form.
        text: The file's bytes, as members read them.
    """

    number: int
    origin: str
    base_digest: bytes | None
    title: Phrase
    reasons: Phrase
    log_key: bytes
    secretaries: tuple[bytes, ...]
    guardians: Guardians
    limits: Limits
    classes: tuple[Class, ...]
    canon_digest: bytes
    file_digest: bytes
    canonical: bytes
    text: bytes = field(repr=False)

    @property
    def is_dev(self) -> bool:
        """Whether this is a development co-op."""
        return self.origin.startswith(DEV_PREFIX)

    def class_of(self, subject: Subject) -> Class:
        """Return the rules for proposals about a subject."""
        return self.classes[SUBJECTS.index(subject)]
