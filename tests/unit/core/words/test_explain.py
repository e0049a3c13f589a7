"""Millionths as people read them."""

import pytest

from rankd.core.words.explain import micro_words


@pytest.mark.parametrize(
    ("micro", "digits", "french", "english"),
    [
        (0, 6, "0,000000", "0.000000"),
        (1, 6, "0,000001", "0.000001"),
        (-1, 6, "−0,000001", "−0.000001"),
        (1_234_567_890_123, 6, "1\u00a0234\u00a0567,890123", "1,234,567.890123"),
        (1_234_567, 2, "1,23", "1.23"),
        (1_235_000, 2, "1,24", "1.24"),
        (-1_999_999, 0, "−2", "−2"),
        (-4_999, 2, "0,00", "0.00"),
        (999_995_000, 2, "1\u00a0000,00", "1,000.00"),
    ],
)
def test_millionths_are_written_exactly_or_to_the_nearest(micro: int, digits: int, french: str, english: str) -> None:
    assert micro_words(micro, "fr", digits) == french
    assert micro_words(micro, "en", digits) == english
