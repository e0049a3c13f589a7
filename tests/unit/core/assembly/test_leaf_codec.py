from typing import Any

import pytest

from rankd.core.assembly import leaf_codec
from rankd.core.assembly.entries import ENTRY_KINDS, EntryKind
from rankd.core.assembly.leaf import MinutesLeaf
from rankd.core.assembly.leaf_codec import decode_leaf, encode_leaf
from rankd.core.errors import AssemblyError
from rankd.core.exact.canonical import canonical_json

GOOD = {
    "schema": "rankd.leaf.minutes/1",
    "time_ms": 1_753_000_000_000,
    "kind": "ballot",
    "about": 14,
    "commitment": "sha256:" + "ab" * 32,
}


def test_a_leaf_is_canonical_json() -> None:
    leaf = MinutesLeaf(1_753_000_000_000, "ballot", 14, b"\xab" * 32)
    assert encode_leaf(leaf) == canonical_json(GOOD)
    assert decode_leaf(canonical_json(GOOD)) == leaf


@pytest.mark.parametrize("about", [None, 0, 2**53 - 1])
@pytest.mark.parametrize("kind", ENTRY_KINDS)
def test_a_leaf_is_read_back_as_it_was(kind: EntryKind, about: int | None) -> None:
    leaf = MinutesLeaf(0, kind, about, bytes(32))
    assert decode_leaf(encode_leaf(leaf)) == leaf


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"schema": "rankd.leaf.decision/1"}, "leaf.schema"),
        ({"time_ms": -1}, "leaf.time_ms"),
        ({"time_ms": 253_402_300_800_000}, "leaf.time_ms"),
        ({"time_ms": True}, "leaf.time_ms"),
        ({"kind": "vote"}, "leaf.kind"),
        ({"kind": None}, "leaf.kind"),
        ({"about": -1}, "leaf.about"),
        ({"about": "p14"}, "leaf.about"),
        ({"commitment": "ab" * 32}, "leaf.commitment"),
        ({"nonce": ""}, "leaf.nonce"),
    ],
)
def test_a_field_that_is_not_what_it_must_be_is_named(change: dict[str, Any], field: str) -> None:
    assert refused(canonical_json(GOOD | change)) == field


@pytest.mark.parametrize("missing", GOOD)
def test_a_field_that_is_missing_is_named(missing: str) -> None:
    assert refused(canonical_json({key: value for key, value in GOOD.items() if key != missing})) == f"leaf.{missing}"


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}\n", canonical_json(GOOD) + b" ", b"\xff", b'{"a":"' + b"x" * 1_024 + b'"}', b"[" * 1_000]
)
def test_what_is_no_canonical_object_is_refused(data: bytes) -> None:
    assert refused(data) == "leaf"


def refused(data: bytes) -> str:
    with pytest.raises(AssemblyError) as caught:
        decode_leaf(data)
    assert caught.value.reason == "MINUTES_LEAF_MALFORMED"
    return str(caught.value.metadata["field"])


@pytest.mark.parametrize("about", [None, 0, 14, 10**13, 10**14, 2**53 - 1])
@pytest.mark.parametrize("time_ms", [0, 1_753_000_000_000, 10**14, 253_402_300_799_999])
def test_both_ways_to_read_a_leaf_agree(about: int | None, time_ms: int) -> None:
    data = encode_leaf(MinutesLeaf(time_ms, "roll", about, b"\xcd" * 32))
    assert decode_leaf(data) == leaf_codec._read_leaf(data)
