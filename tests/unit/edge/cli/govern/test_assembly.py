"""What is in force and what is being decided, for everybody to read."""

from pathlib import Path

import pytest

from tests.cooperative import ORIGIN, Cooperative, body, found, policy, rankd, reason


@pytest.fixture(scope="module")
def coop(tmp_path_factory: pytest.TempPathFactory) -> Cooperative:
    """Return a co-op that adopted a second policy; nothing in it is changed by these tests."""
    coop = found(tmp_path_factory.mktemp("coop") / "home")
    (surface,) = body(coop.read("assembly", "status", "--json"))["surfaces"]
    text = coop.home / "reply.yaml"
    text.write_text(policy(surface["policy"]["canon_digest"], click=100, reply=200), encoding="utf-8")
    assert coop.to_vote("policy", text, "--title-fr", "Parlons-nous", "--title-en", "Let us talk") == "p1"
    for by in ("member-1", "member-2"):
        coop.enter("vote", "p1", "--yes", by=by)
    coop.pass_days(10)
    coop.enter("proposal", "new", "policy", text, "--title-fr", "En route", "--title-en", "On its way", by="member-2")
    return coop


def test_the_overview_says_what_is_in_force(coop: Cooperative) -> None:
    french = coop.read("assembly", "status")
    assert french.exit_code == 0
    assert french.stdout.startswith(f"{ORIGIN}\u00a0: 3 membres actifs, 8 entrées au procès-verbal, le ")
    assert f"Empreinte fondatrice\u00a0: {coop.genesis}" in french.stdout
    assert "  video\u00a0: politique 2 (p1), modèle sha256:" in french.stdout
    assert "Aucun vote n’est ouvert." in french.stdout
    assert "p7 «\u00a0En route\u00a0» (politique)\u00a0: cherche des parrainages. 0 parrainage sur 2" in french.stdout
    english = coop.read("assembly", "status", "--lang", "en").stdout
    assert "  video: policy 2 (p1), model sha256:" in english
    assert "Constitution 1 “Constitution of our feed”" in english
    assert "p7 “On its way” (policy): looks for sponsors. 0 of 2 sponsors" in english


def test_it_says_what_the_holder_of_a_key_can_do(coop: Cooperative) -> None:
    proposer = coop.read("assembly", "status", "--key", coop.key("member-2")).stdout
    assert "rankd proposal sponsor" not in proposer
    other = coop.read("assembly", "status", "--key", coop.key("member-1"), "--lang", "en").stdout
    assert "  - sponsor: rankd proposal sponsor p7" in other
    assert "  - Propose: rankd proposal new" in other


def test_a_decided_proposal_is_shown_with_its_result_and_against_what_it_replaced(coop: Cooperative) -> None:
    french = coop.read("assembly", "show", "p1").stdout
    assert french.startswith("p1 «\u00a0Parlons-nous\u00a0»\n")
    assert "Points pour les réponses\u00a0: 150 → 200 (+50)." in french
    assert "2 oui, 0 non, 0 abstention." in french
    assert french.count("adopté.") == 1
    shown = body(coop.read("assembly", "show", "p1", "--json"))
    assert [moment["state"] for moment in shown["timeline"]] == [
        "draft",
        "deliberation",
        "frozen",
        "voting",
        "queued",
        "activated",
    ]
    assert (shown["vote"]["result"]["yes"], shown["vote"]["ballot_count"], shown["activation"]) == (2, 2, 3)


def test_the_history_tells_activations_and_decisions(coop: Cooperative) -> None:
    lines = coop.read("assembly", "history").stdout.splitlines()
    assert [line.partition("\u00a0: ")[2] for line in lines[1:4]] == [
        "constitution 1, à la fondation.",
        "video, politique 1, à la fondation.",
        "video, politique 2, après un vote (p1).",
    ]
    assert sum("Parlons-nous" in line for line in lines) == 2
    history = body(coop.read("assembly", "history", "--json"))
    assert [entry["cause"] for entry in history["activations"]] == ["founding", "founding", "vote"]


def test_what_is_not_there_is_a_usage_error(coop: Cooperative) -> None:
    unknown = coop.read("assembly", "show", "p6", "--json")
    assert (unknown.exit_code, reason(unknown)) == (2, "PROPOSAL_NOT_FOUND")
    nameless = coop.read("assembly", "show", "seven", "--json")
    assert (nameless.exit_code, reason(nameless)) == (1, "PROPOSAL_NAME")


def test_the_record_and_the_genesis_may_stand_in_the_environment(
    coop: Cooperative, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RANKD_RECORD", str(coop.home / "record"))
    monkeypatch.setenv("RANKD_GENESIS", coop.genesis)
    monkeypatch.setenv("RANKD_KEY", str(coop.key("member-1")))
    answer = body(rankd("assembly", "status", "--json", *coop.at))
    assert (answer["origin"], answer["you"]["status"]) == (ORIGIN, "active")


def test_a_record_that_is_not_there_is_said(tmp_path: Path) -> None:
    result = rankd("assembly", "status", "--record", tmp_path, "--genesis", "sha256:" + "0" * 64, "--json")
    assert reason(result) == "MINUTES_MISSING"
    assert result.exit_code in (1, 2)
