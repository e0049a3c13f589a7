"""Keys on paper from the command line: made without a file, copied, typed unseen, and registered."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from rankd.core.assembly.entries import Registration
from rankd.core.assembly.identity import member_id
from rankd.core.assembly.key_sheet import write_sheet
from rankd.core.assembly.signing import open_entry
from rankd.edge.cli import keys
from rankd.edge.cli.govern import member
from rankd.store.key_file import read_key
from tests.cooperative import Cooperative, body, found, rankd, reason
from tests.terminal import Terminal

SHEET_LINE = re.compile(r"^  ([1-9])\.  (\w{4} \w{4})$", re.MULTILINE)


@pytest.fixture(autouse=True)
def core_dumps_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the limits of the process that tests run in as they are."""
    for command in (keys, member):
        monkeypatch.setattr(command, "leave_no_core", lambda: None)


def typed(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def test_a_new_sheet_can_be_typed_back_and_no_file_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    sheet = rankd("keys", "paper", "--lang", "en")
    assert sheet.exit_code == 0
    lines = [text for _, text in SHEET_LINE.findall(sheet.stdout)]
    assert len(lines) == 9
    checked = rankd("keys", "paper", "--check", "--lang", "en", "--json", input=typed(lines).lower())
    assert checked.exit_code == 0
    told = body(checked)
    assert f"Member: {told['member']}\n" in sheet.stdout
    assert f"Public key: {told['public']}\n" in sheet.stdout
    assert told["member"] == member_id(bytes.fromhex(told["public"]))
    assert list(tmp_path.iterdir()) == []


def test_no_two_sheets_are_alike() -> None:
    assert body(rankd("keys", "paper", "--json"))["lines"] != body(rankd("keys", "paper", "--json"))["lines"]


def test_a_key_that_has_a_file_is_written_on_paper(tmp_path: Path) -> None:
    path = tmp_path / "my.key"
    phrase = tmp_path / "phrase"
    phrase.write_text("cheval pile agrafe\n")
    rankd("keys", "new", "member", path, "--name", "moi", "--passphrase-file", phrase)
    answer = body(rankd("keys", "paper", "--from", path, "--passphrase-file", phrase, "--json"))
    key = read_key(path)
    assert answer["public"] == key.public.hex()
    assert tuple(answer["lines"]) == write_sheet(key.unlock("cheval pile agrafe").private_bytes_raw())


def test_only_a_members_key_is_written_on_paper(tmp_path: Path) -> None:
    rankd("keys", "new", "secretary", tmp_path / "s.key", "--name", "s", "--no-passphrase")
    assert reason(rankd("keys", "paper", "--from", tmp_path / "s.key", "--json")) == "KEY_KIND_DIFFERS"
    twice = rankd("keys", "paper", "--check", "--from", tmp_path / "s.key", "--json")
    assert reason(twice) == "KEY_SHEET_TWICE"


def test_a_wrong_line_is_named_and_a_missing_one_too() -> None:
    lines = body(rankd("keys", "paper", "--json"))["lines"]
    wrong = [*lines]
    wrong[4] = wrong[4][:-1] + ("A" if wrong[4][-1] != "A" else "B")
    answer = body(rankd("keys", "paper", "--check", "--json", input=typed(wrong)))
    assert (answer["reason"], answer["metadata"]) == ("KEY_SHEET_LINE", {"line": "5", "count": "9"})
    assert wrong[4] not in answer["message"]
    short = body(rankd("keys", "paper", "--check", "--json", input=typed(lines[:6])))
    assert (short["reason"], short["metadata"]["found"]) == ("KEY_SHEET_SHORT", "6")
    assert reason(rankd("keys", "paper", "--check", "--json", input="")) == "KEY_SHEET_SHORT"


def test_a_scanner_may_type_the_whole_sheet_in_one_line() -> None:
    told = body(rankd("keys", "paper", "--json"))
    checked = rankd("keys", "paper", "--check", "--json", input=" ".join(told["lines"]) + "\n")
    assert body(checked)["public"] == told["public"]


def test_a_sheet_is_not_written_into_a_file(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from rankd.edge.cli.main import main; main(['keys', 'paper', '--lang', 'en'])"]
    with (tmp_path / "sheet").open("wb") as file:
        done = subprocess.run(command, stdout=file, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "would be written into a file" in done.stderr
    assert (tmp_path / "sheet").read_bytes() == b""


@pytest.fixture(scope="module")
def coop(tmp_path_factory: pytest.TempPathFactory) -> Cooperative:
    return found(tmp_path_factory.mktemp("coop") / "home")


def test_a_key_on_paper_is_registered(coop: Cooperative, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    told = body(rankd("keys", "paper", "--json"))
    record = ("--record", coop.home / "record", "--genesis", coop.home / "genesis", *coop.at)
    out = tmp_path / "r.json"
    result = rankd("member", "register", "--paper", *record, "--out", out, input=typed(told["lines"]))
    assert result.exit_code == 0, result.output
    signed = open_entry(out.read_bytes().removesuffix(b"\n"))
    assert isinstance(signed.payload, Registration)
    assert signed.key.hex() == told["public"]
    assert told["member"] in result.stderr
    assert list(tmp_path.iterdir()) == [out]


def test_a_key_typed_on_a_terminal_is_not_shown_and_a_wrong_line_is_asked_again() -> None:
    told = body(rankd("keys", "paper", "--json"))
    lines: list[str] = told["lines"]
    wrong = lines[2][:-1] + ("A" if lines[2][-1] != "A" else "B")
    command = [
        sys.executable,
        "-c",
        "from rankd.edge.cli.main import main; main(['keys', 'paper', '--check', '--lang', 'en'])",
    ]
    terminal = Terminal(command)
    terminal.wait_for("Line 1 of 9: ")
    # The first lines come at once, as a scanner types them.
    terminal.type(typed([lines[0], lines[1], wrong]))
    terminal.wait_for("type it again.", "Line 3 of 9: ")
    terminal.type(typed(lines[2:]))
    terminal.wait_for(told["public"])
    assert terminal.close() == 0
    seen = terminal.seen
    assert "Line 3 of the key, of 9, is not right." in seen
    assert all(line[:4] not in seen and line[5:] not in seen for line in [*lines, wrong])
