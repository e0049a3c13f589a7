"""Entries, over payloads of every kind: what is written is read back, and nothing else is taken for it."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rankd.core.assembly.ballot_codec import match_ballot
from rankd.core.assembly.entries import ENTRY_KINDS, EntryKind, payload_type
from rankd.core.assembly.entry_codec import decode_payload, encode_payload, read_payload
from rankd.core.assembly.signing import envelope_bytes, open_entry, sign_entry, signature_holds
from rankd.core.errors import AssemblyError
from rankd.core.exact.canonical import sha256
from rankd.core.log.envelope import sign_envelope
from tests.property.payloads import PAYLOADS, PEOPLE, ballots, key_of, public

quickly = settings(max_examples=40, deadline=None)

# What a payload is made of, and what it is not: changes that leave JSON whole are the ones worth trying.
_BYTES = st.text('019a"[]{},:- sy_\\é', max_size=3).map(str.encode)


@pytest.mark.parametrize("kind", ENTRY_KINDS)
@quickly
@given(data=st.data())
def test_a_payload_is_read_back_as_it_was(kind: EntryKind, data: st.DataObject) -> None:
    payload = data.draw(PAYLOADS[kind])
    assert decode_payload(kind, encode_payload(payload)) == payload


@pytest.mark.parametrize("kind", ENTRY_KINDS)
@quickly
@given(data=st.data())
def test_an_entry_is_opened_as_it_was_signed(kind: EntryKind, data: st.DataObject) -> None:
    payload, person = data.draw(PAYLOADS[kind]), data.draw(PEOPLE)
    signed = envelope_bytes(sign_entry(payload, key_of(person)))
    entry = open_entry(signed)
    assert (entry.kind, entry.payload, entry.key, entry.digest) == (kind, payload, public(person), sha256(signed))
    assert signature_holds(signed)
    assert open_entry(signed, verified=True) == entry


@pytest.mark.parametrize("kind", ENTRY_KINDS)
@quickly
@given(data=st.data())
def test_whatever_is_read_has_one_spelling(kind: EntryKind, data: st.DataObject) -> None:
    written = encode_payload(data.draw(PAYLOADS[kind]))
    start = data.draw(st.integers(0, len(written) - 1))
    stop = data.draw(st.integers(start, min(len(written), start + 3)))
    other = written[:start] + data.draw(_BYTES) + written[stop:]
    try:
        payload = decode_payload(kind, other)
    except AssemblyError:
        return
    assert encode_payload(payload) == other


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_the_pattern_of_ballots_and_the_general_reader_accept_the_same(data: st.DataObject) -> None:
    written = encode_payload(data.draw(ballots()))
    place = data.draw(st.integers(0, len(written)))
    for other in (written, written[:place] + data.draw(_BYTES) + written[place + data.draw(st.integers(0, 2)) :]):
        try:
            wanted = read_payload("ballot", other)
        except AssemblyError:
            wanted = None
        assert match_ballot(other) == wanted


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_no_other_byte_of_an_envelope_will_do(data: st.DataObject) -> None:
    signed = envelope_bytes(sign_entry(data.draw(ballots()), key_of(1)))
    place, byte = data.draw(st.integers(0, len(signed) - 1)), data.draw(st.integers(1, 255))
    other = signed[:place] + bytes([signed[place] ^ byte]) + signed[place + 1 :]
    assert not signature_holds(other)
    with pytest.raises(AssemblyError):
        open_entry(other)


@pytest.mark.parametrize("kind", ENTRY_KINDS)
@quickly
@given(data=st.data())
def test_an_entry_of_one_kind_is_none_of_another(kind: EntryKind, data: st.DataObject) -> None:
    envelope = sign_entry(data.draw(PAYLOADS[kind]), key_of(1))
    other = data.draw(st.sampled_from([name for name in ENTRY_KINDS if name != kind]))
    with pytest.raises(AssemblyError) as relabelled:
        open_entry(envelope_bytes(replace(envelope, payload_type=payload_type(other))))
    assert relabelled.value.reason == "ENVELOPE_SIGNATURE_WRONG"
    with pytest.raises(AssemblyError) as signed_so:
        open_entry(envelope_bytes(sign_envelope(payload_type(other), envelope.payload, key_of(1))))
    assert signed_so.value.metadata["field"] == f"{other}.schema"
