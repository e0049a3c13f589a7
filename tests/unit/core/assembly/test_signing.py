"""Signing and opening; what envelopes may not be is probed by tests/vectors/assembly/entries."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from rankd.core.assembly import signing
from rankd.core.assembly.entries import Argument, Ballot, Co, Recall, Registration, Roll, RollChange
from rankd.core.assembly.signing import (
    envelope_bytes,
    open_entry,
    open_registration,
    sign_entry,
    signature_holds,
    signatures_hold,
)
from rankd.core.errors import AssemblyError
from rankd.core.exact.canonical import canonical_json, sha256
from rankd.core.log import ed25519
from tests.property.payloads import ORIGIN, key_of, public, registered

CO = Co(ORIGIN, b"\x01" * 32, b"\x02" * 16)
BALLOT = Ballot(CO, 14, "yes_no", ((bytes(32), bytes(32)),), bytes(32), bytes(32), None, 1, "yes")


def refused(document: Mapping[str, Any], origin: str = ORIGIN) -> str:
    with pytest.raises(AssemblyError) as caught:
        open_registration(document, origin)
    return caught.value.reason


def test_an_entry_says_what_was_signed_and_under_which_key() -> None:
    data = envelope_bytes(sign_entry(BALLOT, key_of(1)))
    entry = open_entry(data)
    assert (entry.kind, entry.payload, entry.key, entry.digest) == ("ballot", BALLOT, public(1), sha256(data))
    assert canonical_json(json.loads(data)) == data


def test_what_would_be_refused_is_not_signed() -> None:
    with pytest.raises(AssemblyError) as caught:
        sign_entry(Argument(CO, 14, "for", None, ""), key_of(1))
    assert caught.value.metadata["field"] == "argument.text"


def test_a_payload_is_not_read_before_its_signature_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    envelope = sign_entry(BALLOT, key_of(1))
    forged = replace(envelope, signatures=((public(2).hex(), envelope.signatures[0][1]),))

    def read(*_: object, **__: object) -> None:
        raise AssertionError("the payload was read")

    monkeypatch.setattr(signing, "decode_payload", read)
    with pytest.raises(AssemblyError) as caught:
        open_entry(envelope_bytes(forged))
    assert caught.value.reason == "ENVELOPE_SIGNATURE_WRONG"
    assert not signature_holds(envelope_bytes(forged))
    assert signature_holds(envelope_bytes(envelope))


def test_a_signature_that_was_looked_at_before_is_not_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    data = envelope_bytes(sign_entry(BALLOT, key_of(1)))

    def verify(*_: object) -> bool:
        raise AssertionError("the signature was verified")

    monkeypatch.setattr(ed25519, "verify", verify)
    assert open_entry(data, verified=True).payload == BALLOT
    with pytest.raises(AssemblyError) as caught:
        open_entry(data, verified=False)
    assert caught.value.reason == "ENVELOPE_SIGNATURE_WRONG"


@pytest.mark.parametrize("data", [b"", b"{}", b"null", b"\xff", b"[" * 100_000, b"x" * 2_000_000])
def test_bytes_that_are_no_envelope_hold_no_signature(data: bytes) -> None:
    assert not signature_holds(data)
    with pytest.raises(AssemblyError) as caught:
        open_entry(data)
    assert (caught.value.reason, caught.value.metadata["field"]) == ("ENVELOPE_MALFORMED", "envelope")


def test_the_type_of_a_foreign_envelope_is_shown_without_what_a_terminal_obeys() -> None:
    document = sign_entry(BALLOT, key_of(1)).document | {"payloadType": "text/\x1b[2J"}
    with pytest.raises(AssemblyError) as caught:
        open_entry(canonical_json(document))
    assert (caught.value.reason, caught.value.metadata["found"]) == ("ENTRY_TYPE", "text/\\u001b[2J")


def test_a_registration_proves_that_the_key_is_ones_own() -> None:
    assert open_registration(registered(1), ORIGIN) == public(1)
    stolen = sign_entry(Registration(ORIGIN, public(2), bytes(16)), key_of(1)).document
    assert refused(stolen) == "REGISTRATION_NOT_OWN"


def test_a_registration_is_for_one_co_op() -> None:
    assert refused(registered(1), "other.example") == "REGISTRATION_ORIGIN"


def test_nothing_else_passes_for_a_registration() -> None:
    assert refused(sign_entry(Recall(CO, 14), key_of(1)).document) == "ENTRY_TYPE"
    assert refused({}) == "ENVELOPE_MALFORMED"
    assert refused({"payload": 1.5}) == "ENTRY_MALFORMED"
    other = registered(2)
    assert refused(other | {"signatures": registered(1)["signatures"]}) == "ENVELOPE_SIGNATURE_WRONG"


def test_registrations_within_an_entry_are_checked_with_it() -> None:
    def roll(document: dict[str, Any]) -> bytes:
        change = RollChange("admit", "m" + 16 * "0", document)
        return envelope_bytes(sign_entry(Roll(CO, (RollChange("resign", "m" + 16 * "1", None), change), ""), key_of(3)))

    good, other = registered(1), registered(2)
    assert signatures_hold(roll(good))
    forged = roll(other | {"signatures": good["signatures"]})
    assert signature_holds(forged)
    assert not signatures_hold(forged)
    assert signatures_hold(envelope_bytes(sign_entry(BALLOT, key_of(1))))
    assert not signatures_hold(roll(good).replace(b'"sig":"', b'"sig":"AAAA', 1))


def test_what_was_seen_to_hold_is_not_checked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    document = registered(1)
    monkeypatch.setattr(ed25519, "verify", lambda *_: pytest.fail("it was verified"))
    assert open_registration(document, ORIGIN, verified=True) == public(1)


def test_a_key_that_signed_needs_no_further_look_and_another_does(monkeypatch: pytest.MonkeyPatch) -> None:
    own = registered(1)
    stolen = sign_entry(Registration(ORIGIN, public(2), bytes(16)), key_of(1)).document
    looked_at: list[bytes] = []
    monkeypatch.setattr("rankd.core.assembly.entry_codec.check_public_key", looked_at.append)
    assert open_registration(own, ORIGIN) == public(1)
    assert looked_at == []
    assert refused(stolen) == "REGISTRATION_NOT_OWN"
    assert looked_at == [public(2)]
