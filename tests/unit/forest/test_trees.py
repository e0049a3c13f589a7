from collections.abc import Callable

import pytest

from rankd.core.errors import ModelError
from rankd.forest.trees import Forest, Tree, check_shape, decimal, write_forest

Refusal = Callable[..., ModelError]


def three_leaves(left: tuple[int, int], right: tuple[int, int]) -> Tree:
    return Tree((0, 0), (0.0, 1.0), (0, 0), left, right, (1, 2, 3))


@pytest.mark.parametrize(
    ("left", "right"),
    [((1, -1), (-3, -2)), ((-1, -2), (1, -3))],
)
def test_a_proper_tree_is_accepted(left: tuple[int, int], right: tuple[int, int]) -> None:
    check_shape(three_leaves(left, right), 0, "click.txt")


@pytest.mark.parametrize(
    ("left", "right", "found"),
    [
        ((0, -1), (-2, -3), 0),  # the root is its own child
        ((1, 0), (-1, -2), 0),  # a cycle over two nodes
        ((1, -1), (1, -2), 1),  # one node under two parents
        ((-1, -2), (-3, -1), 1),  # a node that nothing leads to
        ((1, -1), (-1, -2), -1),  # one leaf twice
        ((2, -1), (-2, -3), 2),  # no such node
        ((1, -1), (-2, -4), -4),  # no such leaf
        ((1, -1), (-2, -(2**31)), -(2**31)),
    ],
)
def test_children_that_form_no_tree_are_refused(
    refusal: Refusal, left: tuple[int, int], right: tuple[int, int], found: int
) -> None:
    error = refusal(check_shape, three_leaves(left, right), 4, "click.txt")
    assert (error.reason, error.metadata["tree"], error.metadata["found"]) == ("MODEL_TREE_MALFORMED", 4, found)


def test_the_bound_is_the_sum_of_each_trees_largest_leaf() -> None:
    trees = (three_leaves((-1, -2), (1, -3)), Tree((), (), (), (), (), (-7,)))
    assert Forest(trees).bound_units == 10


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (3.0, "3"),
        (-0.5, "-0.5"),
        (2.0**-24, "5.960464477539063e-08"),
        (1e300, "1e+300"),
    ],
)
def test_a_double_has_one_spelling(value: float, text: str) -> None:
    assert decimal(value) == text
    assert float(text) == value


def test_sealed_text_holds_what_prediction_reads_and_nothing_else() -> None:
    forest = Forest((three_leaves((-1, -2), (1, -3)), Tree((), (), (), (), (), (1 << 23,))))
    assert write_forest(forest, ("a", "b")).decode() == (
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx=1\n"
        "objective=binary sigmoid:1\nfeature_names=a b\nfeature_infos=none none\ntree_sizes=195 47\n"
        "\n"
        "Tree=0\nnum_leaves=3\nnum_cat=0\nsplit_feature=0 0\nthreshold=0 1\ndecision_type=0 0\n"
        "left_child=-1 -2\nright_child=1 -3\n"
        "leaf_value=5.960464477539063e-08 1.1920928955078125e-07 1.7881393432617188e-07\n\n\n"
        "Tree=1\nnum_leaves=1\nnum_cat=0\nleaf_value=0.5\n\n\n"
        "end of trees\n"
    )
