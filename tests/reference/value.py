"""What one candidate is worth before the slate is filled: sections 4 to 7 of docs/spec/scoring.md."""

import math
from functools import cache
from typing import Any

Case = dict[str, Any]
Person = dict[str, Any]

OBJECTIVES = ("click", "long_view", "like", "reply", "repost", "follow", "profile_visit", "hide", "report")
ONE = 65536
MILLION = 1_000_000


def probability(table: list[list[int]], margin: int) -> int:
    """Return parts per billion at a margin: linear between knots, flat outside (section 4)."""
    if margin <= table[0][0]:
        return table[0][1]
    if margin >= table[-1][0]:
        return table[-1][1]
    for k in range(len(table) - 1):
        (low, p_low), (high, p_high) = table[k], table[k + 1]
        if low <= margin < high:
            return p_low + ((margin - low) * (p_high - p_low)) // (high - low)
    raise AssertionError("a margin inside the table lies between two knots")


def lift(head: dict[str, Any], margin: int, ceiling: int) -> int:
    """Return how many millionths of its usual rate an outcome has (section 5); a silent head has no table."""
    if not head["calibration"]:
        return MILLION
    return int(min((probability(head["calibration"], margin) * MILLION) // head["base_rate_ppb"], ceiling))


def terms(case: Case, index: int) -> list[dict[str, Any]]:
    """Return the terms of one candidate, in the canonical order of objectives (section 6)."""
    sliders = dict(case["request"]["sliders"])
    listed = []
    for head, margins in zip(case["heads"], case["margins"], strict=True):
        objective = head["objective"]
        points = (case["policy"]["points"][objective] * sliders.get(objective, 100)) // 100
        sign = {"reward": 1, "penalty": -1}[case["limits"]["objectives"][objective]["sign"]]
        times = lift(head, margins[index], case["limits"]["lift_ceiling_micro"])
        listed.append(
            {"objective": objective, "sign": sign, "points": points, "lift": times, "term": sign * points * times}
        )
    return sorted(listed, key=lambda term: OBJECTIVES.index(term["objective"]))


def share_factor(share_ppm: int) -> int:
    """Return F: a share in parts per million as a factor over 2¹⁶ (section 7)."""
    return (share_ppm * ONE) // MILLION


def discount(value: int, factor: int) -> int:
    """Return the positive part discounted, anything else as it was (section 7)."""
    return (value * factor) // ONE if value > 0 else value


def step(rule_id: str, factor: int, before: int) -> dict[str, Any]:
    """Return what one rule did to a value (section 11)."""
    return {"rule_id": rule_id, "factor": factor, "before": before, "after": discount(before, factor)}


@cache
def half_power(k: int) -> int:
    """Return T[k], the largest t with t¹⁰²⁴ ≤ 2^(16·1024 − k), by bisection (section 7.1)."""
    low, high = 0, ONE
    while low < high:
        middle = (low + high + 1) // 2
        if middle**1024 <= 2 ** (16 * 1024 - k):
            low = middle
        else:
            high = middle - 1
    return low


def half_life_factor(age: int, half_life: int) -> int:
    """Return H: 2^(−age ÷ half-life) over 2¹⁶ (section 7.1)."""
    halvings = age // half_life
    rest = age - halvings * half_life
    return 0 if halvings >= 17 else half_power((rest * 1024) // half_life) // 2**halvings


def dropped_by(case: Case, one: Person) -> str | None:
    """Return the first rule that drops a candidate (section 7)."""
    rules = case["policy"]["rules"]
    if "drop_seen/1" in rules and one["seen"]:
        return "drop_seen/1"
    if "drop_muted/1" in rules and one["muted"]:
        return "drop_muted/1"
    if "max_age/1" in rules and _age(case, one, rules["max_age/1"]) > rules["max_age/1"]["age_ms"]:
        return "max_age/1"
    return None


def discounts(case: Case, one: Person, value: int) -> list[dict[str, Any]]:
    """Return what each discount about one candidate does to its value, in the normative order (section 7)."""
    rules = case["policy"]["rules"]
    steps = []
    for rule_id, factor_of in (
        ("freshness/1", _freshness),
        ("source_scaling/1", _source_scaling),
        ("feedback_fatigue/1", _feedback_fatigue),
    ):
        if rule_id in rules:
            steps.append(step(rule_id, factor_of(case, one, rules[rule_id]), value))
            value = steps[-1]["after"]
    return steps


def _age(case: Case, one: Person, rule: dict[str, int]) -> int:
    if one["created"] == -1:
        return rule["unknown_age_ms"]
    return max(0, int(case["request"]["request_time_ms"]) - int(one["created"]))


def _freshness(case: Case, one: Person, rule: dict[str, int]) -> int:
    floor = share_factor(rule["floor_ppm"])
    return floor + ((ONE - floor) * half_life_factor(_age(case, one, rule), rule["half_life_ms"])) // ONE


def _source_scaling(case: Case, one: Person, rule: dict[str, Any]) -> int:
    return share_factor(rule["shares_ppm"].get(one["source"], rule["other_ppm"]))


def _feedback_fatigue(case: Case, one: Person, rule: dict[str, Any]) -> int:
    column = case["columns"][rule["column"]]
    hours = column[0] if len(column) == 1 else column[one["index"]]
    if hours is None:
        return ONE
    floor, recovery = share_factor(rule["floor_ppm"]), int(rule["recovery_hours"])
    passed: int = min(math.floor(hours), recovery)
    return floor + ((ONE - floor) * passed) // recovery
