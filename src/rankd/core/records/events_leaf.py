"""Leaves of the events journal: that somebody did something, at some time, and not who, what or where.

Source: docs/spec/events.md section 2.
"""

from dataclasses import dataclass
from typing import TypeAlias

from rankd.core.errors import RecordError
from rankd.core.exact.canonical import CanonicalError, canonical_json, digest_text, parse_canonical
from rankd.core.records.leaf import ERASURE_SCHEMA, MAX_LEAF_BYTES, ErasureLeaf, decode_leaf
from rankd.core.records.strict import Fields, digest, shown, text, time

EVENTS_LEAF_SCHEMA = "rankd.leaf.events/1"


@dataclass(frozen=True, slots=True)
class EventsLeaf:
    """What anybody may know of one entry of events.

    Attributes:
        time_ms: The server's clock when it was appended.
        commitment: `core.records.commitment.commitment` of the record.
    """

    time_ms: int
    commitment: bytes


EventsJournalLeaf: TypeAlias = EventsLeaf | ErasureLeaf
"""What stands in an events journal: nothing else does."""


def encode_events_leaf(leaf: EventsLeaf) -> bytes:
    """Return a leaf's bytes: canonical JSON.

    Raises:
        RecordError: LEAF_MALFORMED: `decode_events_leaf` would not read it.
    """
    document = {
        "schema": EVENTS_LEAF_SCHEMA,
        "time_ms": leaf.time_ms,
        "commitment": digest_text(leaf.commitment),
    }
    try:
        data = canonical_json(document)
    except CanonicalError as error:
        raise RecordError("LEAF_MALFORMED", field="leaf", found=str(error)[:200]) from None
    decode_events_leaf(data)
    return data


def decode_events_leaf(data: bytes) -> EventsJournalLeaf:
    """Read a leaf of an events journal strictly, from bytes that nobody vouches for.

    Raises:
        RecordError: LEAF_MALFORMED, with the field; also where it is a leaf of another journal.
    """
    if len(data) > MAX_LEAF_BYTES:
        raise RecordError("LEAF_MALFORMED", field="leaf", found=f"{len(data)} bytes")
    try:
        document = parse_canonical(data)
    except CanonicalError as error:
        raise RecordError("LEAF_MALFORMED", field="leaf", found=str(error)[:200]) from None
    fields = Fields(document, "leaf", "LEAF_MALFORMED")
    schema = fields.take("schema", text)
    if schema == ERASURE_SCHEMA:
        leaf = decode_leaf(data)
        if isinstance(leaf, ErasureLeaf):
            return leaf
    if schema != EVENTS_LEAF_SCHEMA:
        raise RecordError("LEAF_MALFORMED", field="leaf.schema", found=shown(schema))
    events = EventsLeaf(fields.take("time_ms", time), fields.take("commitment", digest))
    fields.end()
    return events
