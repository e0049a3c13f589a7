import re
from pathlib import Path

from rankd.core.assembly.bounds import BOUNDS, Bound
from rankd.core.assembly.constitution_template import MARKS
from rankd.core.words.constitution import BOUND_WHY
from rankd.core.words.reasons import constitution, policy

SPEC = Path(__file__).parents[4] / "docs/spec"
TEXT = (SPEC / "constitution.md").read_text(encoding="utf-8")


def row(bound: Bound) -> str:
    field = f"`{bound.field}`" + (f" beyond `{bound.beyond}`" if bound.beyond else "")
    of = "guardians" if not bound.subjects else "all" if len(bound.subjects) == 3 else ", ".join(bound.subjects)
    why = BOUND_WHY[bound.why]
    return f"| {field} | {of} | {bound.text(bound.least)} | {bound.text(bound.most)} | {why.en} · {why.fr} |"


def test_the_table_of_bounds_is_the_one_that_is_checked() -> None:
    table = TEXT.split("## 4. Bounds")[1].split("## 5.")[0]
    rows = [line for line in table.splitlines() if line.startswith("| `")]
    assert rows == [row(bound) for bound in BOUNDS]


def test_every_reason_about_constitutions_is_specified_and_no_reason_is_made_up() -> None:
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z0-9]+)+)`", TEXT))
    templates = (SPEC / "policy.md").read_text(encoding="utf-8").split("## 13. Templates")[1]
    assert set(constitution.REASONS) <= named | {"POINTS_NOT_LEFT_TO_VOTE"}
    assert "POINTS_NOT_LEFT_TO_VOTE" in templates
    assert named - {"LOG_KEY"} <= set(constitution.REASONS) | set(policy.REASONS)


def test_every_marked_line_is_specified() -> None:
    assert [mark for mark in MARKS if f"`{mark}`" not in TEXT] == []
