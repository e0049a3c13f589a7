"""Quantities as people read them: counts, shares, durations and lists in French and in English."""

from collections.abc import Sequence
from fractions import Fraction

from rankd.core.words.language import Language, Phrase

_UNITS = (
    (86_400_000, Phrase(fr="{n} jour{s}", en="{n} day{s}")),
    (3_600_000, Phrase(fr="{n} heure{s}", en="{n} hour{s}")),
    (60_000, Phrase(fr="{n} minute{s}", en="{n} minute{s}")),
    (1_000, Phrase(fr="{n} seconde{s}", en="{n} second{s}")),
    (1, Phrase(fr="{n} milliseconde{s}", en="{n} millisecond{s}")),
)


def count_words(number: int, language: Language) -> str:
    """Write an integer with its thousands apart: « 3 000 » (no-break space), "3,000"."""
    return f"{number:,}".replace(",", "\u00a0") if language == "fr" else f"{number:,}"


def plural(number: int, language: Language) -> str:
    """Return "s" where a noun after `number` takes it: French from 2 on, English for all but 1."""
    return "s" if (abs(number) >= 2 if language == "fr" else number != 1) else ""


def share_words(ppm: int, language: Language) -> str:
    """Write parts per million as a percentage, exactly: « 2,5 % », "2.5%"."""
    whole, rest = divmod(ppm, 10_000)
    digits = f"{rest:04d}".rstrip("0")
    if language == "fr":
        return f"{whole},{digits}\u00a0%" if digits else f"{whole}\u00a0%"
    return f"{whole}.{digits}%" if digits else f"{whole}%"


def duration_words(milliseconds: int, language: Language) -> str:
    """Write a duration in its largest whole unit: « 14 jours », "36 hours"."""
    unit, phrase = next((size, words) for size, words in _UNITS if milliseconds % size == 0)
    number = milliseconds // unit
    return phrase.say(language, n=count_words(number, language), s=plural(number, language))


def listing(items: Sequence[str], language: Language) -> str:
    """Join what is listed: « a, b et c », "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return ", ".join(items[:-1]) + (" et " if language == "fr" else " and ") + items[-1]


def rounded_words(number: Fraction, digits: int, language: Language) -> str:
    """Write a number ≥ 0 to so many decimals, a half rounded up: « 1,50 », "1.50"."""
    scaled = (2 * number.numerator * 10**digits + number.denominator) // (2 * number.denominator)
    whole, rest = divmod(scaled, 10**digits)
    point = "," if language == "fr" else "."
    return count_words(whole, language) + (f"{point}{rest:0{digits}d}" if digits else "")


def signed_words(number: Fraction, digits: int, language: Language) -> str:
    """Write a number with its sign to so many decimals, a half rounded away from zero: « +1,50 », "−1.50", "0.00"."""
    words = rounded_words(abs(number), digits, language)
    is_nothing = not any(digit in "123456789" for digit in words)
    return words if is_nothing else ("+" if number > 0 else "−") + words


def percent_words(part: Fraction, language: Language) -> str:
    """Write a part of 1 to a tenth of a percent: « 12,5 % », "12.5%"; only nothing is written 0, and only all 100."""
    sign = "\u00a0%" if language == "fr" else "%"
    if part in (0, 1):
        return f"{part * 100}{sign}"
    bound = Fraction(1, 2000)
    if part < bound:
        return f"<\u00a0{rounded_words(Fraction(1, 10), 1, language)}{sign}"
    if 1 - bound <= part < 1:
        return f">\u00a0{rounded_words(Fraction(999, 10), 1, language)}{sign}"
    return rounded_words(part * 100, 1, language) + sign
