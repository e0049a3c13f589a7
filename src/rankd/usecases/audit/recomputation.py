"""Recomputing one decision from the files that it names."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from rankd.core.errors import PolicyError, RequestError
from rankd.core.exact.canonical import digest_text
from rankd.core.exact.chance import decision_nonce
from rankd.core.policy.baseline import BASELINE_DIGEST
from rankd.core.policy.pairing import check_pair, check_surface
from rankd.core.policy.policy import Limits, Policy
from rankd.core.ranking.admission import Bounds, admit, check_sliders
from rankd.core.ranking.columns import feature_matrix, lay_columns
from rankd.core.ranking.formula import build_formula
from rankd.core.ranking.ranking import Ranking
from rankd.core.ranking.request import Column, Mode
from rankd.core.records.decision import (
    DEFAULT_USED,
    FEATURES_UNAVAILABLE,
    NO_POLICY_IN_FORCE,
    QUOTA_SHORT,
    Decision,
    Degraded,
)
from rankd.core.records.recompute import Difference, differences, rerank
from rankd.forest.engine import Engine
from rankd.forest.manifest import Manifest
from rankd.usecases.needs import column_needs

SERVER_SKEW_MS = 60_000
"""Where the server's own clock keys a ranking, it is read twice, and no more than this lies between."""

_NONE = "–"


@dataclass(frozen=True, slots=True)
class Basis:
    """What a ranked decision rests on, by the digests that its record names.

    Attributes:
        policy: The policy.
        limits: The limits.
        manifest: The model's manifest.
        engine: What computes the model's margins; None: the recorded margins are taken as they are.
    """

    policy: Policy
    limits: Limits
    manifest: Manifest
    engine: Engine | None


def recompute(decision: Decision, basis: Basis | None, secret: bytes | None) -> Iterator[Difference]:
    """Yield what does not follow from the files that a decision names, first things first.

    The order is that of the computation: nonce, request, columns, margins, ranking. Where an early step differs,
    later ones are not computed, so the first difference is the one that explains the others.

    Args:
        decision: The decision.
        basis: What it rests on; None where the record names the baseline, or does not name both policy and model.
        secret: The epoch's secret, to draw the nonce again; None where it is not known.

    Raises:
        ModelError: The engine cannot compute the margins.
    """
    if secret is not None:
        nonce = decision_nonce(secret, decision.worker, decision.counter)
        if nonce != decision.nonce:
            yield Difference("", "nonce", decision.nonce.hex(), nonce.hex())
            return
    try:
        # Bounds of size are the service's own and may change; a caller's clock is as good as it was then.
        skew_ms = 0 if decision.clock_given else SERVER_SKEW_MS
        bounds = Bounds(len(decision.request.candidates), decision.request.limit, skew_ms)
        admit(decision.request, bounds, decision.time_ms)
    except RequestError as refusal:
        yield _refused("request", refusal)
        return
    yield from _newest_first(decision) if basis is None else _ranked(decision, basis)


def _newest_first(decision: Decision) -> Iterator[Difference]:
    if decision.policy_digest != BASELINE_DIGEST:
        # A ranked record without a model: what it names cannot have ranked it.
        yield Difference("", "policy", digest_text(decision.policy_digest), digest_text(BASELINE_DIGEST))
        return
    if decision.model_digest is not None:
        yield Difference("", "model", digest_text(decision.model_digest), _NONE)
        return
    yield from _columns(decision, ())
    yield from _heads(decision, ())
    yield from differences(decision, rerank(decision, None))
    stood_in = decision.request.mode is Mode.RANKED
    yield from _degraded(decision, [Degraded(NO_POLICY_IN_FORCE, (decision.request.surface,))] if stood_in else [])


def _ranked(decision: Decision, basis: Basis) -> Iterator[Difference]:
    request, manifest, rules = decision.request, basis.manifest, basis.policy.rules
    heads = tuple(head.signal for head in manifest.heads)
    if request.mode is not Mode.RANKED:
        yield Difference("", "mode", request.mode.value, Mode.RANKED.value)
        return
    try:
        if basis.policy.surface != request.surface:
            yield Difference("", "surface", request.surface, basis.policy.surface)
            return
        check_surface(basis.policy, manifest.surface)
        check_pair(basis.policy, basis.limits, heads)
        check_sliders(request.sliders, basis.policy.sliders)
        laid = lay_columns(decision.known_columns, column_needs(manifest.features, rules), len(request.candidates))
    except PolicyError as refusal:
        yield _refused("policy", refusal)
        return
    except RequestError as refusal:
        yield _refused("request", refusal)
        return
    objectives = tuple(head.objective for head in heads)
    wrong = next(chain(_columns(decision, laid.columns), _heads(decision, objectives)), None)
    if wrong is not None:
        yield wrong
        return
    by_name = {column.name: column.values for column in laid.columns}
    features = feature_matrix(by_name, [feature.name for feature in manifest.features], len(request.candidates))
    margins = decision.margins if basis.engine is None else basis.engine.margins(features)
    if not np.array_equal(margins, decision.margins):
        candidate, head = np.argwhere((margins != decision.margins).T)[0].tolist()
        term = f"margin:{objectives[head]}"
        recorded, recomputed = decision.margins[head, candidate], margins[head, candidate]
        yield Difference(request.candidates.ids[candidate], term, str(recorded), str(recomputed))
        return
    formula = build_formula(basis.policy, basis.limits, heads)
    ranking = rerank(replace(decision, margins=margins), formula)
    yield from differences(decision, ranking)
    yield from _degraded(decision, [*_unread(decision, laid.defaulted), *_expected(laid.defaulted, ranking)])


def _columns(decision: Decision, wanted: tuple[Column, ...]) -> Iterator[Difference]:
    recorded = [column.name for column in decision.columns]
    recomputed = [column.name for column in wanted]
    if recorded != recomputed:
        yield Difference("", "columns", ", ".join(recorded) or _NONE, ", ".join(recomputed) or _NONE)
        return
    for column, other in zip(decision.columns, wanted, strict=True):
        if column.values.tobytes() != other.values.tobytes():
            yield Difference("", f"column:{column.name}", str(column.values[:3]), str(other.values[:3]))


def _heads(decision: Decision, wanted: tuple[str, ...]) -> Iterator[Difference]:
    if decision.heads != wanted:
        yield Difference("", "heads", ", ".join(decision.heads) or _NONE, ", ".join(wanted) or _NONE)


def _degraded(decision: Decision, wanted: list[Degraded]) -> Iterator[Difference]:
    if list(decision.degraded) != wanted:
        yield Difference("", "degraded", _said(decision.degraded), _said(wanted))


def _unread(decision: Decision, defaulted: tuple[str, ...]) -> list[Degraded]:
    """Return what a record says of counts that could not be read: that defaults stand for them is all that it shows."""
    said = [entry for entry in decision.degraded if entry.reason == FEATURES_UNAVAILABLE]
    return [entry for entry in said[:1] if entry.names and set(entry.names) <= set(defaulted)]


def _expected(defaulted: tuple[str, ...], ranking: Ranking) -> list[Degraded]:
    entries = (Degraded(DEFAULT_USED, defaulted), Degraded(QUOTA_SHORT, ranking.quota_short))
    return [entry for entry in entries if entry.names]


def _said(entries: list[Degraded] | tuple[Degraded, ...]) -> str:
    return "; ".join(f"{entry.reason} {', '.join(entry.names)}" for entry in entries) or _NONE


def _refused(term: str, refusal: PolicyError | RequestError) -> Difference:
    return Difference("", term, str(refusal.metadata.get("field", _NONE)), refusal.reason)
