"""The nine objectives: what a person may do with a candidate."""

OBJECTIVES: tuple[str, ...] = (
    "click",
    "long_view",
    "like",
    "reply",
    "repost",
    "follow",
    "profile_visit",
    "hide",
    "report",
)
"""Objective ids in their canonical order: terms are listed, summed and recorded in this order."""
