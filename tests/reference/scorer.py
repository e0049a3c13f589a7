"""A naive, slow second implementation of docs/spec/scoring.md: plain dicts in, plain dicts out, no code of rankd.

Everything is found by scanning: each place looks at every candidate, each pair of places is literally exchanged and
every cap and quota counted again. Nothing is shared with the service, so that an agreement means something.

A *case* is the mapping that tests/vectors/scoring/README.md describes: policy, limits, heads, request, margins,
columns, nonce. `score(case)` returns a probe's `want`.
"""

from typing import Any

from tests.reference.exchange import distribution, drawn, exchangeable, exchanged
from tests.reference.lots import tie_key
from tests.reference.slate import fill
from tests.reference.value import MILLION, Case, Person, discounts, dropped_by, step, terms

Answer = dict[str, Any]


def score(case: Case) -> Answer:
    """Rank the candidates of a case and explain each of them; policy null means that the baseline stands in."""
    if case["policy"] is None or case["request"]["mode"] == "NEWEST_FIRST":
        return _newest_first(case)
    people = candidates(case)
    explained = [_explain(case, one) for one in people]
    values = [one["value"] for one in explained]
    dropped = {one["index"]: rule for one in people if (rule := dropped_by(case, one)) is not None}
    filled = fill(case, people, values, [one["index"] for one in people if one["index"] not in dropped])
    dropped |= filled["dropped"]
    order, adjusted = filled["order"], filled["adjusted"]
    if "author_diversity/1" in case["policy"]["rules"]:
        for index, factor in zip(order, filled["factors"], strict=True):
            explained[index]["steps"].append(step("author_diversity/1", factor, values[index]))
            explained[index]["value"] = explained[index]["steps"][-1]["after"]
    pairs = exchangeable(case, people, order, adjusted, filled["quotas"])
    pair = drawn(case, pairs)
    slate = []
    for index in exchanged(order, pair)[: case["request"]["limit"]]:
        place = order.index(index) + 1
        codes = _reason_codes(explained[index], filled["moves"][place - 1], pair is not None and place in pair)
        slate.append({"id": people[index]["id"], "value": adjusted[place - 1], "reason_codes": codes})
    return {
        "slate": slate,
        "dropped": [{"id": people[index]["id"], "rule_id": dropped[index]} for index in sorted(dropped)],
        "order": [people[index]["id"] for index in order],
        "values": adjusted,
        "moves": filled["moves"],
        "quota_short": filled["quota_short"],
        "exploration": _exploration(case["policy"]["exploration"]["share_ppm"], pairs, pair, len(slate)),
        "explanations": explained,
    }


def candidates(case: Case) -> list[Person]:
    """Return the candidates one by one, each with its index in the request."""
    table = case["request"]["candidates"]
    return [
        {
            "index": index,
            "id": candidate_id,
            "author": table["author_id"][index],
            "created": table["create_time_ms"][index],
            "source": table["source"][index],
            "groups": table["groups"][index],
            "seen": index in table["seen"],
            "muted": index in table["muted"],
        }
        for index, candidate_id in enumerate(table["id"])
    ]


def _explain(case: Case, one: Person) -> dict[str, Any]:
    parts = terms(case, one["index"])
    steps = discounts(case, one, sum(part["term"] for part in parts))
    value = steps[-1]["after"] if steps else sum(part["term"] for part in parts)
    return {"id": one["id"], "terms": parts, "steps": steps, "value": value}


def _exploration(
    share_ppm: int, pairs: list[tuple[int, int]], pair: tuple[int, int] | None, shown_count: int
) -> dict[str, Any]:
    places = range(1, shown_count + 1)
    partners = {} if pair is None else {pair[0]: pair[1], pair[1]: pair[0]}
    # Found by adding up every outcome rather than by the closed formula of section 9; both must agree.
    marginals = [distribution(share_ppm, pairs, place)[partners.get(place, place)] for place in places]
    return {
        "share_ppm": share_ppm,
        "pair_count": len(pairs),
        "partner_counts": [sum(1 for both in pairs if place in both) for place in places],
        "pair": None if pair is None else list(pair),
        "marginals": [[marginal.numerator, marginal.denominator] for marginal in marginals],
    }


def _newest_first(case: Case) -> Answer:
    people = candidates(case)
    kept = [one for one in people if not one["muted"]]
    kept.sort(key=lambda one: (one["created"] == -1, -one["created"], tie_key(case["nonce"], one["id"])))
    shown = kept[: case["request"]["limit"]]
    return {
        "slate": [{"id": one["id"], "value": 0, "reason_codes": ["newest_first"]} for one in shown],
        "dropped": [{"id": one["id"], "rule_id": "drop_muted/1"} for one in people if one["muted"]],
        "order": [one["id"] for one in shown],
        "values": [0 for _ in shown],
        "moves": [None for _ in shown],
        "quota_short": [],
        "exploration": _exploration(0, [], None, len(shown)),
        "explanations": [{"id": one["id"], "terms": [], "steps": [], "value": 0} for one in people],
    }


def _reason_codes(explained: dict[str, Any], move: str | None, swapped: bool) -> list[str]:
    def gap(term: dict[str, Any]) -> int:
        return int(abs(term["term"] - term["sign"] * term["points"] * MILLION))

    strongest = sorted((term for term in explained["terms"] if gap(term) != 0), key=gap, reverse=True)[:3]
    codes = [f"{term['objective']}_{'above' if term['lift'] > MILLION else 'below'}_usual" for term in strongest]
    codes += [one["rule_id"] for one in explained["steps"] if one["before"] != one["after"]]
    codes += [] if move is None else [move]
    codes += ["explore/1"] if swapped else []
    return codes
