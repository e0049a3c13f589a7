"""The data used: only what a rule reads, said of whom it is about, with the value that was read."""

from collections.abc import Callable

import numpy as np
import pytest

from rankd.core.policy.policy import AuthorDiversity, Cap, Freshness, MaxAge, Quota, Rules, SourceScaling
from rankd.core.ranking.data_used import column_values, request_data
from rankd.core.ranking.request import Column, RankingRequest
from rankd.core.words.explain import DATA

Build = Callable[..., RankingRequest]
NOW_MS = 1_700_000_000_000

ALL = Rules(
    drop_seen=True,
    drop_muted=True,
    max_age=MaxAge(1, 1),
    freshness=Freshness(60_000, 1_000, 1),
    source_scaling=SourceScaling((), 1),
    author_diversity=AuthorDiversity(1, 1),
    caps=(Cap(None, 1, 1), Cap("ad", 1, 1)),
    after_cap="drop",
    quotas=(Quota("local", 1, 1),),
)


def test_without_rules_nothing_of_the_request_was_read_but_its_sliders(build: Build) -> None:
    data = request_data(build(sliders=(("reply", 150),)), Rules())
    assert [(d.name, d.readers, d.values, d.personal, d.unit) for d in data] == [
        ("sliders[reply]", ("points",), (150,), True, "%")
    ]


def test_every_rule_is_named_as_a_reader_of_what_it_reads(build: Build) -> None:
    data = request_data(build(), ALL)
    assert {d.name: d.readers for d in data} == {
        "seen": ("drop_seen/1",),
        "muted": ("drop_muted/1",),
        "create_time": ("max_age/1", "freshness/1"),
        "source": ("source_scaling/1",),
        "groups": ("cap/1", "quota/1"),
        "author_id": ("author_diversity/1", "cap/1"),
        "served_author_counts": ("author_diversity/1",),
    }
    assert {d.name for d in data if d.personal} == {"seen", "muted", "served_author_counts"}
    assert {d.name for d in data} | {"sliders"} == set(DATA)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("seen", (True, False)),
        ("create_time", (3, None)),
        ("source", ("in_network", None)),
        ("groups", ("ad, local", None)),
        ("author_id", ("ana", None)),
        ("served_author_counts", (4, None)),
    ],
)
def test_the_value_is_the_one_that_was_read_and_none_where_it_was_not_known(
    build: Build, name: str, values: tuple[object, ...]
) -> None:
    of = {
        "seen": (True, False),
        "create_times_ms": (NOW_MS - 3_999, -1),
        "sources": ("in_network", ""),
        "groups": (("ad", "local"), ()),
        "author_ids": ("ana", ""),
    }
    data = request_data(build(of, served_author_counts=(("ana", 4),)), ALL)
    assert next(d for d in data if d.name == name).values == values


def test_a_post_from_the_future_has_no_age(build: Build) -> None:
    data = request_data(build({"create_times_ms": (NOW_MS + 5_000, NOW_MS)}), ALL)
    assert next(d for d in data if d.name == "create_time").values == (0, 0)


def test_newest_first_reads_dates_and_what_is_muted_and_no_slider(build: Build) -> None:
    data = request_data(build(sliders=(("reply", 150),)), None)
    assert {d.name: d.readers for d in data} == {"muted": ("newest_first",), "create_time": ("newest_first",)}


def test_a_columns_numbers_are_those_of_float32_and_nan_is_not_known() -> None:
    values = column_values(Column("x", np.array([0.1, np.nan], dtype=np.float32)))
    assert values == (float(np.float32(0.1)), None)
