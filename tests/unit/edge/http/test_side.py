"""The side port: metrics and health, nothing else, and nothing said about who asked."""

import http.client
import socket
from collections.abc import Iterator

import pytest

from rankd.core.errors import ServiceError
from rankd.edge.http.metrics import Metrics
from rankd.edge.http.side import SidePort


class Health:
    serving = True


@pytest.fixture
def health() -> Health:
    return Health()


@pytest.fixture
def port(health: Health) -> Iterator[SidePort]:
    metrics = Metrics()
    metrics.gauge("rankd_test_level", "A test.", lambda: 7)
    side = SidePort("127.0.0.1:0", metrics, lambda: health.serving)
    yield side
    side.close()


def ask(port: SidePort, path: str, method: str = "GET") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port.port, timeout=5)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_metrics_are_read_at_the_scrape(port: SidePort) -> None:
    status, text = ask(port, "/metrics?x=1")
    assert status == 200
    assert "rankd_test_level 7.0" in text


def test_health_follows_the_service(port: SidePort, health: Health) -> None:
    assert ask(port, "/healthz") == (200, "SERVING\n")
    health.serving = False
    assert ask(port, "/healthz") == (503, "NOT_SERVING\n")


def test_anything_else_is_not_there(port: SidePort, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(port, "/etc/passwd")[0] == 404
    assert ask(port, "/metrics", "POST")[0] == 501
    assert capsys.readouterr().err == ""


def test_a_taken_port_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ServiceError) as caught:
            SidePort(address, Metrics(), lambda: True)
    assert (caught.value.reason, caught.value.metadata["found"]) == ("ADDRESS_UNAVAILABLE", address)
