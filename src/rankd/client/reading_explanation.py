"""From an explanation's message to the client's answer."""

from rankd.client.answers import (
    CandidateExplanation,
    DatumSpec,
    Explained,
    PointsSwap,
    Sentences,
    SliderRange,
)
from rankd.client.reading import milliseconds, model_ref, policy_ref
from rankd.core.ranking.data_used import Value
from rankd.core.ranking.explanation import RuleStep, Term, Weight
from rankd.v1 import ranking_service_pb2 as wire


def read_explained(message: wire.ExplainResponse) -> Explained:
    """Return an explained decision."""
    return Explained(
        decision_id=message.decision_id,
        policy=policy_ref(message.policy),
        model=model_ref(message.model) if message.HasField("model") else None,
        candidates=tuple(_candidate(entry) for entry in message.candidates),
        decision_time_ms=milliseconds(message.decision_time),
        data=tuple(
            DatumSpec(
                name=d.name,
                meaning_fr=d.meaning_fr,
                meaning_en=d.meaning_en,
                unit=d.unit,
                personal=d.personal,
                defaulted=d.defaulted,
                readers=tuple(d.readers),
                shared=d.shared,
            )
            for d in message.data
        ),
        weights=tuple(
            Weight(w.objective, w.sign, w.policy_points, w.points, w.share_ppm, w.silent) for w in message.weights
        ),
        weight_sentences=Sentences(
            tuple(w.sentence_fr for w in message.weights), tuple(w.sentence_en for w in message.weights)
        ),
        sliders=tuple(SliderRange(s.objective, s.min_percent, s.max_percent) for s in message.sliders),
        automated=Sentences((message.automated_fr,), (message.automated_en,)),
        not_proven=Sentences((message.not_proven_fr,), (message.not_proven_en,)),
        options=Sentences(tuple(message.options_fr), tuple(message.options_en)),
    )


def _candidate(message: wire.CandidateExplanation) -> CandidateExplanation:
    shown = message.marginal_denominator != 0
    return CandidateExplanation(
        id=message.id,
        rank=message.rank if message.HasField("rank") else None,
        ranked_at=message.ranked_at if message.HasField("ranked_at") else None,
        dropped_by=message.dropped_by,
        terms=tuple(
            Term(
                objective=t.objective,
                points=t.points,
                sign=t.sign,
                margin=t.margin,
                probability_ppb=t.probability_ppb,
                base_rate_ppb=t.base_rate_ppb,
                policy_points=t.policy_points,
                lift_micro=t.lift_micro,
                term=t.term,
                silent=t.silent,
            )
            for t in message.terms
        ),
        steps=tuple(RuleStep(s.rule_id, s.factor, s.before, s.after) for s in message.steps),
        value=message.value,
        moves=tuple(message.moves),
        marginal=(message.marginal_numerator, message.marginal_denominator) if shown else None,
        data=tuple(_value(value) for value in message.data),
        swap=_swap(message.swap) if message.HasField("swap") else None,
        sentences=Sentences(tuple(message.sentences_fr), tuple(message.sentences_en)),
    )


def _swap(message: wire.PointsSwap) -> PointsSwap:
    # A newer server may know an outcome that this client does not: its number is better than a failure.
    known = wire.SwapOutcome.DESCRIPTOR.values_by_number.get(message.outcome)
    return PointsSwap(
        before_id=message.before_id,
        outcome=str(message.outcome) if known is None else known.name.removeprefix("SWAP_OUTCOME_"),
        points=message.points,
        from_objective=message.from_objective,
        to_objective=message.to_objective,
        tried_count=message.tried_count,
    )


def _value(message: wire.DatumValue) -> Value:
    kind = message.WhichOneof("value")
    return None if kind is None else getattr(message, kind)
