"""Turns: what is decided under one state of affairs is recorded before anything that is decided under the next."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rankd.core.errors import ServiceError

T = TypeVar("T")

_LOOK_AGAIN_S = 1.0


class Turns:
    """Counts states and the requests that are being decided under each. Safe to use from many threads at once.

    A change takes effect at once, for requests that begin after it. Requests that began before it keep what they
    began with; those that began after it are decided beside them, and wait with their record until the last of the
    earlier ones is recorded or given up. So no request is refused or decided twice because of a change.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._turn = 0
        self._open: Counter[int] = Counter()

    def change(self, work: Callable[[], None]) -> None:
        """Do what changes the state; what begins after it is of the next turn."""
        with self._changed:
            work()
            self._turn += 1

    @contextmanager
    def take(self, look: Callable[[], T]) -> Iterator[tuple[T, Callable[[Callable[[], float]], None]]]:
        """Hold a turn from the look at the state to the record.

        Args:
            look: Returns the state; no change falls between it and the turn.

        Yields:
            What `look` returned, and a function that returns once every request of an earlier turn is done. It is
            given how long the caller still waits, and raises ServiceError (DEADLINE_EXCEEDED) when that is over.
        """
        with self._changed:
            state, turn = look(), self._turn
            self._open[turn] += 1

        def wait(time_left_s: Callable[[], float]) -> None:
            with self._changed:
                while any(other < turn for other in self._open):
                    left_s = time_left_s()
                    if left_s <= 0:
                        raise ServiceError("DEADLINE_EXCEEDED")
                    self._changed.wait(min(left_s, _LOOK_AGAIN_S))

        try:
            yield state, wait
        finally:
            with self._changed:
                self._open[turn] -= 1
                if not self._open[turn]:
                    del self._open[turn]
                    self._changed.notify_all()
