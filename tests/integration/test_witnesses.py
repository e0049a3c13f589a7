"""Witnesses end to end: a journal, honest witnesses over HTTP, one that lies, two views, one that is killed."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from rankd.core.errors import LogError
from rankd.core.log.checkpoint import cosign, open_checkpoint
from rankd.core.log.note import NoteSigner, parse_note, parse_vkey
from rankd.core.log.witnessing import known_logs, parse_add_checkpoint
from rankd.edge.http.post import post
from rankd.edge.http.witness import WitnessPort
from rankd.store.journal.journal import Journal
from rankd.store.witness_policy import read_witness_policy
from rankd.store.witness_state import WitnessState
from rankd.usecases.witness.cosigning import Witness
from rankd.usecases.witness.witnessing import Witnessing
from tests.plain_log import NOW_S, ORIGIN, PlainLog, private_key, witness_signer

LOG = NoteSigner(ORIGIN, private_key(ORIGIN))
RANKD = (sys.executable, "-c", "from rankd.edge.cli.main import main; main()")
HONEST = ("a.example", "b.example")
LIAR = witness_signer("liar.example")
VERIFIERS = [witness_signer(name).verifier for name in HONEST] + [LIAR.verifier]


@contextlib.contextmanager
def honest(name: str, folder: Path) -> Iterator[str]:
    """Run an honest witness on loopback; yield its address."""
    signer = witness_signer(name)
    if not folder.exists():
        WitnessState.create(folder, signer.verifier.vkey)
    state = WitnessState.open(folder, signer.verifier.vkey)
    logs = known_logs([LOG.verifier.vkey], b"")
    port = WitnessPort("127.0.0.1:0", Witness(signer, logs, state, lambda: NOW_S))
    try:
        yield f"http://127.0.0.1:{port.port}"
    finally:
        port.close()
        state.close()


@contextlib.contextmanager
def liar() -> Iterator[str]:
    """Run a witness that cosigns whatever it is shown, once for each time that it is asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = parse_add_checkpoint(self.rfile.read(int(self.headers["Content-Length"])))
            body = cosign(parse_note(request.note).text, LIAR, NOW_S).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (named by the base class)
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def policy(path: Path, urls: dict[str, str]) -> Path:
    """Write a file of witnesses, quorum 2."""
    entries = [
        f'[[witness]]\nname = "{name}"\nvkey = "{witness_signer(name).verifier.vkey}"\nurl = "{url}"\n'
        for name, url in urls.items()
    ]
    path.write_text("quorum = 2\n\n" + "\n".join(entries))
    return path


def journal(folder: Path, mark: Path, words: list[str]) -> Journal:
    made = Journal.open(folder, LOG, mark, watch=False)
    for word in words:
        made.append(word.encode())
    made.publish()
    return made


def witnessing(log: Journal, file: Path) -> Witnessing:
    return Witnessing(log, LOG.verifier, read_witness_policy(file), post, lambda: NOW_S)


def test_two_witnesses_make_a_quorum_and_two_views_never_have_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    words = [f"decision {at}" for at in range(300)]
    with honest("a.example", tmp_path / "a") as a, honest("b.example", tmp_path / "b") as b, liar() as c:
        file = policy(tmp_path / "witnesses.toml", {"a.example": a, "b.example": b, LIAR.name: c})
        log = journal(tmp_path / "log", tmp_path / "mark", words[:200])
        asking = witnessing(log, file)
        asking.round()
        for word in words[200:]:
            log.append(word.encode())
        log.publish()
        asking.round()
        note = log.public_file("checkpoint")
        assert note is not None
        seen = open_checkpoint(note, LOG.verifier, VERIFIERS, quorum=3, latest_s=NOW_S)
        assert (seen.checkpoint.size, asking.failures()) == (300, {})
        assert log.public_file("witnessed") == note
        log.close()

        # The same key signs another history of the same length for another client.
        other = journal(tmp_path / "other", tmp_path / "other.mark", [*words[:-1], "another decision"])
        asking = witnessing(other, file)
        asking.round()
        shown = other.checkpoint()
        assert {name: failure.reason for name, failure in asking.failures().items()} == dict.fromkeys(
            HONEST, "WITNESS_UNCONVINCED"
        )
        with pytest.raises(LogError) as caught:
            open_checkpoint(shown, LOG.verifier, VERIFIERS, quorum=2)
        assert (caught.value.reason, caught.value.metadata["found"]) == ("CHECKPOINT_QUORUM", 1)
        assert other.public_file("witnessed") is None
        other.close()

    assert sum("SPLIT VIEW" in record.getMessage() for record in caplog.records) == 2
    for name in ("a", "b"):
        evidence = [path.read_bytes() for path in (tmp_path / name / "evidence").iterdir()]
        views = [open_checkpoint(found, LOG.verifier).checkpoint for found in evidence]
        assert [view.size for view in views] == [300, 300]
        assert len({view.root for view in views}) == 2


def test_a_restored_backup_of_a_log_is_found_out_by_its_witnesses(tmp_path: Path) -> None:
    with honest("a.example", tmp_path / "a") as a, honest("b.example", tmp_path / "b") as b:
        file = policy(tmp_path / "witnesses.toml", dict(zip(HONEST, (a, b), strict=True)))
        log = journal(tmp_path / "log", tmp_path / "mark", ["1", "2", "3"])
        witnessing(log, file).round()
        log.close()
        # Somebody also threw away the mark, so that the log itself cannot tell.
        restored = journal(tmp_path / "backup", tmp_path / "other.mark", ["1", "2"])
        asking = witnessing(restored, file)
        asking.round()
        assert {failure.reason for failure in asking.failures().values()} == {"WITNESS_AHEAD"}
        restored.close()


def rankd(*arguments: str) -> dict[str, str]:
    result = subprocess.run([*RANKD, *arguments, "--json"], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    document: dict[str, str] = json.loads(result.stdout)
    return document


@contextlib.contextmanager
def process(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `rankd witness serve`; yield the process and its address."""
    command = [*RANKD, "witness", "serve", "--json", "--address", "127.0.0.1:0"]
    command += ["--key", str(tmp_path / "w.key"), "--state", str(tmp_path / "state"), "--log", LOG.verifier.vkey]
    environ = {**os.environ, "RANKD_WITNESS_PASSPHRASE": "several words"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environ
    ) as running:
        assert running.stdout is not None
        text = ""
        while not text.endswith("}\n"):
            line = running.stdout.readline()
            assert line, "the witness ended before it listened"
            text += line
        try:
            yield running, f"http://{json.loads(text)['address']}/add-checkpoint"
        finally:
            running.kill()


def test_a_witness_that_is_killed_never_goes_back(tmp_path: Path) -> None:
    (tmp_path / "phrase").write_text("several words\n")
    key, state = str(tmp_path / "w.key"), str(tmp_path / "state")
    rankd("keys", "new", "witness", key, "--name", "w.example", "--passphrase-file", str(tmp_path / "phrase"))
    witness = parse_vkey(rankd("witness", "init", "--key", key, "--state", state)["vkey"])
    plain, fork = PlainLog.of(30), PlainLog.of(30, fork_at=5)
    with process(tmp_path) as (running, url):
        assert post(url, plain.request(0, 20), 5.0).status == 200
        running.send_signal(signal.SIGKILL)
        running.wait()
    with process(tmp_path) as (running, url):
        for request in (plain.request(0, 10), plain.request(10, 10), fork.request(10, 30)):
            reply = post(url, request, 5.0)
            assert (reply.status, reply.body) == (409, b"20\n")
        assert post(url, fork.request(20, 30), 5.0).status == 422
        line = post(url, plain.request(20, 30), 5.0).body
        seen = open_checkpoint(plain.note(30) + line, LOG.verifier, [witness], quorum=1)
        assert seen.cosigners[0][0] == "w.example"
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=10) == 0
