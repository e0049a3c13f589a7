"""Moments as people read them: days and times in French and in English, always in UTC."""

from datetime import UTC, datetime, timedelta

from rankd.core.words.language import Language

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MONTHS = {
    "fr": (
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "janv. févr. mars avr. mai juin juill. août sept. oct. nov. déc.",
    ),
    "en": (
        "January February March April May June July August September October November December",
        "Jan Feb Mar Apr May June July Aug Sept Oct Nov Dec",
    ),
}


def day_words(time_ms: int, language: Language) -> str:
    """Write the day of a time in POSIX milliseconds: « 1er mars 2026 », "1 March 2026"."""
    return _day(time_ms, language, 0)


def short_day_words(time_ms: int, language: Language) -> str:
    """Write the day of a time as short as a plot wants it: « 1er févr. 2026 », "1 Feb 2026"."""
    return _day(time_ms, language, 1)


def moment_words(time_ms: int, language: Language) -> str:
    """Write a time to the minute: « 1er mars 2026, 14 h 05 », "1 March 2026, 14:05"."""
    return f"{day_words(time_ms, language)}, {clock_words(time_ms, language)}"


def clock_words(time_ms: int, language: Language) -> str:
    """Write the time of day: « 14 h 05 », "14:05"."""
    moment = _EPOCH + timedelta(milliseconds=time_ms)
    between = "\u00a0h\u00a0" if language == "fr" else ":"
    return f"{moment.hour:02d}{between}{moment.minute:02d}"


def _day(time_ms: int, language: Language, form: int) -> str:
    moment = _EPOCH + timedelta(milliseconds=time_ms)
    number = "1er" if moment.day == 1 and language == "fr" else str(moment.day)
    return f"{number}\u00a0{_MONTHS[language][form].split()[moment.month - 1]}\u00a0{moment.year}"
