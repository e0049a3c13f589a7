"""Which entries forget: orders for another reason than age, and only those that reach something."""

from typing import Any, get_args

import pytest

from rankd.core.errors import LogError
from rankd.core.records.erasure import Erasure, ReasonCode, sign_erasure
from rankd.core.records.events_leaf import EventsLeaf, encode_events_leaf
from rankd.core.records.forgetting import forgets, read_erasure
from rankd.core.records.leaf import ErasureLeaf, encode_leaf
from tests.journals import ORIGIN, TIME_MS, private_key


def order(code: ReasonCode, *ranges: tuple[int, int], periods: tuple[int, ...] = ()) -> dict[str, Any]:
    erasure = Erasure(f"{ORIGIN}/events", ranges, periods, code, "Because.", TIME_MS)
    return sign_erasure(erasure, private_key("eraser"))


@pytest.mark.parametrize("code", get_args(ReasonCode))
def test_what_is_erased_before_its_time_is_forgotten(code: ReasonCode) -> None:
    entry = encode_leaf(ErasureLeaf(TIME_MS, order(code, (1, 2))))
    assert forgets(entry) == (code != "RETENTION")


def test_an_order_that_reaches_no_entry_forgets_nothing() -> None:
    assert not forgets(encode_leaf(ErasureLeaf(TIME_MS, order("REQUEST", periods=(3,)))))


def test_an_entry_of_events_forgets_nothing() -> None:
    assert not forgets(encode_events_leaf(EventsLeaf(TIME_MS, bytes(32))))


def test_an_order_is_read_whoever_signed_it_but_not_once_it_was_changed() -> None:
    envelope = order("REQUEST", (1, 2))
    assert read_erasure(envelope).decisions == ((1, 2),)
    with pytest.raises(LogError) as caught:
        read_erasure(envelope | {"payload": order("REQUEST", (1, 3))["payload"]})
    assert caught.value.reason == "ENVELOPE_SIGNATURE_WRONG"
    signature = {"keyid": "somebody", "sig": envelope["signatures"][0]["sig"]}
    with pytest.raises(LogError) as caught:
        read_erasure(envelope | {"signatures": [signature]})
    assert caught.value.reason == "ENVELOPE_KEY_UNKNOWN"
