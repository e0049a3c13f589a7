"""The roll: who registers, who is admitted, and whose key speaks for whom."""

import shutil
from pathlib import Path

import pytest

from rankd.core.assembly.identity import member_id
from rankd.store.key_file import read_key
from tests.cooperative import ORIGIN, Cooperative, body, found, rankd, reason


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Cooperative:
    return found(tmp_path_factory.mktemp("coop") / "home")


@pytest.fixture
def coop(begun: Cooperative, tmp_path: Path) -> Cooperative:
    shutil.copytree(begun.home, tmp_path / "home")
    return Cooperative(tmp_path / "home", 1)


def you(coop: Cooperative, name: str) -> dict[str, object]:
    found: dict[str, object] = body(coop.read("assembly", "status", "--key", coop.key(name), "--json"))["you"]
    return found


def id_of(coop: Cooperative, name: str) -> str:
    return member_id(read_key(coop.key(name)).public)


def test_a_person_registers_and_the_secretary_admits_her(coop: Cooperative) -> None:
    coop.new_key("dora")
    registration = coop.new_file()
    signed = coop.try_sign("member", "register", by="dora", out=registration)
    assert id_of(coop, "dora") in signed.stderr
    assert coop.append(registration).exit_code == 0
    assert (you(coop, "dora")["member"], you(coop, "dora")["registered"]) == (None, 1)
    assert "attend d’être admise" in coop.read("assembly", "status", "--key", coop.key("dora")).stdout
    admission = coop.new_file()
    admitted = coop.try_sign("member", "admit", registration, by="secretary", out=admission)
    assert "rankd minutes append" in admitted.stderr
    assert coop.append(admission).exit_code == 0
    assert (you(coop, "dora")["member"], you(coop, "dora")["status"]) == (id_of(coop, "dora"), "active")


def test_who_registered_in_the_minutes_is_admitted_by_her_name_there(coop: Cooperative) -> None:
    coop.new_key("dora")
    coop.enter("member", "register", by="dora")
    nobody = coop.try_sign("member", "admit", f"m{'0' * 16}", "--json", by="secretary")
    assert (nobody.exit_code, reason(nobody)) == (2, "MEMBER_NOT_WAITING")
    coop.enter("member", "admit", id_of(coop, "dora"), by="secretary")
    assert you(coop, "dora")["status"] == "active"
    coop.new_key("new")
    coop.enter("member", "register", by="new")
    coop.enter("member", "rotate", id_of(coop, "new"), "--member", id_of(coop, "dora"), by="secretary")
    assert you(coop, "new")["member"] == id_of(coop, "dora")


def test_a_registration_needs_no_record_where_the_origin_is_named(coop: Cooperative) -> None:
    coop.new_key("dora")
    out = coop.new_file()
    assert rankd("member", "register", "--origin", ORIGIN, "--key", coop.key("dora"), "--out", out).exit_code == 0
    assert coop.enter("member", "admit", out, by="secretary") == 1


def test_one_member_that_cannot_be_admitted_keeps_all_out(coop: Cooperative) -> None:
    coop.new_key("dora")
    good, bad = coop.sign("member", "register", by="dora"), coop.sign("member", "register", by="dora")
    result = coop.try_sign("member", "admit", good, bad, "--json", by="secretary")
    assert (result.exit_code, reason(result)) == (1, "ROLL_MEMBER_TWICE")
    not_one = coop.try_sign("member", "admit", coop.home / "constitution.yaml", "--json", by="secretary")
    assert (not_one.exit_code, body(not_one)["about"]) == (1, str(coop.home / "constitution.yaml"))
    admission = coop.sign("member", "admit", good, by="secretary")
    other = coop.try_sign("member", "admit", admission, "--json", by="secretary")
    assert reason(other) == "ENTRY_KIND_OTHER"


def test_only_the_secretary_admits_suspends_and_reinstates(coop: Cooperative) -> None:
    coop.new_key("dora")
    registration = coop.sign("member", "register", by="dora")
    for words in (("admit", registration), ("suspend", id_of(coop, "member-2")), ("reinstate", "m0")):
        result = coop.try_sign("member", *words, "--json", by="member-1")
        assert (result.exit_code, reason(result)) == (1, "KEY_KIND_DIFFERS")
    impostor = coop.new_key("impostor", "secretary")
    result = coop.try_sign("member", "suspend", id_of(coop, "member-2"), "--json", by=impostor.stem)
    assert (result.exit_code, reason(result)) == (1, "SIGNER_NOT_SECRETARY")


def test_a_suspended_member_takes_no_part_until_she_is_reinstated(coop: Cooperative) -> None:
    name = id_of(coop, "member-2")
    coop.enter("member", "suspend", name, "--reason", "Cotisation.", by="secretary")
    assert you(coop, "member-2")["status"] == "suspended"
    assert body(coop.read("assembly", "status", "--json"))["active_member_count"] == 2
    coop.enter("member", "reinstate", name, by="secretary")
    assert you(coop, "member-2")["status"] == "active"


def test_a_member_takes_another_key(coop: Cooperative) -> None:
    name = id_of(coop, "member-1")
    coop.new_key("fresh")
    registration = coop.sign("member", "register", by="fresh")
    coop.enter("member", "rotate", registration, by="member-1")
    assert (you(coop, "fresh")["member"], you(coop, "member-1")["member"]) == (name, None)
    assert (
        "Cette clé n’est celle d’aucun membre." in coop.read("assembly", "status", "--key", coop.key("member-1")).stdout
    )
    lost = coop.try_sign("member", "rotate", registration, "--json", by="member-1")
    assert (lost.exit_code, reason(lost)) == (2, "KEY_OF_NO_MEMBER")


def test_the_secretary_replaces_a_lost_key(coop: Cooperative) -> None:
    name = id_of(coop, "member-1")
    coop.new_key("fresh")
    registration = coop.sign("member", "register", by="fresh")
    coop.enter("member", "rotate", registration, "--member", name, "--reason", "Clé perdue.", by="secretary")
    assert you(coop, "fresh")["member"] == name


def test_a_member_leaves(coop: Cooperative) -> None:
    coop.enter("member", "resign", by="member-3")
    assert you(coop, "member-3")["status"] == "resigned"
    again = coop.try_sign("member", "resign", "--json", by="member-3")
    assert (again.exit_code, reason(again)) == (1, "ROLL_STATUS")
    coop.enter("member", "resign", "--member", id_of(coop, "member-2"), by="secretary")
    assert you(coop, "member-2")["status"] == "resigned"
