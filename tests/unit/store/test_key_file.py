import json
import os
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.errors import KeyFileError
from rankd.core.exact.canonical import canonical_json
from rankd.core.log.note import COSIGNATURE, NoteSigner, parse_vkey
from rankd.store import key_file
from rankd.store.key_file import KEY_KINDS, SCRYPT_N, KeyFile, KeyKind, create_key, read_key

FAST_N = 1_024
WORDS = "cheval pile agrafe été"


def made(
    path: Path, kind: KeyKind = "log", name: str = "rankd.coop.example", passphrase: str | None = WORDS
) -> KeyFile:
    return create_key(path, kind, name, passphrase, scrypt_n=FAST_N)


def refusal(path: Path, passphrase: str | None = WORDS) -> str:
    with pytest.raises(KeyFileError) as caught:
        read_key(path).unlock(passphrase)
    assert caught.value.say("fr") != caught.value.say("en")
    return caught.value.reason


def edit(path: Path, **changes: Any) -> None:
    """Change a key file as somebody would who knows its form."""
    document = json.loads(path.read_bytes())
    for field, value in changes.items():
        if field in ("n", "r", "p", "kdf", "salt", "ciphertext"):
            document["sealed"][field] = value
        elif value is None:
            del document[field]
        else:
            document[field] = value
    path.write_bytes(canonical_json(document) + b"\n")


@pytest.mark.parametrize("passphrase", [WORDS, None])
@pytest.mark.parametrize("kind", KEY_KINDS)
def test_a_key_is_read_back_and_signs(tmp_path: Path, kind: KeyKind, passphrase: str | None) -> None:
    path = tmp_path / "key"
    new = made(path, kind, "a.example", passphrase)
    key = read_key(path)
    assert key == new
    assert (key.kind, key.name, key.protected) == (kind, "a.example", passphrase is not None)
    assert key.unlock(passphrase).public_key().public_bytes_raw() == key.public
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_log_key_and_a_witness_key_have_the_name_that_notes_use(tmp_path: Path) -> None:
    log, witness = made(tmp_path / "log"), made(tmp_path / "witness", "witness", "w.example")
    assert log.vkey == NoteSigner(log.name, log.unlock(WORDS)).verifier.vkey
    assert parse_vkey(witness.vkey or "").algorithm == COSIGNATURE


@pytest.mark.parametrize("kind", ["eraser", "member", "secretary", "guardian"])
def test_a_persons_key_has_a_label_and_no_vkey(tmp_path: Path, kind: KeyKind) -> None:
    key = made(tmp_path / "key", kind, "Zoé + greffe")
    assert key.vkey is None
    assert "vkey" not in json.loads(key.path.read_bytes())
    assert read_key(key.path).name == "Zoé + greffe"


def test_a_key_of_one_kind_does_not_pass_for_another(tmp_path: Path) -> None:
    made(tmp_path / "key", "member", "Zoé")
    edit(tmp_path / "key", kind="secretary")
    assert refusal(tmp_path / "key") == "KEY_PASSPHRASE_WRONG"


def test_nothing_secret_is_in_the_file_or_in_what_is_printed(tmp_path: Path) -> None:
    key = made(tmp_path / "sealed")
    seed = key.unlock(WORDS).private_bytes_raw()
    text = (tmp_path / "sealed").read_text()
    assert seed.hex() not in text
    assert WORDS not in text
    plain = made(tmp_path / "plain", passphrase=None)
    assert plain.unlock(None).private_bytes_raw().hex() in (tmp_path / "plain").read_text()
    assert plain.unlock(None).private_bytes_raw().hex() not in repr(plain)
    assert "_secret=" not in repr(key)


def test_two_keys_under_one_passphrase_share_nothing(tmp_path: Path) -> None:
    first, second = (json.loads((made(tmp_path / name)).path.read_bytes()) for name in "ab")
    assert first["public"] != second["public"]
    assert first["sealed"]["salt"] != second["sealed"]["salt"]


def test_the_usual_cost_is_what_the_specification_says(tmp_path: Path) -> None:
    key = create_key(tmp_path / "key", "log", "a.example", WORDS)
    sealed = json.loads((tmp_path / "key").read_bytes())["sealed"]
    assert [sealed[name] for name in ("kdf", "n", "r", "p")] == ["scrypt", 32_768, 8, 1]
    assert SCRYPT_N == 32_768
    assert read_key(tmp_path / "key").unlock(WORDS).public_key().public_bytes_raw() == key.public


def test_a_passphrase_typed_in_another_normal_form_is_the_same(tmp_path: Path) -> None:
    key = made(tmp_path / "key", "log", "a.example", "\u00e9t\u00e9")
    assert key.unlock("e\u0301te\u0301").public_key().public_bytes_raw() == key.public


def test_a_wrong_or_missing_or_empty_passphrase_opens_nothing(tmp_path: Path) -> None:
    made(tmp_path / "key")
    assert refusal(tmp_path / "key", WORDS + " ") == "KEY_PASSPHRASE_WRONG"
    assert refusal(tmp_path / "key", "") == "KEY_PASSPHRASE_WRONG"
    assert refusal(tmp_path / "key", None) == "KEY_PASSPHRASE_MISSING"
    with pytest.raises(KeyFileError) as caught:
        made(tmp_path / "other", passphrase="")
    assert caught.value.reason == "KEY_PASSPHRASE_EMPTY"
    assert not (tmp_path / "other").exists()


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    made(tmp_path / "key")
    before = (tmp_path / "key").read_bytes()
    with pytest.raises(KeyFileError) as caught:
        made(tmp_path / "key")
    assert caught.value.reason == "KEY_FILE_EXISTS"
    assert (tmp_path / "key").read_bytes() == before


@pytest.mark.parametrize("call", ["fsync", "link"])
def test_a_disk_that_refuses_leaves_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, call, full)
    with pytest.raises(KeyFileError) as caught:
        made(tmp_path / "key")
    assert caught.value.reason == "KEY_FILE_UNWRITABLE"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError) as caught:
        made(tmp_path / "absent" / "key")
    assert caught.value.reason == "KEY_FILE_UNWRITABLE"
    assert refusal(tmp_path / "absent" / "key") == "KEY_FILE_ABSENT"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o622])
def test_a_key_that_lies_open_to_others_is_refused_with_what_to_do(tmp_path: Path, mode: int) -> None:
    made(tmp_path / "key").path.chmod(mode)
    with pytest.raises(KeyFileError, match=f"mode {mode:04o}.*chmod 600") as caught:
        read_key(tmp_path / "key")
    assert caught.value.reason == "KEY_FILE_PERMISSIONS"


def test_a_folder_in_the_place_of_a_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").mkdir(0o700)
    assert refusal(tmp_path / "key") == "KEY_FILE_UNREADABLE"


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("log", "Not An Origin"),
        ("log", "a.example\n"),
        ("log", ""),
        ("log", "x" * 101),
        ("witness", "two words"),
        ("witness", "a+b"),
        ("eraser", ""),
        ("eraser", " Zoé"),
        ("eraser", "two\nlines"),
        ("eraser", "x" * 101),
    ],
)
def test_a_name_that_cannot_be_used_is_refused_before_a_key_is_drawn(tmp_path: Path, kind: KeyKind, name: str) -> None:
    with pytest.raises(KeyFileError) as caught:
        made(tmp_path / "key", kind, name)
    assert caught.value.reason == "KEY_NAME"
    assert list(tmp_path.iterdir()) == []


def other_public() -> bytes:
    return Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()


@pytest.mark.parametrize(
    "changes",
    [{"name": "Somebody else"}, {"public": other_public().hex()}, {"kind": "witness", "name": "x"}],
    ids=["name", "public", "kind"],
)
def test_the_seal_covers_what_stands_beside_it(tmp_path: Path, changes: dict[str, str]) -> None:
    made(tmp_path / "key", "eraser", "Zoé")
    if changes.get("kind") == "witness":
        public = bytes.fromhex(json.loads((tmp_path / "key").read_bytes())["public"])
        changes |= {"vkey": key_file._vkey("witness", "x", public) or ""}
    edit(tmp_path / "key", **changes)
    assert refusal(tmp_path / "key") == "KEY_PASSPHRASE_WRONG"


def test_a_log_key_passed_off_under_another_origin_does_not_open(tmp_path: Path) -> None:
    key = made(tmp_path / "key")
    edit(tmp_path / "key", name="other.example")
    assert refusal(tmp_path / "key") == "KEY_FILE_DIFFERS"
    edit(tmp_path / "key", vkey=key_file._vkey("log", "other.example", key.public))
    assert refusal(tmp_path / "key") == "KEY_PASSPHRASE_WRONG"


def test_a_public_key_that_is_not_the_open_seeds_is_refused(tmp_path: Path) -> None:
    made(tmp_path / "key", "eraser", "Zoé", None)
    edit(tmp_path / "key", public=other_public().hex())
    assert refusal(tmp_path / "key", None) == "KEY_FILE_DIFFERS"


@pytest.mark.parametrize(
    "changes",
    [
        {"n": 2**40},
        {"n": 2**18},
        {"n": 1_023},
        {"n": 3_000},
        {"n": 512},
        {"n": -1_024},
        {"n": "1024"},
        {"n": True},
        {"r": 2**30},
        {"p": 2**30},
        {"kdf": "none"},
        {"salt": ""},
        {"salt": "00" * 31},
        {"salt": "zz" * 32},
        {"salt": 7},
        {"ciphertext": "AAAA"},
        {"ciphertext": "%"},
        {"ciphertext": None},
        {"sealed": []},
        {"sealed": None},
        {"seed": "00" * 32},
        {"schema": "rankd.key/2"},
        {"kind": "root"},
        {"kind": ["log"]},
        {"name": 7},
        {"name": "A B"},
        {"public": "00" * 32},
        {"public": "01" + "00" * 31},
        {"public": "AB" * 32},
        {"public": "00" * 31},
        {"vkey": None},
        {"more": 1},
    ],
    ids=str,
)
def test_a_hostile_file_is_refused_before_it_costs_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    def never(*_: object) -> bytes:
        raise AssertionError("scrypt was asked")

    made(tmp_path / "key")
    monkeypatch.setattr(key_file, "_derive", never)
    edit(tmp_path / "key", **changes)
    assert refusal(tmp_path / "key") == "KEY_FILE_MALFORMED"


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"[]\n", b"7", b"\xff", b'{"schema":"rankd.key/1"}', b"[" * 9_000, b" " * 100_000],
    ids=["empty", "object", "list", "number", "no text", "bare", "deep", "long"],
)
def test_what_is_no_key_file_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(data)
    path.chmod(0o600)
    assert refusal(path) == "KEY_FILE_MALFORMED"


def test_a_file_that_says_something_twice_or_is_laid_out_otherwise_is_refused(tmp_path: Path) -> None:
    data = made(tmp_path / "key").path.read_bytes()
    for other in (data.replace(b'"kind":"log"', b'"kind":"log","kind":"log"'), data.replace(b":", b": "), data + b"\n"):
        (tmp_path / "key").write_bytes(other)
        assert refusal(tmp_path / "key") == "KEY_FILE_MALFORMED"
