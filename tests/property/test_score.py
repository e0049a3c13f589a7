"""Two implementations of the exact score agree, and the score keeps its promises."""

from collections import Counter
from copy import deepcopy
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rankd.core.exact.chance import decision_nonce
from rankd.core.policy.reader import read_policy
from rankd.core.ranking.explanation import explain
from rankd.core.ranking.ranking import rank_without_chance
from tests.reference.cases import DISCOUNTS, plain_case, quotas_load, random_case
from tests.reference.conversion import (
    rankd_answer,
    rankd_columns,
    rankd_formula,
    rankd_margins,
    rankd_ranking,
    rankd_request,
)
from tests.reference.scorer import candidates, score
from tests.reference.slate import members_of, posts_of
from tests.reference.value import OBJECTIVES, discount

Case = dict[str, Any]

rngs = st.randoms(use_true_random=False)
quickly = settings(max_examples=30, deadline=None)
EVERY_RULE = {
    *("drop_seen/1", "drop_muted/1", "max_age/1", "cap/1#1", "cap/1#2", "cap/1#3"),
    *("freshness/1", "source_scaling/1", "feedback_fatigue/1", "author_diversity/1"),
    *("quota/1#1", "quota/1#2", "after_cap", "explore/1", "newest_first", "quota_short", "tie", "negative", "empty"),
    *(f"{objective}_{side}_usual" for objective in OBJECTIVES for side in ("above", "below")),
}


@given(rngs)
@quickly
def test_both_implementations_agree_on_every_field(rng: Random) -> None:
    case = random_case(rng)
    assert rankd_answer(case) == score(case)


def test_both_implementations_agree_over_a_sweep_in_which_every_rule_acts() -> None:
    acted: set[str] = set()
    for seed in range(600):
        case = random_case(Random(seed), 40 if seed % 20 == 0 else 12)
        answer = score(case)
        assert rankd_answer(case) == answer, seed
        acted |= {code for entry in answer["slate"] for code in entry["reason_codes"]}
        acted |= {entry["rule_id"] for entry in answer["dropped"]}
        acted |= {"quota_short"} if answer["quota_short"] else set()
        acted |= {"tie"} if len(set(answer["values"])) < len(answer["values"]) else set()
        acted |= {"negative"} if min(answer["values"], default=0) < 0 else set()
        acted |= set() if answer["slate"] else {"empty"}
    assert EVERY_RULE - acted == set()


def test_a_slate_without_chance_is_the_beginning_of_the_whole_one() -> None:
    swapped = 0
    for seed in range(400):
        case = _ranked(random_case(Random(seed), 40 if seed % 4 == 0 else 12))
        formula = rankd_formula(case)
        assert formula is not None
        request, nonce = rankd_request(case), bytes.fromhex(case["nonce"])
        whole = rankd_ranking(case)
        begun = rank_without_chance(request, formula, rankd_margins(case), rankd_columns(case), nonce)
        assert begun == whole.order[: request.limit], seed
        swapped += begun != whole.shown
    assert swapped > 20


@given(rngs)
@quickly
def test_no_discount_ever_raises_a_candidate(rng: Random) -> None:
    case = _ranked(random_case(rng))
    harsher = deepcopy(case)
    rules = harsher["policy"]["rules"]
    rule_id = rng.choice(list(DISCOUNTS))
    if rule_id not in rules:
        rules[rule_id] = DISCOUNTS[rule_id](rng)
    else:
        _lower(rng, rule_id, rules[rule_id])
    mild, harsh = _values_by_served_posts(case), _values_by_served_posts(harsher)
    assert [pair for pair in zip(mild, harsh, strict=True) if pair[1] > pair[0]] == []


@given(rngs)
@quickly
def test_every_discount_leaves_what_is_not_positive_and_never_changes_a_sign(rng: Random) -> None:
    case = _ranked(random_case(rng))
    for entry in rankd_answer(case)["explanations"]:
        for step in entry["steps"]:
            if step["before"] <= 0:
                assert step["after"] == step["before"]
            else:
                assert 0 <= step["after"] <= step["before"]


@given(rngs)
@quickly
def test_caps_hold_before_and_after_exploration_where_the_rest_is_dropped(rng: Random) -> None:
    case = _ranked(random_case(rng))
    rules = case["policy"]["rules"]
    rules.setdefault("cap/1", [{"per": "author", "at_most": 1, "in_first": rng.randint(1, 12)}])
    rules["after_cap"] = "drop"
    case["policy"]["exploration"]["share_ppm"] = 1_000_000
    ranking, people = rankd_ranking(case), candidates(case)
    for order in (list(ranking.order), list(ranking.shown)):
        assert [cap for cap in rules["cap/1"] if _broken(cap, people, order)] == []


def test_none_of_four_thousand_feasible_sets_of_quotas_is_broken() -> None:
    rng = Random(20_240_229)
    tried = 0
    while tried < 4000:
        groups = [rng.sample("abcd", rng.choice([0, 1, 1, 2])) for _ in range(rng.randint(4, 9))]
        quotas = _random_quotas(rng)
        limit = rng.randint(2, 9)
        if not _feasible(quotas, groups, limit):
            continue
        case = plain_case([rng.randint(1, 5) * 1_000_000 for _ in groups], share_ppm=0, limit=limit)
        case["policy"]["rules"]["quota/1"] = quotas
        case["request"]["candidates"]["groups"] = groups
        assert rankd_ranking(case).quota_short == ()
        tried += 1


@given(rngs)
@quickly
def test_an_explanation_adds_up_to_the_value_exactly(rng: Random) -> None:
    case = _ranked(random_case(rng))
    ranking, formula, margins = rankd_ranking(case), rankd_formula(case), rankd_margins(case)
    for index in range(len(case["request"]["candidates"]["id"])):
        one = explain(ranking, formula, margins, index)
        assert sum(term.sign * term.points * term.lift_micro for term in one.terms) == sum(t.term for t in one.terms)
        assert sum(t.term for t in one.terms) + sum(s.after - s.before for s in one.steps) == one.value
        if one.ranked_at is not None:
            assert one.value == ranking.values[one.ranked_at - 1]


def test_the_marginals_of_every_outcome_are_those_of_going_through_all_outcomes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lots = {b"explore": 2**256 - 1, b"pair": 0}
    monkeypatch.setattr("rankd.core.ranking.exploration.draw", lambda _, name: lots[name])
    explored = 0
    for seed in range(120):
        case = _ranked(random_case(Random(seed), 7))
        share = case["policy"]["exploration"]["share_ppm"] = [1, 20_000, 333_333][seed % 3]
        lots[b"explore"] = 2**256 - 1
        outcomes = [(1 - Fraction(share, 10**6), rankd_ranking(case))]
        count = outcomes[0][1].exploration.pair_count
        if count == 0:
            continue
        lots[b"explore"] = 0
        for number in range(count):
            lots[b"pair"] = -(-number * 2**256 // count)
            outcomes.append((Fraction(share, 10**6) / count, rankd_ranking(case)))
        pairs = [ranking.exploration.pair or () for _, ranking in outcomes]
        assert pairs == [(), *sorted(set(pairs[1:]))]
        for place in range(len(outcomes[0][1].shown)):
            shows: Counter[int] = Counter()
            for probability, ranking in outcomes:
                shows[ranking.shown[place]] += probability  # type: ignore[assignment]
            assert sum(shows.values()) == 1
            for _, ranking in outcomes:
                assert Fraction(*ranking.exploration.marginals[place]) == shows[ranking.shown[place]]
        explored += 1
    assert explored > 40


def test_exploration_happens_as_often_as_voted_and_exchanges_every_pair_alike() -> None:
    case = plain_case([5_000_000, 4_000_000, 3_000_000], share_ppm=300_000, limit=2)
    pairs: Counter[tuple[int, int] | None] = Counter()
    for counter in range(2000):
        case["nonce"] = decision_nonce(bytes(32), "w", counter).hex()
        pairs[rankd_ranking(case).exploration.pair] += 1
    # Five standard deviations around 0.3 × 2000 and around a third of that; the nonces are fixed.
    assert abs(2000 - pairs[None] - 600) < 103
    assert set(pairs) == {None, (1, 2), (1, 3), (2, 3)}
    assert all(abs(pairs[pair] - 200) < 68 for pair in ((1, 2), (1, 3), (2, 3)))


def test_ties_fall_to_everybody_alike_over_many_nonces() -> None:
    case = plain_case([1_000_000] * 4, share_ppm=0, limit=1)
    first: Counter[int] = Counter()
    for counter in range(1200):
        case["nonce"] = decision_nonce(bytes(32), "w", counter).hex()
        first[rankd_ranking(case).shown[0]] += 1
    assert all(abs(first[index] - 300) < 76 for index in range(4))


@given(rngs)
@quickly
def test_the_order_in_which_candidates_are_sent_changes_nothing(rng: Random) -> None:
    case = random_case(rng)
    count = len(case["request"]["candidates"]["id"])
    order = list(range(count))
    rng.shuffle(order)
    answer, again = rankd_answer(case), rankd_answer(_permuted(case, order))
    for by_request in ("dropped", "explanations"):
        for one in (answer, again):
            one[by_request].sort(key=lambda entry: entry["id"])
    assert again == answer


def test_the_order_of_rules_in_the_file_changes_nothing() -> None:
    rng = Random(7)
    texts = [_policy_text(rng.sample(RULE_LINES, len(RULE_LINES))) for _ in range(20)]
    policies = [read_policy(text.encode()) for text in texts]
    assert len(set(texts)) == 20
    assert {policy.canon_digest for policy in policies} == {policies[0].canon_digest}
    assert {policy.rules for policy in policies} == {policies[0].rules}


@given(rngs)
@quickly
def test_values_stay_within_the_published_bounds(rng: Random) -> None:
    case = _ranked(random_case(rng))
    case["limits"]["lift_ceiling_micro"] = 50_000_000
    case["request"]["sliders"] = [[head["objective"], 300] for head in case["heads"]]
    answer = rankd_answer(case)
    for entry in answer["explanations"]:
        assert sum(term["points"] for term in entry["terms"]) <= 3000
        assert all(0 <= term["lift"] <= 50_000_000 for term in entry["terms"])
        assert abs(entry["value"]) <= 150_000_000_000
        assert all(0 <= step["factor"] <= 65536 for step in entry["steps"])
    assert all(0 <= n <= d < 2**53 for n, d in answer["exploration"]["marginals"])


RULE_LINES = [
    "drop_seen/1: apply",
    "drop_muted/1: apply",
    "max_age/1: {age: 30d, unknown_age: 7d}",
    "freshness/1: {half_life: 2d, floor: 5%, unknown_age: 7d}",
    "source_scaling/1: {shares: {in_network: 100%, out_of_network: 80%}, other: 50%}",
    "feedback_fatigue/1: {column: hours, recovery: 140d, floor: 20%}",
    "author_diversity/1: {decay: 50%, floor: 10%}",
    "cap/1: [{per: author, at_most: 2, in_first: 10}, {group: publicite, at_most: 1, in_first: 10}]",
    "after_cap: drop",
    "quota/1: [{group: local, at_least: 3, in_first: 10}]",
]


def _policy_text(rules: list[str]) -> str:
    points = ", ".join(f"{objective}: {1000 if objective == 'click' else 0}" for objective in OBJECTIVES)
    return "\n".join(
        [
            "schema: rankd.policy/1",
            "surface: video",
            "base: none",
            'title: {fr: "t", en: "t"}',
            'reasons: {fr: "r", en: "r"}',
            f"points: {{{points}}}",
            "rules:",
            *(f"  {line}" for line in rules),
            "exploration: {share: 2%}",
            "sliders: {}",
            "",
        ]
    )


def _ranked(case: Case) -> Case:
    case["request"]["mode"] = "RANKED"
    return case


def _lower(rng: Random, rule_id: str, rule: dict[str, Any]) -> None:
    """Make one parameter of a discount harsher."""
    if rule.get("shares_ppm") and rng.randint(0, 1):
        rule = rule["shares_ppm"]
    key = rng.choice([key for key in rule if key not in ("column", "shares_ppm")])
    if key in ("recovery_hours", "unknown_age_ms"):
        rule[key] += rng.randint(0, rule[key])
    else:
        least = {("freshness/1", "half_life_ms"): 60_000, ("freshness/1", "floor_ppm"): 1_000}.get((rule_id, key), 0)
        rule[key] = rng.randint(least, rule[key])


def _values_by_served_posts(case: Case) -> list[int]:
    """Every candidate's final value after 0, 1, 2, 5 and 64 posts of its author."""
    ranking, formula = rankd_ranking(case), rankd_formula(case)
    assert ranking.workings is not None
    assert formula is not None
    discounted = ranking.workings.discounted.tolist()
    return [discount(value, formula.diversity[k]) for value in discounted for k in (0, 1, 2, 5, 64)]


def _broken(cap: dict[str, Any], people: list[dict[str, Any]], order: list[int]) -> bool:
    first, most = order[: cap["in_first"]], int(cap["at_most"])
    if "group" in cap:
        return members_of(people, first, cap["group"]) > most
    authors = {one["author"] for one in people} - {""}
    return any(posts_of(people, first, author) > most for author in authors)


def _random_quotas(rng: Random) -> list[dict[str, Any]]:
    quotas = []
    for group in rng.sample("abcd", rng.randint(2, 4)):
        in_first = rng.randint(1, 8)
        quotas.append({"group": group, "at_least": rng.randint(1, 1 + in_first // 2), "in_first": in_first})
    return quotas


def _feasible(quotas: list[dict[str, Any]], groups: list[list[str]], limit: int) -> bool:
    """Whether quotas load, still fit together as a short limit scales them, and have members enough."""
    scaled = []
    for quota in quotas:
        prefix = min(quota["in_first"], limit, len(groups))
        least = quota["at_least"] * prefix // quota["in_first"]
        if sum(quota["group"] in named for named in groups) < least:
            return False
        scaled.append({"at_least": least, "in_first": prefix})
    return quotas_load(quotas) and quotas_load(scaled)


def _permuted(case: Case, order: list[int]) -> Case:
    other = deepcopy(case)
    table = other["request"]["candidates"]
    for name, column in table.items():
        if name in ("seen", "muted"):
            table[name] = sorted(order.index(index) for index in column)
        else:
            table[name] = [column[index] for index in order]
    other["margins"] = [[row[index] for index in order] for row in case["margins"]]
    for name, column in case["columns"].items():
        other["columns"][name] = column if len(column) == 1 else [column[index] for index in order]
    return other
