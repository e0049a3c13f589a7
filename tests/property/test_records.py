"""Records read back as they were written, and are what the specification says they are."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rankd.core.errors import RecordError
from rankd.core.records.decision import encode_decision
from rankd.core.records.reading import decode_decision
from rankd.core.records.recompute import differences, rerank
from tests.reference.cases import random_case
from tests.reference.conversion import rankd_decision, rankd_formula
from tests.reference.record import case_of_record, read_record, recomputed_answer, recorded_answer, request_digest

rngs = st.randoms(use_true_random=False)
quickly = settings(max_examples=30, deadline=None)


@given(rngs)
@quickly
def test_a_decision_reads_back_as_it_was_written(rng: Random) -> None:
    decision = rankd_decision(random_case(rng))
    data = encode_decision(decision)
    again = decode_decision(data)
    assert encode_decision(again) == data
    assert again.margins.tolist() == decision.margins.tolist()
    assert [column.values.tobytes() for column in again.columns] == [c.values.tobytes() for c in decision.columns]
    assert again.request.candidates.seen.tolist() == decision.request.candidates.seen.tolist()
    for field in ("order", "values", "dropped", "exploration", "degraded", "nonce", "voids", "heads", "clock_given"):
        assert getattr(again, field) == getattr(decision, field)


@given(rngs)
@quickly
def test_a_decision_follows_from_its_record(rng: Random) -> None:
    case = random_case(rng)
    decision = decode_decision(encode_decision(rankd_decision(case)))
    assert list(differences(decision, rerank(decision, rankd_formula(case)))) == []


@given(rngs)
@quickly
def test_a_reader_written_from_the_specification_recomputes_the_record(rng: Random) -> None:
    case = random_case(rng)
    data = encode_decision(rankd_decision(case))
    read = case_of_record(data, case["policy"], case["limits"], case["heads"])
    if case["request"]["mode"] == "RANKED":
        assert read["margins"] == case["margins"]
        assert read["columns"]["hours"] == case["columns"]["hours"]
    assert recomputed_answer(read) == recorded_answer(data)


@given(rngs)
@quickly
def test_the_request_digest_is_that_of_the_specification(rng: Random) -> None:
    case = random_case(rng)
    case["request"]["mode"] = "RANKED"
    data = encode_decision(rankd_decision(case))
    assert request_digest(data) == read_record(data)[0]["request_digest"]


@given(rngs)
@settings(quickly, derandomize=True)
def test_a_flipped_bit_is_refused_or_changes_the_decision(rng: Random) -> None:
    data = encode_decision(rankd_decision(random_case(rng, 4)))
    flipped = bytearray(data)
    flipped[rng.randint(0, len(data) - 1)] ^= 1 << rng.randint(0, 7)
    try:
        decision = decode_decision(bytes(flipped))
    except RecordError:
        return
    assert encode_decision(decision) == bytes(flipped)


@given(rngs)
@quickly
def test_a_record_cut_short_or_lengthened_is_refused(rng: Random) -> None:
    data = encode_decision(rankd_decision(random_case(rng, 4)))
    for other in (data[: rng.randint(0, len(data) - 1)], data + b"\0", data + b"\0" * 4):
        with pytest.raises(RecordError) as refusal:
            decode_decision(other)
        assert refusal.value.reason == "RECORD_MALFORMED"
