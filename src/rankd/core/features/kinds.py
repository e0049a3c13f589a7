"""Kinds of events: what people did, or were shown."""

from rankd.core.objectives import OBJECTIVES

SHOWN = "shown"
"""A candidate was before somebody's eyes."""

KINDS: tuple[str, ...] = (SHOWN, *OBJECTIVES)
"""Every kind, in the canonical order: what was shown, then what may follow from it."""

NEGATIVE_KINDS: frozenset[str] = frozenset({"hide", "report"})
"""Kinds by which people push away. Many who agree to use them could sink an author, so they count for each person alone
unless a declaration says otherwise, and always fade."""
