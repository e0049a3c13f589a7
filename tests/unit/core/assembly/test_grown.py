"""Sequences that grow."""

import pytest

from rankd.core.assembly.grown import Grown


def grown(*items: str) -> Grown[str]:
    found: Grown[str] = Grown(str)
    for item in items:
        found = found.plus(item)
    return found


def test_it_is_a_sequence_of_what_was_put() -> None:
    found = grown("a", "b", "a")
    assert list(found) == ["a", "b", "a"]
    assert (len(found), found[0], found[-2], found[1:]) == (3, "a", "b", ["b", "a"])
    assert "b" in found
    assert "c" not in found
    for at in (3, -4):
        with pytest.raises(IndexError):
            found[at]


def test_a_shorter_one_knows_nothing_of_what_came_after_it() -> None:
    before = grown("a", "b")
    after = before.plus("c").plus("a")
    assert list(before) == ["a", "b"]
    assert (before[-1], before[:], len(before)) == ("b", ["a", "b"], 2)
    assert (before.count_of("a"), before.count_of("c")) == (1, 0)
    assert (after.count_of("a"), after.count_of("c"), after.count_of("d")) == (2, 1, 0)


def test_two_that_grow_out_of_one_do_not_mix() -> None:
    start = grown("a")
    left, right = start.plus("l"), start.plus("r")
    assert (list(left), list(right), list(start)) == (["a", "l"], ["a", "r"], ["a"])
    assert (left.count_of("r"), right.count_of("r"), right.count_of("a")) == (0, 1, 1)
    nothing: Grown[str] = Grown(str)
    assert (list(nothing.plus("x")), list(nothing.plus("y")), list(nothing)) == (["x"], ["y"], [])


def test_those_that_hold_the_same_are_equal() -> None:
    assert grown("a", "b") == grown("a", "b")
    assert hash(grown("a", "b")) == hash(grown("a", "b"))
    assert grown("a", "b") != grown("a", "c")
    assert grown("a") != grown("a", "b")
    assert grown("a") != ("a",)
    start = grown("a")
    assert start != start.plus("a")


def test_items_are_counted_by_their_key_only_where_there_is_one() -> None:
    by_first: Grown[str] = Grown(lambda item: item[0])
    by_first = by_first.plus("apple").plus("ant").plus("bee")
    assert (by_first.count_of("a"), by_first.count_of("b"), by_first.count_of("apple")) == (2, 1, 0)
    assert Grown[str]().plus("a").count_of("a") == 0
