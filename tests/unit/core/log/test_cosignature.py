"""Cosignatures sign a time and a checkpoint."""

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.log.canonical_text import MAX_NUMBER
from rankd.core.log.cosignature import cosignature_time_s, cosigned_message, sign_cosignature, verify_cosignature
from tests.unit.core.log.vectors import official

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = PRIVATE.public_key().public_bytes_raw()
TEXT = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"


def test_the_message_of_the_specification() -> None:
    assert cosigned_message(TEXT, 1679315147) == b"cosignature/v1\ntime 1679315147\n" + TEXT.encode()


def test_a_cosignature_is_a_time_and_a_signature() -> None:
    cosignature = sign_cosignature(PRIVATE, TEXT, 1679315147)
    assert cosignature[:8] == (1679315147).to_bytes(8, "big")
    assert len(cosignature) == 72
    assert cosignature_time_s(cosignature) == 1679315147
    assert verify_cosignature(PUBLIC, cosignature, TEXT)


@pytest.mark.parametrize("vector", official("checkpoints.json")["cosignatures"])
def test_the_time_of_a_published_cosignature(vector: dict[str, Any]) -> None:
    data = base64.b64decode(vector["signature"])
    assert cosignature_time_s(data[4:]) == vector["time_s"]


@pytest.mark.parametrize("time_s", [0, MAX_NUMBER])
def test_times_up_to_63_bits(time_s: int) -> None:
    assert verify_cosignature(PUBLIC, sign_cosignature(PRIVATE, TEXT, time_s), TEXT)


@pytest.mark.parametrize("time_s", [-1, MAX_NUMBER + 1])
def test_other_times_are_not_signed(time_s: int) -> None:
    with pytest.raises(ValueError, match="time"):
        sign_cosignature(PRIVATE, TEXT, time_s)


def test_a_time_beyond_63_bits_is_refused_although_it_is_signed() -> None:
    time_s = MAX_NUMBER + 1
    forged = time_s.to_bytes(8, "big") + PRIVATE.sign(cosigned_message(TEXT, time_s))
    assert not verify_cosignature(PUBLIC, forged, TEXT)


def test_another_time_text_key_or_length_does_not_fit() -> None:
    cosignature = sign_cosignature(PRIVATE, TEXT, 5)
    other = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
    assert not verify_cosignature(PUBLIC, (6).to_bytes(8, "big") + cosignature[8:], TEXT)
    assert not verify_cosignature(PUBLIC, cosignature, TEXT + "extension\n")
    assert not verify_cosignature(other, cosignature, TEXT)
    for wrong in (b"", cosignature[:7], cosignature[:-1], cosignature + b"\0", PRIVATE.sign(TEXT.encode())):
        assert not verify_cosignature(PUBLIC, wrong, TEXT)
