"""Small texts for random co-ops: policies, constitutions whose durations are hours, foundings, an impact."""

import random
from collections.abc import Callable
from functools import cache, lru_cache
from hashlib import sha256
from typing import Any

from rankd.core.assembly import constitution_reader, points_template
from rankd.core.assembly import entries as e
from rankd.core.exact.canonical import digest_text
from rankd.core.objectives import OBJECTIVES
from rankd.core.policy import reader, strict_yaml
from rankd.core.words.language import Phrase
from tests import assemblies as co
from tests.reference import assembly_texts
from tests.reference.impact import SLATES

HOUR_MS = co.HOUR_MS
SURFACES = ("home", "video")
MODELS = tuple(sha256(name).digest() for name in (b"model", b"other", b"third"))
HEADS = (co.HEADS, OBJECTIVES, tuple(name for name in OBJECTIVES if name not in ("hide", "report")))
NEWCOMERS = ("Jeanne", "Karim", "Lou")
ROTATED = ("Alice 2", "Bruno 2", "Chloé 2")
PEOPLE = (*co.FOUNDERS[:6], *NEWCOMERS)
POINTS = (
    {
        "click": 150,
        "long_view": 300,
        "like": 100,
        "reply": 150,
        "repost": 50,
        "follow": 50,
        "profile_visit": 50,
        "hide": 150,
    },
    {"click": 500, "long_view": 500},
    {"click": 100, "reply": 600, "repost": 300},
    {"click": 300, "like": 400, "follow": 300},
    {"click": 400, "like": 400, "report": 200},
    {"click": 700, "like": 300},
)
RULES: tuple[dict[str, str], ...] = (
    {},
    {"late_swing": "0h", "timelock": "0h"},
    {"sponsors": "0", "deliberation": "0h", "notice": "0h"},
    {"quorum": "50%", "majority": "2/3", "recall": "50%"},
    {"quorum_min": "40%", "timelock": "9h"},
    {"voting": "4h", "late_swing": "2h", "recall": "20%"},
    {"voting": "0h", "late_swing": "0h", "sponsors": "2"},
)
SHORT = {
    "sponsors": "1",
    "sponsorship": "6h",
    "deliberation": "2h",
    "deliberation_max": "8h",
    "notice": "1h",
    "voting": "6h",
    "late_swing": "3h",
    "timelock": "3h",
    "recall": "30%",
}
REAL_RULES: tuple[dict[str, str], ...] = (
    {},
    {"late_swing": "0h", "timelock": "1d"},
    {"voting": "4d", "late_swing": "2d", "recall": "20%"},
    {"quorum": "50%", "quorum_min": "20%", "recall": "50%"},
    {"timelock": "9d", "sponsors": "2"},
)
REAL = {name: value.replace("h", "d") for name, value in SHORT.items()} | {"deliberation": "3d"}
EXPOSED = {"label": "", "offered": 0, "before": 0, "after": 0, "before_micro": 0, "after_micro": 0}
EMPTY: dict[str, Any] = {
    "schema": "rankd.impact/1",
    "model": digest_text(MODELS[0]),
    "bases": [],
    "decisions": [],
    **dict.fromkeys(("count", "viewers", "clipped"), 0),
    "slates": dict.fromkeys(SLATES, 0),
    "objectives": [
        {
            "objective": name,
            "sign": -1 if name in ("hide", "report") else 1,
            "points_before": None,
            "points_after": 0,
            "head": "none",
            "pull_before_ppm": 0,
            "pull_after_ppm": 0,
            "prediction": None,
        }
        for name in OBJECTIVES
    ],
    "exposure": {"total": EXPOSED, "sources": [], "groups": [], "languages": [], "ages": []},
    "authors": {
        **dict.fromkeys(("authors", "shown_before", "shown_after", "places_before", "places_after"), 0),
        "gini_before_ppm": None,
        "gini_after_ppm": None,
        "parts": [],
    },
    "examples": [],
}
"""An impact that was measured on nothing."""

WORDS = Phrase(fr="Ainsi", en="So be it")


@cache
def policy(surface: str, base: bytes | None, points: int, note: int = 0, share: int = 0) -> str:
    """Return a policy; `points` −1 leaves them to a vote."""
    given = {name: POINTS[points].get(name, 0) for name in OBJECTIVES} if points >= 0 else {}
    lines = "points: vote" if points < 0 else f"points: {{{', '.join(f'{name}: {n}' for name, n in given.items())}}}"
    return (
        f"# {note}\nschema: rankd.policy/1\nsurface: {surface}\nbase: {'none' if base is None else digest_text(base)}\n"
        f'title: {{fr: "Une", en: "One"}}\nreasons: {{fr: "Parce que", en: "Because"}}\n{lines}\n'
        f"rules: {{}}\nexploration: {{share: {share}%}}\nsliders: {{}}\n"
    )


@cache
def constitution(variant: int, number: int = 1, base: bytes | None = None, origin: str = co.ORIGIN) -> str:
    """Return one of a few constitutions whose durations are hours, or days where it is no development co-op."""
    dice = random.Random(variant)
    is_dev = origin.startswith("dev.")
    short, others, unit = (SHORT, RULES, "h") if is_dev else (REAL, REAL_RULES, "d")
    classes = {name: short | dice.choice(others) for name in ("policy", "model", "constitution")}
    classes["model"]["by"] = dice.choice(("vote", "notice"))
    if not is_dev:
        classes["constitution"] |= {"quorum": "20%", "majority": "3/5"}
    text = co.constitution(number, base, origin=origin, **classes)
    text = text.replace("confirmation: 5d", f"confirmation: {dice.choice((3, 5, 8))}{unit}")
    text = text.replace("needed: 2", f"needed: {dice.choice((1 if is_dev else 2, 2, 2, 3))}")
    if dice.random() < 0.3:
        text = text.replace("click: {sign: reward, min: 0, max: 600}", "click: {sign: reward, min: 100, max: 450}")
    if dice.random() < 0.2:
        text = text.replace("report: {sign: penalty, min: 0, max: 300}", "report: {sign: penalty, min: 0, max: 50}")
    return text


@cache
def founded(variant: int) -> co.TestMinutes:
    """Return a co-op that was just founded; every third is no development co-op."""
    dice = random.Random(variant + 1000)
    origin = co.ORIGIN if variant % 3 else "coop.test/minutes"
    surfaces = []
    for surface in SURFACES:
        has_model = dice.random() < 0.9
        text = policy(surface, None, 0) if has_model and dice.random() < 0.8 else None
        surfaces.append(
            e.FoundingSurface(surface, text, MODELS[0] if has_model else None, co.HEADS if has_model else ())
        )
    documents = tuple(co.registration(name, origin) for name in co.FOUNDERS[: dice.choice((2, 4, 6, 6, 6, 6))])
    text = constitution(variant, origin=origin)
    return co.found(e.Founding(text, documents, tuple(surfaces), bytes(16)), origin=origin)


def read_once(patch: Callable[[Any, str, Any], None]) -> None:
    """Have rankd parse each text once only: most of the time would go there, and nodes never change."""
    cached = lru_cache(maxsize=4096)(strict_yaml.parse_strict)
    for module in (constitution_reader, points_template, reader, assembly_texts):
        patch(module, "parse_strict", cached)
