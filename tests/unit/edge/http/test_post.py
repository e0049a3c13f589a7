"""Posting to witnesses: whatever the other side does, it ends in time and takes little."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from rankd.core.log.witness_answer import MAX_ANSWER_BYTES
from rankd.edge.http.post import post


@contextmanager
def other_side(act: Callable[[socket.socket], None]) -> Iterator[str]:
    """Run one connection of a server in a thread; yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            line, _ = server.accept()
            with line, suppress(OSError):
                line.recv(65_536)
                act(line)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/prefix/add-checkpoint"
        thread.join()


def refused(act: Callable[[socket.socket], None], patience_s: float = 5.0) -> None:
    with other_side(act) as url, pytest.raises(OSError, match=r".+"):
        post(url, b"old 0\n", patience_s)


def test_a_request_goes_out_and_the_answer_comes_back() -> None:
    heard: list[bytes] = []

    def act(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\n\r\n5\n")

    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            line, _ = server.accept()
            with line:
                while b"old 0" not in b"".join(heard):
                    heard.append(line.recv(65_536))
                act(line)

        thread = threading.Thread(target=serve)
        thread.start()
        reply = post(f"http://127.0.0.1:{server.getsockname()[1]}/prefix/add-checkpoint", b"old 0\n", 5.0)
        thread.join()
    assert (reply.status, reply.body) == (409, b"5\n")
    assert b"".join(heard).startswith(b"POST /prefix/add-checkpoint HTTP/1.1\r\n")


def test_redirects_are_not_followed() -> None:
    def act(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")

    with other_side(act) as url:
        assert post(url, b"old 0\n", 5.0).status == 302


def test_an_answer_without_end_is_read_as_far_as_it_matters() -> None:
    def act(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(1_000):
            line.sendall(b"x" * 65_536)

    with other_side(act) as url:
        assert len(post(url, b"old 0\n", 5.0).body) == MAX_ANSWER_BYTES + 1


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n"])
def test_an_answer_that_drips_is_cut(begun: bytes) -> None:
    dripped: list[float] = []

    def act(line: socket.socket) -> None:
        line.sendall(begun)
        begin_s = time.monotonic()
        while time.monotonic() - begin_s < 10:
            line.sendall(b"y")
            dripped.append(time.monotonic() - begin_s)
            time.sleep(0.02)

    with other_side(act) as url, suppress(OSError):
        post(url, b"old 0\n", 0.3)
    assert dripped[-1] < 5


def test_silence_is_cut() -> None:
    def act(line: socket.socket) -> None:
        line.settimeout(5)
        line.recv(1)

    refused(act, 0.2)


@pytest.mark.parametrize("nonsense", [b"", b"SSH-2.0\r\n\r\n", b"HTTP/1.1 2x0 OK\r\n\r\n", b"X" * 70_000])
def test_what_is_not_http_is_an_error_of_the_line(nonsense: bytes) -> None:
    refused(lambda line: line.sendall(nonsense))


def test_a_port_where_nobody_listens_is_an_error_of_the_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(OSError, match="refused"):
        post(f"http://127.0.0.1:{port}", b"", 5.0)
