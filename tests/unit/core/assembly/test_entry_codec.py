"""Payloads at the edges of what they may hold; their forms are probed by tests/vectors/assembly/entries."""

from dataclasses import replace
from typing import Any

import pytest

from rankd.core.assembly.entries import (
    Amendment,
    Argument,
    Ballot,
    Co,
    EntryKind,
    Erasure,
    Founding,
    Payload,
    Proposal,
    Registration,
    Roll,
    RollChange,
    Sponsor,
    kind_of,
)
from rankd.core.assembly.entry_codec import decode_payload, encode_payload, schema_of
from rankd.core.errors import AssemblyError
from rankd.core.exact.canonical import canonical_json, parse_canonical
from rankd.core.words.language import Phrase
from tests.property.payloads import ORIGIN, public, registered

CO = Co(ORIGIN, b"\x01" * 32, b"\x02" * 16)
PROPOSAL = Proposal(
    co=CO,
    subject="policy",
    vote="yes_no",
    surface="home",
    title=Phrase(fr="Titre", en="Title"),
    reasons=Phrase(fr="Raisons", en="Reasons"),
    texts=("schema: rankd.policy/1\n",),
    model=b"\x03" * 32,
    heads=(),
    base_policy=None,
    base_model=None,
    impact=None,
)
SUSPENSION = RollChange("suspend", "m" + "0" * 16, None)
ARGUMENT = Argument(CO, 14, "for", None, "Oui.")
FOUNDING = Founding("a: 1\n", (), (), bytes(16))


def refused(payload: Payload) -> str:
    """Return the field that a reader refuses of a payload."""
    with pytest.raises(AssemblyError) as caught:
        decode_payload(kind_of(payload), encode_payload(payload))
    assert caught.value.reason == "ENTRY_MALFORMED"
    return str(caught.value.metadata["field"])


def accepted(payload: Payload) -> bool:
    return decode_payload(kind_of(payload), encode_payload(payload)) == payload


def test_a_payload_is_canonical_json_with_its_schema_and_its_co_op() -> None:
    document = parse_canonical(encode_payload(Sponsor(CO, 14, (b"\x04" * 32,))))
    assert document == {
        "schema": "rankd.sponsor/1",
        "origin": ORIGIN,
        "genesis": "sha256:" + "01" * 32,
        "nonce": "02" * 16,
        "proposal": 14,
        "texts": ["sha256:" + "04" * 32],
    }
    assert schema_of("constitution") == "rankd.founding/1"


@pytest.mark.parametrize(
    "payload",
    [
        replace(ARGUMENT, text="é" * 4_000),
        replace(PROPOSAL, reasons=Phrase(fr="é" * 2_000, en="x\n" * 1_000)),
        replace(PROPOSAL, title=Phrase(fr="é" * 200, en="x" * 200)),
        replace(PROPOSAL, texts=("é" * 32_768,)),
        replace(PROPOSAL, vote="ranking", texts=("a: 1\n",) * 10),
        Sponsor(CO, 2**53 - 1, (bytes(32),) * 10),
        Amendment(CO, 14, ("é" * 32_768,) * 10, None),
        Roll(CO, (SUSPENSION,) * 2_000, "é" * 2_000),
        Erasure(CO, tuple(range(1_000)), "é" * 2_000),
        replace(FOUNDING, text="é" * 32_768),
    ],
    ids=lambda payload: kind_of(payload),
)
def test_what_is_as_large_as_may_be_is_read_back(payload: Payload) -> None:
    assert accepted(payload)


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        (replace(ARGUMENT, text="é" * 4_001), "argument.text"),
        (replace(PROPOSAL, reasons=Phrase(fr="é" * 2_001, en="x")), "proposal.reasons.fr"),
        (replace(PROPOSAL, title=Phrase(fr="é", en="x" * 201)), "proposal.title.en"),
        (replace(PROPOSAL, texts=("é" * 32_768 + "x",)), "proposal.texts"),
        (replace(PROPOSAL, vote="ranking", texts=("a: 1\n",) * 11), "proposal.texts"),
        (replace(PROPOSAL, vote="ranking", texts=()), "proposal.texts"),
        (Sponsor(CO, 2**53 - 1, (bytes(32),) * 11), "sponsor.texts"),
        (Amendment(CO, 14, ("a: 1\n",) * 11, None), "amendment.texts"),
        (Roll(CO, (SUSPENSION,) * 2_001, ""), "roll.changes"),
        (Roll(CO, (SUSPENSION,), "é" * 2_001), "roll.reason"),
        (Erasure(CO, tuple(range(1_001)), ""), "erasure.entries"),
        (replace(FOUNDING, text="é" * 32_769), "constitution.text"),
        (replace(FOUNDING, nonce=bytes(15)), "constitution.nonce"),
    ],
)
def test_what_is_one_too_large_is_refused(payload: Payload, field: str) -> None:
    assert refused(payload) == field


def test_a_founding_has_room_for_hundreds_of_members_and_a_mebibyte_at_most() -> None:
    registrations = tuple(registered(1, number.to_bytes(16, "big")) for number in range(2_000))
    assert len(encode_payload(replace(FOUNDING, registrations=registrations[:1_800]))) <= 1 << 20
    assert accepted(replace(FOUNDING, registrations=registrations[:1_800]))
    padding = replace(FOUNDING, registrations=registrations, text="x" * 65_536)
    assert refused(padding) == "constitution"


@pytest.mark.parametrize(
    "text", ["\u200b", "a\u202eb", "a\rb", "a\tb", "\x1b[2J", "\x9b2J", "e\u0301", " ", "\n \n", ""]
)
def test_text_that_people_cannot_see_as_it_is_is_refused(text: str) -> None:
    assert refused(replace(ARGUMENT, text=text)) == "argument.text"
    assert refused(replace(PROPOSAL, title=Phrase(fr=text, en="x"))) == "proposal.title.fr"


def test_reasons_may_have_lines_and_titles_may_not() -> None:
    assert accepted(replace(PROPOSAL, reasons=Phrase(fr="a\n\nb", en="a\nb")))
    assert refused(replace(PROPOSAL, title=Phrase(fr="a\nb", en="a"))) == "proposal.title.fr"


def test_the_names_of_unknown_fields_are_shown_without_what_a_terminal_obeys() -> None:
    document = parse_canonical(encode_payload(ARGUMENT)) | {"a\x9b\u202e": 1}
    with pytest.raises(AssemblyError) as caught:
        decode_payload("argument", canonical_json(document))
    assert caught.value.metadata["field"] == "argument.a\\u009b\\u202e"


@pytest.mark.parametrize("kind", ["ballot", "argument"])
@pytest.mark.parametrize("data", [b"[" * 100_000, b"\xff", b'"\\ud800"', b"NaN", b"1" * 10_000])
def test_what_breaks_other_readers_is_refused_by_this_one(kind: EntryKind, data: bytes) -> None:
    with pytest.raises(AssemblyError) as caught:
        decode_payload(kind, data)
    assert caught.value.metadata["field"] == kind


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (b"\x01" + bytes(31), "PUBLIC_KEY_SMALL_ORDER"),
        (b"\xf0" + b"\xff" * 30 + b"\x7f", "PUBLIC_KEY_NOT_CANONICAL"),
        (b"\x02" + bytes(31), "PUBLIC_KEY_NO_POINT"),
    ],
)
def test_a_key_that_binds_nobody_cannot_be_registered(key: bytes, reason: str) -> None:
    with pytest.raises(AssemblyError) as caught:
        decode_payload("registration", encode_payload(Registration(ORIGIN, key, bytes(16))))
    assert caught.value.reason == reason


@pytest.mark.parametrize("kind", ["sponsor", "recall", "open", "close", "activation", "erasure", "constitution"])
def test_no_payload_passes_for_another_kind(kind: EntryKind) -> None:
    with pytest.raises(AssemblyError) as caught:
        decode_payload(kind, encode_payload(ARGUMENT))
    assert caught.value.metadata["field"] == f"{kind}.schema"


def test_what_has_no_canonical_form_is_not_written() -> None:
    with pytest.raises(AssemblyError) as caught:
        encode_payload(replace(ARGUMENT, text="\ud800"))
    assert caught.value.reason == "ENTRY_MALFORMED"


def ballot(vote: Any, choice: Any) -> Ballot:
    return Ballot(CO, 14, vote, ((bytes(32), bytes(32)),), bytes(32), bytes(32), None, 1, choice)


@pytest.mark.parametrize(
    "payload",
    [ballot("ranking", ((10,), (0, 1, 2))), ballot("points", "abstain"), ballot("yes_no", "abstain")],
)
def test_ballots_of_every_form_are_read_back(payload: Ballot) -> None:
    assert accepted(payload)


@pytest.mark.parametrize(
    "payload",
    [
        ballot("ranking", "abstain"),
        ballot("yes_no", ((1,),)),
        ballot("yes_no", "Yes"),
        ballot("ranking", ((11,),)),
        ballot("ranking", ((1, 1),)),
        ballot("points", ()),
    ],
)
def test_a_choice_must_be_of_its_votes_kind(payload: Ballot) -> None:
    assert refused(payload) == "ballot.choice"


def test_registrations_of_one_person_with_other_nonces_are_for_the_roll_to_refuse() -> None:
    twice = (registered(1), registered(1, b"\x01" * 16))
    assert accepted(replace(FOUNDING, registrations=twice))
    assert refused(replace(FOUNDING, registrations=twice[:1] * 2)) == "constitution.registrations"
    assert public(1) != public(2)
