"""A witness over HTTP: what the specification says of transport, and callers who mean ill."""

import contextlib
import http.client
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rankd.core.errors import ServiceError
from rankd.core.log.witnessing import MAX_REQUEST_BYTES, known_logs
from rankd.edge.http import witness as module
from rankd.edge.http.witness import WitnessPort
from rankd.store.witness_state import WitnessState
from rankd.usecases.witness.cosigning import Witness
from tests.plain_log import NOW_S, PlainLog, witness_signer

SIGNER = witness_signer("w.example")
LOG = PlainLog.of(12)
LOGS = known_logs([LOG.signer.verifier.vkey], b"")


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Witness]:
    WitnessState.create(tmp_path / "state", SIGNER.verifier.vkey)
    state = WitnessState.open(tmp_path / "state", SIGNER.verifier.vkey)
    yield Witness(SIGNER, LOGS, state, lambda: NOW_S)
    state.close()


@pytest.fixture
def port(witness: Witness) -> Iterator[WitnessPort]:
    port = WitnessPort("127.0.0.1:0", witness, patience_s=0.5)
    yield port
    port.close()


@pytest.fixture
def connection(port: WitnessPort) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", port.port, timeout=5)
    yield connection
    connection.close()


def ask(connection: http.client.HTTPConnection, path: str, body: bytes | None = None) -> tuple[int, str | None, bytes]:
    connection.request("GET" if body is None else "POST", path, body)
    answer = connection.getresponse()
    return answer.status, answer.getheader("Content-Type"), answer.read()


def raw(port: WitnessPort, data: bytes) -> bytes:
    """Return everything that the witness answers to these bytes until it cuts the line."""
    with socket.create_connection(("127.0.0.1", port.port), timeout=5) as line:
        found = b""
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            line.sendall(data)
            while chunk := line.recv(65_536):
                found += chunk
        return found


def test_one_connection_serves_many_requests(connection: http.client.HTTPConnection) -> None:
    assert ask(connection, "/") == (200, "text/plain; charset=utf-8", f"{SIGNER.verifier.vkey}\n".encode())
    line = connection.sock
    assert ask(connection, "/add-checkpoint", LOG.request(0, 5))[0] == 200
    assert ask(connection, "/add-checkpoint", LOG.request(3, 5)) == (409, "text/x.tlog.size", b"5\n")
    assert ask(connection, "/add-checkpoint", LOG.request(5, 8))[2].startswith("— w.example ".encode())
    assert connection.sock is line


def test_anything_else_is_not_there(connection: http.client.HTTPConnection, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(connection, "/etc/passwd")[0] == 404
    assert ask(connection, "/", b"old 0\n")[0] == 404
    connection.request("PUT", "/add-checkpoint", b"")
    assert connection.getresponse().status == 501
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (f"Content-Length: {MAX_REQUEST_BYTES + 1}", b"413"),
        ("Content-Length: 99999999999999999999", b"400"),
        ("Content-Length: -1", b"400"),
        ("Content-Length: +5", b"400"),
        ("Content-Length: 5\r\nContent-Length: 6", b"400"),
        ("Transfer-Encoding: chunked", b"411"),
        ("Content-Length: 5\r\nTransfer-Encoding: chunked", b"411"),
        ("X: y", b"411"),
        ("X: " + "y" * 70_000, b"431"),
        ("\r\n".join(f"X{at}: y" for at in range(200)), b"431"),
    ],
)
def test_request_bombs_and_ambiguous_lengths_are_refused_unread(port: WitnessPort, head: str, status: bytes) -> None:
    answer = raw(port, f"POST /add-checkpoint HTTP/1.1\r\n{head}\r\n\r\n".encode())
    assert answer.split(b" ")[1] == status


def test_a_flood_of_headers_is_cut(port: WitnessPort) -> None:
    line = b"X: " + b"y" * 60_000 + b"\r\n"
    assert b"200" not in raw(port, b"GET / HTTP/1.1\r\n" + line * 90 + b"\r\n")
    assert raw(port, b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n").split(b" ")[1] == b"200"


def test_a_body_that_ends_early_is_refused(port: WitnessPort) -> None:
    with socket.create_connection(("127.0.0.1", port.port), timeout=5) as line:
        line.sendall(b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 500\r\n\r\nold 0\n")
        line.shutdown(socket.SHUT_WR)
        assert line.recv(100).split(b" ")[1] == b"400"


def test_a_question_with_a_body_ends_its_connection(port: WitnessPort) -> None:
    smuggled = b"GET /smuggled HTTP/1.1\r\n\r\n"
    answer = raw(port, b"GET / HTTP/1.1\r\nContent-Length: 26\r\n\r\n" + smuggled)
    assert answer.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize("begun", [b"", b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 500\r\n\r\n"])
def test_slow_loris_client_is_cut_although_it_never_pauses_for_long(port: WitnessPort, begun: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port.port), timeout=5) as line:
        line.sendall(begun)
        begin_s = time.monotonic()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            while (spent_s := time.monotonic() - begin_s) < 5:
                line.sendall(b"o")
                time.sleep(0.05)
    assert spent_s < 5


def test_slow_loris_clients_do_not_hold_up_others_and_are_bounded(
    port: WitnessPort, connection: http.client.HTTPConnection
) -> None:
    lines = [socket.create_connection(("127.0.0.1", port.port), timeout=5) for _ in range(20)]
    for line in lines:
        line.sendall(b"POST /add-ch")
    assert ask(connection, "/add-checkpoint", LOG.request(0, 5))[0] == 200
    assert [line.recv(10) for line in lines] == [b""] * len(lines)
    for line in lines:
        line.close()


def test_more_connections_than_the_most_are_turned_away(witness: Witness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CONNECTIONS", 2)
    port = WitnessPort("127.0.0.1:0", witness, patience_s=0.5)
    held = [socket.create_connection(("127.0.0.1", port.port), timeout=5) for _ in range(2)]
    for line in held:
        line.sendall(b"POST /add-ch")
    assert raw(port, b"GET / HTTP/1.1\r\n\r\n") == b""
    for line in held:
        assert line.recv(10) == b""
        line.close()
    answer = b""
    while not answer:
        answer = raw(port, b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert answer.split(b" ")[1] == b"200"
    port.close()


def test_a_taken_port_is_refused(witness: Witness) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ServiceError) as caught:
            WitnessPort(address, witness)
    assert (caught.value.reason, caught.value.metadata["found"]) == ("ADDRESS_UNAVAILABLE", address)
