from collections.abc import Callable

import numpy as np
import pytest

from rankd.core.policy.policy import FeedbackFatigue, Freshness, MaxAge, Rules, SourceScaling
from rankd.core.ranking.request import RankingRequest
from rankd.core.ranking.rules import ages_ms, discount, discounts, drop

NOW_MS = 1_700_000_000_000
Build = Callable[..., RankingRequest]
VALUES = np.array([1_000_000, 2_000_000], dtype=np.int64)


def test_an_age_is_never_negative_and_an_unknown_one_is_the_rules(build: Build) -> None:
    request = build(of={"create_times_ms": (NOW_MS + 9, NOW_MS - 9, -1, 0)}, count=4)
    assert ages_ms(request.candidates, NOW_MS, 77).tolist() == [0, 9, 77, NOW_MS]


def test_a_creation_at_the_epoch_is_known(build: Build) -> None:
    request = build(of={"create_times_ms": (0, -1)}, request_time_ms=5)
    rules = Rules(max_age=MaxAge(age_ms=5, unknown_age_ms=6))
    assert drop(request, rules) == {1: "max_age/1"}


def test_each_candidate_is_dropped_by_the_first_rule_that_applies(build: Build) -> None:
    request = build(
        of={"seen": (True, False, False), "muted": (True, True, False), "create_times_ms": (0, 0, 0)}, count=3
    )
    rules = Rules(drop_seen=True, drop_muted=True, max_age=MaxAge(1, 0))
    assert drop(request, rules) == {0: "drop_seen/1", 1: "drop_muted/1", 2: "max_age/1"}
    assert drop(request, Rules()) == {}


def test_only_what_is_positive_is_discounted() -> None:
    values = np.array([-3, -1, 0, 1, 3, 150_000_000_000], dtype=np.int64)
    assert discount(values, np.full(6, 32768, dtype=np.int64)).tolist() == [-3, -1, 0, 0, 1, 75_000_000_000]
    assert discount(values, np.full(6, 65536, dtype=np.int64)).tolist() == values.tolist()
    assert discount(values, np.zeros(6, dtype=np.int64)).tolist() == [-3, -1, 0, 0, 0, 0]


def test_discounts_come_in_the_normative_order_each_on_what_the_last_one_left(build: Build) -> None:
    rules = Rules(
        feedback_fatigue=FeedbackFatigue("hours", 2, 0),
        source_scaling=SourceScaling((("in_network", 500_000),), 0),
        freshness=Freshness(1_000, 1_000, 0),
    )
    steps = discounts(build(), rules, {"hours": np.array([1], dtype=np.float32)}, VALUES)
    assert [step.rule_id for step in steps] == ["freshness/1", "source_scaling/1", "feedback_fatigue/1"]
    assert [step.factors.tolist() for step in steps] == [[32800, 32800], [32768, 32768], [32768, 32768]]
    assert [step.after.tolist() for step in steps] == [[500488, 1000976], [250244, 500488], [125122, 250244]]


def test_without_rules_there_are_no_steps(build: Build) -> None:
    assert discounts(build(), Rules(), {}, VALUES) == ()


@pytest.mark.parametrize("hours", [2.0**31, 2.0**63, 3.0e38])
def test_hours_beyond_every_integer_count_as_recovered(build: Build, hours: float) -> None:
    rules = Rules(feedback_fatigue=FeedbackFatigue("hours", 87_600, 0))
    steps = discounts(build(), rules, {"hours": np.array([hours, np.nan], dtype=np.float32)}, VALUES)
    assert steps[0].factors.tolist() == [65536, 65536]


def test_fatigue_is_exact_up_to_the_last_hour_of_the_longest_recovery(build: Build) -> None:
    rules = Rules(feedback_fatigue=FeedbackFatigue("hours", 87_600, 0))
    steps = discounts(build(), rules, {"hours": np.array([87_599.0, 87_600.0], dtype=np.float32)}, VALUES)
    assert steps[0].factors.tolist() == [65536 * 87_599 // 87_600, 65536]
