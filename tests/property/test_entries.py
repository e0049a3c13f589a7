"""Entries, over payloads of every kind: what is written is read back, and nothing else is taken for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rankd.core.assembly.entries import ENTRY_KINDS, EntryKind
from rankd.core.assembly.entry_codec import decode_payload, encode_payload
from rankd.core.assembly.signing import envelope_bytes, open_entry, sign_entry, signature_holds
from rankd.core.exact.canonical import sha256
from tests.property.payloads import PAYLOADS, PEOPLE, key_of, public


@pytest.mark.parametrize("kind", ENTRY_KINDS)
@given(data=st.data())
def test_a_payload_is_read_back_as_it_was(kind: EntryKind, data: st.DataObject) -> None:
    payload = data.draw(PAYLOADS[kind])
    assert decode_payload(kind, encode_payload(payload)) == payload


@pytest.mark.parametrize("kind", ENTRY_KINDS)
@given(data=st.data())
def test_an_entry_is_opened_as_it_was_signed(kind: EntryKind, data: st.DataObject) -> None:
    payload, person = data.draw(PAYLOADS[kind]), data.draw(PEOPLE)
    signed = envelope_bytes(sign_entry(payload, key_of(person)))
    entry = open_entry(signed)
    assert (entry.kind, entry.payload, entry.key, entry.digest) == (kind, payload, public(person), sha256(signed))
    assert signature_holds(signed)
    assert open_entry(signed, verified=True) == entry
