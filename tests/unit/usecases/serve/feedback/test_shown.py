from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rankd.core.errors import JournalError
from rankd.core.ranking.request import Column
from rankd.core.records.events import ShownCandidate
from rankd.usecases.serve.feedback.shown import ShownBook, shown_by
from tests.feedback_world import NOW, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_the_slate_is_what_was_answered_with_places_from_one(world: World) -> None:
    made = world.decide(topics=(1, 2, 3, 4), limit=2)
    shown = world.shown.shown(made.index)
    assert (shown.surface, shown.time_ms) == ("video", NOW)
    assert shown.viewer.startswith("p1-")
    assert shown.candidates == {
        "a": ShownCandidate("author of a", 1, {"topic": 1}),
        "b": ShownCandidate("author of b", 2, {"topic": 2}),
    }


def test_an_exchange_that_exploration_drew_is_in_the_slate(world: World) -> None:
    made = world.decide(limit=2, pair=(1, 4))
    assert {name: shown.place for name, shown in world.shown.shown(made.index).candidates.items()} == {"d": 1, "b": 2}


def test_only_whole_numbers_of_the_wanted_columns_go_along(world: World) -> None:
    made = world.decide(topics=(-4.0, 0.5, float("nan"), 3e38), limit=4)
    decision = world.decisions.recorded(made.index)
    shown = shown_by(decision, ("topic", "region", "absent"))
    assert [dict(candidate.columns) for candidate in shown.candidates.values()] == [
        {"region": 7, "topic": -4},
        {"region": 7},
        {"region": 7},
        {"region": 7},
    ]
    whole = replace(decision, columns=(Column("rate", np.array([2.0**24, -0.0, 2.0**60, np.inf], dtype=np.float32)),))
    rates = [candidate.columns.get("rate") for candidate in shown_by(whole, ("rate",)).candidates.values()]
    assert rates == [2**24, 0, None, None]


def test_what_was_not_remembered_is_read_from_the_record_and_is_the_same(world: World) -> None:
    made = world.decide(topics=(1, 2, 3, 4), pair=(2, 4))
    assert ShownBook(world.decisions, lambda _: ("topic",)).shown(made.index) == world.shown.shown(made.index)


def test_the_book_is_bounded_and_keeps_what_was_used_last(world: World) -> None:
    read: list[int] = []
    recorded = world.decisions.recorded
    world.decisions.recorded = lambda index: read.append(index) or recorded(index)  # type: ignore[method-assign,func-returns-value]
    made = [world.decide() for _ in range(4)]
    book = ShownBook(world.decisions, lambda _: (), most_bytes=3 * (200 + 180))
    for one in made[:3]:
        book.shown(one.index)
    assert read == [0, 1, 2]
    book.shown(made[0].index)
    book.shown(made[3].index)
    assert read == [0, 1, 2, 3]
    book.shown(made[0].index)
    assert read == [0, 1, 2, 3]
    book.shown(made[1].index)
    assert read == [0, 1, 2, 3, 1]
    book.forget(made[1].index)
    book.shown(made[1].index)
    assert read == [0, 1, 2, 3, 1, 1]


def test_slates_without_places_are_bounded_too(world: World) -> None:
    book = ShownBook(world.decisions, lambda _: (), most_bytes=10 * 300)
    decision = replace(world.decisions.recorded(world.decide().index), order=(), values=())
    for index in range(100):
        book.remember(index, decision)
    assert 5 < len(book._kept) < 15
    assert book._size <= 3_000


def test_an_erased_decision_is_not_read(world: World) -> None:
    made = world.decide(remember=False)
    world.erase(world.decisions.journal, (made.index, made.index))
    with pytest.raises(JournalError) as caught:
        world.shown.shown(made.index)
    assert caught.value.reason == "BODY_ERASED"


def test_of_a_slate_of_two_each_has_its_own_numbers(world: World) -> None:
    made = world.decide(ids=("a", "b"), topics=(1, 2))
    assert [dict(shown.columns) for shown in world.shown.shown(made.index).candidates.values()] == [
        {"topic": 1},
        {"topic": 2},
    ]


def test_what_is_forgotten_is_all_that_lies_in_the_ranges_and_nothing_else(world: World) -> None:
    for _ in range(12):
        world.decide()
    assert sorted(world.shown._kept) == list(range(12))
    world.shown.forget_all([(1, 1), (4, 6), (9, 20)])
    assert sorted(world.shown._kept) == [0, 2, 3, 7, 8]
    world.shown.forget_all([])
    assert sorted(world.shown._kept) == [0, 2, 3, 7, 8]


def test_what_is_kept_twice_takes_the_room_of_once(world: World) -> None:
    made = world.decide()
    before = world.shown._size
    for _ in range(5):
        world.shown.remember(made.index, world.decisions.recorded(made.index))
    assert world.shown._size == before > 0
    world.shown.forget(made.index)
    assert world.shown._size == 0
