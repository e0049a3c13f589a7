import json
from dataclasses import fields, replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.errors import RecordError
from rankd.core.exact.canonical import sha256
from rankd.core.records.decision import Decision
from rankd.core.records.leaf import (
    MAX_LEAF_BYTES,
    DecisionLeaf,
    EpochLeaf,
    Leaf,
    Retention,
    RevealLeaf,
    decode_leaf,
    encode_leaf,
    leaf_differences,
    leaf_of_decision,
)

COMMITMENT = sha256(b"record")
ERASER = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
EPOCH = EpochLeaf(7, sha256(b"epoch"), "w1", Retention(1, 2, 3), (ERASER,), "rankd 0.2.0")
REVEAL = RevealLeaf(7, sha256(b"epoch"), "w1", b"s" * 32, 2, (0, 1))


@pytest.fixture
def leaf(decision: Decision) -> DecisionLeaf:
    return leaf_of_decision(decision, COMMITMENT)


def _refusal(leaf: Leaf) -> RecordError:
    with pytest.raises(RecordError) as refusal:
        encode_leaf(leaf)
    return refusal.value


def test_a_decisions_leaf_says_what_the_record_says(decision: Decision, leaf: DecisionLeaf) -> None:
    document = json.loads(encode_leaf(leaf))
    assert document["schema"] == "rankd.leaf.decision/1"
    assert document["policy"] == f"sha256:{decision.policy_digest.hex()}"
    assert document["voids"] == [[f"sha256:{epoch.hex()}", counter] for epoch, counter in decision.voids]
    assert document["activation"] is None
    assert list(leaf_differences(leaf, decision)) == []
    assert decode_leaf(encode_leaf(leaf)) == leaf


def test_the_fields_of_a_leaf_are_those_of_its_document(leaf: DecisionLeaf) -> None:
    for entry in (leaf, EPOCH, REVEAL):
        assert set(json.loads(encode_leaf(entry))) == {"schema", *(field.name for field in fields(entry))}


def test_a_decisions_leaf_names_no_person_and_no_candidate(decision: Decision, leaf: DecisionLeaf) -> None:
    data = encode_leaf(leaf).decode()
    request = decision.request
    for name in (request.request_id, request.viewer_id, decision.caller, decision.nonce.hex(), *request.candidates.ids):
        assert f'"{name}"' not in data


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time_ms", 1),
        ("surface", "marketplace"),
        ("policy", sha256(b"other")),
        ("constitution", sha256(b"other")),
        ("model", None),
        ("epoch", sha256(b"other")),
        ("worker", "w9"),
        ("counter", 10**6),
        ("voids", ((sha256(b"other"), 1),)),
    ],
)
def test_a_leaf_that_says_otherwise_than_its_record_is_named_by_field(
    decision: Decision, leaf: DecisionLeaf, field: str, value: object
) -> None:
    (difference,) = leaf_differences(replace(leaf, **{field: value}), decision)  # type: ignore[arg-type]  # any field
    assert difference.term == f"leaf.{field}"
    assert difference.recorded != difference.recomputed


def test_activation_and_commitment_are_not_compared_with_the_record(decision: Decision, leaf: DecisionLeaf) -> None:
    assert list(leaf_differences(replace(leaf, activation=3, commitment=bytes(32)), decision)) == []


@pytest.mark.parametrize(
    ("leaf", "field"),
    [
        (replace(EPOCH, worker=""), "leaf.worker"),
        (replace(EPOCH, software="a\nb"), "leaf.software"),
        (replace(EPOCH, time_ms=-1), "leaf.time_ms"),
        (replace(EPOCH, epoch=b"short"), "leaf.epoch"),
        (replace(EPOCH, erasers=(bytes(32),)), "leaf.erasers"),
        (replace(EPOCH, erasers=(ERASER, ERASER)), "leaf.erasers"),
        (replace(EPOCH, retention=Retention(1, 1_000_001, 1)), "leaf.retention.sample_ppm"),
        (replace(EPOCH, retention=Retention(-1, 1, 1)), "leaf.retention.decision_ms"),
        (replace(REVEAL, secret=bytes(31)), "leaf.secret"),
        (replace(REVEAL, voids=(1, 1)), "leaf.voids"),
        (replace(REVEAL, count=2**53), "leaf"),
        (replace(REVEAL, worker="\ud800"), "leaf"),
    ],
)
def test_what_no_reader_would_read_is_not_written(leaf: Leaf, field: str) -> None:
    refusal = _refusal(leaf)
    assert refusal.reason == "LEAF_MALFORMED"
    assert refusal.metadata["field"] == field


def test_a_leaf_larger_than_an_entry_is_refused_with_its_size() -> None:
    refusal = _refusal(replace(REVEAL, voids=tuple(range(10**15, 10**15 + 5_000))))
    assert refusal.reason == "LEAF_TOO_LARGE"
    assert refusal.metadata["most_bytes"] == MAX_LEAF_BYTES == 0xFFFF


def test_a_leaf_that_is_too_long_is_not_even_parsed() -> None:
    with pytest.raises(RecordError, match="65536 bytes"):
        decode_leaf(b" " * 65_536)


def test_a_refusal_shows_no_more_than_the_beginning_of_what_it_found() -> None:
    document = json.loads(encode_leaf(EPOCH)) | {"x" * 10_000: 1}
    data = json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
    with pytest.raises(RecordError) as refusal:
        decode_leaf(data)
    assert len(refusal.value.say("fr")) < 400
