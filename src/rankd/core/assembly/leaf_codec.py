"""Leaves of the minutes as bytes: canonical JSON, read back strictly."""

import re
from binascii import unhexlify
from collections.abc import Mapping

from rankd.core.assembly.entries import ENTRY_KINDS, EntryKind
from rankd.core.assembly.entry_fields import index, one_of
from rankd.core.assembly.leaf import MINUTES_SCHEMA, MinutesLeaf
from rankd.core.errors import AssemblyError, RecordError
from rankd.core.exact.canonical import CanonicalError, canonical_json, digest_text, parse_canonical
from rankd.core.records.strict import Fields, digest, optional, time

MAX_LEAF_BYTES = 1_024

_KINDS: Mapping[bytes, EntryKind] = {kind.encode(): kind for kind in ENTRY_KINDS}
_MALFORMED = "MINUTES_LEAF_MALFORMED"


# Larger ones are good too, up to a limit that the general reader knows.
_NATURAL = rb"0|[1-9][0-9]{0,13}"
# How leaves are written: what does not match goes to the general reader, which names what is wrong.
_LEAF = re.compile(
    rb'{"about":(?:null|(%b)),"commitment":"sha256:([0-9a-f]{64})","kind":"(%b)","schema":"%b","time_ms":(%b)}'
    % (_NATURAL, "|".join(ENTRY_KINDS).encode(), re.escape(MINUTES_SCHEMA.encode()), _NATURAL)
)


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
    if (match := _LEAF.fullmatch(data)) is not None:
        about, commitment, kind, time_ms = match.groups()
        place = None if about is None else int(about)
        return MinutesLeaf(int(time_ms), _KINDS[kind], place, unhexlify(commitment))
    return _read_leaf(data)


def _read_leaf(data: bytes) -> MinutesLeaf:
    """Read a leaf field by field; see `decode_leaf`."""
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
