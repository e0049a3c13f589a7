"""Rank: from an admitted request to a recorded decision, and its explanation later."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from rankd.core.errors import RequestError, ServiceError
from rankd.core.exact.chance import decision_nonce, dry_run_nonce
from rankd.core.policy.baseline import BASELINE_DIGEST
from rankd.core.ranking.admission import Bounds, admit, check_id, check_sliders
from rankd.core.ranking.columns import feature_matrix, lay_columns
from rankd.core.ranking.explanation import Explanation, explain, reason_codes
from rankd.core.ranking.formula import build_formula
from rankd.core.ranking.ranking import Ranking, rank, rank_newest_first
from rankd.core.ranking.request import Column, Mode, RankingRequest
from rankd.core.records.decision import (
    DEFAULT_USED,
    NO_POLICY_IN_FORCE,
    QUOTA_SHORT,
    Decision,
    Degraded,
    encode_decision,
    request_digest,
)
from rankd.core.records.reading import decode_decision
from rankd.core.records.recompute import rerank
from rankd.store.archive import Archive
from rankd.store.decision_log import DecisionWriter
from rankd.store.epoch import Epoch
from rankd.usecases.needs import column_needs, rule_columns
from rankd.usecases.recent import RecentDecisions
from rankd.usecases.snapshot import Snapshot
from rankd.usecases.surfaces import SurfaceBook

MAX_EXPLAINED = 500
_GAP_SEARCH = 256


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as the edge hands it over.

    Attributes:
        request: The request; `request_time_ms` is the server's clock where the caller sent none.
        columns: What it brought, viewer columns with one row.
        caller: Identity of the caller.
        clock_given: Whether the caller sent a request time.
    """

    request: RankingRequest
    columns: tuple[Column, ...]
    caller: str
    clock_given: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """A ranking with what it rests on.

    Attributes:
        decision_id: `<origin>/<index>`; "" for a dry run.
        decision: The decision, as recorded.
        ranking: The ranking.
        snapshot: Policy, limits and model that ranked.
        reasons: Reason codes of each shown place.
    """

    decision_id: str
    decision: Decision
    ranking: Ranking
    snapshot: Snapshot
    reasons: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """A decision explained, candidate by candidate."""

    answer: Answer
    explanations: tuple[Explanation, ...]


def _forever() -> float:
    return float("inf")


class Ranker:
    """Ranks, records and explains. Safe to call from many threads at once.

    Args:
        book: What each surface is served with.
        log: Where decisions are recorded; nobody else appends to it.
        archive: Where everything that ever ranked is kept.
        epoch: The secret that keys this run's lots.
        origin: First part of decision ids.
        worker: This worker's name.
        clock_ms: The server's clock, milliseconds since 1970.
        bounds: How large a request may be.
        recent: The window of remembered request ids; filled from the log's tail.
    """

    def __init__(
        self,
        book: SurfaceBook,
        log: DecisionWriter,
        archive: Archive,
        epoch: Epoch,
        *,
        origin: str,
        worker: str,
        clock_ms: Callable[[], int],
        bounds: Bounds,
        recent: RecentDecisions,
    ) -> None:
        self.book = book
        self.bounds = bounds
        self.origin = origin
        self.recent = recent
        self.log = log
        self._archive = archive
        self._epoch = epoch
        self._worker = worker
        self._clock_ms = clock_ms
        self._lock = threading.Lock()
        self._counter = 0
        self._voids: list[tuple[bytes, int]] = []
        self._past = lru_cache(maxsize=16)(self._past_snapshot)
        self._take_up()

    def rank(self, incoming: Incoming, *, dry_run: bool = False, time_left_s: Callable[[], float] = _forever) -> Answer:
        """Rank a request. When this returns, the decision is on disk, unless it is a dry run.

        Args:
            incoming: The request.
            dry_run: Rank without recording.
            time_left_s: How long the caller still waits; asked again before the decision is recorded.

        Raises:
            RequestError: The request cannot be ranked as it stands, or its id stands for another request.
            ServiceError: The decision cannot be recorded, or the caller's time is up; nothing was recorded then.
        """
        if incoming.request.mode is Mode.NEWEST_FIRST:
            incoming = _without_profiling(incoming)
        request, now_ms = incoming.request, self._clock_ms()
        admit(request, self.bounds, now_ms)
        digest = request_digest(request, incoming.columns, incoming.clock_given)
        if dry_run:
            snapshot = self.book.snapshot(request.surface)
            nonce = dry_run_nonce(self._epoch.secret, digest)
            return self._decide(incoming, snapshot, digest, nonce, 0, (), now_ms)
        key = (incoming.caller, request.surface, request.request_id)
        with self.recent.claim(key, digest, now_ms, time_left_s) as claim:
            if claim.index is not None:
                return self.recorded(claim.index)
            snapshot = self.book.snapshot(request.surface)
            counter, voids = self._draw()
            try:
                nonce = decision_nonce(self._epoch.secret, self._worker, counter)
                answer = self._decide(incoming, snapshot, digest, nonce, counter, voids, now_ms)
                _require_time(time_left_s)
                claim.index = self.log.append(encode_decision(answer.decision))
            except BaseException:
                self._void(counter, voids)
                raise
        return _with_id(answer, self._decision_id(claim.index))

    def explain(self, decision_id: str, viewer_id: str | None, candidate_ids: Sequence[str]) -> Explained:
        """Explain a recorded decision.

        Args:
            decision_id: As the answer gave it.
            viewer_id: The viewer whose decision it must be; None: any (for an auditor).
            candidate_ids: Which candidates; empty: the shown slate.

        Raises:
            RequestError: There is no such decision or candidate, or it is about another viewer.
        """
        check_id(decision_id, "decision_id", max_bytes=512)
        if len(candidate_ids) > MAX_EXPLAINED:
            raise RequestError(
                "CANDIDATES_TOO_MANY", field="candidate_ids", found=len(candidate_ids), most=MAX_EXPLAINED
            )
        origin, _, index = decision_id.rpartition("/")
        known = index.isascii() and index.isdigit() and len(index) < 16 and str(int(index)) == index
        if origin != self.origin or not known or int(index) >= self.log.count:
            raise RequestError("DECISION_UNKNOWN", field="decision_id", origin=self.origin)
        answer = self.recorded(int(index))
        if viewer_id is not None and viewer_id != answer.decision.request.viewer_id:
            raise RequestError("DECISION_OF_ANOTHER_VIEWER", field="viewer_id")
        places = {id_: at for at, id_ in enumerate(answer.decision.request.candidates.ids)}
        for at, id_ in enumerate(candidate_ids):
            if id_ not in places:
                raise RequestError("CANDIDATE_UNKNOWN", field=f"candidate_ids[{at}]")
        wanted = [places[id_] for id_ in candidate_ids] or list(answer.ranking.shown)
        formula = answer.snapshot.formula
        return Explained(answer, tuple(explain(answer.ranking, formula, answer.decision.margins, at) for at in wanted))

    def recorded(self, index: int) -> Answer:
        """Return a recorded decision, ranked again from its record by the core.

        Raises:
            RecordError: The record, or what it rests on, is not what it should be.
        """
        decision = decode_decision(self.log.read(index))
        newest_first = decision.model_digest is None
        snapshot = self._past(
            decision.request.surface,
            BASELINE_DIGEST if newest_first else decision.policy_digest,
            decision.constitution_digest,
            decision.model_digest,
        )
        ranking = rerank(decision, snapshot.formula)
        return Answer(self._decision_id(index), decision, ranking, snapshot, _reasons(ranking, snapshot))

    def _decide(
        self,
        incoming: Incoming,
        snapshot: Snapshot,
        digest: bytes,
        nonce: bytes,
        counter: int,
        voids: tuple[tuple[bytes, int], ...],
        now_ms: int,
    ) -> Answer:
        request, count = incoming.request, len(incoming.request.candidates)
        degraded: list[Degraded] = []
        columns: tuple[Column, ...] = ()
        heads: tuple[str, ...] = ()
        margins = np.empty((0, count), dtype=np.int32)
        newest_first = request.mode is Mode.NEWEST_FIRST
        if newest_first or snapshot.formula is None or snapshot.model is None or snapshot.engine is None:
            ranking = rank_newest_first(request, nonce)
            if not newest_first:
                degraded.append(Degraded(NO_POLICY_IN_FORCE, (request.surface,)))
            snapshot = snapshot.baseline()
        else:
            manifest, rules = snapshot.model.manifest, snapshot.formula.rules
            check_sliders(request.sliders, snapshot.policy.sliders if snapshot.policy else ())
            laid = lay_columns(incoming.columns, column_needs(manifest.features, rules), count)
            columns = laid.columns
            by_name = {column.name: column.values for column in columns}
            matrix = feature_matrix(by_name, [feature.name for feature in manifest.features], count)
            margins = snapshot.engine.margins(matrix)
            heads = tuple(head.signal.objective for head in manifest.heads)
            read = {name: by_name[name] for name in rule_columns(rules)}
            ranking = rank(request, snapshot.formula, margins, read, nonce)
            if laid.defaulted:
                degraded.append(Degraded(DEFAULT_USED, laid.defaulted))
            if ranking.quota_short:
                degraded.append(Degraded(QUOTA_SHORT, ranking.quota_short))
        decision = Decision(
            request=request,
            clock_given=incoming.clock_given,
            caller=incoming.caller,
            request_digest=digest,
            policy_digest=snapshot.policy_digest,
            constitution_digest=snapshot.limits.canon_digest,
            model_digest=snapshot.model_digest,
            epoch_digest=self._epoch.digest,
            nonce=nonce,
            worker=self._worker,
            counter=counter,
            voids=voids,
            time_ms=now_ms,
            order=ranking.order,
            values=ranking.values,
            dropped=ranking.dropped,
            exploration=ranking.exploration,
            degraded=tuple(degraded),
            columns=columns,
            heads=heads,
            margins=margins,
        )
        return Answer("", decision, ranking, snapshot, _reasons(ranking, snapshot))

    def _draw(self) -> tuple[int, tuple[tuple[bytes, int], ...]]:
        with self._lock:
            counter, voids = self._counter, tuple(self._voids)
            self._counter += 1
            self._voids.clear()
            return counter, voids

    def _void(self, counter: int, voids: tuple[tuple[bytes, int], ...]) -> None:
        with self._lock:
            self._voids.extend((*voids, (self._epoch.digest, counter)))

    def _decision_id(self, index: int) -> str:
        return f"{self.origin}/{index}"

    def _past_snapshot(self, surface: str, policy: bytes, limits: bytes, model: bytes | None) -> Snapshot:
        current = self.book.find(surface)
        if current is not None and current.matches(policy, limits, model):
            return current
        return _restore(self._archive, surface, policy, limits, model)

    def _take_up(self) -> None:
        """Remember request ids from the log's tail, and declare void what the last run drew and never recorded."""
        since_ms = self._clock_ms() - self.recent.window_ms
        found: dict[int, Decision] = {}
        for index in range(self.log.count - 1, -1, -1):
            if len(found) >= max(_GAP_SEARCH, self.recent.window_count):
                break
            decision = decode_decision(self.log.read(index))
            if decision.time_ms < since_ms and len(found) >= _GAP_SEARCH:
                break
            found[index] = decision
        for index, decision in sorted(found.items()):
            key = (decision.caller, decision.request.surface, decision.request.request_id)
            self.recent.remember(key, decision.request_digest, decision.time_ms, index)
        self._voids.extend(_gaps(list(found.values()), self._worker, len(found) == self.log.count))


def _without_profiling(incoming: Incoming) -> Incoming:
    """Leave out what a newest-first ranking neither reads nor records."""
    return replace(incoming, request=replace(incoming.request, served_author_counts=(), sliders=()), columns=())


def _require_time(time_left_s: Callable[[], float]) -> None:
    if time_left_s() <= 0:
        raise ServiceError("DEADLINE_EXCEEDED")


def _gaps(newest_first: list[Decision], worker: str, whole_log: bool) -> list[tuple[bytes, int]]:
    """Return counters of earlier runs that stand in no record and that no record declares void, oldest run first.

    The oldest run found may have begun before what was read, so its gaps are looked for from its first counter found
    on, unless the whole log was read.
    """
    counters: dict[bytes, set[int]] = {}
    declared: set[tuple[bytes, int]] = set()
    for decision in reversed(newest_first):
        if decision.worker == worker:
            counters.setdefault(decision.epoch_digest, set()).add(decision.counter)
            declared.update(decision.voids)
    gaps: list[tuple[bytes, int]] = []
    for place, (epoch, drawn) in enumerate(counters.items()):
        first = 0 if place or whole_log else min(drawn)
        missing = (c for c in range(first, max(drawn)) if c not in drawn)
        gaps.extend((epoch, c) for c in missing if (epoch, c) not in declared)
    return gaps


def _restore(archive: Archive, surface: str, policy: bytes, limits: bytes, model: bytes | None) -> Snapshot:
    bounds = archive.limits(limits)
    if policy == BASELINE_DIGEST or model is None:
        return Snapshot.of_baseline(surface, bounds)
    text, sealed = archive.policy(policy), archive.model(model)
    heads = tuple(head.signal for head in sealed.manifest.heads)
    return Snapshot(
        surface=surface,
        policy=text,
        policy_file=archive.policy_file(policy),
        limits=bounds,
        model=sealed,
        engine=None,
        formula=build_formula(text, bounds, heads),
        silent=(),
        active_time_ms=0,
    )


def _reasons(ranking: Ranking, snapshot: Snapshot) -> tuple[tuple[str, ...], ...]:
    return tuple(reason_codes(ranking, snapshot.formula, candidate) for candidate in ranking.shown)


def _with_id(answer: Answer, decision_id: str) -> Answer:
    return replace(answer, decision_id=decision_id)
