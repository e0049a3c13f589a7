"""The service put together: everything that a running one holds, opened in order and closed in reverse."""

import logging
import os
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from importlib.metadata import version

from rankd.core.errors import ServiceError
from rankd.core.records.leaf import Retention
from rankd.edge.config import Config
from rankd.edge.http.metrics import Metrics
from rankd.edge.minutes import open_keeper
from rankd.edge.opening import open_book
from rankd.edge.signing import open_signing
from rankd.edge.witnesses import open_witnessing
from rankd.forest.engine import Engine, choose_engine
from rankd.forest.sealed import SealedModel
from rankd.store.archive import Archive
from rankd.store.epoch import EpochFolder
from rankd.store.evidence import DECISIONS
from rankd.store.journal.reading import JournalFiles
from rankd.usecases.erasing.erase import erase_expired, erase_old_events
from rankd.usecases.erasing.event_expiry import EventExpiry
from rankd.usecases.erasing.expiry import Expiry
from rankd.usecases.serve.desk import Desk, DeskTerms, FeatureTerms
from rankd.usecases.serve.epochs import Terms
from rankd.usecases.serve.feedback.event_log import EVENTS
from rankd.usecases.serve.feedback.recorder import FeedbackTerms, Recorder
from rankd.usecases.serve.gate import Gate, GateStatus
from rankd.usecases.serve.keeping import Chore, Keeping
from rankd.usecases.serve.obeying import Obeying

WORKER = "w1"
"""One process holds a data directory at a time, so one name for workers is enough."""

POLL_INTERVAL_S = 1.0
_KEEPING_INTERVAL_S = 1.0
_EXPIRY_INTERVAL_MS = 3_600_000
_TIDY_INTERVAL_MS = 10_000
_LEAP_MS = 600_000
"""A clock that goes so far ahead or back in one run was set."""

_LOG = logging.getLogger(__name__)


def wall_clock_ms() -> int:
    """Return the machine's clock, milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class Service:
    """What a running service holds. Use it as a context manager.

    Args:
        config: The configuration.
        clock_ms: The server's clock, milliseconds since 1970.
        poll_interval_s: How often the record and the folders are looked at; a changed file in a folder is taken up when
            two looks agree.
        engine: What evaluates a model.
        environ: Environment variables, of which only passphrases are read.
        steady_s: Seconds that pass however the server's clock is set.

    Attributes:
        config: The configuration.
        clock_ms: The server's clock.
        metrics: What it counts.
        archive: Everything that ever ranked.
        book: What each surface is served with.
        desk: Ranks, records and explains.
        signing: The keys that it signs with.
        keeper: Keeps the minutes of the assembly; None: this service does not.

    Raises:
        RankdError: A key cannot be used, the data directory is held by another process or cannot be written, its
            journal is not as it was left, or there is nothing to serve.
    """

    def __init__(
        self,
        config: Config,
        clock_ms: Callable[[], int] = wall_clock_ms,
        poll_interval_s: float = POLL_INTERVAL_S,
        engine: Callable[[SealedModel], Engine] = choose_engine,
        environ: Mapping[str, str] = os.environ,
        steady_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.config = config
        self.clock_ms = clock_ms
        self.metrics = Metrics()
        folders = config.folders
        with ExitStack() as opened:
            self.signing = open_signing(config, environ)
            # Before the record is read that it writes.
            self.keeper = open_keeper(config, environ, clock_ms, steady_s)
            if self.keeper is not None:
                opened.callback(self.keeper.close)
            self.archive = Archive(folders.data)
            self.book = open_book(config, self.archive, clock_ms, steady_s, engine=engine)
            terms = _desk_terms(config, self.signing.erasers)
            self.desk = Desk(
                folders.data, self.book, self.archive, self.signing.log, self.signing.mark, terms, clock_ms
            )
            opened.callback(self.desk.close)
            self.book.watch(poll_interval_s)
            opened.callback(self.book.stop)
            self.witnessing = open_witnessing(config, self.desk.journal, self.signing.log.verifier, clock_ms)
            if self.witnessing is not None:
                self.witnessing.watch(config.witnesses.interval_s)
                opened.callback(self.witnessing.stop)
            self.keeping = Keeping(self._chores(steady_s), clock_ms)
            self.keeping.watch(_KEEPING_INTERVAL_S)
            opened.callback(self.keeping.stop)
            self._opened = opened.pop_all()
        self._measure()

    @property
    def gate(self) -> Gate | None:
        """The gate; None where no assembly decides what is served."""
        return self.book if isinstance(self.book, Gate) else None

    @property
    def recorder(self) -> Recorder:
        """What takes feedback."""
        return self.desk.recorder

    def close(self) -> None:
        """Let go of everything; the journal is complete and published when this returns."""
        self._opened.close()

    def __enter__(self) -> "Service":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _chores(self, steady_s: Callable[[], float]) -> list[Chore]:
        def rotate(now_ms: int) -> None:
            # After a clock was set back, decisions would look older than the announcement of their epoch.
            age_ms = now_ms - self.desk.epochs.begin_ms
            if age_ms >= 1_000 * self.config.retention.epoch_s or age_ms < -_LEAP_MS:
                self.desk.epochs.rotate()

        data, journal, viewers = self.config.folders.data, self.desk.journal, self.desk.viewers
        erasers = {key.hex(): key for key in self.signing.erasers}
        obeying = Obeying(data, self.desk, self.archive, self.config.features.url, erasers)

        def prepare(_now_ms: int) -> None:
            # A model that came into force by a vote has its counts built before it is asked for much.
            self.desk.prepare_features()

        chores = [
            Chore("opening a new epoch", 0, rotate),
            Chore("obeying erasures", 0, obeying.obey),
            Chore("building counts", 0, prepare),
            Chore("building counts again", 0, obeying.rebuild),
            Chore("removing counts that nobody reads", _TIDY_INTERVAL_MS, obeying.tidy),
        ]
        if (eraser := self.signing.eraser) is not None:
            expiry = Expiry(data, JournalFiles(data / DECISIONS), EpochFolder(data).find_secret)
            event_expiry = EventExpiry(JournalFiles(data / EVENTS), 1_000 * self.config.retention.event_s)
            events = self.desk.events.journal

            begin_ms, begin_s = self.clock_ms(), steady_s()

            def expire(now_ms: int) -> None:
                leap_ms = now_ms - begin_ms - round(1_000 * (steady_s() - begin_s))
                if abs(leap_ms) > _LEAP_MS:
                    # What is erased by a wrong clock is gone for good.
                    raise ServiceError("CLOCK_LEAPT", minutes=leap_ms // 60_000)
                if count := erase_expired(journal, viewers, expiry, eraser, now_ms):
                    _LOG.info("bodies past their time erased, %d entries", count)
                if count := erase_old_events(events, viewers, event_expiry, eraser, now_ms):
                    _LOG.info("events past their time erased, %d entries", count)

            chores.append(Chore("erasing what is past its time", _EXPIRY_INTERVAL_MS, expire))
        return chores

    def _measure(self) -> None:
        metrics, book, journal = self.metrics, self.book, self.desk.journal
        metrics.total(
            "rankd_refused_files",
            "Policy, limits and model files, and states of the record, that were refused, each counted when it began.",
            lambda: book.refused_count,
        )
        metrics.gauge(
            "rankd_refused_surfaces",
            "Surfaces that are not served with the files, or the record, as they are.",
            lambda: sum(book.refusal(surface) is not None for surface in book.surfaces()),
        )
        self._measure_gate()
        self._measure_minutes()
        self._measure_features()
        metrics.gauge("rankd_recorded_decisions", "Decisions on disk.", lambda: self.desk.decisions.count)
        metrics.gauge("rankd_journal_entries", "Entries committed in the journal.", lambda: journal.count)
        metrics.gauge(
            "rankd_journal_failing",
            "1 where the last attempt to publish failed (the log says why), else 0.",
            lambda: journal.failure is not None,
        )
        metrics.gauge(
            "rankd_journal_unpublished_entries",
            "Entries that no checkpoint covers yet; above 0 for long: publishing fails.",
            lambda: journal.count - journal.published_size,
        )
        witnessing = self.witnessing
        metrics.gauge(
            "rankd_witnessed_entries",
            "Entries under the newest checkpoint that a quorum of witnesses cosigned since the start.",
            lambda: 0 if witnessing is None else witnessing.witnessed_size,
        )
        metrics.gauge(
            "rankd_failing_witnesses",
            "Witnesses whose last answer does not count; the log says why.",
            lambda: 0 if witnessing is None else len(witnessing.failures()),
        )
        metrics.total(
            "rankd_witness_failures",
            "Times that a witness was asked and gave no cosignature that counts.",
            lambda: 0 if witnessing is None else witnessing.failed_count,
        )
        metrics.gauge(
            "rankd_failing_chores",
            "Chores whose last attempt failed; the log says why.",
            lambda: len(self.keeping.failing),
        )

    def _measure_features(self) -> None:
        views = self.desk.supply.views
        self.metrics.gauge(
            "rankd_events_entries", "Entries committed in the journal of events.", lambda: self.desk.events.count
        )
        self.metrics.gauge(
            "rankd_events_unpublished_entries",
            "Entries of the journal of events that no checkpoint covers yet; above 0 for long: publishing fails.",
            lambda: self.desk.events.count - self.desk.events.journal.published_size,
        )
        self.metrics.gauge(
            "rankd_uncounted_entries",
            "Entries of the journal of events that the slowest view does not count yet.",
            lambda: max((view.lag for view in views().values()), default=0),
        )
        self.metrics.gauge(
            "rankd_feature_views",
            "Views of the events that are kept, one for each layout of counts.",
            lambda: len(views()),
        )
        self.metrics.gauge(
            "rankd_unread_feature_views",
            "Views that cannot be read now: their store is down, or their counts are being made again.",
            lambda: sum(view.is_down or view.is_rebuilding for view in views().values()),
        )
        self.metrics.total(
            "rankd_feature_rebuilds",
            "Times that a view counted all events again.",
            lambda: sum(view.rebuilds for view in views().values()),
        )

    def _measure_gate(self) -> None:
        gate = self.gate

        def reading(name: str, meaning: str, read: Callable[[GateStatus], float]) -> None:
            # Without an assembly every reading is 0, so that the names are the same everywhere.
            self.metrics.gauge(name, meaning, lambda: 0 if gate is None else read(gate.status()))

        reading(
            "rankd_assembly_refused",
            "1 where the assembly's record is refused as it lies there (the log says why), else 0.",
            lambda status: status.refusal is not None,
        )
        reading("rankd_assembly_size", "Entries of the minutes that were verified.", lambda status: status.size)
        reading(
            "rankd_assembly_activation",
            "Number of the newest activation that was taken up; it only rises.",
            lambda status: status.activation,
        )
        reading(
            "rankd_assembly_stale",
            "1 where the record has no evidence newer than assembly.stale_after_s, else 0.",
            lambda status: status.is_stale,
        )
        reading(
            "rankd_assembly_age_seconds",
            "Seconds since the newest time that the record vouches for.",
            lambda status: status.age_s,
        )

    def _measure_minutes(self) -> None:
        keeper = self.keeper
        # Without minutes of its own every reading is 0, so that the names are the same everywhere.
        self.metrics.gauge(
            "rankd_minutes_entries",
            "Entries committed in the minutes that this service keeps.",
            lambda: 0 if keeper is None else keeper.size,
        )
        self.metrics.gauge(
            "rankd_minutes_unpublished_entries",
            "Entries of the minutes that no checkpoint covers yet; above 0 for long: publishing fails.",
            lambda: 0 if keeper is None else keeper.size - keeper.journal.published_size,
        )
        self.metrics.gauge(
            "rankd_minutes_failing",
            "1 where the last attempt to publish the minutes failed (the log says why), else 0.",
            lambda: keeper is not None and keeper.failure is not None,
        )


def _desk_terms(config: Config, erasers: tuple[bytes, ...]) -> DeskTerms:
    requests, retention = config.requests, config.retention
    return DeskTerms(
        worker=WORKER,
        bounds=requests.bounds,
        window_ms=1_000 * requests.request_id_window_s,
        window_count=requests.request_id_window_count,
        epoch=Terms(
            Retention(1_000 * retention.decision_s, retention.sample_ppm, 1_000 * retention.sample_s),
            erasers,
            f"rankd {version('rankd')}",
        ),
        pseudonym_ms=1_000 * retention.pseudonym_s,
        feedback=FeedbackTerms(1_000 * config.feedback.window_s, 1_000 * config.feedback.max_clock_skew_s),
        features=FeatureTerms(config.features.url, config.features.read_timeout_ms / 1_000),
    )
