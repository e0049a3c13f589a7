"""Deciding: from an admitted request and a snapshot to a ranking and the decision that will be recorded."""

from dataclasses import dataclass, replace

import numpy as np

from rankd.core.policy.baseline import BASELINE_DIGEST
from rankd.core.ranking.admission import check_sliders
from rankd.core.ranking.columns import feature_matrix, lay_columns
from rankd.core.ranking.explanation import reason_codes
from rankd.core.ranking.formula import build_formula
from rankd.core.ranking.ranking import Ranking, rank, rank_newest_first
from rankd.core.ranking.request import Column, Mode, RankingRequest
from rankd.core.records.decision import (
    DEFAULT_USED,
    FEATURES_UNAVAILABLE,
    NO_POLICY_IN_FORCE,
    QUOTA_SHORT,
    Decision,
    Degraded,
)
from rankd.store.archive import Archive
from rankd.usecases.needs import column_needs, rule_columns
from rankd.usecases.serve.features.supply import Supplied
from rankd.usecases.serve.snapshot import Snapshot


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
class Lot:
    """What keys the chance of one decision, and what its record accounts for.

    Attributes:
        epoch_digest: SHA-256 of the epoch secret.
        nonce: 32 bytes.
        worker: The worker that decides.
        counter: Its counter within the epoch; 0 in a dry run, which uses none.
        voids: (epoch digest, counter) drawn earlier and never recorded.
    """

    epoch_digest: bytes
    nonce: bytes
    worker: str
    counter: int = 0
    voids: tuple[tuple[bytes, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Decided:
    """A ranking with what it rests on.

    Attributes:
        decision: The decision, as it is recorded.
        ranking: The ranking.
        snapshot: Policy, limits and model that ranked.
    """

    decision: Decision
    ranking: Ranking
    snapshot: Snapshot

    @property
    def reasons(self) -> tuple[tuple[str, ...], ...]:
        """Reason codes of each shown place."""
        formula = self.snapshot.formula
        return tuple(reason_codes(self.ranking, formula, candidate) for candidate in self.ranking.shown)


def without_profiling(incoming: Incoming) -> Incoming:
    """Leave out what a newest-first ranking neither reads nor records."""
    return replace(incoming, request=replace(incoming.request, served_author_counts=(), sliders=()), columns=())


def decide(
    incoming: Incoming,
    snapshot: Snapshot,
    digest: bytes,
    lot: Lot,
    now_ms: int,
    supplied: Supplied = Supplied(),  # noqa: B008  # frozen
) -> Decided:
    """Rank an admitted request.

    Args:
        incoming: The request, as it is to be recorded.
        snapshot: What its surface is served with; used from here to the end.
        digest: `request_digest` of the request, 32 bytes.
        lot: What keys its chance.
        now_ms: The server's clock, milliseconds since 1970.
        supplied: The columns that rankd worked out itself.

    Raises:
        RequestError: Its columns or sliders do not fit the snapshot.
    """
    request, count = incoming.request, len(incoming.request.candidates)
    degraded: list[Degraded] = []
    columns: tuple[Column, ...] = ()
    heads: tuple[str, ...] = ()
    margins = np.empty((0, count), dtype=np.int32)
    newest_first = request.mode is Mode.NEWEST_FIRST
    if newest_first or snapshot.formula is None or snapshot.model is None or snapshot.engine is None:
        ranking = rank_newest_first(request, lot.nonce)
        if not newest_first:
            degraded.append(Degraded(NO_POLICY_IN_FORCE, (request.surface,)))
        snapshot = snapshot.baseline()
    else:
        manifest, rules = snapshot.model.manifest, snapshot.formula.rules
        check_sliders(request.sliders, snapshot.policy.sliders if snapshot.policy else ())
        laid = lay_columns((*incoming.columns, *supplied.columns), column_needs(manifest.features, rules), count)
        columns = laid.columns
        by_name = {column.name: column.values for column in columns}
        matrix = feature_matrix(by_name, [feature.name for feature in manifest.features], count)
        margins = snapshot.engine.margins(matrix)
        heads = tuple(head.signal.objective for head in manifest.heads)
        read = {name: by_name[name] for name in rule_columns(rules)}
        ranking = rank(request, snapshot.formula, margins, read, lot.nonce)
        if supplied.unread:
            degraded.append(Degraded(FEATURES_UNAVAILABLE, supplied.unread))
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
        epoch_digest=lot.epoch_digest,
        nonce=lot.nonce,
        worker=lot.worker,
        counter=lot.counter,
        voids=lot.voids,
        time_ms=now_ms,
        order=ranking.order,
        values=ranking.values,
        dropped=ranking.dropped,
        exploration=ranking.exploration,
        degraded=tuple(degraded),
        columns=columns,
        heads=heads,
        margins=margins,
        features=supplied.features,
    )
    return Decided(decision, ranking, snapshot)


def restore(archive: Archive, surface: str, policy: bytes, limits: bytes, model: bytes | None) -> Snapshot:
    """Return the snapshot that ranked an earlier decision, without an engine.

    Args:
        archive: Everything that ever ranked.
        surface: The surface.
        policy: Canon digest of the policy, or of the baseline.
        limits: Canon digest of the limits.
        model: Digest of the model; None: the baseline ranked.

    Raises:
        RecordError, PolicyError, ModelError: A file is not there, or not what it was.
    """
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
