"""A view of the events journal: it follows the journal, entry by entry, and keeps a feature store up to date.

The store says itself how much of the journal it counts, so the view goes on from there after whatever happened to
either: a crash, a restart, a failover to an older replica, an answer that was lost. What a store does not know how to
continue, it counts from entry 0 again.

So it does where the journal forgets somebody (`core.records.forgetting`). Nobody goes past such an entry with counts
that hold what it erases: a view that meets one counts everything again, unless these counts were begun by itself when
the entry was there already. After a crash that may be once more than needed, and never once too few.
"""

import logging
import threading
import traceback
from collections.abc import Sequence
from typing import Protocol

from rankd.core.errors import FeatureStoreError, RankdError, RecordError
from rankd.core.features.block import Increment
from rankd.core.features.layout import Layout
from rankd.core.records.events import EventsRecord
from rankd.core.records.happened import happened_in
from rankd.store.features.store import FeatureStore

BATCH_ENTRY_COUNT = 256
"""Entries that are added at once, at most."""

BATCH_INCREMENT_COUNT = 2_000
"""Increments after which a batch takes no more entries: a server answers nobody while it adds them."""

SLOW_COUNT = 3
"""Reads in a row that find a store too slow before it counts as down."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 2.0
_LOOK_INTERVAL_S = 5.0
_UNKNOWN_OUTCOME = frozenset({"FEATURE_STORE_MOVED", "FEATURE_STORE_EMPTY"})
logger = logging.getLogger(__name__)


class EventSource(Protocol):
    """The journal of events, as a view reads it: `EventLog`."""

    @property
    def count(self) -> int:
        """How many entries are committed."""

    def read(self, index: int) -> EventsRecord | None:
        """Return an entry's record; None where it was erased, or where the entry holds no events.

        Raises:
            RankdError: It cannot be read.
        """

    def forgets(self, index: int) -> bool:
        """Tell whether an entry orders that others be forgotten; see `core.records.forgetting`.

        Raises:
            RankdError: It cannot be read.
        """


class FeatureView:
    """Keeps one store up to date with the journal, and reads it. Safe to use from many threads at once.

    Reads are refused from each time that the view looks where the store stands until it counts what the journal held at
    that moment: half-counted features never rank. While the store does not answer, reads fail at once; one probe, tried
    again after 0.1 to 2 seconds, finds out when it does.

    Args:
        store: Where counts are kept; nobody else writes to it.
        layout: What is counted.
        log: The journal.
        read_timeout_s: How long a read may take at most.
        surface: Whose events count; None: those of all surfaces.

    Attributes:
        rebuilds: How often all entries had to be counted from the beginning.
        failure: What keeps the view from following, now; None: nothing.
    """

    def __init__(
        self,
        store: FeatureStore,
        layout: Layout,
        log: EventSource,
        *,
        read_timeout_s: float = 0.05,
        surface: str | None = None,
    ) -> None:
        self.rebuilds = 0
        self.failure: RankdError | None = None
        self._store = store
        self._layout = layout
        self._log = log
        self._read_timeout_s = read_timeout_s
        self._surface = surface
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._stopped = False
        # None: the view has to look where the store stands.
        self._applied: int | None = None
        # Entries that the store must count before it is read.
        self._floor = 0
        # Of what entries before this one forget, nothing is counted.
        self._since = 0
        self._down: FeatureStoreError | None = None
        self._slow = 0
        # Rebuilds asked for, and how many of these have begun.
        self._asked = 0
        self._begun = 0

    @property
    def applied(self) -> int:
        """How many entries the store counts, as far as the view knows."""
        return self._applied or 0

    @property
    def lag(self) -> int:
        """How many entries are not counted yet."""
        return max(0, self._log.count - self.applied)

    @property
    def is_down(self) -> bool:
        """Whether the store does not answer, so that reads are not even tried."""
        return self._down is not None

    @property
    def is_rebuilding(self) -> bool:
        """Whether reads are refused because entries are not counted yet."""
        return self._down is None and not self._is_ready()

    def start(self) -> None:
        """Begin to follow the journal, in a thread of its own."""
        if self._thread is None:
            self._stopped = False
            self._thread = threading.Thread(target=self._follow, name="rankd-feature-view", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop following; return when the thread has ended. What was not counted is, after the next `start`."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def committed(self, count: int) -> None:  # noqa: ARG002  # the journal is asked, which knows it as well
        """Take note that the journal has grown to `count` entries; returns at once."""
        with self._changed:
            self._changed.notify_all()

    def rebuild(self) -> None:
        """Have everything counted from entry 0 again. Reads are refused from now on, until it is; see `settle`."""
        with self._changed:
            self._asked += 1
            self._changed.notify_all()

    def settle(self, index: int, timeout_s: float) -> bool:
        """Wait until the first `index` entries are counted and may be read; return whether they are."""
        with self._changed:
            return self._changed.wait_for(
                lambda: self._down is None and self._is_ready() and self.applied >= index, timeout_s
            )

    def read(self, keys: Sequence[bytes], timeout_s: float | None = None) -> tuple[int, list[bytes | None]]:
        """Return how many entries are counted, and the values under some keys, all of one moment.

        Args:
            keys: The keys.
            timeout_s: How long the caller can wait, if that is less than the view's own limit.

        Raises:
            FeatureStoreError: FEATURES_REBUILDING, or what the store says.
        """
        if (down := self._down) is not None:
            raise FeatureStoreError(down.reason, **down.metadata)
        if not self._is_ready():
            raise self._rebuilding(self.applied)
        limit_s = self._read_timeout_s if timeout_s is None else min(timeout_s, self._read_timeout_s)
        try:
            position, values = self._store.read(keys, limit_s)
        except FeatureStoreError as error:
            self._note(error, limit_s)
            raise
        self._slow = 0
        if not self._floor <= position <= self._log.count:
            # Another generation, an older replica, or somebody else's number.
            self._look_again()
            raise self._rebuilding(min(position, self._log.count))
        return position, values

    def _is_ready(self) -> bool:
        return self._asked == self._begun and self._applied is not None and self._applied >= self._floor

    def _rebuilding(self, applied: int) -> FeatureStoreError:
        return FeatureStoreError("FEATURES_REBUILDING", applied=applied, target=max(self._floor, self._log.count))

    def _note(self, error: FeatureStoreError, limit_s: float) -> None:
        """Draw conclusions from a read that failed."""
        if error.reason == "FEATURE_STORE_SLOW":
            # A caller in a hurry says nothing about the store.
            if limit_s < self._read_timeout_s:
                return
            self._slow += 1
            if self._slow < SLOW_COUNT:
                return
        if error.reason in _UNKNOWN_OUTCOME:
            self._look_again()
        else:
            self._go_down(error)

    def _look_again(self) -> None:
        with self._changed:
            self._applied = None
            self._changed.notify_all()

    def _go_down(self, error: FeatureStoreError) -> None:
        with self._changed:
            if self._down is None:
                logger.warning("features: %s: %s", error.reason, error)
            self._down, self._applied = error, None
            self._changed.notify_all()

    def _follow(self) -> None:
        pause_s = 0.0
        while self._wait(pause_s):
            try:
                self._step()
            except FeatureStoreError as error:
                self._fail(error)
            except RankdError as error:
                # The journal cannot be read here: what is counted stays, and can be read.
                self._say(error)
            except Exception as error:  # noqa: BLE001  # a thread that ended would leave counts behind for ever
                _tell(error)
            else:
                pause_s = 0.0
                self.failure = None
                continue
            pause_s = min(max(pause_s * 2, FIRST_PAUSE_S), LONGEST_PAUSE_S)

    def _wait(self, pause_s: float) -> bool:
        """Wait until there is something to do, after a pause; return False when it is time to stop."""
        with self._changed:
            if pause_s:
                self._changed.wait_for(lambda: self._stopped, pause_s)
            else:
                self._changed.wait_for(lambda: self._stopped or self._is_behind(), _LOOK_INTERVAL_S)
            return not self._stopped

    def _is_behind(self) -> bool:
        return self._applied is None or self._asked != self._begun or self._applied < self._log.count

    def _step(self) -> None:
        applied = self._applied
        if applied is None or self._asked != self._begun:
            self._look()
        elif applied < self._log.count:
            self._add(applied)
        elif self._store.read([], self._read_timeout_s)[0] != applied:
            self._look_again()

    def _look(self) -> None:
        """Find out where the store stands; begin anew where it does not know, or where that is asked for."""
        if self._down is not None:
            self._probe()
        asked = self._asked
        position = self._store.position() if asked == self._begun else None
        count = self._log.count
        with self._changed:
            self._floor = count
        if position is None or position > count:
            self._store.reset()
            position, self._since = 0, count
            if count:
                self.rebuilds += 1
                logger.info("features: counting %d entries of the journal again", count)
        else:
            self._since = position
        with self._changed:
            if self._down is not None:
                logger.info("features: the store answers again")
            self._down, self._slow = None, 0
            self._applied, self._begun = position, asked
            self._changed.notify_all()

    def _probe(self) -> None:
        """Make sure that the store answers as fast as a read needs it; what is damaged is made anew."""
        try:
            self._store.read([], self._read_timeout_s)
        except FeatureStoreError as error:
            if error.reason == "FEATURE_STORE_DAMAGED":
                self.rebuild()
            elif error.reason != "FEATURE_STORE_EMPTY":
                raise

    def _add(self, applied: int) -> None:
        """Count a batch of entries."""
        increments: list[Increment] = []
        end = min(self._log.count, applied + BATCH_ENTRY_COUNT)
        position = applied
        while position < end and len(increments) < BATCH_INCREMENT_COUNT:
            record = self._log.read(position)
            if record is not None and self._surface in (None, record.surface):
                increments += self._layout.increments_of(happened_in(record))
            elif record is None and position >= self._since and self._log.forgets(position):
                self.rebuild()
                return
            position += 1
        self._store.add(increments, position, expected=applied)
        with self._changed:
            # Unless somebody found out meanwhile that the store stands elsewhere.
            if self._applied == applied:
                self._applied = position
            self._changed.notify_all()

    def _fail(self, error: FeatureStoreError) -> None:
        self._say(error)
        if error.reason == "FEATURE_STORE_DAMAGED":
            self.rebuild()
        if error.reason in _UNKNOWN_OUTCOME:
            self._look_again()
        else:
            self._go_down(error)

    def _say(self, error: RankdError) -> None:
        if self.failure is None or self.failure.reason != error.reason:
            # What is wrong with a record quotes it, and a record names what people did.
            logger.warning("features: %s: %s", error.reason, "…" if isinstance(error, RecordError) else error)
        self.failure = error


def _tell(error: Exception) -> None:
    """Log an error that nobody expected: its kind and where it arose, but not its words, which may name people."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    logger.error("features: the view met an error that it does not know (%s); it tries again", type(error).__name__)
    logger.error("%s", frames)
