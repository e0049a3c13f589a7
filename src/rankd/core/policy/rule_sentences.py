"""Rules in words: one sentence for each that a policy names."""

from collections.abc import Callable

from rankd.core.policy.policy import (
    AuthorDiversity,
    Cap,
    FeedbackFatigue,
    Freshness,
    MaxAge,
    Quota,
    Rules,
    SourceScaling,
)
from rankd.core.words.language import Language
from rankd.core.words.policy import RULE_WORDS
from rankd.core.words.quantity import count_words, duration_words, plural, share_words

_HOUR_MS = 3_600_000


def rule_sentences(rules: Rules, language: Language) -> tuple[tuple[str, str], ...]:
    """Return (rule id, sentence) for every rule that is named, in the order in which rules apply.

    A list of caps or quotas is one entry with one sentence for each.
    """
    sentences: list[tuple[str, str]] = []
    for rule_id, applies in (("drop_seen/1", rules.drop_seen), ("drop_muted/1", rules.drop_muted)):
        if applies:
            sentences.append((rule_id, RULE_WORDS[rule_id].say(language)))
    if rules.max_age is not None:
        sentences.append(("max_age/1", _max_age(rules.max_age, language)))
    if rules.freshness is not None:
        sentences.append(("freshness/1", _freshness(rules.freshness, language)))
    if rules.source_scaling is not None:
        sentences.append(("source_scaling/1", _source_scaling(rules.source_scaling, language)))
    if rules.feedback_fatigue is not None:
        sentences.append(("feedback_fatigue/1", _fatigue(rules.feedback_fatigue, language)))
    if rules.author_diversity is not None:
        sentences.append(("author_diversity/1", _diversity(rules.author_diversity, language)))
    if rules.caps:
        after = RULE_WORDS[rules.after_cap or "drop"].say(language)
        sentences.append(("cap/1", " ".join([*(_cap(cap, language) for cap in rules.caps), after])))
    if rules.quotas:
        sentences.append(("quota/1", " ".join(_quota(quota, language) for quota in rules.quotas)))
    return tuple(sentences)


def _max_age(rule: MaxAge, language: Language) -> str:
    return RULE_WORDS["max_age/1"].say(
        language, age=duration_words(rule.age_ms, language), unknown=duration_words(rule.unknown_age_ms, language)
    )


def _freshness(rule: Freshness, language: Language) -> str:
    return RULE_WORDS["freshness/1"].say(
        language,
        half_life=duration_words(rule.half_life_ms, language),
        floor=share_words(rule.floor_ppm, language),
        unknown=duration_words(rule.unknown_age_ms, language),
    )


def _source_scaling(rule: SourceScaling, language: Language) -> str:
    quote: Callable[[str], str] = (
        (lambda name: f"«\u00a0{name}\u00a0»") if language == "fr" else (lambda name: f"“{name}”")
    )
    shares = "".join(f"{quote(source)}, {share_words(ppm, language)}; " for source, ppm in rule.shares)
    return RULE_WORDS["source_scaling/1"].say(language, shares=shares, other=share_words(rule.other_ppm, language))


def _fatigue(rule: FeedbackFatigue, language: Language) -> str:
    return RULE_WORDS["feedback_fatigue/1"].say(
        language,
        floor=share_words(rule.floor_ppm, language),
        recovery=duration_words(rule.recovery_hours * _HOUR_MS, language),
        column=rule.column,
    )


def _diversity(rule: AuthorDiversity, language: Language) -> str:
    return RULE_WORDS["author_diversity/1"].say(
        language, decay=share_words(rule.decay_ppm, language), floor=share_words(rule.floor_ppm, language)
    )


def _cap(cap: Cap, language: Language) -> str:
    phrase = RULE_WORDS["cap/1 author" if cap.group is None else "cap/1 group"]
    return phrase.say(
        language,
        at_most=count_words(cap.at_most, language),
        s=plural(cap.at_most, language),
        group=cap.group,
        in_first=count_words(cap.in_first, language),
    )


def _quota(quota: Quota, language: Language) -> str:
    return RULE_WORDS["quota/1"].say(
        language,
        at_least=count_words(quota.at_least, language),
        s=plural(quota.at_least, language),
        group=quota.group,
        in_first=count_words(quota.in_first, language),
    )
