"""A real server on a free port over a small house, and ways to call it."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import grpc
import numpy as np
import numpy.typing as npt
import pytest
from google.protobuf.message import Message

from rankd.client import CandidateInput, RankdCallError, RankdClient, TlsFiles
from rankd.client.errors import call_error
from rankd.edge.config import Config, Folders, Requests, Server
from rankd.edge.grpc.server import GrpcServer, serve
from rankd.edge.service import Service
from rankd.forest.engine import Engine, choose_engine
from rankd.forest.matrix import FeatureMatrix, Margins
from rankd.forest.sealed import SealedModel
from rankd.v1 import policy_service_pb2_grpc, ranking_service_pb2_grpc
from rankd.v1 import ranking_service_pb2 as wire
from tests.conftest import HOUSE_TIME_MS, House

CANDIDATES = tuple(CandidateInput(f"p{at}", author_id=f"a{at % 3}") for at in range(6))
COLUMNS: dict[str, npt.NDArray[np.float32] | float] = {
    "duration_s": np.array([10, 20, 31, 40, 5, 60], dtype=np.float32),
    "age_h": np.array([1, 2, 6, np.nan, 7, 3], dtype=np.float32),
    "hours_since_hide": float("nan"),
}


class Running:
    """A server that runs in a thread of its own."""

    def __init__(self, service: Service, server: GrpcServer, stop: Callable[[], bool], tls: TlsFiles | None) -> None:
        self.service = service
        self.server = server
        self.address = f"127.0.0.1:{server.port}"
        self.stop = stop
        self._tls = tls

    def client(self, **options: Any) -> RankdClient:
        """Return a client; it does not retry unless told to."""
        return RankdClient(self.address, **({"tls": self._tls, "retries": 0, "timeout_s": 10.0} | options))

    def rank_message(self, message: wire.RankRequest, **options: Any) -> wire.RankResponse:
        """Send a message as it is."""
        with grpc.insecure_channel(self.address) as channel:
            stub = ranking_service_pb2_grpc.RankingServiceStub(channel)
            answer: wire.RankResponse = stub.Rank(message, **({"timeout": 10.0} | options))
            return answer

    def refusal(self, message: Message, method: str = "Rank") -> RankdCallError:
        """Send a message that is refused, and return how."""
        with grpc.insecure_channel(self.address) as channel:
            services = (
                ranking_service_pb2_grpc.RankingServiceStub(channel),
                policy_service_pb2_grpc.PolicyServiceStub(channel),
            )
            stub = next(service for service in services if hasattr(service, method))
            with pytest.raises(grpc.RpcError) as caught:
                getattr(stub, method)(message, timeout=10.0)
        return call_error(caught.value, self.address)


class Gate(Engine):
    """An engine that waits until it is let go on."""

    def __init__(self, engine: Engine) -> None:
        self.name = engine.name
        self.open = threading.Event()
        self.entered = threading.Semaphore(0)
        self._engine = engine

    def margins(self, features: FeatureMatrix) -> Margins:
        """Wait, then do what the real engine does."""
        self.entered.release()
        assert self.open.wait(10)
        return self._engine.margins(features)


Start = Callable[..., Running]


def small_message(request_id: str = "r1", **fields: Any) -> wire.RankRequest:
    """Return a sound request for the house's surface; `fields` replace some of it."""
    columns = [
        wire.Column(name=name, le_float32=values.tobytes())
        for name, values in COLUMNS.items()
        if isinstance(values, np.ndarray)
    ]
    sound: dict[str, Any] = {
        "request_id": request_id,
        "surface": "video",
        "viewer_id": "viewer-1",
        "candidates": [wire.Candidate(id=c.id, author_id=c.author_id) for c in CANDIDATES],
        "columns": columns,
        "viewer_columns": [wire.Column(name="hours_since_hide", values=wire.FloatValues(values=[float("nan")]))],
        "limit": 3,
    }
    return wire.RankRequest(**(sound | fields))


@contextmanager
def running(
    config: Config,
    *,
    engine: Callable[[SealedModel], Engine] = choose_engine,
    poll_interval_s: float = 0.05,
    tls: TlsFiles | None = None,
    prepare: Callable[[Service], None] = lambda _: None,
    clock_ms: Callable[[], int] = lambda: HOUSE_TIME_MS,
) -> Iterator[Running]:
    """Run a server until the block ends; `prepare` may change the service before it is served."""
    with Service(config, clock_ms, poll_interval_s, engine) as service:
        prepare(service)
        ready = threading.Event()
        found: dict[str, Any] = {}

        async def main() -> None:
            found["stop"], found["loop"] = asyncio.Event(), asyncio.get_running_loop()

            def note(server: GrpcServer) -> None:
                found["server"] = server
                ready.set()

            try:
                found["finished"] = await serve(service, note, found["stop"])
            except BaseException as error:
                found["error"] = error
                raise
            finally:
                ready.set()

        thread = threading.Thread(target=lambda: asyncio.run(main()))
        thread.start()

        def stop() -> bool:
            if thread.is_alive():
                found["loop"].call_soon_threadsafe(found["stop"].set)
                thread.join()
            return bool(found.get("finished"))

        assert ready.wait(20)
        try:
            yield Running(service, found["server"], stop, tls)
        finally:
            stop()


def config_over(house: House, **server: Any) -> Config:
    """Return a configuration over a house; keywords go into its server section."""
    return Config(
        origin="dev.test",
        server=Server.model_validate({"address": "127.0.0.1:0", "side_address": "", "drain_s": 5} | server),
        folders=Folders(policies=house.policies, models=house.models, data=house.data),
        requests=Requests(max_candidate_count=100, max_limit=20),
    )


@pytest.fixture
def start(house: House) -> Iterator[Start]:
    """Return a function that starts a server over the house; it stops when the test ends."""
    with ExitStack() as opened:

        def begin(
            *,
            engine: Callable[[SealedModel], Engine] = choose_engine,
            prepare: Callable[[Service], None] = lambda _: None,
            **server: Any,
        ) -> Running:
            return opened.enter_context(running(config_over(house, **server), engine=engine, prepare=prepare))

        yield begin


@pytest.fixture
def server(start: Start) -> Running:
    """Return a running server with everything as usual."""
    return start()
