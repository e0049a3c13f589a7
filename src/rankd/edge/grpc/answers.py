"""From the score to the wire: answers and what stands behind them, as messages."""

from collections.abc import Iterator, Mapping

from google.protobuf.timestamp_pb2 import Timestamp

from rankd.core.assembly.identity import proposal_name
from rankd.core.assembly.standing import Ratification, Standing
from rankd.core.exact.canonical import digest_text
from rankd.core.policy.baseline import BASELINE_DIGEST
from rankd.core.policy.policy import Policy
from rankd.core.words.ranking import RULE_COLUMN_MEANING
from rankd.edge.config import Config
from rankd.usecases.needs import rule_columns
from rankd.usecases.serve.rank import Answer
from rankd.usecases.serve.snapshot import Snapshot
from rankd.v1 import ranking_service_pb2 as wire
from rankd.v1 import types_pb2 as types

_RATIFICATIONS: Mapping[Ratification, "types.Ratification.ValueType"] = {
    "DEV": types.RATIFICATION_DEV,
    "RATIFIED": types.RATIFICATION_RATIFIED,
    "BASELINE": types.RATIFICATION_BASELINE,
    "ROLLED_BACK": types.RATIFICATION_ROLLED_BACK,
}


def rank_response(answer: Answer) -> wire.RankResponse:
    """Return an answer as its message."""
    decided, proof = answer.decided, answer.proof
    ranking, decision = decided.ranking, decided.decision
    ids = decision.request.candidates.ids
    values = dict(zip(ranking.order, ranking.values, strict=True))
    return wire.RankResponse(
        request_id=answer.request_id,
        decision_id=answer.decision_id,
        slate=[
            wire.SlateEntry(id=ids[at], rank=rank, value=values[at], reason_codes=codes)
            for rank, (at, codes) in enumerate(zip(ranking.shown, decided.reasons, strict=True), start=1)
        ],
        dropped=[wire.DroppedCandidate(id=ids[at], rule_id=rule_id) for at, rule_id in ranking.dropped],
        policy=policy_ref(decided.snapshot),
        model=model_ref(decided.snapshot),
        constitution_digest=digest_text(decision.constitution_digest),
        degraded=[types.Degradation(reason=entry.reason, names=entry.names) for entry in decision.degraded],
        commitment_receipt=b"" if proof is None else proof.receipt,
        feedback_token=b"" if proof is None else proof.token,
    )


def surface_response(snapshot: Snapshot, config: Config) -> wire.GetSurfaceResponse:
    """Return what a surface is served with and needs."""
    rules = None if snapshot.policy is None else snapshot.policy.rules
    groups = set()
    if rules is not None:
        groups = {cap.group for cap in rules.caps if cap.group is not None} | {quota.group for quota in rules.quotas}
    scaling = None if rules is None else rules.source_scaling
    heads = () if snapshot.model is None else snapshot.model.manifest.heads
    return wire.GetSurfaceResponse(
        surface=snapshot.surface,
        policy=policy_ref(snapshot),
        model=model_ref(snapshot),
        columns=_columns(snapshot),
        sliders=[
            wire.SliderRange(objective=s.objective, min_percent=s.min_percent, max_percent=s.max_percent)
            for s in (() if snapshot.policy is None else snapshot.policy.sliders)
        ],
        sources=[] if scaling is None else [source for source, _ in scaling.shares],
        groups=sorted(groups),
        max_candidate_count=config.requests.max_candidate_count,
        max_limit=config.requests.max_limit,
        max_request_bytes=config.server.max_request_bytes,
        max_clock_skew_seconds=config.requests.max_clock_skew_s,
        request_id_window_seconds=config.requests.request_id_window_s,
        request_id_window_count=config.requests.request_id_window_count,
        silent_objectives=[head.signal.objective for head in heads if head.signal.silent],
    )


def policy_ref(snapshot: Snapshot) -> types.PolicyRef:
    """Return which policy a snapshot holds, and what stands behind it."""
    standing, policy = snapshot.standing, snapshot.policy
    if policy is None:
        return baseline_ref(snapshot.surface, standing, snapshot.minutes_size)
    return file_ref(policy) if standing is None else ratified_ref(standing, snapshot.minutes_size)


def ratified_ref(standing: Standing, minutes_size: int | None) -> types.PolicyRef:
    """Return the reference of the policy that stands on a surface."""
    policy = standing.policy
    return types.PolicyRef(
        surface=standing.surface,
        number=policy.number,
        activation_number=standing.activation,
        canon_digest=digest_text(policy.canon_digest),
        file_digest=digest_text(policy.file_digest) if policy.file_digest else "",
        ratification=_RATIFICATIONS[standing.ratification],
        proposal_id="" if policy.adopted_by is None else proposal_name(policy.adopted_by),
        minutes_size=minutes_size,
    )


def file_ref(policy: Policy) -> types.PolicyRef:
    """Return the reference of a policy from a folder: no vote stands behind it, so it has no number."""
    return types.PolicyRef(
        surface=policy.surface,
        canon_digest=digest_text(policy.canon_digest),
        file_digest=digest_text(policy.file_digest),
        ratification=types.RATIFICATION_NONE,
    )


def baseline_ref(surface: str, standing: Standing | None = None, minutes_size: int | None = None) -> types.PolicyRef:
    """Return the reference of the baseline: number 0, whether the members chose it or it stands in."""
    return types.PolicyRef(
        surface=surface,
        number=0,
        activation_number=None if standing is None else standing.activation,
        canon_digest=digest_text(BASELINE_DIGEST),
        ratification=types.RATIFICATION_BASELINE,
        minutes_size=minutes_size,
    )


def model_ref(snapshot: Snapshot) -> types.ModelRef | None:
    """Return which model a snapshot holds; None for the baseline."""
    if snapshot.model is None:
        return None
    manifest, standing = snapshot.model.manifest, snapshot.standing
    ratification = types.RATIFICATION_NONE
    if standing is not None:
        is_dev = standing.constitution.is_dev
        ratification = types.RATIFICATION_DEV if is_dev else types.RATIFICATION_RATIFIED
    return types.ModelRef(name=manifest.surface, digest=digest_text(manifest.digest), ratification=ratification)


def timestamp(time_ms: int) -> Timestamp:
    """Return a time given in milliseconds since 1970."""
    return Timestamp(seconds=time_ms // 1_000, nanos=time_ms % 1_000 * 1_000_000)


def _columns(snapshot: Snapshot) -> Iterator[wire.ColumnSpec]:
    if snapshot.policy is None or snapshot.model is None:
        return
    by_rules = rule_columns(snapshot.policy.rules)
    features, declaration = snapshot.model.manifest.features, snapshot.model.declaration
    kept = () if declaration is None else {declared.feature.name for declared in declaration.kept}
    for feature in features:
        yield wire.ColumnSpec(
            name=feature.name,
            meaning_fr=feature.meaning.fr,
            meaning_en=feature.meaning.en,
            unit=feature.unit,
            nullable=feature.nullable,
            default_value=feature.default,
            profiling=feature.profiling,
            rule_input=feature.name in by_rules,
            kept=feature.name in kept,
        )
    for name in by_rules:
        if all(feature.name != name for feature in features):
            yield wire.ColumnSpec(
                name=name,
                meaning_fr=RULE_COLUMN_MEANING.fr,
                meaning_en=RULE_COLUMN_MEANING.en,
                unit="h",
                nullable=True,
                profiling=True,
                rule_input=True,
            )
