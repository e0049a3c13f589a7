"""The thread that publishes soon after an entry was committed."""

import threading
from collections.abc import Callable

from rankd.core.errors import JournalError


class Publisher:
    """Calls `publish` within an interval of each `ring`, and again after each failure.

    Args:
        publish: Raises JournalError when it could not.
        interval_s: Seconds in which entries gather.
    """

    def __init__(self, publish: Callable[[], object], interval_s: float) -> None:
        self._publish = publish
        self._interval_s = interval_s
        self._due = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rankd-publisher", daemon=True)
        self._thread.start()

    def ring(self) -> None:
        """Say that there is something to publish."""
        self._due.set()

    def stop(self) -> None:
        """Return when the thread has ended; what is due may stay unpublished."""
        self._stopping.set()
        self._due.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            self._due.wait()
            if self._stopping.wait(self._interval_s):
                return
            self._due.clear()
            try:
                self._publish()
            except JournalError:
                # It is noted where metrics read it.
                self._due.set()
