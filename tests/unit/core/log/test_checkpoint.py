"""Checkpoints: published ones hold, and neither another log's nor a missing witness passes."""

import base64
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.errors import LogError
from rankd.core.log.checkpoint import Checkpoint, cosign, open_checkpoint, parse_checkpoint_text
from rankd.core.log.note import (
    COSIGNATURE,
    ED25519,
    NoteSigner,
    NoteVerifier,
    add_signature,
    open_note,
    parse_note,
    parse_vkey,
    sign_note,
)
from rankd.core.log.tree import EMPTY_ROOT, leaf_hash
from tests.unit.core.log.vectors import official

PUBLISHED = official("checkpoints.json")
ORIGIN = "example.com/log"
TEXT = Checkpoint(ORIGIN, 7, bytes(range(32))).text


def signer(seed: int, name: str = ORIGIN, algorithm: int = ED25519) -> NoteSigner:
    return NoteSigner(name, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32), algorithm)


def witness(seed: int) -> NoteSigner:
    return signer(seed, f"witness.example/{seed}", COSIGNATURE)


LOG = signer(1)


def refusal(act: Callable[[], object]) -> LogError:
    with pytest.raises(LogError) as caught:
        act()
    return caught.value


@pytest.mark.parametrize("published", PUBLISHED["signed"])
def test_a_published_checkpoint_holds(published: dict[str, Any]) -> None:
    opened = open_note(published["note"].encode(), [parse_vkey(published["vkey"])])
    checkpoint = parse_checkpoint_text(opened.text)
    assert opened.by == ("sum.golang.org",)
    assert (checkpoint.origin, checkpoint.size) == ("go.sum database tree", published["size"])
    assert checkpoint.text == opened.text


def test_a_published_checkpoint_of_another_origin_than_its_key_is_refused() -> None:
    published = PUBLISHED["signed"][0]
    error = refusal(lambda: open_checkpoint(published["note"].encode(), parse_vkey(published["vkey"])))
    assert error.reason == "CHECKPOINT_ORIGIN"
    assert error.metadata == {"wanted": "sum.golang.org", "found": "go.sum database tree"}


def test_the_example_of_the_specification_is_well_formed() -> None:
    note = parse_note(PUBLISHED["example"].encode())
    assert parse_checkpoint_text(note.text).size == 20_852_163
    assert [len(signature.signature) for signature in note.signatures] == [64, 72]
    assert int.from_bytes(note.signatures[1].signature[:8], "big") == 1_679_315_147


@pytest.mark.parametrize("probe", PUBLISHED["texts"])
def test_text_of_the_go_implementation(probe: dict[str, Any]) -> None:
    if "size" in probe:
        checkpoint = Checkpoint("go.sum database tree", probe["size"], leaf_hash(probe["entry"].encode()))
        assert checkpoint.text == probe["text"]
        assert parse_checkpoint_text(probe["text"]) == checkpoint
    else:
        assert refusal(lambda: parse_checkpoint_text(probe["text"])).metadata == {"line": probe["want_line"]}


@pytest.mark.parametrize("size", [0, 1, 2**63 - 1])
def test_a_checkpoint_reads_back(size: int) -> None:
    checkpoint = Checkpoint(ORIGIN, size, EMPTY_ROOT)
    assert parse_checkpoint_text(checkpoint.text) == checkpoint


def test_extension_lines_are_kept_and_signed() -> None:
    checkpoint = Checkpoint(ORIGIN, 7, bytes(32), ("one", "two"))
    note = sign_note(checkpoint.text, LOG)
    assert open_checkpoint(note, LOG.verifier).checkpoint == checkpoint
    changed = note.replace(b"two", b"too")
    assert refusal(lambda: open_checkpoint(changed, LOG.verifier)).reason == "NOTE_SIGNATURE_WRONG"


ROOT = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("o\n", 2),
        ("o\n1\n", 3),
        (f"o\n1\n{ROOT}", 3),
        (f"\n1\n{ROOT}\n", 1),
        (f"o\n\n{ROOT}\n", 2),
        (f"o\n01\n{ROOT}\n", 2),
        (f"o\n+1\n{ROOT}\n", 2),
        (f"o\n-1\n{ROOT}\n", 2),
        (f"o\n 1\n{ROOT}\n", 2),
        (f"o\n1.0\n{ROOT}\n", 2),
        (f"o\n{2**63}\n{ROOT}\n", 2),
        (f"o\n0\n{ROOT}\n", 3),
        (f"o\n1\n{ROOT} \n", 3),
        (f"o\n1\n{ROOT[:-1]}\n", 3),
        (f"o\n1\n{ROOT[:-2]}B=\n", 3),
        (f"o\n1\n{ROOT[:40]}\n", 3),
        (f"o\n1\n{'A' * 44}\n", 3),
        (f"o\n1\n{ROOT}\n\n", 4),
        (f"o\n1\n{ROOT}\nextension\n\n", 5),
        (f"o\n1\n{ROOT}\n\nextension\n", 4),
    ],
)
def test_another_spelling_is_refused(text: str, line: int) -> None:
    error = refusal(lambda: parse_checkpoint_text(text))
    assert (error.reason, error.metadata) == ("CHECKPOINT_MALFORMED", {"line": line})


def cosigned(*witnesses: NoteSigner, time_s: int = 1000) -> bytes:
    note = sign_note(TEXT, LOG)
    for at, one in enumerate(witnesses):
        note = add_signature(note, cosign(TEXT, one, time_s + at))
    return note


def test_witnesses_are_named_with_their_times() -> None:
    note = cosigned(witness(2), witness(3), witness(4))
    verified = open_checkpoint(note, LOG.verifier, [witness(3).verifier, witness(2).verifier], quorum=2)
    assert verified.cosigners == (("witness.example/2", 1000), ("witness.example/3", 1001))
    assert (verified.note, verified.checkpoint.text) == (note, TEXT)


def test_a_quorum_counts_each_known_witness_once() -> None:
    known = [witness(2).verifier, witness(3).verifier]
    error = refusal(
        lambda: open_checkpoint(cosigned(witness(2), witness(2), witness(4)), LOG.verifier, known, quorum=2)
    )
    assert (error.reason, error.metadata) == ("CHECKPOINT_QUORUM", {"wanted": 2, "found": 1})


def test_a_quorum_without_witnesses_cannot_be_met() -> None:
    assert refusal(lambda: open_checkpoint(cosigned(), LOG.verifier, quorum=1)).reason == "CHECKPOINT_QUORUM"


def test_a_wrong_cosignature_of_a_known_witness_refuses_the_checkpoint() -> None:
    other = Checkpoint(ORIGIN, 8, bytes(range(32))).text
    note = add_signature(cosigned(witness(2)), cosign(other, witness(3), 5))
    assert open_checkpoint(note, LOG.verifier, [witness(2).verifier], quorum=1).cosigners
    known = [witness(2).verifier, witness(3).verifier]
    error = refusal(lambda: open_checkpoint(note, LOG.verifier, known, quorum=1))
    assert (error.reason, error.metadata) == ("NOTE_SIGNATURE_WRONG", {"name": "witness.example/3"})


def test_witnesses_do_not_stand_in_for_the_log() -> None:
    note = f"{TEXT}\n{cosign(TEXT, witness(2), 5)}".encode()
    error = refusal(lambda: open_checkpoint(note, LOG.verifier, [witness(2).verifier]))
    assert (error.reason, error.metadata) == ("CHECKPOINT_UNSIGNED", {"name": ORIGIN})
    assert refusal(lambda: open_checkpoint(note, LOG.verifier)).reason == "NOTE_KEY_UNKNOWN"


def test_a_witness_with_the_logs_name_does_not_stand_in_for_it() -> None:
    impostor = signer(2, ORIGIN, COSIGNATURE)
    note = f"{TEXT}\n{cosign(TEXT, impostor, 5)}".encode()
    assert refusal(lambda: open_checkpoint(note, LOG.verifier, [impostor.verifier])).reason == "CHECKPOINT_UNSIGNED"


@pytest.mark.parametrize(
    "witnesses",
    [
        [witness(2).verifier, witness(2).verifier],
        [witness(2).verifier, NoteVerifier.of("alias", witness(2).verifier.public_key, COSIGNATURE)],
        [NoteVerifier.of("alias", LOG.verifier.public_key, COSIGNATURE)],
        [signer(2, "plain").verifier],
    ],
    ids=["twice", "under two names", "the log itself", "not made to cosign"],
)
def test_a_key_that_is_no_further_witness_is_refused(witnesses: list[NoteVerifier]) -> None:
    assert refusal(lambda: open_checkpoint(cosigned(), LOG.verifier, witnesses)).reason == "WITNESS_REFUSED"


def test_a_log_signs_with_a_plain_key() -> None:
    error = refusal(lambda: open_checkpoint(cosigned(witness(2)), witness(2).verifier))
    assert error.reason == "VKEY_MALFORMED"


def test_another_logs_checkpoint_is_refused() -> None:
    text = Checkpoint("example.com/other", 7, bytes(32)).text
    error = refusal(lambda: open_checkpoint(sign_note(text, LOG), LOG.verifier))
    assert error.reason == "CHECKPOINT_ORIGIN"
    error = refusal(lambda: open_checkpoint(sign_note(TEXT, signer(2)), LOG.verifier))
    assert error.reason == "NOTE_KEY_UNKNOWN"


def test_a_note_that_is_no_checkpoint_is_refused() -> None:
    assert refusal(lambda: open_checkpoint(sign_note("hello\n", LOG), LOG.verifier)).reason == "CHECKPOINT_MALFORMED"


def test_only_checkpoints_are_cosigned() -> None:
    assert refusal(lambda: cosign("hello\n", witness(2), 5)).reason == "CHECKPOINT_MALFORMED"
    with pytest.raises(ValueError, match="time"):
        cosign(TEXT, LOG, 5)
