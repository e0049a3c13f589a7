"""The minutes over real gRPC: what members sign goes in, everybody's copy comes out, and no flood stops a ranking."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from rankd.client import RankdCallError
from rankd.edge.service import Service
from tests.integration.service.conftest import Start, small_message


class Stuck:
    """Minutes whose keeper takes as long as it likes."""

    size = 0

    def __init__(self) -> None:
        self.entered = threading.Semaphore(0)
        self.open = threading.Event()
        self.most = 0
        self._now = 0

    def checkpoint(self) -> bytes:
        return b""

    def submit(self, _envelope: bytes, **_: object) -> None:
        self._now += 1
        self.most = max(self.most, self._now)
        self.entered.release()
        assert self.open.wait(20)
        self._now -= 1
        raise RecursionError

    def close(self) -> None:
        """Close nothing."""


def test_a_flood_of_submissions_is_refused_at_its_own_door_and_ranking_goes_on(start: Start) -> None:
    stuck = Stuck()

    def prepare(service: Service) -> None:
        service.keeper = stuck  # type: ignore[assignment]

    server = start(prepare=prepare, concurrency=1, queue=0)

    def flood(number: int) -> str:
        with server.client(timeout_s=30.0) as client, pytest.raises(RankdCallError) as caught:
            client.assembly.submit(b"garbage %d" % number)
        return f"{caught.value.status} {caught.value.reason}"

    with ThreadPoolExecutor(100) as pool:
        calls = [pool.submit(flood, number) for number in range(100)]
        assert stuck.entered.acquire(timeout=10)
        while sum(call.done() for call in calls) < 100 - 1 - 64:
            time.sleep(0.01)
        answers = [server.rank_message(small_message(f"r{number}")) for number in range(5)]
        with server.client() as client:
            assert client.assembly.page().size == 0
        stuck.open.set()
        outcomes = Counter(call.result() for call in calls)
    assert [answer.decision_id for answer in answers] == [f"dev.test/{number}" for number in range(1, 6)]
    assert stuck.most == 1
    assert outcomes == {"RESOURCE_EXHAUSTED OVERLOADED": 35, "INTERNAL INTERNAL": 65}
