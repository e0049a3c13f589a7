"""Housekeeping: each chore when it is due, whatever becomes of the others."""

import threading

import pytest

from rankd.core.errors import ServiceError
from rankd.usecases.serve.keeping import Chore, Keeping


def test_a_chore_is_done_at_the_start_and_then_at_its_interval() -> None:
    now = [1_000]
    done: list[int] = []
    keeping = Keeping([Chore("sweep", 100, done.append)], lambda: now[0])
    for at in (1_000, 1_050, 1_100, 1_199, 1_200):
        now[0] = at
        keeping.step()
    assert done == [1_000, 1_100, 1_200]


def test_a_clock_that_is_set_back_does_not_put_a_chore_off() -> None:
    now = [10**12]
    done: list[int] = []
    keeping = Keeping([Chore("sweep", 100, done.append)], lambda: now[0])
    keeping.step()
    now[0] = 5
    keeping.step()
    assert done == [10**12, 5]


def test_a_failing_chore_is_said_once_tried_again_and_does_not_stop_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    now, broken = [0], [True]
    done: list[int] = []

    def fail(_: int) -> None:
        if broken[0]:
            raise ServiceError("RECORDS_UNAVAILABLE", detail="full")

    keeping = Keeping([Chore("reveal", 1, fail), Chore("sweep", 1, done.append)], lambda: now[0])
    for at in (1, 2, 3):
        now[0] = at
        keeping.step()
    assert done == [1, 2, 3]
    assert list(keeping.failing) == ["reveal"]
    assert len([entry for entry in caplog.records if "RECORDS_UNAVAILABLE" in entry.message]) == 1
    broken[0], now[0] = False, 4
    keeping.step()
    assert not keeping.failing


def test_a_defect_in_one_chore_does_not_end_the_watch() -> None:
    seen = threading.Semaphore(0)

    def break_down(_: int) -> None:
        raise ZeroDivisionError

    clock = iter(range(1, 10**9))
    chores = [Chore("broken", 0, break_down), Chore("sweep", 0, lambda _: seen.release())]
    keeping = Keeping(chores, lambda: next(clock))
    keeping.watch(0.001)
    try:
        assert all(seen.acquire(timeout=10) for _ in range(3))
    finally:
        keeping.stop()
    assert keeping.failing == ("broken",)
