"""A backend's feedback: what goes out, what comes back, and what is safe to send again."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from rankd.client import EventInput, EventOutcome, Feedback, RankdCallError, RankdClient
from rankd.core.features.kinds import KINDS
from rankd.v1 import feedback_service_pb2 as wire

TOKEN = bytes(range(41))


class Scripted:
    """A server that refuses posts named `never`, and answers as the test says beyond that."""

    def __init__(self) -> None:
        self.address = ""
        self.received: list[wire.RecordEventsRequest] = []
        self.failures: list[grpc.StatusCode] = []
        self.change: Callable[[wire.RecordEventsResponse], None] = lambda _: None

    def record(self, request: wire.RecordEventsRequest, context: grpc.ServicerContext) -> wire.RecordEventsResponse:
        self.received.append(request)
        if self.failures:
            context.abort(self.failures.pop(), "as scripted")
        answer = wire.RecordEventsResponse(request_id=request.request_id)
        for feedback in request.feedback:
            for event in feedback.events:
                outcome = answer.outcomes.add(event_id=event.event_id, status=wire.EVENT_STATUS_ACCEPTED)
                if event.candidate_id == "never":
                    outcome.status, outcome.reason = wire.EVENT_STATUS_REFUSED, "FEEDBACK_NOT_SHOWN"
                    outcome.message_fr, outcome.message_en = "Jamais montrée.", "Never shown."
        self.change(answer)
        return answer


@pytest.fixture
def server() -> Iterator[Scripted]:
    """Return a server on a free port."""
    scripted = Scripted()
    listening = grpc.server(ThreadPoolExecutor(2))
    record = grpc.unary_unary_rpc_method_handler(
        scripted.record, wire.RecordEventsRequest.FromString, wire.RecordEventsResponse.SerializeToString
    )
    handler = grpc.method_handlers_generic_handler("rankd.v1.FeedbackService", {"RecordEvents": record})
    listening.add_generic_rpc_handlers((handler,))
    scripted.address = f"127.0.0.1:{listening.add_insecure_port('127.0.0.1:0')}"
    listening.start()
    yield scripted
    listening.stop(None).wait()


@pytest.fixture
def client(server: Scripted) -> Iterator[RankdClient]:
    """Return a client of it."""
    with RankdClient(server.address, timeout_s=10) as found:
        yield found


def test_one_persons_events_go_out_as_the_contract_says(server: Scripted, client: RankdClient) -> None:
    events = [EventInput("click", "a", 1_700_000_000_123, id="e1"), EventInput("hide", "b", id="e2")]
    outcomes = client.feedback.record("viewer-1", TOKEN, events)
    assert outcomes == (EventOutcome("e1", "ACCEPTED", "", "", ""), EventOutcome("e2", "ACCEPTED", "", "", ""))
    (feedback,) = server.received[0].feedback
    assert (feedback.viewer_id, feedback.feedback_token) == ("viewer-1", TOKEN)
    first, second = feedback.events
    assert (first.event_id, first.kind, first.candidate_id) == ("e1", wire.EVENT_KIND_CLICK, "a")
    assert first.event_time == Timestamp(seconds=1_700_000_000, nanos=123_000_000)
    assert (second.kind, second.HasField("event_time")) == (wire.EVENT_KIND_HIDE, False)


def test_every_kind_of_event_has_its_place_in_the_contract(server: Scripted, client: RankdClient) -> None:
    client.feedback.record("v", TOKEN, [EventInput(kind, "a") for kind in KINDS])
    sent = [event.kind for event in server.received[0].feedback[0].events]
    assert sent == list(wire.EventKind.values())[1:]


def test_a_kind_that_does_not_exist_is_refused_before_it_is_sent() -> None:
    with pytest.raises(ValueError, match="clicked"):
        EventInput("clicked", "a")


def test_outcomes_of_a_batch_come_back_by_person_with_words_for_what_was_refused(client: RankdClient) -> None:
    batch = [
        Feedback("v1", TOKEN, (EventInput("shown", "a", id="1"), EventInput("like", "never", id="2"))),
        Feedback("v2", TOKEN, (EventInput("reply", "b", id="3"),)),
    ]
    first, second = client.feedback.record_all(batch)
    assert [(outcome.id, outcome.status) for outcome in first + second] == [
        ("1", "ACCEPTED"),
        ("2", "REFUSED"),
        ("3", "ACCEPTED"),
    ]
    assert first[1].reason == "FEEDBACK_NOT_SHOWN"
    assert (first[1].say("fr"), first[1].say("en")) == ("Jamais montrée.", "Never shown.")


def test_events_have_identifiers_of_their_own_that_repetitions_keep(server: Scripted, client: RankdClient) -> None:
    server.failures = [grpc.StatusCode.UNAVAILABLE]
    events = [EventInput("like", "a"), EventInput("like", "a")]
    client.feedback.record("v", TOKEN, events)
    client.feedback.record("v", TOKEN, events)
    sent = [[event.event_id for event in request.feedback[0].events] for request in server.received]
    assert len(sent) == 3
    assert sent[0] == sent[1] == sent[2]
    assert len(set(sent[0])) == 2


def test_a_call_that_fails_as_a_whole_is_raised(server: Scripted, client: RankdClient) -> None:
    server.failures = [grpc.StatusCode.PERMISSION_DENIED]
    with pytest.raises(RankdCallError) as caught:
        client.feedback.record("v", TOKEN, [EventInput("like", "a")])
    assert caught.value.status == "PERMISSION_DENIED"
    assert len(server.received) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda answer: answer.outcomes.pop(),
        lambda answer: answer.outcomes.reverse(),
        lambda answer: answer.outcomes.add(event_id="3"),
    ],
)
def test_outcomes_that_are_not_those_of_the_events_are_not_believed(
    server: Scripted, client: RankdClient, change: Callable[[wire.RecordEventsResponse], None]
) -> None:
    server.change = change
    with pytest.raises(RankdCallError) as caught:
        client.feedback.record("v", TOKEN, [EventInput("like", "a", id="1"), EventInput("like", "b", id="2")])
    assert (caught.value.status, caught.value.reason) == ("DATA_LOSS", "OUTCOMES_OUT_OF_ORDER")
    assert server.address in caught.value.say("fr")


def test_a_status_that_this_client_does_not_know_is_its_number(server: Scripted, client: RankdClient) -> None:
    def newer(answer: wire.RecordEventsResponse) -> None:
        answer.outcomes[0].status = 9  # type: ignore[assignment]  # open enums take any number

    server.change = newer
    (outcome,) = client.feedback.record("v", TOKEN, [EventInput("like", "a")])
    assert outcome.status == "9"
