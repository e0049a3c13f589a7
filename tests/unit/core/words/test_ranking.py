"""Words for codes: every code that the core can give has some, in both languages."""

import pytest

from rankd.core.objectives import OBJECTIVES
from rankd.core.ranking.explanation import NEWEST_FIRST
from rankd.core.ranking.exploration import EXPLORE
from rankd.core.ranking.rules import (
    AUTHOR_DIVERSITY,
    DROP_MUTED,
    DROP_SEEN,
    FEEDBACK_FATIGUE,
    FRESHNESS,
    MAX_AGE,
    SOURCE_SCALING,
)
from rankd.core.ranking.slate import AFTER_CAP
from rankd.core.records.decision import DEFAULT_USED, NO_POLICY_IN_FORCE, QUOTA_SHORT
from rankd.core.words.ranking import code_words, degraded_words

CODES = [
    *(f"{objective}_{side}_usual" for objective in OBJECTIVES for side in ("above", "below")),
    *(AUTHOR_DIVERSITY, DROP_MUTED, DROP_SEEN, FEEDBACK_FATIGUE, FRESHNESS, MAX_AGE, SOURCE_SCALING),
    *(EXPLORE, NEWEST_FIRST, AFTER_CAP, "quota/1#3", "cap/1#2"),
]


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_words_of_its_own_in_both_languages(code: str) -> None:
    french, english = code_words(code, "fr"), code_words(code, "en")
    assert len({code, french, english}) == 3


def test_no_two_codes_are_said_alike() -> None:
    for language in ("fr", "en"):
        assert len({code_words(code, language) for code in CODES}) == len(CODES)


def test_numbered_rules_say_their_number() -> None:
    assert code_words("quota/1#3", "en") == "moved up by quota 3"
    assert code_words("cap/1#2", "fr") == "au-delà du plafond 2"


def test_a_code_from_a_newer_server_is_shown_as_it_is() -> None:
    assert code_words("moonlight/2", "fr") == "moonlight/2"
    assert code_words("applause_above_usual", "en") == "applause_above_usual"
    assert degraded_words("TIRED", ["x"], "en") == "TIRED"


@pytest.mark.parametrize("reason", [DEFAULT_USED, NO_POLICY_IN_FORCE, QUOTA_SHORT])
def test_every_degradation_is_said_with_what_it_concerns(reason: str) -> None:
    french, english = (degraded_words(reason, ["one", "two"], language) for language in ("fr", "en"))
    assert "one, two" in french
    assert "one, two" in english
    assert french != english
