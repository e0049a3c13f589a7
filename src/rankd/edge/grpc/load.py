"""Load: so much work at once, so much waiting, the rest refused at once; and a stop that lets calls finish."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from rankd.core.errors import ServiceError

_T = TypeVar("_T")


class Lane:
    """Threads for one kind of work, with a bounded queue in front. Belongs to one event loop.

    Waiting costs no thread, and a refusal costs next to nothing, so calls of other lanes are answered meanwhile.

    Args:
        name: For thread names.
        concurrency: Threads.
        queue: How many may wait.
    """

    def __init__(self, name: str, concurrency: int, queue: int) -> None:
        self._executor = ThreadPoolExecutor(concurrency, thread_name_prefix=f"rankd-{name}")
        self._slots = asyncio.Semaphore(concurrency)
        self._queue = queue
        self._concurrency = concurrency
        self.running = 0
        self.waiting = 0

    async def run(self, work: Callable[[], _T], time_left_s: Callable[[], float]) -> _T:
        """Run `work` in a thread when its turn comes, and return what it returns.

        The thread is taken until `work` ends, even where the caller gives up before: `work` itself looks at the
        time before it does anything lasting.

        Args:
            work: What to do.
            time_left_s: How long the caller still waits, in seconds; may be infinite.

        Raises:
            ServiceError: OVERLOADED, or DEADLINE_EXCEEDED before its turn came.
        """
        if self._slots.locked() and self.waiting >= self._queue:
            raise ServiceError("OVERLOADED", running=self.running, waiting=self.waiting)
        await self._turn(time_left_s())
        self.running += 1
        loop = asyncio.get_running_loop()

        def ended(_: Future[_T]) -> None:
            loop.call_soon_threadsafe(self._end)

        try:
            future = self._executor.submit(work)
        except RuntimeError:
            self._end()
            raise ServiceError("SHUTTING_DOWN") from None
        future.add_done_callback(ended)
        return await asyncio.wrap_future(future)

    async def close(self) -> None:
        """Wait until the threads are done; nothing may be run afterwards."""
        await asyncio.to_thread(self._executor.shutdown, wait=True)

    async def _turn(self, time_left_s: float) -> None:
        if time_left_s <= 0:
            raise ServiceError("DEADLINE_EXCEEDED")
        self.waiting += 1
        try:
            async with asyncio.timeout(None if time_left_s == float("inf") else time_left_s):
                await self._slots.acquire()
        except TimeoutError:
            raise ServiceError("DEADLINE_EXCEEDED") from None
        finally:
            self.waiting -= 1

    def _end(self) -> None:
        self.running -= 1
        self._slots.release()


class Traffic:
    """The calls under way, so that a stop can let them finish. Belongs to one event loop.

    Attributes:
        inflight: Calls between arrival and answer.
    """

    def __init__(self) -> None:
        self.inflight = 0
        self._closed = False
        self._idle = asyncio.Event()
        self._idle.set()

    @contextmanager
    def call(self) -> Iterator[None]:
        """Count one call while it lasts.

        Raises:
            ServiceError: SHUTTING_DOWN: no more calls are taken.
        """
        if self._closed:
            raise ServiceError("SHUTTING_DOWN")
        self.inflight += 1
        self._idle.clear()
        try:
            yield
        finally:
            self.inflight -= 1
            if self.inflight == 0:
                self._idle.set()

    async def drain(self, most_s: float) -> bool:
        """Take no more calls; return whether those under way ended within `most_s` seconds."""
        self._closed = True
        try:
            async with asyncio.timeout(most_s):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True
