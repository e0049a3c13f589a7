"""Signed notes: what the Go implementation accepts and refuses, and every rule of the specification."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.errors import LogError
from rankd.core.log.note import (
    COSIGNATURE,
    MAX_NOTE_BYTES,
    MAX_SIGNATURES,
    NoteSignature,
    NoteSigner,
    NoteVerifier,
    add_signature,
    key_id_of,
    open_note,
    parse_note,
    parse_vkey,
    sign_note,
)
from tests.unit.core.log.vectors import official

GO = official("notes.json")
TEXT = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n"


def signer(seed: int, name: str = "example.com/log", algorithm: int = 1) -> NoteSigner:
    return NoteSigner(name, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32), algorithm)


def refusal(act: Callable[[], object]) -> LogError:
    with pytest.raises(LogError) as caught:
        act()
    return caught.value


def whole(probe: dict[str, Any]) -> bytes:
    return str(probe["note"] + probe.get("line", "") * probe.get("times", 0)).encode()


@pytest.mark.parametrize("probe", GO["notes"], ids=[probe["desc"] for probe in GO["notes"]])
def test_note_of_the_go_implementation(probe: dict[str, Any]) -> None:
    verifiers = [parse_vkey(vkey) for vkey in probe["keys"]]
    if "want" in probe:
        assert list(open_note(whole(probe), verifiers).by) == probe["want"]
    else:
        assert refusal(lambda: open_note(whole(probe), verifiers)).reason == probe["want_reason"]


@pytest.mark.parametrize("probe", GO["signing"])
def test_signing_gives_the_bytes_of_the_go_implementation(probe: dict[str, str]) -> None:
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(probe["seed"]))
    signing = NoteSigner(probe["vkey"].split("+")[0], private)
    assert signing.verifier.vkey == probe["vkey"]
    assert sign_note(probe["text"], signing).decode() == probe["want"]


@pytest.mark.parametrize("probe", GO["vkeys"])
def test_published_vkey(probe: dict[str, Any]) -> None:
    if probe["ok"]:
        assert parse_vkey(probe["vkey"]).vkey == probe["vkey"]
    else:
        assert refusal(lambda: parse_vkey(probe["vkey"])).reason == "VKEY_MALFORMED"


def test_no_part_of_a_vkey_and_no_changed_character_is_a_vkey() -> None:
    vkey = GO["signing"][0]["vkey"]
    parts = [vkey[begin:end] for begin in range(len(vkey)) for end in range(begin, len(vkey) + 1)]
    changed = [vkey[:at] + chr(ord(vkey[at]) + 1) + vkey[at + 1 :] for at in range(len(vkey))]
    others = [vkey.upper(), vkey + "\n", " " + vkey, vkey.replace("c74f", "0xc74f"), vkey.replace("c74f", "c7_4f")]
    others += [vkey.replace("+c7", "+ c7"), vkey.replace("+c7", "++c7"), "\ud800" + vkey]
    for other in {*parts, *changed, *others} - {vkey}:
        assert refusal(partial(parse_vkey, other)).reason == "VKEY_MALFORMED"


@pytest.mark.parametrize(
    "name", ["", "a b", "a+b", "a\tb", "a\u00a0b", "a\u2028b", "a\x01b", "a\u3000", "\n", "a\udc80"]
)
def test_a_key_has_a_name_without_spaces_and_plus(name: str) -> None:
    assert refusal(lambda: signer(1, name)).reason == "VKEY_MALFORMED"


def test_a_verifier_holds_a_key_worth_trusting_under_its_own_id() -> None:
    known = signer(1).verifier
    assert refusal(lambda: NoteVerifier.of("a", bytes(32))).reason == "PUBLIC_KEY_SMALL_ORDER"
    assert refusal(lambda: NoteVerifier.of("a", b"short")).reason == "PUBLIC_KEY_LENGTH"
    for algorithm in (0, 2, 5, 6, 255):
        assert refusal(partial(NoteVerifier.of, "a", known.public_key, algorithm)).reason == "VKEY_MALFORMED"
    other = NoteVerifier.of("b", known.public_key).key_id
    assert refusal(lambda: NoteVerifier("a", other, 1, known.public_key)).reason == "VKEY_MALFORMED"


def test_one_key_has_another_id_under_another_name_or_algorithm() -> None:
    key = signer(1).verifier.public_key
    assert len({key_id_of(name, algorithm, key) for name in ("a", "b") for algorithm in (1, 4)}) == 4


def test_a_note_reads_back() -> None:
    data = sign_note(TEXT, signer(1), signer(2, "other"))
    note = parse_note(data)
    assert note.text == TEXT
    assert [signature.name for signature in note.signatures] == ["example.com/log", "other"]
    assert f"{note.text}\n{''.join(signature.line for signature in note.signatures)}".encode() == data
    assert open_note(data, [signer(2, "other").verifier]).by == ("other",)


@pytest.mark.parametrize("text", ["\n", "\n\n", "a\n\n\n", "— fake AAAA\n", "a\n\n— fake AAAAAAAA\n"])
def test_odd_texts_are_texts(text: str) -> None:
    assert open_note(sign_note(text, signer(1)), [signer(1).verifier]).text == text


@pytest.mark.parametrize("text", ["", "a", "a\n\nb", "a\r\n", "\x00\n", "a\x1f\n", "a\tb\n"])
def test_what_is_no_text_is_not_signed(text: str) -> None:
    assert refusal(lambda: sign_note(text, signer(1))).reason == "NOTE_MALFORMED"


def test_a_note_without_signature_is_no_note() -> None:
    assert refusal(lambda: sign_note(TEXT)).reason == "NOTE_MALFORMED"


def test_the_shortest_signature_line() -> None:
    assert parse_note("a\n\n— name AAAAAAA=\n".encode()).signatures == (NoteSignature("name", 0, b"\0"),)


@pytest.mark.parametrize(
    "line",
    [
        "— name AAAAAA==\n",
        "— name \n",
        "— name\n",
        "—name AAAAAAA=\n",
        "- name AAAAAAA=\n",
        "— name AAAAAAA\n",
        "— name AAAAAAB=\n",
        "— name  AAAAAAA=\n",
        "— name AAAAAAA= \n",
        "— name AAAAAAA=\r\n",
        "— na+me AAAAAAA=\n",
        "— na\u00a0me AAAAAAA=\n",
        "— na\x0bme AAAAAAA=\n",
        "—  AAAAAAA=\n",
        " — name AAAAAAA=\n",
        "— name AAAAAAA=",
    ],
)
def test_another_spelling_of_a_signature_line_is_refused(line: str) -> None:
    error = refusal(lambda: parse_note(f"a\n\n{line}".encode()))
    assert (error.reason, error.metadata) == ("NOTE_MALFORMED", {"line": 3})


@pytest.mark.parametrize("data", [b"", b"\n", b"\n\n", b"a", b"a\n\n", b"a\n\xff\n\n", b"a\n\n\xed\xa0\x80\n"])
def test_what_is_no_note_is_refused(data: bytes) -> None:
    assert refusal(lambda: parse_note(data)).reason == "NOTE_MALFORMED"


def test_a_note_is_bounded() -> None:
    line = signer(1).sign("a\n")
    assert len(parse_note(f"a\n\n{line * MAX_SIGNATURES}".encode()).signatures) == MAX_SIGNATURES
    assert refusal(lambda: parse_note(f"a\n\n{line * 101}".encode())).reason == "NOTE_SIGNATURE_COUNT"
    assert refusal(lambda: parse_note(b"a" * MAX_NOTE_BYTES + b"\n")).reason == "NOTE_TOO_LARGE"


def opened(data: bytes, *verifiers: NoteVerifier) -> Sequence[str]:
    return open_note(data, verifiers).by


def test_a_wrong_signature_of_a_known_key_refuses_the_whole_note() -> None:
    good, bad = signer(1), signer(2, "other")
    data = f"{TEXT}\n{good.sign(TEXT)}{bad.sign(TEXT + 'x')}".encode()
    assert opened(data, good.verifier) == ("example.com/log",)
    error = refusal(lambda: opened(data, good.verifier, bad.verifier))
    assert (error.reason, error.metadata) == ("NOTE_SIGNATURE_WRONG", {"name": "other"})


def test_a_wrong_signature_behind_a_good_one_of_the_same_key_refuses_the_whole_note() -> None:
    good = signer(1)
    lines = [good.sign(TEXT), good.sign("another\n")]
    for order in (lines, lines[::-1]):
        data = f"{TEXT}\n{''.join(order)}".encode()
        assert refusal(partial(opened, data, good.verifier)).reason == "NOTE_SIGNATURE_WRONG"


def test_the_same_signature_twice_counts_once() -> None:
    good = signer(1)
    note = open_note(f"{TEXT}\n{good.sign(TEXT) * 2}".encode(), [good.verifier])
    assert note.by == ("example.com/log",)
    assert len(note.verified) == 2


def test_keys_that_share_only_name_or_only_id_are_unknown() -> None:
    good, id_bytes = signer(1), signer(1).verifier.key_id
    same_name = NoteSignature("example.com/log", id_bytes ^ 1, bytes(64)).line
    same_id = NoteSignature("example.com/other", id_bytes, bytes(64)).line
    assert opened(f"{TEXT}\n{same_name}{same_id}{good.sign(TEXT)}".encode(), good.verifier) == ("example.com/log",)
    error = refusal(lambda: opened(f"{TEXT}\n{same_name}{same_id}".encode(), good.verifier))
    assert error.reason == "NOTE_KEY_UNKNOWN"
    assert error.metadata["wanted"] == f"example.com/log+{id_bytes:08x}"


def test_the_same_verifier_twice_is_one() -> None:
    good = signer(1)
    assert opened(sign_note(TEXT, good), good.verifier, good.verifier) == ("example.com/log",)


def test_two_keys_with_one_name_and_id_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rankd.core.log.note.key_id_of", lambda *_: 7)
    one, two = signer(1), signer(2)
    error = refusal(lambda: opened(sign_note(TEXT, one), one.verifier, two.verifier))
    assert (error.reason, error.metadata) == ("NOTE_KEYS_COLLIDE", {"name": "example.com/log", "key_id": "00000007"})


def test_a_signature_is_not_a_cosignature_of_the_same_key() -> None:
    plain, witness = signer(1), signer(1, algorithm=COSIGNATURE)
    assert plain.verifier.key_id != witness.verifier.key_id
    data = f"{TEXT}\n{witness.sign(TEXT, 5)}".encode()
    assert opened(data, witness.verifier) == ("example.com/log",)
    assert refusal(lambda: opened(data, plain.verifier)).reason == "NOTE_KEY_UNKNOWN"
    with pytest.raises(ValueError, match="time"):
        witness.sign(TEXT)
    with pytest.raises(ValueError, match="time"):
        plain.sign(TEXT, 5)


def test_a_signature_can_be_added() -> None:
    note = sign_note(TEXT, signer(1))
    longer = add_signature(note, signer(2, "other").sign(TEXT))
    assert longer.startswith(note)
    assert opened(longer, signer(1).verifier, signer(2, "other").verifier) == ("example.com/log", "other")


@pytest.mark.parametrize(
    "line", ["", "\n", "\n— a AAAAAAA=\n", "— a AAAAAAA=", "— a AAAAAAA=\n— a AAAAAAA=\n", "text\n", "— a b\n"]
)
def test_what_is_not_one_signature_line_is_not_added(line: str) -> None:
    assert refusal(lambda: add_signature(sign_note(TEXT, signer(1)), line)).reason == "NOTE_MALFORMED"


def test_a_signer_does_not_show_its_key() -> None:
    assert "0101" not in repr(signer(1))
