"""A reason: a stable name for one kind of refusal, and what to tell the person who meets it."""

from dataclasses import dataclass
from enum import Enum, unique

from rankd.core.words.language import Phrase


@unique
class Kind(Enum):
    """What sort of failure a reason is; the edge maps each kind to one gRPC status."""

    INVALID = "invalid"
    MISSING = "missing"
    EXISTS = "exists"
    STATE = "state"
    STALE = "stale"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    UNAVAILABLE = "unavailable"
    DATA_LOSS = "data_loss"
    EXHAUSTED = "exhausted"
    DEADLINE = "deadline"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Reason:
    """One entry of the error catalogue.

    `phrase` says what happened and where, `remedy` what to do next. Both are templates over the
    metadata given at the raise.
    """

    kind: Kind
    phrase: Phrase
    remedy: Phrase


def reason(kind: Kind, *, fr: str, en: str, do_fr: str, do_en: str) -> Reason:
    """Build a `Reason` from its four texts."""
    return Reason(kind, Phrase(fr=fr, en=en), Phrase(fr=do_fr, en=do_en))
