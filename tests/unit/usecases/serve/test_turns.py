"""Turns: who began before a change is done before anybody who began after it."""

import threading

import pytest

from rankd.core.errors import ServiceError
from rankd.usecases.serve.turns import Turns


def forever() -> float:
    return float("inf")


def test_those_of_one_turn_do_not_wait_for_each_other() -> None:
    turns = Turns()
    with turns.take(lambda: "state") as (state, wait), turns.take(lambda: "state") as (_, other):
        wait(forever)
        other(forever)
    assert state == "state"


def test_those_behind_a_change_wait_for_those_before_it_and_not_the_other_way_round() -> None:
    turns, done = Turns(), threading.Event()
    states = ["old"]
    with turns.take(lambda: states[0]) as (before, wait_before):
        turns.change(lambda: states.__setitem__(0, "new"))

        def follow() -> None:
            with turns.take(lambda: states[0]) as (after, wait_after):
                assert after == "new"
                wait_after(forever)
                done.set()

        thread = threading.Thread(target=follow)
        thread.start()
        wait_before(forever)
        assert not done.wait(0.05)
    thread.join(5)
    assert (before, done.is_set()) == ("old", True)


def test_who_fails_holds_nobody_up_and_who_has_no_time_left_is_let_go() -> None:
    turns = Turns()
    with turns.take(lambda: None):
        turns.change(lambda: None)
        with turns.take(lambda: None) as (_, wait), pytest.raises(ServiceError) as caught:
            wait(lambda: 0.0)
    assert caught.value.reason == "DEADLINE_EXCEEDED"
    with pytest.raises(ZeroDivisionError), turns.take(lambda: 1 // 0):
        pass
    turns.change(lambda: None)
    with turns.take(lambda: None) as (_, wait):
        wait(lambda: 0.0)
