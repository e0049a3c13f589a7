"""plan.yaml: how each head is grown, and how many days calibrate and judge."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from rankd.core.objectives import OBJECTIVES
from rankd.core.policy.fields import Field
from rankd.core.policy.reader import check_schema
from rankd.core.policy.strict_yaml import parse_strict

SCHEMA = "rankd.plan/1"
FILE_NAME = "plan.yaml"

MAX_DAYS = 90
_HEAD = ("rounds", "leaves", "rows_per_leaf", "rate", "ridge")
_ENOUGH, _SOME = 10_000, 1_000


@dataclass(frozen=True, slots=True)
class HeadPlan:
    """How one head is grown.

    Attributes:
        objective: The objective.
        rounds: Number of trees.
        leaves: Leaves of a tree, at most.
        rows_per_leaf: Rows in a leaf, at least.
        rate_ppm: Learning rate, parts per million.
        ridge: λ of the L2 penalty on leaves.
        columns_ppm: Share of the columns that each tree may read, parts per million.
        rows_ppm: Share of the rows that each tree is grown on, parts per million.
    """

    objective: str
    rounds: int
    leaves: int
    rows_per_leaf: int
    rate_ppm: int
    ridge: int
    columns_ppm: int = 600_000
    rows_ppm: int = 800_000

    def settings(self) -> dict[str, int | str]:
        """Return the settings for the record, without fractions."""
        return {
            "rounds": self.rounds,
            "leaves": self.leaves,
            "rows_per_leaf": self.rows_per_leaf,
            "rate_ppm": self.rate_ppm,
            "ridge": self.ridge,
            "columns_ppm": self.columns_ppm,
            "rows_ppm": self.rows_ppm,
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """How a model is learned.

    Attributes:
        heads: By objective; one that is left out is grown by `default_plan`.
        calibrate_days: How many days calibrate.
        judge_days: How many of the last days judge.
        zone: The time zone of the days; "": that of the data.
        is_tuned: Whether the days of judgement calibrate, too.
    """

    heads: Mapping[str, HeadPlan]
    calibrate_days: int = 5
    judge_days: int = 2
    zone: str = ""
    is_tuned: bool = False

    def head(self, objective: str, positives: int, rows: int) -> HeadPlan:
        """Return how to grow a head."""
        return self.heads.get(objective) or default_plan(objective, positives, rows)

    def with_days(self, calibrate: int | None, judge: int | None, zone: str | None) -> "Plan":
        """Return the plan with other days, where they are given."""
        return replace(
            self,
            calibrate_days=calibrate or self.calibrate_days,
            judge_days=judge or self.judge_days,
            zone=zone or self.zone,
        )


DEFAULTS = Plan({})


def default_plan(objective: str, positives: int, rows: int) -> HeadPlan:
    """Return how to grow a head that no plan names: with few positives, small trees and few of them.

    Args:
        objective: The objective.
        positives: Training rows in which it happened.
        rows: Training rows.
    """
    # Of a small history a leaf must not be most.
    least = max(min(200, rows // 100), 5)
    if positives >= _ENOUGH:
        return HeadPlan(objective, 300, 15, least, 40_000, 10)
    if positives >= _SOME:
        return HeadPlan(objective, 200, 8, least, 40_000, 20)
    return HeadPlan(objective, 80, 8, max(min(500, rows // 50), 5), 30_000, 20)


def read_plan(data: bytes, name: str = FILE_NAME) -> Plan:
    """Read a plan.

    Args:
        data: The file's bytes.
        name: What to call the file in errors.

    Raises:
        PolicyError: The text breaks the grammar or a bound, with line and column.
    """
    root = Field(parse_strict(data, name), "", name)
    check_schema(root, SCHEMA)
    top = root.record(("schema", "heads"), ("split",))
    heads = {}
    for objective, place in top["heads"].entries().items():
        if objective not in OBJECTIVES:
            raise top["heads"].key(objective).refuse("PLAN_OBJECTIVE_UNKNOWN", allowed=", ".join(OBJECTIVES))
        heads[objective] = _head(objective, place)
    if "split" not in top:
        return Plan(heads)
    split = top["split"].record(("calibrate_days", "judge_days"), ("zone", "judge_days_calibrate"))
    return Plan(
        heads,
        calibrate_days=split["calibrate_days"].integer(2, MAX_DAYS),
        judge_days=split["judge_days"].integer(1, MAX_DAYS),
        zone=split["zone"].text() if "zone" in split else "",
        is_tuned="judge_days_calibrate" in split and split["judge_days_calibrate"].choice("yes", "no") == "yes",
    )


def _head(objective: str, place: Field) -> HeadPlan:
    fields = place.record(_HEAD, ("columns", "rows"))
    return HeadPlan(
        objective,
        rounds=fields["rounds"].integer(1, 5_000),
        leaves=fields["leaves"].integer(2, 512),
        rows_per_leaf=fields["rows_per_leaf"].integer(1, 1_000_000),
        rate_ppm=fields["rate"].share_ppm(1),
        ridge=fields["ridge"].integer(0, 100_000),
        columns_ppm=fields["columns"].share_ppm(1) if "columns" in fields else 600_000,
        rows_ppm=fields["rows"].share_ppm(1) if "rows" in fields else 800_000,
    )
