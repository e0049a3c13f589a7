"""Filling the slate: section 8 of docs/spec/scoring.md, scanning every candidate at every place."""

from typing import Any

from tests.reference.lots import tie_key
from tests.reference.value import ONE, Case, Person, discount, share_factor

Rule = dict[str, Any]


def fill(case: Case, people: list[Person], values: list[int], pool: list[int]) -> dict[str, Any]:
    """Fill S place by place.

    Returns order (indexes), adjusted, factors and moves by place; dropped (index → cap); quotas as they bind;
    quota_short.
    """
    rules, limit = case["policy"]["rules"], case["request"]["limit"]
    caps, quotas = rules.get("cap/1", []), _binding(rules.get("quota/1", []), limit, len(pool))
    order: list[int] = []
    adjusted: list[int] = []
    factors: list[int] = []
    moves: list[str | None] = []
    dropped: dict[int, str] = {}
    appending = False

    def factor_of(index: int) -> int:
        if "author_diversity/1" not in rules:
            return ONE
        return diversity_factor(rules["author_diversity/1"], _posts_before(case, people, order, index))

    def best(indexes: list[int]) -> int:
        return min(indexes, key=lambda i: (-discount(values[i], factor_of(i)), tie_key(case["nonce"], people[i]["id"])))

    while len(order) < min(3 * limit, len(pool)):
        place = len(order) + 1
        unplaced = [index for index in pool if index not in order]
        let_in = unplaced if appending else [i for i in unplaced if not blocking(people, caps, order, i, place)]
        if not let_in and rules["after_cap"] == "append":
            appending = True
            continue
        if not let_in:
            if len(order) < min(limit, len(pool)):
                dropped = {index: blocking(people, caps, order, index, place)[0] for index in unplaced}
            break
        urgent = [] if appending else _urgent(people, caps, quotas, order, unplaced, place)
        wanted = [i for i in let_in if any(quota["group"] in people[i]["groups"] for quota in urgent)]
        chosen = best(wanted or let_in)
        move = "after_cap" if appending else None
        if wanted and chosen != best(let_in):
            move = next(quota["rule_id"] for quota in urgent if quota["group"] in people[chosen]["groups"])
        factors.append(factor_of(chosen))
        adjusted.append(discount(values[chosen], factors[-1]))
        moves.append(move)
        order.append(chosen)
    return {
        "order": order,
        "adjusted": adjusted,
        "factors": factors,
        "moves": moves,
        "dropped": dropped,
        "quotas": quotas,
        "quota_short": [
            quota["rule_id"]
            for quota in quotas
            if members_of(people, order[: quota["prefix"]], quota["group"]) < quota["least"]
        ],
    }


def diversity_factor(rule: dict[str, int], k: int) -> int:
    """Return the factor of an author's post after k others of hers, k ≤ 64 (section 8.1)."""
    factor = ONE
    for _ in range(k):
        factor = (factor * share_factor(rule["decay_ppm"])) // ONE
    return max(share_factor(rule["floor_ppm"]), factor)


def posts_of(people: list[Person], placed: list[int], author: str) -> int:
    """Count the posts of an author among those placed."""
    return sum(1 for index in placed if people[index]["author"] == author)


def members_of(people: list[Person], placed: list[int], group: str) -> int:
    """Count the members of a group among those placed."""
    return sum(1 for index in placed if group in people[index]["groups"])


def blocking(people: list[Person], caps: list[Rule], order: list[int], index: int, place: int) -> list[str]:
    """Return the ids of the caps that block a candidate at a place, in the policy's order (section 8.3)."""
    one, found = people[index], []
    for number, cap in enumerate(caps, start=1):
        if "group" in cap:
            full = cap["group"] in one["groups"] and members_of(people, order, cap["group"]) >= cap["at_most"]
        else:
            full = one["author"] != "" and posts_of(people, order, one["author"]) >= cap["at_most"]
        if full and place <= cap["in_first"]:
            found.append(f"cap/1#{number}")
    return found


def _posts_before(case: Case, people: list[Person], order: list[int], index: int) -> int:
    author = people[index]["author"]
    if author == "":
        return 0
    served: int = dict(case["request"]["served_author_counts"]).get(author, 0)
    return min(64, served + posts_of(people, order, author))


def _binding(quotas: list[Rule], limit: int, pool_size: int) -> list[Rule]:
    bound = []
    for number, quota in enumerate(quotas, start=1):
        prefix = min(quota["in_first"], limit, pool_size)
        least = (quota["at_least"] * prefix) // quota["in_first"]
        bound.append({"rule_id": f"quota/1#{number}", "group": quota["group"], "least": least, "prefix": prefix})
    return bound


def _urgent(
    people: list[Person], caps: list[Rule], quotas: list[Rule], order: list[int], unplaced: list[int], place: int
) -> list[Rule]:
    """Return the quotas that decide who is eligible at a place; none where no prefix is tight (section 8.4)."""
    needs = [_need(people, caps, quota, order, unplaced, place) for quota in quotas]
    for deadline in sorted({quota["prefix"] for quota in quotas if place <= quota["prefix"]}):
        within = [number for number, quota in enumerate(quotas) if quota["prefix"] <= deadline]
        if sum(needs[number] for number in within) >= deadline - place + 1:
            return [quotas[number] for number in within if needs[number] > 0]
    return []


def _need(
    people: list[Person], caps: list[Rule], quota: Rule, order: list[int], unplaced: list[int], place: int
) -> int:
    """Return a quota's need at a place, cut to what authors' caps leave available (section 8.2)."""
    if place > quota["prefix"]:
        return 0
    authors = [people[index]["author"] for index in unplaced if quota["group"] in people[index]["groups"]]
    available = authors.count("")
    for author in set(authors) - {""}:
        left = [
            max(0, cap["at_most"] - posts_of(people, order, author)) + max(0, quota["prefix"] - cap["in_first"])
            for cap in caps
            if "group" not in cap and cap["in_first"] >= place
        ]
        available += min([authors.count(author), *left])
    missing: int = max(0, quota["least"] - members_of(people, order, quota["group"]))
    return min(missing, available)
