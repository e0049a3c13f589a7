"""Numbers that are rounded, in words."""

from fractions import Fraction

import pytest

from rankd.core.words.quantity import percent_words, rounded_words


@pytest.mark.parametrize(
    ("part", "english", "french"),
    [
        (Fraction(1, 8), "12.5%", "12,5 %"),
        (Fraction(2, 3), "66.7%", "66,7 %"),
        (Fraction(1, 2000), "0.1%", "0,1 %"),
        (Fraction(1, 2001), "< 0.1%", "< 0,1 %"),
        (Fraction(0), "0%", "0 %"),
        (Fraction(1), "100%", "100 %"),
        (Fraction(9999, 10000), "> 99.9%", "> 99,9 %"),
        (Fraction(3, 2), "150.0%", "150,0 %"),
    ],
)
def test_percentages_are_rounded_to_a_tenth(part: Fraction, english: str, french: str) -> None:
    assert percent_words(part, "en").replace("\u00a0", " ") == english
    assert percent_words(part, "fr").replace("\u00a0", " ") == french


def test_halves_are_rounded_up() -> None:
    assert rounded_words(Fraction(1, 8), 2, "en") == "0.13"
    assert rounded_words(Fraction(5, 2), 0, "en") == "3"
    assert rounded_words(Fraction(123456, 100), 1, "fr") == "1\u00a0234,6"
