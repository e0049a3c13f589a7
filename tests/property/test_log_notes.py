"""Notes, checkpoints and proofs in one file: what is read is what was written, byte for byte, or refused by name."""

from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from rankd.core.errors import LogError
from rankd.core.log.checkpoint import Checkpoint, cosign, open_checkpoint, parse_checkpoint_text
from rankd.core.log.envelope import open_envelope, parse_envelope, sign_envelope
from rankd.core.log.note import COSIGNATURE, NoteSigner, add_signature, open_note, parse_note, parse_vkey, sign_note
from rankd.core.log.tlog_proof import TlogProof, parse_tlog_proof

quickly = settings(max_examples=60, deadline=None)
PRIVATE = [Ed25519PrivateKey.from_private_bytes(bytes([at]) * 32) for at in range(1, 4)]
LOG = NoteSigner("example.com/log", PRIVATE[0])
WITNESS = NoteSigner("witness.example", PRIVATE[1], COSIGNATURE)
CHECKPOINT = Checkpoint("example.com/log", 7, bytes(range(32)))
NOTE = add_signature(sign_note(CHECKPOINT.text, LOG), cosign(CHECKPOINT.text, WITNESS, 1_700_000_000))

lines = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=20)
texts = st.lists(lines, min_size=1, max_size=5).map(lambda found: "".join(f"{line}\n" for line in found))
names = st.text(st.characters(min_codepoint=33, exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=12).filter(
    lambda name: "+" not in name
)


def refusal(act: Callable[[], object]) -> str | None:
    try:
        act()
    except LogError as error:
        return error.reason
    return None


def changed(data: bytes, at: int, flip: int) -> bytes:
    at %= len(data)
    return data[:at] + bytes([data[at] ^ flip]) + data[at + 1 :]


@given(texts, names, st.integers(0, 2))
@quickly
def test_any_text_is_signed_and_opened(text: str, name: str, key: int) -> None:
    signer = NoteSigner(name, PRIVATE[key])
    data = sign_note(text, signer)
    assert open_note(data, [parse_vkey(signer.verifier.vkey)]).text == text


@given(st.binary(max_size=200))
@quickly
def test_random_bytes_are_a_note_or_refused(data: bytes) -> None:
    reason = refusal(lambda: parse_note(b"text\n\n\xe2\x80\x94 name " + data + b"\n"))
    assert reason is None or reason.startswith("NOTE_")


@given(st.integers(0, 10**6), st.integers(1, 255))
@quickly
def test_one_changed_byte_of_a_checkpoint_is_never_the_same_promise(at: int, flip: int) -> None:
    other = changed(NOTE, at, flip)
    assert refusal(lambda: open_checkpoint(other, LOG.verifier, [WITNESS.verifier], quorum=1)) is not None


@given(st.integers(0, 10**6), st.integers(1, 255))
@quickly
def test_a_note_that_reads_has_one_spelling(at: int, flip: int) -> None:
    try:
        note = parse_note(changed(NOTE, at, flip))
    except LogError:
        return
    spelled = f"{note.text}\n{''.join(signature.line for signature in note.signatures)}"
    assert spelled.encode() == changed(NOTE, at, flip)


@given(names, st.integers(1, 2**63 - 1), st.binary(min_size=32, max_size=32), st.lists(lines.filter(bool), max_size=2))
@quickly
def test_checkpoints_read_back(origin: str, size: int, root: bytes, extensions: list[str]) -> None:
    checkpoint = Checkpoint(origin, size, root, tuple(extensions))
    assert parse_checkpoint_text(checkpoint.text) == checkpoint


@given(texts)
@quickly
def test_a_checkpoint_has_one_spelling(text: str) -> None:
    try:
        checkpoint = parse_checkpoint_text(text)
    except LogError:
        return
    assert checkpoint.text == text


@given(
    st.integers(0, 2**63 - 1),
    st.lists(st.binary(min_size=32, max_size=32), max_size=63).map(tuple),
    st.none() | st.binary(min_size=1, max_size=50),
)
@quickly
def test_proofs_in_one_file_read_back(index: int, hashes: tuple[bytes, ...], extra: bytes | None) -> None:
    proof = TlogProof(index, hashes, NOTE, extra)
    assert parse_tlog_proof(proof.encode()) == proof


@given(st.integers(0, 10**6), st.integers(1, 255))
@quickly
def test_a_proof_in_one_file_has_one_spelling(at: int, flip: int) -> None:
    data = changed(TlogProof(5, (bytes(32), bytes(range(32))), NOTE, b"more").encode(), at, flip)
    try:
        proof = parse_tlog_proof(data)
    except LogError:
        return
    assert proof.encode() == data


@given(names.filter(str.isascii), st.binary(max_size=200), st.integers(0, 2))
@quickly
def test_any_payload_is_sealed_and_opened(payload_type: str, payload: bytes, key: int) -> None:
    envelope = sign_envelope(payload_type, payload, PRIVATE[key])
    public = PRIVATE[key].public_key().public_bytes_raw()
    assert open_envelope(envelope.document, payload_type, {public.hex(): public}) == (payload, public.hex())
    assert parse_envelope(envelope.document) == envelope
