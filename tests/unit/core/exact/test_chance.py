import hashlib
import hmac

import pytest

from rankd.core.exact.chance import TieLot, decision_nonce, draw, dry_run_nonce, mac, message

KEY = bytes(range(32))


def _hmac(key: bytes, text: bytes) -> bytes:
    """HMAC as RFC 2104 writes it, for keys of up to 64 bytes."""
    padded = key.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in padded) + text).digest()
    return hashlib.sha256(bytes(b ^ 0x5C for b in padded) + inner).digest()


def test_fields_stand_behind_their_lengths() -> None:
    assert message(b"tie", b"", "é".encode()) == b"\0\0\0\x03tie\0\0\0\0\0\0\0\x02\xc3\xa9"


def test_no_two_lists_of_fields_look_alike() -> None:
    lists = [(), (b"",), (b"", b""), (b"ab",), (b"a", b"b"), (b"", b"ab"), (b"ab", b"")]
    assert len({message(*fields) for fields in lists}) == len(lists)


def test_a_mac_is_hmac_sha_256_of_the_message() -> None:
    assert mac(KEY, b"x", b"yz") == _hmac(KEY, b"\0\0\0\x01x\0\0\0\x02yz")
    assert mac(KEY, b"x") == hmac.new(KEY, b"\0\0\0\x01x", "sha256").digest()


def test_a_decisions_nonce_is_keyed_by_the_epoch_and_names_worker_and_counter() -> None:
    text = b"\0\0\0\x0crankd.lot.v1\0\0\0\x04w\xc3\xa91\0\0\0\x08\0\0\0\0\0\0\x01\x02"
    assert decision_nonce(KEY, "wé1", 258) == _hmac(KEY, text)


def test_a_dry_run_has_a_nonce_of_its_own_kind() -> None:
    assert dry_run_nonce(KEY, bytes(32)) == _hmac(KEY, b"\0\0\0\x0crankd.dry.v1\0\0\0\x20" + bytes(32))


def test_a_lot_is_its_mac_as_a_big_endian_number() -> None:
    assert draw(KEY, b"pair") == int.from_bytes(_hmac(KEY, b"\0\0\0\x04pair"), "big")


def test_a_tie_key_covers_the_ids_bytes() -> None:
    assert TieLot(KEY, "é").key == _hmac(KEY, b"\0\0\0\x03tie\0\0\0\x02\xc3\xa9")


def test_lots_are_ordered_by_the_bytes_of_their_keys() -> None:
    ids = [f"p{index}" for index in range(50)]
    in_order = sorted(ids, key=lambda candidate: TieLot(KEY, candidate))
    assert in_order == sorted(ids, key=lambda candidate: TieLot(KEY, candidate).key)
    assert in_order != ids


def test_another_nonce_draws_other_lots() -> None:
    assert TieLot(KEY, "p").key != TieLot(bytes(32), "p").key


@pytest.mark.parametrize("counter", [-1, 2**64])
def test_a_counter_that_eight_bytes_cannot_hold_is_not_wrapped(counter: int) -> None:
    with pytest.raises(OverflowError):
        decision_nonce(KEY, "w", counter)
