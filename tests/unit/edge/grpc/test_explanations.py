"""Explanations on the wire: they add up, carry the data used, and say the same in both languages."""

from rankd.core.ranking.exploration import EXPLORE
from rankd.core.ranking.request import Mode
from rankd.edge.grpc.answers import rank_response
from rankd.edge.grpc.explanations import explain_response
from rankd.usecases.serve.desk import Desk
from rankd.usecases.serve.disclosure import disclose
from rankd.v1 import ranking_service_pb2 as wire
from tests.conftest import House


def explained(desk: Desk, decision_id: str, candidate_ids: list[str] | None = None) -> wire.ExplainResponse:
    found = desk.explainer.explain(decision_id, None, candidate_ids or [])
    return explain_response(found, disclose(found))


def test_every_place_carries_the_value_that_its_explanation_adds_up_to(house: House) -> None:
    swapped = 0
    with house.desk() as desk:
        for seed in range(40):
            response = rank_response(desk.ranker.rank(house.incoming(seed, mode=Mode.RANKED)))
            found = explained(desk, response.decision_id)
            assert [entry.id for entry in response.slate] == [entry.id for entry in found.candidates]
            for place, entry in zip(response.slate, found.candidates, strict=True):
                changes = sum(step.after - step.before for step in entry.steps)
                assert place.value == entry.value == sum(term.term for term in entry.terms) + changes
                assert place.rank == entry.rank
                assert (EXPLORE in place.reason_codes) == (place.rank != entry.ranked_at)
                swapped += place.rank != entry.ranked_at
    assert swapped > 0


def test_a_candidate_that_is_not_shown_has_neither_rank_nor_probability(house: House) -> None:
    seen = 0
    with house.desk() as desk:
        for seed in range(20):
            incoming = house.incoming(seed, mode=Mode.RANKED)
            answer = desk.ranker.rank(incoming)
            ids = incoming.request.candidates.ids
            hidden = [id_ for at, id_ in enumerate(ids) if at not in answer.decided.ranking.shown]
            for entry in explained(desk, answer.decision_id, hidden).candidates if hidden else ():
                assert not entry.HasField("rank")
                assert (entry.marginal_numerator, entry.marginal_denominator) == (0, 0)
                seen += 1
    assert seen > 0


def test_the_data_used_are_named_valued_and_said_to_be_about_whom(house: House) -> None:
    with house.desk() as desk:
        incoming = house.incoming(0, mode=Mode.RANKED)
        found = explained(desk, desk.ranker.rank(incoming).decision_id)
    specs = {spec.name: spec for spec in found.data}
    assert list(specs) == [
        *("duration_s", "rate", "age_h", "hours_since_hide"),
        *("seen", "muted", "create_time", "source", "groups", "author_id", "served_author_counts"),
        "sliders[reply]",
    ]
    assert (specs["rate"].defaulted, specs["rate"].personal, specs["rate"].shared) == (True, True, True)
    assert (specs["rate"].meaning_fr, specs["rate"].meaning_en, specs["rate"].unit) == ("taux", "rate", "1")
    assert list(specs["duration_s"].readers) == ["model"]
    assert list(specs["hours_since_hide"].readers) == ["feedback_fatigue/1"]
    assert list(specs["author_id"].readers) == ["author_diversity/1", "cap/1"]
    assert list(specs["sliders[reply]"].readers) == ["points"]
    columns = {column.name: column.values for column in incoming.columns}
    ids = incoming.request.candidates.ids
    for entry in found.candidates:
        values = {value.name: value for value in entry.data}
        at = ids.index(entry.id)
        assert list(values) == list(specs)
        assert values["duration_s"].number == columns["duration_s"][at]
        age = columns["age_h"][at]
        assert values["age_h"].WhichOneof("value") == (None if age != age else "number")
        assert values["rate"].number == 0.5
        assert values["seen"].flag == incoming.request.candidates.seen[at]
        assert values["sliders[reply]"].count == 120


def test_a_newest_first_decision_used_next_to_nothing_and_says_so(house: House) -> None:
    with house.desk() as desk:
        found = explained(desk, desk.ranker.rank(house.incoming(4)).decision_id)
    assert [(spec.name, list(spec.readers)) for spec in found.data] == [
        ("muted", ["newest_first"]),
        ("create_time", ["newest_first"]),
    ]
    assert list(found.weights) == list(found.sliders) == []
    assert not any(entry.HasField("swap") for entry in found.candidates)
    assert len(found.options_fr) == len(found.options_en) == 3


def test_weights_add_up_and_sliders_show(house: House) -> None:
    with house.desk() as desk:
        found = explained(desk, desk.ranker.rank(house.incoming(0, mode=Mode.RANKED)).decision_id)
    weights = {weight.objective: weight for weight in found.weights}
    assert [weight.points for weight in found.weights] == sorted((w.points for w in found.weights), reverse=True)
    assert (weights["reply"].policy_points, weights["reply"].points) == (300, 360)
    assert weights["reply"].share_ppm == 360 * 1_000_000 // 1_060
    assert "360" in weights["reply"].sentence_fr
    assert "360" in weights["reply"].sentence_en
    assert [(s.objective, s.min_percent, s.max_percent) for s in found.sliders] == [("reply", 50, 150)]


def test_swaps_are_told_for_those_ranked_behind_somebody(house: House) -> None:
    outcomes = set()
    with house.desk() as desk:
        for seed in range(20):
            found = explained(desk, desk.ranker.rank(house.incoming(seed, mode=Mode.RANKED)).decision_id)
            for entry in found.candidates:
                assert entry.HasField("swap") == (entry.ranked_at > 1)
                if entry.HasField("swap"):
                    outcomes.add(entry.swap.outcome)
                    has_points = entry.swap.outcome in (wire.SWAP_OUTCOME_SMALLEST, wire.SWAP_OUTCOME_FOUND)
                    assert (entry.swap.points > 0) == has_points == bool(entry.swap.to_objective)
                    assert entry.swap.before_id in entry.sentences_fr[-1]
                    assert entry.swap.before_id in entry.sentences_en[-1]
                assert len(entry.sentences_fr) == len(entry.sentences_en)
    assert outcomes >= {wire.SWAP_OUTCOME_SMALLEST, wire.SWAP_OUTCOME_NONE_EXISTS}
