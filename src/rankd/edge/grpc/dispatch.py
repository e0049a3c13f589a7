"""The one path of every call: who calls, may they, is there room, is there time, what is refused and how it is said."""

import asyncio
import logging
import secrets
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import grpc
from google.protobuf.message import Message
from grpc_status import rpc_status

from rankd.core.errors import RankdError, ServiceError
from rankd.core.words.reasons.reason import Kind
from rankd.edge.config import Role
from rankd.edge.grpc.convert import parse
from rankd.edge.grpc.errors import STATUS, error_status
from rankd.edge.grpc.identity import LOCAL, Caller, identify
from rankd.edge.grpc.load import Lane, Traffic
from rankd.edge.http.metrics import Metrics

_LOG = logging.getLogger(__name__)
_FOREVER = float("inf")
_TROUBLE = {Kind.DATA_LOSS, Kind.UNAVAILABLE}
"""What is the operator's to mend, and therefore logged."""


class Call:
    """What one call carries beside its message.

    Attributes:
        caller: Who calls.
        surface: The surface served, for metrics; set by the method once it is known to exist.
        request_id: The caller's request id, for its own error reports; set by the method.
    """

    __slots__ = ("_abandoned", "_deadline_s", "caller", "request_id", "surface")

    def __init__(self, caller: Caller, time_left_s: float) -> None:
        self.caller = caller
        self.surface = ""
        self.request_id = ""
        self._deadline_s = time.monotonic() + time_left_s
        self._abandoned = False

    def time_left_s(self) -> float:
        """Return how long the caller still waits; 0 once it hung up. Safe to call from any thread."""
        return 0.0 if self._abandoned else self._deadline_s - time.monotonic()

    def abandon(self) -> None:
        """Note that the caller hung up."""
        self._abandoned = True


@dataclass(frozen=True, slots=True)
class House:
    """What all calls of a server share.

    Attributes:
        callers: Roles by identity; None: no TLS, every caller is local.
        traffic: The calls under way.
        metrics: Where calls are counted.
    """

    callers: Mapping[str, frozenset[Role]] | None
    traffic: Traffic
    metrics: Metrics


@dataclass(frozen=True, slots=True)
class Method:
    """One method of a service.

    Attributes:
        name: Its name in the contract.
        request: Its request message.
        roles: Who may call it: one of these roles; none: every known caller.
        lane: Where it runs; None: at once on the event loop, for what neither computes nor reads files.
        handle: What it does; it runs in a thread of the lane.
    """

    name: str
    request: type[Message]
    roles: frozenset[Role]
    lane: Lane | None
    handle: Callable[[Any, Call], Message]


def service_handler(service: str, methods: Sequence[Method], house: House) -> "grpc.GenericRpcHandler[Any, Any]":
    """Return the gRPC handler of a service.

    Messages are parsed and written by the method's thread, not by the event loop: a refused call costs no parsing.

    Args:
        service: Full name, such as `rankd.v1.RankingService`.
        methods: Its methods.
        house: What all calls share.
    """
    handlers = {
        method.name: grpc.unary_unary_rpc_method_handler(_behaviour(service, method, house)) for method in methods
    }
    return grpc.method_handlers_generic_handler(service, handlers)


def _behaviour(service: str, method: Method, house: House) -> Callable[[bytes, Any], Any]:
    async def attempt(data: bytes, context: Any, call: Call) -> bytes | RankdError:
        try:
            with house.traffic.call():
                call.caller = identify({} if house.callers is None else context.auth_context(), house.callers)
                call.caller.require(method.roles)
                work = partial(_work, method, data, call)
                return work() if method.lane is None else await method.lane.run(work, call.time_left_s)
        except RankdError as error:
            return error
        except Exception as error:  # noqa: BLE001 (the caller gets a fixed text, the log where it arose)
            return _incident(error, method, call)

    async def serve(data: bytes, context: Any) -> bytes:
        left = context.time_remaining()
        call = Call(LOCAL, _FOREVER if left is None else left)
        started_s = time.perf_counter()

        def count(code: grpc.StatusCode) -> None:
            house.metrics.count_call(service, method.name, call.surface, code.name, time.perf_counter() - started_s)

        try:
            outcome = await attempt(data, context, call)
        except asyncio.CancelledError:
            call.abandon()
            count(grpc.StatusCode.CANCELLED)
            raise
        if isinstance(outcome, bytes):
            count(grpc.StatusCode.OK)
            return outcome
        count(STATUS[outcome.kind])
        house.metrics.count_refusal(method.name, outcome.reason)
        if outcome.kind in _TROUBLE:
            _LOG.error("refused method=%s reason=%s", method.name, outcome.reason)
        status = rpc_status.to_status(error_status(outcome))
        await context.abort(status.code, status.details, status.trailing_metadata)
        raise AssertionError("unreachable: abort raises")

    return serve


def _work(method: Method, data: bytes, call: Call) -> bytes:
    return method.handle(parse(method.request, data), call).SerializeToString()


def _incident(error: Exception, method: Method, call: Call) -> ServiceError:
    """Log an error that nobody expected, and return what the caller is told about it.

    The log gets the kind of error and where it arose, never its message, which may hold a viewer's or candidate's id.
    """
    incident = secrets.token_hex(6)
    frames = "".join(traceback.format_tb(error.__traceback__))
    _LOG.error("incident=%s method=%s error=%s\n%s", incident, method.name, type(error).__name__, frames)
    return ServiceError("INTERNAL", incident=incident, request_id=call.request_id)
