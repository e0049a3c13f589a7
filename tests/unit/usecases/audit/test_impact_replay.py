"""One decision under a proposed policy: by hand."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rankd.core.exact.half_life import FACTOR_ONE
from rankd.core.policy.policy import FeedbackFatigue, Policy, Rules, Slider
from rankd.core.policy.reader import read_limits, read_policy
from rankd.core.ranking.calibration import Calibration
from rankd.core.ranking.formula import MAX_SERVED, Formula
from rankd.core.ranking.ranking import rank
from rankd.core.ranking.request import Candidates, Column, Mode, RankingRequest
from rankd.core.ranking.signal import HeadSignal
from rankd.core.records.decision import Decision
from rankd.usecases.audit.impact_examples import example_of, pick, rough_age_ms
from rankd.usecases.audit.impact_replay import Effect, Proposed, effect_of

# Lift = 1 + margin, for margins 0 to 8.
TABLE = Calibration(np.array([0, 8], dtype=np.int64), np.array([100_000_000, 900_000_000], dtype=np.int64))
HEADS = (HeadSignal("click", 100_000_000, TABLE), HeadSignal("like", 100_000_000, TABLE))
# By clicks the order is a b c d; by likes it is d c b a.
MARGINS = np.array([[6, 5, 4, 3], [1, 2, 3, 4]], dtype=np.int32)
TEXT = """\
schema: rankd.policy/1
surface: video
base: none
title: {fr: "Essai", en: "Test"}
reasons: {fr: "Pour l’essai.", en: "For the test."}
points:
  {click: 1000, reply: 0, hide: 0, report: 0, long_view: 0, like: 0, repost: 0, follow: 0, profile_visit: 0}
rules: {}
exploration: {share: 0%}
sliders: {click: {min: 50%, max: 150%}}
"""
LIMITS = read_limits((Path(__file__).parents[4] / "policies" / "limits.yaml").read_bytes(), "limits.yaml")
HOUR_MS, DAY_MS = 3_600_000, 86_400_000


@pytest.fixture
def policy() -> Policy:
    return read_policy(TEXT.encode(), "policy.yaml")


def proposed(policy: Policy) -> Proposed:
    return Proposed(policy, LIMITS, HEADS)


def formula(click: int, like: int, *, rules: Rules | None = None, ceiling: int = 10) -> Formula:
    return Formula(
        heads=HEADS,
        points=(click, like),
        signs=(1, 1),
        lift_ceiling_micro=ceiling * 1_000_000,
        rules=rules or Rules(),
        exploration_ppm=1_000_000,
        diversity=(FACTOR_ONE,) * (MAX_SERVED + 1),
    )


def decide(by: Formula, *, limit: int = 2, sliders: tuple[tuple[str, int], ...] = ()) -> Decision:
    nothing = np.zeros(4, dtype=np.bool_)
    now_ms = 100 * DAY_MS
    candidates = Candidates(
        ids=("a", "b", "c", "d"),
        author_ids=("x", "x", "y", ""),
        create_times_ms=np.array([now_ms - 90_000, now_ms - 5 * HOUR_MS - 1, now_ms - 3 * DAY_MS - 7, -1]),
        sources=("near", "near", "far", ""),
        groups=(("local", "lang:fr"), (), (), ()),
        seen=nothing,
        muted=nothing,
    )
    request = RankingRequest("r", "video", "v", Mode.RANKED, now_ms, candidates, limit, (), sliders)
    ranking = rank(request, by, MARGINS, {}, bytes(32))
    return Decision(
        request=request,
        clock_given=True,
        caller="local",
        request_digest=bytes(32),
        policy_digest=bytes(32),
        constitution_digest=bytes(32),
        model_digest=bytes(32),
        epoch_digest=bytes(32),
        nonce=bytes(32),
        worker="w",
        counter=0,
        voids=(),
        time_ms=now_ms,
        order=ranking.order,
        values=ranking.values,
        dropped=ranking.dropped,
        exploration=ranking.exploration,
        degraded=(),
        columns=(),
        heads=("click", "like"),
        margins=MARGINS,
    )


def test_an_effect_by_hand(policy: Policy) -> None:
    by_clicks = formula(10, 0)
    decision = decide(by_clicks)
    # A swap was drawn, but neither slate has it.
    assert decision.exploration.pair is not None

    effect = effect_of(decision, by_clicks, proposed(policy), formula(0, 20))

    # p = 0.1 + 0.1 m: a 0.7, b 0.6, c 0.5, d 0.4 for clicks; 0.2, 0.3, 0.4, 0.5 for likes.
    # Lifts differ by 1 between neighbours: Σ over pairs = 3·1 + 2·2 + 1·3 = 10 lifts, for either head.
    assert effect == Effect(
        before=(0, 1),
        after=(3, 2),
        spreads_before=(10 * 10 * 1_000_000, 0),
        spreads_after=(0, 20 * 10 * 1_000_000),
        ppb_before=(1_300_000_000, 500_000_000),
        ppb_after=(900_000_000, 900_000_000),
        is_clipped=False,
    )


def test_each_side_has_its_own_ceiling(policy: Policy) -> None:
    effect = effect_of(decide(formula(10, 0)), formula(10, 0), proposed(policy), formula(10, 0, ceiling=5))

    # Click lifts 7, 6, 5, 4 become 5, 5, 5, 4.
    assert (effect.spreads_before[0], effect.spreads_after[0]) == (100_000_000, 30_000_000)


def test_a_slider_counts_as_far_as_the_proposal_lets_it(policy: Policy) -> None:
    used = formula(10, 10)
    decision = decide(used, sliders=(("click", 200), ("like", 300)))

    effect = effect_of(decision, used, proposed(policy), used)

    # 200 % of 10 become 150 %; likes have no slider any more.
    assert (effect.spreads_before[0], effect.spreads_after[0]) == (200_000_000, 150_000_000)
    assert (effect.spreads_before[1], effect.spreads_after[1]) == (300_000_000, 100_000_000)
    assert effect.is_clipped
    assert proposed(policy).restate(decision).request.sliders == (("click", 150),)
    within = replace(policy, sliders=(Slider("click", 0, 300), Slider("like", 0, 300)))
    assert not effect_of(decision, used, proposed(within), used).is_clipped


def test_a_column_that_a_rule_reads_must_be_there_and_hold_hours(policy: Policy) -> None:
    reading = replace(policy, rules=Rules(feedback_fatigue=FeedbackFatigue("hours", 24, 500_000)))
    decision = decide(formula(10, 0))

    def having(*values: float) -> Decision:
        return replace(decision, columns=(Column("hours", np.array(values, dtype=np.float32)),))

    assert not proposed(policy).lacks_column(decision)
    assert proposed(reading).lacks_column(decision)
    assert not proposed(reading).lacks_column(having(0, 3, np.nan, 900))
    assert proposed(reading).lacks_column(having(0, 3, -1, 900))
    assert proposed(reading).lacks_column(having(np.inf))


def test_an_example_names_places_kinds_and_reasons_and_nobody(policy: Policy) -> None:
    by_clicks = formula(10, 0)

    example = example_of(decide(by_clicks), by_clicks, proposed(policy), formula(0, 20), "most")

    assert (example.pick, example.places, example.moved) == ("most", 2, 2)
    assert [(row.before.place, row.after.place) for row in example.rows] == [(None, 1), (None, 2), (1, None), (2, None)]
    assert [row.source for row in example.rows] == ["", "far", "near", "near"]
    assert [row.age_ms for row in example.rows] == [None, 3 * DAY_MS, 0, 5 * HOUR_MS]
    first = example.rows[0]
    # d: 10 points at a click lift of 4; 20 points at a like lift of 5.
    assert (first.before.value, first.after.value) == (40, 100)
    assert [(p.objective, p.lift_percent, p.before, p.after) for p in first.parts] == [
        ("like", 500, 0, 100),
        ("click", 400, 40, 0),
    ]
    assert example.rows[2].groups == ("local", "lang:fr")


def test_ages_are_too_rough_to_point_to_a_post() -> None:
    assert rough_age_ms(HOUR_MS - 1) == 0
    assert rough_age_ms(47 * HOUR_MS + 5) == 47 * HOUR_MS
    assert rough_age_ms(3 * DAY_MS - 1) == 2 * DAY_MS
    assert rough_age_ms(4_000 * DAY_MS) == 90 * DAY_MS


@pytest.mark.parametrize(
    ("scores", "wanted"),
    [
        ([], ()),
        ([5], ((0, "most"),)),
        ([1, 9], ((1, "most"), (0, "most"))),
        ([3, 3, 3], ((0, "most"), (1, "most"), (2, "median"))),
        ([0, 10, 20, 30, 40, 50, 60], ((6, "most"), (5, "most"), (3, "median"), (2, "median"), (0, "least"))),
    ],
)
def test_examples_are_the_most_the_median_and_the_least_changed(
    scores: list[int], wanted: tuple[tuple[int, str], ...]
) -> None:
    assert pick(scores) == wanted
