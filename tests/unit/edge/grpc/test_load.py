"""Load: bounded threads, a bounded queue, time limits, and a stop that waits."""

import asyncio
import threading
import time

import pytest

from rankd.core.errors import ServiceError
from rankd.edge.grpc.load import Lane, Traffic

FOREVER = float("inf")


def forever() -> float:
    return FOREVER


async def settle(lane: Lane, running: int, waiting: int) -> None:
    async with asyncio.timeout(5):
        while (lane.running, lane.waiting) != (running, waiting):
            await asyncio.sleep(0.001)


def test_work_runs_in_a_thread_of_the_lane_and_its_result_comes_back() -> None:
    async def main() -> str:
        lane = Lane("test", 1, 0)
        name = await lane.run(lambda: threading.current_thread().name, forever)
        await lane.close()
        return name

    assert asyncio.run(main()).startswith("rankd-test")


def test_beyond_threads_and_queue_work_is_refused_and_room_comes_back() -> None:
    async def main() -> None:
        lane, go = Lane("test", 2, 1), threading.Event()
        tasks = [asyncio.create_task(lane.run(go.wait, forever)) for _ in range(3)]
        await settle(lane, 2, 1)
        with pytest.raises(ServiceError) as caught:
            await lane.run(go.wait, forever)
        assert caught.value.reason == "OVERLOADED"
        assert caught.value.metadata == {"running": 2, "waiting": 1}
        go.set()
        assert await asyncio.gather(*tasks) == [True, True, True]
        await settle(lane, 0, 0)
        assert await lane.run(lambda: 7, forever) == 7
        await lane.close()

    asyncio.run(main())


def test_waiting_ends_at_the_deadline_and_leaves_the_turn_to_others() -> None:
    async def main() -> None:
        lane, go = Lane("test", 1, 5), threading.Event()
        first = asyncio.create_task(lane.run(go.wait, forever))
        await settle(lane, 1, 0)
        with pytest.raises(ServiceError) as caught:
            await lane.run(lambda: "late", lambda: 0.02)
        assert caught.value.reason == "DEADLINE_EXCEEDED"
        assert (lane.running, lane.waiting) == (1, 0)
        go.set()
        await first
        assert await lane.run(lambda: "next", forever) == "next"
        await lane.close()

    asyncio.run(main())


def test_what_comes_too_late_is_not_begun_even_where_there_is_room() -> None:
    async def main() -> None:
        lane, begun = Lane("test", 1, 0), threading.Event()
        with pytest.raises(ServiceError) as caught:
            await lane.run(begun.set, lambda: 0.0)
        assert caught.value.reason == "DEADLINE_EXCEEDED"
        assert not begun.is_set()
        await lane.close()

    asyncio.run(main())


def test_a_caller_that_gives_up_frees_its_thread_only_when_the_work_ends() -> None:
    async def main() -> None:
        lane, go = Lane("test", 1, 0), threading.Event()
        task = asyncio.create_task(lane.run(go.wait, forever))
        await settle(lane, 1, 0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert lane.running == 1
        with pytest.raises(ServiceError):
            await lane.run(lambda: 1, forever)
        go.set()
        await settle(lane, 0, 0)
        assert await lane.run(lambda: 1, forever) == 1
        await lane.close()

    asyncio.run(main())


def test_a_waiting_caller_that_gives_up_leaves_the_queue() -> None:
    async def main() -> None:
        lane, go = Lane("test", 1, 1), threading.Event()
        first = asyncio.create_task(lane.run(go.wait, forever))
        await settle(lane, 1, 0)
        waiting = asyncio.create_task(lane.run(go.wait, forever))
        await settle(lane, 1, 1)
        waiting.cancel()
        await settle(lane, 1, 0)
        go.set()
        await first
        await lane.close()

    asyncio.run(main())


def test_a_failure_of_the_work_is_the_callers_and_frees_the_thread() -> None:
    def fail() -> None:
        raise LookupError("x")

    async def main() -> None:
        lane = Lane("test", 1, 0)
        with pytest.raises(LookupError):
            await lane.run(fail, forever)
        await settle(lane, 0, 0)
        await lane.close()
        with pytest.raises(ServiceError) as caught:
            await lane.run(fail, forever)
        assert caught.value.reason == "SHUTTING_DOWN"

    asyncio.run(main())


def test_a_drain_waits_for_calls_under_way_and_takes_no_new_ones() -> None:
    async def main() -> None:
        traffic = Traffic()
        ended: list[float] = []

        async def call() -> None:
            with traffic.call():
                await asyncio.sleep(0.05)
            ended.append(time.monotonic())

        task = asyncio.create_task(call())
        await asyncio.sleep(0)
        assert traffic.inflight == 1
        assert await traffic.drain(5)
        assert traffic.inflight == 0
        with pytest.raises(ServiceError) as caught, traffic.call():
            pass
        assert caught.value.reason == "SHUTTING_DOWN"
        await task
        assert len(ended) == 1

    asyncio.run(main())


def test_a_drain_gives_up_after_its_time() -> None:
    async def main() -> None:
        traffic = Traffic()
        with traffic.call():
            assert not await traffic.drain(0.01)

    asyncio.run(main())
