"""What was shown beside what was on offer, against a count that goes candidate by candidate."""

import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from rankd.core.ranking.exploration import Exploration
from rankd.core.ranking.request import UNKNOWN_TIME_MS, Candidates, Mode
from rankd.core.records.decision import Decision
from rankd.store.evidence import DECISIONS, JournalEvidence
from rankd.usecases.audit import exposure
from rankd.usecases.audit.exposure import (
    AGE_BOUNDS_MS,
    NONE,
    OTHER,
    Exposures,
    Removals,
    Share,
    place_weight_micro,
    shown_candidates,
)
from rankd.usecases.audit.leaves import recorded_decisions
from tests.conftest import House

SEEDS = range(25)


@pytest.fixture(scope="module")
def decisions(tmp_path_factory: pytest.TempPathFactory) -> list[Decision]:
    """Return decisions of a house; every fifth is newest first."""
    house = House(tmp_path_factory.mktemp("house"))
    house.record(SEEDS)
    return [decision for _, decision in recorded_decisions(JournalEvidence(house.data, DECISIONS))]


def exposed(decisions: list[Decision]) -> exposure.Exposure:
    fold = Exposures()
    for decision in decisions:
        fold.add(decision)
    return fold.report()


def test_places_weigh_as_the_page_says() -> None:
    assert [place_weight_micro(place) for place in (1, 3, 7, 15)] == [1_000_000, 500_000, 333_333, 250_000]
    for place in range(1, 501):
        assert abs(place_weight_micro(place) - 1_000_000 / math.log2(1 + place)) <= 0.501


def test_counts_are_those_of_a_naive_count(decisions: list[Decision]) -> None:
    found = exposed(decisions)
    offered: Counter[tuple[str, str]] = Counter()
    shown: Counter[tuple[str, str]] = Counter()
    weights: Counter[tuple[str, str]] = Counter()
    ages: list[list[int]] = [[0, 0, 0] for _ in range(len(AGE_BOUNDS_MS) + 2)]
    for decision in decisions:
        order = list(decision.order)
        if decision.exploration.pair:
            i, x = decision.exploration.pair
            order[i - 1], order[x - 1] = order[x - 1], order[i - 1]
        places = {candidate: place for place, candidate in enumerate(order[: decision.request.limit], start=1)}
        candidates = decision.request.candidates
        for at in range(len(candidates)):
            weight = round(1_000_000 / math.log2(1 + places[at])) if at in places else 0
            labels = [("all", "")]
            labels += [("group", group) for group in candidates.groups[at]] or [("group", NONE)]
            labels.append(("source", candidates.sources[at]))
            for label in labels:
                offered[label] += 1
                shown[label] += at in places
                weights[label] += weight
            created = int(candidates.create_times_ms[at])
            age = max(decision.request.request_time_ms - created, 0)
            bucket = len(AGE_BOUNDS_MS) + 1
            if created != UNKNOWN_TIME_MS:
                bucket = sum(age >= bound for bound in AGE_BOUNDS_MS)
            for position, one in enumerate((1, at in places, weight)):
                ages[bucket][position] += one
    shares = {label: Share(offered[label], shown[label], weights[label]) for label in offered}
    assert found.total == shares["all", ""]
    assert found.groups == {name: share for (kind, name), share in shares.items() if kind == "group"}
    assert found.sources == {name: share for (kind, name), share in shares.items() if kind == "source"}
    assert found.ages == tuple(Share(*counts) for counts in ages)
    by_share = [(-share.shown_count, -share.offered_count, name) for name, share in found.sources.items()]
    assert by_share == sorted(by_share)


def test_rules_chance_and_degraded_answers_are_counted(decisions: list[Decision]) -> None:
    found = exposed(decisions)
    dropped = Counter(rule for decision in decisions for _, rule in decision.dropped)
    within = Counter(rule for decision in decisions for rule in {rule for _, rule in decision.dropped})
    assert found.removals == {rule: Removals(dropped[rule], within[rule]) for rule in dropped}
    ranked = [decision for decision in decisions if decision.request.mode is Mode.RANKED]
    (chance,) = found.chances
    assert (chance.share_ppm, chance.decision_count) == (400_000, len(ranked))
    assert chance.able_count == sum(decision.exploration.pair_count > 0 for decision in ranked)
    assert 0 < chance.done_count == sum(decision.exploration.pair is not None for decision in ranked)
    lacking = Counter((entry.reason, name) for d in decisions for entry in d.degraded for name in entry.names)
    assert found.degraded == dict(lacking)
    assert (found.decision_count, found.newest_first_count, found.no_policy_count) == (25, 5, 0)


def test_the_order_of_decisions_does_not_matter(decisions: list[Decision]) -> None:
    assert exposed(decisions) == exposed(decisions[::-1])


@pytest.mark.parametrize("pair", [(0, 1), (1, 1), (2, 1), (1, 10**9)])
def test_a_record_that_names_a_pair_of_places_that_is_not_there_is_counted_all_the_same(
    decisions: list[Decision], pair: tuple[int, int]
) -> None:
    decision = decisions[0]
    wrong = replace(decision, exploration=Exploration(10**15, 1, (), pair, ()))
    assert shown_candidates(wrong) == decision.order[: decision.request.limit]
    assert exposed([wrong]).chances[0].share_ppm == 10**15


def test_labels_beyond_the_bound_are_counted_together(
    decisions: list[Decision], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exposure, "MAX_LABELS", 2)
    candidates = Candidates(
        ids=("1", "2", "3", "4"),
        author_ids=("",) * 4,
        create_times_ms=np.zeros(4, dtype=np.int64),
        sources=("a", "b", "c", "d"),
        groups=(("a", "a"), ("b",), ("c", "d"), ()),
        seen=np.zeros(4, dtype=np.bool_),
        muted=np.zeros(4, dtype=np.bool_),
    )
    decision = replace(
        decisions[0],
        request=replace(decisions[0].request, candidates=candidates, limit=2),
        order=(3, 0),
        values=(0, 0),
        exploration=Exploration(0, 0, (), None, ()),
        dropped=(),
    )
    found = exposed([decision])
    assert found.sources == {"a": Share(1, 1, 630_930), OTHER: Share(2, 1, 1_000_000), "b": Share(1, 0, 0)}
    assert found.groups["a"] == Share(1, 1, 630_930)
