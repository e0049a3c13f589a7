import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rankd.core.errors import JournalError, PolicyError
from rankd.core.exact.half_life import FACTOR_ONE
from rankd.core.policy.policy import Quota, Rules
from rankd.core.policy.reader import read_policy
from rankd.core.ranking.calibration import Calibration
from rankd.core.ranking.formula import MAX_SERVED, Formula, build_formula
from rankd.core.ranking.ranking import rank, rank_newest_first
from rankd.core.ranking.request import Candidates, Mode, RankingRequest
from rankd.core.ranking.signal import HeadSignal
from rankd.core.records.decision import Decision
from tests.conftest import House
from tests.evidence import Written
from tests.reference.compared import Move, compare, compare_recorded

# Lift = 1 + margin, for margins 0 to 8.
TABLE = Calibration(np.array([0, 8], dtype=np.int64), np.array([100_000_000, 900_000_000], dtype=np.int64))
HEADS = (HeadSignal("click", 100_000_000, TABLE), HeadSignal("like", 100_000_000, TABLE))
# By clicks the order is a b c d e f; by likes it is f e d c b a.
MARGINS = np.array([[6, 5, 4, 3, 2, 1], [1, 2, 3, 4, 5, 6]], dtype=np.int32)


def formula(click: int, like: int, *, rules: Rules | None = None, exploration_ppm: int = 0) -> Formula:
    return Formula(
        heads=HEADS,
        points=(click, like),
        signs=(1, 1),
        lift_ceiling_micro=10_000_000,
        rules=rules or Rules(),
        exploration_ppm=exploration_ppm,
        diversity=(FACTOR_ONE,) * (MAX_SERVED + 1),
    )


def decide(by: Formula, *, limit: int = 3, mode: Mode = Mode.RANKED) -> Decision:
    nothing = np.zeros(6, dtype=np.bool_)
    candidates = Candidates(
        ids=("a", "b", "c", "d", "e", "f"),
        author_ids=("",) * 6,
        create_times_ms=np.arange(6, dtype=np.int64),
        sources=("",) * 6,
        groups=((), (), (), (), (), ("local",)),
        seen=nothing,
        muted=nothing,
    )
    request = RankingRequest("r", "video", "v", mode, 1_000, candidates, limit)
    nonce = bytes(32)
    newest = mode is Mode.NEWEST_FIRST
    ranking = rank_newest_first(request, nonce) if newest else rank(request, by, MARGINS, {}, nonce)
    return Decision(
        request=request,
        clock_given=True,
        caller="local",
        request_digest=bytes(32),
        policy_digest=bytes(32),
        constitution_digest=bytes(32),
        model_digest=None if newest else bytes(32),
        epoch_digest=bytes(32),
        nonce=nonce,
        worker="w",
        counter=0,
        voids=(),
        time_ms=1_000,
        order=ranking.order,
        values=ranking.values,
        dropped=ranking.dropped,
        exploration=ranking.exploration,
        degraded=(),
        columns=(),
        heads=() if newest else ("click", "like"),
        margins=MARGINS[:0] if newest else MARGINS,
    )


def test_the_same_formula_changes_nothing() -> None:
    by_clicks = formula(10, 0)

    comparison = compare(decide(by_clicks), by_clicks)

    assert comparison.identical
    assert comparison.moves == (Move(0, 1, 1), Move(1, 2, 2), Move(2, 3, 3))
    assert (comparison.entered, comparison.left, comparison.discordant) == ((), (), 0)


def test_candidates_that_enter_leave_and_change_places_are_told_apart() -> None:
    comparison = compare(decide(formula(10, 0), limit=4), formula(0, 10))

    assert comparison.before == (0, 1, 2, 3)
    assert comparison.after == (5, 4, 3, 2)
    assert comparison.entered == (5, 4)
    assert comparison.left == (0, 1)
    assert comparison.moves == (Move(3, 4, 3), Move(2, 3, 4))
    assert not comparison.identical


def test_pairs_in_opposite_order_are_counted_exactly() -> None:
    comparison = compare(decide(formula(10, 0), limit=6), formula(0, 10))

    assert (comparison.discordant, comparison.pairs) == (15, 15)


def test_the_rules_of_the_other_policy_act() -> None:
    local = Rules(quotas=(Quota("local", 1, 3),))

    comparison = compare(decide(formula(10, 0)), formula(10, 0, rules=local))

    assert comparison.after == (0, 1, 5)
    assert (comparison.entered, comparison.left) == ((5,), (2,))


def test_an_exchange_by_lot_is_no_difference_between_policies() -> None:
    decision = decide(formula(10, 0, exploration_ppm=1_000_000))
    assert decision.exploration.pair is not None

    comparison = compare(decision, formula(10, 0, exploration_ppm=0))

    assert comparison.identical


def test_a_newest_first_decision_is_the_same_under_every_policy() -> None:
    decision = decide(formula(10, 0), mode=Mode.NEWEST_FIRST)

    comparison = compare(decision, formula(0, 10))

    assert comparison.after == (5, 4, 3)
    assert comparison.identical


def test_a_formula_for_other_heads_is_refused() -> None:
    other = replace(formula(10, 0), heads=HEADS[:1], points=(10,), signs=(1,))

    with pytest.raises(ValueError, match="other heads"):
        compare(decide(formula(10, 0)), other)


def test_recorded_decisions_are_compared_from_files_alone(house: House) -> None:
    answers = house.record(range(10))
    # The epoch's announcement is leaf 0.
    ranked = [at + 1 for at in range(10) if at % 5 != 4]
    other = read_policy(house.write_policy(click=0).read_bytes(), "other")
    for folder in (house.policies, house.models):
        shutil.rmtree(folder)

    compared = list(compare_recorded(house.data, other))

    assert [entry.index for entry in compared] == ranked
    for entry in compared:
        decided = answers[entry.index - 1].decided
        assert entry.decision.request.request_id == decided.decision.request.request_id
        formula = decided.snapshot.formula
        assert formula is not None
        expected = compare(decided.decision, build_formula(other, decided.snapshot.limits, formula.heads))
        assert entry.comparison == expected
    assert any(not entry.comparison.identical for entry in compared)


def test_the_policy_that_ranked_changes_nothing_in_its_own_decisions(house: House) -> None:
    house.record(range(8))
    same = read_policy((house.policies / "video.yaml").read_bytes(), "video.yaml")

    assert [entry.comparison.identical for entry in compare_recorded(house.data, same)] == [True] * 7


def test_a_policy_for_another_surface_compares_nothing(house: House) -> None:
    house.record(range(3))
    other = read_policy(house.write_policy(surface="timeline").read_bytes(), "timeline.yaml")

    assert list(compare_recorded(house.data, other)) == []


def test_a_policy_that_does_not_go_with_the_recorded_model_is_refused(house: House) -> None:
    house.record(range(3))
    other = read_policy(house.write_policy(report=100).read_bytes(), "other")

    with pytest.raises(PolicyError) as caught:
        list(compare_recorded(house.data, other))
    assert caught.value.reason == "HEAD_MISSING"


def test_erased_decisions_are_not_compared(house: House, tmp_path: Path) -> None:
    house.record(range(3))
    same = read_policy((house.policies / "video.yaml").read_bytes(), "video.yaml")
    decisions = [entry.decision for entry in compare_recorded(house.data, same)]
    written = Written(tmp_path / "written", decisions[0], archive=house.data / "archive")
    written.epoch()
    for _ in range(3):
        written.decide()
    written.erase((2, 2))
    written.close()

    assert [entry.index for entry in compare_recorded(written.data, same)] == [1, 3]


def test_a_damaged_body_is_not_passed_over(house: House) -> None:
    house.record(range(3))
    (pack,) = house.journal.rglob("*.pack")
    data = bytearray(pack.read_bytes())
    data[len(data) // 2] ^= 1
    pack.write_bytes(data)
    other = read_policy(house.write_policy(click=0).read_bytes(), "other")

    with pytest.raises(JournalError):
        list(compare_recorded(house.data, other))
