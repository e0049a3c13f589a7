"""Reasons about key files."""

from collections.abc import Mapping

from rankd.core.words.reasons.reason import Reason

REASONS: Mapping[str, Reason] = {}
