"""Reasons about a decision’s record."""

from collections.abc import Mapping

from rankd.core.words.reasons.reason import Kind, Reason, reason

REASONS: Mapping[str, Reason] = {}
