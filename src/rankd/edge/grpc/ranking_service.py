"""RankingService: rank, explain, and what a surface needs."""

from collections.abc import Callable

from rankd.core.errors import RequestError, ServiceError
from rankd.edge.config import Config, Role
from rankd.edge.grpc.answers import rank_response, surface_response
from rankd.edge.grpc.convert import read_rank_request
from rankd.edge.grpc.dispatch import Call, Method
from rankd.edge.grpc.explanations import explain_response
from rankd.edge.grpc.load import Lane
from rankd.edge.http.metrics import Metrics
from rankd.usecases.serve.disclosure import disclose
from rankd.usecases.serve.explain import Explainer
from rankd.usecases.serve.rank import Ranker
from rankd.v1 import ranking_service_pb2 as wire

NAME = "rankd.v1.RankingService"

_FEED: frozenset[Role] = frozenset({"feed"})
_FEED_OR_AUDIT: frozenset[Role] = frozenset({"feed", "audit"})


class RankingCalls:
    """What the methods of RankingService do.

    Args:
        ranker: Ranks and records.
        explainer: Explains.
        config: For the limits that GetSurface tells.
        clock_ms: The server's clock, milliseconds since 1970.
        metrics: Where decisions are counted.

    Attributes:
        recording: Whether the last decision could be recorded; true at first, for the log is open.
    """

    def __init__(
        self, ranker: Ranker, explainer: Explainer, config: Config, clock_ms: Callable[[], int], metrics: Metrics
    ) -> None:
        self.recording = True
        self._ranker = ranker
        self._explainer = explainer
        self._config = config
        self._clock_ms = clock_ms
        self._metrics = metrics

    def methods(self, rank_lane: Lane, read_lane: Lane) -> tuple[Method, ...]:
        """Return the methods; Rank and Explain compute, each in its own lane."""
        return (
            Method("Rank", wire.RankRequest, _FEED, rank_lane, self.rank),
            Method("Explain", wire.ExplainRequest, _FEED_OR_AUDIT, read_lane, self.explain),
            Method("GetSurface", wire.GetSurfaceRequest, _FEED, None, self.get_surface),
        )

    def rank(self, message: wire.RankRequest, call: Call) -> wire.RankResponse:
        """Rank a request; the decision is on disk when this returns."""
        call.request_id = message.request_id
        if self._ranker.book.find(message.surface) is not None:
            call.surface = message.surface
        incoming = read_rank_request(message, call.caller.identity, self._ranker.bounds, self._clock_ms)
        try:
            answer = self._ranker.rank(incoming, dry_run=message.dry_run, time_left_s=call.time_left_s)
        except ServiceError as error:
            self.recording = self.recording and error.reason != "RECORDS_UNAVAILABLE"
            raise
        if not message.dry_run:
            self.recording = True
            degraded = (entry.reason for entry in answer.decided.decision.degraded)
            self._metrics.count_decision(call.surface, degraded, proven=answer.proof is not None)
        return rank_response(answer)

    def explain(self, message: wire.ExplainRequest, call: Call) -> wire.ExplainResponse:
        """Explain a recorded decision to its viewer's feed, or to an auditor, who need not name the viewer."""
        if not message.viewer_id and "audit" not in call.caller.roles:
            raise RequestError("VIEWER_NEEDED", field="viewer_id")
        explained = self._explainer.explain(message.decision_id, message.viewer_id or None, list(message.candidate_ids))
        return explain_response(explained, disclose(explained))

    def get_surface(self, message: wire.GetSurfaceRequest, _call: Call) -> wire.GetSurfaceResponse:
        """Tell what a surface is served with and needs."""
        return surface_response(self._ranker.book.snapshot(message.surface), self._config)
