from collections.abc import Callable
from fractions import Fraction
from typing import Any

import lightgbm
import numpy as np
import pytest

from rankd.core.errors import ModelError
from rankd.core.features.feature import Feature
from rankd.core.words.language import Phrase
from rankd.forest.sealing import read_forest, seal_head

Refusal = Callable[..., ModelError]

NAMES = ["a", "b", "c"]


def declared(*, nullable: str = "b", names: list[str] = NAMES) -> tuple[Feature, ...]:
    return tuple(Feature(n, Phrase(n, n), "1", None, nullable=n in nullable, profiling=False) for n in names)


def train(rounds: int = 4, classes: int = 2, categorical: list[str] | None = None, **params: Any) -> str:
    rng = np.random.default_rng(11)
    x = rng.normal(size=(240, 3)).astype(np.float32)
    x[::6, 1] = np.nan
    x[:, 2] = np.floor(np.abs(x[:, 2]) * 2)
    signal = x[:, 0] + np.nan_to_num(x[:, 1], nan=2.0) + 2 * (x[:, 2] % 2)
    y = np.digitize(signal, np.quantile(signal, np.arange(1, classes) / classes))
    settings = {"objective": "binary", "num_leaves": 6, "min_data_in_leaf": 5, "verbosity": -1, "num_threads": 1}
    data = lightgbm.Dataset(x, y, feature_name=NAMES, categorical_feature=categorical or [])
    text: str = lightgbm.train({**settings, **params}, data, rounds).model_to_string()
    return text


@pytest.fixture(scope="module")
def trained() -> str:
    return train()


def test_every_leaf_becomes_the_nearest_multiple(trained: str) -> None:
    leaves = [
        Fraction(float(word))
        for line in trained.split("\n")
        if line.startswith("leaf_value=")
        for word in line.removeprefix("leaf_value=").split(" ")
    ]
    forest = read_forest(trained, declared(), "click.txt")
    sealed = [units for tree in forest.trees for units in tree.leaf_units]
    assert len(sealed) == len(leaves)
    assert max(abs(units - leaf * 2**24) for units, leaf in zip(sealed, leaves, strict=True)) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("halves", "units"), [(1, 0), (3, 2), (5, 2), (7, 4), (-1, 0), (-3, -2), (-5, -2), (2, 1), (-2, -1)]
)
def test_a_leaf_half_way_between_two_multiples_goes_to_the_even_one(trained: str, halves: int, units: int) -> None:
    line = next(line for line in trained.split("\n") if line.startswith("leaf_value="))
    rest = line.split(" ", 1)[1]
    text = trained.replace(line, f"leaf_value={halves / 2**25!r} {rest}", 1)
    assert read_forest(text, declared(), "click.txt").trees[0].leaf_units[0] == units


def test_a_double_just_above_half_way_is_rounded_up(trained: str) -> None:
    line = next(line for line in trained.split("\n") if line.startswith("leaf_value="))
    rest = line.split(" ", 1)[1]
    above = float(np.nextafter(2.0**-25, 1))
    text = trained.replace(line, f"leaf_value={above!r} {rest}", 1)
    assert read_forest(text, declared(), "click.txt").trees[0].leaf_units[0] == 1


def test_sealing_what_is_sealed_changes_nothing(trained: str) -> None:
    sealed = seal_head(trained, declared())
    assert seal_head(sealed.decode(), declared()) == sealed


def test_sealed_text_does_not_depend_on_the_thread_count() -> None:
    steady: dict[str, Any] = {"deterministic": True, "force_row_wise": True}
    one, two = train(num_threads=1, **steady), train(num_threads=2, **steady)
    assert one != two
    assert seal_head(one, declared()) == seal_head(two, declared())


def test_sealed_text_publishes_no_extremes_of_the_data(trained: str) -> None:
    line = next(line for line in trained.split("\n") if line.startswith("feature_infos="))
    low, high = line.removeprefix("feature_infos=").split(" ")[0].strip("[]").split(":")
    sealed = seal_head(trained, declared()).decode()
    assert (low in trained, high in trained) == (True, True)
    assert (low in sealed, high in sealed) == (False, False)


def test_linear_trees_are_refused(refusal: Refusal) -> None:
    error = refusal(seal_head, train(linear_tree=True), declared(nullable=""))
    assert error.reason == "MODEL_LINEAR_TREE"


def test_a_linear_tree_is_refused_without_its_parameters_too(refusal: Refusal) -> None:
    text = train(linear_tree=True).partition("\nparameters:")[0]
    assert refusal(seal_head, text, declared(nullable="")).reason == "MODEL_LINEAR_TREE"


def test_zero_read_as_missing_is_refused(refusal: Refusal) -> None:
    error = refusal(seal_head, train(zero_as_missing=True), declared(nullable=""))
    assert error.reason == "MODEL_ZERO_AS_MISSING"


def test_several_trees_per_iteration_are_refused(refusal: Refusal) -> None:
    error = refusal(seal_head, train(objective="multiclass", num_class=3, classes=3), declared())
    assert (error.reason, error.metadata["found"]) == ("MODEL_MANY_TREES_PER_ITERATION", 3)


def test_averaged_output_is_refused(refusal: Refusal) -> None:
    text = train(boosting="rf", bagging_freq=1, bagging_fraction=0.5)
    assert refusal(seal_head, text, declared()).reason == "MODEL_AVERAGED"
    assert refusal(seal_head, text.partition("\nparameters:")[0], declared()).reason == "MODEL_AVERAGED"


def test_categorical_splits_are_refused(refusal: Refusal) -> None:
    text = train(categorical=["c"], min_data_per_group=1, cat_smooth=0.1, cat_l2=0.1)
    assert refusal(seal_head, text, declared()).reason == "MODEL_CATEGORICAL_SPLIT"


def test_early_stop_of_prediction_is_refused(refusal: Refusal, trained: str) -> None:
    # LightGBM 4.7 does not write this parameter; what others write is refused all the same.
    text = trained.replace("[boosting: gbdt]", "[boosting: gbdt]\n[pred_early_stop: 1]")
    assert refusal(seal_head, text, declared()).reason == "MODEL_EARLY_STOP"


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"objective": "regression"}, "regression"),
        ({"objective": "cross_entropy"}, "cross_entropy"),
        ({"sigmoid": 2.0}, "binary sigmoid:2"),
    ],
)
def test_an_objective_that_is_not_plain_binary_is_refused(refusal: Refusal, params: dict[str, Any], found: str) -> None:
    error = refusal(seal_head, train(**params), declared())
    assert (error.reason, error.metadata["found"]) == ("MODEL_OBJECTIVE_NOT_BINARY", found)


def test_a_nullable_feature_that_training_saw_without_nan_is_refused(refusal: Refusal, trained: str) -> None:
    error = refusal(seal_head, trained, declared(nullable="ab"))
    assert (error.reason, error.metadata["field"]) == ("MODEL_NULLABLE_NOT_NAN_TYPED", "a")


def test_a_feature_with_nan_in_training_need_not_be_nullable(trained: str) -> None:
    assert seal_head(trained, declared(nullable="")) == seal_head(trained, declared(nullable="b"))


@pytest.mark.parametrize(
    ("names", "found", "wanted"),
    [(["a", "c", "b"], "b", "c"), (["a", "b"], 3, 2), (["a", "b", "c", "d"], 3, 4), ([], 3, 0)],
)
def test_other_columns_than_the_declared_ones_are_refused(
    refusal: Refusal, trained: str, names: list[str], found: object, wanted: object
) -> None:
    error = refusal(seal_head, trained, declared(names=names))
    assert error.reason == "MODEL_FEATURES_DIFFER"
    assert (error.metadata["found"], error.metadata["wanted"]) == (found, wanted)


def test_a_feature_count_that_lies_is_refused(refusal: Refusal, trained: str) -> None:
    text = trained.replace("max_feature_idx=2", "max_feature_idx=3")
    assert refusal(seal_head, text, declared()).reason == "MODEL_FEATURES_DIFFER"


def test_a_name_that_no_manifest_could_declare_is_refused(refusal: Refusal, trained: str) -> None:
    text = trained.replace("feature_names=a b c", "feature_names=a b é")
    error = refusal(seal_head, text, declared(names=["a", "b", "é"]))
    assert (error.reason, error.metadata["found"]) == ("MODEL_MANIFEST_VALUE", "é")


def leaf_only(*values: str) -> str:
    trees = "".join(f"Tree={i}\nnum_leaves=1\nnum_cat=0\nleaf_value={v}\n\n\n" for i, v in enumerate(values))
    return (
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx=2\n"
        f"objective=binary sigmoid:1\nfeature_names=a b c\n\n{trees}end of trees\n"
    )


def test_a_margin_one_unit_below_128_is_sealed() -> None:
    text = leaf_only("64", repr(64 - 2.0**-24))
    assert read_forest(text, declared(), "f").bound_units == 2**31 - 1


@pytest.mark.parametrize("values", [("128",), ("64", "64"), ("-64", "64"), ("1e300",), (repr(128 - 2.0**-26),)])
def test_a_margin_that_could_reach_128_is_refused(refusal: Refusal, values: tuple[str, ...]) -> None:
    assert refusal(seal_head, leaf_only(*values), declared()).reason == "MODEL_MARGIN_TOO_LARGE"


@pytest.mark.parametrize("value", ["nan", "-inf", "1e999"])
def test_a_leaf_that_is_not_finite_is_refused(refusal: Refusal, value: str) -> None:
    assert refusal(seal_head, leaf_only(value), declared()).reason == "MODEL_NOT_FINITE"


@pytest.mark.parametrize("value", ["nan", "-inf", "1e999"])
def test_a_threshold_that_is_not_finite_is_refused(refusal: Refusal, trained: str, value: str) -> None:
    line = next(line for line in trained.split("\n") if line.startswith("threshold="))
    text = trained.replace(line, f"threshold={value} " + line.split(" ", 1)[1], 1)
    error = refusal(seal_head, text, declared())
    assert (error.reason, error.metadata["key"]) == ("MODEL_NOT_FINITE", "threshold")


def test_a_question_whether_there_is_a_number_is_sealed_with_the_largest_double() -> None:
    rng = np.random.default_rng(1)
    x = np.where(rng.random((200, 1)) < 0.5, np.nan, rng.normal(size=(200, 1))).astype(np.float32)
    settings = {"objective": "binary", "num_leaves": 2, "verbosity": -1, "num_threads": 1}
    data = lightgbm.Dataset(x, np.isnan(x[:, 0]).astype(int), feature_name=["a"])
    text = lightgbm.train(settings, data, 1).model_to_string()
    features = declared(nullable="a", names=["a"])
    assert "threshold=inf\n" in text
    sealed = seal_head(text, features)
    assert b"threshold=1.7976931348623157e+308\n" in sealed
    assert seal_head(sealed.decode(), features) == sealed


def test_a_head_without_trees_is_refused(refusal: Refusal) -> None:
    assert refusal(seal_head, leaf_only(), declared()).reason == "MODEL_WITHOUT_TREES"


@pytest.mark.parametrize("count", [0, -1, 16_385, 2**31])
def test_an_absurd_number_of_leaves_is_refused(refusal: Refusal, count: int) -> None:
    text = leaf_only("1").replace("num_leaves=1", f"num_leaves={count}")
    error = refusal(seal_head, text, declared())
    assert (error.reason, error.metadata["found"]) == ("MODEL_TREE_TOO_LARGE", count)


@pytest.mark.parametrize("kind", [-1, 14, 12, 16, 66])
def test_an_unknown_decision_type_is_refused(refusal: Refusal, trained: str, kind: int) -> None:
    line = next(line for line in trained.split("\n") if line.startswith("decision_type="))
    text = trained.replace(line, f"decision_type={kind} " + line.split(" ", 1)[1], 1)
    wanted = "MODEL_CATEGORICAL_SPLIT" if kind == -1 else "MODEL_TREE_MALFORMED"
    assert refusal(seal_head, text, declared()).reason == wanted


@pytest.mark.parametrize("split", [-1, 3])
def test_a_split_on_a_feature_that_is_not_there_is_refused(refusal: Refusal, trained: str, split: int) -> None:
    line = next(line for line in trained.split("\n") if line.startswith("split_feature="))
    text = trained.replace(line, f"split_feature={split} " + line.split(" ", 1)[1], 1)
    error = refusal(seal_head, text, declared())
    assert (error.reason, error.metadata["found"]) == ("MODEL_TREE_MALFORMED", split)


def test_another_version_of_the_format_is_refused(refusal: Refusal, trained: str) -> None:
    error = refusal(seal_head, trained.replace("version=v4", "version=v3"), declared())
    assert (error.reason, error.metadata["found"]) == ("MODEL_TEXT_VERSION", "v3")


def test_constant_labels_seal_to_a_single_leaf() -> None:
    rng = np.random.default_rng(3)
    data = lightgbm.Dataset(rng.normal(size=(50, 3)), np.zeros(50), feature_name=NAMES)
    text = lightgbm.train({"objective": "binary", "verbosity": -1}, data, 3).model_to_string()
    trees = read_forest(text, declared(nullable=""), "f").trees
    assert [(tree.split_feature, len(tree.leaf_units)) for tree in trees] == [((), 1)]
