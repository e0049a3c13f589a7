"""Reasons about a request."""

from collections.abc import Mapping

from rankd.core.words.reasons.reason import Kind, Reason, reason

REASONS: Mapping[str, Reason] = {}
