"""Days and times in words."""

import pytest

from rankd.core.words.language import Language
from rankd.core.words.moment import day_words, moment_words, short_day_words

FIRST_MS = 1_772_373_900_000


@pytest.mark.parametrize(
    ("language", "day", "short", "moment"),
    [
        ("fr", "1er mars 2026", "1er mars 2026", "1er mars 2026, 14 h 05"),
        ("en", "1 March 2026", "1 Mar 2026", "1 March 2026, 14:05"),
    ],
)
def test_moments_are_written_in_utc(language: Language, day: str, short: str, moment: str) -> None:
    said = [words(FIRST_MS, language).replace("\u00a0", " ") for words in (day_words, short_day_words, moment_words)]
    assert said == [day, short, moment]


def test_the_whole_range_of_times_has_words() -> None:
    assert day_words(0, "en").replace("\u00a0", " ") == "1 January 1970"
    assert moment_words(253_402_300_799_999, "fr").replace("\u00a0", " ") == "31 décembre 9999, 23 h 59"
