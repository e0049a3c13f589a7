"""Leaves of the minutes: what the tree holds of an entry, before and after its body may be read."""

from dataclasses import dataclass

from rankd.core.assembly.entries import (
    Amendment,
    Argument,
    Ballot,
    EntryKind,
    Freeze,
    Guardian,
    Payload,
    Recall,
    Sponsor,
    Witnessing,
)

MINUTES_SCHEMA = "rankd.leaf.minutes/1"


@dataclass(frozen=True, slots=True)
class MinutesLeaf:
    """What anybody may know of one entry.

    Attributes:
        time_ms: When it was appended, by the clock of who keeps the minutes, milliseconds since 1970. Never falls.
        kind: The kind of entry.
        about: Index of the proposal (or of the guardians' entry) that it belongs to; None: to none, or it is one.
        commitment: `core.records.commitment.commitment` of the body's key and of the envelope's canonical JSON.
    """

    time_ms: int
    kind: EntryKind
    about: int | None
    commitment: bytes


def about_of(payload: Payload) -> int | None:
    """Return what an entry's leaf says that it belongs to."""
    if isinstance(payload, Sponsor | Argument | Amendment | Freeze | Ballot | Witnessing | Recall | Guardian):
        return payload.proposal
    return None
