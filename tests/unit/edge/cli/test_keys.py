import json
import os
import pty
import re
import select
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from rankd.core.assembly.identity import member_id
from rankd.core.log.note import parse_vkey
from rankd.edge.cli import passphrase
from rankd.edge.cli.keys import app
from rankd.store.key_file import KEY_KINDS, read_key

WORDS = "cheval pile agrafe"

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    for name in ("RANKD_LANG", "LC_ALL", "LANG"):
        monkeypatch.delenv(name, raising=False)

    def invoke(*arguments: object, input: str | None = None) -> Result:  # noqa: A002 (typer's own name)
        return CliRunner().invoke(app, [str(argument) for argument in arguments], input=input)

    return invoke


@pytest.fixture
def words(tmp_path: Path) -> Path:
    path = tmp_path / "words"
    path.write_text(WORDS + "\n")
    return path


def as_json(result: Result) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(result.stdout)
    return body


def test_a_new_key_is_sealed_and_says_what_is_public(run: Run, tmp_path: Path, words: Path) -> None:
    path = tmp_path / "log.key"
    result = run("new", "log", path, "--name", "rankd.coop", "--passphrase-file", words)
    assert result.exit_code == 0
    key = read_key(path)
    key.unlock(WORDS)
    assert key.vkey is not None
    assert f"vkey             {key.vkey}" in result.stdout.splitlines()
    assert f"public           {key.public.hex()}" in result.stdout.splitlines()
    assert "hors du dossier de données" in result.stderr
    assert parse_vkey(key.vkey).name == "rankd.coop"


def test_what_is_public_is_shown_without_the_passphrase(run: Run, tmp_path: Path, words: Path) -> None:
    path = tmp_path / "eraser.key"
    made = as_json(run("new", "eraser", path, "--name", "Zoé", "--passphrase-file", words, "--json"))
    shown = as_json(run("show", path, "--json"))
    assert shown == made
    assert shown == {
        "ok": True,
        "file": str(path),
        "kind": "eraser",
        "name": "Zoé",
        "public": read_key(path).public.hex(),
        "vkey": None,
        "member": None,
        "passphrase": True,
    }
    text = run("show", path, "--lang", "en").stdout
    assert "passphrase  yes" in text
    assert "vkey" not in text


@pytest.mark.parametrize(
    ("kind", "advice"),
    [("member", "Signez votre inscription"), ("secretary", "secretaries"), ("guardian", "guardians")],
)
def test_a_persons_key_says_what_to_do_with_it(run: Run, tmp_path: Path, words: Path, kind: str, advice: str) -> None:
    path = tmp_path / "key"
    result = run("new", kind, path, "--name", "Zoé Tremblay", "--passphrase-file", words)
    assert result.exit_code == 0
    assert (read_key(path).kind, read_key(path).name) == (kind, "Zoé Tremblay")
    assert advice in result.stderr
    assert re.search(rf"^sorte +{kind} \(", result.stdout, re.MULTILINE)
    assert "vkey" not in result.stdout


def test_a_members_key_is_shown_with_the_id_that_the_roll_has_for_it(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "key"
    made = as_json(run("new", "member", path, "--name", "zoe", "--no-passphrase", "--json"))
    member = member_id(read_key(path).public)
    assert made["member"] == as_json(run("show", path, "--json"))["member"] == member
    assert f"identifiant au registre  {member}\n" in run("show", path, "--lang", "fr").stdout
    assert f"id on the roll  {member}\n" in run("show", path, "--lang", "en").stdout
    other = tmp_path / "other"
    assert "identifiant au registre" not in run("new", "guardian", other, "--name", "z", "--no-passphrase").stdout


@pytest.mark.parametrize("kind", KEY_KINDS)
def test_nothing_secret_is_printed(run: Run, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "key"
    made = run("new", kind, path, "--name", "a.example", "--no-passphrase")
    assert made.exit_code == 0
    seed = read_key(path).unlock(None).private_bytes_raw().hex()
    for result in (made, run("show", path), run("show", path, "--json")):
        assert seed not in result.output
    assert "qui lit ce fichier peut signer" in made.stdout


def test_a_key_is_never_overwritten(run: Run, tmp_path: Path, words: Path) -> None:
    path = tmp_path / "key"
    path.write_text("kept")
    result = run("new", "log", path, "--name", "a.example", "--passphrase-file", words, "--json")
    assert (result.exit_code, as_json(result)["reason"]) == (1, "KEY_FILE_EXISTS")
    assert path.read_text() == "kept"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "KEY_PASSPHRASE_EMPTY"),
        (b"\n", "KEY_PASSPHRASE_EMPTY"),
        (b"\r\n", "KEY_PASSPHRASE_EMPTY"),
        (b"two\nlines\n", "KEY_PASSPHRASE_FILE"),
        (b"\xff", "KEY_PASSPHRASE_FILE"),
        (b"x" * 1_001, "KEY_PASSPHRASE_FILE"),
        (b"a\0b", "KEY_PASSPHRASE_FILE"),
        (None, "KEY_PASSPHRASE_FILE"),
    ],
)
def test_a_file_that_holds_no_passphrase_is_refused(
    run: Run, tmp_path: Path, content: bytes | None, reason: str
) -> None:
    if content is not None:
        (tmp_path / "words").write_bytes(content)
    result = run("new", "log", tmp_path / "k", "--name", "a", "--passphrase-file", tmp_path / "words", "--json")
    assert (result.exit_code, as_json(result)["reason"]) == (1, reason)
    assert not (tmp_path / "k").exists()


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_one_line_end_is_no_part_of_a_passphrase_and_spaces_are(run: Run, tmp_path: Path, end: str) -> None:
    (tmp_path / "words").write_bytes(f" {WORDS} {end}".encode())
    run("new", "log", tmp_path / "k", "--name", "a", "--passphrase-file", tmp_path / "words")
    read_key(tmp_path / "k").unlock(f" {WORDS} ")


def test_a_passphrase_from_a_file_and_none_contradict_each_other(run: Run, tmp_path: Path, words: Path) -> None:
    result = run("new", "log", tmp_path / "k", "--name", "a", "--passphrase-file", words, "--no-passphrase", "--json")
    assert (result.exit_code, as_json(result)["reason"]) == (1, "KEY_PASSPHRASE_TWICE")


def test_without_a_terminal_nothing_is_asked(run: Run, tmp_path: Path) -> None:
    result = run("new", "log", tmp_path / "k", "--name", "a", "--lang", "en", input=f"{WORDS}\n{WORDS}\n")
    assert result.exit_code == 1
    assert "--passphrase-file FILE" in result.stderr
    assert not (tmp_path / "k").exists()


def read_until(terminal: int, wanted: bytes) -> bytes:
    """Read what a terminal shows until it shows `wanted`, or its other side is closed."""
    seen, until = b"", monotonic() + 20
    while wanted not in seen and monotonic() < until:
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                seen += os.read(terminal, 1_024)
            except OSError:  # what Linux says of a closed terminal
                break
    return seen


def test_on_a_terminal_the_passphrase_is_asked_twice_and_not_shown(tmp_path: Path) -> None:
    code = "from rankd.edge.cli.main import main; main()"
    command = [sys.executable, "-c", code, "keys", "new", "log", str(tmp_path / "k"), "--name", "a"]
    environ = os.environ | {"RANKD_LANG": "en"}
    # The space comes once the terminal stopped showing what is typed.
    dialogue = [("words): ", "one thing"), ("once more: ", "another"), ("words): ", WORDS), ("once more: ", WORDS)]
    ours, theirs = pty.openpty()
    seen = b""
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environ, start_new_session=True
    ) as process:
        os.close(theirs)
        for prompt, answer in dialogue:
            seen += read_until(ours, prompt.encode())
            os.write(ours, answer.encode() + b"\n")
        seen += read_until(ours, b"\0")
        os.close(ours)
        assert process.wait(20) == 0
    assert b"They differ." in seen
    assert WORDS.encode() not in seen
    read_key(tmp_path / "k").unlock(WORDS)


def test_a_known_passphrase_comes_from_the_file_then_the_environment_then_the_terminal(
    run: Run, tmp_path: Path, words: Path
) -> None:
    run("new", "eraser", tmp_path / "k", "--name", "Zoé", "--passphrase-file", words)
    key = read_key(tmp_path / "k")

    def asked(file: Path | None, environ: dict[str, str]) -> str | None:
        return passphrase.known_passphrase(key, file, "SECRET", environ, "en")

    assert asked(words, {"SECRET": "other"}) == WORDS
    assert asked(None, {"SECRET": "other"}) == "other"
    run("new", "eraser", tmp_path / "open", "--name", "Zoé", "--no-passphrase")
    assert passphrase.known_passphrase(read_key(tmp_path / "open"), words, "SECRET", {}, "en") is None


@pytest.mark.parametrize(
    "arguments", [("new", "root", "k", "--name", "a"), ("new", "log", "k"), ("show",), ("show", "absent"), ("list",)]
)
def test_what_is_not_there_is_a_usage_error(run: Run, arguments: tuple[object, ...]) -> None:
    assert run(*arguments).exit_code == 2


def test_a_name_that_cannot_be_an_origin_is_refused(run: Run, tmp_path: Path) -> None:
    result = run("new", "log", tmp_path / "k", "--name", "Rankd Coop", "--no-passphrase", "--json")
    assert (result.exit_code, as_json(result)["reason"]) == (1, "KEY_NAME")


@pytest.mark.parametrize("name", ["new", "show"])
def test_every_command_has_help(run: Run, name: str) -> None:
    result = run(name, "--help")
    assert result.exit_code == 0
    assert "--json" in result.stdout
    assert "--lang" in result.stdout
