"""Recent decisions by request id, so that a repeated request gets the recorded decision and never a second one."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from rankd.core.errors import RequestError, ServiceError

Key: TypeAlias = tuple[str, str, str]
"""(caller, surface, request id)."""

DigestIn: TypeAlias = Callable[[int], bytes | None]
"""The digest of a request under the pseudonyms of a period; None where that period's key is gone."""


@dataclass(slots=True)
class Claim:
    """One request id in use: still being decided while `index` is None.

    Set `index` once the decision is recorded; a claim left without one is given up.
    """

    period: int
    digest: bytes | None
    time_ms: int
    index: int | None = None
    recorded_before: bool = False
    done: threading.Event = field(default_factory=threading.Event)


class RecentDecisions:
    """The window within which a request id is remembered.

    Args:
        window_ms: How long, by the time of the decision.
        window_count: How many decisions at most; the oldest is forgotten first.
    """

    def __init__(self, window_ms: int, window_count: int) -> None:
        self.window_ms = window_ms
        self.window_count = window_count
        self._lock = threading.Lock()
        self._claims: OrderedDict[Key, Claim] = OrderedDict()

    def remember(self, key: Key, period: int, digest: bytes, time_ms: int, index: int) -> None:
        """Take up a decision that an earlier run of the service recorded."""
        with self._lock:
            claim = Claim(period, digest, time_ms, index)
            claim.done.set()
            self._claims[key] = claim

    @contextmanager
    def claim(
        self, key: Key, period: int, digest_in: DigestIn, now_ms: int, time_left_s: Callable[[], float]
    ) -> Iterator[Claim]:
        """Hold a request id while its decision is made, or find the decision that was made under it.

        Args:
            key: Whose request id.
            period: The period of pseudonyms now.
            digest_in: The request's digest under the pseudonyms of a period: a repeated request may have been
                recorded under those of an earlier one.
            now_ms: The server's clock, milliseconds since 1970.
            time_left_s: How long the caller still waits.

        Yields:
            A claim; with `recorded_before` and `index` where the decision exists, else to be filled by the caller.

        Raises:
            RequestError: The id stands for another request.
            ServiceError: Another call with this id is still at work when the time is up.
        """
        claim = self._take(key, period, digest_in, now_ms, time_left_s)
        if claim.recorded_before:
            yield claim
            return
        try:
            yield claim
        finally:
            with self._lock:
                if claim.index is None:
                    self._claims.pop(key, None)
            claim.done.set()

    def _take(self, key: Key, period: int, digest_in: DigestIn, now_ms: int, time_left_s: Callable[[], float]) -> Claim:
        while True:
            with self._lock:
                self._forget(now_ms)
                held = self._claims.get(key)
                if held is None:
                    claim = Claim(period, digest_in(period), now_ms)
                    self._claims[key] = claim
                    return claim
            digest = digest_in(held.period)
            if held.digest != digest:
                raise RequestError("REQUEST_ID_REUSED", field="request_id")
            if held.index is not None:
                return Claim(held.period, digest, held.time_ms, held.index, recorded_before=True)
            if not held.done.wait(timeout=max(0.0, min(time_left_s(), 60.0))) and time_left_s() <= 0:
                raise ServiceError("DEADLINE_EXCEEDED")

    def _forget(self, now_ms: int) -> None:
        while self._claims:
            key, oldest = next(iter(self._claims.items()))
            too_old = oldest.time_ms < now_ms - self.window_ms
            if oldest.index is None or not (too_old or len(self._claims) > self.window_count):
                return
            del self._claims[key]
