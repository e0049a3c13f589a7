from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from rankd.core.features.cells import Cells
from rankd.core.features.declaration import Declaration
from rankd.core.features.layout import layout_of
from rankd.core.features.reading import Given, defaults_of, read_features

Declare = Callable[..., Declaration]
HOUR_MS, DAY_MS = 3_600_000, 86_400_000


def given(
    time_ms: int = 0,
    created: Sequence[int] = (-1,),
    sources: Sequence[str] = ("",),
    groups: Sequence[tuple[str, ...]] = ((),),
) -> Given:
    return Given(np.array([time_ms]), np.array(created, dtype=np.int64), sources, groups)


def cells(declaration: Declaration, **counts: list[list[int]]) -> Cells:
    """Counts of each entity's only block, by its name: for one candidate, of each kind, the newest bucket first."""
    blocks = {block.entity.name: block for block in layout_of(declaration).blocks}
    held = {
        (name, blocks[name].bucket_ms): (blocks[name].events, np.array([rows], dtype=np.int64))
        for name, rows in counts.items()
    }
    return Cells({name: np.zeros(1, dtype=np.int64) for name in counts}, held)


def test_a_count_adds_up_the_buckets_of_its_own_span(declare: Declare) -> None:
    declaration = declare(
        {"item": "item"},
        two="count: {of: item, event: click, within: 2d}",
        four="count: {of: item, event: click, within: 4d}",
    )
    read = read_features(declaration, cells(declaration, item=[[1, 20, 300, 4000]]), given())
    assert {name: values.tolist() for name, values in read.items()} == {"two": [21.0], "four": [4321.0]}
    assert all(values.dtype == np.float32 for values in read.values())


def test_what_fades_weighs_by_the_age_of_its_bucket(declare: Declare) -> None:
    declaration = declare({"item": "item"}, f="count: {of: item, event: click, within: 18h, half_life: 1h}")
    # 1 + 2/2 + 4/4, and what is 17 half-lives old no longer counts.
    read = read_features(declaration, cells(declaration, item=[[1, 2, 4, *[0] * 14, 1_000_000]]), given())
    assert read["f"].tolist() == [3.0]


def test_the_largest_counts_neither_overflow_nor_lose_more_than_binary32_does(declare: Declare) -> None:
    declaration = declare({"item": "item"}, f="count: {of: item, event: click, within: 168h, half_life: 3650d}")
    full = [[2**32 - 1] * 168]
    as_32 = cells(declaration, item=full)
    counts = {key: (kinds, held.astype(np.uint32)) for key, (kinds, held) in as_32.counts.items()}
    for held in (as_32, replace(as_32, counts=counts)):
        read = read_features(declaration, held, given())
        assert 0.99 * 168 * 2**32 < float(read["f"][0]) <= 168 * 2**32


def test_a_rate_is_what_it_is_taken_to_be_until_something_is_known(declare: Declare) -> None:
    declaration = declare(
        {"item": "item"}, f="rate: {of: item, hits: click, trials: shown, within: ever, prior: 40%, weight: 10}"
    )
    # The kinds stand in their canonical order: shown, click.
    for counts, wanted in (([[0], [0]], 0.4), ([[10], [0]], 0.2), ([[2], [1]], 5 / 12)):
        assert read_features(declaration, cells(declaration, item=counts), given())["f"][0] == np.float32(wanted)


def test_a_rate_is_never_above_one(declare: Declare) -> None:
    declaration = declare(
        {"item": "item"}, f="rate: {of: item, hits: click, trials: shown, within: 1d, prior: 100%, weight: 1}"
    )
    for counts in ([[0], [7]], [[0], [2**32 - 1]], [[3], [3]]):
        assert read_features(declaration, cells(declaration, item=counts), given())["f"].tolist() == [1.0]


def test_a_prior_is_rounded_to_binary32_before_it_is_used(declare: Declare) -> None:
    rate = "rate: {{of: item, hits: click, trials: shown, within: ever, prior: {}, weight: {}}}"
    declaration = declare({"item": "item"}, a=rate.format("33.3333%", 1), b=rate.format("a", 1_000_000))
    read = read_features(declaration, cells(declaration, item=[[1], [1]]), given())
    a = np.float32((1.0 + 1 * (333_333 / 1_000_000)) / (1.0 + 1))
    assert read["a"][0] == a
    assert read["b"][0] == np.float32((1.0 + 1_000_000 * float(a)) / (1.0 + 1_000_000))
    assert list(read_features(declaration, cells(declaration, item=[[1], [1]]), given(), ["b"])) == ["b"]


def test_an_affinity_is_the_narrower_entity_s_part_of_the_wider_one(declare: Declare) -> None:
    declaration = declare(
        {"viewer": "viewer", "pair": "viewer, author"},
        f="affinity: {of: pair, among: viewer, event: like, within: ever, prior: 0%, weight: 2}",
    )
    read = read_features(declaration, cells(declaration, viewer=[[8]], pair=[[5]]), given())
    assert read["f"].tolist() == [0.5]


@pytest.mark.parametrize(
    ("within", "counts", "hours"),
    [
        ("3h", [1, 0, 9], 0.0),
        ("3h", [0, 0, 1], 2.0),
        ("3d", [0, 5, 5], 24.0),
        ("90d", [0] * 89 + [1], 89 * 24.0),
    ],
)
def test_recency_is_in_hours_by_buckets(declare: Declare, within: str, counts: list[int], hours: float) -> None:
    declaration = declare({"item": "item"}, f=f"recency: {{of: item, event: click, within: {within}}}")
    assert read_features(declaration, cells(declaration, item=[counts]), given())["f"].tolist() == [hours]


def test_what_is_not_known_is_the_default_or_nan_where_that_is_allowed(declare: Declare) -> None:
    declaration = declare(
        {"item": "item"},
        a="recency: {of: item, event: click, within: 2h}",
        b="recency: {of: item, event: click, within: 2h}?",
        c="age: created",
        d="age: created?",
    )
    read = read_features(declaration, cells(declaration, item=[[0, 0]]), given())
    assert read["a"].tolist() == read["c"].tolist() == [0.0]
    assert [read[name].view(np.uint32).tolist() for name in "bd"] == [[0x7FC00000]] * 2
    assert defaults_of(declaration.features) == dict.fromkeys("abcd", 0.0)


@pytest.mark.parametrize(
    ("time_ms", "created", "hours"),
    [
        (HOUR_MS, 0, 1.0),
        (HOUR_MS // 2, 0, 0.5),
        (0, 1, 0.0),
        (253_402_300_799_999, 0, 70_389_528.0),
        (0, 253_402_300_799_999, 0.0),
    ],
)
def test_an_age_is_in_hours_and_never_negative(declare: Declare, time_ms: int, created: int, hours: float) -> None:
    declaration = declare({}, f="age: created")
    read = read_features(declaration, Cells({}, {}), given(time_ms, [created]))
    assert read["f"].tolist() == [np.float32(hours)]


def test_one_of_is_the_number_of_the_first_word_in_the_list(declare: Declare) -> None:
    declaration = declare(
        {}, s="one_of: {field: source, words: [follows, local]}", g="one_of: {field: groups, words: [b, a]}"
    )
    read = read_features(
        declaration,
        Cells({}, {}),
        given(created=[-1] * 3, sources=["local", "", "b"], groups=[("a", "b"), (), ("z", "a")]),
    )
    assert read["s"].tolist() == [2.0, 0.0, 0.0]
    assert read["g"].tolist() == [1.0, 0.0, 2.0]


def test_a_sent_column_is_never_read(declare: Declare) -> None:
    declaration = declare({}, x="sent: number", f="age: created")
    assert list(read_features(declaration, Cells({}, {}), given())) == ["f"]
    assert read_features(declaration, Cells({}, {}), given(), ["x"]) == {}


def test_a_feature_that_counts_nothing_touches_no_counts(declare: Declare) -> None:
    declaration = declare({"item": "item"}, f="count: {of: item, event: click, within: 1d}", g="age: created")
    assert list(read_features(declaration, Cells({}, {}), given(), ["g"])) == ["g"]
    with pytest.raises(KeyError):
        read_features(declaration, Cells({}, {}), given())
