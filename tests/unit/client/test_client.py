"""The client: one request id for all attempts, one deadline for all attempts, and no attempt that cannot help."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import numpy as np
import pytest
from grpc_status import rpc_status

from rankd.client import CandidateInput, RankdCallError, RankdClient, Slate
from rankd.core.errors import RankdError, RequestError, ServiceError
from rankd.edge.grpc.errors import error_status
from rankd.v1 import ranking_service_pb2 as wire

Script = Callable[[int], RankdError | grpc.StatusCode | None]


class Scripted:
    """A server that refuses as its script says: by the number of the attempt, from 0."""

    def __init__(self) -> None:
        self.address = ""
        self.script: Script = lambda _: None
        self.received: list[wire.RankRequest] = []
        self.left_s: list[float] = []

    def rank(self, request: wire.RankRequest, context: grpc.ServicerContext) -> wire.RankResponse:
        self.received.append(request)
        self.left_s.append(context.time_remaining() or -1.0)
        failure = self.script(len(self.received) - 1)
        if isinstance(failure, RankdError):
            context.abort_with_status(rpc_status.to_status(error_status(failure)))
        elif failure is not None:
            context.abort(failure, "as scripted")
        return wire.RankResponse(request_id=request.request_id, decision_id="dev.test/0")


@pytest.fixture
def server() -> Iterator[Scripted]:
    scripted = Scripted()
    listening = grpc.server(ThreadPoolExecutor(4))
    rank = grpc.unary_unary_rpc_method_handler(
        scripted.rank, wire.RankRequest.FromString, wire.RankResponse.SerializeToString
    )
    listening.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("rankd.v1.RankingService", {"Rank": rank}),)
    )
    scripted.address = f"127.0.0.1:{listening.add_insecure_port('127.0.0.1:0')}"
    listening.start()
    yield scripted
    listening.stop(None).wait()


def client_of(server: Scripted, **options: object) -> RankdClient:
    return RankdClient(server.address, **options)  # type: ignore[arg-type]


def rank(client: RankdClient, **options: object) -> Slate:
    usual = {"surface": "s", "viewer_id": "v", "candidates": [CandidateInput("a")], "columns": {}, "limit": 1}
    return client.rank(**(usual | options))  # type: ignore[arg-type]


OVERLOADED = ServiceError("OVERLOADED", running=1, waiting=1)


@pytest.mark.parametrize(
    "failure",
    [
        OVERLOADED,
        ServiceError("SHUTTING_DOWN"),
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.ABORTED,
        grpc.StatusCode.CANCELLED,
    ],
)
def test_what_may_succeed_later_is_repeated_under_one_request_id(
    server: Scripted, failure: RankdError | grpc.StatusCode
) -> None:
    server.script = lambda attempt: failure if attempt < 2 else None
    with client_of(server, timeout_s=10) as client:
        slate = rank(client)
    assert len(server.received) == 3
    assert {request.request_id for request in server.received} == {slate.request_id}
    assert server.received[0] == server.received[2]


@pytest.mark.parametrize(
    "failure",
    [
        RequestError("LIMIT_OUT_OF_RANGE", field="limit", found=0, most=5),
        RequestError("REQUEST_ID_REUSED", field="request_id"),
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.DATA_LOSS,
    ],
)
def test_what_fails_the_same_way_again_is_not_repeated(server: Scripted, failure: RankdError | grpc.StatusCode) -> None:
    server.script = lambda _: failure
    with client_of(server) as client, pytest.raises(RankdCallError):
        rank(client)
    assert len(server.received) == 1


def test_repetitions_end_with_the_last_refusal(server: Scripted) -> None:
    server.script = lambda _: OVERLOADED
    with client_of(server, retries=2, timeout_s=10) as client, pytest.raises(RankdCallError) as caught:
        rank(client)
    assert len(server.received) == 3
    assert (caught.value.status, caught.value.reason) == ("RESOURCE_EXHAUSTED", "OVERLOADED")
    assert caught.value.metadata == {"running": "1", "waiting": "1"}
    assert caught.value.say("fr") == OVERLOADED.say("fr")
    assert caught.value.say("en") == OVERLOADED.say("en")


def test_all_attempts_share_one_deadline(server: Scripted) -> None:
    server.script = lambda _: OVERLOADED
    began = time.monotonic()
    with client_of(server, retries=50, timeout_s=0.5) as client, pytest.raises(RankdCallError):
        rank(client)
    assert time.monotonic() - began < 1.5
    assert len(server.received) >= 2
    assert server.left_s == sorted(server.left_s, reverse=True)
    # gRPC sends what is left rounded up.
    assert server.left_s[0] <= 0.6


def test_a_call_may_have_a_deadline_of_its_own(server: Scripted) -> None:
    with client_of(server, timeout_s=1) as client:
        rank(client, timeout_s=30)
    assert server.left_s[0] > 5


def test_a_given_request_id_is_kept_and_others_are_never_the_same(server: Scripted) -> None:
    with client_of(server) as client:
        given = rank(client, request_id="mine")
        first, second = rank(client), rank(client)
    assert given.request_id == "mine"
    assert len({"mine", first.request_id, second.request_id}) == 3


def test_a_json_request_without_an_id_gets_one(server: Scripted) -> None:
    with client_of(server) as client:
        slate = client.rank_json('{"surface": "s", "viewer_id": "v", "candidates": [{"id": "a"}], "limit": 1}')
    assert slate.request_id != ""
    assert server.received[0].candidates[0].id == "a"


def test_a_refused_field_is_named(server: Scripted) -> None:
    server.script = lambda _: RequestError("LIMIT_OUT_OF_RANGE", field="limit", found=0, most=5)
    with client_of(server) as client, pytest.raises(RankdCallError) as caught:
        rank(client)
    assert caught.value.fields == ("limit",)
    assert not caught.value.retryable


def test_many_threads_may_share_a_client(server: Scripted) -> None:
    with client_of(server, timeout_s=10) as client:
        threads = [threading.Thread(target=rank, args=(client,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len({request.request_id for request in server.received}) == 8


def test_a_closed_client_repeats_nothing(server: Scripted) -> None:
    client = client_of(server)

    def close_meanwhile(_: int) -> grpc.StatusCode:
        client.close()
        return grpc.StatusCode.UNAVAILABLE

    server.script = close_meanwhile
    with pytest.raises(RankdCallError):
        rank(client)
    assert len(server.received) == 1


def test_a_port_where_nobody_listens_is_told_in_words() -> None:
    with RankdClient("127.0.0.1:1", timeout_s=0.5) as client, pytest.raises(RankdCallError) as caught:
        client.wait_until_ready(0.2)
    assert (caught.value.status, caught.value.reason) == ("UNAVAILABLE", "SERVER_UNREACHABLE")


def test_a_column_with_two_dimensions_is_refused_before_it_is_sent(server: Scripted) -> None:
    with client_of(server) as client, pytest.raises(ValueError, match="column x has 2 dimensions"):
        rank(client, columns={"x": np.zeros((1, 1))})
    assert server.received == []
