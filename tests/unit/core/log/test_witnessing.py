"""The add-checkpoint request and the witness's decision, clause by clause of C2SP tlog-witness."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rankd.core.errors import LogError
from rankd.core.log.canonical_text import base64_text
from rankd.core.log.checkpoint import Checkpoint, cosign
from rankd.core.log.note import NoteSigner, add_signature, parse_note, sign_note
from rankd.core.log.witnessing import (
    MAX_REQUEST_BYTES,
    AddCheckpoint,
    Ruling,
    Verdict,
    judge,
    known_logs,
    parse_add_checkpoint,
)
from tests.plain_log import NOW_S, ORIGIN, PlainLog, private_key, witness_signer

LOG = PlainLog.of(12)
FORK = PlainLog.of(12, fork_at=6)
LOGS = known_logs([LOG.signer.verifier.vkey], b"")
HASH = base64_text(bytes(32))


def ruled(data: bytes, held: Checkpoint | None = None) -> Verdict:
    return judge(data, LOGS, lambda origin: held if origin == ORIGIN else None)


def reason(verdict: Verdict) -> str:
    assert verdict.refusal is not None
    return verdict.refusal.reason


# The request body.


def test_the_body_is_old_size_proof_empty_line_checkpoint() -> None:
    data = AddCheckpoint(5, (bytes(32), b"\1" * 32), b"note").encode()
    assert data == f"old 5\n{HASH}\n{base64_text(bytes([1]) * 32)}\n\nnote".encode()
    assert parse_add_checkpoint(data) == AddCheckpoint(5, (bytes(32), b"\1" * 32), b"note")


def test_the_proof_may_be_empty_and_has_at_most_63_hashes() -> None:
    assert parse_add_checkpoint(b"old 0\n\nnote") == AddCheckpoint(0, (), b"note")
    most = AddCheckpoint(1, (bytes(32),) * 63, b"note")
    assert parse_add_checkpoint(most.encode()) == most


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"", 1),
        (b"old", 1),
        (b"5\n\nnote", 1),
        (b"old  5\n\nnote", 1),
        (b"old 05\n\nnote", 1),
        (b"old -5\n\nnote", 1),
        (b"old +5\n\nnote", 1),
        ("old ٥\n\nnote".encode(), 1),
        (b"old 9223372036854775808\n\nnote", 1),
        (b"old 5\r\n\r\nnote", 1),
        (b"Old 5\n\nnote", 1),
        (b"\n\nold 5\n\nnote", 1),
        (b"old 5\n", 2),
        (b"old 5\n\n", 2),
        (b"old 5\nnote", 2),
        (f"old 5\n{HASH}".encode(), 3),
        (b"old 5\nAAAA\n\nnote", 2),
        (f"old 5\n{HASH}\n{HASH} \n\nnote".encode(), 3),
        (f"old 5\n{HASH[:-1]}\n\nnote".encode(), 2),
        (f"old 5\n{HASH[:-2]}B=\n\nnote".encode(), 2),
        (f"old 5\n{HASH}\n".encode() * 2, 3),
        (AddCheckpoint(1, (bytes(32),) * 64, b"note").encode(), 65),
    ],
)
def test_a_malformed_body_is_refused_naming_the_line(data: bytes, line: int) -> None:
    with pytest.raises(LogError) as caught:
        parse_add_checkpoint(data)
    assert (caught.value.reason, caught.value.metadata["line"]) == ("WITNESS_REQUEST_MALFORMED", line)
    assert ruled(data).ruling is Ruling.MALFORMED


@pytest.mark.parametrize(
    "bomb",
    [
        b"old 0\n\n" + b"x" * MAX_REQUEST_BYTES,
        b"old 0\n" + b"\n" * MAX_REQUEST_BYTES,
        b"\0" * (MAX_REQUEST_BYTES + 1),
        b"old 1\n" + f"{HASH}\n".encode() * 6_000,
    ],
    ids=["long note", "newlines", "zeroes", "proof of six thousand hashes"],
)
def test_request_bombs_are_refused(bomb: bytes) -> None:
    assert ruled(bomb).ruling is Ruling.MALFORMED


def test_a_bomb_of_signatures_is_refused_before_any_is_verified() -> None:
    note = LOG.note(5) + LOG.note(5).splitlines(keepends=True)[-1] * 100
    assert reason(ruled(AddCheckpoint(0, (), note).encode())) == "NOTE_SIGNATURE_COUNT"


@given(st.binary(max_size=200))
@settings(max_examples=60, deadline=None)
def test_any_bytes_get_an_answer(data: bytes) -> None:
    assert ruled(data).ruling is Ruling.MALFORMED
    assert ruled(b"old 0\n\n" + data).ruling is not Ruling.COSIGN
    assert ruled(LOG.request(0, 5) + data).ruling is not Ruling.COSIGN or data == b""


# “The witness MUST verify the checkpoint signature against the public key(s) it trusts for the checkpoint origin.”


def test_what_a_known_log_signed_is_cosigned_the_first_time() -> None:
    verdict = ruled(LOG.request(0, 5))
    assert (verdict.ruling, verdict.checkpoint, verdict.note) == (Ruling.COSIGN, LOG.checkpoint(5), LOG.note(5))
    assert (verdict.refusal, verdict.split) == (None, None)


def test_unknown_log_is_404_whatever_else_is_wrong() -> None:
    other = PlainLog.of(5, origin="other.example")
    verdict = ruled(AddCheckpoint(9, (bytes(32),), other.note(5)).encode())
    assert (verdict.ruling, reason(verdict)) == (Ruling.UNKNOWN_LOG, "WITNESS_LOG_UNKNOWN")


def test_wrong_origin_signed_by_a_known_key_is_404() -> None:
    text = Checkpoint("log.example/other", 5, LOG.checkpoint(5).root).text
    assert ruled(AddCheckpoint(0, (), sign_note(text, LOG.signer)).encode()).ruling is Ruling.UNKNOWN_LOG


def test_a_checkpoint_that_only_unknown_keys_signed_is_403() -> None:
    impostor = NoteSigner(ORIGIN, private_key("impostor"))
    text = LOG.checkpoint(5).text
    note = add_signature(sign_note(text, impostor), cosign(text, witness_signer("w.example"), NOW_S))
    verdict = ruled(AddCheckpoint(0, (), note).encode())
    assert (verdict.ruling, reason(verdict), verdict.checkpoint) == (Ruling.UNSIGNED, "NOTE_KEY_UNKNOWN", None)


def test_a_forged_signature_of_the_log_is_403() -> None:
    forged = LOG.note(5).replace(LOG.checkpoint(5).text.encode(), LOG.checkpoint(6).text.encode())
    verdict = ruled(AddCheckpoint(0, (), forged).encode())
    assert (verdict.ruling, reason(verdict)) == (Ruling.UNSIGNED, "NOTE_SIGNATURE_WRONG")


def test_signatures_from_unknown_keys_are_ignored_and_not_kept() -> None:
    text = LOG.checkpoint(5).text
    crowd = LOG.note(5)
    for name in ("a.example", "b.example"):
        crowd = add_signature(crowd, cosign(text, witness_signer(name), NOW_S))
    verdict = ruled(AddCheckpoint(0, (), crowd).encode())
    assert (verdict.ruling, verdict.note) == (Ruling.COSIGN, LOG.note(5))


def test_a_log_may_have_two_keys_and_one_signature_is_enough() -> None:
    new = NoteSigner(ORIGIN, private_key("new key"))
    logs = known_logs([LOG.signer.verifier.vkey, new.verifier.vkey], b"")
    for signers in ((new,), (LOG.signer,), (LOG.signer, new)):
        data = AddCheckpoint(0, (), sign_note(LOG.checkpoint(5).text, *signers)).encode()
        assert judge(data, logs, lambda _: None).ruling is Ruling.COSIGN


# “The old size MUST be equal to or lower than the checkpoint size.”


def test_an_old_size_above_the_checkpoint_is_400_even_where_it_is_what_is_held() -> None:
    verdict = ruled(AddCheckpoint(8, (), LOG.note(5)).encode(), LOG.checkpoint(8))
    assert (verdict.ruling, reason(verdict)) == (Ruling.MALFORMED, "PROOF_SIZE_ORDER")


# “The witness MUST check that the old size matches the size of the latest checkpoint it cosigned.”


@pytest.mark.parametrize(("first", "held"), [(0, 5), (4, 5), (6, 5), (3, 0)])
def test_stale_old_size_is_409_with_the_size_that_is_held(first: int, held: int) -> None:
    verdict = ruled(LOG.request(first, 8), LOG.checkpoint(held) if held else None)
    assert (verdict.ruling, verdict.held_size, reason(verdict)) == (Ruling.CONFLICT, held, "WITNESS_SIZE_DIFFERS")
    assert verdict.split is None


def test_log_rollback_is_409_and_never_cosigned() -> None:
    for first in (0, 3, 5):
        verdict = ruled(LOG.request(first, 5), LOG.checkpoint(8))
        assert (verdict.ruling, verdict.held_size) == (Ruling.CONFLICT, 8)


# “The consistency proof lines MUST encode a Merkle Consistency Proof from the old size to the checkpoint size.”


@pytest.mark.parametrize(("first", "second"), [(1, 2), (5, 8), (8, 12), (11, 12)])
def test_growth_with_its_proof_is_cosigned(first: int, second: int) -> None:
    assert ruled(LOG.request(first, second), LOG.checkpoint(first)).ruling is Ruling.COSIGN


def test_a_proof_from_size_zero_must_be_empty() -> None:
    verdict = ruled(AddCheckpoint(0, (bytes(32),), LOG.note(5)).encode())
    assert (verdict.ruling, reason(verdict)) == (Ruling.INCONSISTENT, "LOG_FORKED")


def test_the_empty_tree_is_cosigned_and_so_is_what_grows_from_it() -> None:
    assert ruled(LOG.request(0, 0)).ruling is Ruling.COSIGN
    assert ruled(LOG.request(0, 0), LOG.checkpoint(0)).ruling is Ruling.COSIGN
    assert ruled(LOG.request(0, 5), LOG.checkpoint(0)).ruling is Ruling.COSIGN


def test_an_empty_tree_with_a_root_is_no_checkpoint() -> None:
    note = sign_note(Checkpoint(ORIGIN, 0, bytes(32)).text, LOG.signer)
    assert ruled(AddCheckpoint(0, (), note).encode()).ruling is Ruling.MALFORMED


def test_consistency_proof_of_another_log_is_422() -> None:
    other = PlainLog([f"other {at}" for at in range(12)])
    verdict = ruled(AddCheckpoint(5, other.proof(5, 8), LOG.note(8)).encode(), LOG.checkpoint(5))
    assert (verdict.ruling, reason(verdict), verdict.checkpoint) == (
        Ruling.INCONSISTENT,
        "LOG_FORKED",
        LOG.checkpoint(8),
    )


@pytest.mark.parametrize("proof", [(), LOG.proof(5, 8)[:-1], (*LOG.proof(5, 8), bytes(32)), LOG.proof(5, 8)[::-1]])
def test_a_proof_that_was_tampered_with_is_422(proof: tuple[bytes, ...]) -> None:
    verdict = ruled(AddCheckpoint(5, proof, LOG.note(8)).encode(), LOG.checkpoint(5))
    assert verdict.ruling is Ruling.INCONSISTENT


def test_log_fork_is_422_with_every_proof_that_either_history_has() -> None:
    for proof in (LOG.proof(8, 12), FORK.proof(8, 12)):
        verdict = ruled(AddCheckpoint(8, proof, FORK.note(12)).encode(), LOG.checkpoint(8))
        assert (verdict.ruling, verdict.split) == (Ruling.INCONSISTENT, None)


# “If the old size matches the checkpoint size, the witness MUST check that the root hashes are also identical.”


def test_the_same_checkpoint_is_cosigned_again() -> None:
    assert ruled(LOG.request(8, 8), LOG.checkpoint(8)).ruling is Ruling.COSIGN


def test_a_proof_between_equal_sizes_must_be_empty() -> None:
    verdict = ruled(AddCheckpoint(8, (bytes(32),), LOG.note(8)).encode(), LOG.checkpoint(8))
    assert verdict.ruling is Ruling.INCONSISTENT


def test_same_size_but_another_root_is_a_split_view() -> None:
    for proof in ((), (bytes(32),)):
        verdict = ruled(AddCheckpoint(8, proof, FORK.note(8)).encode(), LOG.checkpoint(8))
        assert (verdict.ruling, verdict.held_size, reason(verdict)) == (Ruling.CONFLICT, 8, "LOG_SPLIT_VIEW")
        assert (verdict.split, verdict.note) == (verdict.refusal, FORK.note(8))


@pytest.mark.parametrize(("first", "ruling"), [(0, Ruling.CONFLICT), (7, Ruling.CONFLICT), (9, Ruling.MALFORMED)])
def test_a_split_view_is_evidence_whatever_old_size_it_comes_with(first: int, ruling: Ruling) -> None:
    verdict = ruled(AddCheckpoint(first, (), FORK.note(8)).encode(), LOG.checkpoint(8))
    assert verdict.ruling is ruling
    assert verdict.split is not None
    assert verdict.split.reason == "LOG_SPLIT_VIEW"


def test_a_split_view_that_the_log_did_not_sign_is_no_evidence() -> None:
    note = sign_note(FORK.checkpoint(8).text, NoteSigner(ORIGIN, private_key("impostor")))
    verdict = ruled(AddCheckpoint(8, (), note).encode(), LOG.checkpoint(8))
    assert (verdict.ruling, verdict.split) == (Ruling.UNSIGNED, None)


# The logs that a witness follows.


@pytest.mark.parametrize("vkey", [witness_signer("w.example").verifier.vkey, LOG.signer.verifier.vkey])
def test_a_witnesss_key_is_no_log(vkey: str) -> None:
    with pytest.raises(LogError) as caught:
        known_logs([vkey], LOG.signer.verifier.public_key)
    assert caught.value.reason == "WITNESS_LOG_KEY"


def test_extension_lines_are_kept_as_the_log_signed_them() -> None:
    checkpoint = Checkpoint(ORIGIN, 5, LOG.checkpoint(5).root, ("an extension",))
    note = sign_note(checkpoint.text, LOG.signer)
    verdict = ruled(AddCheckpoint(0, (), note).encode())
    assert (verdict.ruling, parse_note(verdict.note).text) == (Ruling.COSIGN, checkpoint.text)
