"""Whatever the bytes of a journal are, rankd and a reader written from docs/spec/log.md alone say the same."""

import json
from base64 import b64encode
from collections.abc import Callable
from random import Random
from typing import Any

import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from hypothesis import given, settings
from hypothesis import strategies as st

from rankd.core.errors import RankdError
from rankd.core.exact.canonical import canonical_json, parse_canonical
from rankd.core.exact.chance import decision_nonce
from rankd.core.log.note import NoteSigner
from rankd.core.log.tree import leaf_hash
from rankd.core.records.body import open_body, seal
from rankd.core.records.commitment import commitment
from rankd.core.records.erasure import Erasure, check_scope, open_erasure, sign_erasure
from rankd.core.records.leaf import (
    DecisionLeaf,
    EpochLeaf,
    ErasureLeaf,
    Leaf,
    Retention,
    RevealLeaf,
    decode_leaf,
    encode_leaf,
)
from rankd.core.records.pseudonym import pseudonym, pseudonym_period
from rankd.core.records.receipt import Receipt, issue_receipt, open_receipt
from rankd.core.records.sample import kept_longer
from rankd.core.records.token import check_token, feedback_token, token_index
from tests.reference import log, signed
from tests.reference.log_probes import DECISION, EPOCH, ERASURE, REVEAL, canonical
from tests.reference.strict import RefusedError

quickly = settings(max_examples=60, deadline=None)
rngs = st.randoms(use_true_random=False)

digests = st.binary(min_size=32, max_size=32)
naturals = st.integers(0, 2**53 - 1)
times = st.integers(0, 253_402_300_799_999)
letters = st.characters(exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp"])
names = st.text(letters, min_size=1, max_size=40)
spans = (
    st.lists(naturals, max_size=12, unique=True)
    .map(sorted)
    .map(lambda bounds: tuple(zip(bounds[::2], bounds[1::2], strict=False)))
)
private_keys = digests.map(Ed25519PrivateKey.from_private_bytes)
erasures = st.builds(
    Erasure,
    origin=names,
    decisions=spans,
    pseudonym_periods=st.lists(st.integers(0, 10**15 - 1), min_size=1, max_size=5, unique=True).map(sorted).map(tuple),
    reason_code=st.sampled_from(["REQUEST", "RETENTION", "COURT", "OTHER"]),
    reason=names,
    time_ms=times,
)
leaves = st.one_of(
    st.builds(
        DecisionLeaf,
        time_ms=times,
        surface=names,
        activation=st.none() | naturals,
        policy=digests,
        constitution=digests,
        model=st.none() | digests,
        epoch=digests,
        worker=names,
        counter=naturals,
        voids=st.lists(st.tuples(digests, naturals), max_size=3).map(tuple),
        commitment=digests,
    ),
    st.builds(
        EpochLeaf,
        time_ms=times,
        epoch=digests,
        worker=names,
        retention=st.builds(Retention, naturals, st.integers(0, 10**6), naturals),
        erasers=st.lists(private_keys.map(lambda key: key.public_key().public_bytes_raw()), max_size=3, unique=True)
        .map(sorted)
        .map(tuple),
        software=names,
    ),
    st.builds(
        RevealLeaf,
        time_ms=times,
        epoch=digests,
        worker=names,
        secret=digests,
        count=st.none() | naturals,
        voids=st.lists(naturals, max_size=5, unique=True).map(sorted).map(tuple),
    ),
    st.builds(ErasureLeaf, time_ms=times, envelope=st.builds(sign_erasure, erasures, private_keys)),
)


def verdicts(ours: Callable[[], Any], theirs: Callable[[], Any]) -> tuple[Any, Any]:
    """Return what both say: a value, or "refused"."""
    said = []
    for read in (ours, theirs):
        try:
            said.append(read())
        except (RankdError, RefusedError):
            said.append("refused")
    return said[0], said[1]


def assert_same_leaf(data: bytes) -> None:
    one, other = verdicts(lambda: encode_leaf(decode_leaf(data)), lambda: canonical(log.read_leaf(data)).encode())
    assert one == other
    assert one in (data, "refused")


@given(leaves)
@quickly
def test_a_leaf_reads_back_as_it_was_written(leaf: Leaf) -> None:
    data = encode_leaf(leaf)
    assert decode_leaf(data) == leaf
    assert log.read_leaf(data) == parse_canonical(data)
    assert log.leaf_hash(data) == leaf_hash(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats() | st.text(max_size=4) | st.just("00" * 32),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=6,
)


@given(st.sampled_from([DECISION, EPOCH, REVEAL, ERASURE]), rngs, JSON)
@settings(quickly, max_examples=300)
def test_a_field_with_any_other_content_is_judged_alike(leaf: dict[str, Any], rng: Random, value: Any) -> None:
    changed = json.loads(json.dumps(leaf))
    place, key = changed, rng.choice(sorted(changed))
    while isinstance(place[key], dict | list) and place[key] and rng.random() < 0.7:
        place, inner = place[key], place[key]
        key = rng.choice(sorted(inner)) if isinstance(inner, dict) else rng.randrange(len(inner))
    place[key] = value
    assert_same_leaf(canonical(changed).encode("utf-8", "surrogatepass"))


@given(leaves, rngs)
@settings(quickly, max_examples=150)
def test_a_flipped_bit_of_a_leaf_is_judged_alike(leaf: Leaf, rng: Random) -> None:
    data = bytearray(encode_leaf(leaf))
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    assert_same_leaf(bytes(data))


@given(digests, st.binary(max_size=2000))
@quickly
def test_a_body_holds_its_record_and_a_commitment_only_one(key: bytes, record: bytes) -> None:
    sealed = seal(key, record)
    assert open_body(key, sealed) == log.open_body(key, sealed) == record
    assert commitment(key, record) == log.commitment(key, record)
    assert commitment(key, record) != commitment(key, record + b"\0")


@given(digests, st.binary(max_size=300), rngs)
@settings(quickly, max_examples=300)
def test_a_changed_frame_is_judged_alike(key: bytes, record: bytes, rng: Random) -> None:
    size, checksum = rng.random() < 0.8, rng.random() < 0.5
    compressor = zstandard.ZstdCompressor(level=3, write_content_size=size, write_checksum=checksum)
    frame = bytearray(compressor.compress(record * rng.randrange(1, 4)))
    for _ in range(rng.randrange(3)):
        frame[rng.randrange(min(len(frame), rng.choice([6, 12, 400])))] ^= 1 << rng.randrange(8)
    frame += bytes(rng.choice([0, 0, 0, 1, 8]))
    sealed = ChaCha20Poly1305(key).encrypt(bytes(12), bytes(frame), None)
    one, other = verdicts(lambda: open_body(key, sealed), lambda: log.open_body(key, sealed))
    assert one == other


@given(
    names.filter(lambda name: "+" not in name and not any(map(str.isspace, name))), naturals, digests, times, digests
)
@quickly
def test_a_receipt_is_read_alike_and_no_bit_of_its_text_can_change(
    origin: str, index: int, hashed: bytes, until_s: int, seed: bytes
) -> None:
    signer = NoteSigner(origin, Ed25519PrivateKey.from_private_bytes(seed))
    receipt = Receipt(origin, index, hashed, until_s)
    data = issue_receipt(receipt, signer)
    assert open_receipt(data, signer.verifier) == receipt
    said = {"origin": origin, "index": index, "leaf_hash": hashed.hex(), "until_s": until_s}
    assert signed.open_receipt(data, signer.verifier.vkey) == said
    changed = bytearray(data)
    changed[index % data.index(b"\n\n")] ^= 1
    readings = verdicts(
        lambda: open_receipt(bytes(changed), signer.verifier),
        lambda: signed.open_receipt(bytes(changed), signer.verifier.vkey),
    )
    assert readings == ("refused", "refused")


@given(digests, names, st.integers(0, 2**64 - 1), digests, rngs)
@quickly
def test_a_token_is_made_and_judged_alike(key: bytes, origin: str, index: int, hashed: bytes, rng: Random) -> None:
    token = feedback_token(key, origin, index, hashed)
    assert token == log.feedback_token(key, origin, index, hashed)
    assert token_index(token) == index
    check_token(token, key, origin, hashed)
    changed = bytearray(token)
    changed[rng.randrange(len(token))] ^= 1 << rng.randrange(8)
    readings = verdicts(
        lambda: check_token(bytes(changed), key, origin, hashed),
        lambda: log.check_token(bytes(changed), key, origin, hashed),
    )
    assert readings == ("refused", "refused")


@given(digests, st.integers(0, 10**15 - 1), st.text(letters), naturals, st.integers(0, 10**6))
@quickly
def test_pseudonyms_nonces_and_the_sample_are_those_of_the_specification(
    key: bytes, period: int, name: str, counter: int, sample_ppm: int
) -> None:
    text = pseudonym(key, period, name)
    assert text == log.pseudonym(key, period, name)
    assert pseudonym_period(text) == log.pseudonym_period(text) == period
    assert decision_nonce(key, name, counter) == log.decision_nonce(key, name, counter)
    assert kept_longer(key, name, counter, sample_ppm) == log.kept_longer(key, name, counter, sample_ppm)


@given(erasures, private_keys)
@quickly
def test_an_erasure_is_read_alike(erasure: Erasure, private_key: Ed25519PrivateKey) -> None:
    key = private_key.public_key().public_bytes_raw()
    envelope = sign_erasure(erasure, private_key)
    assert open_erasure(envelope, {key.hex(): key}) == (erasure, key.hex())
    said = signed.open_erasure(envelope, [key.hex()], erasure.origin, 2**53)
    assert said["erasure"]["decisions"] == [list(span) for span in erasure.decisions]
    assert said["erasure"]["reason"] == erasure.reason


@given(private_keys, st.lists(st.lists(st.integers(-1, 9), max_size=3), max_size=4), JSON, st.integers(0, 10))
@settings(quickly, max_examples=150)
def test_whatever_an_eraser_signs_is_judged_alike(
    private_key: Ed25519PrivateKey, ranges: list[list[int]], value: Any, count: int
) -> None:
    key = private_key.public_key().public_bytes_raw()
    document = {
        "schema": "rankd.erasure/1",
        "origin": "dev.coop.example",
        "decisions": ranges,
        "pseudonym_periods": value if isinstance(value, list) else [1],
        "reason_code": "REQUEST",
        "reason": value if isinstance(value, str) else "x",
        "time_ms": value if isinstance(value, int) else 1,
    }
    payload = canonical(document).encode("utf-8", "surrogatepass")
    kind = "application/vnd.rankd.erasure.v1+json"
    signature = private_key.sign(f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode() + payload)
    envelope = {
        "payload": b64encode(payload).decode(),
        "payloadType": kind,
        "signatures": [{"keyid": key.hex(), "sig": b64encode(signature).decode()}],
    }

    def ours() -> bytes:
        erasure, _ = open_erasure(envelope, {key.hex(): key})
        check_scope(erasure, "dev.coop.example", count)
        return payload

    def theirs() -> bytes:
        said = signed.open_erasure(envelope, [key.hex()], "dev.coop.example", count)
        return canonical_json(said["erasure"])

    one, other = verdicts(ours, theirs)
    assert one == other
