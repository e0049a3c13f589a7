"""The baseline: newest first, without profiling; built in, number 0, always ratified."""

from rankd.core.exact.canonical import canonical_json, sha256

BASELINE: bytes = canonical_json(
    {"order": "newest_first/1", "rules": {"drop_muted/1": "apply"}, "schema": "rankd.baseline/1"}
)
"""The baseline's canonical text, which stands where a policy's would."""

BASELINE_DIGEST: bytes = sha256(BASELINE)
