import re
from typing import Any

import pytest

from rankd.core.assembly.describe import describe_constitution
from rankd.core.words.language import LANGUAGES, Language
from tests.constitutions import constitution_of

CLAIM: dict[Language, str] = {
    "fr": (
        "Aucun membre, seul, ne peut rapprocher le résultat de ses propres mille points en remettant d’autres points "
        "que les siens, à l’arrondi près (moins d’un point par geste); un groupe y gagne bien moins qu’avec une "
        "moyenne."
    ),
    "en": (
        "No single member can bring the result closer to her own thousand points by handing in other points, apart "
        "from rounding (less than one point per objective); a bloc gains far less than under an average."
    ),
}


def said(language: Language, *changes: tuple[str, str], **options: Any) -> str:
    return describe_constitution(constitution_of(*changes, **options), language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_unfilled_and_the_text_ends_in_one_line_feed(language: Language) -> None:
    text = said(language)
    assert not re.search(r"[{}]|None|Fraction", text)
    assert text.endswith(".\n")
    assert "\n\n\n" not in text


def test_french_keeps_its_no_break_spaces() -> None:
    own = "\n".join(line for line in said("fr").split("\n") if not line.startswith(">"))
    assert not re.search(r"(?<!\u00a0)»|«(?!\u00a0)| :", own)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_claim_about_points_votes_is_the_proven_one(language: Language) -> None:
    assert CLAIM[language] in said(language)


def test_the_text_says_that_ballots_are_public_and_not_receipt_free_and_who_reads_them_early() -> None:
    french, english = said("fr"), said("en")
    assert "Les bulletins sont publics\u00a0: après la fin du vote" in french
    assert "n’est donc pas «\u00a0sans reçu\u00a0»" in french
    assert "qui tient le procès-verbal peut lire les bulletins à mesure qu’ils arrivent" in french
    assert "Ballots are public: after the close anybody can read the ballot of every pseudonym" in english
    assert "not receipt-free" in english
    assert "whoever keeps the minutes can read ballots as they come in" in english


def test_times_shares_and_counts_are_those_of_the_text() -> None:
    text = said(
        "en",
        ("sponsors: 2", "sponsors: 7"),
        ("sponsorship: 30d", "sponsorship: 11d"),
        ("deliberation: 7d", "deliberation: 5d"),
        ("deliberation_max: 60d", "deliberation_max: 41d"),
        ("notice: 2d", "notice: 36h"),
        ("voting: 7d", "voting: 9d"),
        ("majority: 1/2", "majority: 5/9"),
        ("late_swing: 48h", "late_swing: 12h"),
        ("timelock: 3d", "timelock: 4d"),
        ("recall: 5%", "recall: 2.5%"),
    ).split("## Changing a feed’s model")[0]
    for piece in (
        "At least 7 other members must sponsor it within 11 days",
        "for at least 5 days",
        "Within 41 days",
        "opens 36 hours later",
        "lasts 9 days",
        "more than 5/9 of the yes and no",
        "within 12 hours of the end",
        "into force 4 days later",
        "2.5% of the active members can stop it",
    ):
        assert piece in text


def test_the_root_quorum_is_worked_out_for_three_sizes() -> None:
    assert "15 for 100 members, 48 for 1,000, 150 for 10,000." in said("en")
    assert "15 pour 100 membres, 48 pour 1\u00a0000, 150 pour 10\u00a0000." in said("fr")
    raised = said("en", ("quorum_min: 0%", "quorum_min: 2%"))
    assert "15 for 100 members, 48 for 1,000, 200 for 10,000. It never goes below 2% of the active members." in raised


def test_a_model_by_notice_has_no_vote() -> None:
    model = "  model:\n    by: vote"
    text = said("en", (model, model.replace("vote", "notice")))
    part = text.split("## Changing a feed’s model")[1].split("\n## ")[0]
    assert "There is no vote" in part
    assert "5% of the active members object" in part
    assert "Yes wins" not in part
    assert text.count("Yes wins") == 2


def test_a_window_that_the_vote_is_too_short_for_is_not_promised() -> None:
    short = said("en", ("voting: 7d", "voting: 3d"), ("late_swing: 48h", "late_swing: 37h"))
    assert "37 hours" not in short
    assert "36 hours of the end" in said("en", ("voting: 7d", "voting: 3d"), ("late_swing: 48h", "late_swing: 36h"))


def test_guardians_are_told_with_what_they_may_not_do() -> None:
    assert "Of 3 keys, 2 together can" in said("en")
    assert "Nothing else: they can neither put in a text of their own nor touch the roll." in said("en")
    assert "There are none" in said("en", guardians=0)
    assert "A single key of 3" in said("en", ("needed: 2", "needed: 1"), origin="dev.test")


def test_a_development_co_op_is_told_as_one() -> None:
    assert "co-op for trying things out" in said("en", origin="dev.test")
    assert "co-op for trying things out" not in said("en")


def test_no_time_at_all_is_said_in_words() -> None:
    quick = [(f"{name}: {time}", f"{name}: 0h") for name, time in (("deliberation", "7d"), ("notice", "2d"))]
    text = said("en", *quick, ("timelock: 3d", "timelock: 0h"), ("sponsors: 2", "sponsors: 0"), origin="dev.test")
    assert "It needs no sponsor. The text must be settled within 60 days" in text
    assert "The vote opens at once" in text
    assert "comes into force at once" in text


def test_penalties_count_against_a_post() -> None:
    text = said("en")
    assert "- Counts against a post: hides, 0 to 300 points." in text
    assert text.count("- Counts for a post: ") == 7


def test_what_members_wrote_is_quoted_and_fills_nothing() -> None:
    text = said("en", ("    One person, one vote.", "    ## Digests {number} {0}"), ("of our feed", "of {origin}"))
    assert "\n> ## Digests {number} {0}" in text
    assert text.startswith("# Constitution of {origin}\n")
