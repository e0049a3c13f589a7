"""The desk: all that ranks, records, explains and counts in one data directory, opened in order, closed in reverse."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from rankd.core.features.layout import Layout
from rankd.core.log.note import NoteSigner
from rankd.core.ranking.admission import Bounds
from rankd.store.archive import Archive
from rankd.store.disk import Disk
from rankd.store.epoch import EpochFolder
from rankd.store.event_index import EventIndex
from rankd.store.evidence import DECISIONS
from rankd.store.feature_key import open_feature_key
from rankd.store.features.embedded import EmbeddedStore
from rankd.store.features.remote import RemoteStore, remote_store
from rankd.store.journal.journal import Journal
from rankd.store.pseudonyms import PseudonymBook
from rankd.store.secret_file import open_secret
from rankd.usecases.serve.book import Book
from rankd.usecases.serve.decisions import DecisionJournal
from rankd.usecases.serve.epochs import Epochs, Terms
from rankd.usecases.serve.explain import Explainer
from rankd.usecases.serve.features.feature_view import FeatureView
from rankd.usecases.serve.features.supply import Supply
from rankd.usecases.serve.feedback.event_log import EVENTS, EventLog
from rankd.usecases.serve.feedback.recorder import FeedbackTerms, Recorder
from rankd.usecases.serve.feedback.shown import ShownBook
from rankd.usecases.serve.rank import Ranker
from rankd.usecases.serve.recent import RecentDecisions

_PATIENCE_S = 2.0
"""How long a start waits for counts that are built quickly; others are built while the service answers."""


@dataclass(frozen=True, slots=True)
class FeatureTerms:
    """Where counts of events are kept, and how long a request waits for them.

    Attributes:
        url: Of a Redis or Valkey server; None: in this process.
        read_timeout_s: How long one reading may take.
    """

    url: str | None = field(default=None, repr=False)
    read_timeout_s: float = 0.05


@dataclass(frozen=True, slots=True)
class DeskTerms:
    """How a desk works.

    Attributes:
        worker: Name of the one worker that ranks here.
        bounds: How large a request may be.
        window_ms: How long a request id is remembered.
        window_count: How many are at most.
        epoch: What epochs announce.
        pseudonym_ms: How long a period of pseudonyms lasts.
        publish_interval_s: How soon a committed entry is in the published tree.
        feedback: What feedback is taken.
        features: Where counts are kept.
    """

    worker: str
    bounds: Bounds
    window_ms: int
    window_count: int
    epoch: Terms
    pseudonym_ms: int
    publish_interval_s: float = 0.5
    feedback: FeedbackTerms = field(default_factory=FeedbackTerms)
    features: FeatureTerms = field(default_factory=FeatureTerms)


class Desk:
    """One start of what ranks and records in a data directory. Only one at a time can hold the directory.

    Args:
        data_dir: The data directory.
        book: What each surface is served with.
        archive: Where everything that ever ranked is kept.
        signer: The log key.
        mark: The file that remembers what the log key signed last.
        terms: How it works.
        clock_ms: The server's clock, milliseconds since 1970.
        disk: How to write.

    Attributes:
        journal: The journal of decisions.
        decisions: The same, decision by decision.
        viewers: The keys of pseudonyms.
        epochs: The secrets that key lots.
        explainer: Explains decisions.
        ranker: Ranks and records.
        events: The journal of events.
        supply: The columns that are worked out from events.
        shown: What decisions showed.
        recorder: Takes feedback.

    Raises:
        RankdError: The directory is held by another process or cannot be written, or its journal is not as it was left.
    """

    def __init__(
        self,
        data_dir: Path,
        book: Book,
        archive: Archive,
        signer: NoteSigner,
        mark: Path,
        terms: DeskTerms,
        clock_ms: Callable[[], int],
        disk: Disk | None = None,
    ) -> None:
        self._book = book
        with ExitStack() as opened:
            self.journal = Journal.open(
                data_dir / DECISIONS, signer, mark, disk=disk, publish_interval_s=terms.publish_interval_s
            )
            opened.callback(self.journal.close)
            self.decisions = DecisionJournal(self.journal, signer, open_secret(data_dir))
            self.viewers = PseudonymBook.open(data_dir, terms.pseudonym_ms)
            self.epochs = Epochs(
                EpochFolder(data_dir), self.journal, worker=terms.worker, clock_ms=clock_ms, terms=terms.epoch
            )
            self.explainer = Explainer(book, self.decisions, archive, self.viewers)
            self._open_events(opened, data_dir, book, signer, mark, terms, clock_ms, disk)
            self.ranker = Ranker(
                book,
                self.decisions,
                self.epochs,
                self.viewers,
                self.explainer,
                clock_ms=clock_ms,
                bounds=terms.bounds,
                recent=RecentDecisions(terms.window_ms, terms.window_count),
                supply=self.supply,
                shown=self.shown,
            )
            self.prepare_features(_PATIENCE_S)
            self._opened = opened.pop_all()

    def _open_events(
        self,
        opened: ExitStack,
        data_dir: Path,
        book: Book,
        signer: NoteSigner,
        mark: Path,
        terms: DeskTerms,
        clock_ms: Callable[[], int],
        disk: Disk | None,
    ) -> None:
        self.events = EventLog.open(data_dir, signer, mark, disk=disk, publish_interval_s=terms.publish_interval_s)
        opened.callback(self.events.close)
        key = open_feature_key(data_dir, may_create=self.events.count == 0)
        index = EventIndex.open(data_dir / EVENTS / "index.sqlite", self.events.origin)
        opened.callback(index.close)

        def open_view(surface: str, layout: Layout) -> tuple[FeatureView, Callable[[], None]]:
            origin, url = f"{self.events.origin}#{surface}", terms.features.url
            store: EmbeddedStore | RemoteStore
            if url is None:
                folder = data_dir / "features"
                store = EmbeddedStore.open(folder, origin, layout.digest, clock_ms=clock_ms, disk=disk)
            else:
                store = remote_store(url, origin, layout.digest, clock_ms=clock_ms)
            limit_s = terms.features.read_timeout_s
            return FeatureView(store, layout, self.events, read_timeout_s=limit_s, surface=surface), store.close

        def key_columns(surface: str) -> tuple[str, ...]:
            snapshot = book.find(surface)
            declaration = None if snapshot is None or snapshot.model is None else snapshot.model.declaration
            return () if declaration is None else declaration.key_columns

        self.supply = Supply(open_view, key)
        opened.callback(self.supply.close)
        self.shown = ShownBook(self.decisions, key_columns)
        self.recorder = Recorder(
            self.decisions,
            self.events,
            index,
            self.shown,
            self.viewers,
            key,
            terms.feedback,
            now_ms=clock_ms(),
            committed=self.supply.committed,
        )

    def prepare_features(self, patience_s: float = 0.0) -> None:
        """Begin to build the counts of every model that is served; see `Supply.prepare`."""
        self.supply.prepare(self._book.served(), self.events.count, patience_s)

    def close(self) -> None:
        """Reveal the epoch, publish, and let go; the journal is complete when this returns."""
        with self._opened:
            self.epochs.end()

    def __enter__(self) -> "Desk":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
