"""What feedback needs, without the rest of a service: decisions that were made, their tokens, a recorder over them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.exact.canonical import sha256
from rankd.core.log.note import NoteSigner
from rankd.core.ranking.exploration import Exploration
from rankd.core.ranking.request import Candidates, Column, Mode, RankingRequest
from rankd.core.records.decision import Decision
from rankd.core.records.erasure import Erasure, sign_erasure
from rankd.core.records.pseudonym import pseudonym
from rankd.store.event_index import EventIndex
from rankd.store.feature_key import open_feature_key
from rankd.store.journal.journal import Journal
from rankd.store.pseudonyms import PseudonymBook
from rankd.usecases.erasing.erase import apply_erasure
from rankd.usecases.serve.decisions import DecisionJournal
from rankd.usecases.serve.feedback.event_log import EVENTS, EventLog
from rankd.usecases.serve.feedback.recorder import Feedback, FeedbackTerms, Outcome, Recorder, Sent
from rankd.usecases.serve.feedback.shown import ShownBook
from tests.unit.store.journal.conftest import FaultyDisk

NOW = 1_800_000_000_000
DAY = 86_400_000
SIGNER = NoteSigner("dev.test", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
ERASER = Ed25519PrivateKey.from_private_bytes(sha256(b"an eraser"))
TERMS = FeedbackTerms(window_ms=7 * DAY, max_skew_ms=300_000)


@dataclass(frozen=True)
class Made:
    """A decision that was made: its index, its token and whom it was made for."""

    index: int
    token: bytes
    viewer_id: str

    def feedback(self, *events: Sent, viewer_id: str | None = None) -> Feedback:
        """Return feedback about it."""
        return Feedback(self.viewer_id if viewer_id is None else viewer_id, self.token, events)


@dataclass
class World:
    """A data directory; `open` and `close` are a service's start and stop."""

    root: Path
    origin: NoteSigner = SIGNER
    disk: FaultyDisk = field(default_factory=FaultyDisk)
    index_disk: FaultyDisk = field(default_factory=FaultyDisk)
    columns: tuple[str, ...] = ("topic",)
    told: list[int] = field(default_factory=list)
    now_ms: int = NOW

    def __post_init__(self) -> None:
        self.data = self.root / "data"
        self.mark = self.root / "log.mark"
        self.open()

    def open(self) -> None:
        """Start."""
        journal = Journal.open(self.data / "decisions", self.origin, self.mark, watch=False)
        self.decisions = DecisionJournal(journal, self.origin, sha256(b"tokens"))
        self.viewers = PseudonymBook.open(self.data, 30 * DAY)
        self.events = EventLog.open(self.data, self.origin, self.mark, disk=self.disk, watch=False)
        self.feature_key = open_feature_key(self.data, may_create=self.events.count == 0)
        self.index = EventIndex.open(self.index_path, self.events.origin, self.index_disk)
        self.shown = ShownBook(self.decisions, lambda _: self.columns)
        self.recorder = Recorder(
            self.decisions,
            self.events,
            self.index,
            self.shown,
            self.viewers,
            self.feature_key,
            TERMS,
            now_ms=self.now_ms,
            committed=self.told.append,
        )

    @property
    def index_path(self) -> Path:
        """The index's file."""
        return self.data / EVENTS / "index.sqlite"

    def close(self) -> None:
        """Stop."""
        self.index.close()
        self.events.close()
        self.decisions.journal.close()

    def restart(self) -> None:
        """Stop and start again."""
        self.close()
        self.open()

    def decide(
        self,
        viewer_id: str = "zoé",
        ids: Sequence[str] = ("a", "b", "c", "d"),
        *,
        limit: int = 3,
        pair: tuple[int, int] | None = None,
        time_ms: int | None = None,
        topics: Sequence[float] = (),
        remember: bool = True,
    ) -> Made:
        """Make a decision that ranks the candidates as they come, and shows the first `limit` after the exchange."""
        time_ms = self.now_ms if time_ms is None else time_ms
        period, key = self.viewers.current(time_ms)
        count = len(ids)
        request = RankingRequest(
            request_id="r",
            surface="video",
            viewer_id=pseudonym(key, period, viewer_id),
            mode=Mode.RANKED,
            request_time_ms=time_ms,
            candidates=Candidates(
                ids=tuple(ids),
                author_ids=tuple("" if at == 2 else f"author of {candidate}" for at, candidate in enumerate(ids)),
                create_times_ms=np.full(count, time_ms, dtype=np.int64),
                sources=("",) * count,
                groups=((),) * count,
                seen=np.zeros(count, dtype=np.bool_),
                muted=np.zeros(count, dtype=np.bool_),
            ),
            limit=limit,
        )
        columns = [Column("region", np.array([7], dtype=np.float32)), Column("rate", np.full(count, 0.5, np.float32))]
        if topics:
            columns.append(Column("topic", np.array(topics, dtype=np.float32)))
        decision = Decision(
            request=request,
            clock_given=False,
            caller="feed",
            request_digest=bytes(32),
            policy_digest=bytes(32),
            constitution_digest=bytes(32),
            model_digest=bytes(32),
            epoch_digest=bytes(32),
            nonce=bytes(32),
            worker="w1",
            counter=self.decisions.count,
            voids=(),
            time_ms=time_ms,
            order=tuple(range(count)),
            values=(0,) * count,
            dropped=(),
            exploration=Exploration(0, 0, (0,) * min(limit, count), pair, ((1, 1),) * min(limit, count)),
            degraded=(),
            columns=tuple(columns),
            heads=(),
            margins=np.empty((0, count), dtype=np.int32),
        )
        index, proof = self.decisions.commit(decision)
        if remember:
            self.shown.remember(index, decision)
        return Made(index, proof.token, viewer_id)

    def record(self, *feedback: Feedback, caller: str = "backend", now_ms: int | None = None) -> list[list[str]]:
        """Record, and return each event's status or reason."""
        outcomes = self.recorder.record(feedback, caller, self.now_ms if now_ms is None else now_ms)
        return [[said(outcome) for outcome in of_one] for of_one in outcomes]

    def counted(self) -> list[tuple[int, str, str, str]]:
        """Return what the journal holds: decision, candidate, kind and id of each event, in order."""
        found = []
        for _, record in self.events.since(0):
            if record is not None:
                found += [(record.decision, event.candidate, event.kind, event.id) for event in record.events]
        return found

    def erase(self, journal: Journal, *ranges: tuple[int, int], periods: tuple[int, ...] = ()) -> None:
        """Obey a signed order to erase."""
        order = Erasure(journal.origin, ranges, periods, "REQUEST", "Somebody asked.", self.now_ms)
        public = ERASER.public_key().public_bytes_raw()
        apply_erasure(journal, self.viewers, sign_erasure(order, ERASER), {public.hex(): public}, self.now_ms)


def said(outcome: Outcome) -> str:
    """Return an outcome as one word."""
    return outcome.status if outcome.error is None else outcome.error.reason


def sent(event_id: str, kind: str = "like", candidate_id: str = "a", time_ms: int | None = None) -> Sent:
    """Return an event."""
    return Sent(event_id, kind, candidate_id, time_ms)
