"""Exploration: section 9 of docs/spec/scoring.md, by exchanging every pair and counting everything again."""

from fractions import Fraction
from typing import Any

from tests.reference.lots import lot
from tests.reference.slate import members_of, posts_of
from tests.reference.value import MILLION, Case, Person


def exchangeable(
    case: Case, people: list[Person], order: list[int], adjusted: list[int], quotas: list[dict[str, Any]]
) -> list[tuple[int, int]]:
    """Return F, the pairs of places (i, x) that may be exchanged, ordered by (i, x)."""
    pairs = []
    caps = case["policy"]["rules"].get("cap/1", [])
    for i in range(1, min(case["request"]["limit"], len(order)) + 1):
        for x in range(i + 1, len(order) + 1):
            after = exchanged(order, (i, x))
            if (
                adjusted[i - 1] > 0
                and adjusted[x - 1] > 0
                and _keeps_caps(caps, people, order, after)
                and _keeps_quotas(quotas, people, order, after)
            ):
                pairs.append((i, x))
    return pairs


def exchanged(order: list[int], pair: tuple[int, int] | None) -> list[int]:
    """Return an order with two places, counted from 1, exchanged."""
    after = list(order)
    if pair is not None:
        i, x = pair
        after[i - 1], after[x - 1] = order[x - 1], order[i - 1]
    return after


def drawn(case: Case, pairs: list[tuple[int, int]]) -> tuple[int, int] | None:
    """Return the pair that the lots exchange, if any."""
    share = case["policy"]["exploration"]["share_ppm"]
    if not pairs or lot(case["nonce"], "explore") * MILLION >= share * 2**256:
        return None
    return pairs[(lot(case["nonce"], "pair") * len(pairs)) // 2**256]


def distribution(share_ppm: int, pairs: list[tuple[int, int]], place: int) -> dict[int, Fraction]:
    """Return with what probability a place shows the candidate of each place of S, by going through every outcome."""
    shows = {place: 1 - Fraction(share_ppm, MILLION) if pairs else Fraction(1)}
    for i, x in pairs:
        shown = {i: x, x: i}.get(place, place)
        shows[shown] = shows.get(shown, Fraction(0)) + Fraction(share_ppm, MILLION) / len(pairs)
    return shows


def _keeps_caps(caps: list[dict[str, Any]], people: list[Person], before: list[int], after: list[int]) -> bool:
    """Whether every cap holds after the exchange, or is exceeded by no more than it was before."""
    for cap in caps:
        was, now = before[: cap["in_first"]], after[: cap["in_first"]]
        if "group" in cap:
            counts = [(members_of(people, was, cap["group"]), members_of(people, now, cap["group"]))]
        else:
            authors = {people[index]["author"] for index in before} - {""}
            counts = [(posts_of(people, was, author), posts_of(people, now, author)) for author in authors]
        if any(then > max(cap["at_most"], first) for first, then in counts):
            return False
    return True


def _keeps_quotas(quotas: list[dict[str, Any]], people: list[Person], before: list[int], after: list[int]) -> bool:
    """Whether every quota that was met before the exchange is met after it."""
    for quota in quotas:
        met_before = members_of(people, before[: quota["prefix"]], quota["group"]) >= quota["least"]
        met_after = members_of(people, after[: quota["prefix"]], quota["group"]) >= quota["least"]
        if met_before and not met_after:
            return False
    return True
