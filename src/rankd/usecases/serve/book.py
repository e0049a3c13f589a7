"""A book: what every surface is served with now, wherever that comes from, and why something else is not."""

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeAlias

from rankd.core.assembly.standing import Standing
from rankd.core.errors import RankdError, RequestError
from rankd.usecases.serve.snapshot import Snapshot
from rankd.usecases.serve.turns import Turns

logger = logging.getLogger(__name__)

Wait: TypeAlias = Callable[[Callable[[], float]], None]
"""Returns once everything that was decided under earlier snapshots is recorded; see `Turns.take`."""

_SHOWN_NAME = 64


class Book(ABC):
    """What every surface is served with. Safe to ask from many threads at once.

    Changes take effect all at once: one assignment replaces the whole book, and a request that holds a snapshot
    keeps it to its end.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turns = Turns()
        self._stopped = threading.Event()
        self._watcher: threading.Thread | None = None
        self._served: Mapping[str, Snapshot] = {}
        self._refusals: Mapping[str, RankdError] = {}
        self._refused_count = 0

    def snapshot(self, surface: str) -> Snapshot:
        """Return what a surface is served with now.

        Raises:
            RequestError: SURFACE_UNKNOWN.
        """
        served = self._served
        if surface not in served:
            raise RequestError(
                "SURFACE_UNKNOWN", field="surface", found=surface[:_SHOWN_NAME], known=", ".join(sorted(served)) or "–"
            )
        return served[surface]

    @contextmanager
    def hold(self, surface: str) -> Iterator[tuple[Snapshot, Wait]]:
        """Hold what a surface is served with until the decision under it is recorded.

        Yields:
            The snapshot, and what to wait for before the record: everything decided under earlier snapshots.

        Raises:
            RequestError: SURFACE_UNKNOWN.
        """
        with self._turns.take(lambda: self.snapshot(surface)) as held:
            yield held

    def find(self, surface: str) -> Snapshot | None:
        """Return what a surface is served with now; None if there is no such surface."""
        return self._served.get(surface)

    def served(self) -> tuple[Snapshot, ...]:
        """Return what every surface is served with now."""
        return tuple(self._served.values())

    def surfaces(self) -> tuple[str, ...]:
        """Return the names of all surfaces, sorted."""
        return tuple(sorted(self._served))

    @abstractmethod
    def standing(self, surface: str, activation: int) -> Standing | None:
        """Return what stood on a surface under an activation; None where nobody can tell, or no assembly activates."""

    @abstractmethod
    def standing_with(self, surface: str, policy: bytes) -> Standing | None:
        """Return what stood on a surface when a policy was last put in force there, by its canon digest."""

    @abstractmethod
    def refusal(self, surface: str) -> RankdError | None:
        """Return why a surface is not served with what lies there now; None where it is."""

    def refusals(self) -> Mapping[str, RankdError]:
        """Return every refusal that stands, by surface, file or folder."""
        return self._refusals

    @property
    def refused_count(self) -> int:
        """How many distinct refusals there have been, each counted when it began."""
        return self._refused_count

    @abstractmethod
    def refresh(self) -> None:
        """Read again what has changed, at once. What cannot be used is refused, and nothing is raised."""

    @abstractmethod
    def poll(self) -> None:
        """Look whether something has changed, and take it up."""

    def watch(self, interval_s: float) -> None:
        """Poll every `interval_s` seconds in a thread of its own, until `stop`."""
        if self._watcher is None:
            self._stopped.clear()
            self._watcher = threading.Thread(target=self._watch, args=(interval_s,), name="surfaces", daemon=True)
            self._watcher.start()

    def stop(self) -> None:
        """Stop watching; return when the thread has ended."""
        if self._watcher is not None:
            self._stopped.set()
            self._watcher.join()
            self._watcher = None

    def _watch(self, interval_s: float) -> None:
        while not self._stopped.wait(interval_s):
            try:
                self.poll()
            except Exception:
                # A defect in reading one file must not end the watch over all of them.
                logger.exception("watching policies and models failed; it goes on")

    def _serve_in_turn(self, served: Mapping[str, Snapshot]) -> None:
        """Replace what is served; what is decided after it is recorded after all that was decided before it."""

        def change() -> None:
            self._served = served

        self._turns.change(change)

    def _refuse(self, refused: Mapping[str, RankdError]) -> None:
        for name, refusal in refused.items():
            known = self._refusals.get(name)
            if known is None or str(known) != str(refusal):
                self._refused_count += 1
                logger.warning("%s is refused (%s): %s", name, refusal.reason, refusal)
        self._refusals = {**self._refusals, **refused}

    def _accept(self, name: str) -> None:
        if name in self._refusals:
            logger.info("%s is accepted again", name)
            self._refusals = {other: refusal for other, refusal in self._refusals.items() if other != name}
