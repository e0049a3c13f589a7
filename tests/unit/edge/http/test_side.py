"""The side port: metrics, health and the public log, nothing else, and nothing said about who asked."""

import http.client
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from rankd.core.errors import JournalError, ServiceError
from rankd.edge.http.metrics import Metrics
from rankd.edge.http.side import PublicLog, SidePort
from rankd.store.journal.journal import Journal
from tests.conftest import LOG_SIGNER


class Health:
    serving = True


@pytest.fixture
def health() -> Health:
    return Health()


class Log:
    """A public log that notes what it was asked for."""

    def __init__(self) -> None:
        self.files = {"checkpoint": b"the checkpoint\n", "tile/0/000.p/3": bytes(96), "tile/entries/000.p/3": b"\xff"}
        self.asked: list[str] = []

    def file(self, path: str) -> bytes | None:
        self.asked.append(path)
        return self.files.get(path)


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def port(health: Health, log: Log) -> Iterator[SidePort]:
    metrics = Metrics()
    metrics.gauge("rankd_test_level", "A test.", lambda: 7)
    side = SidePort("127.0.0.1:0", metrics, lambda: health.serving, PublicLog("dev.test+key", log.file))
    yield side
    side.close()


def fetch(port: SidePort, path: str, method: str = "GET") -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port.port, timeout=5)
    try:
        connection.putrequest(method, path, skip_host=True)
        connection.endheaders()
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def ask(port: SidePort, path: str, method: str = "GET") -> tuple[int, str]:
    answer, body = fetch(port, path, method)
    return answer.status, body.decode()


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
            SidePort(address, Metrics(), lambda: True, PublicLog("", lambda _: None))
    assert (caught.value.reason, caught.value.metadata["found"]) == ("ADDRESS_UNAVAILABLE", address)


def test_the_checkpoint_is_fresh_text_and_tiles_are_bytes_for_ever(port: SidePort) -> None:
    answer, body = fetch(port, "/checkpoint")
    assert (answer.status, body) == (200, b"the checkpoint\n")
    assert (answer.getheader("Content-Type"), answer.getheader("Cache-Control")) == (
        "text/plain; charset=utf-8",
        "no-cache",
    )
    answer, body = fetch(port, "/tile/0/000.p/3")
    assert (answer.status, body) == (200, bytes(96))
    assert answer.getheader("Content-Type") == "application/octet-stream"
    assert "immutable" in str(answer.getheader("Cache-Control"))
    assert answer.getheader("X-Content-Type-Options") == "nosniff"
    assert ask(port, "/vkey") == (200, "dev.test+key\n")


def test_head_says_what_get_would_send_without_sending_it(port: SidePort) -> None:
    for path in ("/checkpoint", "/tile/0/000.p/3", "/vkey", "/healthz", "/tile/0/001"):
        got, body = fetch(port, path)
        head, nothing = fetch(port, path, "HEAD")
        assert (head.status, head.getheader("Content-Length")) == (got.status, str(len(body)))
        assert nothing == b""


def test_the_newest_witnessed_checkpoint_is_fresh_text_once_there_is_one(port: SidePort, log: Log) -> None:
    answer, _ = fetch(port, "/witnessed")
    assert (answer.status, answer.getheader("Cache-Control")) == (404, "no-store")
    log.files["witnessed"] = b"a checkpoint, and cosignatures\n"
    answer, body = fetch(port, "/witnessed")
    assert (answer.status, body) == (200, log.files["witnessed"])
    assert (answer.getheader("Content-Type"), answer.getheader("Cache-Control")) == (
        "text/plain; charset=utf-8",
        "no-cache",
    )
    head, nothing = fetch(port, "/witnessed", "HEAD")
    assert (head.status, head.getheader("Content-Length"), nothing) == (200, str(len(body)), b"")
    assert ask(port, "/witnessed/")[0] == ask(port, "/%77itnessed")[0] == 404


def test_what_is_not_published_is_absent_and_no_cache_remembers_that(port: SidePort) -> None:
    answer, _ = fetch(port, "/tile/0/000.p/4")
    assert (answer.status, answer.getheader("Cache-Control")) == (404, "no-store")


def test_a_log_that_cannot_be_read_is_a_passing_trouble() -> None:
    def fail(path: str) -> bytes | None:
        raise JournalError("JOURNAL_UNREADABLE", path=path, detail="no")

    side = SidePort("127.0.0.1:0", Metrics(), lambda: True, PublicLog("", fail))
    assert ask(side, "/checkpoint") == (503, "JOURNAL_UNREADABLE\n")
    side.close()


def test_a_path_that_is_no_tiles_never_reaches_the_log(port: SidePort, log: Log) -> None:
    for path in ("/tile", "/Tile/0/000", "/%74ile/0/000", "/./tile/0/000", "/tile/" + "0/" * 100, "/keys.sqlite", "//"):
        assert ask(port, path)[0] == 404
    assert log.asked == []


ATTACKS = (
    "/tile/../../private/keys.sqlite",
    "/tile/0/../../../private/keys.sqlite",
    "/tile/%2e%2e/%2e%2e/private/keys.sqlite",
    "/tile/0/%2e%2e%2f%2e%2e%2fcheckpoint",
    "/tile/..%2f..%2fprivate%2fkeys.sqlite",
    "/tile/0/..\\..\\private\\keys.sqlite",
    "/tile//etc/passwd",
    "/tile/0//000.p/2",
    "/tile/0/000.p/2/",
    "/tile/0/000.p/02",
    "/tile/0/000.p/+2",
    "/tile/0/000.p/0",
    "/tile/0/000.p/256",
    "/tile/0/000.p/2%00",
    "/tile/00/000.p/2",
    "/tile/64/000.p/2",
    "/tile/-1/000.p/2",
    "/tile/0/0.p/2",
    "/tile/0/x000/000.p/2",
    "/tile/0/000.p",
    "/tile/entries/../0/000.p/2",
    "/tile/entries/000.p/2.tmp",
    "/checkpoint/",
    "/checkpoint/../vkey",
    "/%63heckpoint",
    "/private/keys.sqlite",
    "/../private/keys.sqlite",
)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    found = Journal.open(tmp_path / "decisions", LOG_SIGNER, tmp_path / "log.key.mark", watch=False)
    for number in range(2):
        found.append(b"entry %d" % number)
    found.publish()
    yield found
    found.close()


@pytest.fixture
def real(journal: Journal) -> Iterator[SidePort]:
    side = SidePort("127.0.0.1:0", Metrics(), lambda: True, PublicLog("", journal.public_file))
    yield side
    side.close()


def test_a_path_that_no_tree_has_is_absent_whatever_lies_there(real: SidePort) -> None:
    assert {path: fetch(real, path)[0].status for path in ATTACKS} == dict.fromkeys(ATTACKS, 404)


def test_a_path_as_long_as_a_request_line_may_be_is_absent(real: SidePort) -> None:
    assert fetch(real, "/tile/0/" + "x000/" * 10_000 + "000")[0].status == 404
    assert fetch(real, "/tile/" + "9" * 60_000)[0].status == 404
    assert fetch(real, "/tile/" + "9" * 80_000)[0].status == 414


def test_the_tiles_of_a_journal_come_as_they_are_published(real: SidePort, journal: Journal) -> None:
    assert fetch(real, "/checkpoint")[1] == journal.checkpoint()
    assert len(fetch(real, "/tile/0/000.p/2")[1]) == 64
    assert fetch(real, "/tile/entries/000.p/2?again=1")[1] == b"\0\x07entry 0\0\x07entry 1"
    journal.append(b"entry 2")
    assert fetch(real, "/tile/0/000.p/3")[0].status == 404
    journal.publish()
    assert fetch(real, "/tile/0/000.p/3")[0].status == 200
