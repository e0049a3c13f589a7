import hashlib

import pytest

from rankd.core.assembly.identity import (
    intervention_name,
    member_id,
    parse_proposal_name,
    proposal_name,
    roll_digest,
)
from rankd.core.errors import AssemblyError


def test_a_members_id_is_the_beginning_of_the_digest_of_her_first_key() -> None:
    assert member_id(bytes(32)) == "m" + hashlib.sha256(bytes(32)).hexdigest()[:16] == "m66687aadf862bd77"


def test_a_roll_has_one_digest_in_whatever_order_it_is_given() -> None:
    first, second = ("m" + "0" * 16, b"\x02" * 32), ("m" + "f" * 16, b"\x01" * 32)
    text = f'[["{first[0]}","{"02" * 32}"],["{second[0]}","{"01" * 32}"]]'
    assert roll_digest([second, first]) == roll_digest([first, second]) == hashlib.sha256(text.encode()).digest()
    assert roll_digest([first]) != roll_digest([first, second])
    assert roll_digest([]) == hashlib.sha256(b"[]").digest()


@pytest.mark.parametrize("index", [0, 1, 14, 2**53 - 1])
def test_a_name_leads_back_to_its_index(index: int) -> None:
    assert parse_proposal_name(proposal_name(index)) == parse_proposal_name(intervention_name(index)) == index


@pytest.mark.parametrize("name", ["", "p", "14", "x14", "p014", "p-1", "p+1", "P14", "p14 ", "p1\n", "p١", f"p{2**53}"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(AssemblyError) as refused:
        parse_proposal_name(name)
    assert refused.value.reason == "PROPOSAL_NAME"
