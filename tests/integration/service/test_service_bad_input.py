"""What a request must not hold: every refusal names its reason and its field."""

from collections.abc import Iterator
from typing import Any

import grpc
import numpy as np
import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from rankd.client.errors import call_error
from rankd.v1 import policy_service_pb2 as policies
from rankd.v1 import ranking_service_pb2 as wire
from tests.conftest import HOUSE_TIME_MS, House
from tests.integration.service.conftest import COLUMNS, Running, Start, config_over, running, small_message


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Return one server for all: what is refused leaves nothing behind."""
    with running(config_over(House(tmp_path_factory.mktemp("house")))) as found:
        yield found


def column(name: str, numbers: list[float] | None = None, data: bytes | None = None) -> wire.Column:
    if data is not None:
        return wire.Column(name=name, le_float32=data)
    return wire.Column(name=name, values=wire.FloatValues(values=numbers or []))


def columns(**replaced: wire.Column | None) -> list[wire.Column]:
    """Return the usual columns with some replaced, or left out where None."""
    usual: dict[str, wire.Column | None] = {
        name: column(name, data=values.tobytes()) for name, values in COLUMNS.items() if isinstance(values, np.ndarray)
    }
    return [entry for entry in (usual | replaced).values() if entry is not None]


def candidates(at: int, **fields: Any) -> list[wire.Candidate]:
    """Return the usual candidates with fields of one of them replaced."""
    return [wire.Candidate(**({"id": f"p{i}"} | (fields if i == at else {}))) for i in range(6)]


def assert_refused(server: Running, message: Message, reason: str, field: str, method: str = "Rank") -> None:
    count = server.service.desk.decisions.count
    refusal = server.refusal(message, method)
    assert (refusal.status, refusal.reason, refusal.fields) == ("INVALID_ARGUMENT", reason, (field,))
    assert field in refusal.message
    assert refusal.say("fr") != refusal.say("en") == refusal.message
    assert server.service.desk.decisions.count == count


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "an empty request id": ({"request_id": ""}, "ID_EMPTY", "request_id"),
    "a request id that is too long": ({"request_id": "é" * 129}, "ID_TOO_LONG", "request_id"),
    "an empty viewer id": ({"viewer_id": ""}, "ID_EMPTY", "viewer_id"),
    "a control character in an id": ({"viewer_id": "a\u0000b"}, "ID_CONTROL", "viewer_id"),
    "an id that is not NFC": ({"viewer_id": "e\u0301"}, "ID_NOT_NFC", "viewer_id"),
    "no candidates": ({"candidates": [], "columns": []}, "CANDIDATES_EMPTY", "candidates"),
    "an empty candidate id": ({"candidates": candidates(3, id="")}, "ID_EMPTY", "candidates[3].id"),
    "a repeated candidate id": ({"candidates": candidates(3, id="p1")}, "ID_DUPLICATE", "candidates[3].id"),
    "an author id that is too long": (
        {"candidates": candidates(2, author_id="a" * 257)},
        "ID_TOO_LONG",
        "candidates[2].author_id",
    ),
    "a source that is too long": (
        {"candidates": candidates(1, source="s" * 65)},
        "ID_TOO_LONG",
        "candidates[1].source",
    ),
    "a repeated group": ({"candidates": candidates(1, groups=["g", "g"])}, "GROUP_DUPLICATE", "candidates[1].groups"),
    "a creation time before 1970": (
        {"candidates": candidates(4, create_time=Timestamp(seconds=-1, nanos=999_000_000))},
        "TIME_OUT_OF_RANGE",
        "candidates[4].create_time",
    ),
    "a creation time after 9999": (
        {"candidates": candidates(4, create_time=Timestamp(seconds=9_223_372_036_854_775_807))},
        "TIME_OUT_OF_RANGE",
        "candidates[4].create_time",
    ),
    "nanoseconds beyond a second": (
        {"candidates": candidates(0, create_time=Timestamp(seconds=5, nanos=1_000_000_000))},
        "TIME_OUT_OF_RANGE",
        "candidates[0].create_time",
    ),
    "too many candidates": (
        {"candidates": [wire.Candidate(id=f"p{at}") for at in range(101)], "columns": []},
        "CANDIDATES_TOO_MANY",
        "candidates",
    ),
    "a limit of zero": ({"limit": 0}, "LIMIT_OUT_OF_RANGE", "limit"),
    "a negative limit": ({"limit": -1}, "LIMIT_OUT_OF_RANGE", "limit"),
    "a limit beyond the largest": ({"limit": 21}, "LIMIT_OUT_OF_RANGE", "limit"),
    "an order that does not exist": ({"mode": 7}, "MODE_UNKNOWN", "mode"),
    "a clock far in the past": (
        {"request_time": Timestamp(seconds=HOUSE_TIME_MS // 1000 - 301)},
        "CLOCK_SKEW",
        "request_time",
    ),
    "a clock far in the future": (
        {"request_time": Timestamp(seconds=HOUSE_TIME_MS // 1000 + 301)},
        "CLOCK_SKEW",
        "request_time",
    ),
    "a clock before 1970": ({"request_time": Timestamp(seconds=-5)}, "TIME_OUT_OF_RANGE", "request_time"),
    "an unknown column": (
        {"columns": columns(shoe_size=column("shoe_size", [1] * 6))},
        "COLUMN_UNKNOWN",
        "columns[shoe_size]",
    ),
    "a column without a name": ({"columns": columns(x=column("", [1] * 6))}, "COLUMN_UNKNOWN", "columns[]"),
    "a missing column": ({"columns": columns(duration_s=None)}, "COLUMN_MISSING", "columns[duration_s]"),
    "a repeated column": (
        {"columns": columns(again=column("duration_s", [1] * 6))},
        "COLUMN_DUPLICATE",
        "columns[duration_s]",
    ),
    "a column for candidates and for the viewer": (
        {"viewer_columns": [column("hours_since_hide", [1]), column("duration_s", [1])]},
        "COLUMN_DUPLICATE",
        "columns[duration_s]",
    ),
    "a column that is too short": (
        {"columns": columns(duration_s=column("duration_s", [1] * 5))},
        "COLUMN_LENGTH",
        "columns[duration_s].values",
    ),
    "one number where there are six candidates": (
        {"columns": columns(duration_s=column("duration_s", [1]))},
        "COLUMN_LENGTH",
        "columns[duration_s].values",
    ),
    "two numbers for the viewer": (
        {"viewer_columns": [column("hours_since_hide", [1, 2])]},
        "COLUMN_LENGTH",
        "viewer_columns[hours_since_hide].values",
    ),
    "a column without numbers": (
        {"columns": columns(duration_s=wire.Column(name="duration_s"))},
        "COLUMN_LENGTH",
        "columns[duration_s]",
    ),
    "bytes that are no float32": (
        {"columns": columns(duration_s=column("duration_s", data=b"\0" * 23))},
        "COLUMN_BYTES",
        "columns[duration_s].le_float32",
    ),
    "an infinity": (
        {"columns": columns(duration_s=column("duration_s", [1, 2, float("inf"), 4, 5, 6]))},
        "COLUMN_INFINITE",
        "columns[duration_s][2]",
    ),
    "a negative infinity in a nullable column": (
        {"columns": columns(age_h=column("age_h", [1, 2, 3, float("-inf"), float("nan"), 6]))},
        "COLUMN_INFINITE",
        "columns[age_h][3]",
    ),
    "NaN where it is not allowed": (
        {"columns": columns(duration_s=column("duration_s", [1, 2, 3, 4, 5, float("nan")]))},
        "COLUMN_NAN",
        "columns[duration_s][5]",
    ),
    "negative hours for a rule": (
        {"viewer_columns": [column("hours_since_hide", [-1])]},
        "COLUMN_NEGATIVE",
        "columns[hours_since_hide][0]",
    ),
    "a slider for no objective": (
        {"sliders": [wire.Slider(objective="applause", percent=100)]},
        "SLIDER_UNKNOWN",
        "sliders[applause]",
    ),
    "a slider that the policy does not offer": (
        {"sliders": [wire.Slider(objective="click", percent=100)]},
        "SLIDER_NOT_OFFERED",
        "sliders[click]",
    ),
    "a slider out of its range": (
        {"sliders": [wire.Slider(objective="reply", percent=151)]},
        "SLIDER_OUT_OF_RANGE",
        "sliders[reply]",
    ),
    "a repeated slider": (
        {"sliders": [wire.Slider(objective="reply", percent=100), wire.Slider(objective="reply", percent=120)]},
        "SLIDER_DUPLICATE",
        "sliders[reply]",
    ),
    "a repeated served author": (
        {"served_author_counts": [wire.ServedAuthorCount(author_id="a", count=c) for c in (1, 2)]},
        "SERVED_DUPLICATE",
        "served_author_counts[a]",
    ),
    "a negative served count": (
        {"served_author_counts": [wire.ServedAuthorCount(author_id="a", count=-1)]},
        "SERVED_OUT_OF_RANGE",
        "served_author_counts[a]",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_rank_request_is_refused_for(case: str, server: Running) -> None:
    fields, reason, field = REFUSED[case]
    assert_refused(server, small_message(**fields), reason, field)


def test_an_unknown_surface_is_not_found(server: Running) -> None:
    refusal = server.refusal(small_message(surface="marketplace"))
    assert (refusal.status, refusal.reason, refusal.fields) == ("NOT_FOUND", "SURFACE_UNKNOWN", ("surface",))
    assert refusal.metadata["known"] == "video"


def test_a_message_beyond_the_largest_size_is_refused_by_grpc_itself(start: Start) -> None:
    server = start(max_request_bytes=64 * 1024)
    refusal = server.refusal(small_message(viewer_id="v" * 70_000))
    assert (refusal.status, refusal.reason) == ("RESOURCE_EXHAUSTED", "RESOURCE_EXHAUSTED")
    assert not refusal.retryable


def test_bytes_that_are_no_message_are_refused(server: Running) -> None:
    with grpc.insecure_channel(server.address) as channel:
        call = channel.unary_unary("/rankd.v1.RankingService/Rank", bytes, bytes)
        with pytest.raises(grpc.RpcError) as caught:
            call(b"\xff\xff\xff", timeout=10.0)
    refusal = call_error(caught.value, server.address)
    assert (refusal.status, refusal.reason) == ("INVALID_ARGUMENT", "MESSAGE_MALFORMED")


def test_a_refusal_quotes_long_values_only_in_part(server: Running) -> None:
    name = "x" * 100_000
    refusal = server.refusal(small_message(columns=columns(long=column(name, [1] * 6))))
    assert refusal.reason == "COLUMN_UNKNOWN"
    assert len(refusal.fields[0].encode()) == 200
    assert len(refusal.message.encode()) == 600


def test_a_decision_that_does_not_exist_is_not_found(server: Running) -> None:
    for decision_id in ("dev.test/7", "dev.test/-1", "dev.test/00", "other/0", "dev.test"):
        message = wire.ExplainRequest(decision_id=decision_id, viewer_id="v")
        refusal = server.refusal(message, "Explain")
        assert (refusal.status, refusal.reason, refusal.fields) == ("NOT_FOUND", "DECISION_UNKNOWN", ("decision_id",))


def test_another_viewers_decision_is_not_explained(server: Running) -> None:
    decision_id = server.rank_message(small_message()).decision_id
    refusal = server.refusal(wire.ExplainRequest(decision_id=decision_id, viewer_id="somebody-else"), "Explain")
    assert (refusal.status, refusal.reason) == ("PERMISSION_DENIED", "DECISION_OF_ANOTHER_VIEWER")
    assert refusal.fields == ("viewer_id",)


def test_a_candidate_that_was_not_offered_cannot_be_explained(server: Running) -> None:
    decision_id = server.rank_message(small_message()).decision_id
    message = wire.ExplainRequest(decision_id=decision_id, viewer_id="viewer-1", candidate_ids=["p0", "nope"])
    refusal = server.refusal(message, "Explain")
    assert (refusal.status, refusal.reason, refusal.fields) == ("NOT_FOUND", "CANDIDATE_UNKNOWN", ("candidate_ids[1]",))


def test_a_digest_that_is_none_is_refused(server: Running) -> None:
    message = policies.GetPolicyRequest(surface="video", canon_digest="sha256:ABC")
    assert_refused(server, message, "DIGEST_MALFORMED", "canon_digest", "GetPolicy")


def test_a_policy_that_was_never_served_is_not_found(server: Running) -> None:
    message = policies.GetPolicyRequest(surface="video", canon_digest="sha256:" + "0" * 64)
    refusal = server.refusal(message, "GetPolicy")
    assert (refusal.status, refusal.reason, refusal.fields) == ("NOT_FOUND", "POLICY_UNKNOWN", ("canon_digest",))


def test_a_page_that_is_too_large_is_refused(server: Running) -> None:
    message = policies.ListPoliciesRequest(page_size=1001)
    assert_refused(server, message, "PAGE_SIZE_OUT_OF_RANGE", "page_size", "ListPolicies")


def test_a_page_token_from_elsewhere_is_refused(server: Running) -> None:
    message = policies.ListPoliciesRequest(page_token="nope")  # noqa: S106 (no password)
    assert_refused(server, message, "PAGE_TOKEN_UNKNOWN", "page_token", "ListPolicies")
