"""An impact as people read it in a terminal, in a few lines."""

from collections.abc import Iterator
from fractions import Fraction

from rankd.core.impact.impact import ANNOUNCED_PPM, Impact, Objective, Prediction
from rankd.core.words.impact import LEFT_OUT, SUMMARY
from rankd.core.words.language import Language
from rankd.core.words.policy import OBJECTIVE_WORDS
from rankd.core.words.quantity import (
    count_words,
    listing,
    percent_words,
    plural,
    rounded_words,
    share_words,
    signed_words,
)
from rankd.edge.cli.terminal import harmless

_UNPREDICTED = {"none": "none", "silent": "silent", "speaks": "unpredicted"}
_PER_THOUSAND = 1_000_000
"""Parts per billion of one place are as many outcomes of 1,000 places in these parts."""


def impact_lines(impact: Impact, language: Language) -> Iterator[str]:
    """Yield what an impact says to members, line by line; nothing in it can steer a terminal."""
    yield from map(harmless, _lines(impact, language))


def _lines(impact: Impact, language: Language) -> Iterator[str]:
    def say(name: str, **params: object) -> str:
        return SUMMARY[name].say(language, **params)

    def number(count: int) -> str:
        return count_words(count, language)

    yield say(
        "counted",
        surface=impact.surface,
        count=number(impact.count),
        s=plural(impact.count, language),
        viewers=number(impact.viewers),
        t=plural(impact.viewers, language),
    )
    left_out = [
        LEFT_OUT[one.reason].say(language, count=number(one.count))
        for range_ in impact.decisions
        for one in range_.left_out
    ]
    if left_out:
        yield say("left_out", reasons=listing(left_out, language))
    if impact.clipped:
        yield say("clipped", count=number(impact.clipped), s=plural(impact.clipped, language))
    yield from model_lines(impact, language)
    slates = impact.slates
    if not slates.moved:
        yield say("same")
    else:
        moved = percent_words(Fraction(slates.moved, slates.places), language)
        yield say("moved", share=moved, identical=number(slates.identical))
        yield say("top", share=percent_words(Fraction(slates.top_kept, slates.top_places), language))
        if slates.tau is not None:
            yield say("tau", tau=tau_words(slates.tau, language))
    for one in impact.objectives:
        if one.points_after or one.points_before or one.prediction is not None:
            yield "• " + _objective(one, language)
    if impact.new_model is None:
        yield say("caution")


def model_lines(impact: Impact, language: Language) -> Iterator[str]:
    """Yield what there is to say of a proposed model, if there is one."""
    if impact.new_model is None:
        return
    yield SUMMARY["new_model"].say(language)
    nouns = [OBJECTIVE_WORDS[objective].noun.say(language) for objective in impact.announced]
    name = "announce" if nouns else "no_announce"
    yield SUMMARY[name].say(language, bound=share_words(ANNOUNCED_PPM, language), nouns=listing(nouns, language))


def tau_words(tau: Fraction, language: Language) -> str:
    """Write τ to three decimals, with a sign where it is negative."""
    return signed_words(tau, 3, language).removeprefix("+")


def _objective(one: Objective, language: Language) -> str:
    before = SUMMARY["several"].say(language) if one.points_before is None else count_words(one.points_before, language)
    pulls = (percent_words(Fraction(ppm, 1_000_000), language) for ppm in (one.pull_before_ppm, one.pull_after_ppm))
    pull_before, pull_after = pulls
    said = SUMMARY[_UNPREDICTED[one.head]].say(language)
    return SUMMARY["objective"].say(
        language,
        noun=OBJECTIVE_WORDS[one.objective].noun.say(language),
        points=SUMMARY["points"].say(language, before=before, after=count_words(one.points_after, language)),
        pull=SUMMARY["arrow"].say(language, before=pull_before, after=pull_after),
        prediction=said if one.prediction is None else _prediction(one.prediction, language),
    )


def _prediction(one: Prediction, language: Language) -> str:
    interval = ""
    if one.low_ppb is not None and one.high_ppb is not None:
        low, high = (signed_words(Fraction(ppb, _PER_THOUSAND), 2, language) for ppb in (one.low_ppb, one.high_ppb))
        interval = SUMMARY["interval"].say(language, low=low, high=high)
    before, after = (rounded_words(Fraction(p, _PER_THOUSAND), 2, language) for p in (one.before_ppb, one.after_ppb))
    change = signed_words(Fraction(one.after_ppb - one.before_ppb, _PER_THOUSAND), 2, language)
    return SUMMARY["predicted"].say(language, before=before, after=after, change=change, interval=interval)
