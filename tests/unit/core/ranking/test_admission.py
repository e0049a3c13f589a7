from collections.abc import Callable
from typing import Any

import pytest

from rankd.core.errors import RequestError
from rankd.core.policy.policy import Slider
from rankd.core.ranking.admission import Bounds, admit, check_id, check_sliders
from rankd.core.ranking.request import RankingRequest

NOW_MS = 1_700_000_000_000
YEAR_10000_MS = 253_402_300_800_000
Build = Callable[..., RankingRequest]


def _refusal(call: Callable[[], object]) -> tuple[str, dict[str, object]]:
    with pytest.raises(RequestError) as caught:
        call()
    # Words must be there for every refusal, in both languages, and name the field.
    field = str(caught.value.metadata["field"])
    assert field in caught.value.say("fr")
    assert field in caught.value.say("en")
    return caught.value.reason, caught.value.metadata


@pytest.mark.parametrize(
    ("changed", "reason", "field"),
    [
        ({"request_id": ""}, "ID_EMPTY", "request_id"),
        ({"request_id": "x" * 257}, "ID_TOO_LONG", "request_id"),
        ({"viewer_id": "a\nb"}, "ID_CONTROL", "viewer_id"),
        ({"viewer_id": "e\u0301"}, "ID_NOT_NFC", "viewer_id"),
        ({"count": 0}, "CANDIDATES_EMPTY", "candidates"),
        ({"count": 6}, "CANDIDATES_TOO_MANY", "candidates"),
        ({"limit": 0}, "LIMIT_OUT_OF_RANGE", "limit"),
        ({"limit": -1}, "LIMIT_OUT_OF_RANGE", "limit"),
        ({"limit": 51}, "LIMIT_OUT_OF_RANGE", "limit"),
        ({"request_time_ms": -1}, "TIME_OUT_OF_RANGE", "request_time"),
        ({"request_time_ms": YEAR_10000_MS}, "TIME_OUT_OF_RANGE", "request_time"),
        ({"request_time_ms": NOW_MS + 300_001}, "CLOCK_SKEW", "request_time"),
        ({"request_time_ms": NOW_MS - 300_001}, "CLOCK_SKEW", "request_time"),
        ({"of": {"ids": ("p", "")}}, "ID_EMPTY", "candidates[1].id"),
        ({"of": {"ids": ("p", "p")}}, "ID_DUPLICATE", "candidates[1].id"),
        ({"of": {"ids": ("é" * 129, "p")}}, "ID_TOO_LONG", "candidates[0].id"),
        ({"of": {"ids": ("p", "\x00")}}, "ID_CONTROL", "candidates[1].id"),
        ({"of": {"ids": ("p", "\ud800")}}, "ID_CONTROL", "candidates[1].id"),
        ({"of": {"ids": ("p", "\x85")}}, "ID_CONTROL", "candidates[1].id"),
        ({"of": {"ids": ("p", "A\u030a")}}, "ID_NOT_NFC", "candidates[1].id"),
        ({"of": {"author_ids": ("", "a\tb")}}, "ID_CONTROL", "candidates[1].author_id"),
        ({"of": {"sources": ("", "s" * 65)}}, "ID_TOO_LONG", "candidates[1].source"),
        ({"of": {"create_times_ms": (0, -2)}}, "TIME_OUT_OF_RANGE", "candidates[1].create_time"),
        ({"of": {"create_times_ms": (YEAR_10000_MS, 0)}}, "TIME_OUT_OF_RANGE", "candidates[0].create_time"),
        ({"of": {"groups": ((), ("a", "a"))}}, "GROUP_DUPLICATE", "candidates[1].groups"),
        ({"of": {"groups": (("",), ())}}, "ID_EMPTY", "candidates[0].groups"),
        ({"of": {"groups": (("g" * 65,), ())}}, "ID_TOO_LONG", "candidates[0].groups"),
        (
            {"of": {"groups": ((), tuple(f"g{k}" for k in range(33)))}},
            "GROUPS_TOO_MANY",
            "candidates[1].groups",
        ),
        ({"served_author_counts": (("ana", 1), ("ana", 2))}, "SERVED_DUPLICATE", "served_author_counts[ana]"),
        ({"served_author_counts": (("ana", -1),)}, "SERVED_OUT_OF_RANGE", "served_author_counts[ana]"),
        ({"served_author_counts": (("ana", 1_000_001),)}, "SERVED_OUT_OF_RANGE", "served_author_counts[ana]"),
        ({"served_author_counts": (("", 1),)}, "ID_EMPTY", "served_author_counts[]"),
        (
            {"served_author_counts": tuple((f"a{k}", 1) for k in range(10_001))},
            "SERVED_TOO_MANY",
            "served_author_counts",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_request_is_refused_with_the_field_that_is_wrong(
    build: Build, changed: dict[str, Any], reason: str, field: str
) -> None:
    bounds = Bounds(max_candidate_count=5, max_limit=50)
    found, metadata = _refusal(lambda: admit(build(**changed), bounds, NOW_MS))
    assert (found, metadata["field"]) == (reason, field)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"limit": 1},
        {"limit": 50},
        {"count": 5},
        {"request_time_ms": NOW_MS + 300_000},
        {"request_time_ms": NOW_MS - 300_000},
        {"request_id": "é" * 128},
        {"of": {"ids": ("漢字", "🐟")}},
        {"of": {"author_ids": ("", ""), "sources": ("", ""), "create_times_ms": (-1, YEAR_10000_MS - 1)}},
        {"of": {"groups": (tuple(f"g{k}" for k in range(32)), ())}},
        {"served_author_counts": (("ana", 0), ("bao", 1_000_000))},
    ],
    ids=repr,
)
def test_a_request_at_the_bounds_is_admitted(build: Build, changed: dict[str, Any]) -> None:
    admit(build(**changed), Bounds(max_candidate_count=5, max_limit=50), NOW_MS)


def test_a_duplicate_says_where_the_first_one_stands(build: Build) -> None:
    request = build(of={"ids": ("a", "b", "b")}, count=3)
    assert _refusal(lambda: admit(request, Bounds(), NOW_MS))[1]["first"] == "candidates[1].id"


def test_without_a_bound_any_clock_between_1970_and_9999_is_admitted(build: Build) -> None:
    for clock_ms in (0, YEAR_10000_MS - 1):
        admit(build(request_time_ms=clock_ms), Bounds(max_clock_skew_ms=0), NOW_MS)


def test_a_label_may_have_bounds_of_its_own() -> None:
    check_id("x" * 64, "surface", max_bytes=64)
    assert _refusal(lambda: check_id("x" * 65, "surface", max_bytes=64)) == (
        "ID_TOO_LONG",
        {"field": "surface", "most": 64},
    )


OFFERED = (Slider("like", 0, 200), Slider("reply", 50, 150))


@pytest.mark.parametrize(
    ("sliders", "reason", "field"),
    [
        ((("laugh", 100),), "SLIDER_UNKNOWN", "sliders[laugh]"),
        ((("click", 100),), "SLIDER_NOT_OFFERED", "sliders[click]"),
        ((("like", 100), ("like", 100)), "SLIDER_DUPLICATE", "sliders[like]"),
        ((("like", 100), ("reply", 49)), "SLIDER_OUT_OF_RANGE", "sliders[reply]"),
        ((("reply", 151),), "SLIDER_OUT_OF_RANGE", "sliders[reply]"),
        ((("like", -1),), "SLIDER_OUT_OF_RANGE", "sliders[like]"),
    ],
)
def test_a_slider_is_refused_with_its_objective(sliders: tuple[tuple[str, int], ...], reason: str, field: str) -> None:
    found, metadata = _refusal(lambda: check_sliders(sliders, OFFERED))
    assert (found, metadata["field"]) == (reason, field)


def test_sliders_at_the_ends_of_their_ranges_are_accepted() -> None:
    check_sliders((("like", 0), ("reply", 150)), OFFERED)
    check_sliders((("like", 200), ("reply", 50)), OFFERED)
    check_sliders((), ())
