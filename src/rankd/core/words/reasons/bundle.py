"""Reasons about audit bundles and their verification."""

from collections.abc import Mapping

from rankd.core.words.reasons.reason import Reason

REASONS: Mapping[str, Reason] = {}
