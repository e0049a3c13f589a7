"""Housekeeping of a running service: chores that come due, such as a new epoch, ordered erasures, retention."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rankd.core.errors import RankdError

logger = logging.getLogger(__name__)

Work: TypeAlias = Callable[[int], None]
"""What a chore does; it is given the time, in milliseconds since 1970."""


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to be done again and again.

    Attributes:
        name: For the log.
        interval_ms: How long to wait after one time before the next; it is done at the start as well.
        work: What is done.
    """

    name: str
    interval_ms: int
    work: Work


class Keeping:
    """Does chores in a thread of its own, one after the other, never in the way of a ranking.

    A chore that fails is said once in the log and tried again when it is due; the others go on.

    Args:
        chores: What is to be done.
        clock_ms: The server's clock, milliseconds since 1970.
    """

    def __init__(self, chores: Sequence[Chore], clock_ms: Callable[[], int]) -> None:
        self._chores = tuple(chores)
        self._clock_ms = clock_ms
        self._due_ms = dict.fromkeys((chore.name for chore in chores), 0)
        self._failing: dict[str, str] = {}
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def failing(self) -> tuple[str, ...]:
        """Names of the chores whose last attempt failed."""
        return tuple(self._failing)

    def step(self) -> None:
        """Do what is due now."""
        now_ms = self._clock_ms()
        for chore in self._chores:
            due_ms = self._due_ms[chore.name]
            # A clock that was set back must not put a chore off for as long.
            if due_ms - chore.interval_ms <= now_ms < due_ms:
                continue
            self._due_ms[chore.name] = now_ms + chore.interval_ms
            self._do(chore, now_ms)

    def watch(self, interval_s: float) -> None:
        """Look every `interval_s` seconds for what is due, until `stop`."""
        if self._thread is None:
            self._stopped.clear()
            self._thread = threading.Thread(target=self._watch, args=(interval_s,), name="keeping", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop; return when the thread has ended."""
        if self._thread is not None:
            self._stopped.set()
            self._thread.join()
            self._thread = None

    def _watch(self, interval_s: float) -> None:
        while True:
            self.step()
            if self._stopped.wait(interval_s):
                return

    def _do(self, chore: Chore, now_ms: int) -> None:
        try:
            chore.work(now_ms)
        except RankdError as error:
            self._fail(chore.name, f"{error.reason}: {error}")
        except Exception:
            if chore.name not in self._failing:
                logger.exception("%s failed; it will be tried again", chore.name)
            self._failing[chore.name] = "defect"
        else:
            if self._failing.pop(chore.name, None) is not None:
                logger.info("%s works again", chore.name)

    def _fail(self, name: str, found: str) -> None:
        if self._failing.get(name) != found:
            logger.error("%s failed: %s", name, found)
        self._failing[name] = found
