"""Explain: why a recorded decision put each candidate where it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rankd.core.errors import RequestError
from rankd.core.policy.baseline import BASELINE_DIGEST
from rankd.core.ranking.admission import check_id
from rankd.core.ranking.explanation import Explanation, explain
from rankd.core.records.pseudonym import pseudonym, pseudonym_period
from rankd.core.records.recompute import rerank
from rankd.store.archive import Archive
from rankd.store.pseudonyms import PseudonymBook
from rankd.usecases.serve.book import Book
from rankd.usecases.serve.deciding import Decided, restore
from rankd.usecases.serve.decisions import DecisionJournal
from rankd.usecases.serve.snapshot import Snapshot

MAX_EXPLAINED = 500


@dataclass(frozen=True, slots=True)
class Explained:
    """A decision explained, candidate by candidate."""

    decision_id: str
    decided: Decided
    explanations: tuple[Explanation, ...]


class Explainer:
    """Ranks recorded decisions again, from their records, and explains them. Safe to call from many threads at once.

    Args:
        book: What each surface is served with.
        decisions: Where decisions are recorded.
        archive: Where everything that ever ranked is kept.
        viewers: The keys of pseudonyms.
    """

    def __init__(self, book: Book, decisions: DecisionJournal, archive: Archive, viewers: PseudonymBook) -> None:
        self._book = book
        self._decisions = decisions
        self._archive = archive
        self._viewers = viewers
        self._past = lru_cache(maxsize=16)(self._past_snapshot)

    def recorded(self, index: int) -> Decided:
        """Return a recorded decision, ranked again from its record by the core.

        Raises:
            JournalError: Its body was erased, or is not there.
            RecordError, PolicyError, ModelError: The record, or what it rests on, is not what it should be.
        """
        decision = self._decisions.recorded(index)
        newest_first = decision.model_digest is None
        snapshot = self._past(
            decision.request.surface,
            BASELINE_DIGEST if newest_first else decision.policy_digest,
            decision.constitution_digest,
            decision.model_digest,
        )
        snapshot = self._under(snapshot, self._decisions.activation(index))
        return Decided(decision, rerank(decision, snapshot.formula), snapshot)

    def explain(self, decision_id: str, viewer_id: str | None, candidate_ids: Sequence[str]) -> Explained:
        """Explain a recorded decision.

        Args:
            decision_id: As the answer gave it.
            viewer_id: The viewer whose decision it must be; None: any (for an auditor).
            candidate_ids: Which candidates; empty: the shown slate.

        Raises:
            RequestError: There is no such decision or candidate, it is about another viewer, or nobody can tell any
                more whom it is about.
            JournalError: Its body was erased.
        """
        check_id(decision_id, "decision_id", max_bytes=512)
        if len(candidate_ids) > MAX_EXPLAINED:
            raise RequestError(
                "CANDIDATES_TOO_MANY", field="candidate_ids", found=len(candidate_ids), most=MAX_EXPLAINED
            )
        decided = self.recorded(self._decisions.index_of(decision_id))
        decision = decided.decision
        if viewer_id is not None:
            self._require_viewer(decision.request.viewer_id, viewer_id)
        places = {id_: at for at, id_ in enumerate(decision.request.candidates.ids)}
        for at, id_ in enumerate(candidate_ids):
            if id_ not in places:
                raise RequestError("CANDIDATE_UNKNOWN", field=f"candidate_ids[{at}]")
        wanted = [places[id_] for id_ in candidate_ids] or list(decided.ranking.shown)
        formula = decided.snapshot.formula
        explanations = tuple(explain(decided.ranking, formula, decision.margins, at) for at in wanted)
        return Explained(decision_id, decided, explanations)

    def _require_viewer(self, recorded: str, viewer_id: str) -> None:
        period = pseudonym_period(recorded)
        key = None if period is None else self._viewers.key(period)
        if period is None or key is None:
            raise RequestError("VIEWER_UNLINKABLE", field="viewer_id")
        if pseudonym(key, period, viewer_id) != recorded:
            raise RequestError("DECISION_OF_ANOTHER_VIEWER", field="viewer_id")

    def _under(self, snapshot: Snapshot, activation: int | None) -> Snapshot:
        """Return the snapshot with what stood when it ranked, whatever stands now."""
        if activation is None:
            return snapshot.under(None, None)
        current = self._book.find(snapshot.surface)
        size = None if current is None else current.minutes_size
        return snapshot.under(self._book.standing(snapshot.surface, activation), size)

    def _past_snapshot(self, surface: str, policy: bytes, limits: bytes, model: bytes | None) -> Snapshot:
        current = self._book.find(surface)
        if current is not None and current.matches(policy, limits, model):
            return current
        return restore(self._archive, surface, policy, limits, model)
