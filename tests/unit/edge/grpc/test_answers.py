"""From decisions to messages: what stands behind an answer, and what proves it."""

from rankd.core.records.receipt import open_receipt
from rankd.core.records.token import token_index
from rankd.edge.grpc.answers import rank_response
from rankd.v1 import types_pb2 as types
from tests.conftest import LOG_SIGNER, House


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


def test_an_answer_carries_the_receipt_and_the_token_of_its_own_decision(house: House) -> None:
    response = rank_response(house.record([1])[0])
    receipt = open_receipt(response.commitment_receipt, LOG_SIGNER.verifier)
    assert response.decision_id == f"{receipt.origin}/{receipt.index}"
    assert token_index(response.feedback_token) == receipt.index
