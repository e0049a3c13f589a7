"""The smallest transfer of points does what it says, and nothing smaller does: checked by ranking every policy."""

from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from rankd.core.policy.policy import Limits
from rankd.core.ranking.counterfactual import Counterfactuals, Transfer
from rankd.core.ranking.formula import Formula
from rankd.core.ranking.ranking import Ranking, rank
from tests.reference.cases import random_case
from tests.reference.conversion import (
    rankd_columns,
    rankd_formula,
    rankd_limits,
    rankd_margins,
    rankd_ranking,
    rankd_request,
)

Case = dict[str, Any]

rngs = st.randoms(use_true_random=False)
quickly = settings(max_examples=30, deadline=None)


class World:
    """A ranked case under limits that leave each objective some points to either side."""

    def __init__(self, case: Case, spare: int) -> None:
        case["request"]["mode"] = "RANKED"
        self.case = case
        self.request, self.ranking = rankd_request(case), rankd_ranking(case)
        formula = rankd_formula(case)
        assert formula is not None
        self.formula: Formula = formula
        points = case["policy"]["points"]
        self.limits: Limits = replace(
            rankd_limits(case["limits"]),
            objectives=tuple(
                replace(
                    entry,
                    min_points=max(0, points[entry.objective] - spare),
                    max_points=min(1000, points[entry.objective] + spare),
                )
                for entry in rankd_limits(case["limits"]).objectives
            ),
        )

    def counterfactuals(self) -> Counterfactuals:
        margins, columns, nonce = rankd_margins(self.case), rankd_columns(self.case), bytes.fromhex(self.case["nonce"])
        return Counterfactuals(self.request, self.formula, self.limits, margins, columns, nonce, self.ranking)

    def again(self, transfer: Transfer) -> Ranking:
        """Rank from the policy's own points on, as if it had been written so."""
        case = {**self.case, "policy": {**self.case["policy"], "points": dict(self.case["policy"]["points"])}}
        case["policy"]["points"][transfer.from_objective] -= transfer.points
        case["policy"]["points"][transfer.to_objective] += transfer.points
        return rankd_ranking(case)

    def transfers(self) -> list[Transfer]:
        """Every transfer that keeps the limits, smallest first."""
        bounds = {entry.objective: entry for entry in self.limits.objectives}
        objectives = [head.objective for head in self.formula.heads]
        points = self.case["policy"]["points"]
        return [
            Transfer(size, giver, taker)
            for size in range(1, 1001)
            for giver in objectives
            for taker in objectives
            if giver != taker
            and points[giver] - size >= bounds[giver].min_points
            and points[taker] + size <= bounds[taker].max_points
        ]


def before(ranking: Ranking, candidate: int, other: int) -> bool:
    order = ranking.order
    return candidate in order and (other not in order or order.index(candidate) < order.index(other))


@given(rngs)
@quickly
def test_the_transfer_really_swaps_the_two_and_keeps_a_thousand_points_within_the_limits(rng: Random) -> None:
    world = World(random_case(rng), rng.choice([3, 50, 1000]))
    policies = world.counterfactuals()
    for place, candidate in enumerate(world.ranking.order[1:], start=1):
        swap = policies.swap(candidate, tries=20)
        assert swap is not None
        assert swap.before == world.ranking.order[place - 1]
        assert swap.tried <= 20
        if swap.transfer is not None:
            assert swap.transfer in world.transfers()
            assert before(world.again(swap.transfer), candidate, swap.before)


@given(rngs)
@quickly
def test_what_is_said_to_be_settled_is_so_when_every_policy_is_ranked(rng: Random) -> None:
    world = World(random_case(rng, 8), 3)
    policies = world.counterfactuals()
    outcomes = [(transfer, world.again(transfer)) for transfer in world.transfers()]
    for candidate in world.ranking.order[1:]:
        swap = policies.swap(candidate, tries=rng.choice([1, 4, 100]))
        assert swap is not None
        does = [transfer for transfer, ranking in outcomes if before(ranking, candidate, swap.before)]
        smallest = does[0] if does else None
        if swap.settled:
            assert swap.transfer == smallest
        elif swap.transfer is not None:
            assert swap.transfer in does


def test_over_a_sweep_transfers_are_found_ruled_out_and_left_open() -> None:
    seen = set()
    for seed in range(60):
        world = World(random_case(Random(seed), 8), [5, 200][seed % 2])
        policies = world.counterfactuals()
        for candidate in world.ranking.order[1:]:
            swap = policies.swap(candidate, tries=8)
            assert swap is not None
            seen.add((swap.transfer is not None, swap.settled))
    assert seen == {(True, True), (True, False), (False, True), (False, False)}


def test_no_smaller_transfer_among_those_tried_does_it(monkeypatch: Any) -> None:
    tried: list[tuple[tuple[int, ...], Ranking]] = []

    def noted(request: Any, formula: Formula, *rest: Any) -> Ranking:
        ranking = rank(request, formula, *rest)
        tried.append((formula.points, ranking))
        return ranking

    monkeypatch.setattr("rankd.core.ranking.counterfactual.rank", noted)
    found = 0
    for seed in range(150):
        world = World(random_case(Random(seed), 10), 400)
        for candidate in world.ranking.order[1:]:
            tried.clear()
            swap = world.counterfactuals().swap(candidate, tries=12)
            if swap is None or swap.transfer is None:
                continue
            found += 1
            for points, ranking in tried:
                size = max(new - old for new, old in zip(points, world.formula.points, strict=True))
                assert size >= swap.transfer.points or not before(ranking, candidate, swap.before)
    assert found > 50
