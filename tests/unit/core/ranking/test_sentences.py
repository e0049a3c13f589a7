"""Explanations in words: what a sentence says is what the numbers say, in both languages."""

from dataclasses import replace
from random import Random

import pytest

from rankd.core.policy.policy import Slider
from rankd.core.ranking.counterfactual import Swap, Transfer
from rankd.core.ranking.explanation import Explanation, RuleStep, Term, Weight, explain, weigh
from rankd.core.ranking.sentences import candidate_sentences, option_sentences, swap_sentence, weight_sentence
from rankd.core.words.language import LANGUAGES, Language
from tests.reference.cases import plain_case, random_case
from tests.reference.conversion import rankd_formula, rankd_margins, rankd_ranking, rankd_request

ENTRY = Explanation(
    candidate=0,
    rank=2,
    ranked_at=2,
    dropped_by=None,
    terms=(
        Term("click", 150, 150, 1, 0, 0, 0, 1_600_000, 240_000_000, silent=False),
        Term("reply", 300, 300, 1, 0, 0, 0, 1_000_000, 300_000_000, silent=True),
        Term("hide", 200, 200, -1, 0, 0, 0, 3_000_000, -600_000_000, silent=False),
    ),
    steps=(RuleStep("freshness/1", 32_768, 2_000_000, 1_000_000), RuleStep("source_scaling/1", 65_536, 5, 5)),
    value=1_000_000,
    moves=("quota/1#2",),
    marginal=(49, 50),
)


def test_the_factor_with_the_greatest_effect_comes_first_and_one_without_effect_is_left_out() -> None:
    sentences = candidate_sentences(ENTRY, "en")
    assert sentences[0] == "Place 2 in the shown slate."
    assert sentences[1] == "The model gives it 3.00 times the usual chance to be hidden: 600.00 points less."
    assert sentences[2] == "The model gives it 1.60 times the usual chance to be clicked: 240.00 points more."
    assert sentences[3] == "Discount, freshness: it keeps 50% of its value, which goes from 2.00 to 1.00 points."
    assert sentences[4] == "Final value: 1.00 points."
    assert sentences[5:] == (
        "Outside the addition: moved up by quota 2.",
        "This place shows this candidate with probability 49/50.",
    )


@pytest.mark.parametrize(
    ("changed", "beginning"),
    [
        ({"ranked_at": 5, "moves": ("explore/1",)}, "Place 2 dans le fil montré; le classement lui donnait la place 5"),
        ({"rank": None, "marginal": None}, "Non montrée\u00a0: classée 2, au-delà"),
        (
            {"rank": None, "marginal": None, "moves": ("explore/1",)},
            "Non montrée\u00a0: le classement lui donnait la place 2",
        ),
        ({"rank": None, "ranked_at": None}, "Non montrée\u00a0: d’autres sont passées avant."),
        (
            {"rank": None, "ranked_at": None, "dropped_by": "cap/1#2"},
            "Écartée par une règle\u00a0: au-delà du plafond 2.",
        ),
    ],
)
def test_a_place_that_is_no_plain_place_is_said_to_be_so(changed: dict[str, object], beginning: str) -> None:
    assert candidate_sentences(replace(ENTRY, **changed), "fr")[0].startswith(beginning)  # type: ignore[arg-type]


def test_a_newest_first_candidate_has_its_place_and_no_sum() -> None:
    entry = replace(ENTRY, terms=(), steps=(), value=0, moves=(), marginal=(1, 1))
    assert candidate_sentences(entry, "en") == ("Place 2 in the shown slate.",)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_candidate_of_random_cases_can_be_told(language: Language) -> None:
    for seed in range(30):
        case = random_case(Random(seed))
        ranking = rankd_ranking(case)
        formula, margins = (None, None) if ranking.workings is None else (rankd_formula(case), rankd_margins(case))
        for candidate in range(len(case["request"]["candidates"]["id"])):
            sentences = candidate_sentences(explain(ranking, formula, margins, candidate), language)
            assert all(sentence.endswith(".") and "{" not in sentence for sentence in sentences)


def test_weights_are_shares_of_all_points_after_sliders() -> None:
    case = random_case(Random(5))
    case["request"]["mode"] = "RANKED"
    formula = rankd_formula(case)
    assert formula is not None
    sliders = rankd_request(case).sliders
    weights = weigh(formula, sliders)
    points = dict(zip((head.objective for head in formula.heads), formula.moved_points(sliders), strict=True))
    assert {weight.objective: weight.points for weight in weights} == points
    total = sum(points.values())
    assert [weight.share_ppm for weight in weights] == [weight.points * 10**6 // total for weight in weights]


def test_without_any_points_left_no_share_is_claimed() -> None:
    case = plain_case([1])
    case["request"]["sliders"] = [["click", 0]]
    formula = rankd_formula(case)
    assert formula is not None
    (weight,) = weigh(formula, rankd_request(case).sliders)
    assert (weight.points, weight.share_ppm) == (0, 0)
    assert weight_sentence(weight, "en") == (
        "Clicks: no points. The personal slider turned the policy’s 1,000 points into 0."
    )


def test_a_weight_says_its_direction_its_slider_and_its_silence() -> None:
    weight = Weight("hide", -1, 200, 300, 283_018, silent=True)
    assert weight_sentence(weight, "fr") == (
        "Les masquages\u00a0: 300 points contre, 28,3\u00a0% du total; plus c’est probable, plus la publication "
        "descend. Le réglage personnel a changé les 200 points de la politique en 300. "
        "Faute de données, ces points comptent pareil pour toutes les publications."
    )


@pytest.mark.parametrize(
    ("swap", "french", "english"),
    [
        (
            Swap(0, Transfer(1, "click", "reply"), settled=True, tried=1),
            "Avec 1 point de la politique déplacé (les clics → les réponses), elle serait passée avant p7; aucun "
            "déplacement plus petit n’y suffit.",
            "With 1 of the policy’s points moved (clicks → replies), it would have come before p7; no smaller move is "
            "enough.",
        ),
        (Swap(0, Transfer(20, "click", "reply"), settled=False, tried=9), "essayées\u00a0: 9", "may be enough"),
        (Swap(0, None, settled=True, tried=0), "Aucun déplacement", "No move of points"),
        (Swap(0, None, settled=False, tried=32), "pas tous été essayés", "not all were tried (policies tried: 32)"),
    ],
)
def test_a_swap_says_what_was_found_and_what_was_not_tried(swap: Swap, french: str, english: str) -> None:
    assert french in swap_sentence(swap, "p7", "fr")
    assert english in swap_sentence(swap, "p7", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_everybody_can_choose_newest_first_have_data_corrected_and_be_heard(language: Language) -> None:
    sliders = (Slider("reply", 50, 150), Slider("like", 0, 300))
    points = (("like", 0), ("reply", 300))
    assert len(option_sentences((), (), language)) == 3
    options = option_sentences(sliders, points, language)
    assert len(options) == 4
    assert "150" in options[1]
    assert "450" in options[1]
