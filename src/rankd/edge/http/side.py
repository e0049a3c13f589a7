"""The side port over plain HTTP: metrics and health for machines that watch, the public log for those that check."""

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from rankd.core.errors import JournalError, ServiceError
from rankd.edge.http.metrics import Metrics

_TEXT = "text/plain; charset=utf-8"
_METRICS = "text/plain; version=0.0.4; charset=utf-8"
_BYTES = "application/octet-stream"
_PATIENCE_S = 5.0
_STOP_CHECK_S = 0.1
"""How long a stop waits at most until it is noticed."""

_FRESH = "no-cache"
_FOR_EVER = "public, max-age=31536000, immutable"
_NEVER = "no-store"
"""What is not there yet may be there a moment later."""

_MAX_PATH_LENGTH = 100
"""The longest path of a tile is shorter."""


@dataclass(frozen=True, slots=True)
class PublicLog:
    """What anybody may read of a journal.

    Attributes:
        vkey: The log's verifier key.
        file: Returns the file at a path of C2SP tlog-tiles, `checkpoint` or `tile/…`, and `witnessed`; None where there
            is none, also for a path that no tree has.
    """

    vkey: str
    file: Callable[[str], bytes | None]


@dataclass(frozen=True, slots=True)
class _Answer:
    """One answer: its status, the type of its body, how long caches may keep it, and its body."""

    status: HTTPStatus
    kind: str
    caching: str
    body: bytes


_ABSENT = _Answer(HTTPStatus.NOT_FOUND, _TEXT, _NEVER, b"/metrics /healthz /checkpoint /witnessed /tile/... /vkey\n")
_UNWITNESSED = _Answer(HTTPStatus.NOT_FOUND, _TEXT, _NEVER, b"no checkpoint has a quorum of cosignatures yet\n")


class SidePort:
    """Answers GET and HEAD from threads of its own: `/metrics`, `/healthz`, and the public log.

    That is `/checkpoint`, `/witnessed` (the newest checkpoint that enough witnesses cosigned), `/tile/…` and `/vkey`.

    Args:
        address: `host:port`; port 0: any free one.
        metrics: What /metrics shows.
        healthy: Whether /healthz says 200 SERVING or 503 NOT_SERVING.
        log: What is public of the journal of decisions.

    Raises:
        ServiceError: ADDRESS_UNAVAILABLE.
    """

    def __init__(self, address: str, metrics: Metrics, healthy: Callable[[], bool], log: PublicLog) -> None:
        host, _, port = address.rpartition(":")
        try:
            self._server = _server(host.strip("[]"), int(port), _Pages(metrics, healthy, log))
        except (OSError, OverflowError) as error:
            raise ServiceError("ADDRESS_UNAVAILABLE", key="server.side_address", found=address) from error
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_STOP_CHECK_S,), name="rankd-side", daemon=True
        )
        self._thread.start()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Pages:
    """What lies at each path."""

    def __init__(self, metrics: Metrics, healthy: Callable[[], bool], log: PublicLog) -> None:
        self._metrics = metrics
        self._healthy = healthy
        self._log = log

    def find(self, path: str) -> _Answer:
        """Return what lies at a path, which is taken letter by letter: nothing in it is decoded or resolved."""
        if path == "/metrics":
            return _Answer(HTTPStatus.OK, _METRICS, _NEVER, self._metrics.text())
        if path == "/healthz":
            serving = self._healthy()
            status = HTTPStatus.OK if serving else HTTPStatus.SERVICE_UNAVAILABLE
            return _Answer(status, _TEXT, _NEVER, b"SERVING\n" if serving else b"NOT_SERVING\n")
        if path == "/vkey":
            return _Answer(HTTPStatus.OK, _TEXT, _FRESH, f"{self._log.vkey}\n".encode())
        is_checkpoint = path in ("/checkpoint", "/witnessed")
        if not is_checkpoint and not (path.startswith("/tile/") and len(path) <= _MAX_PATH_LENGTH):
            return _ABSENT
        try:
            data = self._log.file(path[1:])
        except JournalError as error:
            return _Answer(HTTPStatus.SERVICE_UNAVAILABLE, _TEXT, _NEVER, f"{error.reason}\n".encode())
        if data is None:
            return _UNWITNESSED if path == "/witnessed" else _ABSENT
        return _Answer(HTTPStatus.OK, *((_TEXT, _FRESH) if is_checkpoint else (_BYTES, _FOR_EVER)), data)


def _server(host: str, port: int, pages: _Pages) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        timeout = _PATIENCE_S
        server_version = "rankd"
        sys_version = ""

        def do_GET(self) -> None:
            self._answer(with_body=True)

        def do_HEAD(self) -> None:
            self._answer(with_body=False)

        def _answer(self, *, with_body: bool) -> None:
            answer = pages.find(self.path.partition("?")[0])
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(answer.body)))
            self.send_header("Cache-Control", answer.caching)
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            if with_body:
                self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (named by the base class)
            """Keep quiet: the base class would write every scrape to stderr."""

    class Listener(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Let a watcher that hung up go, without a traceback on stderr."""

    Listener.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return Listener((host, port), Handler)
