import pytest

from rankd.core.policy.scalars import int_fits, scalar_kind


@pytest.mark.parametrize("text", ["0", "7", "1000", "9007199254740991"])
def test_decimal_digits_are_integers(text: str) -> None:
    assert scalar_kind(text) == "integer"


@pytest.mark.parametrize("text", ["30d", "6h", "500ms", "0h", "030d", "20%", "2.5%", "0.0001%", "120%", "1/2", "2/03"])
def test_durations_shares_and_fractions_are_words(text: str) -> None:
    assert scalar_kind(text) == "word"


@pytest.mark.parametrize(
    "text", ["video", "rankd.policy/1", "drop_seen/1", "été", "«", "none", "nonsense", "yesterday"]
)
def test_plain_words_are_words(text: str) -> None:
    assert scalar_kind(text) == "word"


@pytest.mark.parametrize("text", ["-1", "+0", "-9007199254740992"])
def test_signed_digits_are_told_apart(text: str) -> None:
    assert scalar_kind(text) == "signed"


@pytest.mark.parametrize("word", ["y", "n", "yes", "no", "on", "off", "true", "false", "null"])
def test_truth_and_nothing_are_ambiguous_in_any_case(word: str) -> None:
    kinds = {scalar_kind(form) for form in (word, word.upper(), word.capitalize())}
    assert kinds == {"YAML_AMBIGUOUS_WORD"}


@pytest.mark.parametrize("text", ["1_000", "017", "0o17", "0x1F", "0b11", "-017", "00", "1_0_0"])
def test_other_spellings_of_integers_are_refused(text: str) -> None:
    assert scalar_kind(text) == "YAML_INTEGER_FORM"


@pytest.mark.parametrize("text", ["1.0", ".5", "5.", "1e3", "-1.5E-7", ".inf", "-.INF", ".NaN", "1_0.5"])
def test_fractions_and_powers_are_floats(text: str) -> None:
    assert scalar_kind(text) == "YAML_FLOAT"


@pytest.mark.parametrize(
    "text",
    ["~", "=", "2020-01-01", "12:30:00", "1:30", "3 raisons", "-a", "...a", "<", "?a", "e10", "1/", "1/2/3", "1 /2"],
)
def test_what_could_be_a_date_a_number_or_a_mark_must_be_quoted(text: str) -> None:
    assert scalar_kind(text) == "YAML_AMBIGUOUS_WORD"


def test_the_largest_integer_is_two_to_the_53_less_one() -> None:
    assert int_fits("9007199254740991")
    assert not int_fits("9007199254740992")
    assert not int_fits("9" * 100_000)
