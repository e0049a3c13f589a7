"""`rankd witness`: begins once, refuses what it must not serve, and needs the light install only."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from rankd.edge.cli.main import build
from rankd.store.key_file import create_key
from tests.plain_log import PlainLog, witness_signer
from tests.unit.edge.cli.test_main import EXTRAS, run_without

LOG_VKEY = PlainLog.of(1).signer.verifier.vkey


def run(*arguments: str) -> Result:
    return CliRunner().invoke(build("witness"), ["witness", *arguments])


@pytest.fixture
def key(tmp_path: Path) -> Path:
    create_key(tmp_path / "w.key", "witness", "w.example", None)
    return tmp_path / "w.key"


def reason(result: Result) -> tuple[int, str]:
    return result.exit_code, json.loads(result.stdout)["reason"]


def test_a_witness_begins_once(tmp_path: Path, key: Path) -> None:
    options = ("--key", str(key), "--state", str(tmp_path / "state"), "--json")
    begun = run("init", *options)
    assert begun.exit_code == 0
    assert json.loads(begun.stdout)["vkey"].startswith("w.example+")
    assert reason(run("init", *options)) == (1, "WITNESS_STATE_EXISTS")


@pytest.mark.parametrize(("lang", "word"), [("fr", "mémoire neuve"), ("en", "new memory")])
def test_the_beginning_says_what_to_do_with_the_key(tmp_path: Path, key: Path, lang: str, word: str) -> None:
    begun = run("init", "--key", str(key), "--state", str(tmp_path / "state"), "--lang", lang)
    assert word in begun.stdout
    assert "w.example+" in begun.stdout


def serve(tmp_path: Path, key: Path, log: str = LOG_VKEY, address: str = "127.0.0.1:0") -> tuple[int, str]:
    state = str(tmp_path / "state")
    return reason(run("serve", "--key", str(key), "--state", state, "--log", log, "--address", address, "--json"))


def test_a_memory_that_is_not_there_is_never_made_by_serving(tmp_path: Path, key: Path) -> None:
    assert serve(tmp_path, key) == (2, "WITNESS_STATE_ABSENT")
    assert not (tmp_path / "state").exists()


def test_another_kind_of_key_is_refused(tmp_path: Path) -> None:
    create_key(tmp_path / "log.key", "log", "log.example", None)
    assert serve(tmp_path, tmp_path / "log.key") == (1, "KEY_KIND_DIFFERS")


@pytest.mark.parametrize(
    ("vkey", "wanted"), [("nonsense", "VKEY_MALFORMED"), (witness_signer("x").verifier.vkey, "WITNESS_LOG_KEY")]
)
def test_what_is_no_logs_key_is_refused(tmp_path: Path, key: Path, vkey: str, wanted: str) -> None:
    assert serve(tmp_path, key, vkey) == (1, wanted)


@pytest.mark.parametrize("address", ["", "127.0.0.1", "127.0.0.1:99999", "no.such.host.invalid:1"])
def test_an_address_where_nobody_can_listen_is_refused(tmp_path: Path, key: Path, address: str) -> None:
    run("init", "--key", str(key), "--state", str(tmp_path / "state"))
    assert serve(tmp_path, key, address=address) == (1, "ADDRESS_UNAVAILABLE")


@pytest.mark.parametrize("command", ["init", "serve"])
def test_a_witness_needs_no_extra(command: str) -> None:
    result = run_without(EXTRAS, "witness", command, "--help")
    assert (result.returncode, result.stderr) == (0, "")
