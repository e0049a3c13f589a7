"""The service put together: everything that a running one holds, opened in order and closed in reverse."""

import time
from collections.abc import Callable
from contextlib import ExitStack

from rankd.core.errors import ServiceError
from rankd.edge.config import Config
from rankd.edge.http.metrics import Metrics
from rankd.forest.engine import Engine, choose_engine
from rankd.forest.sealed import SealedModel
from rankd.store.archive import Archive
from rankd.store.decision_log import DecisionLog
from rankd.store.epoch import open_epoch
from rankd.usecases.rank import Ranker
from rankd.usecases.recent import RecentDecisions
from rankd.usecases.surfaces import SurfaceBook

WORKER = "w1"
"""One process holds a data directory at a time, so one name for workers is enough."""

POLL_INTERVAL_S = 1.0


def wall_clock_ms() -> int:
    """Return the machine's clock, milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class Service:
    """What a running service holds. Use it as a context manager.

    Args:
        config: The configuration.
        clock_ms: The server's clock, milliseconds since 1970.
        poll_interval_s: How often the folders are looked at; a change is taken up when two looks agree.
        engine: What evaluates a model.

    Attributes:
        config: The configuration.
        clock_ms: The server's clock.
        metrics: What it counts.
        archive: Everything that ever ranked.
        log: The record of decisions.
        book: What each surface is served with.
        ranker: Ranks, records and explains.

    Raises:
        RankdError: The data directory is held by another process or cannot be written, its record is damaged, or
            there is nothing to serve.
    """

    def __init__(
        self,
        config: Config,
        clock_ms: Callable[[], int] = wall_clock_ms,
        poll_interval_s: float = POLL_INTERVAL_S,
        engine: Callable[[SealedModel], Engine] = choose_engine,
    ) -> None:
        self.config = config
        self.clock_ms = clock_ms
        self.metrics = Metrics()
        folders, requests = config.folders, config.requests
        with ExitStack() as opened:
            self.log = DecisionLog.open(folders.data)
            opened.callback(self.log.close)
            self.archive = Archive(folders.data)
            self.book = SurfaceBook(folders.policies, folders.models, self.archive, clock_ms, engine=engine)
            if not self.book.surfaces():
                raise ServiceError("NOTHING_SERVED", path=folders.policies)
            self.ranker = Ranker(
                self.book,
                self.log,
                self.archive,
                open_epoch(folders.data),
                origin=config.origin,
                worker=WORKER,
                clock_ms=clock_ms,
                bounds=requests.bounds,
                recent=RecentDecisions(1_000 * requests.request_id_window_s, requests.request_id_window_count),
            )
            self.book.watch(poll_interval_s)
            opened.callback(self.book.stop)
            self._opened = opened.pop_all()
        self.metrics.total(
            "rankd_refused_files",
            "Policy, limits and model files that were refused, each counted when it began.",
            lambda: self.book.refused_count,
        )
        self.metrics.gauge(
            "rankd_refused_surfaces", "Surfaces that are not served with the files as they are.", self._refused_surfaces
        )
        self.metrics.gauge("rankd_recorded_decisions", "Decisions on disk.", lambda: self.log.count)

    def close(self) -> None:
        """Let go of everything; the record is complete when this returns."""
        self._opened.close()

    def __enter__(self) -> "Service":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _refused_surfaces(self) -> int:
        return sum(self.book.refusal(surface) is not None for surface in self.book.surfaces())
