"""Sealing: from a trained LightGBM head to trees whose sums are exact, or a refusal by name."""

from collections.abc import Sequence
from fractions import Fraction

from rankd.core.errors import ModelError
from rankd.core.features.feature import FEATURE_NAME, Feature
from rankd.forest.fields import read_matching
from rankd.forest.text import Block, ModelText, cut
from rankd.forest.trees import (
    DECISIONS,
    DEFAULT_LEFT,
    LEAF_BITS,
    MARGIN_LIMIT,
    MAX_LEAVES,
    NAN_TYPED,
    Forest,
    Tree,
    check_shape,
    write_forest,
)

_CATEGORICAL = 1
_MISSING_TYPE = 12
_ZERO_TYPED = 4


def seal_head(text: str, features: Sequence[Feature], *, file: str = "model.txt") -> bytes:
    """Return the sealed text of a trained head: leaves rounded to multiples of 2⁻²⁴, one spelling, nothing else.

    Sealing what is sealed changes nothing.

    Args:
        text: What `Booster.model_to_string()` gives: objective binary, every iteration one tree.
        features: The declared features, in column order, named as in training.
        file: A name for the head in errors.

    Returns:
        LightGBM model text that `Booster(model_str=…)` loads.

    Raises:
        ModelError: The head could not be scored exactly; the reason says by what.

    Source: docs/spec/scoring.md section 3.
    """
    return write_forest(read_forest(text, features, file), tuple(feature.name for feature in features))


def read_forest(text: str, features: Sequence[Feature], file: str) -> Forest:
    """Return the trees of a head with rounded leaves, after every check that sealing makes.

    Args:
        text: A trained or a sealed head.
        features: The declared features, in column order.
        file: A name for the head in errors.

    Raises:
        ModelError: As `seal_head`.
    """
    parts = cut(text, file)
    _check_header(parts, features, file)
    forest = Forest(tuple(_read_tree(block, i, features) for i, block in enumerate(parts.trees)))
    if forest.bound_units >= MARGIN_LIMIT:
        raise ModelError("MODEL_MARGIN_TOO_LARGE", file=file, found=forest.bound_units, limit=MARGIN_LIMIT)
    return forest


def _check_header(parts: ModelText, features: Sequence[Feature], file: str) -> None:
    header, parameters = parts.header, parts.parameters
    if header.text("version") != "v4":
        raise ModelError("MODEL_TEXT_VERSION", file=file, found=header.text("version")[:80])
    # Averaging divides by the number of trees: no longer a sum of leaves.
    if "average_output" in header.values or parameters.get("boosting") in ("rf", "random_forest"):
        raise ModelError("MODEL_AVERAGED", file=file)
    if (per_iteration := header.integer("num_tree_per_iteration")) != 1 or header.integer("num_class") != 1:
        raise ModelError("MODEL_MANY_TREES_PER_ITERATION", file=file, found=per_iteration)
    if header.text("objective") != "binary sigmoid:1":
        raise ModelError("MODEL_OBJECTIVE_NOT_BINARY", file=file, found=header.text("objective")[:80])
    if parameters.get("linear_tree", "0") != "0":
        raise ModelError("MODEL_LINEAR_TREE", file=file, tree=0)
    if parameters.get("pred_early_stop", "0") != "0":
        raise ModelError("MODEL_EARLY_STOP", file=file)
    declared = [read_matching(feature.name, "features.name", FEATURE_NAME) for feature in features]
    found = header.text("feature_names").split(" ")
    if found != declared or header.integer("max_feature_idx") != len(declared) - 1:
        at = next((i for i, pair in enumerate(zip(found, declared, strict=False)) if pair[0] != pair[1]), None)
        raise ModelError(
            "MODEL_FEATURES_DIFFER",
            file=file,
            found=len(found) if at is None else found[at][:80],
            wanted=len(declared) if at is None else declared[at],
        )
    if not parts.trees:
        raise ModelError("MODEL_WITHOUT_TREES", file=file)


def _read_tree(block: Block, index: int, features: Sequence[Feature]) -> Tree:
    file = block.file
    if block.values.get("is_linear", "0") != "0":
        raise ModelError("MODEL_LINEAR_TREE", file=file, tree=index)
    leaves = block.integer("num_leaves")
    if not 1 <= leaves <= MAX_LEAVES:
        raise ModelError("MODEL_TREE_TOO_LARGE", file=file, tree=index, found=leaves, limit=MAX_LEAVES)
    units = tuple(map(_round_units, block.reals("leaf_value", leaves)))
    if leaves == 1:
        return Tree((), (), (), (), (), units)
    nodes = leaves - 1
    kinds = block.integers("decision_type", nodes)
    if block.integer("num_cat") != 0 or any(kind & _CATEGORICAL for kind in kinds):
        raise ModelError("MODEL_CATEGORICAL_SPLIT", file=file, tree=index)
    tree = Tree(
        split_feature=block.integers("split_feature", nodes),
        threshold=block.thresholds("threshold", nodes),
        decision_type=tuple(_decision(kind, block, index) for kind in kinds),
        left_child=block.integers("left_child", nodes),
        right_child=block.integers("right_child", nodes),
        leaf_units=units,
    )
    for split, kind in zip(tree.split_feature, tree.decision_type, strict=True):
        if not 0 <= split < len(features):
            raise ModelError("MODEL_TREE_MALFORMED", file=file, tree=index, found=split)
        # Where training met no NaN, LightGBM scores a NaN as 0.0 and ignores the default direction.
        if features[split].nullable and kind not in DECISIONS[1:]:
            raise ModelError("MODEL_NULLABLE_NOT_NAN_TYPED", file=file, tree=index, field=features[split].name)
    check_shape(tree, index, file)
    return tree


def _decision(kind: int, block: Block, index: int) -> int:
    if kind & _MISSING_TYPE == _ZERO_TYPED:
        raise ModelError("MODEL_ZERO_AS_MISSING", file=block.file, tree=index)
    if kind < 0 or kind & ~(DEFAULT_LEFT | _MISSING_TYPE) or kind & _MISSING_TYPE == _MISSING_TYPE:
        raise ModelError("MODEL_TREE_MALFORMED", file=block.file, tree=index, found=kind)
    # Without a missing type the default direction is never read: one spelling for both.
    return kind if kind & NAN_TYPED else 0


def _round_units(leaf: float) -> int:
    # Fraction(leaf) is the double itself and Python rounds a Fraction half to even: no second rounding anywhere.
    return round(Fraction(leaf) * (1 << LEAF_BITS))
