"""Random cases from a `random.Random`: every rule, ties in bulk, extremes, few and many candidates.

Hypothesis hands in a Random that it can shrink; a sweep hands in one with a fixed seed.
"""

from random import Random
from typing import Any

from tests.reference.value import OBJECTIVES, Case

AUTHORS = ("", "ana", "bao", "chi")
GROUPS = ("local", "ad", "news")
SOURCES = ("", "in_network", "out_of_network", "search")
PENALTIES = ("hide", "report")
HOUR_MS = 3_600_000
CLOCK_MS = 1_700_000_000_000
TABLE = [[1, 1], [999_999_999, 999_999_999]]
"""A calibration table in which every margin from 1 to 999 999 999 is its own probability."""

LOW, HIGH = -(2**31), 2**31 - 1


def random_case(rng: Random, max_count: int = 12) -> Case:
    """Return a case with everything in it; every policy in it would load."""
    objectives = sorted(rng.sample(OBJECTIVES, rng.randint(1, 4)), key=OBJECTIVES.index)
    heads = [random_head(rng, objective) for objective in objectives]
    table = random_candidates(rng, rng.randint(1, max_count))
    count = len(table["id"])
    moved = sorted(rng.sample(objectives, rng.randint(0, min(2, len(objectives)))), key=OBJECTIVES.index)
    return {
        "policy": {
            "points": random_points(rng, objectives),
            "rules": random_rules(rng),
            "exploration": {"share_ppm": rng.choice([0, 1, 50_000, 500_000, 1_000_000])},
            "sliders": {objective: {"min_percent": 0, "max_percent": 300} for objective in moved},
        },
        "limits": limits_form(rng.randint(2, 50) * 1_000_000),
        "heads": heads,
        "request": {
            "mode": "NEWEST_FIRST" if rng.randint(0, 9) == 9 else "RANKED",
            "request_time_ms": CLOCK_MS,
            "limit": rng.randint(1, 6 if rng.randint(0, 1) else 20),
            "served_author_counts": [
                [author, rng.choice([0, 1, 2, 63, 64, 65, 1_000_000])]
                for author in sorted(rng.sample([*AUTHORS[1:], "zoe"], rng.randint(0, 2)))
            ],
            "sliders": [[objective, rng.choice([0, 1, 50, 99, 150, 300])] for objective in moved],
            "candidates": table,
        },
        "margins": [random_margins(rng, head, count) for head in heads],
        "columns": {"hours": [random_hours(rng) for _ in range(rng.choice([1, count]))]},
        "nonce": f"{rng.getrandbits(256):064x}",
    }


def plain_case(margins: list[int], share_ppm: int = 0, limit: int = 10) -> Case:
    """Return a case without rules in which a candidate's margin is its lift, p0, p1 … in that order."""
    count = len(margins)
    return {
        "policy": {
            "points": dict.fromkeys(OBJECTIVES, 0) | {"click": 1000},
            "rules": {},
            "exploration": {"share_ppm": share_ppm},
            "sliders": {},
        },
        "limits": limits_form(),
        "heads": [{"objective": "click", "base_rate_ppb": 1_000_000, "calibration": TABLE}],
        "request": {
            "mode": "RANKED",
            "request_time_ms": 0,
            "limit": limit,
            "served_author_counts": [],
            "sliders": [],
            "candidates": {
                "id": [f"p{index}" for index in range(count)],
                "author_id": [""] * count,
                "create_time_ms": [-1] * count,
                "source": [""] * count,
                "groups": [[] for _ in range(count)],
                "seen": [],
                "muted": [],
            },
        },
        "margins": [margins],
        "columns": {},
        "nonce": "00" * 32,
    }


def limits_form(lift_ceiling_micro: int = 10_000_000) -> dict[str, Any]:
    """Return limits in which hide and report are penalties."""
    signs = {objective: {"sign": "penalty" if objective in PENALTIES else "reward"} for objective in OBJECTIVES}
    return {"lift_ceiling_micro": lift_ceiling_micro, "objectives": signs}


def random_points(rng: Random, objectives: list[str]) -> dict[str, int]:
    """Return points that sum to 1000, none for objectives that have no head."""
    cuts = sorted(rng.randint(0, 1000) for _ in objectives[1:])
    handed = [b - a for a, b in zip([0, *cuts], [*cuts, 1000], strict=True)]
    return dict.fromkeys(OBJECTIVES, 0) | dict(zip(objectives, handed, strict=True))


def random_rules(rng: Random) -> dict[str, Any]:
    """Return rules in their canonical form; each may be absent."""
    rules: dict[str, Any] = {}
    if rng.randint(0, 2) == 2:
        rules["drop_seen/1"] = "apply"
    if rng.randint(0, 2) == 2:
        rules["drop_muted/1"] = "apply"
    if rng.randint(0, 2) == 2:
        rules["max_age/1"] = {"age_ms": random_age(rng), "unknown_age_ms": random_age(rng)}
    rules |= random_discounts(rng)
    caps = [random_cap(rng) for _ in range(rng.choice([0, 0, 1, 2, 3]))]
    if caps:
        rules |= {"cap/1": caps, "after_cap": rng.choice(["drop", "append"])}
    quotas = random_quotas(rng)
    if quotas:
        rules["quota/1"] = quotas
    return rules


def random_discounts(rng: Random) -> dict[str, Any]:
    """Return the discounts of a policy; each may be absent."""
    return {rule_id: random_rule(rng) for rule_id, random_rule in DISCOUNTS.items() if rng.randint(0, 1)}


def random_freshness(rng: Random) -> dict[str, int]:
    """Return freshness/1, half-lives from a minute to ten years."""
    half_life = rng.choice([60_000, HOUR_MS, 7 * HOUR_MS, 315_360_000_000, rng.randint(60_000, 100 * HOUR_MS)])
    return {"half_life_ms": half_life, "floor_ppm": max(1_000, random_share(rng)), "unknown_age_ms": random_age(rng)}


def random_scaling(rng: Random) -> dict[str, Any]:
    """Return source_scaling/1 that names some of the sources."""
    named = rng.sample(SOURCES[1:], rng.randint(0, 2))
    return {"shares_ppm": {source: random_share(rng) for source in named}, "other_ppm": random_share(rng)}


def random_fatigue(rng: Random) -> dict[str, Any]:
    """Return feedback_fatigue/1 over the column `hours`."""
    return {"column": "hours", "recovery_hours": rng.randint(1, 100), "floor_ppm": random_share(rng)}


def random_diversity(rng: Random) -> dict[str, int]:
    """Return author_diversity/1."""
    return {"decay_ppm": random_share(rng), "floor_ppm": random_share(rng)}


def random_cap(rng: Random) -> dict[str, Any]:
    """Return a cap per author or of a group."""
    who = {"per": "author"} if rng.randint(0, 1) else {"group": rng.choice(GROUPS)}
    return who | {"at_most": rng.randint(0, 3), "in_first": rng.randint(1, 12)}


def random_quotas(rng: Random) -> list[dict[str, Any]]:
    """Return up to three quotas that load together."""
    quotas: list[dict[str, Any]] = []
    for _ in range(rng.randint(0, 3)):
        in_first = rng.randint(1, 8)
        quota = {"group": rng.choice(GROUPS), "at_least": rng.randint(1, in_first), "in_first": in_first}
        if quotas_load([*quotas, quota]):
            quotas.append(quota)
    return quotas


def quotas_load(quotas: list[dict[str, Any]]) -> bool:
    """Whether a policy with these quotas loads: for every n, those with prefix ≤ n ask for at most n together."""
    prefixes = [quota["in_first"] for quota in quotas]
    return all(sum(quota["at_least"] for quota in quotas if quota["in_first"] <= n) <= n for n in prefixes)


def random_head(rng: Random, objective: str) -> dict[str, Any]:
    """Return a head: silent, with one knot, or with several."""
    calibration = TABLE
    if rng.randint(0, 1):
        size = rng.randint(0, 4)
        margins = sorted({rng.randint(LOW + 1, HIGH) for _ in range(size)})
        chances = sorted(rng.randint(1, 999_999_999) for _ in margins)
        calibration = [[m, p] for m, p in zip(margins, chances, strict=True)]
    base_rate = rng.choice([1_000, 1_000_000, rng.randint(1_000, 999_999_999)])
    return {"objective": objective, "base_rate_ppb": base_rate, "calibration": calibration}


def random_margins(rng: Random, head: dict[str, Any], count: int) -> list[int]:
    """Return margins of which few are distinct: knots, their neighbours, extremes and some between."""
    knots = [m + d for m, _ in head["calibration"] for d in (-1, 0, 1) if LOW <= m + d <= HIGH]
    near = [rng.randint(1, 9_999_999), rng.randint(1, 9_999_999), rng.randint(LOW, HIGH)]
    values = [*near, *near, *knots, LOW, LOW + 1, HIGH]
    return [rng.choice(values) for _ in range(count)]


def random_candidates(rng: Random, count: int) -> dict[str, Any]:
    """Return candidates in columns; many alike, so that caps, quotas and ties have work to do."""
    ids = [f"p{index}" for index in range(count)]
    rng.shuffle(ids)
    created = [rng.choice([CLOCK_MS - random_age(rng), -1, CLOCK_MS + 5, 0]) for _ in range(count)]
    return {
        "id": ids,
        "author_id": [rng.choice(AUTHORS) for _ in range(count)],
        "create_time_ms": created,
        "source": [rng.choice(SOURCES) for _ in range(count)],
        "groups": [rng.sample(GROUPS, rng.choice([0, 0, 1, 1, 2, 3])) for _ in range(count)],
        "seen": [index for index in range(count) if rng.randint(0, 7) == 7],
        "muted": [index for index in range(count) if rng.randint(0, 7) == 7],
    }


def random_age(rng: Random) -> int:
    """Return an age in milliseconds, often at a boundary."""
    edges = [0, 1, HOUR_MS - 1, HOUR_MS, HOUR_MS + 1, 17 * HOUR_MS, 40 * HOUR_MS]
    return rng.choice([*edges, rng.randint(0, 100 * HOUR_MS), rng.randint(0, 100 * HOUR_MS)])


def random_share(rng: Random) -> int:
    """Return a share in parts per million, often at a boundary."""
    return rng.choice([0, 1, 500_000, 999_999, 1_000_000, rng.randint(0, 1_000_000), rng.randint(0, 1_000_000)])


def random_hours(rng: Random) -> float | None:
    """Return hours that binary32 holds exactly; None where there was no negative feedback."""
    return rng.choice([None, 0.0, 0.5, 0.9375, 1.0, 7.25, 99.0, 100.0, 2.0**100, rng.randint(0, 1600) / 8])


DISCOUNTS = {
    "freshness/1": random_freshness,
    "source_scaling/1": random_scaling,
    "feedback_fatigue/1": random_fatigue,
    "author_diversity/1": random_diversity,
}
"""How to make each discount's parameters."""
