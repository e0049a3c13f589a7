"""The service as a process: start, signals, logs, and the commands that call it."""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from rankd.client import RankdCallError, RankdClient
from rankd.edge.cli.main import build
from tests.conftest import House
from tests.evidence import own_trust, replayed
from tests.integration.service.conftest import CANDIDATES, COLUMNS

VIEWER = "viewer-marked-0001"
REQUEST = {
    "surface": "video",
    "viewer_id": VIEWER,
    "limit": 2,
    "candidates": [{"id": "post-marked-0001", "author_id": "author-marked-0001"}, {"id": "post-marked-0002"}],
    "columns": [
        {"name": "duration_s", "values": {"values": [20, 40]}},
        {"name": "age_h", "values": {"values": [1, "NaN"]}},
    ],
    "viewer_columns": [{"name": "hours_since_hide", "values": {"values": ["NaN"]}}],
}


def rankd(*arguments: str) -> list[str]:
    return [sys.executable, "-c", "from rankd.edge.cli.main import main; main()", *arguments]


def run(*arguments: str, text: str = "") -> Result:
    """Run a command in this process, in English."""
    root = build(arguments[0])
    return CliRunner().invoke(root, list(arguments), input=text, env={"RANKD_LANG": "en"})


@pytest.fixture(autouse=True)
def handlers_as_before() -> Iterator[None]:
    """Undo what `rankd serve` does to this process: logging, SIGHUP."""
    hangup = signal.getsignal(signal.SIGHUP)
    root, ours = logging.getLogger(), logging.getLogger("rankd")
    handlers, level, our_level = root.handlers[:], root.level, ours.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    ours.setLevel(our_level)
    signal.signal(signal.SIGHUP, hangup)


class Process:
    """A service that was started by its command."""

    def __init__(self, config: Path) -> None:
        environment = {**os.environ, "RANKD_LANG": "en", "PYTHONPATH": "src"}
        self.process = subprocess.Popen(
            rankd("serve", "--config", str(config), "--json"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.communicate()[1]
        ready = json.loads(line)
        self.address, self.side = ready["address"], ready["side_address"]
        self.surfaces = ready["surfaces"]

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal and return the exit code and the log."""
        self.process.send_signal(number)
        _, log = self.process.communicate(timeout=20)
        return self.process.returncode, log


def write_config(folder: Path) -> Path:
    path = folder / "rankd.toml"
    path.write_text(
        '[server]\naddress = "127.0.0.1:0"\nside_address = "127.0.0.1:0"\n'
        '[folders]\npolicies = "policies"\nmodels = "models"\ndata = "data"\n'
    )
    return path


@contextmanager
def started(config: Path) -> Iterator[Process]:
    process = Process(config)
    try:
        yield process
    finally:
        process.process.kill()
        process.process.communicate()


@pytest.fixture
def service(house: House, tmp_path: Path) -> Iterator[Process]:
    """Return a service that the test may end."""
    with started(write_config(tmp_path)) as process:
        yield process


@pytest.fixture(scope="module")
def lasting_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lasting")


@pytest.fixture(scope="module")
def lasting_house(lasting_folder: Path) -> House:
    return House(lasting_folder)


@pytest.fixture(scope="module")
def lasting(lasting_folder: Path, lasting_house: House) -> Iterator[Process]:
    """Return a service that tests share, and leave running."""
    with started(write_config(lasting_folder)) as process:
        yield process


def get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 (our own loopback port)
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_sigterm_under_load_loses_no_answered_decision_and_exits_0(service: Process, house: House) -> None:
    answered: list[str] = []
    failures: list[RankdCallError] = []

    def call() -> None:
        with RankdClient(service.address, retries=0, timeout_s=5) as client:
            try:
                while True:
                    slate = client.rank(surface="video", viewer_id="v", candidates=CANDIDATES, columns=COLUMNS, limit=2)
                    answered.append(slate.decision_id)
            except RankdCallError as error:
                failures.append(error)

    threads = [threading.Thread(target=call) for _ in range(3)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    code, log = service.end()
    for thread in threads:
        thread.join()
    report = replayed(house.data, "lightgbm", own_trust(house.data))
    assert code == 0
    # What gRPC had taken in but not handed over when it stopped, it cancels.
    assert {failure.status for failure in failures} <= {"UNAVAILABLE", "CANCELLED"}
    assert f"stopped, {report.count} decisions on disk" in log
    assert len(answered) == len(set(answered)) == report.count == report.identical > 0


def test_neither_log_nor_metrics_name_a_viewer_a_candidate_or_a_feature(service: Process) -> None:
    with RankdClient(service.address, retries=0) as client:
        client.rank_json(json.dumps(REQUEST))
        client.rank_json(json.dumps(REQUEST | {"dry_run": True}))
        with pytest.raises(RankdCallError):
            client.rank_json(json.dumps(REQUEST | {"surface": "surface-marked"}))
        with pytest.raises(RankdCallError):
            client.rank_json(json.dumps(REQUEST | {"request_id": "request-marked", "limit": 0}))
    status, metrics = get(f"http://{service.side}/metrics")
    code, log = service.end(signal.SIGINT)
    assert (status, code) == (200, 0)
    assert "config server.queue = 64" in log
    assert f"listening address={service.address} side={service.side}" in log
    assert "marked" not in log + metrics
    assert "hours_since_hide" not in log + metrics
    assert 'rankd_rank_requests_total{code="OK",surface="video"} 2.0' in metrics
    assert 'rankd_rank_requests_total{code="NOT_FOUND",surface=""} 1.0' in metrics
    assert 'rankd_refusals_total{method="Rank",reason="LIMIT_OUT_OF_RANGE"} 1.0' in metrics
    assert 'rankd_decisions_total{surface="video"} 1.0' in metrics
    assert 'rankd_rank_duration_seconds_count{surface="video"} 3.0' in metrics


def test_the_side_port_tells_health_and_nothing_else(lasting: Process) -> None:
    assert get(f"http://{lasting.side}/healthz") == (200, "SERVING\n")
    assert get(f"http://{lasting.side}/decisions")[0] == 404


def test_sighup_takes_up_changed_files_at_once(lasting: Process, lasting_house: House) -> None:
    with RankdClient(lasting.address) as client:
        before = client.get_policy("video").policy.canon_digest
        lasting_house.write_policy(click=650)
        lasting.process.send_signal(signal.SIGHUP)
        until = time.monotonic() + 5
        while client.get_policy("video").policy.canon_digest == before and time.monotonic() < until:
            time.sleep(0.02)
        assert client.get_policy("video").policy.canon_digest != before


def test_a_second_service_on_the_same_data_is_refused(lasting: Process, lasting_folder: Path) -> None:
    second = run("serve", "--config", str(lasting_folder / "rankd.toml"))
    assert second.exit_code == 1
    assert "RECORDS_LOCKED" not in second.stderr
    assert "data" in second.stderr


def test_a_taken_port_is_refused_in_words(lasting: Process, house: House, tmp_path: Path) -> None:
    config = write_config(tmp_path)
    config.write_text(config.read_text().replace("127.0.0.1:0", lasting.address, 1))
    second = run("serve", "--config", str(config))
    assert second.exit_code == 1
    assert f"server.address: cannot listen on {lasting.address}" in second.stderr


def test_check_says_what_would_be_served_and_touches_nothing(house: House, tmp_path: Path) -> None:
    config = write_config(tmp_path)
    good = run("serve", "--config", str(config), "--check")
    assert good.exit_code == 0
    assert "video: policy “Test”" in good.stdout
    assert "ratification: NONE" in good.stdout
    assert "the same for every post: reply" in good.stdout
    assert not house.data.exists()
    house.write_policy(end="no: such rule\n")
    bad = run("serve", "--config", str(config), "--check", "--json")
    found = json.loads(bad.stdout)
    assert bad.exit_code == 1
    assert found["ok"] is False
    assert found["surfaces"][0]["ratification"] == "BASELINE"
    assert found["refusals"]["video"]["reason"] != ""


def test_a_person_ranks_and_explains_at_the_prompt(lasting: Process, tmp_path: Path) -> None:
    request = tmp_path / "request.json"
    request.write_text(json.dumps(REQUEST))
    ranked = run("rank", "--address", lasting.address, "--request", str(request), "--explain")
    decision_id = ranked.stdout.split()[-1]
    assert ranked.exit_code == 0, ranked.stderr
    assert "post-marked-0001" in ranked.stdout
    assert "more often clicked" in ranked.stdout
    assert f"Decision {decision_id}" in ranked.stdout
    assert "final value" in ranked.stdout
    explained = run(
        "explain", decision_id, "post-marked-0002", "--viewer", VIEWER, "--address", lasting.address, "--json"
    )
    entry = json.loads(explained.stdout)["candidates"][0]
    changes = sum(step["after"] - step["before"] for step in entry["steps"])
    assert entry["id"] == "post-marked-0002"
    assert sum(term["term"] for term in entry["terms"]) + changes == entry["value"]
    other = run("explain", decision_id, "--viewer", "somebody", "--address", lasting.address, "--lang", "fr")
    assert other.exit_code == 1
    assert "ne concerne pas cette personne" in other.stderr


def test_a_request_on_standard_input_is_answered_in_json(lasting: Process) -> None:
    ranked = run("rank", "--address", lasting.address, "--request", "-", "--json", text=json.dumps(REQUEST))
    assert json.loads(ranked.stdout)["decision_id"].startswith("dev.localhost/")
    refused = run(
        "rank", "--address", lasting.address, "--request", "-", "--json", text=json.dumps(REQUEST | {"limit": 0})
    )
    assert refused.exit_code == 1
    assert json.loads(refused.stdout)["fields"] == ["limit"]
