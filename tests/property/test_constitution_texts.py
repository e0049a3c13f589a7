"""Constitutions and templates: whatever is done to a text, it is read completely or refused with a reason."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from rankd.core.assembly.constitution import Constitution
from rankd.core.assembly.constitution_reader import read_constitution
from rankd.core.assembly.points_template import fill, policy_of, read_template
from rankd.core.errors import PolicyError
from rankd.core.objectives import OBJECTIVES
from tests.constitutions import POLICIES, constitution_text

TEXT = constitution_text()
LINES = [line for line in TEXT.split("\n") if line.strip() and not line.lstrip().startswith("#")]
POLICY = (POLICIES / "video.yaml").read_text(encoding="utf-8")
START, END = POLICY.index("points:\n"), POLICY.index("\n# Les règles")
TEMPLATE = (POLICY[:START] + "points: vote\n" + POLICY[END:]).encode()
SNIPPETS = st.sampled_from(["&a ", "*a", "!!str ", "<<: {}", "{", "}", "[", "]", "'", '"', "|", "#", ": ", "0", "1/2"])


@st.composite
def damaged(draw: st.DrawFn) -> str:
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        action = draw(st.sampled_from(["drop", "double", "swap", "insert", "truncate"]))
        if action == "drop" and len(lines) > 1:
            del lines[at]
        elif action == "double":
            lines.insert(at, lines[at])
        elif action == "swap":
            other = draw(st.integers(0, len(lines) - 1))
            lines[at], lines[other] = lines[other], lines[at]
        elif action == "insert":
            place = draw(st.integers(0, len(lines[at])))
            lines[at] = lines[at][:place] + draw(SNIPPETS | st.text(max_size=3)) + lines[at][place:]
        else:
            lines[at] = lines[at][: draw(st.integers(0, len(lines[at])))]
    return "\n".join(lines) + "\n"


@st.composite
def shared_out(draw: st.DrawFn) -> dict[str, int]:
    cuts = sorted(draw(st.lists(st.integers(0, 1000), min_size=8, max_size=8)))
    return {objective: high - low for objective, low, high in zip(OBJECTIVES, [0, *cuts], [*cuts, 1000], strict=True)}


def read(text: str) -> Constitution | PolicyError:
    try:
        return read_constitution(text.encode("utf-8", "surrogatepass"), "c.yaml")
    except PolicyError as error:
        return error


@settings(max_examples=150, deadline=None)
@given(damaged())
def test_a_damaged_constitution_is_read_or_refused_at_a_place(text: str) -> None:
    found = read(text)
    if isinstance(found, PolicyError):
        assert found.metadata["line"] in range(1, text.count("\n") + 2)
        assert found.say("fr").startswith("c.yaml, ligne ")
    else:
        assert json.loads(found.canonical)["schema"] == "rankd.constitution/1"
        assert (found.guardians.needed == 0) == (found.guardians.keys == ())


@settings(max_examples=60, deadline=None)
@given(shared_out())
def test_a_filled_template_is_its_policy_and_differs_in_nothing_else(points: dict[str, int]) -> None:
    policy, template = policy_of(TEMPLATE, points), read_template(TEMPLATE)
    assert dict(policy.points) == points
    assert json.loads(template.canonical) == json.loads(policy.canonical) | {"points": "vote"}
    block = "points:\n" + "".join(f"  {objective}: {points[objective]}\n" for objective in OBJECTIVES)
    assert fill(TEMPLATE, points).decode() == POLICY[:START] + block + POLICY[END:]
