"""Reasons about trees, proofs, tiles, notes and checkpoints."""

from collections.abc import Mapping

from rankd.core.words.reasons.reason import Reason

REASONS: Mapping[str, Reason] = {}
