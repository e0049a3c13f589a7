"""Differences between two policies, in words and as data."""

from collections.abc import Iterator
from dataclasses import dataclass

from rankd.core.exact.canonical import Json, digest_text
from rankd.core.policy.canonical_form import rules_form
from rankd.core.policy.policy import Limits, Policy, Slider
from rankd.core.policy.rule_reader import RULE_IDS
from rankd.core.policy.rule_sentences import rule_sentences
from rankd.core.words.language import Language, Phrase
from rankd.core.words.policy import CHANGES, OBJECTIVE_WORDS
from rankd.core.words.quantity import count_words, share_words


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs.

    Attributes:
        field: Its path in the canonical form, as in `points.reply` or `rules.cap/1`.
        old: What stood there, as in the canonical form; None where nothing did.
        new: What stands there now; None where nothing does.
        words: The same for people.
    """

    field: str
    old: Json
    new: Json
    words: str

    def as_json(self) -> dict[str, Json]:
        """Return the change as a JSON object."""
        return {"field": self.field, "old": self.old, "new": self.new, "words": self.words}


def diff(old: Policy, new: Policy, limits: Limits, language: Language) -> tuple[Change, ...]:
    """Return what changes when `new` replaces `old`.

    Args:
        old: The policy before.
        new: The policy after.
        limits: Say which objectives count against a post.
        language: `fr` or `en`.

    Returns:
        Every difference of the canonical forms, what ranks first; empty exactly where the canon digests are equal.
    """
    return (
        *_points(old, new, limits, language),
        *_rules(old, new, language),
        *_exploration(old, new, language),
        *_sliders(old, new, language),
        *_texts(old, new, language),
    )


def _points(old: Policy, new: Policy, limits: Limits, language: Language) -> Iterator[Change]:
    after = dict(new.points)
    penalties = {entry.objective for entry in limits.objectives if entry.sign < 0}
    for objective, before in old.points:
        change = after[objective] - before
        if change:
            words = CHANGES["points"].say(
                language,
                noun=OBJECTIVE_WORDS[objective].noun.say(language),
                against=CHANGES["against"].say(language) if objective in penalties else "",
                old=count_words(before, language),
                new=count_words(after[objective], language),
                change=("+" if change > 0 else "−") + count_words(abs(change), language),
            )
            yield Change(f"points.{objective}", before, after[objective], words)


def _rules(old: Policy, new: Policy, language: Language) -> Iterator[Change]:
    before, after = rules_form(old.rules), rules_form(new.rules)
    said_before, said_after = dict(rule_sentences(old.rules, language)), dict(rule_sentences(new.rules, language))
    for rule in RULE_IDS:
        was, now = before.get(rule), after.get(rule)
        if rule == "cap/1":  # one sentence tells both, so one change does
            was = None if was is None else {"cap/1": was, "after_cap": before["after_cap"]}
            now = None if now is None else {"cap/1": now, "after_cap": after["after_cap"]}
        if was != now:
            name = "rule_added" if was is None else "rule_removed" if now is None else "rule_changed"
            words = CHANGES[name].say(language, rule=rule, old=said_before.get(rule), new=said_after.get(rule))
            yield Change(f"rules.{rule}", was, now, words)


def _exploration(old: Policy, new: Policy, language: Language) -> Iterator[Change]:
    before, after = old.exploration_ppm, new.exploration_ppm
    if before != after:
        words = CHANGES["exploration"].say(
            language, old=share_words(before, language), new=share_words(after, language)
        )
        yield Change("exploration.share_ppm", before, after, words)


def _sliders(old: Policy, new: Policy, language: Language) -> Iterator[Change]:
    before = {slider.objective: slider for slider in old.sliders}
    after = {slider.objective: slider for slider in new.sliders}
    for objective, _ in old.points:
        was, now = before.get(objective), after.get(objective)
        if was != now:
            name = "slider_added" if was is None else "slider_removed" if now is None else "slider_changed"
            words = CHANGES[name].say(
                language,
                noun=OBJECTIVE_WORDS[objective].noun.say(language),
                old=_range_words(was, language),
                new=_range_words(now, language),
            )
            yield Change(f"sliders.{objective}", _range(was), _range(now), words)


def _range(slider: Slider | None) -> Json:
    return None if slider is None else {"min_percent": slider.min_percent, "max_percent": slider.max_percent}


def _range_words(slider: Slider | None, language: Language) -> str:
    if slider is None:
        return ""
    low, high = (share_words(percent * 10_000, language) for percent in (slider.min_percent, slider.max_percent))
    return CHANGES["range"].say(language, low=low, high=high)


def _texts(old: Policy, new: Policy, language: Language) -> Iterator[Change]:
    if old.surface != new.surface:
        words = CHANGES["surface"].say(language, old=old.surface, new=new.surface)
        yield Change("surface", old.surface, new.surface, words)
    yield from _phrase("title", old.title, new.title, language)
    yield from _phrase("reasons", old.reasons, new.reasons, language)
    if old.base_digest != new.base_digest:
        before, after = (None if d is None else digest_text(d) for d in (old.base_digest, new.base_digest))
        none = CHANGES["none"].say(language)
        words = CHANGES["base"].say(language, old=before or none, new=after or none)
        yield Change("base", before, after, words)


def _phrase(name: str, old: Phrase, new: Phrase, language: Language) -> Iterator[Change]:
    texts: dict[Language, tuple[str, str]] = {"fr": (old.fr, new.fr), "en": (old.en, new.en)}
    for spoken, (before, after) in texts.items():
        if before != after:
            phrase = CHANGES[name] if spoken == language else CHANGES[f"{name}_other"]
            yield Change(f"{name}.{spoken}", before, after, phrase.say(language, old=before, new=after))
