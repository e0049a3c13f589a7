"""FeedbackService: every event gets one outcome, in its place; a call is refused as a whole only for its shape."""

from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from rankd.client import feedback_buffer
from rankd.core.errors import RankdError, RecordError, RequestError, ServiceError
from rankd.core.features.kinds import KINDS
from rankd.edge.config import Server
from rankd.edge.grpc import feedback_service
from rankd.edge.grpc.dispatch import Call
from rankd.edge.grpc.feedback_service import MAX_EVENT_COUNT, MAX_FEEDBACK_COUNT, FeedbackCalls
from rankd.edge.grpc.identity import LOCAL
from rankd.edge.grpc.load import Lane
from rankd.edge.http.metrics import Metrics
from rankd.usecases.serve.feedback.recorder import Feedback, Outcome, Recorder, Sent
from rankd.v1 import feedback_service_pb2 as wire

NOW_MS = 1_700_000_000_000
FOREVER = float("inf")
TOKEN = bytes(41)


class Recorded:
    """Takes every event once; a post named `never` was not shown, and nobody knows the token `forged`."""

    def __init__(self) -> None:
        self.received: list[Feedback] = []
        self.callers: list[tuple[str, int]] = []
        self.failure: RankdError | None = None
        self._known: set[str] = set()

    def record(
        self, feedback: Sequence[Feedback], caller: str, now_ms: int, time_left_s: Callable[[], float]
    ) -> tuple[tuple[Outcome, ...], ...]:
        if time_left_s() <= 0:
            raise ServiceError("DEADLINE_EXCEEDED")
        if self.failure is not None:
            raise self.failure
        self.callers.append((caller, now_ms))
        self.received.extend(feedback)
        return tuple(tuple(self._outcome(one, sent) for sent in one.events) for one in feedback)

    def _outcome(self, feedback: Feedback, sent: Sent) -> Outcome:
        if feedback.token == b"forged":
            return Outcome("REFUSED", RecordError("TOKEN_MALFORMED", size_bytes=6, wanted_bytes=41))
        if sent.candidate_id == "never":
            return Outcome("REFUSED", RequestError("FEEDBACK_NOT_SHOWN", decision=1, candidate="never"))
        if sent.id in self._known:
            return Outcome("DUPLICATE")
        self._known.add(sent.id)
        return Outcome("ACCEPTED")


@pytest.fixture
def recorder() -> Recorded:
    """Return a recorder that knows no event yet."""
    return Recorded()


@pytest.fixture
def metrics() -> Metrics:
    """Return metrics at their beginning."""
    return Metrics()


@pytest.fixture
def calls(recorder: Recorded, metrics: Metrics) -> FeedbackCalls:
    """Return the service over it."""
    return FeedbackCalls(cast("Recorder", recorder), lambda: NOW_MS, metrics)


def event(event_id: str, candidate: str = "a", **fields: Any) -> wire.Event:
    usual: dict[str, Any] = {"event_id": event_id, "kind": wire.EVENT_KIND_LIKE, "candidate_id": candidate}
    return wire.Event(**(usual | fields))


def feedback(*events: wire.Event, viewer: str = "v", token: bytes = TOKEN) -> wire.Feedback:
    return wire.Feedback(viewer_id=viewer, feedback_token=token, events=events)


def record(
    calls: FeedbackCalls, *of_all: wire.Feedback, request_id: str = "r1", time_left_s: float = FOREVER
) -> wire.RecordEventsResponse:
    message = wire.RecordEventsRequest(request_id=request_id, feedback=of_all)
    return calls.record_events(message, Call(LOCAL, time_left_s))


def outcomes(answer: wire.RecordEventsResponse) -> list[tuple[str, str, str]]:
    return [
        (one.event_id, wire.EventStatus.Name(one.status).removeprefix("EVENT_STATUS_"), one.reason)
        for one in answer.outcomes
    ]


def test_events_reach_the_recorder_as_they_were_sent(calls: FeedbackCalls, recorder: Recorded) -> None:
    at = Timestamp(seconds=1_699_999_999, nanos=123_999_999)
    record(calls, feedback(event("e1", event_time=at), event("e2", "b", kind=wire.EVENT_KIND_HIDE), viewer="zoé"))
    assert recorder.received == [
        Feedback("zoé", TOKEN, (Sent("e1", "like", "a", 1_699_999_999_123), Sent("e2", "hide", "b", None)))
    ]
    assert recorder.callers == [("local", NOW_MS)]


def test_outcomes_come_flat_and_in_the_order_of_the_request(calls: FeedbackCalls) -> None:
    answer = record(
        calls,
        feedback(event("1"), event("2", "never"), event("1")),
        feedback(event("3"), token=b"forged"),
        feedback(event("4"), viewer="w"),
    )
    assert answer.request_id == "r1"
    assert outcomes(answer) == [
        ("1", "ACCEPTED", ""),
        ("2", "REFUSED", "FEEDBACK_NOT_SHOWN"),
        ("1", "DUPLICATE", ""),
        ("3", "REFUSED", "TOKEN_MALFORMED"),
        ("4", "ACCEPTED", ""),
    ]


def test_a_refusal_says_why_in_both_languages_and_the_others_say_nothing(calls: FeedbackCalls) -> None:
    refused, accepted = record(calls, feedback(event("1", "never"), event("2"))).outcomes
    error = RequestError("FEEDBACK_NOT_SHOWN", decision=1, candidate="never")
    assert (refused.message_fr, refused.message_en) == (error.say("fr"), error.say("en"))
    assert (accepted.message_fr, accepted.message_en) == ("", "")


def test_a_call_without_an_event_that_counts_is_answered_all_the_same(calls: FeedbackCalls) -> None:
    assert outcomes(record(calls, feedback(event("1", "never")))) == [("1", "REFUSED", "FEEDBACK_NOT_SHOWN")]


@pytest.mark.parametrize(
    "wrong", [Timestamp(seconds=-1), Timestamp(seconds=1, nanos=-1), Timestamp(seconds=253_402_300_800)]
)
def test_a_time_that_is_none_refuses_its_event_and_no_other(
    calls: FeedbackCalls, recorder: Recorded, wrong: Timestamp
) -> None:
    answer = record(calls, feedback(event("1"), event("2", event_time=wrong), event("3")), feedback(event("4")))
    assert outcomes(answer) == [
        ("1", "ACCEPTED", ""),
        ("2", "REFUSED", "TIME_OUT_OF_RANGE"),
        ("3", "ACCEPTED", ""),
        ("4", "ACCEPTED", ""),
    ]
    assert [[sent.id for sent in one.events] for one in recorder.received] == [["1", "3"], ["4"]]


def test_every_kind_of_the_contract_is_a_kind_of_the_core(calls: FeedbackCalls, recorder: Recorded) -> None:
    numbers = [number for number in wire.EventKind.values() if number != wire.EVENT_KIND_UNSPECIFIED]
    record(calls, feedback(*(event(str(number), kind=number) for number in numbers)))
    assert tuple(sent.kind for sent in recorder.received[0].events) == KINDS


@pytest.mark.parametrize("number", [wire.EVENT_KIND_UNSPECIFIED, 99])
def test_a_kind_that_nobody_knows_is_left_to_the_recorder_to_refuse(
    calls: FeedbackCalls, recorder: Recorded, number: int
) -> None:
    record(calls, feedback(event("1", kind=number)))
    (sent,) = recorder.received[0].events
    assert sent.kind == str(number)
    assert sent.kind not in KINDS


@pytest.mark.parametrize(
    ("of_all", "reason", "field"),
    [
        ([], "FEEDBACK_EMPTY", "feedback"),
        ([feedback(event("1")), feedback()], "FEEDBACK_EMPTY", "feedback[1].events"),
        ([feedback(event("1"))] * (MAX_FEEDBACK_COUNT + 1), "FEEDBACK_TOO_MANY", "feedback"),
        ([feedback(*[event("1")] * MAX_EVENT_COUNT), feedback(event("2"))], "EVENTS_TOO_MANY", "feedback"),
    ],
)
def test_a_call_of_the_wrong_size_is_refused_as_a_whole(
    calls: FeedbackCalls, recorder: Recorded, of_all: list[wire.Feedback], reason: str, field: str
) -> None:
    with pytest.raises(RequestError) as caught:
        record(calls, *of_all)
    assert (caught.value.reason, caught.value.metadata["field"]) == (reason, field)
    assert recorder.received == []


def test_the_largest_call_is_taken_and_is_no_larger_than_a_usual_service_lets_in(
    calls: FeedbackCalls, recorder: Recorded
) -> None:
    text = "é" * 128
    events = [event(text, text, event_time=Timestamp(seconds=1_700_000_000, nanos=999_000_000)) for _ in range(2)]
    message = wire.RecordEventsRequest(request_id=text, feedback=[feedback(*events, viewer=text)] * MAX_FEEDBACK_COUNT)
    assert sum(len(one.events) for one in message.feedback) == MAX_EVENT_COUNT
    assert len(message.SerializeToString()) < Server().max_request_bytes
    calls.record_events(message, Call(LOCAL, FOREVER))
    assert len(recorder.received) == MAX_FEEDBACK_COUNT


def test_the_clients_buffer_knows_how_much_a_call_may_carry() -> None:
    assert (feedback_buffer.MOST_FEEDBACK, feedback_buffer.MOST_EVENTS) == (MAX_FEEDBACK_COUNT, MAX_EVENT_COUNT)


def test_a_call_needs_an_identifier_which_its_errors_carry(calls: FeedbackCalls) -> None:
    with pytest.raises(RequestError) as caught:
        record(calls, feedback(event("1")), request_id="")
    assert (caught.value.reason, caught.value.metadata["field"]) == ("ID_EMPTY", "request_id")
    call = Call(LOCAL, FOREVER)
    calls.record_events(wire.RecordEventsRequest(request_id="mine", feedback=[feedback(event("1"))]), call)
    assert call.request_id == "mine"


def test_nothing_is_recorded_for_a_caller_who_hung_up(calls: FeedbackCalls, recorder: Recorded) -> None:
    with pytest.raises(ServiceError) as caught:
        record(calls, feedback(event("1")), time_left_s=0)
    assert caught.value.reason == "DEADLINE_EXCEEDED"
    assert recorder.received == []


def test_what_cannot_be_recorded_fails_as_a_whole_and_counts_no_event(
    calls: FeedbackCalls, recorder: Recorded, metrics: Metrics
) -> None:
    recorder.failure = ServiceError("RECORDS_UNAVAILABLE", detail="full")
    with pytest.raises(ServiceError) as caught:
        record(calls, feedback(event("1")))
    assert caught.value.reason == "RECORDS_UNAVAILABLE"
    assert b"rankd_feedback_events_total{" not in metrics.text()


def test_events_are_counted_by_outcome_and_reason(calls: FeedbackCalls, metrics: Metrics) -> None:
    record(calls, feedback(event("1"), event("1"), event("2"), event("3", "never")))
    lines = set(metrics.text().decode().splitlines())
    assert {
        'rankd_feedback_events_total{outcome="accepted",reason=""} 2.0',
        'rankd_feedback_events_total{outcome="duplicate",reason=""} 1.0',
        'rankd_feedback_events_total{outcome="refused",reason="FEEDBACK_NOT_SHOWN"} 1.0',
    } <= lines


def test_recording_needs_its_role_and_runs_in_the_lane_that_it_is_given(calls: FeedbackCalls) -> None:
    lane = Lane("feedback", 1, 1)
    (method,) = calls.methods(lane)
    assert (method.name, sorted(method.roles), method.lane) == ("RecordEvents", ["feedback"], lane)
    service = wire.DESCRIPTOR.services_by_name["FeedbackService"]
    assert service.full_name == feedback_service.NAME
    assert [found.name for found in service.methods] == [method.name]
