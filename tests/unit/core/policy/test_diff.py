from collections.abc import Callable

import pytest

from rankd.core.policy.diff import diff
from rankd.core.policy.policy import Limits, Policy

Read = Callable[..., Policy]
RULES = (
    "rules: {freshness/1: {half_life: 2d, floor: 5%, unknown_age: 7d}, "
    "cap/1: [{per: author, at_most: 2, in_first: 10}], after_cap: drop}"
)


def test_a_policy_does_not_differ_from_itself(example: Policy, limits: Limits) -> None:
    assert diff(example, example, limits, "fr") == ()


def test_moved_points_are_told_with_their_sign(small: Read, limits: Limits) -> None:
    changes = diff(small(), small(("hide: 150", "hide: 100"), ("reply: 150", "reply: 200")), limits, "fr")
    assert [(change.field, change.old, change.new) for change in changes] == [
        ("points.reply", 150, 200),
        ("points.hide", 150, 100),
    ]
    assert changes[0].words == "Points pour les réponses\u00a0: 150 → 200 (+50)."
    assert changes[1].words == "Points pour les masquages (comptent contre)\u00a0: 150 → 100 (−50)."


def test_added_changed_and_removed_rules_are_told_in_words_and_as_data(small: Read, limits: Limits) -> None:
    none, some = small(), small(("rules: {}", RULES))
    slower = small(("rules: {}", RULES.replace("half_life: 2d", "half_life: 3d")))
    added = diff(none, some, limits, "en")
    assert [change.field for change in added] == ["rules.freshness/1", "rules.cap/1"]
    assert added[1].new == {"cap/1": [{"per": "author", "at_most": 2, "in_first": 10}], "after_cap": "drop"}
    assert added[1].words.startswith("Rule added, cap/1: At most 2 posts by one author")
    (changed,) = diff(some, slower, limits, "en")
    assert "in 2 days" in changed.words
    assert "in 3 days" in changed.words
    assert [change.words.split(",")[0] for change in diff(some, none, limits, "en")] == ["Rule removed"] * 2


def test_another_fate_after_the_caps_is_a_change_of_the_caps(small: Read, limits: Limits) -> None:
    drop = small(("rules: {}", RULES))
    append = small(("rules: {}", RULES.replace("after_cap: drop", "after_cap: append")))
    (change,) = diff(drop, append, limits, "en")
    assert change.field == "rules.cap/1"
    assert "the feed ends" in change.words
    assert "the rest follows" in change.words


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        (
            ("share: 2%", "share: 0%"),
            "exploration.share_ppm",
            "Requests in which two posts are swapped by lot: 2% → 0%.",
        ),
        (
            ("sliders: {}", "sliders: {like: {min: 0%, max: 200%}}"),
            "sliders.like",
            "Slider added for likes: 0% to 200%.",
        ),
        (("surface: video", "surface: clips"), "surface", "Surface: “video” → “clips”."),
        (('en: "A title"', 'en: "A {title}"'), "title.en", "Title: “A title” → “A {title}”."),
        (('fr: "Un titre"', 'fr: "Titre"'), "title.fr", "The French title changed."),
        (('en: "Reasons"', 'en: "Others"'), "reasons.en", "The reasons changed."),
        (('fr: "Des raisons"', 'fr: "Autres"'), "reasons.fr", "The reasons in French changed."),
        (
            ("base: none", "base: sha256:" + "ab" * 32),
            "base",
            f"Policy that it replaces: none → sha256:{'ab' * 32}.",
        ),
    ],
)
def test_one_change_is_told_once(change: tuple[str, str], field: str, words: str, small: Read, limits: Limits) -> None:
    (found,) = diff(small(), small(change), limits, "en")
    assert (found.field, found.words) == (field, words)
    assert set(found.as_json()) == {"field", "old", "new", "words"}


def test_a_slider_that_moves_or_goes_is_told(small: Read, limits: Limits) -> None:
    wide, narrow = (small(("sliders: {}", f"sliders: {{like: {{min: 0%, max: {most}%}}}}")) for most in (200, 150))
    (moved,) = diff(wide, narrow, limits, "fr")
    (gone,) = diff(narrow, small(), limits, "fr")
    assert moved.words == (
        "Réglage changé pour les mentions «\u00a0j’aime\u00a0»\u00a0: "
        "de 0\u00a0% à 200\u00a0% → de 0\u00a0% à 150\u00a0%."
    )
    assert gone.new is None
