"""Constitutions and templates for the second implementation of the assembly, from docs/spec alone.

Only the strict reading of YAML and of policies is rankd's own; tests/reference has no second one.
"""

import json
import re
from functools import lru_cache
from hashlib import sha256
from math import gcd
from typing import Any

from rankd.core.errors import PolicyError
from rankd.core.objectives import OBJECTIVES
from rankd.core.policy.fields import Field
from rankd.core.policy.reader import check_schema, read_base, read_limits_block, read_policy, read_reasons, read_title
from rankd.core.policy.strict_yaml import parse_strict
from tests.reference.ed25519 import is_sound_key
from tests.reference.strict import Document, need

DAY_MS = 86_400_000
DURATIONS = ("sponsorship", "deliberation", "deliberation_max", "notice", "voting", "late_swing", "timelock")
FIELDS = (
    *("schema", "number", "origin", "base", "title", "reasons"),
    *("log_key", "secretaries", "guardians", "limits", "classes"),
)


def canonical_bytes(value: Any) -> bytes:
    """Return the RFC 8785 form of integers, texts and ASCII keys."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


@lru_cache(maxsize=1024)
def is_sound(key: str) -> bool:
    """Whether nobody but its owner can sign with a key."""
    return is_sound_key(bytes.fromhex(key))


def digest_of(data: bytes) -> str:
    return f"sha256:{sha256(data).hexdigest()}"


@lru_cache(maxsize=512)
def read_text(text: str) -> Document:
    """Return what a policy says."""
    try:
        policy = read_policy(text.encode())
    except PolicyError as error:
        need(condition=False, reason=error.reason)
        raise
    return {
        "text": text,
        "canon": f"sha256:{policy.canon_digest.hex()}",
        "file": digest_of(text.encode()),
        "surface": policy.surface,
        "base": None if policy.base_digest is None else f"sha256:{policy.base_digest.hex()}",
        "points": dict(policy.points),
        "exploration_ppm": policy.exploration_ppm,
    }


def filled(text: str, points: dict[str, int]) -> str:
    """Fill a template (policy.md, section 13)."""
    lines = text.split("\n")
    need(lines.count("points: vote") == 1, "POINTS_NOT_LEFT_TO_VOTE")
    at = lines.index("points: vote")
    lines[at : at + 1] = ["points:", *(f"  {objective}: {points[objective]}" for objective in OBJECTIVES)]
    return "\n".join(lines)


@lru_cache(maxsize=512)
def read_template(text: str) -> Document:
    """Return what a template says (policy.md, section 13)."""
    points = {objective: 112 if objective == "click" else 111 for objective in OBJECTIVES}
    stand_in = filled(text, points)
    template = dict(read_text(stand_in))
    need(template["points"] == points, "POINTS_NOT_LEFT_TO_VOTE")
    form = json.loads(read_policy(stand_in.encode()).canonical)
    canon = digest_of(canonical_bytes(form | {"points": "vote"}))
    return template | {"text": text, "canon": canon, "file": digest_of(text.encode()), "points": None}


def _keys(field: Field, least: int) -> list[str]:
    keys = [] if getattr(field.node, "items", None) == () and least == 0 else [_key(item) for item in field.items(15)]
    need(len({*keys}) == len(keys), "CONSTITUTION_KEY_REPEATED")
    return sorted(keys)


def _key(field: Field) -> str:
    text = field.text()
    need(re.fullmatch("[0-9a-f]{64}", text), "CONSTITUTION_KEY_FORM")
    need(is_sound(text), "CONSTITUTION_KEY_WEAK")
    return text


def _class(field: Field, subject: str) -> Document:
    entries = field.record(
        ("by", "sponsors", *DURATIONS, "quorum", "quorum_min", "majority", "recall"),
    )
    by = entries["by"].choice("vote", "notice")
    need(by == "vote" or subject == "model", "CONSTITUTION_NOTICE")
    rules: Document = {"by": by, "sponsors": entries["sponsors"].integer(0, 1_000_000)}
    rules |= {f"{name}_ms": entries[name].duration_ms(0) for name in DURATIONS}
    need(rules["deliberation_max_ms"] >= rules["deliberation_ms"], "CONSTITUTION_DELIBERATION")
    is_root = getattr(entries["quorum"].node, "text", "") == "root"
    rules["quorum_ppm"] = None if is_root else entries["quorum"].share_ppm(1)
    rules["quorum_min_ppm"] = entries["quorum_min"].share_ppm()
    parts = re.fullmatch("([1-9][0-9]{0,3})/([1-9][0-9]{0,3})", entries["majority"].text())
    need(parts, "CONSTITUTION_MAJORITY")
    num, den = (int(parts[1]), int(parts[2])) if parts else (0, 1)
    need(num <= 1000 and den <= 1000 and 2 * num >= den and num < den, "CONSTITUTION_MAJORITY")
    rules["majority"] = [num // gcd(num, den), den // gcd(num, den)]
    rules["recall_ppm"] = entries["recall"].share_ppm(1)
    return rules


def _within(rules: Document, subject: str) -> bool:
    """Whether a class keeps the bounds of constitution.md, section 4."""
    quorum = 60_000 if rules["quorum_ppm"] is None and subject != "constitution" else rules["quorum_ppm"]
    least_quorum = 50_000 if subject == "constitution" else 10_000
    num, den = rules["majority"]
    low, high = ((3, 5), (4, 5)) if subject == "constitution" else ((1, 2), (3, 4))
    further_ms = rules["deliberation_max_ms"] - rules["deliberation_ms"]
    return (
        1 <= rules["sponsors"] <= 100
        and 3 * DAY_MS <= rules["sponsorship_ms"] <= 180 * DAY_MS
        and 3 * DAY_MS <= rules["deliberation_ms"] <= 90 * DAY_MS
        and 3 * DAY_MS <= further_ms <= 365 * DAY_MS
        and DAY_MS <= rules["notice_ms"] <= 30 * DAY_MS
        and 3 * DAY_MS <= rules["voting_ms"] <= 60 * DAY_MS
        and quorum is not None
        and least_quorum <= quorum <= 500_000
        and rules["quorum_min_ppm"] <= 200_000
        and low[0] * den <= num * low[1]
        and num * high[1] <= high[0] * den
        and rules["late_swing_ms"] <= min(7 * DAY_MS, rules["timelock_ms"])
        and DAY_MS <= rules["timelock_ms"] <= 60 * DAY_MS
        and 10_000 <= rules["recall_ppm"] <= 500_000
    )


@lru_cache(maxsize=512)
def read_constitution(text: str) -> Document:
    """Return what a constitution says, in its canonical form, with its digests (constitution.md)."""
    try:
        return _constitution(text)
    except PolicyError as error:
        need(condition=False, reason=error.reason)
        raise


def _constitution(text: str) -> Document:
    data = text.encode()
    root = Field(parse_strict(data, "constitution.yaml"), "", "constitution.yaml")
    check_schema(root, "rankd.constitution/1")
    top = root.record(FIELDS)
    number, origin = top["number"].integer(1, 1_000_000), top["origin"].text()
    need(re.fullmatch("[a-z0-9]([a-z0-9._/-]{0,98}[a-z0-9])?", origin), "ORIGIN_FORM")
    base = read_base(top["base"], "CONSTITUTION_BASE_FORM")
    need((base is None) == (number == 1), "CONSTITUTION_BASE_NUMBER")
    title, reasons = read_title(top["title"]), read_reasons(top["reasons"])
    log_key, secretaries = _key(top["log_key"]), _keys(top["secretaries"], 1)
    circle = top["guardians"].record(("keys", "needed", "confirmation"))
    guardians = _keys(circle["keys"], 0)
    needed = circle["needed"].integer(0, 15)
    need(needed <= len(guardians) and (needed == 0) == (not guardians), "CONSTITUTION_GUARDIANS")
    confirmation_ms = circle["confirmation"].duration_ms(0)
    need(log_key not in [*secretaries, *guardians], "CONSTITUTION_KEY_ROLES")
    ceiling, exploration, objectives = read_limits_block(
        top["limits"].record(("lift_ceiling", "exploration_max", "objectives"))
    )
    classes = top["classes"].record(("policy", "model", "constitution"))
    rules = {subject: _class(classes[subject], subject) for subject in ("policy", "model", "constitution")}
    if not origin.startswith("dev."):
        need(not guardians or (needed >= 2 and 3 * DAY_MS <= confirmation_ms <= 60 * DAY_MS), "CONSTITUTION_BOUND")
        need(all(_within(rules[subject], subject) for subject in rules), "CONSTITUTION_BOUND")
    form = {
        "schema": "rankd.constitution/1",
        "number": number,
        "origin": origin,
        "base": None if base is None else f"sha256:{base.hex()}",
        "title": {"fr": title.fr, "en": title.en},
        "reasons": {"fr": reasons.fr, "en": reasons.en},
        "log_key": log_key,
        "secretaries": secretaries,
        "guardians": {"keys": guardians, "needed": needed, "confirmation_ms": confirmation_ms},
        "limits": {
            "lift_ceiling_micro": ceiling,
            "exploration_max_ppm": exploration,
            "objectives": {
                one.objective: {
                    "sign": "reward" if one.sign > 0 else "penalty",
                    "min": one.min_points,
                    "max": one.max_points,
                }
                for one in objectives
            },
        },
        "classes": rules,
    }
    return form | {"canon": digest_of(canonical_bytes(form)), "file": digest_of(data), "text": text}
