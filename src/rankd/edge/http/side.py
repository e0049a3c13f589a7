"""The side port: metrics and health over plain HTTP, for machines that watch the service."""

import socket
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from rankd.core.errors import ServiceError
from rankd.edge.http.metrics import Metrics

_TEXT = "text/plain; charset=utf-8"
_METRICS = "text/plain; version=0.0.4; charset=utf-8"
_PATIENCE_S = 5.0


class SidePort:
    """Answers `GET /metrics` and `GET /healthz` from threads of its own.

    Args:
        address: `host:port`; port 0: any free one.
        metrics: What /metrics shows.
        healthy: Whether /healthz says 200 SERVING or 503 NOT_SERVING.

    Raises:
        ServiceError: ADDRESS_UNAVAILABLE.
    """

    def __init__(self, address: str, metrics: Metrics, healthy: Callable[[], bool]) -> None:
        host, _, port = address.rpartition(":")
        try:
            self._server = _server(host.strip("[]"), int(port), metrics, healthy)
        except (OSError, OverflowError) as error:
            raise ServiceError("ADDRESS_UNAVAILABLE", key="server.side_address", found=address) from error
        self._thread = threading.Thread(target=self._server.serve_forever, name="rankd-side", daemon=True)
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


def _server(host: str, port: int, metrics: Metrics, healthy: Callable[[], bool]) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        timeout = _PATIENCE_S
        server_version = "rankd"
        sys_version = ""

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == "/metrics":
                self._answer(HTTPStatus.OK, _METRICS, metrics.text())
            elif path == "/healthz":
                serving = healthy()
                status = HTTPStatus.OK if serving else HTTPStatus.SERVICE_UNAVAILABLE
                self._answer(status, _TEXT, b"SERVING\n" if serving else b"NOT_SERVING\n")
            else:
                self._answer(HTTPStatus.NOT_FOUND, _TEXT, b"/metrics /healthz\n")

        def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (named by the base class)
            """Keep quiet: the base class would write every scrape to stderr."""

    class Listener(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Let a watcher that hung up go, without a traceback on stderr."""

    Listener.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return Listener((host, port), Handler)
