"""The assembly's words are complete, in both languages, for everything that can be."""

from collections.abc import Mapping
from typing import Any, get_args

import pytest

from rankd.core.assembly.constitution import SUBJECTS as ALL_SUBJECTS
from rankd.core.assembly.entries import ENTRY_KINDS, VoteKind
from rankd.core.assembly.matter import InterventionState, MatterState
from rankd.core.assembly.members import Status
from rankd.core.assembly.standing import Cause, Ratification
from rankd.core.words import assembly_terms as terms
from rankd.core.words.assembly_status import ACTS, AWAITS
from rankd.core.words.assembly_terms import left_words
from rankd.core.words.assembly_vote import FATES
from rankd.core.words.language import LANGUAGES, Language, Phrase
from rankd.usecases.govern.counted import Verdict
from rankd.usecases.govern.outlook import Awaited, Deed

_HOUR, _DAY = 3_600_000, 86_400_000


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (terms.SUBJECTS, ALL_SUBJECTS),
        (terms.VOTES, get_args(VoteKind)),
        (terms.STATES, get_args(MatterState)),
        (terms.INTERVENTION_STATES, get_args(InterventionState)),
        (terms.RATIFICATIONS, get_args(Ratification)),
        (terms.CAUSES, get_args(Cause)),
        (terms.SIDES, ("for", "against", "neither")),
        (terms.MEMBER_STATES, get_args(Status)),
        (terms.KINDS, ENTRY_KINDS),
        (FATES, get_args(Verdict)),
    ],
)
def test_everything_has_a_name(words: Mapping[str, Phrase], named: tuple[str, ...]) -> None:
    assert set(words) == set(named)


def test_everything_that_is_awaited_or_can_be_done_is_said() -> None:
    # What an intervention awaits is said with the intervention.
    assert set(AWAITS) == set(get_args(Awaited)) - {"confirmation"}
    assert set(ACTS) == {*get_args(Deed), "vote_again"}


def test_both_languages_say_something_else() -> None:
    # «\u00a0constitution\u00a0» and its like are the same word in both.
    same = [name for name, phrase in terms.STATES.items() if phrase.fr == phrase.en]
    assert same == []


@pytest.mark.parametrize(
    ("milliseconds", "french", "english"),
    [
        (0, "moins d’une minute", "less than a minute"),
        (59_999, "moins d’une minute", "less than a minute"),
        (60_000, "1 minute", "1 minute"),
        (2 * _HOUR - 1, "119 minutes", "119 minutes"),
        (2 * _HOUR, "2 heures", "2 hours"),
        (2 * _DAY - 1, "47 heures", "47 hours"),
        (2 * _DAY, "2 jours", "2 days"),
        (30 * _DAY - 1, "29 jours", "29 days"),
        (4_000 * _DAY, "4\u00a0000 jours", "4,000 days"),
    ],
)
def test_no_more_time_is_said_to_be_left_than_there_is(milliseconds: int, french: str, english: str) -> None:
    said: dict[Language, Any] = {language: left_words(milliseconds, language) for language in LANGUAGES}
    assert said == {"fr": french, "en": english}
