"""`rankd report`: exit codes, the file, and that no page is written of what cannot be verified."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from rankd.core.exact.canonical import digest_text, sha256
from rankd.core.log.note import COSIGNATURE, NoteSigner
from rankd.edge.cli.main import build
from tests.conftest import ERASER_KEY, HOUSE_ORIGIN, LOG_SIGNER, House
from tests.evidence import bundled

KEY = LOG_SIGNER.verifier.vkey


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Return a house with a few decisions."""
    house = House(tmp_path)
    house.record(range(3))
    return house


def run(*arguments: object) -> Result:
    return CliRunner().invoke(build("report"), ["report", *map(str, arguments)])


def test_the_page_of_a_sound_journal_is_written_and_the_same_page_again(house: House, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    first = run(house.data, "--key", KEY, "--out", out, "--lang", "fr")
    assert (first.exit_code, first.stdout) == (0, f"{out}\u00a0: la page est écrite.\n")
    page = out.read_bytes()
    assert page.startswith(b'<!DOCTYPE html>\n<html lang="fr">')
    second = run(bundled(house.data, tmp_path / "all.tar"), "--key", KEY, "--out", out, "--lang", "fr", "--json")
    said = json.loads(second.stdout)
    assert out.read_bytes() == page
    assert said == {"ok": True, "file": str(out), "digest": digest_text(sha256(page)), "key_from_folder": False}


def test_another_key_writes_no_page(house: House, tmp_path: Path) -> None:
    stranger = NoteSigner(HOUSE_ORIGIN, ERASER_KEY).verifier.vkey
    result = run(house.data, "--key", stranger, "--out", tmp_path / "report.html", "--lang", "en")
    assert result.exit_code == 1
    assert "No known key" in result.stderr
    assert not (tmp_path / "report.html").exists()


def test_a_file_of_witnesses_that_did_not_sign_writes_no_page(house: House, tmp_path: Path) -> None:
    witness = NoteSigner("witness.test", ERASER_KEY, COSIGNATURE).verifier
    policy, out = tmp_path / "witnesses.toml", tmp_path / "page.html"
    policy.write_text(
        f'quorum = 1\n[[witness]]\nname = "{witness.name}"\nvkey = "{witness.vkey}"\nurl = "https://w.test"\n'
    )
    result = run(house.data, "--out", out, "--key", KEY, "--witnesses", policy, "--json")
    assert (result.exit_code, json.loads(result.stdout)["reason"]) == (1, "CHECKPOINT_QUORUM")
    assert not out.exists()


def test_a_bundle_without_a_key_writes_no_page(house: House, tmp_path: Path) -> None:
    result = run(bundled(house.data, tmp_path / "all.tar"), "--out", tmp_path / "report.html")
    assert result.exit_code == 2
    assert not (tmp_path / "report.html").exists()


def test_a_journal_with_a_fault_has_a_page_and_exit_code_1(house: House, tmp_path: Path) -> None:
    for path in (house.data / "archive" / "limits").iterdir():
        path.unlink()
    out = tmp_path / "report.html"
    result = run(house.data, "--key", KEY, "--out", out, "--lang", "en")
    assert result.exit_code == 1
    assert "Something speaks against this journal" in result.stderr
    assert 'class="verdict bad"' in out.read_text()


def test_a_key_from_the_folder_is_warned_of(house: House, tmp_path: Path) -> None:
    result = run(house.data, "--out", tmp_path / "report.html", "--lang", "en")
    assert result.exit_code == 0
    assert "The key comes from the folder itself" in result.stderr


def test_a_folder_that_is_not_there_is_refused_before_the_replay(house: House, tmp_path: Path) -> None:
    result = run(house.data, "--key", KEY, "--out", tmp_path / "nowhere" / "report.html", "--lang", "en")
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr


def test_authors_are_named_when_asked_for(house: House, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    run(house.data, "--key", KEY, "--out", out, "--lang", "en")
    assert "The most shown authors" not in out.read_text()
    run(house.data, "--key", KEY, "--out", out, "--lang", "en", "--name-authors")
    assert "The most shown authors" in out.read_text()


def test_the_base_install_is_enough(house: House, tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "for name in ('grpc', 'google', 'lightgbm', 'sklearn', 'pyarrow', 'prometheus_client'):\n"
        "    sys.modules[name] = None\n"
        "from rankd.edge.cli.main import main\n"
        "main()\n"
    )
    out = tmp_path / "report.html"
    command = [sys.executable, "-c", code, "report", str(house.data), "--key", KEY, "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert out.exists()
