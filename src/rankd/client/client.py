"""The client: calls with deadlines, safe retries, typed answers."""

import random
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import grpc
import numpy.typing as npt
from google.protobuf.message import Message

from rankd.client.answers import Explained, PolicyText, Slate, Status, SurfaceInfo
from rankd.client.assembly import AssemblyCalls
from rankd.client.audit import AuditCalls
from rankd.client.errors import RankdCallError, call_error
from rankd.client.feedback import FeedbackCalls
from rankd.client.reading import read_policy_text, read_slate, read_status, read_surface
from rankd.client.reading_explanation import read_explained
from rankd.client.request import CandidateInput, rank_request, rank_request_from_json
from rankd.core.ranking.request import Candidates, Mode
from rankd.v1 import policy_service_pb2 as policies
from rankd.v1 import policy_service_pb2_grpc, ranking_service_pb2_grpc
from rankd.v1 import ranking_service_pb2 as wire

_Request = TypeVar("_Request", bound=Message)
_Response = TypeVar("_Response", bound=Message)

_FIRST_PAUSE_S = 0.05
_MAX_ANSWER_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files for mutual TLS: the server's authority, and this caller's certificate chain and key."""

    server_ca: Path
    cert: Path
    key: Path

    def credentials(self) -> grpc.ChannelCredentials:
        """Read the files.

        Raises:
            OSError: One cannot be read.
        """
        return grpc.ssl_channel_credentials(
            root_certificates=self.server_ca.read_bytes(),
            private_key=self.key.read_bytes(),
            certificate_chain=self.cert.read_bytes(),
        )


class RankdClient:
    """A connection to rankd. Safe to use from many threads at once; use it as a context manager, or call `close`.

    Every call has a deadline. A call that the server could not take on (UNAVAILABLE, ABORTED, overload, a stop) is
    repeated within that deadline with the same request id, so that one request is never decided twice; the pauses
    double and are drawn at random, so that many clients do not come back together.

    Args:
        address: `host:port`.
        timeout_s: Deadline of a call, all repetitions included, unless the call says otherwise.
        retries: How many times a call is repeated at most.
        tls: For mutual TLS; None: plain text, which servers accept on loopback only.

    Attributes:
        audit: An auditor's calls: entries, checkpoints and proofs.
        assembly: A member's calls: entries into the minutes, and the minutes.
        feedback: Calls with what people did with their slates.
    """

    def __init__(self, address: str, *, timeout_s: float = 2.0, retries: int = 3, tls: TlsFiles | None = None) -> None:
        self._address = address
        self._timeout_s = timeout_s
        self._retries = retries
        self._closed = False
        options = [
            ("grpc.max_receive_message_length", _MAX_ANSWER_BYTES),
            ("grpc.max_send_message_length", -1),
            ("grpc.enable_retries", 0),
        ]
        self._channel = (
            grpc.insecure_channel(address, options)
            if tls is None
            else grpc.secure_channel(address, tls.credentials(), options)
        )
        self._ranking = ranking_service_pb2_grpc.RankingServiceStub(self._channel)
        self._policies = policy_service_pb2_grpc.PolicyServiceStub(self._channel)
        self.audit = AuditCalls(self._channel, self._call)
        self.assembly = AssemblyCalls(self._channel, self._call, address)
        self.feedback = FeedbackCalls(self._channel, self._call, address)

    def __enter__(self) -> "RankdClient":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; calls under way end with CANCELLED."""
        self._closed = True
        self._channel.close()

    def wait_until_ready(self, timeout_s: float) -> None:
        """Return once the server accepts connections.

        Raises:
            RankdCallError: It did not within `timeout_s`.
        """
        try:
            grpc.channel_ready_future(self._channel).result(timeout=timeout_s)
        except grpc.FutureTimeoutError:
            raise RankdCallError(
                "UNAVAILABLE", "SERVER_UNREACHABLE", f"{self._address} did not answer within {timeout_s} s"
            ) from None

    def rank(
        self,
        *,
        surface: str,
        viewer_id: str,
        candidates: Sequence[CandidateInput] | Candidates,
        columns: Mapping[str, npt.ArrayLike] | None = None,
        limit: int,
        request_id: str | None = None,
        mode: Mode = Mode.RANKED,
        request_time_ms: int | None = None,
        served_author_counts: Mapping[str, int] | None = None,
        sliders: Mapping[str, int] | None = None,
        dry_run: bool = False,
        timeout_s: float | None = None,
    ) -> Slate:
        """Rank candidates for one viewer.

        Args:
            surface: The surface.
            viewer_id: Pseudonymous identifier of the viewer.
            candidates: What may be shown, one by one or column by column.
            columns: By name: an array of one number per candidate, or one number for the viewer. They are sent as
                float32; NaN is "missing".
            limit: Wanted length of the slate.
            request_id: Identifier of this request; None: a random one. Give your own to repeat a request after a
                crash of yours.
            mode: The order that the viewer chose.
            request_time_ms: The request's clock, milliseconds since 1970; None: the server's.
            served_author_counts: Posts already served to the viewer, by author.
            sliders: The viewer's own settings, percent by objective.
            dry_run: Rank without recording.
            timeout_s: Deadline; None: the client's.

        Raises:
            RankdCallError: The request was refused or did not come through.
            ValueError: A column is neither a number nor a row of numbers.
        """
        message = rank_request(
            request_id=uuid.uuid4().hex if request_id is None else request_id,
            surface=surface,
            viewer_id=viewer_id,
            candidates=candidates,
            columns=columns or {},
            limit=limit,
            mode=mode,
            request_time_ms=request_time_ms,
            served_author_counts=served_author_counts or {},
            sliders=sliders or {},
            dry_run=dry_run,
        )
        return read_slate(self._call(self._ranking.Rank, message, timeout_s))

    def rank_json(self, text: str, name: str = "request", timeout_s: float | None = None) -> Slate:
        """Rank a request written as JSON in the field names of the contract; without a request_id it gets one.

        Args:
            text: The JSON text.
            name: What to call it in a refusal.
            timeout_s: Deadline; None: the client's.

        Raises:
            RequestError: The text says no request.
            RankdCallError: The request was refused or did not come through.
        """
        message = rank_request_from_json(text, name)
        if not message.request_id:
            message.request_id = uuid.uuid4().hex
        return read_slate(self._call(self._ranking.Rank, message, timeout_s))

    @staticmethod
    def viewer_of_json(text: str, name: str = "request") -> str:
        """Return the viewer that a JSON request names.

        Raises:
            RequestError: The text says no request.
        """
        return rank_request_from_json(text, name).viewer_id

    def explain(
        self,
        decision_id: str,
        *,
        viewer_id: str = "",
        candidate_ids: Sequence[str] = (),
        timeout_s: float | None = None,
    ) -> Explained:
        """Explain a recorded decision.

        Args:
            decision_id: As the slate gave it.
            viewer_id: The viewer whose decision it is; only an auditor may leave it out.
            candidate_ids: Which candidates; empty: the shown slate.
            timeout_s: Deadline; None: the client's.

        Raises:
            RankdCallError: The call was refused or did not come through.
        """
        message = wire.ExplainRequest(decision_id=decision_id, viewer_id=viewer_id, candidate_ids=candidate_ids)
        return read_explained(self._call(self._ranking.Explain, message, timeout_s))

    def get_surface(self, surface: str, timeout_s: float | None = None) -> SurfaceInfo:
        """Return what a surface is served with and needs; call it at start and compare.

        Raises:
            RankdCallError: The call was refused or did not come through.
        """
        return read_surface(self._call(self._ranking.GetSurface, wire.GetSurfaceRequest(surface=surface), timeout_s))

    def get_policy(self, surface: str, canon_digest: str = "", timeout_s: float | None = None) -> PolicyText:
        """Return a policy's text: the one in force, or one that was served before.

        Raises:
            RankdCallError: The call was refused or did not come through.
        """
        message = policies.GetPolicyRequest(surface=surface, canon_digest=canon_digest)
        return read_policy_text(self._call(self._policies.GetPolicy, message, timeout_s))

    def status(self, timeout_s: float | None = None) -> Status:
        """Return the server's status.

        Raises:
            RankdCallError: The call was refused or did not come through.
        """
        return read_status(self._call(self._policies.GetStatus, policies.GetStatusRequest(), timeout_s))

    def _call(
        self,
        method: "grpc.UnaryUnaryMultiCallable[_Request, _Response]",
        message: _Request,
        timeout_s: float | None,
    ) -> _Response:
        left_s = _countdown(self._timeout_s if timeout_s is None else timeout_s)
        for attempt in range(self._retries + 1):
            try:
                return method(message, timeout=max(0.0, left_s()))
            except grpc.RpcError as error:
                failure = call_error(error, self._address)
                pause_s = _FIRST_PAUSE_S * 2**attempt * random.uniform(0.5, 1.0)  # noqa: S311 (no secret depends on it)
                pause_s = max(pause_s, failure.retry_after_s or 0.0)
                if not failure.retryable or self._closed or attempt == self._retries or pause_s >= left_s():
                    raise failure from error
            time.sleep(pause_s)
        raise AssertionError("unreachable: the last attempt returns or raises")


def _countdown(timeout_s: float) -> Callable[[], float]:
    end_s = time.monotonic() + timeout_s
    return lambda: end_s - time.monotonic()
