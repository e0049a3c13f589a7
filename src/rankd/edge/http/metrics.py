"""Metrics: what the service counts about itself. No label ever holds an id."""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

_DURATIONS_S = (0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 10.0)
_RANK = ("rankd.v1.RankingService", "Rank")


class _Readings(Collector):
    """Numbers that are read where they stand, at the moment of the scrape."""

    def __init__(self) -> None:
        self._readings: list[tuple[type[GaugeMetricFamily | CounterMetricFamily], str, str, Callable[[], float]]] = []

    def add(
        self,
        kind: type[GaugeMetricFamily | CounterMetricFamily],
        name: str,
        meaning: str,
        read: Callable[[], float],
    ) -> None:
        self._readings.append((kind, name, meaning, read))

    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        for kind, name, meaning, read in self._readings:
            yield kind(name, meaning, value=read())


class Metrics:
    """The service's counters, in a registry of their own. Safe to use from many threads."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._readings = _Readings()
        self._registry.register(self._readings)
        self._duration = Histogram(
            "rankd_rank_duration_seconds",
            "Time from a Rank call's arrival to its answer, waiting included.",
            ["surface"],
            buckets=_DURATIONS_S,
            registry=self._registry,
        )
        self._rank = self._counter("rankd_rank_requests", "Rank calls, by surface and status.", ["surface", "code"])
        self._calls = self._counter("rankd_calls", "Calls, by method and status.", ["method", "code"])
        self._refusals = self._counter(
            "rankd_refusals", "Refused calls, by method and reason (docs/errors.md).", ["method", "reason"]
        )
        self._decisions = self._counter(
            "rankd_decisions", "Recorded decisions that were answered; a repeated request counts again.", ["surface"]
        )
        self._unlogged = self._counter(
            "rankd_decisions_unlogged", "Answers that left without their decision in the journal: never any.", []
        )
        self._unrecordable = self._counter(
            "rankd_unrecordable_decisions", "Decisions that could not be recorded and were therefore not answered.", []
        )
        self._degraded = self._counter(
            "rankd_degraded_answers",
            "Answers that were less than they could be, by surface and why.",
            ["surface", "reason"],
        )

        self._events = self._counter(
            "rankd_feedback_events",
            "Events of feedback, by what became of them (accepted, duplicate, refused) and why they were refused.",
            ["outcome", "reason"],
        )

    def gauge(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """Have `read` asked at every scrape: a number that rises and falls."""
        self._readings.add(GaugeMetricFamily, name, meaning, read)

    def total(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """Have `read` asked at every scrape: a number that only rises; `_total` is put after its name."""
        self._readings.add(CounterMetricFamily, name, meaning, read)

    def count_call(self, service: str, method: str, surface: str, code: str, duration_s: float) -> None:
        """Count one call.

        Args:
            service: Full name of the service.
            method: Name of the method.
            surface: A surface that exists, or "" where none was reached.
            code: Name of the gRPC status.
            duration_s: From arrival to answer, seconds.
        """
        self._calls.labels(method, code).inc()
        if (service, method) == _RANK:
            self._rank.labels(surface, code).inc()
            self._duration.labels(surface).observe(duration_s)

    def count_refusal(self, method: str, reason: str) -> None:
        """Count one refused call."""
        self._refusals.labels(method, reason).inc()
        if (method, reason) == ("Rank", "RECORDS_UNAVAILABLE"):
            self._unrecordable.inc()

    def count_decision(self, surface: str, degraded: Iterable[str], *, proven: bool) -> None:
        """Count one answered decision and the reasons of its degradations.

        Args:
            surface: Its surface.
            degraded: The reasons.
            proven: Whether the answer carries what only a committed entry has.
        """
        self._decisions.labels(surface).inc()
        if not proven:
            self._unlogged.inc()
        for reason in degraded:
            self._degraded.labels(surface, reason).inc()

    def count_event(self, status: str, reason: str) -> None:
        """Count one event of feedback.

        Args:
            status: ACCEPTED, DUPLICATE or REFUSED.
            reason: Why it was refused, a name from the catalogue of reasons; "" where it was not.
        """
        self._events.labels(status.lower(), reason).inc()

    def text(self) -> bytes:
        """Return all metrics in the Prometheus text format."""
        return generate_latest(self._registry)

    def _counter(self, name: str, meaning: str, labels: list[str]) -> Counter:
        return Counter(name, meaning, labels, registry=self._registry)
