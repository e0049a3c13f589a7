"""A buffer of feedback: events are sent in batches from a thread of its own, and again until they are acknowledged."""

import logging
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from rankd.client.errors import RankdCallError
from rankd.client.feedback import EventInput, EventOutcome, Feedback, FeedbackCalls

MOST_FEEDBACK = 500
MOST_EVENTS = 1_000
"""What one call may carry."""

_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 10.0
_LOG = logging.getLogger(__name__)

Refused = Callable[[EventInput, EventOutcome], None]
Failed = Callable[[Sequence[Feedback], RankdCallError], None]


class FeedbackBuffer:
    """Events on their way to a service. Safe to use from many threads; close it, or use it as a context manager.

    An event that was added is sent until the service acknowledges or refuses it: it counts exactly once, for it keeps
    its identifier. What the service cannot take on now is kept, in order, and sent again after pauses that double; once
    the buffer is full, `add` says so, and the caller keeps the event. The buffer is memory: what it holds when the
    process dies is gone, unless the caller adds it again under the same identifiers.

    Args:
        calls: The client's `feedback`; that client stays open until this is closed.
        capacity: Most events that it holds, at least 1,000.
        interval_s: How long an event waits for others to share its call.
        refused: Told of each event that was refused, from the buffer's thread.
        failed: Given back what a call carried that failed as a whole and would fail again (a missing role, say).
    """

    def __init__(
        self,
        calls: FeedbackCalls,
        *,
        capacity: int = 10_000,
        interval_s: float = 0.5,
        refused: Refused = lambda _event, _outcome: None,
        failed: Failed = lambda _feedback, _error: None,
    ) -> None:
        if capacity < MOST_EVENTS:
            raise ValueError(f"a capacity of {capacity} events is less than one call may carry, {MOST_EVENTS}")
        self._calls = calls
        self._capacity = capacity
        self._interval_s = interval_s
        self._refused = refused
        self._failed = failed
        self._waiting: deque[Feedback] = deque()
        self._count = 0
        self._closing = False
        self._end_s = float("inf")
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="rankd-feedback-buffer", daemon=True)
        self._thread.start()

    def __enter__(self) -> "FeedbackBuffer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add(self, feedback: Feedback) -> bool:
        """Take feedback to send; False where there is no room for it now, or the buffer is closed: then none of it.

        Raises:
            ValueError: It has no event, or more than one call may carry.
        """
        count = len(feedback.events)
        if not 0 < count <= MOST_EVENTS:
            raise ValueError(f"{count} events; one call carries 1 to {MOST_EVENTS}")
        with self._changed:
            if self._closing or self._count + count > self._capacity:
                return False
            self._waiting.append(feedback)
            self._count += count
            self._changed.notify_all()
        return True

    def close(self, timeout_s: float = 5.0) -> tuple[Feedback, ...]:
        """Take no more, send what waits, and return what could not be sent within `timeout_s` seconds.

        What is returned may have been recorded where its answer did not come; it is safe to send again.
        """
        with self._changed:
            self._closing = True
            self._end_s = time.monotonic() + timeout_s
            self._changed.notify_all()
        self._thread.join()
        return tuple(self._waiting)

    def _run(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while batch := self._next_batch():
            try:
                # Never longer than the client's own deadline, nor than a close may take.
                left_s = self._end_s - time.monotonic()
                outcomes = self._calls.record_all(batch, None if left_s == float("inf") else max(0.001, left_s))
            except RankdCallError as error:
                # Past the deadline it may be recorded or not: the identifiers make both the same.
                if error.retryable or error.status == "DEADLINE_EXCEEDED":
                    self._wait(max(random.uniform(0.5, 1.0) * pause_s, error.retry_after_s or 0.0))  # noqa: S311
                    pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
                else:
                    self._drop(batch)
                    self._tell(self._failed, batch, error)
                continue
            pause_s = _FIRST_PAUSE_S
            self._drop(batch)
            for feedback, of_one in zip(batch, outcomes, strict=True):
                for event, outcome in zip(feedback.events, of_one, strict=True):
                    if outcome.status == "REFUSED":
                        self._tell(self._refused, event, outcome)

    def _next_batch(self) -> list[Feedback]:
        """Return what the next call carries, once there is something; it stays in the buffer until it is dropped."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            self._changed.wait_for(lambda: self._count >= MOST_EVENTS or self._closing, self._interval_s)
            if time.monotonic() >= self._end_s:
                return []
            batch: list[Feedback] = []
            count = 0
            for feedback in self._waiting:
                count += len(feedback.events)
                if count > MOST_EVENTS or len(batch) == MOST_FEEDBACK:
                    break
                batch.append(feedback)
            return batch

    def _drop(self, batch: Sequence[Feedback]) -> None:
        with self._changed:
            for feedback in batch:
                self._waiting.popleft()
                self._count -= len(feedback.events)

    def _wait(self, pause_s: float) -> None:
        with self._changed:
            began_closing = self._closing
            left_s = min(pause_s, self._end_s - time.monotonic())
            # A close that begins meanwhile wants one more attempt at once.
            self._changed.wait_for(lambda: self._closing != began_closing, max(0.0, left_s))

    def _tell(self, whom: Callable[..., None], *what: object) -> None:
        try:
            whom(*what)
        except Exception as error:  # noqa: BLE001 (the caller's own fault must not stop what others wait for)
            _LOG.error("who is told of unrecorded feedback raised %s", type(error).__name__)
