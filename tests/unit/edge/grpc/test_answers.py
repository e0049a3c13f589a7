"""From decisions to messages: what is shown carries its own value, its own reasons and what stands behind it."""

from rankd.core.ranking.exploration import EXPLORE
from rankd.core.ranking.request import Mode
from rankd.edge.grpc.answers import explain_response, rank_response
from rankd.store.decision_log import DecisionLog
from rankd.v1 import types_pb2 as types
from tests.conftest import House


def test_every_place_carries_the_value_that_its_explanation_adds_up_to(house: House) -> None:
    log = DecisionLog.open(house.data)
    ranker = house.ranker(house.book(), log)
    swapped = 0
    for seed in range(40):
        answer = ranker.rank(house.incoming(seed, mode=Mode.RANKED))
        response = rank_response(answer)
        explained = explain_response(ranker.explain(response.decision_id, None, ()))
        assert [entry.id for entry in response.slate] == [entry.id for entry in explained.candidates]
        for place, entry in zip(response.slate, explained.candidates, strict=True):
            changes = sum(step.after - step.before for step in entry.steps)
            assert place.value == entry.value == sum(term.term for term in entry.terms) + changes
            assert place.rank == entry.rank
            assert (EXPLORE in place.reason_codes) == (place.rank != entry.ranked_at)
            swapped += place.rank != entry.ranked_at
    log.close()
    assert swapped > 0


def test_a_newest_first_answer_stands_on_the_baseline_and_no_model(house: House) -> None:
    answer = house.record([4])[0]
    response = rank_response(answer)
    assert response.policy.ratification == types.RATIFICATION_BASELINE
    assert response.policy.number == 0
    assert response.policy.HasField("number")
    assert not response.HasField("model")
    assert {tuple(entry.reason_codes) for entry in response.slate} == {("newest_first",)}


def test_a_policy_from_a_folder_has_no_number_and_no_vote(house: House) -> None:
    response = rank_response(house.record([1])[0])
    assert response.policy.ratification == types.RATIFICATION_NONE
    assert not response.policy.HasField("number")
    assert not response.policy.HasField("minutes_size")
    assert response.model.ratification == types.RATIFICATION_NONE


def test_a_candidate_that_is_not_shown_has_neither_rank_nor_probability(house: House) -> None:
    log = DecisionLog.open(house.data)
    ranker = house.ranker(house.book(), log)
    seen = 0
    for seed in range(20):
        answer = ranker.rank(house.incoming(seed, mode=Mode.RANKED))
        ids = answer.decision.request.candidates.ids
        hidden = [id_ for at, id_ in enumerate(ids) if at not in answer.ranking.shown]
        for entry in explain_response(ranker.explain(answer.decision_id, None, hidden)).candidates if hidden else ():
            assert not entry.HasField("rank")
            assert (entry.marginal_numerator, entry.marginal_denominator) == (0, 0)
            seen += 1
    log.close()
    assert seen > 0
