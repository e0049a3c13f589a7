"""Explanations on the wire: the terms of each candidate, what stands behind them, and both in sentences."""

from collections.abc import Iterator

from rankd.core.ranking.counterfactual import Swap
from rankd.core.ranking.data_used import Datum, Value
from rankd.core.ranking.explanation import Explanation, Weight
from rankd.core.ranking.sentences import candidate_sentences, option_sentences, swap_sentence, weight_sentence
from rankd.core.words.explain import EXPLAIN, SENTENCES
from rankd.core.words.language import Language
from rankd.edge.grpc.answers import model_ref, policy_ref, timestamp
from rankd.usecases.serve.disclosure import Disclosure
from rankd.usecases.serve.explain import Explained
from rankd.v1 import ranking_service_pb2 as wire

_OUTCOMES = {
    (True, True): wire.SWAP_OUTCOME_SMALLEST,
    (True, False): wire.SWAP_OUTCOME_FOUND,
    (False, True): wire.SWAP_OUTCOME_NONE_EXISTS,
    (False, False): wire.SWAP_OUTCOME_NONE_FOUND,
}
"""By whether a transfer was found, and whether every other one is accounted for."""


def explain_response(explained: Explained, disclosure: Disclosure) -> wire.ExplainResponse:
    """Return an explained decision, with what stands behind it, as its message."""
    decision, snapshot = explained.decided.decision, explained.decided.snapshot
    ids = decision.request.candidates.ids
    automated, not_proven = SENTENCES["automated"], EXPLAIN["not_proven"]
    return wire.ExplainResponse(
        decision_id=explained.decision_id,
        policy=policy_ref(snapshot),
        model=model_ref(snapshot),
        candidates=[
            _candidate(entry, swap, ids, disclosure.data)
            for entry, swap in zip(explained.explanations, disclosure.swaps, strict=True)
        ],
        decision_time=timestamp(decision.time_ms),
        data=[_spec(datum) for datum in disclosure.data],
        weights=[_weight(weight) for weight in disclosure.weights],
        sliders=[
            wire.SliderRange(objective=s.objective, min_percent=s.min_percent, max_percent=s.max_percent)
            for s in disclosure.sliders
        ],
        automated_fr=automated.say("fr"),
        automated_en=automated.say("en"),
        not_proven_fr=not_proven.say("fr"),
        not_proven_en=not_proven.say("en"),
        options_fr=option_sentences(disclosure.sliders, disclosure.points, "fr"),
        options_en=option_sentences(disclosure.sliders, disclosure.points, "en"),
    )


def _candidate(
    entry: Explanation, swap: Swap | None, ids: tuple[str, ...], data: tuple[Datum, ...]
) -> wire.CandidateExplanation:
    numerator, denominator = entry.marginal or (0, 0)

    def sentences(language: Language) -> Iterator[str]:
        yield from candidate_sentences(entry, language)
        if swap is not None:
            yield swap_sentence(swap, ids[swap.before], language)

    return wire.CandidateExplanation(
        id=ids[entry.candidate],
        rank=entry.rank,
        ranked_at=entry.ranked_at,
        dropped_by=entry.dropped_by or "",
        terms=[
            wire.ObjectiveTerm(
                objective=term.objective,
                points=term.points,
                sign=term.sign,
                margin=term.margin,
                probability_ppb=term.probability_ppb,
                base_rate_ppb=term.base_rate_ppb,
                policy_points=term.policy_points,
                lift_micro=term.lift_micro,
                term=term.term,
                silent=term.silent,
            )
            for term in entry.terms
        ],
        steps=[
            wire.RuleStep(rule_id=step.rule_id, factor=step.factor, before=step.before, after=step.after)
            for step in entry.steps
        ],
        value=entry.value,
        moves=entry.moves,
        marginal_numerator=numerator,
        marginal_denominator=denominator,
        data=[_value(datum.name, datum.value(entry.candidate)) for datum in data],
        swap=None if swap is None else _swap(swap, ids),
        sentences_fr=sentences("fr"),
        sentences_en=sentences("en"),
    )


def _swap(swap: Swap, ids: tuple[str, ...]) -> wire.PointsSwap:
    transfer = swap.transfer
    return wire.PointsSwap(
        before_id=ids[swap.before],
        outcome=_OUTCOMES[transfer is not None, swap.settled],
        points=0 if transfer is None else transfer.points,
        from_objective="" if transfer is None else transfer.from_objective,
        to_objective="" if transfer is None else transfer.to_objective,
        tried_count=swap.tried,
    )


def _spec(datum: Datum) -> wire.DatumSpec:
    return wire.DatumSpec(
        name=datum.name,
        meaning_fr=datum.meaning.fr,
        meaning_en=datum.meaning.en,
        unit=datum.unit,
        personal=datum.personal,
        defaulted=datum.defaulted,
        readers=datum.readers,
        shared=datum.shared,
    )


def _value(name: str, value: Value) -> wire.DatumValue:
    # A bool is an int as well: ask for it first.
    if isinstance(value, bool):
        return wire.DatumValue(name=name, flag=value)
    if isinstance(value, int):
        return wire.DatumValue(name=name, count=value)
    if isinstance(value, float):
        return wire.DatumValue(name=name, number=value)
    return wire.DatumValue(name=name) if value is None else wire.DatumValue(name=name, text=value)


def _weight(weight: Weight) -> wire.ObjectiveWeight:
    return wire.ObjectiveWeight(
        objective=weight.objective,
        sign=weight.sign,
        policy_points=weight.policy_points,
        points=weight.points,
        share_ppm=weight.share_ppm,
        silent=weight.silent,
        sentence_fr=weight_sentence(weight, "fr"),
        sentence_en=weight_sentence(weight, "en"),
    )
