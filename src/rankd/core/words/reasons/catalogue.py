"""The whole error catalogue: every reason that rankd can give, in one mapping."""

from collections.abc import Mapping
from types import MappingProxyType

from rankd.core.words.reasons import (
    assembly,
    assembly_rules,
    bundle,
    constitution,
    erase,
    events,
    feature_text,
    features,
    feedback,
    gate,
    impact,
    journal,
    keys,
    learn,
    log,
    mandate,
    member,
    minutes,
    model,
    policy,
    record,
    request,
    service,
    station,
    witness,
)
from rankd.core.words.reasons.reason import Reason

_SUBJECTS = (
    request.REASONS,
    policy.REASONS,
    constitution.REASONS,
    model.REASONS,
    feature_text.REASONS,
    features.REASONS,
    feedback.REASONS,
    events.REASONS,
    record.REASONS,
    log.REASONS,
    journal.REASONS,
    keys.REASONS,
    erase.REASONS,
    gate.REASONS,
    bundle.REASONS,
    impact.REASONS,
    witness.REASONS,
    service.REASONS,
    learn.REASONS,
    assembly.REASONS,
    assembly_rules.REASONS,
    minutes.REASONS,
    mandate.REASONS,
    member.REASONS,
    station.REASONS,
)


def _merge() -> dict[str, Reason]:
    merged: dict[str, Reason] = {}
    for subject in _SUBJECTS:
        for name, entry in subject.items():
            if name in merged:
                raise ValueError(f"the reason {name} stands in two subjects")
            merged[name] = entry
    return merged


REASONS: Mapping[str, Reason] = MappingProxyType(_merge())
