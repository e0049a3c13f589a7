"""From messages to the client's answers."""

from google.protobuf.timestamp_pb2 import Timestamp

from rankd.client.answers import (
    AssemblyStatus,
    ColumnSpec,
    Degradation,
    Dropped,
    ModelRef,
    Place,
    PolicyRef,
    PolicyText,
    Slate,
    SliderRange,
    Status,
    SurfaceInfo,
    SurfaceStatus,
)
from rankd.v1 import policy_service_pb2 as policies
from rankd.v1 import ranking_service_pb2 as wire
from rankd.v1 import types_pb2 as types


def read_slate(message: wire.RankResponse) -> Slate:
    """Return a ranking's answer."""
    return Slate(
        request_id=message.request_id,
        decision_id=message.decision_id,
        places=tuple(Place(e.id, e.rank, e.value, tuple(e.reason_codes)) for e in message.slate),
        dropped=tuple(Dropped(entry.id, entry.rule_id) for entry in message.dropped),
        policy=policy_ref(message.policy),
        model=model_ref(message.model) if message.HasField("model") else None,
        constitution_digest=message.constitution_digest,
        degraded=tuple(Degradation(entry.reason, tuple(entry.names)) for entry in message.degraded),
        commitment_receipt=message.commitment_receipt,
        feedback_token=message.feedback_token,
    )


def read_surface(message: wire.GetSurfaceResponse) -> SurfaceInfo:
    """Return what a surface needs."""
    return SurfaceInfo(
        surface=message.surface,
        policy=policy_ref(message.policy),
        model=model_ref(message.model) if message.HasField("model") else None,
        columns=tuple(
            ColumnSpec(
                name=c.name,
                meaning_fr=c.meaning_fr,
                meaning_en=c.meaning_en,
                unit=c.unit,
                nullable=c.nullable,
                default=c.default_value if c.HasField("default_value") else None,
                profiling=c.profiling,
                rule_input=c.rule_input,
                kept=c.kept,
            )
            for c in message.columns
        ),
        sliders=tuple(SliderRange(s.objective, s.min_percent, s.max_percent) for s in message.sliders),
        sources=tuple(message.sources),
        groups=tuple(message.groups),
        max_candidate_count=message.max_candidate_count,
        max_limit=message.max_limit,
        max_request_bytes=message.max_request_bytes,
        max_clock_skew_s=message.max_clock_skew_seconds,
        request_id_window_s=message.request_id_window_seconds,
        request_id_window_count=message.request_id_window_count,
        silent_objectives=tuple(message.silent_objectives),
    )


def read_status(message: policies.GetStatusResponse) -> Status:
    """Return the server's status."""
    return Status(
        surfaces=tuple(
            SurfaceStatus(
                surface=entry.surface,
                policy=policy_ref(entry.policy),
                model=model_ref(entry.model) if entry.HasField("model") else None,
                active_time_ms=milliseconds(entry.active_time),
                silent_objectives=tuple(entry.silent_objectives),
                refused=entry.refused,
                refused_reason=entry.refused_reason,
            )
            for entry in message.surfaces
        ),
        version=message.version,
        server_time_ms=milliseconds(message.server_time),
        origin=message.origin,
        decision_count=message.decision_count,
        constitution_digest=message.constitution_digest,
        recording=message.recording,
        log_key=message.log_key,
        published_size=message.published_size,
        committed_size=message.committed_size,
        epoch_digest=message.epoch_digest,
        assembly=_assembly_status(message.assembly) if message.HasField("assembly") else None,
    )


def _assembly_status(message: policies.AssemblyStatus) -> AssemblyStatus:
    return AssemblyStatus(
        origin=message.origin,
        genesis_digest=message.genesis_digest,
        size=message.size,
        activation_number=message.activation_number,
        evidence_time_ms=milliseconds(message.evidence_time) if message.HasField("evidence_time") else None,
        stale=message.stale,
        refused=message.refused,
        refused_reason=message.refused_reason,
        restored=message.restored,
    )


def read_policy_text(message: policies.GetPolicyResponse) -> PolicyText:
    """Return a policy's text."""
    return PolicyText(
        policy=policy_ref(message.policy),
        file=message.file,
        canonical=message.canonical,
        description_fr=message.description_fr,
        description_en=message.description_en,
    )


def policy_ref(message: types.PolicyRef) -> PolicyRef:
    """Return which policy a message speaks of."""
    return PolicyRef(
        surface=message.surface,
        number=message.number if message.HasField("number") else None,
        activation_number=message.activation_number if message.HasField("activation_number") else None,
        canon_digest=message.canon_digest,
        file_digest=message.file_digest,
        ratification=_ratification(message.ratification),
        proposal_id=message.proposal_id,
        minutes_size=message.minutes_size if message.HasField("minutes_size") else None,
    )


def model_ref(message: types.ModelRef) -> ModelRef:
    """Return which model a message speaks of."""
    return ModelRef(message.name, message.digest, _ratification(message.ratification))


def _ratification(value: types.Ratification.ValueType) -> str:
    # A newer server may know one that this client does not: its number is better than a failure.
    known = types.Ratification.DESCRIPTOR.values_by_number.get(value)
    return str(value) if known is None else known.name.removeprefix("RATIFICATION_")


def milliseconds(time: Timestamp) -> int:
    """Return a time in milliseconds since 1970."""
    return time.seconds * 1_000 + time.nanos // 1_000_000
