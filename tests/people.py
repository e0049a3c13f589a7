"""A small town: people whom rankd ranks for and who do things with it, and whoever answers for their data."""

import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from rankd.core.exact.canonical import sha256
from rankd.core.features.layout import Layout, layout_of
from rankd.core.features.reader import read_declaration
from rankd.core.records.events import EventsRecord
from rankd.core.records.feature_viewer import feature_viewer
from rankd.edge.cli.main import build
from rankd.store.features.embedded import EmbeddedStore
from rankd.store.features.valkey import ValkeyStore
from rankd.store.key_file import create_key
from rankd.usecases.serve.book import Book
from rankd.usecases.serve.desk import Desk, FeatureTerms
from rankd.usecases.serve.features.feature_view import FeatureView
from rankd.usecases.serve.feedback.recorder import Feedback, Sent
from rankd.usecases.serve.obeying import Obeying
from rankd.usecases.serve.rank import Answer
from tests.conftest import ERASER_KEY, HOUSE_ORIGIN, HOUSE_TERMS, HOUSE_TIME_MS
from tests.events import MemoryLog
from tests.kept import DECLARATION, KeptHouse, by_ids

PEOPLE = ("zoé", "bilal", "anne")
LAYOUT: Layout = layout_of(read_declaration(DECLARATION.encode()))
HOUR_MS = 3_600_000


@dataclass
class Running:
    """A desk that runs, and what obeys beside it."""

    desk: Desk
    obeying: Obeying

    @property
    def view(self) -> FeatureView:
        """The one view."""
        (view,) = self.desk.supply.views().values()
        return view

    def chores(self) -> None:
        """Do what a running service does each second."""
        for chore in (self.obeying.obey, self.obeying.rebuild, self.obeying.tidy):
            chore(HOUSE_TIME_MS)

    def settle(self) -> None:
        """Wait until everything is counted."""
        assert self.view.settle(self.desk.events.count, 10.0)

    def records(self) -> list[EventsRecord]:
        """Return what the journal of events says."""
        return [record for _, record in self.desk.events.since(0) if record is not None]


@dataclass
class Town:
    """A house with people.

    Attributes:
        root: Where everything lies.
        url: The server that holds the counts; None: the process does.
        now_ms: The clock, as its only entry.
        request_count: How many feeds were asked for.
    """

    root: Path
    url: str | None = None
    now_ms: list[int] = field(default_factory=lambda: [HOUSE_TIME_MS])
    request_count: int = 0

    def __post_init__(self) -> None:
        self.root.mkdir(exist_ok=True)
        self.house = KeptHouse(self.root)
        self.data = self.house.data
        create_key(self.root / "log.key", "log", HOUSE_ORIGIN, None, draw=lambda _: sha256(b"the log key of tests"))
        create_key(self.root / "eraser.key", "eraser", "Zoé", None, draw=lambda _: sha256(b"the eraser key of tests"))

    @contextmanager
    def running(self, book: Book | None = None) -> Iterator[Running]:
        """Start, and stop; with a book that was opened before, that is quick."""
        terms = replace(HOUSE_TERMS, features=FeatureTerms(self.url, read_timeout_s=2.0))
        public = ERASER_KEY.public_key().public_bytes_raw()
        with self.house.desk(book, terms=terms, clock_ms=lambda: self.now_ms[0]) as desk:
            yield Running(desk, Obeying(self.data, desk, self.house.archive, self.url, {public.hex(): public}))

    def crashed(self, root: Path) -> "Town":
        """Return the town as it would be found if the machine failed now."""
        town = Town(root, self.url, self.now_ms, self.request_count)
        shutil.copytree(self.data, town.data)
        for mark in self.house.mark.parent.glob(f"{self.house.mark.name}*"):
            shutil.copy(mark, town.house.mark.with_name(mark.name))
        return town

    def live(self, running: Running, people: Sequence[str] = PEOPLE, rounds: int = 3) -> list[Answer]:
        """Have everybody ask for a feed a few times, and like, hide and click what they see."""
        answers = []
        for _ in range(rounds):
            for viewer_id in people:
                answers.append(self.ask(running, viewer_id))
                self.act(running, answers[-1], viewer_id)
        running.settle()
        for journal in (running.desk.journal, running.desk.events.journal):
            journal.publish()
        return answers

    def ask(self, running: Running, viewer_id: str) -> Answer:
        """Ask for a feed."""
        self.request_count += 1
        request = by_ids(f"r{self.request_count}", viewer_id, time_ms=self.now_ms[0])
        return running.desk.ranker.rank(request)

    def act(self, running: Running, answer: Answer, viewer_id: str) -> list[str]:
        """Click the first post of a feed and hide the last one; return what became of that."""
        ids = answer.decided.decision.request.candidates.ids
        shown = [ids[at] for at in answer.decided.ranking.shown]
        assert answer.proof is not None
        sent = (
            Sent(f"{viewer_id}-{answer.request_id}-a", "click", shown[0], None),
            Sent(f"{viewer_id}-{answer.request_id}-b", "hide", shown[-1], None),
        )
        feedback = Feedback(viewer_id, answer.proof.token, sent)
        (outcomes,) = running.desk.recorder.record([feedback], "feed", self.now_ms[0])
        return [outcome.status if outcome.error is None else outcome.error.reason for outcome in outcomes]

    def name(self, viewer_id: str) -> bytes:
        """Return the name under which events and counts know somebody."""
        return feature_viewer((self.data / "viewers" / "feature.key").read_bytes(), viewer_id)

    def rankd(self, *words: object) -> Result:
        """Run a command."""
        given = [str(word) for word in words]
        return CliRunner().invoke(build(given[0]), given)

    def forget(self, viewer_id: str, *more: object, key: str = "eraser.key") -> Result:
        """Run `rankd viewer forget`."""
        words = ("--key", self.root / key, "--reason", "Asked for by the person.", "--json")
        return self.rankd("viewer", "forget", self.data, viewer_id, *words, *more)

    @property
    def here(self) -> tuple[object, ...]:
        """The options by which a command obeys while the service is stopped."""
        return ("--log-key", self.root / "log.key", "--mark", self.house.mark)


def stored(view: FeatureView) -> dict[bytes, bytes]:
    """Return everything that a view's store counts, by key."""
    store: Any = view._store
    if isinstance(store, EmbeddedStore):
        return dict(store._values)
    assert isinstance(store, ValkeyStore)
    assert store._names is not None
    prefix = store._names.prefix
    deadline_s = time.monotonic() + 10
    (keys,) = store._links.exchange([("KEYS", prefix + b"*")], deadline_s)
    if not keys:
        return {}
    (values,) = store._links.exchange([("MGET", *keys)], deadline_s)
    return {key.removeprefix(prefix): value for key, value in zip(keys, values, strict=True)}


def counted(records: Sequence[EventsRecord]) -> dict[bytes, bytes]:
    """Return what some records count, in the plainest way."""
    return dict(MemoryLog(records).counted(LAYOUT, surface="video"))
