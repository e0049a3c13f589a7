import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.errors import RecordError
from rankd.core.exact.canonical import canonical_json, digest_text
from rankd.core.records.erasure import Erasure, sign_erasure
from rankd.core.records.events_leaf import EventsLeaf, decode_events_leaf, encode_events_leaf
from rankd.core.records.leaf import ErasureLeaf, RevealLeaf, decode_leaf, encode_leaf

LEAF = EventsLeaf(1_800_000_000_000, bytes(range(32)))


def refused(data: bytes) -> str:
    with pytest.raises(RecordError) as caught:
        decode_events_leaf(data)
    assert caught.value.reason == "LEAF_MALFORMED"
    return str(caught.value.metadata["field"])


def test_a_leaf_says_when_and_nothing_of_who_what_or_where() -> None:
    data = encode_events_leaf(LEAF)
    document = {"schema": "rankd.leaf.events/1", "time_ms": LEAF.time_ms, "commitment": digest_text(LEAF.commitment)}
    assert data == canonical_json(document)
    assert decode_events_leaf(data) == LEAF


def test_an_erasure_stands_in_this_journal_as_in_that_of_decisions() -> None:
    erasure = Erasure("dev.test/events", ((0, 3),), (), "REQUEST", "Somebody asked.", 5)
    leaf = ErasureLeaf(7, sign_erasure(erasure, Ed25519PrivateKey.from_private_bytes(bytes(range(32)))))
    assert decode_events_leaf(encode_leaf(leaf)) == leaf


def test_no_leaf_of_another_journal_is_read_and_none_of_this_one_there() -> None:
    reveal = encode_leaf(RevealLeaf(1, bytes(32), "w1", bytes(32), None, ()))
    assert refused(reveal) == "leaf.schema"
    with pytest.raises(RecordError):
        decode_leaf(encode_events_leaf(LEAF))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"time_ms": -1}, "leaf.time_ms"),
        ({"time_ms": True}, "leaf.time_ms"),
        ({"commitment": "sha256:00"}, "leaf.commitment"),
        ({"viewer": "00"}, "leaf.viewer"),
        ({"schema": "rankd.leaf.events/2"}, "leaf.schema"),
        ({"schema": 1}, "leaf.schema"),
    ],
)
def test_a_leaf_with_anything_else_in_it_is_refused_by_the_field(change: dict[str, object], field: str) -> None:
    document = {"schema": "rankd.leaf.events/1", "time_ms": 1, "commitment": digest_text(bytes(32))}
    assert refused(canonical_json({**document, **change})) == field


def test_bytes_that_are_no_canonical_json_or_too_many_are_refused() -> None:
    assert refused(encode_events_leaf(LEAF) + b" ") == "leaf"
    assert refused(b"[]") == "leaf"
    assert refused(b'"' + b"x" * 70_000 + b'"') == "leaf"


def test_a_leaf_that_nobody_could_read_is_not_written() -> None:
    with pytest.raises(RecordError) as caught:
        encode_events_leaf(EventsLeaf(-1, bytes(32)))
    assert caught.value.metadata["field"] == "leaf.time_ms"
    with pytest.raises(RecordError):
        encode_events_leaf(EventsLeaf(2**60, bytes(32)))
