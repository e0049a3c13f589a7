"""An explained candidate on the screen: every line can be checked with a pocket calculator."""

import re
from dataclasses import replace
from fractions import Fraction
from io import StringIO

import pytest
from rich.console import Console

from rankd.client import CandidateExplanation
from rankd.core.ranking.explanation import RuleStep, Term
from rankd.core.words.language import LANGUAGES, Language
from rankd.edge.cli.addition import addition

TERMS = (
    Term("click", 150, 150, 1, 5, 400_000_000, 250_000_000, 1_600_000, 240_000_000, silent=False),
    Term("reply", 1_225, 1_225, 1, 0, 0, 10_000, 1_000_000, 1_225_000_000, silent=True),
    Term("hide", 200, 200, -1, 1, 50_000_001, 50_000_000, 1_000_001, -200_000_200, silent=False),
)
START = sum(term.term for term in TERMS)
FRESH = START * 40_000 >> 16
ENTRY = CandidateExplanation(
    id="p[bold]1",
    rank=2,
    ranked_at=5,
    dropped_by="",
    terms=TERMS,
    steps=(RuleStep("freshness/1", 40_000, START, FRESH),),
    value=FRESH,
    moves=("quota/1#2", "explore/1"),
    marginal=(174, 175),
)


def shown(entry: CandidateExplanation, language: Language) -> str:
    out = StringIO()
    console = Console(file=out, width=120, highlight=False)
    for part in addition(entry, language):
        console.print(part)
    return out.getvalue()


def number(text: str, language: Language) -> Fraction:
    plain = text.replace("−", "-").replace("= ", "").strip()
    plain = plain.replace("\u00a0", "").replace(",", ".") if language == "fr" else plain.replace(",", "")
    return Fraction(plain)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_numbers_on_the_screen_add_up(language: Language) -> None:
    lines = shown(ENTRY, language).splitlines()
    products = [re.split(r" {2,}|(?<=\)) ", line.strip()) for line in lines if "×" in line and "÷" not in line]
    total = Fraction(0)
    for parts, term in zip(products, TERMS, strict=True):
        points, lift = parts[-2].split(" × ")
        product = number(points, language) * number(lift, language)
        assert term.sign * product == number(parts[-1], language)
        total += term.sign * product
    sums = [number(line.rpartition("= ")[2], language) for line in lines if "= " in line]
    discount = next(line for line in lines if "÷" in line)
    before, factor, whole = re.search(r"([\d\s,.]+) × ([\d\s,.]+) ÷ ([\d\s,.]+?) {2,}=", discount).groups()  # type: ignore[union-attr]
    exact = number(before, language) * number(factor, language) / number(whole, language)
    assert sums[0] == total == number(before, language)
    assert 0 <= exact - sums[1] < Fraction(1, 1_000_000)
    assert sums[2] == sums[1] == Fraction(ENTRY.value, 1_000_000)


@pytest.mark.parametrize("language", LANGUAGES)
def test_moves_and_chance_are_told_outside_the_addition(language: Language) -> None:
    text = shown(ENTRY, language)
    assert "174/175" in text
    assert "quota 2" in text
    assert ("place 2 (5 avant l’échange)" if language == "fr" else "place 2 (5 before the swap)") in text


def test_an_id_cannot_dress_up_as_markup_or_steer_the_terminal() -> None:
    text = shown(replace(ENTRY, id="p[bold]1\u202e\u001b[31m"), "en")
    assert "p[bold]1\ufffd\ufffd[31m" in text


def test_a_dropped_candidate_says_why_and_keeps_its_addition() -> None:
    entry = replace(ENTRY, rank=None, ranked_at=None, dropped_by="cap/1#1", marginal=None, moves=())
    text = shown(entry, "en")
    assert "taken out: beyond cap 1" in text
    assert "final value" in text


def test_a_place_that_chance_could_not_change_says_nothing_about_chance() -> None:
    assert "probability" not in shown(replace(ENTRY, marginal=(1, 1)), "en")


def test_a_newest_first_candidate_has_nothing_to_add_up() -> None:
    entry = replace(ENTRY, terms=(), steps=(), value=0, moves=(), marginal=(1, 1), ranked_at=2)
    assert shown(entry, "en") == "p[bold]1 · place 2\n"


def test_a_value_that_is_not_positive_is_not_discounted() -> None:
    entry = replace(ENTRY, steps=(RuleStep("freshness/1", 40_000, -5, -5),), value=-5)
    assert "nothing to discount" in shown(entry, "en")


def test_points_that_a_slider_moved_are_said_to_be_so() -> None:
    moved = replace(ENTRY, terms=(replace(TERMS[0], policy_points=100), *TERMS[1:]))
    assert "(politique 100, réglés à 150)" in shown(moved, "fr")
    assert "(policy 100, set to 150)" in shown(moved, "en")
    assert "set to" not in shown(ENTRY, "en")
