"""Too much, too late, no disk, the end: what the service does when it cannot do its work."""

import errno
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from rankd.client import RankdCallError, RankdClient
from rankd.client.errors import call_error
from rankd.forest.engine import Engine, choose_engine
from rankd.forest.matrix import FeatureMatrix, Margins
from rankd.forest.sealed import SealedModel
from rankd.v1 import policy_service_pb2 as policies
from rankd.v1 import policy_service_pb2_grpc, ranking_service_pb2_grpc
from tests.integration.service.conftest import Gate, Running, Start, small_message

GATES: list[Gate] = []


class Broken(Engine):
    """An engine with a defect that would give a viewer away."""

    name = "broken"

    def margins(self, _features: FeatureMatrix) -> Margins:
        raise KeyError(small_message().viewer_id, small_message().candidates[3].id)


@pytest.fixture
def gate_of() -> Callable[[SealedModel], Engine]:
    """Return an engine maker whose engine waits at its gate; the gates made stand in `GATES`."""
    GATES.clear()

    def make(model: SealedModel) -> Engine:
        GATES.append(Gate(choose_engine(model)))
        return GATES[-1]

    return make


def health(server: Running, service: str = "") -> int:
    with grpc.insecure_channel(server.address) as channel:
        check = health_pb2_grpc.HealthStub(channel).Check
        return int(check(health_pb2.HealthCheckRequest(service=service), timeout=5).status)


def test_health_is_told_overall_and_per_service(server: Running) -> None:
    for service in ("", "rankd.v1.RankingService", "rankd.v1.PolicyService"):
        assert health(server, service) == health_pb2.HealthCheckResponse.SERVING


def test_the_contract_can_be_read_by_reflection(server: Running) -> None:
    with grpc.insecure_channel(server.address) as channel:
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        request = reflection_pb2.ServerReflectionRequest(list_services="")
        answer = next(iter(stub.ServerReflectionInfo(iter([request]), timeout=5)))
    names = {service.name for service in answer.list_services_response.service}
    assert {"rankd.v1.RankingService", "rankd.v1.PolicyService", "grpc.health.v1.Health"} <= names


def test_beyond_the_queue_calls_are_refused_at_once_and_health_still_answers(
    start: Start, gate_of: Callable[[SealedModel], Engine]
) -> None:
    server = start(engine=gate_of, concurrency=1, queue=1)
    with ThreadPoolExecutor(2) as pool:
        running = pool.submit(server.rank_message, small_message("running"))
        assert GATES[0].entered.acquire(timeout=5)
        waiting = pool.submit(server.rank_message, small_message("waiting"))
        while server.service.metrics.text().find(b"rankd_waiting_ranks 1.0") < 0:
            time.sleep(0.01)
        began = time.monotonic()
        refusal = server.refusal(small_message("refused"))
        assert time.monotonic() - began < 2
        assert health(server) == health_pb2.HealthCheckResponse.SERVING
        with grpc.insecure_channel(server.address) as channel:
            status = policy_service_pb2_grpc.PolicyServiceStub(channel).GetStatus(
                policies.GetStatusRequest(), timeout=5
            )
        GATES[0].open.set()
        assert running.result().decision_id == "dev.test/1"
        assert waiting.result().decision_id == "dev.test/2"
    assert (refusal.status, refusal.reason) == ("RESOURCE_EXHAUSTED", "OVERLOADED")
    assert refusal.retry_after_s == 0.1
    assert refusal.retryable
    assert status.decision_count == 0


def test_a_call_waits_for_its_turn_no_longer_than_its_deadline(
    start: Start, gate_of: Callable[[SealedModel], Engine]
) -> None:
    server = start(engine=gate_of, concurrency=1, queue=5)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(server.rank_message, small_message("running"))
        assert GATES[0].entered.acquire(timeout=5)
        with pytest.raises(grpc.RpcError) as caught:
            server.rank_message(small_message("late"), timeout=0.2)
        GATES[0].open.set()
        running.result()
    assert call_error(caught.value, server.address).status == "DEADLINE_EXCEEDED"
    server.stop()
    assert server.service.desk.decisions.count == 1


def test_a_call_whose_deadline_passes_while_it_is_computed_is_not_recorded(
    start: Start, gate_of: Callable[[SealedModel], Engine]
) -> None:
    server = start(engine=gate_of)
    with pytest.raises(grpc.RpcError) as caught:
        server.rank_message(small_message("late"), timeout=0.3)
    assert call_error(caught.value, server.address).status == "DEADLINE_EXCEEDED"
    GATES[0].open.set()
    server.stop()
    assert server.service.desk.decisions.count == 0


def test_a_call_that_hangs_up_is_not_recorded(start: Start, gate_of: Callable[[SealedModel], Engine]) -> None:
    server = start(engine=gate_of)
    with grpc.insecure_channel(server.address) as channel:
        call = ranking_service_pb2_grpc.RankingServiceStub(channel).Rank.future(small_message())
        assert GATES[0].entered.acquire(timeout=5)
        call.cancel()  # type: ignore[no-untyped-call]
        while b'code="CANCELLED"' not in server.service.metrics.text():
            time.sleep(0.01)
    GATES[0].open.set()
    server.stop()
    assert server.service.desk.decisions.count == 0


def test_a_late_request_can_be_repeated_under_its_id(start: Start, gate_of: Callable[[SealedModel], Engine]) -> None:
    server = start(engine=gate_of)
    with pytest.raises(grpc.RpcError):
        server.rank_message(small_message(), timeout=0.2)
    GATES[0].open.set()
    assert server.rank_message(small_message()).decision_id == "dev.test/1"


def test_the_client_repeats_an_overloaded_call_and_it_is_decided_once(
    start: Start, gate_of: Callable[[SealedModel], Engine]
) -> None:
    server = start(engine=gate_of, concurrency=1, queue=0)
    with ThreadPoolExecutor(1) as pool, server.client(retries=8) as client:
        running = pool.submit(server.rank_message, small_message("running"))
        assert GATES[0].entered.acquire(timeout=5)
        threading.Timer(0.2, GATES[0].open.set).start()
        slate = client.rank_json(
            '{"surface": "video", "viewer_id": "v", "request_id": "again", "mode": 2, "limit": 1,'
            ' "candidates": [{"id": "a"}]}'
        )
        running.result()
    assert slate.ids == ("a",)
    assert server.service.desk.decisions.count == 2


def test_a_full_disk_makes_calls_unavailable_until_space_returns(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("rankd.store.disk.Disk.write", full)
        refusal = server.refusal(small_message())
        with server.client() as client:
            assert not client.status().recording
    assert (refusal.status, refusal.reason) == ("UNAVAILABLE", "RECORDS_UNAVAILABLE")
    assert refusal.retryable
    assert b"rankd_unrecordable_decisions_total 1.0" in server.service.metrics.text()
    assert b"rankd_decisions_unlogged_total 0.0" in server.service.metrics.text()
    assert server.rank_message(small_message()).decision_id == "dev.test/1"
    with server.client() as client:
        assert client.status().recording


def test_a_defect_gives_the_caller_a_number_and_nobody_an_id(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    server = start(engine=lambda _: Broken())
    refusal = server.refusal(small_message())
    assert (refusal.status, refusal.reason) == ("INTERNAL", "INTERNAL")
    assert refusal.metadata["request_id"] == "r1"
    assert refusal.metadata["incident"] in caplog.text
    assert "KeyError" in caplog.text
    assert "viewer-1" not in caplog.text + refusal.message
    assert "p3" not in caplog.text


def test_a_stop_lets_calls_finish_and_takes_no_new_ones(start: Start, gate_of: Callable[[SealedModel], Engine]) -> None:
    server = start(engine=gate_of)
    with ThreadPoolExecutor(2) as pool:
        running = pool.submit(server.rank_message, small_message("running"))
        assert GATES[0].entered.acquire(timeout=5)
        stopped = pool.submit(server.stop)
        while server.server.serving:
            time.sleep(0.01)
        assert health(server) == health_pb2.HealthCheckResponse.NOT_SERVING
        refusal = server.refusal(small_message("new"))
        GATES[0].open.set()
        assert running.result().decision_id == "dev.test/1"
        assert stopped.result()
    assert (refusal.status, refusal.reason) == ("UNAVAILABLE", "SHUTTING_DOWN")


def test_a_stop_cuts_off_what_outlasts_the_drain(start: Start, gate_of: Callable[[SealedModel], Engine]) -> None:
    server = start(engine=gate_of, drain_s=0)
    with ThreadPoolExecutor(2) as pool:
        running = pool.submit(server.rank_message, small_message())
        assert GATES[0].entered.acquire(timeout=5)
        stopped = pool.submit(server.stop)
        with pytest.raises(grpc.RpcError):
            running.result()
        GATES[0].open.set()
        assert not stopped.result()
    assert server.service.desk.decisions.count == 0


def test_a_watched_health_does_not_hold_up_a_stop(server: Running) -> None:
    with grpc.insecure_channel(server.address) as channel:
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
        assert next(watch).status == health_pb2.HealthCheckResponse.SERVING
        began = time.monotonic()
        assert server.stop()
        assert time.monotonic() - began < 4
        assert next(watch).status == health_pb2.HealthCheckResponse.NOT_SERVING


def test_a_closed_port_is_said_in_words() -> None:
    with RankdClient("127.0.0.1:1", retries=1, timeout_s=1) as client, pytest.raises(RankdCallError) as caught:
        client.status()
    assert (caught.value.status, caught.value.reason) == ("UNAVAILABLE", "SERVER_UNREACHABLE")
    assert "127.0.0.1:1" in caught.value.say("fr")
