from collections.abc import Callable

import pytest

from rankd.core.exact.canonical import digest_text
from rankd.core.objectives import OBJECTIVES
from rankd.core.policy.describe import describe
from rankd.core.policy.policy import Limits, Policy
from rankd.core.ranking.signal import HeadSignal
from rankd.core.words.language import LANGUAGES, Language
from rankd.core.words.policy import OBJECTIVE_WORDS

Read = Callable[..., Policy]
Heads = Callable[..., tuple[HeadSignal, ...]]


def test_points_are_told_as_average_gain_and_most(example: Policy, limits: Limits) -> None:
    assert (
        "- 300 points: replies. Of an average post’s value, 300 of 1,000 points come from replies; a post twice as "
        "likely as usual to be replied to gains 300, and never more than 3,000 come from replies.\n"
    ) in describe(example, limits, "en")
    assert (
        "- 300 points\u00a0: les réponses. De la valeur d’une publication moyenne, 300 points sur 1\u00a0000 en "
        "viennent; une publication deux fois plus susceptible que d’habitude de recevoir une réponse gagne 300, et "
        "ce geste n’en apporte jamais plus de 3\u00a0000.\n"
    ) in describe(example, limits, "fr")


def test_penalties_are_told_as_losses(example: Policy, limits: Limits) -> None:
    assert (
        "- 100 points against: hides. An average post loses 100 of 1,000 points to hides; a post twice as likely as "
        "usual to be hidden loses 100 more, and hides never take away more than 1,000.\n"
    ) in describe(example, limits, "en")
    assert "- 100 points contre\u00a0: les masquages." in describe(example, limits, "fr")


def test_the_most_that_an_objective_gives_follows_the_ceiling(example: Policy, limits: Limits) -> None:
    lower = Limits(2_000_000, limits.exploration_max_ppm, limits.objectives, b"\0" * 32, b"\0" * 32, b"")
    assert "never more than 600 come from replies" in describe(example, lower, "en")
    assert "2 times at most" in describe(example, lower, "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_objective_rule_and_slider_is_told(language: Language, example: Policy, limits: Limits) -> None:
    text = describe(example, limits, language)
    missing = [o for o in OBJECTIVES if OBJECTIVE_WORDS[o].noun.say(language) not in text]
    assert missing == []
    numbered = [line for line in text.splitlines() if line[:1].isdigit()]
    assert [line.split(".")[0] for line in numbered] == [str(number) for number in range(1, 10)]
    assert ("150 to 450 points" in text) or ("150 à 450 points" in text)


def test_rules_are_told_with_their_numbers(example: Policy, limits: Limits) -> None:
    text = describe(example, limits, "fr")
    for words in (
        "plus de 30\u00a0jours".replace("\u00a0", " "),
        "en 2 jours, la part au-dessus de 5\u00a0% diminue de moitié",
        "«\u00a0out_of_network\u00a0», 80\u00a0%",
        "pendant 140 jours",
        "garde 50\u00a0% de ce que gardait la précédente, jamais moins de 10\u00a0%",
        "Au plus 2 publications d’un même auteur parmi les 10 premières.",
        "Au plus 1 publication du groupe «\u00a0publicite\u00a0» parmi les 10 premières.",
        "le fil s’arrête",
        "Au moins 3 publications du groupe «\u00a0local\u00a0»",
        "Dans 2\u00a0% des demandes",
    ):
        assert words in text


def test_a_policy_without_rules_or_exploration_says_so(small: Read, limits: Limits) -> None:
    text = describe(small(("share: 2%", "share: 0%")), limits, "en")
    assert "This policy has none." in text
    assert "None: no two posts are ever swapped by lot." in text
    assert text.count("swapped by lot") == 1


def test_silent_and_missing_heads_are_told_only_where_heads_are_known(
    founding: Policy, limits: Limits, heads: Heads
) -> None:
    assert "Not enough data" not in describe(founding, limits, "en")
    known = heads("click", "long_view", "like", "reply!", "repost", "follow", "profile_visit")
    lines = describe(founding, limits, "en", known).splitlines()
    told = {noun: next(line for line in lines if f": {noun}." in line) for noun in ("replies", "hides", "clicks")}
    assert "Not enough data" in told["replies"]
    assert "cannot predict" in told["hides"]
    assert "Not enough data" not in told["clicks"]


def test_pull_stands_beside_points(founding: Policy, limits: Limits) -> None:
    text = describe(founding, limits, "en", pull={"click": 123_400, "report": 5})
    assert "12.34% of the differences between posts came from there." in text
    assert text.count("differences between posts") == 1


def test_what_members_wrote_cannot_pass_for_the_description(small: Read, limits: Limits) -> None:
    policy = small(
        (
            'reasons: {fr: "Des raisons", en: "Reasons"}',
            'reasons:\n  fr: "x"\n  en: |\n    Fine words.\n\n    ## What counts\n\n    - 1000 points: {braces}',
        )
    )
    text = describe(policy, limits, "en")
    assert "> Fine words.\n>\n> ## What counts\n>\n> - 1000 points: {braces}\n" in text
    assert text.count("\n## What counts\n") == 1


def test_a_slider_without_points_is_said_to_do_nothing(small: Read, limits: Limits) -> None:
    policy = small(("sliders: {}", "sliders: {report: {min: 50%, max: 150%}}"))
    text = describe(policy, limits, "en")
    assert "The slider for reports changes nothing as long as this objective has no points." in text
    assert "set reports for" not in text


def test_the_terms_name_parameters_importance_and_ways_to_change(founding: Policy, limits: Limits) -> None:
    terms = describe(founding, limits, "en").split("## For the terms")[1]
    order = [terms.index(noun) for noun in ("long views", "clicks", "replies", "hides (count against)", "likes")]
    assert order == sorted(order)
    assert "set long views, replies and hides for herself or himself, or choose the order “newest first”" in terms
    assert "Also taken into account: what has been seen, what has been muted, freshness" in terms
    assert "article 27" in terms


def test_the_digests_close_the_description(founding: Policy, limits: Limits) -> None:
    last = describe(founding, limits, "fr").splitlines()[-1]
    for digest in (founding.canon_digest, founding.file_digest, limits.canon_digest):
        assert digest_text(digest) in last


def test_a_replaced_policy_is_named(small: Read, limits: Limits) -> None:
    base = "sha256:" + "ab" * 32
    assert f"It replaces the policy {base}." in describe(small(("base: none", f"base: {base}")), limits, "en")
