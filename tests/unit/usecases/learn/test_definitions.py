import numpy as np

from rankd.usecases.learn.definitions import DEFINITIONS, FEATURES, Side


def test_every_feature_is_named_once_and_says_what_it_is_in_both_languages() -> None:
    assert len({feature.name for feature in FEATURES}) == len(FEATURES)
    for feature in FEATURES:
        assert feature.meaning.fr != feature.meaning.en
        assert len(feature.meaning.fr) > 10


def test_whatever_comes_from_the_viewers_behaviour_is_profiling_and_nothing_else() -> None:
    for definition in DEFINITIONS:
        assert definition.feature.profiling == definition.feature.name.startswith("viewer_")


def test_viewer_columns_never_describe_a_candidate() -> None:
    pairs = ("viewer_author_", "viewer_item_", "viewer_topic_")
    for definition in DEFINITIONS:
        name = definition.feature.name
        own = name == "scene" or (name.startswith("viewer_") and not name.startswith(pairs))
        assert (definition.side is Side.VIEWER) == own


def test_defaults_are_exact_float32_and_the_scene_has_none() -> None:
    defaults = {feature.name: feature.default for feature in FEATURES}
    assert defaults["scene"] is None
    assert defaults["viewer_click_rate"] == float(np.float32(0.4))


def test_neither_age_nor_date_is_a_feature() -> None:
    for feature in FEATURES:
        assert not {"age", "date", "day", "upload", "time"} & set(feature.name.split("_"))
