"""An impact as people read it in a terminal, in a few lines."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from rankd.core.assembly.identity import proposal_name
from rankd.core.assembly.matter import Matter
from rankd.core.exact.canonical import digest_text, sha256
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
from rankd.usecases.govern.measuring import frozen_impacts

_UNPREDICTED = {"none": "none", "silent": "silent", "speaks": "unpredicted"}
_BRIEF_OBJECTIVES = 3
"""So many objectives, those that change most, stand in an impact's summary."""

_PER_THOUSAND = 1_000_000
"""Parts per billion of one place are as many outcomes of 1,000 places in these parts."""


def impact_lines(impact: Impact, language: Language, *, in_minutes: bool = False) -> Iterator[str]:
    """Yield what an impact says to members, line by line; nothing in it can steer a terminal.

    Args:
        impact: The impact.
        language: In which language.
        in_minutes: Whether it stands in the minutes: what is to be announced is announced then.
    """
    yield from map(harmless, _lines(impact, language, in_minutes=in_minutes))


def impacts_lines(impacts: Sequence[Impact], language: Language, *, in_minutes: bool = False) -> Iterator[str]:
    """Yield what the impacts of several texts say, each under the number of its text; of one alone just that."""
    for number, impact in enumerate(impacts, 1):
        if len(impacts) > 1:
            yield SUMMARY["of_text"].say(language, number=number)
        indent = "  " if len(impacts) > 1 else ""
        yield from (f"{indent}{line}" for line in impact_lines(impact, language, in_minutes=in_minutes))


def frozen_lines(matter: Matter, language: Language) -> Iterator[str]:
    """Yield the impact that was frozen with a proposal, in brief, and how to see it in full; or that none was.

    Its proposer computed it; whoever holds the decisions can do so again.
    """
    name, proposal = proposal_name(matter.index), matter.proposal
    is_frozen = any(state == "frozen" for _, state in matter.history)
    if not is_frozen or proposal.subject == "constitution":
        return
    if matter.impact is None:
        words = "model_not_frozen" if proposal.subject == "model" else "not_frozen"
        yield SUMMARY[words].say(language, proposal=name)
        return
    yield from impacts_lines([brief(one) for one in frozen_impacts(matter)], language, in_minutes=True)
    yield SUMMARY["how_to_see"].say(language, proposal=name)
    yield digest_text(sha256(matter.impact.encode("utf-8")))


def brief(impact: Impact) -> Impact:
    """Return an impact with the few objectives whose points or pull change most, and all that are announced."""
    ordered = sorted(impact.objectives, key=_change, reverse=True)[:_BRIEF_OBJECTIVES]
    kept = {one.objective for one in ordered} | set(impact.announced)
    return replace(impact, objectives=tuple(one for one in impact.objectives if one.objective in kept))


def _change(one: Objective) -> tuple[int, int]:
    before = one.points_after if one.points_before is None else one.points_before
    return abs(one.pull_after_ppm - one.pull_before_ppm), abs(one.points_after - before)


def _lines(impact: Impact, language: Language, *, in_minutes: bool) -> Iterator[str]:
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
    yield from model_lines(impact, language, in_minutes=in_minutes)
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


def model_lines(impact: Impact, language: Language, *, in_minutes: bool = False) -> Iterator[str]:
    """Yield what there is to say of a proposed model, if there is one."""
    if impact.new_model is None:
        return
    yield SUMMARY["new_model"].say(language)
    nouns = [OBJECTIVE_WORDS[objective].noun.say(language) for objective in impact.announced]
    name = "no_announce" if not nouns else "announced" if in_minutes else "announce"
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
