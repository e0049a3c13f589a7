"""An explanation in sentences, French or English: the same for whoever shows it."""

from collections.abc import Sequence

from rankd.core.exact.half_life import FACTOR_ONE
from rankd.core.policy.policy import Slider
from rankd.core.ranking.counterfactual import Swap
from rankd.core.ranking.explanation import Explanation, RuleStep, Term, Weight
from rankd.core.ranking.exploration import EXPLORE
from rankd.core.ranking.signal import LIFT_ONE
from rankd.core.words.description import DESCRIPTION
from rankd.core.words.explain import EXPLAIN, SENTENCES, micro_words
from rankd.core.words.language import Language
from rankd.core.words.policy import OBJECTIVE_WORDS, RULE_NOUNS
from rankd.core.words.quantity import count_words, listing, plural, share_words
from rankd.core.words.ranking import code_words

_TENTH_OF_A_PERCENT_PPM = 1_000


def candidate_sentences(entry: Explanation, language: Language) -> tuple[str, ...]:
    """Say why one candidate stands where it stands: its place, the factors with the greatest effect first, the rules.

    Factors are ordered by how far their term is from an average candidate's, as reason codes are; those that make no
    difference are left out.
    """
    factors = sorted((term for term in entry.terms if _effect(term)), key=lambda term: -_effect(term))
    sentences = [_place(entry, language), *(_factor(term, language) for term in factors)]
    sentences += [_discount(step, language) for step in entry.steps if step.after != step.before]
    if entry.terms:
        sentences.append(_say("value", language, value=micro_words(entry.value, language, 2)))
    moves = [code_words(move, language) for move in entry.moves if move != EXPLORE]
    if moves:
        sentences.append(EXPLAIN["moves"].say(language, moves=listing(moves, language)))
    if entry.marginal is not None and entry.marginal != (1, 1):
        numerator, denominator = entry.marginal
        sentences.append(EXPLAIN["marginal"].say(language, numerator=numerator, denominator=denominator))
    return tuple(sentences)


def weight_sentence(weight: Weight, language: Language) -> str:
    """Say how much one objective counts."""
    noun = OBJECTIVE_WORDS[weight.objective].noun.say(language)
    noun = noun[0].upper() + noun[1:]
    name = "weight_none" if not weight.points else "weight" if weight.sign > 0 else "weight_against"
    share = share_words(weight.share_ppm // _TENTH_OF_A_PERCENT_PPM * _TENTH_OF_A_PERCENT_PPM, language)
    sentences = [_say(name, language, noun=noun, points=count_words(weight.points, language), share=share)]
    if weight.points != weight.policy_points:
        before, after = (count_words(points, language) for points in (weight.policy_points, weight.points))
        sentences.append(_say("weight_moved", language, before=before, after=after))
    if weight.points and weight.silent:
        sentences.append(_say("weight_silent", language))
    return " ".join(sentences)


def swap_sentence(swap: Swap, before_id: str, language: Language) -> str:
    """Say what it would have taken to come before the candidate `before_id`, ranked right before."""
    tried = count_words(swap.tried, language)
    if swap.transfer is None:
        return _say("swap_none" if swap.settled else "swap_unknown", language, before=before_id, tried=tried)
    transfer = swap.transfer
    return _say(
        "swap_smallest" if swap.settled else "swap_found",
        language,
        points=count_words(transfer.points, language),
        s=plural(transfer.points, language),
        giver=OBJECTIVE_WORDS[transfer.from_objective].noun.say(language),
        taker=OBJECTIVE_WORDS[transfer.to_objective].noun.say(language),
        before=before_id,
        tried=tried,
    )


def option_sentences(
    sliders: Sequence[Slider], points: Sequence[tuple[str, int]], language: Language
) -> tuple[str, ...]:
    """Say what a person can do: newest first, each slider, have data corrected, submit observations.

    Args:
        sliders: What the policy lets people move.
        points: The policy's points by objective.
        language: `fr` or `en`.
    """
    given = dict(points)
    moves = [
        DESCRIPTION["slider"].say(
            language,
            noun=OBJECTIVE_WORDS[slider.objective].noun.say(language),
            low=share_words(slider.min_percent * 10_000, language),
            high=share_words(slider.max_percent * 10_000, language),
            low_points=count_words(given[slider.objective] * slider.min_percent // 100, language),
            high_points=count_words(given[slider.objective] * slider.max_percent // 100, language),
        )
        for slider in sliders
        if given[slider.objective]
    ]
    newest_first = DESCRIPTION["newest_first"].say(language)
    return (newest_first, *moves, _say("correct", language), _say("observe", language))


def _say(name: str, language: Language, **params: object) -> str:
    return SENTENCES[name].say(language, **params)


def _place(entry: Explanation, language: Language) -> str:
    if entry.dropped_by is not None:
        return _say("dropped", language, why=code_words(entry.dropped_by, language))
    if entry.rank is None:
        name = "behind" if entry.ranked_at is None else "moved_away" if EXPLORE in entry.moves else "beyond"
    else:
        name = "shown" if entry.rank == entry.ranked_at else "shown_moved"
    return _say(name, language, rank=entry.rank, ranked_at=entry.ranked_at)


def _effect(term: Term) -> int:
    """By how much a term is away from an average candidate's, micro-points."""
    return abs(term.term - term.sign * term.points * LIFT_ONE)


def _factor(term: Term, language: Language) -> str:
    return _say(
        "reward" if term.sign > 0 else "penalty",
        language,
        lift=micro_words(term.lift_micro, language, 2),
        likely=OBJECTIVE_WORDS[term.objective].likely.say(language),
        term=micro_words(abs(term.term), language, 2),
    )


def _discount(step: RuleStep, language: Language) -> str:
    share_ppm = (step.factor * 1_000 + FACTOR_ONE // 2) // FACTOR_ONE * _TENTH_OF_A_PERCENT_PPM
    return _say(
        "discount",
        language,
        noun=RULE_NOUNS[step.rule_id].say(language) if step.rule_id in RULE_NOUNS else step.rule_id,
        share=share_words(share_ppm, language),
        before=micro_words(step.before, language, 2),
        after=micro_words(step.after, language, 2),
    )
