from collections.abc import Callable

import pytest

from rankd.core.errors import ModelError
from rankd.forest.text import cut

Refusal = Callable[..., ModelError]

TEXT = "tree\nversion=v4\n\nTree=0\nnum_leaves=1\nleaf_value=0.5\n\n\nTree=1\nx=1 2\n\n\nend of trees\n"


def test_a_text_is_cut_into_header_trees_and_parameters() -> None:
    parts = cut(TEXT + "\nparameters:\n[boosting: gbdt]\n[data: ]\n\nend of parameters\n[late: 1]\n", "f")
    assert dict(parts.header.values) == {"version": "v4"}
    assert [block.integer("Tree") for block in parts.trees] == [0, 1]
    assert parts.trees[0].reals("leaf_value", 1) == (0.5,)
    assert dict(parts.parameters) == {"boosting": "gbdt", "data": ""}


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("tree\n", "treee\n", 1),
        ("tree\n", "tree\r\n", 1),
        ("end of trees", "end of tree", 14),
        ("Tree=1", "Tree=2", 9),
        ("Tree=1", "Tree=01", 9),
        ("x=1 2", "x=1\nx=2", 11),
    ],
)
def test_a_line_out_of_place_is_refused_with_its_number(refusal: Refusal, old: str, new: str, line: int) -> None:
    error = refusal(cut, TEXT.replace(old, new, 1), "click.txt")
    assert (error.reason, error.metadata["line"]) == ("MODEL_TEXT_UNREADABLE", line)


@pytest.mark.parametrize("text", ["01 2", "1 +2", "1 2.0", "1 1_0", "1 ١", "1 99999999999", "1 -", "1  "])
def test_integers_have_one_spelling(refusal: Refusal, text: str) -> None:
    block = cut(TEXT.replace("x=1 2", f"x={text}"), "click.txt").trees[1]
    error = refusal(block.integers, "x", len(text.split(" ")))
    assert (error.reason, error.metadata["line"]) == ("MODEL_TEXT_UNREADABLE", 10)


@pytest.mark.parametrize("text", ["1_0", "0x1p3", "1e", ".5", "5.", "1,5", "1e1000", "--1"])
def test_reals_are_decimal(refusal: Refusal, text: str) -> None:
    block = cut(TEXT.replace("0.5", text), "click.txt").trees[0]
    assert refusal(block.reals, "leaf_value", 1).reason == "MODEL_TEXT_UNREADABLE"


@pytest.mark.parametrize("text", ["nan", "-nan", "inf", "-Infinity", "nan(ind)", "1e999", "-1e400"])
def test_reals_are_finite(refusal: Refusal, text: str) -> None:
    block = cut(TEXT.replace("0.5", text), "click.txt").trees[0]
    error = refusal(block.reals, "leaf_value", 1)
    assert (error.reason, error.metadata["line"]) == ("MODEL_NOT_FINITE", 6)


def test_a_count_that_lies_is_refused(refusal: Refusal) -> None:
    error = refusal(cut(TEXT, "click.txt").trees[1].integers, "x", 3)
    assert (error.reason, error.metadata["found"], error.metadata["wanted"]) == ("MODEL_TEXT_COUNT", 2, 3)


def test_a_missing_line_is_named_with_the_part_it_belongs_to(refusal: Refusal) -> None:
    error = refusal(cut(TEXT, "click.txt").trees[1].text, "leaf_value")
    assert (error.reason, error.metadata["key"], error.metadata["line"]) == (
        "MODEL_TEXT_LINE_MISSING",
        "leaf_value",
        9,
    )
