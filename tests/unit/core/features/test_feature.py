import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rankd.core.features.feature import DECIMAL, Feature, default_spelling
from rankd.core.words.language import Phrase


@settings(max_examples=300)
@given(st.integers(0, 2**32 - 1).map(lambda bits: np.uint32(bits).view(np.float32)))
def test_every_finite_number_has_one_spelling_that_reads_back(number: np.float32) -> None:
    if not np.isfinite(number):
        return
    text = default_spelling(np.format_float_positional(number, unique=True, trim="-"))
    assert text is not None
    assert DECIMAL.fullmatch(text)
    assert default_spelling(text) == text
    assert np.float32(text) == number
    feature = Feature("f", Phrase(fr="f", en="e"), "u", text, nullable=False, profiling=False)
    assert feature.default == float(number)


@pytest.mark.parametrize(
    ("text", "spelt"),
    [("0.50", "0.5"), ("-0", "0"), ("-0.0", "0"), ("1.0", "1"), ("0.100000001", "0.1"), ("123456789", "123456790")],
)
def test_another_spelling_of_the_same_number_is_told_the_one_that_counts(text: str, spelt: str) -> None:
    assert default_spelling(text) == spelt


@pytest.mark.parametrize("text", ["", "1e3", "nan", "inf", "+1", ".5", "1.", "01", "0x1", "٣", " 1", "1\n", "9" * 39])
def test_what_is_no_finite_decimal_stands_for_nothing(text: str) -> None:
    assert default_spelling(text) is None


def test_no_text_takes_long() -> None:
    assert default_spelling("1" * 60_000) is None
    assert re.fullmatch(DECIMAL, "0." + "1" * 61) is None
