"""The canonical form: the mapping whose RFC 8785 bytes a canon digest covers."""

from collections.abc import Sequence

from rankd.core.exact.canonical import Json, digest_text
from rankd.core.policy.policy import ObjectiveLimits, Rules, Slider
from rankd.core.words.language import Phrase

VOTE = "vote"
"""What stands in place of points that a vote will hand out."""


def policy_form(
    *,
    schema: str,
    surface: str,
    base_digest: bytes | None,
    title: Phrase,
    reasons: Phrase,
    points: Sequence[tuple[str, int]] | None,
    rules: Rules,
    exploration_ppm: int,
    sliders: Sequence[Slider],
) -> dict[str, Json]:
    """Return a policy as its canonical mapping: durations in milliseconds or hours, shares in parts per million.

    Points that are still to be voted (None) are written as their word.

    Source: docs/spec/policy.md section 6.
    """
    return {
        "schema": schema,
        "surface": surface,
        "base": None if base_digest is None else digest_text(base_digest),
        "title": {"fr": title.fr, "en": title.en},
        "reasons": {"fr": reasons.fr, "en": reasons.en},
        "points": VOTE if points is None else dict(points),
        "rules": rules_form(rules),
        "exploration": {"share_ppm": exploration_ppm},
        "sliders": {
            slider.objective: {"min_percent": slider.min_percent, "max_percent": slider.max_percent}
            for slider in sliders
        },
    }


def rules_form(rules: Rules) -> dict[str, Json]:
    """Return the rules that a policy names, and only those, as their canonical mapping."""
    form: dict[str, Json] = {}
    if rules.drop_seen:
        form["drop_seen/1"] = "apply"
    if rules.drop_muted:
        form["drop_muted/1"] = "apply"
    if rules.max_age is not None:
        form["max_age/1"] = {"age_ms": rules.max_age.age_ms, "unknown_age_ms": rules.max_age.unknown_age_ms}
    if rules.freshness is not None:
        form["freshness/1"] = {
            "half_life_ms": rules.freshness.half_life_ms,
            "floor_ppm": rules.freshness.floor_ppm,
            "unknown_age_ms": rules.freshness.unknown_age_ms,
        }
    if rules.source_scaling is not None:
        form["source_scaling/1"] = {
            "shares_ppm": dict(rules.source_scaling.shares),
            "other_ppm": rules.source_scaling.other_ppm,
        }
    if rules.feedback_fatigue is not None:
        form["feedback_fatigue/1"] = {
            "column": rules.feedback_fatigue.column,
            "recovery_hours": rules.feedback_fatigue.recovery_hours,
            "floor_ppm": rules.feedback_fatigue.floor_ppm,
        }
    if rules.author_diversity is not None:
        form["author_diversity/1"] = {
            "decay_ppm": rules.author_diversity.decay_ppm,
            "floor_ppm": rules.author_diversity.floor_ppm,
        }
    if rules.caps:
        form["cap/1"] = [
            ({"per": "author"} if cap.group is None else {"group": cap.group})
            | {"at_most": cap.at_most, "in_first": cap.in_first}
            for cap in rules.caps
        ]
        form["after_cap"] = rules.after_cap
    if rules.quotas:
        form["quota/1"] = [
            {"group": quota.group, "at_least": quota.at_least, "in_first": quota.in_first} for quota in rules.quotas
        ]
    return form


def limits_form(
    lift_ceiling_micro: int, exploration_max_ppm: int, objectives: Sequence[ObjectiveLimits]
) -> dict[str, Json]:
    """Return limits as their canonical mapping, without the schema of the text that they stand in.

    Source: docs/spec/policy.md section 8.
    """
    return {
        "lift_ceiling_micro": lift_ceiling_micro,
        "exploration_max_ppm": exploration_max_ppm,
        "objectives": {
            entry.objective: {
                "sign": "reward" if entry.sign > 0 else "penalty",
                "min": entry.min_points,
                "max": entry.max_points,
            }
            for entry in objectives
        },
    }
