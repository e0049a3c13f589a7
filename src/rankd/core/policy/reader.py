"""The reader: from a file's bytes to a policy or limits in which nothing is half valid."""

import re

from rankd.core.exact.canonical import canonical_json, parse_digest, sha256
from rankd.core.objectives import OBJECTIVES
from rankd.core.policy.canonical_form import limits_form, policy_form
from rankd.core.policy.fields import Field
from rankd.core.policy.policy import Limits, ObjectiveLimits, Policy, Slider
from rankd.core.policy.rule_reader import read_rules
from rankd.core.policy.strict_yaml import MapNode, ScalarNode, parse_strict
from rankd.core.words.language import Phrase

POLICY_SCHEMA = "rankd.policy/1"
LIMITS_SCHEMA = "rankd.limits/1"

TOTAL_POINTS = 1000
"""A thousand points to hand out."""

MAX_SLIDER_PERCENT = 300
MIN_CEILING, MAX_CEILING = 2, 50
MAX_TITLE, MAX_REASONS = 200, 4000

_SURFACE = re.compile(r"[a-z][a-z0-9_]{0,31}")
_LIFT_ONE = 1_000_000


def read_policy(data: bytes, name: str = "policy.yaml") -> Policy:
    """Read a policy.

    Args:
        data: The file's bytes, at most 64 KiB.
        name: What to call the file in errors.

    Raises:
        PolicyError: The text breaks the grammar or a bound. Metadata: file, line, column, field, found.

    Source: docs/spec/policy.md sections 2 to 7.
    """
    root = Field(parse_strict(data, name), "", name)
    _check_schema(root, POLICY_SCHEMA)
    for word in ("sign", "signs"):
        if word in root.entries():
            raise root.key(word).refuse("POINTS_SIGNED")
    top = root.record(("schema", "surface", "base", "title", "reasons", "points", "rules", "exploration", "sliders"))
    surface = top["surface"].text()
    if _SURFACE.fullmatch(surface) is None:
        raise top["surface"].refuse("SURFACE_FORM")
    base = _base(top["base"])
    title = _phrase(top["title"], MAX_TITLE, one_line=True)
    reasons = _phrase(top["reasons"], MAX_REASONS, one_line=False)
    points = _points(top["points"])
    rules = read_rules(top["rules"])
    exploration_ppm = top["exploration"].record(("share",))["share"].share_ppm()
    sliders = _sliders(top["sliders"])
    canonical = canonical_json(
        policy_form(
            schema=POLICY_SCHEMA,
            surface=surface,
            base_digest=base,
            title=title,
            reasons=reasons,
            points=points,
            rules=rules,
            exploration_ppm=exploration_ppm,
            sliders=sliders,
        )
    )
    return Policy(
        surface=surface,
        base_digest=base,
        title=title,
        reasons=reasons,
        points=points,
        rules=rules,
        exploration_ppm=exploration_ppm,
        sliders=sliders,
        canon_digest=sha256(canonical),
        file_digest=sha256(data),
        canonical=canonical,
    )


def read_limits(data: bytes, name: str = "limits.yaml") -> Limits:
    """Read limits: signs, bounds, the lift ceiling and the most that may be explored.

    Args:
        data: The file's bytes, at most 64 KiB.
        name: What to call the file in errors.

    Raises:
        PolicyError: The text breaks the grammar or a bound. Metadata: file, line, column, field, found.

    Source: docs/spec/policy.md section 8.
    """
    root = Field(parse_strict(data, name), "", name)
    _check_schema(root, LIMITS_SCHEMA)
    top = root.record(("schema", "lift_ceiling", "exploration_max", "objectives"))
    ceiling_micro = top["lift_ceiling"].integer(MIN_CEILING, MAX_CEILING) * _LIFT_ONE
    exploration_max_ppm = top["exploration_max"].share_ppm()
    entries = _objectives(top["objectives"])
    objectives = tuple(_objective_limits(objective, entries[objective]) for objective in OBJECTIVES)
    least = sum(entry.min_points for entry in objectives)
    most = sum(entry.max_points for entry in objectives)
    if not least <= TOTAL_POINTS <= most:
        raise top["objectives"].refuse("LIMITS_SUM", least=least, most=most)
    canonical = canonical_json(limits_form(LIMITS_SCHEMA, ceiling_micro, exploration_max_ppm, objectives))
    return Limits(
        lift_ceiling_micro=ceiling_micro,
        exploration_max_ppm=exploration_max_ppm,
        objectives=objectives,
        canon_digest=sha256(canonical),
        file_digest=sha256(data),
        canonical=canonical,
    )


def _check_schema(root: Field, wanted: str) -> None:
    entries = root.entries()
    if "schema" not in entries:
        raise root.refuse("POLICY_FIELD_MISSING", found="schema")
    if entries["schema"].text() != wanted:
        raise entries["schema"].refuse("SCHEMA_UNKNOWN", wanted=wanted)


def _base(field: Field) -> bytes | None:
    text = field.text()
    if text == "none":
        return None
    try:
        return parse_digest(text)
    except ValueError:
        raise field.refuse("BASE_FORM") from None


def _phrase(field: Field, most: int, *, one_line: bool) -> Phrase:
    texts: dict[str, str] = {}
    for language, place in field.record(("fr", "en")).items():
        text = place.text()
        if not text.strip() or len(text) > most:
            raise place.refuse("TEXT_LENGTH", length=len(text), most=most)
        if one_line and "\n" in text:
            raise place.refuse("TEXT_LINES")
        texts[language] = text
    return Phrase(fr=texts["fr"], en=texts["en"])


def _objectives(field: Field) -> dict[str, Field]:
    return field.record(OBJECTIVES, unknown="OBJECTIVE_UNKNOWN", missing="OBJECTIVE_MISSING")


def _points(field: Field) -> tuple[tuple[str, int], ...]:
    if "sign" in field.entries():
        raise field.key("sign").refuse("POINTS_SIGNED")
    entries = _objectives(field)
    for entry in entries.values():
        node = entry.node
        if isinstance(node, MapNode) or (isinstance(node, ScalarNode) and node.kind == "signed"):
            raise entry.refuse("POINTS_SIGNED")
    points = tuple((objective, entries[objective].integer(0, TOTAL_POINTS)) for objective in OBJECTIVES)
    total = sum(given for _, given in points)
    if total != TOTAL_POINTS:
        missing = TOTAL_POINTS - total
        reason = "POINTS_TOO_FEW" if missing > 0 else "POINTS_TOO_MANY"
        raise field.refuse(reason, found=total, difference=abs(missing), wanted=TOTAL_POINTS)
    return points


def _sliders(field: Field) -> tuple[Slider, ...]:
    entries = field.record((), OBJECTIVES, unknown="OBJECTIVE_UNKNOWN")
    sliders: list[Slider] = []
    for objective in OBJECTIVES:
        if objective in entries:
            bounds = entries[objective].record(("min", "max"))
            low = bounds["min"].percent(0, 100)
            high = bounds["max"].percent(100, MAX_SLIDER_PERCENT)
            sliders.append(Slider(objective, low, high))
    return tuple(sliders)


def _objective_limits(objective: str, field: Field) -> ObjectiveLimits:
    entries = field.record(("sign", "min", "max"))
    sign = entries["sign"].choice("reward", "penalty")
    low, high = entries["min"].integer(0, TOTAL_POINTS), entries["max"].integer(0, TOTAL_POINTS)
    if low > high:
        raise field.refuse("LIMITS_ORDER", least=low, most=high)
    return ObjectiveLimits(objective, 1 if sign == "reward" else -1, low, high)
