import pytest

from rankd.core.errors import RecordError
from rankd.core.exact.chance import mac
from rankd.core.records.token import TOKEN_BYTES, check_token, feedback_token, token_index

KEY, LEAF_HASH, ORIGIN = b"k" * 32, b"h" * 32, "dev.coop.example"


def _reason(token: bytes, key: bytes = KEY, origin: str = ORIGIN, leaf_hash: bytes = LEAF_HASH) -> str:
    with pytest.raises(RecordError) as refusal:
        check_token(token, key, origin, leaf_hash)
    return refusal.value.reason


def test_a_token_by_hand() -> None:
    index = b"\0\0\0\0\0\0\1\2"
    wanted = b"\1" + index + mac(KEY, b"rankd.feedback.v1", ORIGIN.encode(), index, LEAF_HASH)
    assert feedback_token(KEY, ORIGIN, 258, LEAF_HASH) == wanted
    assert len(wanted) == TOKEN_BYTES


def test_a_token_is_good_for_its_own_leaf_only() -> None:
    token = feedback_token(KEY, ORIGIN, 258, LEAF_HASH)
    check_token(token, KEY, ORIGIN, LEAF_HASH)
    assert _reason(token, key=b"j" * 32) == "TOKEN_FOREIGN"
    assert _reason(token, origin="dev.elsewhere") == "TOKEN_FOREIGN"
    assert _reason(token, leaf_hash=b"g" * 32) == "TOKEN_FOREIGN"


def test_every_flipped_bit_of_a_token_is_noticed() -> None:
    token = feedback_token(KEY, ORIGIN, 258, LEAF_HASH)
    for at in range(8 * len(token)):
        flipped = bytearray(token)
        flipped[at // 8] ^= 1 << at % 8
        assert _reason(bytes(flipped)) == ("TOKEN_MALFORMED" if at < 8 else "TOKEN_FOREIGN")


@pytest.mark.parametrize("length", [0, 1, 8, 9, 40, 42])
def test_a_token_of_another_length_names_no_index(length: int) -> None:
    with pytest.raises(RecordError) as refusal:
        token_index(b"\1" * length)
    assert refusal.value.reason == "TOKEN_MALFORMED"
