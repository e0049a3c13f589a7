import hashlib
import json

import pytest
import rfc8785

from rankd.core.assembly.points_template import fill, policy_of, read_template
from rankd.core.errors import PolicyError
from rankd.core.objectives import OBJECTIVES
from rankd.core.policy.reader import read_policy
from tests.constitutions import POLICIES

VIDEO = (POLICIES / "video.yaml").read_text(encoding="utf-8")
BLOCK = VIDEO[VIDEO.index("points:\n") : VIDEO.index("  report: 0\n") + len("  report: 0\n")]
TEMPLATE = VIDEO.replace(BLOCK, "points: vote\n")
POINTS = dict(read_policy(VIDEO.encode()).points)
SMALL = """schema: rankd.policy/1
surface: video
base: none
title: {fr: "Un titre", en: "A title"}
reasons: {fr: "Des raisons", en: "Reasons"}
points: vote
rules: {}
exploration: {share: 2%}
sliders: {}
"""
FLOW = (
    '{schema: rankd.policy/1, surface: video, base: none, title: {fr: "a", en: "a"}, '
    'reasons: {fr: "a", en: "a"}, rules: {}, exploration: {share: 2%}, sliders: {},\npoints: vote\n}\n'
)


def refusal(text: str) -> PolicyError:
    with pytest.raises(PolicyError) as caught:
        read_template(text.encode(), "t.yaml")
    assert caught.value.say("fr") != caught.value.say("en")
    return caught.value


def test_a_template_filled_with_a_policy_s_points_is_that_policy_s_file_byte_for_byte() -> None:
    assert fill(TEMPLATE.encode(), POINTS) == VIDEO.encode()
    assert policy_of(TEMPLATE.encode(), POINTS) == read_policy(VIDEO.encode())


def test_the_order_in_which_points_are_given_means_nothing() -> None:
    assert fill(TEMPLATE.encode(), dict(reversed(POINTS.items()))) == VIDEO.encode()


def test_nothing_but_the_line_changes() -> None:
    before, after = TEMPLATE.encode(), fill(TEMPLATE.encode(), POINTS)
    head = before.index(b"points: vote")
    tail = len(before) - head - len(b"points: vote")
    assert after[:head] == before[:head]
    assert after[-tail:] == before[-tail:]
    assert after[head:-tail] == BLOCK.removesuffix("\n").encode()


def test_a_template_says_all_that_its_policy_says_but_the_points() -> None:
    template, policy = read_template(TEMPLATE.encode()), read_policy(VIDEO.encode())
    for name in ("surface", "base_digest", "title", "reasons", "rules", "exploration_ppm", "sliders"):
        assert getattr(template, name) == getattr(policy, name)
    form = json.loads(policy.canonical) | {"points": "vote"}
    assert template.canonical == rfc8785.dumps(form)
    assert template.canon_digest == hashlib.sha256(template.canonical).digest()
    assert template.file_digest == hashlib.sha256(TEMPLATE.encode()).digest()


def test_a_note_that_speaks_of_the_line_is_no_second_line() -> None:
    assert read_template(("# points: vote\n" + SMALL).encode()).canonical == read_template(SMALL.encode()).canonical


def test_an_indented_line_in_a_text_is_no_second_line() -> None:
    text = SMALL.replace('{fr: "Des raisons", en: "Reasons"}', "\n  fr: |\n    points: vote\n  en: Reasons")
    assert read_template(text.encode()).reasons.fr == "points: vote\n"
    assert policy_of(text.encode(), POINTS).reasons.fr == "points: vote\n"


@pytest.mark.parametrize(
    "line",
    [
        "points: vote ",
        "points:  vote",
        "points : vote",
        'points: "vote"',
        "points: 'vote'",
        '"points": vote',
        "points: vote # later",
        "points:\n  vote",
        "points: votes",
        "points: 1000",
        "points: [vote]",
        "points: {}",
        "points: |\n  vote",
    ],
)
def test_the_line_stands_there_exactly(line: str) -> None:
    error = refusal(SMALL.replace("points: vote", line))
    assert (error.reason, error.metadata["line"]) == (
        "POINTS_NOT_LEFT_TO_VOTE",
        6 if "\n" not in line else error.metadata["line"],
    )


def test_a_policy_with_points_is_no_template() -> None:
    assert refusal(VIDEO).reason == "POINTS_NOT_LEFT_TO_VOTE"


def test_a_template_is_no_policy() -> None:
    with pytest.raises(PolicyError) as caught:
        read_policy(TEMPLATE.encode())
    assert (caught.value.reason, caught.value.metadata["field"]) == ("POLICY_NOT_A_MAPPING", "points")


def test_a_text_in_braces_has_no_place_for_a_block() -> None:
    assert refusal(FLOW).reason == "POINTS_NOT_LEFT_TO_VOTE"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("surface: video", "surface: Video", "SURFACE_FORM"),
        ("rules: {}", "rules: {drop_all/1: apply}", "RULE_UNKNOWN"),
        ("sliders: {}\n", "", "POLICY_FIELD_MISSING"),
        ("points: vote\n", "points: vote\npoints: vote\n", "YAML_DUPLICATE_KEY"),
        ("points: vote\n", "points: &a vote\n", "YAML_ANCHOR"),
        ("schema: rankd.policy/1", "schema: rankd.limits/1", "SCHEMA_UNKNOWN"),
        ("base: none", "base: none\nsigns: {}", "POINTS_SIGNED"),
    ],
)
def test_whatever_a_policy_may_not_say_a_template_may_not(old: str, new: str, reason: str) -> None:
    error = refusal(SMALL.replace(old, new))
    assert error.reason == reason
    line = SMALL[: SMALL.index(old)].count("\n") + 1
    assert error.metadata["line"] in (1, line, line + 1)


def test_the_room_for_points_must_be_there_before_the_vote() -> None:
    spare = 65_536 - len(fill(SMALL.encode(), dict.fromkeys(OBJECTIVES, 111) | {"click": 112}))
    note = "#" * (spare - 1) + "\n"
    read_template((SMALL + note).encode())
    assert len(fill((SMALL + note).encode(), dict.fromkeys(OBJECTIVES, 111) | {"click": 112})) == 65_536
    assert refusal(SMALL + "#" + note).reason == "YAML_TOO_LARGE"


def test_points_that_do_not_add_up_are_refused_when_the_policy_is_read() -> None:
    with pytest.raises(PolicyError) as caught:
        policy_of(SMALL.encode(), POINTS | {"click": POINTS["click"] + 1})
    assert caught.value.reason == "POINTS_TOO_MANY"


def test_a_missing_objective_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError, match="report"):
        fill(SMALL.encode(), {name: POINTS[name] for name in OBJECTIVES if name != "report"})
