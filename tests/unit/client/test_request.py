"""Requests of the client: Python values, columns and JSON become the same message."""

import numpy as np
import pytest

from rankd.client import CandidateInput
from rankd.client.request import rank_request, rank_request_from_json
from rankd.core.errors import RequestError
from rankd.core.ranking.request import UNKNOWN_TIME_MS, Candidates, Mode
from rankd.v1 import ranking_service_pb2 as wire
from rankd.v1 import types_pb2 as types

ONE_BY_ONE = [
    CandidateInput("a", author_id="x", create_time_ms=1_999, source="near", groups=("g",), seen=True),
    CandidateInput("b", muted=True),
]
BY_COLUMN = Candidates(
    ids=("a", "b"),
    author_ids=("x", ""),
    create_times_ms=np.array([1_999, UNKNOWN_TIME_MS]),
    sources=("near", ""),
    groups=(("g",), ()),
    seen=np.array([True, False]),
    muted=np.array([False, True]),
)
JSON = """{
  "request_id": "r", "surface": "video", "viewer_id": "v", "mode": "ORDER_MODE_NEWEST_FIRST",
  "limit": 2, "dry_run": true,
  "request_time": "1970-01-01T00:00:05.000Z",
  "candidates": [
    {"id": "a", "author_id": "x", "create_time": "1970-01-01T00:00:01.999Z", "source": "near",
     "groups": ["g"], "seen": true},
    {"id": "b", "muted": true}
  ],
  "columns": [{"name": "age", "le_float32": "AACAPwAAwH8="}],
  "viewer_columns": [{"name": "hour", "le_float32": "AABAQA=="}],
  "served_author_counts": [{"author_id": "x", "count": 3}],
  "sliders": [{"objective": "reply", "percent": 120}]
}"""


def build(candidates: object) -> wire.RankRequest:
    return rank_request(
        request_id="r",
        surface="video",
        viewer_id="v",
        candidates=candidates,  # type: ignore[arg-type]
        columns={"age": [1, float("nan")], "hour": 3},
        limit=2,
        mode=Mode.NEWEST_FIRST,
        request_time_ms=5_000,
        served_author_counts={"x": 3},
        sliders={"reply": 120},
        dry_run=True,
    )


def test_candidates_may_be_given_one_by_one_or_by_column() -> None:
    assert build(ONE_BY_ONE) == build(BY_COLUMN)


def test_json_says_the_same_request() -> None:
    assert rank_request_from_json(JSON, "request.json") == build(ONE_BY_ONE)


def test_arrays_are_columns_of_candidates_and_numbers_are_the_viewers() -> None:
    message = build(ONE_BY_ONE)
    assert message.columns[0].le_float32 == np.array([1, np.nan], dtype="<f4").tobytes()
    assert message.viewer_columns[0].le_float32 == np.array([3], dtype="<f4").tobytes()
    assert message.mode == types.ORDER_MODE_NEWEST_FIRST


def test_an_unknown_time_is_not_sent() -> None:
    message = build(ONE_BY_ONE)
    assert message.candidates[0].create_time.nanos == 999_000_000
    assert not message.candidates[1].HasField("create_time")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"surfaces": "video"}', '{"limit": "many"}', "[" * 100_000])
def test_json_that_is_no_request_is_refused_with_the_files_name(text: str) -> None:
    with pytest.raises(RequestError) as caught:
        rank_request_from_json(text, "request.json")
    assert (caught.value.reason, caught.value.metadata["file"]) == ("REQUEST_JSON_INVALID", "request.json")
