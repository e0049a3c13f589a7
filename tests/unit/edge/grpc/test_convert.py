"""From messages to requests: what arrives is what was sent, and what the core could not express is refused."""

import numpy as np
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from rankd.core.errors import RequestError
from rankd.core.ranking.admission import MAX_TIME_MS, Bounds
from rankd.core.ranking.request import UNKNOWN_TIME_MS, Mode
from rankd.edge.grpc.answers import timestamp
from rankd.edge.grpc.convert import milliseconds, parse, read_rank_request
from rankd.usecases.serve.deciding import Incoming
from rankd.v1 import ranking_service_pb2 as wire
from rankd.v1 import types_pb2 as types

NOW = 1_800_000_000_123


def read(**fields: object) -> Incoming:
    message = wire.RankRequest(**({"request_id": "r", "surface": "video", "viewer_id": "v", "limit": 5} | fields))  # type: ignore[arg-type]
    return read_rank_request(message, "feed", Bounds(max_candidate_count=10), lambda: NOW)


def refused(**fields: object) -> tuple[str, object]:
    with pytest.raises(RequestError) as caught:
        read(**fields)
    return caught.value.reason, caught.value.metadata.get("field")


def test_candidates_arrive_column_by_column() -> None:
    candidates = [
        wire.Candidate(id="a", author_id="x", create_time=Timestamp(seconds=1, nanos=999_999_999), source="near"),
        wire.Candidate(id="b", groups=["g", "h"], seen=True),
        wire.Candidate(id="c", create_time=Timestamp(), muted=True),
    ]
    found = read(candidates=candidates).request.candidates
    assert found.ids == ("a", "b", "c")
    assert found.author_ids == ("x", "", "")
    assert found.create_times_ms.tolist() == [1_999, UNKNOWN_TIME_MS, 0]
    assert found.sources == ("near", "", "")
    assert found.groups == ((), ("g", "h"), ())
    assert found.seen.tolist() == [False, True, False]
    assert found.muted.tolist() == [False, False, True]


def test_the_servers_clock_stands_where_none_was_sent() -> None:
    absent, sent = read(), read(request_time=Timestamp(seconds=5))
    assert (absent.request.request_time_ms, absent.clock_given) == (NOW, False)
    assert (sent.request.request_time_ms, sent.clock_given) == (5_000, True)


def test_columns_arrive_as_float32_bit_for_bit() -> None:
    numbers = np.array([0.1, -0.0, np.nan, 1e-45], dtype="<f4")
    incoming = read(
        candidates=[wire.Candidate(id=str(at)) for at in range(4)],
        columns=[
            wire.Column(name="fast", le_float32=numbers.tobytes()),
            wire.Column(name="plain", values=wire.FloatValues(values=numbers.tolist())),
        ],
        viewer_columns=[wire.Column(name="viewer", le_float32=numbers[:1].tobytes())],
    )
    assert [column.name for column in incoming.columns] == ["fast", "plain", "viewer"]
    for column in incoming.columns[:2]:
        assert column.values.dtype == np.float32
        assert column.values.tobytes() == numbers.tobytes()
    assert incoming.columns[2].values.shape == (1,)


def test_sliders_and_served_counts_are_put_in_order_and_repeats_are_kept_for_admission() -> None:
    request = read(
        sliders=[
            wire.Slider(objective=o, percent=p) for o, p in (("zap", 1), ("reply", 2), ("click", 3), ("reply", 4))
        ],
        served_author_counts=[wire.ServedAuthorCount(author_id=a, count=c) for a, c in (("b", 1), ("a", 2), ("b", 0))],
    ).request
    assert request.sliders == (("click", 3), ("reply", 2), ("reply", 4), ("zap", 1))
    assert request.served_author_counts == (("a", 2), ("b", 0), ("b", 1))


def test_newest_first_leaves_everything_personal_unread() -> None:
    incoming = read(
        mode=types.ORDER_MODE_NEWEST_FIRST,
        candidates=[wire.Candidate(id="a")],
        columns=[wire.Column(name="x", le_float32=b"123")],
        sliders=[wire.Slider(objective="nothing")],
        served_author_counts=[wire.ServedAuthorCount(author_id="a", count=-1)],
    )
    assert incoming.request.mode is Mode.NEWEST_FIRST
    assert (incoming.columns, incoming.request.sliders, incoming.request.served_author_counts) == ((), (), ())


def test_no_order_said_is_ranked() -> None:
    assert read().request.mode is Mode.RANKED


def test_too_many_candidates_are_refused_before_they_are_read() -> None:
    candidates = [wire.Candidate(id="a", create_time=Timestamp(seconds=-1))] * 11
    assert refused(candidates=candidates) == ("CANDIDATES_TOO_MANY", "candidates")


@pytest.mark.parametrize(
    ("column", "reason", "field"),
    [
        (wire.Column(name="x", le_float32=b"12345"), "COLUMN_BYTES", "columns[x].le_float32"),
        (wire.Column(name="x", le_float32=b"1234"), "COLUMN_LENGTH", "columns[x].le_float32"),
        (wire.Column(name="x", values=wire.FloatValues()), "COLUMN_LENGTH", "columns[x].values"),
        (wire.Column(name="x"), "COLUMN_LENGTH", "columns[x]"),
    ],
)
def test_a_column_of_the_wrong_size_is_named(column: wire.Column, reason: str, field: str) -> None:
    candidates = [wire.Candidate(id="a"), wire.Candidate(id="b")]
    assert refused(candidates=candidates, columns=[column]) == (reason, field)


@pytest.mark.parametrize(
    "time",
    [
        Timestamp(seconds=-1),
        Timestamp(seconds=-1, nanos=999_000_000),
        Timestamp(seconds=253_402_300_800),
        Timestamp(seconds=2**63 - 1),
        Timestamp(seconds=-(2**63)),
        Timestamp(seconds=1, nanos=-1),
        Timestamp(seconds=1, nanos=1_000_000_000),
    ],
)
def test_a_time_that_is_none_is_refused_wherever_it_stands(time: Timestamp) -> None:
    assert refused(request_time=time) == ("TIME_OUT_OF_RANGE", "request_time")
    candidates = [wire.Candidate(id="a"), wire.Candidate(id="b", create_time=time)]
    assert refused(candidates=candidates) == ("TIME_OUT_OF_RANGE", "candidates[1].create_time")


@pytest.mark.parametrize("time_ms", [0, 1, 999, 1_000, NOW, MAX_TIME_MS])
def test_times_go_there_and_back(time_ms: int) -> None:
    assert milliseconds(timestamp(time_ms), "t") == time_ms


def test_an_order_that_does_not_exist_is_refused() -> None:
    assert refused(mode=9) == ("MODE_UNKNOWN", "mode")


def test_bytes_that_are_no_message_are_refused_by_the_messages_name() -> None:
    with pytest.raises(RequestError) as caught:
        parse(wire.RankRequest, b"\x0a\xff")
    assert (caught.value.reason, caught.value.metadata) == ("MESSAGE_MALFORMED", {"message": "RankRequest"})
    with pytest.raises(RequestError):
        parse(wire.RankRequest, b"\x0a\x01\xff")
