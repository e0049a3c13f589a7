"""A proof in one file reads back, is read strictly, and proves one leaf of one log."""

import base64
from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.errors import LogError
from rankd.core.log.checkpoint import Checkpoint, cosign
from rankd.core.log.note import COSIGNATURE, NoteSigner, add_signature, sign_note
from rankd.core.log.proofs import inclusion_proof
from rankd.core.log.tlog_proof import MAX_EXTRA_BYTES, MAX_PROOF_BYTES, TlogProof, parse_tlog_proof
from rankd.core.log.tree import leaf_hash, root_of

LEAVES = [leaf_hash(b"%d" % at) for at in range(6)]
LOG = NoteSigner("example.com/log", Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32))
WITNESS = NoteSigner("w.example", Ed25519PrivateKey.from_private_bytes(bytes([2]) * 32), COSIGNATURE)
TEXT = Checkpoint("example.com/log", 6, root_of(LEAVES)).text
NOTE = add_signature(sign_note(TEXT, LOG), cosign(TEXT, WITNESS, 99))


def read(level: int, index: int) -> bytes:
    return root_of(LEAVES[index << level : index + 1 << level])


def proof_of(index: int) -> TlogProof:
    return TlogProof(index, inclusion_proof(index, 6, read), NOTE)


def refusal(act: Callable[[], object]) -> LogError:
    with pytest.raises(LogError) as caught:
        act()
    return caught.value


@pytest.mark.parametrize("index", range(6))
@pytest.mark.parametrize("extra", [None, b"x", bytes(MAX_EXTRA_BYTES)])
def test_a_proof_reads_back_and_holds(index: int, extra: bytes | None) -> None:
    proof = replace(proof_of(index), extra=extra)
    assert parse_tlog_proof(proof.encode()) == proof
    verified = proof.verify(LEAVES[index], LOG.verifier, [WITNESS.verifier], quorum=1)
    assert verified.cosigners == (("w.example", 99),)
    assert verified.checkpoint.size == 6


def test_the_form_of_the_specification() -> None:
    proof = TlogProof(5, (bytes(32), bytes([255]) * 32), NOTE, b"more")
    assert proof.encode() == (
        b"c2sp.org/tlog-proof@v1\n"
        b"extra bW9yZQ==\n"
        b"index 5\n"
        b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
        b"//////////////////////////////////////////8=\n"
        b"\n" + NOTE
    )


def test_a_log_of_one_leaf_has_a_proof_without_hashes() -> None:
    note = sign_note(Checkpoint("example.com/log", 1, LEAVES[0]).text, LOG)
    proof = parse_tlog_proof(TlogProof(0, (), note).encode())
    proof.verify(LEAVES[0], LOG.verifier)


def test_another_leaf_index_proof_key_or_witness_does_not_hold() -> None:
    proof = proof_of(4)
    assert refusal(lambda: proof.verify(LEAVES[5], LOG.verifier)).reason == "PROOF_ROOT_DIFFERS"
    assert refusal(lambda: replace(proof, index=5).verify(LEAVES[4], LOG.verifier)).reason == "PROOF_ROOT_DIFFERS"
    assert refusal(lambda: replace(proof, index=6).verify(LEAVES[4], LOG.verifier)).reason == "PROOF_INDEX_RANGE"
    assert refusal(lambda: replace(proof, hashes=()).verify(LEAVES[4], LOG.verifier)).reason == "PROOF_LENGTH"
    other = NoteSigner("example.com/log", Ed25519PrivateKey.from_private_bytes(bytes([9]) * 32))
    assert refusal(lambda: proof.verify(LEAVES[4], other.verifier)).reason == "NOTE_KEY_UNKNOWN"
    assert refusal(lambda: proof.verify(LEAVES[4], LOG.verifier, quorum=1)).reason == "CHECKPOINT_QUORUM"


H = base64.b64encode(bytes(32))
HEADER = b"c2sp.org/tlog-proof@v1\n"


@pytest.mark.parametrize(
    ("head", "line"),
    [
        (b"", 1),
        (b"c2sp.org/tlog-proof@v2\nindex 0\n", 1),
        (b" " + HEADER + b"index 0\n", 1),
        (b"\xef\xbb\xbf" + HEADER + b"index 0\n", 1),
        (HEADER.replace(b"\n", b"\r\n") + b"index 0\n", 1),
        (HEADER, 2),
        (HEADER + b"index\n", 2),
        (HEADER + b"index \n", 2),
        (HEADER + b"index 00\n", 2),
        (HEADER + b"index -1\n", 2),
        (HEADER + b"index 1 \n", 2),
        (HEADER + b"index  1\n", 2),
        (HEADER + b"Index 1\n", 2),
        (HEADER + b"index 9223372036854775808\n", 2),
        (HEADER + b"extra \nindex 0\n", 2),
        (HEADER + b"extra AB==\nindex 0\n", 2),
        (HEADER + b"extra AA\nindex 0\n", 2),
        (HEADER + b"extra\nindex 0\n", 2),
        (HEADER + b"extra AA==\nextra AA==\nindex 0\n", 3),
        (HEADER + b"index 0\nextra AA==\n", 3),
        (HEADER + b"index 0\n" + H[:-1] + b"\n", 3),
        (HEADER + b"index 0\n" + H + b"\n" + H + b" \n", 4),
        (HEADER + b"index 0\n" + H[:40] + b"\n", 3),
        (HEADER + b"index 0\n\xff\n", 3),
        (HEADER + b"index 0\n" + (H + b"\n") * 64, 2),
    ],
)
def test_another_spelling_is_refused(head: bytes, line: int) -> None:
    error = refusal(lambda: parse_tlog_proof(head + b"\n" + NOTE))
    assert (error.reason, error.metadata) == ("TLOG_PROOF_MALFORMED", {"line": line})


def test_a_proof_without_checkpoint_is_refused() -> None:
    assert refusal(lambda: parse_tlog_proof(HEADER + b"index 0\n")).reason in {"TLOG_PROOF_MALFORMED", "NOTE_MALFORMED"}
    assert refusal(lambda: parse_tlog_proof(HEADER + b"index 0\n\n")).reason == "NOTE_MALFORMED"


def test_a_proof_is_bounded() -> None:
    assert refusal(lambda: parse_tlog_proof(bytes(MAX_PROOF_BYTES + 1))).reason == "NOTE_TOO_LARGE"
    large = replace(proof_of(0), extra=bytes(MAX_EXTRA_BYTES + 1))
    assert refusal(large.encode).reason == "TLOG_PROOF_MALFORMED"


@pytest.mark.parametrize(
    "change", [{"index": -1}, {"index": 2**63}, {"hashes": (b"short",)}, {"extra": b""}, {"hashes": (bytes(32),) * 64}]
)
def test_what_would_not_read_back_is_not_written(change: dict[str, object]) -> None:
    assert refusal(replace(proof_of(0), **change).encode).reason == "TLOG_PROOF_MALFORMED"  # type: ignore[arg-type]
