"""Attacks on a quorum of witnesses, and on what a witness answers."""

import pytest

from rankd.core.errors import LogError, WitnessError
from rankd.core.log.checkpoint import cosign, open_checkpoint
from rankd.core.log.note import COSIGNATURE, NoteSigner, NoteVerifier, add_signature
from rankd.core.log.witness_answer import read_cosignature, read_held_size
from tests.plain_log import NOW_S, PlainLog, private_key, witness_signer

LOG = PlainLog.of(8)
FORK = PlainLog.of(8, fork_at=3)
TEXT = LOG.checkpoint(8).text
A, B, C = (witness_signer(f"{letter}.example") for letter in "abc")
VERIFIERS = tuple(signer.verifier for signer in (A, B, C))


def cosigned(*lines: str) -> bytes:
    note = LOG.note(8)
    for line in lines:
        note = add_signature(note, line)
    return note


def counted(note: bytes, quorum: int = 2, latest_s: int | None = None) -> int:
    return len(open_checkpoint(note, LOG.signer.verifier, VERIFIERS, quorum=quorum, latest_s=latest_s).cosigners)


def refused(note: bytes, quorum: int = 2, latest_s: int | None = None) -> str:
    with pytest.raises(LogError) as caught:
        counted(note, quorum, latest_s)
    return caught.value.reason


def test_a_witness_that_signs_twice_counts_once() -> None:
    twice = cosigned(cosign(TEXT, A, NOW_S), cosign(TEXT, A, NOW_S + 1))
    assert refused(twice) == "CHECKPOINT_QUORUM"
    assert counted(twice, 1) == 1


def test_a_key_under_two_names_counts_once() -> None:
    twin = NoteSigner("twin.example", private_key(A.name), COSIGNATURE)
    note = cosigned(cosign(TEXT, A, NOW_S), cosign(TEXT, twin, NOW_S))
    assert refused(note) == "CHECKPOINT_QUORUM"
    with pytest.raises(LogError) as caught:
        open_checkpoint(note, LOG.signer.verifier, (A.verifier, twin.verifier), quorum=2)
    assert caught.value.reason == "WITNESS_REFUSED"


def test_a_forged_cosignature_refuses_the_checkpoint() -> None:
    good, forged = cosign(TEXT, A, NOW_S), cosign(FORK.checkpoint(8).text, B, NOW_S)
    assert refused(cosigned(good, forged), 1) == "NOTE_SIGNATURE_WRONG"


def test_a_cosignature_of_another_origin_does_not_count() -> None:
    text = PlainLog.of(8, origin="other.example").checkpoint(8).text
    assert refused(cosigned(cosign(text, A, NOW_S)), 1) == "NOTE_SIGNATURE_WRONG"


def test_an_impostor_with_a_witnesss_name_is_not_that_witness() -> None:
    impostor = NoteSigner(A.name, private_key("impostor"), COSIGNATURE)
    assert refused(cosigned(cosign(TEXT, impostor, NOW_S), cosign(TEXT, B, NOW_S))) == "CHECKPOINT_QUORUM"


def test_a_plain_signature_is_no_cosignature() -> None:
    plain = NoteSigner(A.name, private_key(A.name))
    assert refused(cosigned(plain.sign(TEXT)), 1) == "CHECKPOINT_QUORUM"


def test_cosignatures_from_the_future_do_not_count_and_stop_nobody() -> None:
    note = cosigned(cosign(TEXT, A, NOW_S), cosign(TEXT, B, NOW_S), cosign(TEXT, C, NOW_S + 1))
    assert counted(note, 2, NOW_S) == 2
    assert refused(note, 3, NOW_S) == "CHECKPOINT_QUORUM"
    assert counted(note, 3, NOW_S + 1) == 3
    assert counted(note, 3) == 3


def test_two_views_for_two_clients_need_witnesses_that_cosign_both() -> None:
    # Two of three cosigned one view; an honest witness cosigns no second one, so the other view has one at most.
    text = FORK.checkpoint(8).text
    other = add_signature(FORK.note(8), cosign(text, C, NOW_S))
    assert counted(cosigned(cosign(TEXT, A, NOW_S), cosign(TEXT, B, NOW_S))) == 2
    assert refused(other) == "CHECKPOINT_QUORUM"


# What a witness answers its log.


def answered(answer: bytes, witness: NoteVerifier = A.verifier, latest_s: int = NOW_S) -> str:
    with pytest.raises(WitnessError) as caught:
        read_cosignature(answer, TEXT, witness, latest_s)
    return caught.value.reason


def test_the_witnesss_line_is_found_among_those_of_unknown_keys() -> None:
    own = cosign(TEXT, A, NOW_S)
    answer = f"{cosign(TEXT, B, NOW_S)}{own}".encode()
    assert read_cosignature(answer, TEXT, A.verifier, NOW_S) == own


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\n",
        b"200\n",
        b"\xff",
        cosign(TEXT, A, NOW_S).encode()[:-1],
        f"injected\n\n{cosign(TEXT, A, NOW_S)}".encode(),
        cosign(TEXT, A, NOW_S).encode() + b"\n",
        cosign(TEXT, A, NOW_S).encode() * 101,
    ],
)
def test_an_answer_that_is_no_signature_lines_is_refused(answer: bytes) -> None:
    assert answered(answer) == "WITNESS_ANSWER_MALFORMED"


def test_a_cosignature_over_another_checkpoint_does_not_count() -> None:
    assert answered(cosign(FORK.checkpoint(8).text, A, NOW_S).encode()) == "WITNESS_COSIGNATURE_WRONG"
    assert answered(cosign(LOG.checkpoint(7).text, A, NOW_S).encode()) == "WITNESS_COSIGNATURE_WRONG"


def test_a_good_line_does_not_make_up_for_a_forged_one_of_the_same_key() -> None:
    lines = cosign(TEXT, A, NOW_S), cosign(LOG.checkpoint(7).text, A, NOW_S)
    for answer in ("".join(lines), "".join(reversed(lines))):
        assert answered(answer.encode()) == "WITNESS_COSIGNATURE_WRONG"


def test_another_witnesss_line_does_not_count_as_this_ones() -> None:
    assert answered(cosign(TEXT, B, NOW_S).encode()) == "WITNESS_COSIGNATURE_ABSENT"


def test_a_time_in_the_future_does_not_count() -> None:
    line = cosign(TEXT, A, NOW_S)
    assert read_cosignature(line.encode(), TEXT, A.verifier, NOW_S) == line
    assert answered(line.encode(), latest_s=NOW_S - 1) == "WITNESS_CLOCK"


def test_a_conflict_names_one_size() -> None:
    assert read_held_size(b"20852014\n", A.verifier) == 20852014
    for answer in (b"", b"5", b"05\n", b"5\n5\n", b"-1\n", b"9223372036854775808\n", b"5 \n", b"5" * 70_000):
        with pytest.raises(WitnessError) as caught:
            read_held_size(answer, A.verifier)
        assert caught.value.reason == "WITNESS_ANSWER_MALFORMED"
