"""Rank: from a caller's request to a recorded decision and its answer."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from rankd.core.errors import JournalError, ServiceError
from rankd.core.exact.canonical import Written
from rankd.core.exact.chance import dry_run_nonce
from rankd.core.ranking.admission import Bounds, admit
from rankd.core.ranking.request import Mode
from rankd.core.records.decision import request_digest, write_candidates
from rankd.core.records.leaf import DecisionLeaf
from rankd.core.records.pseudonym import pseudonym, pseudonym_period
from rankd.store.pseudonyms import PseudonymBook
from rankd.usecases.serve.book import Book
from rankd.usecases.serve.deciding import Decided, Incoming, Lot, decide, without_profiling
from rankd.usecases.serve.decisions import DecisionJournal, Proof
from rankd.usecases.serve.epochs import GAP_SEARCH_COUNT, Epochs
from rankd.usecases.serve.explain import Explainer
from rankd.usecases.serve.features.supply import Supplied, Supply
from rankd.usecases.serve.feedback.shown import ShownBook
from rankd.usecases.serve.recent import RecentDecisions
from rankd.usecases.serve.snapshot import Snapshot

_DRY_WORKER = "dry"


@dataclass(frozen=True, slots=True)
class Answer:
    """A ranking, and what proves it.

    Attributes:
        request_id: The caller's identifier of the request.
        decided: The ranking with what it rests on.
        proof: Decision id, receipt and token; None for a dry run.
    """

    request_id: str
    decided: Decided
    proof: Proof | None

    @property
    def decision_id(self) -> str:
        """`<origin>/<index>`; "" for a dry run."""
        return "" if self.proof is None else self.proof.decision_id


def _forever() -> float:
    return float("inf")


class Ranker:
    """Ranks and records. Safe to call from many threads at once.

    A record names viewers by pseudonyms only; who they are is forgotten with the key of the pseudonyms' period.

    Args:
        book: What each surface is served with.
        decisions: Where decisions are recorded; nobody else records any.
        epochs: The secrets that key lots; not begun yet.
        viewers: The keys of pseudonyms.
        explainer: Ranks recorded decisions again, for requests that are repeated.
        clock_ms: The server's clock, milliseconds since 1970.
        bounds: How large a request may be.
        supply: Works out the columns that a surface's model declares; None: requests bring them all.
        shown: Remembers what was shown, for the feedback about it; None: nobody asks.
        recent: The window of remembered request ids; filled from the journal's end.
    """

    def __init__(
        self,
        book: Book,
        decisions: DecisionJournal,
        epochs: Epochs,
        viewers: PseudonymBook,
        explainer: Explainer,
        *,
        clock_ms: Callable[[], int],
        bounds: Bounds,
        recent: RecentDecisions,
        supply: Supply | None = None,
        shown: ShownBook | None = None,
    ) -> None:
        self.book = book
        self.bounds = bounds
        self.recent = recent
        self._decisions = decisions
        self._epochs = epochs
        self._viewers = viewers
        self._explainer = explainer
        self._clock_ms = clock_ms
        self._supply = supply
        self._shown = shown
        self._take_up()

    def rank(self, incoming: Incoming, *, dry_run: bool = False, time_left_s: Callable[[], float] = _forever) -> Answer:
        """Rank a request. When this returns, the decision is committed in the journal, unless it is a dry run.

        The snapshot of policy, limits and model is taken once; it ranks and it is what the record names, whatever
        else takes effect meanwhile. It stands in the journal before everything that ranks under a later one.

        Args:
            incoming: The request.
            dry_run: Rank without recording.
            time_left_s: How long the caller still waits; asked again before the decision is recorded.

        Raises:
            RequestError: The request cannot be ranked as it stands, or its id stands for another request.
            ServiceError: The decision cannot be recorded, or the caller's time is up; nothing was recorded then.
        """
        if incoming.request.mode is Mode.NEWEST_FIRST:
            incoming = without_profiling(incoming)
        request, now_ms = incoming.request, self._clock_ms()
        admit(request, self.bounds, now_ms)
        period, key = self._viewers.current(now_ms)
        known = _pseudonymised(incoming, period, key)
        candidates = write_candidates(request.candidates)
        digest = _digest(known, candidates)
        if dry_run:
            secret = self._epochs.secret
            lot = Lot(self._epochs.digest, dry_run_nonce(secret, digest), _DRY_WORKER)
            snapshot = self.book.snapshot(request.surface)
            supplied = self._supplied(incoming, snapshot, time_left_s)
            return Answer(request.request_id, decide(known, snapshot, digest, lot, now_ms, supplied), None)

        def digest_in(other: int) -> bytes | None:
            """Return the digest that this request would have had in an earlier period of pseudonyms."""
            if other == period:
                return digest
            earlier = self._viewers.key(other)
            return None if earlier is None else _digest(_pseudonymised(incoming, other, earlier), candidates)

        claimed = (incoming.caller, request.surface, request.request_id)
        with self.recent.claim(claimed, period, digest_in, now_ms, time_left_s) as claim:
            if claim.index is not None:
                return self._repeat(request.request_id, claim.index)
            with self.book.hold(request.surface) as (snapshot, wait), self._epochs.draw() as lot:
                supplied = self._supplied(incoming, snapshot, time_left_s)
                decided = decide(known, snapshot, digest, lot, now_ms, supplied)
                wait(time_left_s)
                if time_left_s() <= 0:
                    raise ServiceError("DEADLINE_EXCEEDED")
                claim.index, proof = self._decisions.commit(decided.decision, candidates, snapshot.activation)
            if self._shown is not None:
                self._shown.remember(claim.index, decided.decision)
        return Answer(request.request_id, decided, proof)

    def _supplied(self, incoming: Incoming, snapshot: Snapshot, time_left_s: Callable[[], float]) -> Supplied:
        """Return what rankd works out itself: nothing for a newest-first order, which reads nothing about anybody."""
        request, model = incoming.request, snapshot.model
        if self._supply is None or request.mode is Mode.NEWEST_FIRST or model is None or model.declaration is None:
            return Supplied()
        return self._supply.read(model.declaration, request, incoming.columns, time_left_s)

    def _repeat(self, request_id: str, index: int) -> Answer:
        decided = self._explainer.recorded(index)
        leaf_hash = self._decisions.leaf_hash(index)
        return Answer(request_id, decided, self._decisions.proof(decided.decision, index, leaf_hash))

    def _take_up(self) -> None:
        """Begin an epoch, and remember request ids from the journal's end."""
        since_ms = self._clock_ms() - self.recent.window_ms
        newest: list[tuple[int, DecisionLeaf]] = []
        for index, leaf in self._decisions.newest():
            wanted = leaf.time_ms >= since_ms and len(newest) < self.recent.window_count
            if not wanted and len(newest) >= GAP_SEARCH_COUNT:
                break
            newest.append((index, leaf))
        self._epochs.begin([leaf for _, leaf in newest], whole=len(newest) == self._decisions.count)
        within = [index for index, leaf in newest[: self.recent.window_count] if leaf.time_ms >= since_ms]
        for index in sorted(within):
            try:
                decision = self._decisions.recorded(index)
            except JournalError as error:
                if error.reason == "BODY_ERASED":
                    continue
                raise
            key = (decision.caller, decision.request.surface, decision.request.request_id)
            period = pseudonym_period(decision.request.viewer_id)
            if period is not None:
                self.recent.remember(key, period, decision.request_digest, decision.time_ms, index)


def _pseudonymised(incoming: Incoming, period: int, key: bytes) -> Incoming:
    viewer_id = pseudonym(key, period, incoming.request.viewer_id)
    return replace(incoming, request=replace(incoming.request, viewer_id=viewer_id))


def _digest(incoming: Incoming, candidates: Written) -> bytes:
    return request_digest(incoming.request, incoming.columns, incoming.clock_given, candidates)
