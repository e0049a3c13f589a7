"""Leaves of the minutes as bytes: canonical JSON, read back strictly."""

from rankd.core.assembly.entries import ENTRY_KINDS
from rankd.core.assembly.entry_fields import index, one_of
from rankd.core.assembly.leaf import MINUTES_SCHEMA, MinutesLeaf
from rankd.core.errors import AssemblyError, RecordError
from rankd.core.exact.canonical import CanonicalError, canonical_json, digest_text, parse_canonical
from rankd.core.records.strict import Fields, digest, optional, time

MAX_LEAF_BYTES = 1_024

_MALFORMED = "MINUTES_LEAF_MALFORMED"


def encode_leaf(leaf: MinutesLeaf) -> bytes:
    """Return a leaf as the tree holds it."""
    return canonical_json(
        {
            "schema": MINUTES_SCHEMA,
            "time_ms": leaf.time_ms,
            "kind": leaf.kind,
            "about": leaf.about,
            "commitment": digest_text(leaf.commitment),
        }
    )


def decode_leaf(data: bytes) -> MinutesLeaf:
    """Read a leaf.

    Raises:
        AssemblyError: MINUTES_LEAF_MALFORMED, naming the field.
    """
    if len(data) > MAX_LEAF_BYTES:
        raise AssemblyError(_MALFORMED, field="leaf", found=f"{len(data)} bytes")
    try:
        fields = Fields(parse_canonical(data), "leaf", _MALFORMED)
        fields.take("schema", one_of(MINUTES_SCHEMA))
        leaf = MinutesLeaf(
            time_ms=fields.take("time_ms", time),
            kind=fields.take("kind", one_of(*ENTRY_KINDS)),
            about=fields.take("about", optional(index)),
            commitment=fields.take("commitment", digest),
        )
        fields.end()
    except CanonicalError as error:
        raise AssemblyError(_MALFORMED, field="leaf", found=str(error)[:200]) from None
    except RecordError as error:
        raise AssemblyError(error.reason, **error.metadata) from None
    return leaf
