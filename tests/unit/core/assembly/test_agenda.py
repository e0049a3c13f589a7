"""The agenda."""

import random

from rankd.core.assembly.agenda import Agenda


def test_what_comes_first_is_next_and_of_two_at_once_the_lower_index() -> None:
    agenda = Agenda()
    assert agenda.next() is None
    for index, time_ms in ((7, 30), (9, 20), (8, 20)):
        agenda.put(index, time_ms)
    assert agenda.next() == (20, 8)
    agenda.drop(8)
    assert agenda.next() == (20, 9)


def test_a_moment_that_is_put_again_replaces_the_one_before() -> None:
    agenda = Agenda()
    agenda.put(1, 10)
    agenda.put(2, 15)
    agenda.put(1, 20)
    assert agenda.next() == (15, 2)
    agenda.put(1, 10)
    assert agenda.next() == (10, 1)
    agenda.drop(1)
    agenda.drop(1)
    assert agenda.next() == (15, 2)
    assert sorted(agenda) == [2]


def test_a_copy_goes_its_own_way() -> None:
    agenda = Agenda()
    agenda.put(1, 10)
    copy = agenda.copy()
    copy.put(2, 5)
    agenda.drop(1)
    assert agenda.next() is None
    assert copy.next() == (5, 2)
    copy.drop(2)
    assert copy.next() == (10, 1)


def test_it_says_what_looking_at_everything_would() -> None:
    rng = random.Random(1)
    agenda, plain = Agenda(), dict[int, int]()
    for _ in range(2_000):
        index = rng.randrange(20)
        if rng.random() < 0.3:
            agenda.drop(index)
            plain.pop(index, None)
        else:
            plain[index] = rng.randrange(50)
            agenda.put(index, plain[index])
        assert agenda.next() == min(((time_ms, index) for index, time_ms in plain.items()), default=None)
