"""The desk: everything that ranks, records and explains in one data directory, opened in order, closed in reverse."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rankd.core.log.note import NoteSigner
from rankd.core.ranking.admission import Bounds
from rankd.store.archive import Archive
from rankd.store.disk import Disk
from rankd.store.epoch import EpochFolder
from rankd.store.evidence import DECISIONS
from rankd.store.journal.journal import Journal
from rankd.store.pseudonyms import PseudonymBook
from rankd.store.secret_file import open_secret
from rankd.usecases.serve.book import Book
from rankd.usecases.serve.decisions import DecisionJournal
from rankd.usecases.serve.epochs import Epochs, Terms
from rankd.usecases.serve.explain import Explainer
from rankd.usecases.serve.rank import Ranker
from rankd.usecases.serve.recent import RecentDecisions


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
    """

    worker: str
    bounds: Bounds
    window_ms: int
    window_count: int
    epoch: Terms
    pseudonym_ms: int
    publish_interval_s: float = 0.5


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
            self.ranker = Ranker(
                book,
                self.decisions,
                self.epochs,
                self.viewers,
                self.explainer,
                clock_ms=clock_ms,
                bounds=terms.bounds,
                recent=RecentDecisions(terms.window_ms, terms.window_count),
            )
            self._opened = opened.pop_all()

    def close(self) -> None:
        """Reveal the epoch, publish, and let go; the journal is complete when this returns."""
        with self._opened:
            self.epochs.end()

    def __enter__(self) -> "Desk":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
