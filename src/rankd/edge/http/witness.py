"""A witness over plain HTTP: `POST /add-checkpoint`, and `GET /` for its own verifier key. Anybody may call."""

import io
import socket
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from rankd.core.errors import ServiceError
from rankd.core.log.witnessing import MAX_REQUEST_BYTES
from rankd.usecases.witness.cosigning import TEXT, Witness, WitnessAnswer

PATIENCE_S = 10.0
"""From a request's first byte, or from the last answer, to the end of the request: longer, and the line is cut."""

MOST_CONNECTIONS = 64
_MOST_HEAD_BYTES = 32 * 1024
_LENGTH_DIGITS = 9
_STOP_POLL_S = 0.1


class WitnessPort:
    """Serves one witness from threads of its own.

    Args:
        address: `host:port`; port 0: any free one.
        witness: Who answers.
        patience_s: See `PATIENCE_S`.

    Raises:
        ServiceError: ADDRESS_UNAVAILABLE.
    """

    def __init__(self, address: str, witness: Witness, patience_s: float = PATIENCE_S) -> None:
        host, _, port = address.rpartition(":")
        try:
            self._server = _server(host.strip("[]"), int(port), witness, patience_s)
        except (OSError, OverflowError, ValueError) as error:
            raise ServiceError("ADDRESS_UNAVAILABLE", key="--address", found=address) from error
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_STOP_POLL_S,), name="rankd-witness", daemon=True
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


class _PatientReader(io.RawIOBase):
    """A connection's bytes as long as one request's time and size last: no drip keeps a thread for longer.

    Args:
        connection: The connection.
        patience_s: How long one request may take.
    """

    def __init__(self, connection: socket.socket, patience_s: float) -> None:
        self._connection = connection
        self._patience_s = patience_s
        self.begin()

    def begin(self) -> None:
        """Begin a request."""
        self._deadline_s = time.monotonic() + self._patience_s
        self._room = _MOST_HEAD_BYTES + MAX_REQUEST_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # BufferedReader gives a memoryview
        left_s = self._deadline_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("this request takes too long")
        self._connection.settimeout(left_s)
        count = self._connection.recv_into(buffer[: min(len(buffer), self._room)]) if self._room else 0
        self._room -= count
        return count


def _server(host: str, port: int, witness: Witness, patience_s: float) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "rankd"
        sys_version = ""
        error_content_type = TEXT
        error_message_format = "%(code)d\n"

        def setup(self) -> None:
            super().setup()
            self.rfile.close()
            self._patient = _PatientReader(self.connection, patience_s)
            self.rfile = io.BufferedReader(self._patient)

        def handle_one_request(self) -> None:
            self._patient.begin()
            super().handle_one_request()

        def do_GET(self) -> None:
            # What follows a question that has a body would be taken for the next question.
            self.close_connection |= "Content-Length" in self.headers or "Transfer-Encoding" in self.headers
            if self.path in ("/", "/vkey"):
                self._answer(WitnessAnswer(HTTPStatus.OK, TEXT, f"{witness.vkey}\n".encode()))
            else:
                self.send_error(HTTPStatus.NOT_FOUND)

        def do_POST(self) -> None:
            # What is refused here leaves its body unread, so the connection ends with the answer.
            if self.path != "/add-checkpoint":
                self.send_error(HTTPStatus.NOT_FOUND)
                return
            lengths = self.headers.get_all("Content-Length") or []
            if "Transfer-Encoding" in self.headers or not lengths:
                self.send_error(HTTPStatus.LENGTH_REQUIRED)
            elif len(lengths) > 1 or not _is_length(lengths[0]):
                self.send_error(HTTPStatus.BAD_REQUEST)
            elif int(lengths[0]) > MAX_REQUEST_BYTES:
                self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            else:
                self._add_checkpoint(int(lengths[0]))

        def _add_checkpoint(self, size: int) -> None:
            data = self.rfile.read(size)
            if len(data) == size:
                self._answer(witness.add_checkpoint(data))
            else:
                self.send_error(HTTPStatus.BAD_REQUEST)

        def _answer(self, answer: WitnessAnswer) -> None:
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (named by the base class)
            """Keep quiet: the witness logs what matters, and who asks is nobody's business."""

    class Listener(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = MOST_CONNECTIONS
        # A connection that is under way must not hold up a stop.
        block_on_close = False

        def __init__(self) -> None:
            self._room = threading.BoundedSemaphore(MOST_CONNECTIONS)
            super().__init__((host, port), Handler)

        def process_request(self, request: object, client_address: object) -> None:
            if not self._room.acquire(blocking=False):
                self.shutdown_request(request)  # type: ignore[arg-type]  # the base's private type
                return
            try:
                super().process_request(request, client_address)  # type: ignore[arg-type]
            except BaseException:
                self._room.release()
                raise

        def process_request_thread(self, request: object, client_address: object) -> None:
            try:
                super().process_request_thread(request, client_address)  # type: ignore[arg-type]
            finally:
                self._room.release()

        def handle_error(self, request: object, client_address: object) -> None:
            """Let a caller that hung up go, without a traceback on stderr."""

    Listener.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return Listener()


def _is_length(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _LENGTH_DIGITS
