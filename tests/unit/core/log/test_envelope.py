"""Envelopes: the encoding of DSSE, one signature, one spelling, and no payload before its signature holds."""

import base64
import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.errors import LogError
from rankd.core.log.envelope import MAX_PAYLOAD_BYTES, open_envelope, pae, parse_envelope, sign_envelope
from tests.unit.core.log.vectors import official

DSSE = official("dsse.json")
TYPE = "application/vnd.rankd.test.v1+json"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32)
PUBLIC = PRIVATE.public_key().public_bytes_raw()
KEYS = {PUBLIC.hex(): PUBLIC}


def document(payload: bytes = b"{}") -> dict[str, Any]:
    return sign_envelope(TYPE, payload, PRIVATE).document


def refusal(act: Callable[[], object]) -> LogError:
    with pytest.raises(LogError) as caught:
        act()
    return caught.value


def test_the_encoding_of_the_specification() -> None:
    assert pae(DSSE["payloadType"], DSSE["payload"].encode()) == DSSE["pae"].encode()
    assert pae("", b"") == b"DSSEv1 0  0 "
    assert pae("é", b"\0\n") == b"DSSEv1 2 \xc3\xa9 2 \0\n"


def test_an_envelope_of_the_specification_lacks_a_key_id_here() -> None:
    error = refusal(lambda: parse_envelope(DSSE["envelope"]))
    assert (error.reason, error.metadata) == ("ENVELOPE_MALFORMED", {"field": "signatures[0]"})


@pytest.mark.parametrize("payload", [b"", b"{}", bytes(range(256)), bytes(MAX_PAYLOAD_BYTES)])
def test_an_envelope_opens_after_its_way_through_json(payload: bytes) -> None:
    read = json.loads(json.dumps(document(payload)))
    assert open_envelope(read, TYPE, KEYS) == (payload, PUBLIC.hex())
    assert parse_envelope(read).document == read


def test_a_payload_is_bounded() -> None:
    error = refusal(lambda: parse_envelope(document(bytes(MAX_PAYLOAD_BYTES + 1))))
    assert error.metadata == {"field": "payload"}


def test_another_type_key_or_content_is_refused() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes([2]) * 32)
    other_public = other.public_key().public_bytes_raw()
    assert refusal(lambda: open_envelope(document(), "text/plain", KEYS)).reason == "ENVELOPE_TYPE"
    assert refusal(lambda: open_envelope(document(), TYPE, {})).reason == "ENVELOPE_KEY_UNKNOWN"
    keys = {**KEYS, other_public.hex(): other_public}
    changed = document()
    changed["payload"] = base64.b64encode(b"{ }").decode()
    assert refusal(lambda: open_envelope(changed, TYPE, keys)).reason == "ENVELOPE_SIGNATURE_WRONG"
    renamed = document()
    renamed["signatures"][0]["keyid"] = other_public.hex()
    assert refusal(lambda: open_envelope(renamed, TYPE, keys)).reason == "ENVELOPE_SIGNATURE_WRONG"
    retyped = document()
    retyped["payloadType"] = "text/plain"
    assert refusal(lambda: open_envelope(retyped, "text/plain", keys)).reason == "ENVELOPE_SIGNATURE_WRONG"


def test_a_key_id_is_the_key_that_it_names() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes([2]) * 32).public_key().public_bytes_raw()
    assert refusal(lambda: open_envelope(document(), TYPE, {PUBLIC.hex(): other})).reason == "ENVELOPE_KEY_UNKNOWN"
    shouted = document()
    shouted["signatures"][0]["keyid"] = PUBLIC.hex().upper()
    keys = {**KEYS, PUBLIC.hex().upper(): PUBLIC}
    assert refusal(lambda: open_envelope(shouted, TYPE, keys)).reason == "ENVELOPE_KEY_UNKNOWN"


def variants() -> Iterator[tuple[str, object]]:
    """Yield (field, document) for documents that are not an envelope."""
    good = document()
    signature = good["signatures"][0]
    wholes: list[object] = [None, [], "text", 5, {}, {**good, "more": 1}]
    wholes += [{key: value for key, value in good.items() if key != name} for name in good]
    yield from (("envelope", whole) for whole in wholes)
    values: dict[str, list[object]] = {
        "payload": [None, 5, [], b"e30=", "e30", "e31=", "e30=\n", "-_==", "é"],
        "payloadType": [None, 5, "", "é", b"text"],
        "signatures": [None, {}, "text", [], good["signatures"] * 2],
    }
    yield from ((name, {**good, name: value}) for name, rows in values.items() for value in rows)
    elements: list[object] = [None, [], "text", {}, {**signature, "more": 1}, {"sig": "AA=="}, {"keyid": ""}]
    yield from (("signatures[0]", {**good, "signatures": [element]}) for element in elements)
    parts: dict[str, list[object]] = {"keyid": [None, 5, b"text"], "sig": [None, 5, "AA", "AB==", "-_=="]}
    for name, rows in parts.items():
        for value in rows:
            yield f"signatures[0].{name}", {**good, "signatures": [{**signature, name: value}]}


@pytest.mark.parametrize(("field", "whole"), list(variants()))
def test_what_is_no_envelope_is_refused_naming_the_field(field: str, whole: object) -> None:
    before = deepcopy(whole)
    error = refusal(lambda: open_envelope(whole, TYPE, KEYS))
    assert (error.reason, error.metadata) == ("ENVELOPE_MALFORMED", {"field": field})
    assert whole == before


@pytest.mark.parametrize("size", [0, 63, 65])
def test_a_signature_of_another_length_is_wrong(size: int) -> None:
    wrong = document()
    wrong["signatures"][0]["sig"] = base64.b64encode(bytes(size)).decode()
    assert refusal(lambda: open_envelope(wrong, TYPE, KEYS)).reason == "ENVELOPE_SIGNATURE_WRONG"


def test_a_key_of_small_order_signs_nothing() -> None:
    weak = bytes([1]) + bytes(31)
    forged = document()
    forged["signatures"][0] = {"keyid": weak.hex(), "sig": base64.b64encode(weak + bytes(32)).decode()}
    assert refusal(lambda: open_envelope(forged, TYPE, {weak.hex(): weak})).reason == "ENVELOPE_SIGNATURE_WRONG"
