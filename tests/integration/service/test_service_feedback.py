"""Feedback over the wire: what is acknowledged is in the journal, once; a flood of it delays nobody's feed."""

import errno
from collections.abc import Sequence
from contextlib import ExitStack

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from rankd.client import EventInput, EventOutcome, Feedback, FeedbackBuffer, RankdCallError, Slate
from rankd.client.errors import call_error
from rankd.edge.grpc import feedback_service
from rankd.v1 import feedback_service_pb2 as wire
from rankd.v1 import feedback_service_pb2_grpc
from tests.conftest import House
from tests.integration.service.conftest import CANDIDATES, COLUMNS, Running, config_over, running, small_message

VIEWER = "viewer-1"
_AT_ONCE = 2 + 64
"""Calls with feedback that a service has under way or waiting."""


def rank(server: Running, viewer: str = VIEWER) -> Slate:
    with server.client() as client:
        return client.rank(surface="video", viewer_id=viewer, candidates=CANDIDATES, columns=COLUMNS, limit=3)


def tell(
    server: Running, slate: Slate, events: Sequence[EventInput], *, viewer: str = VIEWER, token: bytes | None = None
) -> tuple[EventOutcome, ...]:
    with server.client() as client:
        return client.feedback.record(viewer, slate.feedback_token if token is None else token, events)


def fates(outcomes: Sequence[EventOutcome]) -> list[tuple[str, str]]:
    return [(outcome.status, outcome.reason) for outcome in outcomes]


def click(slate: Slate, event_id: str) -> wire.RecordEventsRequest:
    event = wire.Event(event_id=event_id, kind=wire.EVENT_KIND_CLICK, candidate_id=slate.ids[0])
    feedback = wire.Feedback(viewer_id=VIEWER, feedback_token=slate.feedback_token, events=[event])
    return wire.RecordEventsRequest(request_id=event_id, feedback=[feedback])


def metric(server: Running, line: str) -> bool:
    return line in server.service.metrics.text().decode().splitlines()


def test_what_is_acknowledged_is_in_the_journal_with_the_impression_that_it_implies(server: Running) -> None:
    slate = rank(server)
    first = slate.ids[0]
    outcomes = tell(server, slate, [EventInput("click", first, id="e1"), EventInput("like", first, id="e2")])
    assert fates(outcomes) == [("ACCEPTED", ""), ("ACCEPTED", "")]
    events = server.service.desk.events
    assert events.count == 1
    record = events.read(0)
    assert record is not None
    assert [(event.id, event.kind, event.candidate) for event in record.events] == [
        ("", "shown", first),
        ("e1", "click", first),
        ("e2", "like", first),
    ]
    assert (record.surface, record.caller) == ("video", "local")
    assert f"dev.test/{record.decision}" == slate.decision_id


def test_an_event_counts_once_however_often_and_with_whatever_others_it_is_sent(server: Running) -> None:
    slate = rank(server)
    first, second = slate.ids[:2]
    like, hide = EventInput("like", first), EventInput("hide", second)
    assert fates(tell(server, slate, [like])) == [("ACCEPTED", "")]
    assert fates(tell(server, slate, [hide, like, hide])) == [("ACCEPTED", ""), ("DUPLICATE", ""), ("DUPLICATE", "")]
    assert fates(tell(server, slate, [like, EventInput("like", first)])) == [("DUPLICATE", "")] * 2
    assert fates(tell(server, slate, [EventInput("hide", first, id=like.id)])) == [("REFUSED", "EVENT_ID_REUSED")]
    assert server.service.desk.events.count == 2
    assert metric(server, 'rankd_feedback_events_total{outcome="accepted",reason=""} 2.0')
    assert metric(server, 'rankd_feedback_events_total{outcome="duplicate",reason=""} 4.0')


def test_an_event_is_known_again_after_a_restart(house: House) -> None:
    with running(config_over(house)) as server:
        slate = rank(server)
        events = [EventInput("like", slate.ids[0])]
        assert fates(tell(server, slate, events)) == [("ACCEPTED", "")]
    with running(config_over(house)) as server:
        assert fates(tell(server, slate, [*events, EventInput("reply", slate.ids[0])])) == [
            ("DUPLICATE", ""),
            ("ACCEPTED", ""),
        ]
        assert server.service.desk.events.count == 2


def test_nobody_feeds_events_for_what_she_was_not_shown(server: Running) -> None:
    slate, other = rank(server), rank(server, "viewer-2")
    unseen = next(candidate.id for candidate in CANDIDATES if candidate.id not in slate.ids)
    event = EventInput("hide", slate.ids[0])
    forged = slate.feedback_token[:-1] + bytes([slate.feedback_token[-1] ^ 1])
    assert fates(tell(server, slate, [EventInput("hide", unseen)])) == [("REFUSED", "FEEDBACK_NOT_SHOWN")]
    assert fates(tell(server, slate, [event], viewer="viewer-2")) == [("REFUSED", "FEEDBACK_VIEWER")]
    assert fates(tell(server, slate, [event], token=other.feedback_token)) == [("REFUSED", "FEEDBACK_VIEWER")]
    assert fates(tell(server, slate, [event], token=forged)) == [("REFUSED", "TOKEN_FOREIGN")]
    assert fates(tell(server, slate, [event], token=b"short")) == [("REFUSED", "TOKEN_MALFORMED")]
    assert server.service.desk.events.count == 0


def test_a_batch_has_an_outcome_for_everybody_and_one_refusal_keeps_no_other_out(server: Running) -> None:
    slates = [rank(server, f"viewer-{at}") for at in range(4)]
    batch = [
        Feedback(f"viewer-{at if at != 2 else 0}", slate.feedback_token, (EventInput("click", slate.ids[0]),))
        for at, slate in enumerate(slates)
    ]
    with server.client() as client:
        outcomes = client.feedback.record_all(batch)
    assert [of_one[0].status for of_one in outcomes] == ["ACCEPTED", "ACCEPTED", "REFUSED", "ACCEPTED"]
    assert outcomes[2][0].say("fr") != outcomes[2][0].say("en") != ""
    assert server.service.desk.events.count == 3


def test_a_dry_run_gives_no_token_to_feed_back(server: Running) -> None:
    with server.client() as client:
        slate = client.rank(
            surface="video", viewer_id=VIEWER, candidates=CANDIDATES, columns=COLUMNS, limit=3, dry_run=True
        )
    assert slate.feedback_token == b""
    assert fates(tell(server, slate, [EventInput("like", slate.ids[0])])) == [("REFUSED", "TOKEN_MALFORMED")]


def test_a_call_of_the_wrong_shape_is_refused_as_a_whole(server: Running) -> None:
    with server.client() as client, pytest.raises(RankdCallError) as caught:
        client.feedback.record_all([])
    assert (caught.value.status, caught.value.reason) == ("INVALID_ARGUMENT", "FEEDBACK_EMPTY")
    assert caught.value.fields == ("feedback",)


def test_a_flood_of_feedback_is_pushed_back_delays_no_feed_and_loses_nothing(server: Running) -> None:
    slate = rank(server)
    with ExitStack() as opened, ExitStack() as held:
        channel = opened.enter_context(grpc.insecure_channel(server.address))
        client = opened.enter_context(server.client())
        held.enter_context(server.service.recorder.hold())
        stub = feedback_service_pb2_grpc.FeedbackServiceStub(channel)
        calls = [stub.RecordEvents.future(click(slate, str(at)), timeout=30.0) for at in range(_AT_ONCE)]
        while not metric(server, "rankd_waiting_feedback 64.0"):
            assert not any(call.done() for call in calls)
        with pytest.raises(RankdCallError) as caught:
            client.feedback.record(VIEWER, slate.feedback_token, [EventInput("like", slate.ids[0], id="beyond")])
        assert (caught.value.status, caught.value.reason) == ("RESOURCE_EXHAUSTED", "OVERLOADED")
        assert caught.value.retryable
        assert server.rank_message(small_message("meanwhile"), timeout=5.0).slate
        # A buffer keeps what could not be taken on, and sends it once there is room.
        buffer = opened.enter_context(FeedbackBuffer(client.feedback, interval_s=0.01))
        assert buffer.add(Feedback(VIEWER, slate.feedback_token, (EventInput("reply", slate.ids[1], id="kept"),)))
        while not metric(server, 'rankd_refusals_total{method="RecordEvents",reason="OVERLOADED"} 2.0'):
            assert server.service.desk.events.count == 0
        held.close()
        statuses = [call.result().outcomes[0].status for call in calls]
        assert buffer.close(10) == ()
    assert sorted(statuses) == [wire.EVENT_STATUS_ACCEPTED] + [wire.EVENT_STATUS_DUPLICATE] * (_AT_ONCE - 1)
    ids = {event.id for _, record in server.service.desk.events.since(0) if record for event in record.events}
    assert "kept" in ids
    assert "beyond" not in ids


def test_a_full_disk_acknowledges_nothing_and_the_same_call_succeeds_once_there_is_space(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    slate = rank(server)
    events = [EventInput("like", slate.ids[0])]
    with monkeypatch.context() as patch:
        patch.setattr("rankd.store.disk.Disk.write", full)
        with pytest.raises(RankdCallError) as caught:
            tell(server, slate, events)
    assert (caught.value.status, caught.value.reason) == ("UNAVAILABLE", "RECORDS_UNAVAILABLE")
    assert caught.value.retryable
    assert metric(server, "rankd_unrecordable_decisions_total 0.0")
    assert fates(tell(server, slate, events)) == [("ACCEPTED", "")]
    assert server.service.desk.events.count == 1


def test_feedback_has_its_health_and_can_be_read_by_reflection(server: Running) -> None:
    with grpc.insecure_channel(server.address) as channel:
        check = health_pb2_grpc.HealthStub(channel).Check
        status = check(health_pb2.HealthCheckRequest(service=feedback_service.NAME), timeout=5).status
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        request = reflection_pb2.ServerReflectionRequest(list_services="")
        answer = next(iter(stub.ServerReflectionInfo(iter([request]), timeout=5)))
    assert status == health_pb2.HealthCheckResponse.SERVING
    assert feedback_service.NAME in {service.name for service in answer.list_services_response.service}


def test_a_message_that_is_none_is_refused_and_gives_nobody_away(
    server: Running, caplog: pytest.LogCaptureFixture
) -> None:
    with grpc.insecure_channel(server.address) as channel:
        call = channel.unary_unary(f"/{feedback_service.NAME}/RecordEvents", bytes, bytes)
        with pytest.raises(grpc.RpcError) as caught:
            call(b"\x12\x0a\x0aviewer-1\xff", timeout=5.0)
    error = call_error(caught.value, server.address)
    assert (error.status, error.reason) == ("INVALID_ARGUMENT", "MESSAGE_MALFORMED")
    assert "viewer-1" not in caplog.text + error.message
