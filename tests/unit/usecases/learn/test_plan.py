from pathlib import Path

import pytest

from rankd.core.errors import PolicyError
from rankd.usecases.learn.plan import DEFAULTS, HeadPlan, default_plan, read_plan

HEAD = "{rounds: 30, leaves: 4, rows_per_leaf: 20, rate: 4.5%, ridge: 2}"
PROJECT = Path(__file__).resolve().parents[4]


def test_a_plan_says_how_heads_are_grown_and_which_days_judge() -> None:
    split = "split: {calibrate_days: 3, judge_days: 1, zone: Europe/Paris}"
    text = f"schema: rankd.plan/1\n{split}\nheads:\n  click: {HEAD}\n"
    plan = read_plan(text.encode())
    assert (plan.calibrate_days, plan.judge_days, plan.zone) == (3, 1, "Europe/Paris")
    assert plan.head("click", 5, 5) == HeadPlan("click", 30, 4, 20, 45_000, 2)
    assert plan.head("like", 50, 1_000) == default_plan("like", 50, 1_000)


def test_days_that_are_named_elsewhere_win() -> None:
    plan = DEFAULTS.with_days(None, 4, "UTC")
    assert (plan.calibrate_days, plan.judge_days, plan.zone) == (5, 4, "UTC")


def test_few_positives_make_a_small_head() -> None:
    many, some, few = (default_plan("click", positives, 100_000) for positives in (20_000, 2_000, 100))
    assert many.rounds > some.rounds > few.rounds
    assert many.rows_per_leaf < few.rows_per_leaf
    assert default_plan("click", 20, 300).rows_per_leaf == 6


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"schema: rankd.plan/1\nheads:\n  applause: {HEAD}\n", "PLAN_OBJECTIVE_UNKNOWN"),
        ("schema: rankd.plan/1\nheads:\n  click: {rounds: 30}\n", "POLICY_FIELD_MISSING"),
        (
            f"schema: rankd.plan/1\nsplit: {{calibrate_days: 1, judge_days: 1}}\nheads:\n  click: {HEAD}\n",
            "POLICY_INTEGER_RANGE",
        ),
    ],
)
def test_what_a_plan_must_not_say_is_refused_with_its_line(text: str, reason: str) -> None:
    with pytest.raises(PolicyError) as caught:
        read_plan(text.encode())
    assert caught.value.reason == reason
    assert caught.value.metadata["line"]
    assert "plan.yaml" in caught.value.say("fr")


def test_the_plan_of_the_video_model_is_read() -> None:
    plan = read_plan((PROJECT / "training" / "video" / "plan.yaml").read_bytes())
    assert (plan.calibrate_days, plan.judge_days) == (5, 2)
