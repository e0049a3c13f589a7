from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rankd.core.errors import RecordError
from rankd.core.ranking.request import Column
from rankd.core.records.decision import Decision, FeaturesRead, encode_decision
from rankd.core.records.reading import decode_decision
from tests.reference.cases import random_case
from tests.reference.conversion import rankd_decision
from tests.reference.record import read_record, request_digest

rngs = st.randoms(use_true_random=False)
quickly = settings(max_examples=30, deadline=None)

OWN = Column("item_click_rate", np.array([0.4], dtype=np.float32))


def with_own(rng: Random) -> Decision:
    """A ranked decision with a column that came with the request, one by default, and one that was worked out."""
    case = random_case(rng)
    case["request"]["mode"] = "RANKED"
    decision = rankd_decision(case)
    columns = (OWN, *decision.columns)
    return replace(decision, columns=columns, features=FeaturesRead(rng.randint(0, 2**53 - 1), (OWN.name,)))


@given(rngs)
@quickly
def test_a_record_says_which_columns_were_worked_out_and_reads_back(rng: Random) -> None:
    decision = with_own(rng)
    header, _, _ = read_record(encode_decision(decision))
    assert decision.features is not None
    assert header["schema"] == "rankd.decision/2"
    assert header["features"] == {"entry_count": decision.features.entry_count, "names": [OWN.name]}
    again = decode_decision(encode_decision(decision))
    assert again.features == decision.features
    assert encode_decision(again) == encode_decision(decision)


@given(rngs)
@quickly
def test_what_was_worked_out_is_no_part_of_the_request_s_digest(rng: Random) -> None:
    decision = with_own(rng)
    data = encode_decision(decision)
    assert request_digest(data) == read_record(data)[0]["request_digest"]
    assert OWN.name in {column.name for column in decision.known_columns}
    assert OWN.name not in {column.name for column in decision.sent_columns}
    # Had it been sent, the digest would be another.
    sent = encode_decision(replace(decision, features=None))
    assert request_digest(sent) != read_record(sent)[0]["request_digest"]


@given(rngs, st.sampled_from([(), ("nobody",), (OWN.name, OWN.name)]))
@quickly
def test_features_that_name_nothing_or_no_column_or_one_twice_are_refused(rng: Random, names: tuple[str, ...]) -> None:
    decision = replace(with_own(rng), features=FeaturesRead(3, names))
    with pytest.raises(RecordError) as caught:
        decode_decision(encode_decision(decision))
    assert caught.value.reason == "RECORD_MALFORMED"
