"""`rankd witness`: begins once, refuses what it must not serve, and needs the light install only."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from rankd.core.log.note import parse_vkey
from rankd.edge.cli.main import build
from rankd.store.key_file import create_key
from rankd.store.witness_policy import read_witness_policy
from tests.plain_log import PlainLog, witness_signer
from tests.unit.edge.cli.test_main import EXTRAS, run_without

GUIDE = (Path(__file__).parents[4] / "docs" / "guide" / "witness.md").read_text(encoding="utf-8")
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


def blocks(text: str, kind: str = "") -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_the_guides_file_of_witnesses_is_one(tmp_path: Path) -> None:
    (text,) = blocks(GUIDE, "toml")
    path = tmp_path / "witnesses.toml"
    path.write_text(text)
    assert (read_witness_policy(path).quorum, len(read_witness_policy(path).witnesses)) == (2, 2)


def test_the_guides_commands_are_commands_in_both_languages() -> None:
    english, french = (re.sub(r"#.*|--name \S+", "", "".join(blocks(half))) for half in GUIDE.split("\n# Pour un "))
    assert english == french
    lines = english.replace("\\\n", " ").splitlines()
    assert [line.split()[1:3] for line in lines if line.startswith("rankd ")] == [
        ["keys", "new"],
        ["witness", "init"],
        ["witness", "serve"],
    ]
    offered = run("init", "--help").stdout + run("serve", "--help").stdout
    for option in set(re.findall(r"--[a-z-]+", "".join(line for line in lines if line.startswith("rankd witness")))):
        assert option in offered
    for vkey in re.findall(r"--log '([^']+)'", english):
        assert parse_vkey(vkey).name == "rankd.coop.example"
