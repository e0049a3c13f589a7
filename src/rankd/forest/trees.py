"""Decision trees as data: what a sealed head is made of, and its text."""

from dataclasses import dataclass

from rankd.core.errors import ModelError

LEAF_BITS = 24
"""Leaves and margins are integers in units of 2⁻²⁴ log-odds."""

MARGIN_LIMIT = 1 << 31
"""No sum of leaves may reach this many units, so that every margin is an int32 (|margin| < 128 log-odds)."""

ZERO_BOUND = 1.0000000180025095e-35
"""The double nearest to LightGBM's float32 `kZeroThreshold`: a feature this close to zero is read as zero."""

DEFAULT_LEFT = 2
NAN_TYPED = 8
DECISIONS = (0, NAN_TYPED, NAN_TYPED | DEFAULT_LEFT)
"""The decision types of a sealed node: no missing values; NaN goes right; NaN goes left."""

MAX_LEAVES = 16_384
"""Leaves of one tree: LightGBM walks a tree recursively when it loads one, so depth is bounded."""


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree of binary decisions.

    With k leaves there are k − 1 nodes, and node 0 is the root. A child ≥ 0 is a node; a child < 0 is the leaf
    with index −child − 1. A tree of one leaf has no nodes.

    Attributes:
        split_feature: For each node the index of the feature that it asks about.
        threshold: For each node a finite double; a value ≤ threshold goes left.
        decision_type: For each node one of `DECISIONS`.
        left_child: For each node where "yes" goes.
        right_child: For each node where "no" goes.
        leaf_units: For each leaf its value, an integer in units of 2⁻²⁴ log-odds.
    """

    split_feature: tuple[int, ...]
    threshold: tuple[float, ...]
    decision_type: tuple[int, ...]
    left_child: tuple[int, ...]
    right_child: tuple[int, ...]
    leaf_units: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Forest:
    """The trees of one head, in training order. Its margin is the sum of one leaf of each."""

    trees: tuple[Tree, ...]

    @property
    def bound_units(self) -> int:
        """The largest |margin| that any row could reach, in units of 2⁻²⁴ log-odds."""
        return sum(max(map(abs, tree.leaf_units)) for tree in self.trees)


def check_shape(tree: Tree, index: int, file: str) -> None:
    """Make sure that the children of `tree` form one tree: every node and every leaf reached exactly once.

    Args:
        tree: Nodes' columns have one length; leaves are one more.
        index: The tree's number in its head, for the error.
        file: The head's file, for the error.

    Raises:
        ModelError: MODEL_TREE_MALFORMED.
    """
    nodes, leaves = len(tree.split_feature), len(tree.leaf_units)
    if nodes == 0:
        return
    seen_nodes, seen_leaves = bytearray(nodes), bytearray(leaves)
    pending = [0]
    while pending:
        at = pending.pop()
        seen, slot = (seen_nodes, at) if at >= 0 else (seen_leaves, -at - 1)
        if slot >= len(seen) or seen[slot]:
            raise ModelError("MODEL_TREE_MALFORMED", file=file, tree=index, found=at)
        seen[slot] = 1
        if at >= 0:
            pending += (tree.right_child[at], tree.left_child[at])
    # A walk that meets nothing twice and ends has as many leaves as nodes plus one, but may have missed some of both.
    if not (all(seen_nodes) and all(seen_leaves)):
        missed = seen_nodes.find(0) if not all(seen_nodes) else -seen_leaves.find(0) - 1
        raise ModelError("MODEL_TREE_MALFORMED", file=file, tree=index, found=missed)


def write_forest(forest: Forest, feature_names: tuple[str, ...]) -> bytes:
    """Return the sealed text of `forest`: what LightGBM needs to predict, in one spelling, and nothing else.

    What training leaves behind and prediction does not read (gains, counts, ranges of the training data,
    importances, parameters) is not written: it would tie the bytes to the thread count, and the ranges would
    publish the extremes of people's data.

    Args:
        forest: At least one tree.
        feature_names: The declared names, in column order.

    Returns:
        ASCII text in LightGBM's model format, version v4.
    """
    blocks = [_write_tree(index, tree) for index, tree in enumerate(forest.trees)]
    header = "\n".join(
        (
            "tree",
            "version=v4",
            "num_class=1",
            "num_tree_per_iteration=1",
            "label_index=0",
            f"max_feature_idx={len(feature_names) - 1}",
            "objective=binary sigmoid:1",
            f"feature_names={' '.join(feature_names)}",
            f"feature_infos={' '.join(['none'] * len(feature_names))}",
            f"tree_sizes={' '.join(str(len(block)) for block in blocks)}",
        )
    )
    return f"{header}\n\n{''.join(blocks)}end of trees\n".encode("ascii")


def _write_tree(index: int, tree: Tree) -> str:
    lines = [f"Tree={index}", f"num_leaves={len(tree.leaf_units)}", "num_cat=0"]
    if tree.split_feature:
        lines += (
            f"split_feature={' '.join(map(str, tree.split_feature))}",
            f"threshold={' '.join(map(decimal, tree.threshold))}",
            f"decision_type={' '.join(map(str, tree.decision_type))}",
            f"left_child={' '.join(map(str, tree.left_child))}",
            f"right_child={' '.join(map(str, tree.right_child))}",
        )
    # Dividing by a power of two is exact, and so is the shortest decimal that reads back as the same double.
    lines.append(f"leaf_value={' '.join(decimal(units / (1 << LEAF_BITS)) for units in tree.leaf_units)}")
    return "\n".join(lines) + "\n\n\n"


def decimal(value: float) -> str:
    """Return the one spelling of a finite double in sealed text: the shortest that reads back, zero as `0`."""
    return "0" if value == 0 else repr(value).removesuffix(".0")
