from rankd.usecases.learn.card import decimal, figure, grouped, signed


def test_figures_are_rounded_and_written_as_each_language_writes_them() -> None:
    triple = [748_611, 742_419, 754_619]
    assert figure(triple, 3, "en") == "0.749 [0.742, 0.755]"
    assert figure(triple, 3, "fr") == "0,749 [0,742 ; 0,755]"


def test_a_figure_that_does_not_exist_is_a_dash() -> None:
    assert figure(None, 3, "fr") == "–"


def test_decimals_keep_their_leading_zeros() -> None:
    assert decimal(1_002_469, 6, "en") == "1.002469"
    assert decimal(800, 4, "fr") == "0,0008"


def test_thousands_are_set_apart() -> None:
    assert grouped(1_234_567, "en") == "1,234,567"
    assert grouped(1_234_567, "fr") == "1\u202f234\u202f567"


def test_effects_carry_their_sign() -> None:
    assert signed(-351_000, 2, "fr") == "−0,35"
    assert signed(120_000, 2, "en") == "+0.12"
