from pathlib import Path

import pytest

from rankd.core.errors import BundleError, LogError
from rankd.store.key_file import create_key
from rankd.usecases.audit.trust import read_erasers, read_verifier
from tests.conftest import ERASER_KEY, LOG_SIGNER

VERIFIER = LOG_SIGNER.verifier


def test_a_key_is_given_as_it_is_or_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "vkey").write_text(f"{VERIFIER.vkey}\n")
    assert read_verifier(VERIFIER.vkey) == VERIFIER
    assert read_verifier(str(tmp_path / "vkey")) == VERIFIER


def test_what_is_no_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "vkey").write_bytes(b"\xff\n")
    (tmp_path / "two").write_text(f"{VERIFIER.vkey}\n{VERIFIER.vkey}\n")
    for text in ("", "dev.test+00000000+AAAA", f"{VERIFIER.vkey} ", str(tmp_path / "vkey"), str(tmp_path / "two")):
        with pytest.raises(LogError) as caught:
            read_verifier(text)
        assert caught.value.reason == "VKEY_MALFORMED"
    with pytest.raises((BundleError, LogError)):
        read_verifier("a\0b")
    with pytest.raises((BundleError, LogError)):
        read_verifier("x" * 5_000)


def test_a_private_key_in_the_place_of_the_public_one_is_not_repeated(tmp_path: Path) -> None:
    create_key(tmp_path / "log.key", "log", "dev.test", None)
    with pytest.raises(LogError) as caught:
        read_verifier(str(tmp_path / "log.key"))
    assert caught.value.reason == "VKEY_MALFORMED"
    assert "seed" not in caught.value.say("en")


def test_erasers_are_hexadecimal_and_sound() -> None:
    key = ERASER_KEY.public_key().public_bytes_raw()
    assert read_erasers([key.hex()]) == (key,)
    for text, reason in (
        ("xyz", "PUBLIC_KEY_LENGTH"),
        ("00", "PUBLIC_KEY_LENGTH"),
        ("00" * 32, "PUBLIC_KEY_SMALL_ORDER"),
    ):
        with pytest.raises(LogError) as caught:
            read_erasers([text])
        assert caught.value.reason == reason
