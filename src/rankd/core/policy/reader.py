"""The reader: from a file's bytes to a policy or limits in which nothing is half valid."""

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

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

LIMITS_FIELDS = ("lift_ceiling", "exploration_max", "objectives")
"""What limits say, whatever text they stand in."""

TOTAL_POINTS = 1000
"""A thousand points to hand out."""

MAX_SLIDER_PERCENT = 300
MIN_CEILING, MAX_CEILING = 2, 50
MAX_TITLE, MAX_REASONS = 200, 4000

_SURFACE = re.compile(r"[a-z][a-z0-9_]{0,31}")
_LIFT_ONE = 1_000_000

Points: TypeAlias = tuple[tuple[str, int], ...]


def read_policy(data: bytes, name: str = "policy.yaml") -> Policy:
    """Read a policy.

    Args:
        data: The file's bytes, at most 64 KiB.
        name: What to call the file in errors.

    Raises:
        PolicyError: The text breaks the grammar or a bound. Metadata: file, line, column, field, found.

    Source: docs/spec/policy.md sections 2 to 7.
    """
    return read_body(Field(parse_strict(data, name), "", name), sha256(data), _points)


def read_body(root: Field, file_digest: bytes, points_of: Callable[[Field], Points | None]) -> Policy:
    """Read a policy's fields.

    Args:
        root: The root of its text.
        file_digest: SHA-256 of the file's bytes.
        points_of: Reads the field `points`. None: they are still to be voted; the result then has none, and `vote`
            stands in its canonical form.

    Raises:
        PolicyError: See `read_policy`.
    """
    check_schema(root, POLICY_SCHEMA)
    for word in ("sign", "signs"):
        if word in root.entries():
            raise root.key(word).refuse("POINTS_SIGNED")
    top = root.record(("schema", "surface", "base", "title", "reasons", "points", "rules", "exploration", "sliders"))
    surface = top["surface"].text()
    if _SURFACE.fullmatch(surface) is None:
        raise top["surface"].refuse("SURFACE_FORM")
    base = read_base(top["base"], "BASE_FORM")
    title, reasons = read_title(top["title"]), read_reasons(top["reasons"])
    points = points_of(top["points"])
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
        points=points or (),
        rules=rules,
        exploration_ppm=exploration_ppm,
        sliders=sliders,
        canon_digest=sha256(canonical),
        file_digest=file_digest,
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
    check_schema(root, LIMITS_SCHEMA)
    ceiling_micro, exploration_max_ppm, objectives = read_limits_block(root.record(("schema", *LIMITS_FIELDS)))
    form = {"schema": LIMITS_SCHEMA} | limits_form(ceiling_micro, exploration_max_ppm, objectives)
    canonical = canonical_json(form)
    return Limits(
        lift_ceiling_micro=ceiling_micro,
        exploration_max_ppm=exploration_max_ppm,
        objectives=objectives,
        canon_digest=sha256(canonical),
        file_digest=sha256(data),
        canonical=canonical,
    )


def read_limits_block(block: Mapping[str, Field]) -> tuple[int, int, tuple[ObjectiveLimits, ...]]:
    """Read what limits say: alone in a file, or inside a constitution.

    Args:
        block: The places of `LIMITS_FIELDS`.

    Returns:
        Lift ceiling in micro-units, exploration in parts per million, and every objective in the canonical order.

    Raises:
        PolicyError: See `read_limits`.
    """
    ceiling_micro = block["lift_ceiling"].integer(MIN_CEILING, MAX_CEILING) * _LIFT_ONE
    exploration_max_ppm = block["exploration_max"].share_ppm()
    entries = _objectives(block["objectives"])
    objectives = tuple(_objective_limits(objective, entries[objective]) for objective in OBJECTIVES)
    least = sum(entry.min_points for entry in objectives)
    most = sum(entry.max_points for entry in objectives)
    if not least <= TOTAL_POINTS <= most:
        raise block["objectives"].refuse("LIMITS_SUM", least=least, most=most)
    return ceiling_micro, exploration_max_ppm, objectives


def check_schema(root: Field, wanted: str) -> None:
    """Make sure that a text names its schema.

    Raises:
        PolicyError: POLICY_FIELD_MISSING or SCHEMA_UNKNOWN.
    """
    entries = root.entries()
    if "schema" not in entries:
        raise root.refuse("POLICY_FIELD_MISSING", found="schema")
    if entries["schema"].text() != wanted:
        raise entries["schema"].refuse("SCHEMA_UNKNOWN", wanted=wanted)


def read_base(field: Field, reason: str) -> bytes | None:
    """Read the digest of the text that this one replaces, or None: it replaces nothing. `reason` refuses all else."""
    text = field.text()
    if text == "none":
        return None
    try:
        return parse_digest(text)
    except ValueError:
        raise field.refuse(reason) from None


def read_title(field: Field) -> Phrase:
    """Read a title: one line in each language."""
    return read_words(field, MAX_TITLE, one_line=True)


def read_reasons(field: Field) -> Phrase:
    """Read reasons: a text in each language."""
    return read_words(field, MAX_REASONS, one_line=False)


def read_words(field: Field, most: int, *, one_line: bool = True) -> Phrase:
    """Read one text in each language, of 1 to `most` characters."""
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


def _points(field: Field) -> Points:
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
