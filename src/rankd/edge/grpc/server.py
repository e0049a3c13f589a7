"""The gRPC server: services, health, reflection, bounded load, and a stop that lets calls finish."""

import asyncio
from collections.abc import Callable

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from rankd.core.errors import ServiceError
from rankd.edge.grpc import assembly_service, audit_service, feedback_service, policy_service, ranking_service
from rankd.edge.grpc.credentials import server_credentials
from rankd.edge.grpc.dispatch import House, service_handler
from rankd.edge.grpc.load import Lane, Traffic
from rankd.edge.service import Service

_READ_CONCURRENCY = 2
_READ_QUEUE = 32
_SUBMIT_CONCURRENCY = 1
_SUBMIT_QUEUE = 64
"""Anybody who may submit can make signatures be checked and texts be read: one thread of that never starves ranking."""

_FEEDBACK_CONCURRENCY = 2
_FEEDBACK_QUEUE = 64
"""Calls that wait for the disk share its commits; beyond the queue, backends keep their events and come again."""

_FLUSH_S = 1.0
"""How long answers that are already made may take to leave, and streams (health watches) to end."""

_MAX_ANSWER_BYTES = 64 * 1024 * 1024
_SPARE_STREAMS = 100
_MIN_PING_INTERVAL_MS = 10_000

_NAMES = (
    ranking_service.NAME,
    policy_service.NAME,
    audit_service.NAME,
    assembly_service.NAME,
    feedback_service.NAME,
)
_SERVING = health_pb2.HealthCheckResponse.SERVING


class GrpcServer:
    """One gRPC server over a service. Belongs to the event loop in which it is made.

    Args:
        service: What it serves.

    Attributes:
        port: The port it listens on, once started.
        serving: Whether it takes calls.
    """

    def __init__(self, service: Service) -> None:
        config = service.config
        self.port = 0
        self.serving = False
        self._config = config
        self._rank_lane = Lane("rank", config.server.concurrency, config.server.queue)
        self._read_lane = Lane("read", _READ_CONCURRENCY, _READ_QUEUE)
        self._submit_lane = Lane("submit", _SUBMIT_CONCURRENCY, _SUBMIT_QUEUE)
        self._feedback_lane = Lane("feedback", _FEEDBACK_CONCURRENCY, _FEEDBACK_QUEUE)
        self._traffic = Traffic()
        self._health = health.aio.HealthServicer()  # type: ignore[attr-defined]  # the stubs do not know it
        self._server = grpc.aio.server(options=_options(service))
        log = service.signing.log.verifier
        ranking = ranking_service.RankingCalls(
            service.desk.ranker, service.desk.explainer, config, service.clock_ms, service.metrics
        )
        policies = policy_service.PolicyCalls(
            service.book,
            service.desk,
            log,
            service.archive,
            service.clock_ms,
            lambda: ranking.recording,
            None if service.gate is None else service.gate.status,
        )
        audits = audit_service.AuditCalls(service.desk.decisions, log)
        assemblies = assembly_service.AssemblyCalls(service.keeper, config.requests, service.clock_ms)
        submissions = assemblies.methods(self._submit_lane, self._read_lane)
        feedback = feedback_service.FeedbackCalls(service.recorder, service.clock_ms, service.metrics)
        house = House(None if config.tls is None else config.callers, self._traffic, service.metrics)
        self._server.add_generic_rpc_handlers(
            (
                service_handler(ranking_service.NAME, ranking.methods(self._rank_lane, self._read_lane), house),
                service_handler(policy_service.NAME, policies.methods(self._read_lane), house),
                service_handler(audit_service.NAME, audits.methods(self._read_lane), house),
                service_handler(assembly_service.NAME, submissions, house),
                service_handler(feedback_service.NAME, feedback.methods(self._feedback_lane), house),
            )
        )
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        reflection.enable_server_reflection((*_NAMES, health.SERVICE_NAME, reflection.SERVICE_NAME), self._server)
        service.metrics.gauge("rankd_inflight_calls", "Calls under way.", lambda: self._traffic.inflight)
        service.metrics.gauge("rankd_running_ranks", "Requests being ranked.", lambda: self._rank_lane.running)
        service.metrics.gauge("rankd_waiting_ranks", "Requests waiting to be ranked.", lambda: self._rank_lane.waiting)
        service.metrics.gauge(
            "rankd_waiting_submissions",
            "Entries waiting to be taken into the minutes.",
            lambda: self._submit_lane.waiting,
        )
        service.metrics.gauge(
            "rankd_waiting_feedback",
            "Calls with events of feedback that wait to be recorded.",
            lambda: self._feedback_lane.waiting,
        )

    async def start(self) -> None:
        """Listen and serve.

        Raises:
            ServiceError: The address is not free, or the TLS files are of no use.
        """
        address, tls = self._config.server.address, self._config.tls
        try:
            if tls is None:
                self.port = self._server.add_insecure_port(address)
            else:
                self.port = self._server.add_secure_port(address, server_credentials(tls))
        except RuntimeError as error:
            raise ServiceError("ADDRESS_UNAVAILABLE", key="server.address", found=address) from error
        await self._server.start()
        for name in ("", *_NAMES):
            await self._health.set(name, _SERVING)
        self.serving = True

    async def stop(self, drain_s: float) -> bool:
        """Say NOT_SERVING, refuse new calls, let those under way finish, and stop.

        A call that is cut off after `drain_s` is not recorded, unless its record was already being written.

        Returns:
            Whether all of them finished.
        """
        self.serving = False
        await self._health.enter_graceful_shutdown()
        finished = await self._traffic.drain(drain_s)
        await self._server.stop(_FLUSH_S if finished else 0)
        lanes = (self._rank_lane, self._read_lane, self._submit_lane, self._feedback_lane)
        await asyncio.gather(*(lane.close() for lane in lanes))
        return finished


def _options(service: Service) -> list[tuple[str, int]]:
    server = service.config.server
    largest = 0 if service.keeper is None else assembly_service.MAX_REQUEST_BYTES
    return [
        ("grpc.max_receive_message_length", max(server.max_request_bytes, largest)),
        ("grpc.max_send_message_length", _MAX_ANSWER_BYTES),
        # One connection cannot have more messages in memory than the service could take on.
        ("grpc.max_concurrent_streams", server.concurrency + server.queue + _SPARE_STREAMS),
        # Two processes on one port would share its calls, one of them unnoticed.
        ("grpc.so_reuseport", 0),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", _MIN_PING_INTERVAL_MS),
    ]


async def serve(service: Service, ready: Callable[[GrpcServer], None], stop: asyncio.Event) -> bool:
    """Serve until `stop` is set, then drain.

    Args:
        service: What to serve.
        ready: Called once the server listens.
        stop: Set it from the same event loop.

    Returns:
        Whether every call under way could finish.

    Raises:
        ServiceError: It could not begin to listen.
    """
    server = GrpcServer(service)
    await server.start()
    try:
        ready(server)
        await stop.wait()
    finally:
        finished = await server.stop(service.config.server.drain_s)
    return finished
