"""Guardians stop a change together, and the members have the last word."""

import shutil
from pathlib import Path

import pytest

from rankd.store.key_file import read_key
from tests.cooperative import Cooperative, body, found, policy, rankd, reason

NAME = "p1"


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Cooperative:
    """Return a co-op with three guardians, where p1 was passed and waits."""
    folder = tmp_path_factory.mktemp("coop")
    options: list[object] = []
    for name in ("one", "two", "three"):
        path = folder / f"{name}.key"
        assert rankd("keys", "new", "guardian", path, "--name", name, "--no-passphrase").exit_code == 0
        options += ["--guardian", read_key(path).public.hex()]
    coop = found(folder / "home", *options)
    for name in ("one", "two", "three"):
        shutil.move(folder / f"{name}.key", coop.key(name))
    (surface,) = body(coop.read("assembly", "status", "--json"))["surfaces"]
    text = coop.home / "reply.yaml"
    text.write_text(policy(surface["policy"]["canon_digest"], click=100, reply=200), encoding="utf-8")
    assert coop.to_vote("policy", text) == NAME
    for by in ("member-1", "member-2", "member-3"):
        coop.enter("vote", NAME, "--yes", by=by)
    coop.pass_days(5)
    assert coop.state(NAME) == "queued"
    return coop


@pytest.fixture
def coop(begun: Cooperative, tmp_path: Path) -> Cooperative:
    shutil.copytree(begun.home, tmp_path / "home")
    return Cooperative(tmp_path / "home", begun.day)


def number(coop: Cooperative) -> int:
    (surface,) = body(coop.read("assembly", "status", "--json"))["surfaces"]
    return int(surface["policy"]["number"])


def cancel(coop: Cooperative) -> str:
    """Have two guardians cancel p1; return the intervention's name."""
    coop.enter("guardian", "cancel", NAME, "--reason-fr", "Une erreur.", "--reason-en", "A mistake.", by="one")
    assert coop.state(NAME) == "queued"
    name = f"g{coop.enter('guardian', 'cancel', NAME, '--reason-fr', 'Une erreur.', by='two')}"
    assert coop.state(NAME) == "held"
    return name


def test_what_two_guardians_stop_the_members_confirm(coop: Cooperative) -> None:
    name = cancel(coop)
    status = coop.read("assembly", "status", "--key", coop.key("member-1")).stdout
    assert f"{name}\u00a0: les gardiens annulent {NAME}. Aux membres de confirmer" in status
    assert f"voter\u00a0: rankd vote {name}" in status
    paper = coop.read("vote", name)
    assert f"Oui confirme l’annulation\u00a0: {NAME} n’entrera pas en vigueur." in paper.stdout
    assert "> Une erreur." in paper.stdout
    for by in ("member-1", "member-2", "member-3"):
        coop.enter("vote", name, "--yes", by=by)
    coop.pass_days(20)
    assert coop.state(NAME) == "cancelled"
    shown = body(coop.read("assembly", "show", name, "--json"))
    assert (shown["state"], shown["vote"]["result"]["yes"], len(shown["signers"])) == ("confirmed", 3, 2)
    assert "confirmée par les membres" in coop.read("assembly", "show", name).stdout
    assert f"{name}, les gardiens annulent {NAME}; confirmée" in coop.read("assembly", "history").stdout


def test_what_the_members_do_not_confirm_comes_into_force_all_the_same(coop: Cooperative) -> None:
    name = cancel(coop)
    coop.enter("vote", name, "--no", by="member-1")
    coop.pass_days(20)
    assert (coop.state(NAME), coop.state(name), number(coop)) == ("activated", "lapsed", 2)


def test_a_surface_goes_back_to_an_earlier_policy(coop: Cooperative) -> None:
    coop.pass_days(10)
    assert number(coop) == 2
    for by in ("one", "three"):
        name = f"g{coop.enter('guardian', 'rollback', 'video', '--to', 1, '--reason-fr', 'Trop tôt.', by=by)}"
    assert number(coop) == 1
    assert "Oui confirme le retour." in coop.read("vote", name).stdout
    assert "the guardians take video back to policy 1" in coop.read("assembly", "status", "--lang", "en").stdout
    coop.pass_days(20)
    assert number(coop) == 2
    assert "faute de confirmation des gardiens" in coop.read("assembly", "history").stdout


def test_what_is_not_there_is_named_as_it_was_asked_for(coop: Cooperative) -> None:
    for words in (("vote", "g99"), ("assembly", "show", "g99"), ("ballot", "slip", "g99", "0123456789abcdef")):
        answer = coop.read(*words)
        assert answer.exit_code == 2
        assert "Il n’y a pas de g99 dans ce dossier." in answer.stderr
    why = ("--reason-fr", "Parce que.")
    for by, act in (("member-1", ("proposal", "recall", "g99")), ("one", ("guardian", "cancel", "g99", *why))):
        refused = coop.try_sign(*act, "--json", by=by)
        assert (reason(refused), body(refused)["metadata"]) == ("PROPOSAL_NOT_FOUND", {"proposal": "g99"})


def test_an_intervention_is_found_under_either_letter_and_is_no_proposal(coop: Cooperative) -> None:
    name = cancel(coop)
    other = f"p{name[1:]}"
    assert coop.read("vote", other).stdout == coop.read("vote", name).stdout
    shown = [coop.read("assembly", "show", called, "--json") for called in (name, other)]
    assert body(shown[0]) == body(shown[1])
    refused = coop.try_sign("proposal", "argue", other, "Non.", "--json", by="member-1")
    assert (reason(refused), body(refused)["metadata"]) == ("PROPOSAL_IS_INTERVENTION", {"proposal": name})


def test_only_guardians_intervene_and_they_say_why(coop: Cooperative) -> None:
    why = ("--reason-fr", "Parce que.")
    member = coop.try_sign("guardian", "cancel", NAME, *why, "--json", by="member-1")
    assert (member.exit_code, reason(member)) == (1, "KEY_KIND_DIFFERS")
    silent = coop.try_sign("guardian", "cancel", NAME, "--json", by="one")
    assert (silent.exit_code, reason(silent)) == (2, "TEXT_NEEDED")
    coop.new_key("impostor", "guardian")
    impostor = coop.try_sign("guardian", "cancel", NAME, *why, "--json", by="impostor")
    assert impostor.exit_code == 1
    assert "annuler\u00a0: rankd guardian cancel p1" in coop.read("assembly", "status", "--key", coop.key("one")).stdout


def test_members_recall_what_was_passed(coop: Cooperative) -> None:
    result = coop.read("assembly", "status", "--key", coop.key("member-2"))
    assert f"signer le rappel\u00a0: rankd proposal recall {NAME}" in result.stdout
    coop.enter("proposal", "recall", NAME, by="member-2")
    assert coop.state(NAME) == "recalled"
    coop.pass_days(20)
    assert number(coop) == 1
