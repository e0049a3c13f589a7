import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from rankd.core.records.decision import Decision
from rankd.core.words.language import LANGUAGES, Language
from rankd.core.words.replay import VERDICTS
from rankd.core.words.verify import NOT_PROVEN, SAYINGS
from rankd.edge.cli.audit.replay import app
from rankd.store.evidence import DECISIONS, JournalEvidence
from rankd.usecases.audit.leaves import recorded_decisions
from tests.conftest import HOUSE_TIME_MS, LOG_SIGNER, House
from tests.evidence import Written, bundled

KEY = LOG_SIGNER.verifier.vkey


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Record six decisions."""
    house = House(tmp_path_factory.mktemp("house"))
    house.record(range(6))
    return house


@pytest.fixture(scope="module")
def decisions(house: House) -> list[Decision]:
    """Return them."""
    return [decision for _, decision in recorded_decisions(JournalEvidence(house.data, DECISIONS))]


@pytest.fixture
def write(house: House, tmp_path: Path) -> Callable[..., Path]:
    """Return what writes decisions into a journal, as they are."""

    def written(*decisions: Decision, erase: tuple[int, int] | None = None) -> Path:
        journal = Written(tmp_path / "written", decisions[0], archive=house.data / "archive")
        journal.epoch()
        for decision in decisions:
            journal.decide(nonce=decision.nonce, of=decision)
        if erase is not None:
            journal.erase(erase)
        return journal.close()

    return written


def run(path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [str(path), "--key", KEY, *arguments])


def alone(path: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Replay in another process, where no package beyond the base install can be imported."""
    code = (
        "import sys\n"
        "for name in ('grpc', 'google', 'lightgbm', 'sklearn', 'pyarrow', 'prometheus_client', 'redis'):\n"
        "    sys.modules[name] = None\n"
        "from rankd.edge.cli.audit.replay import app\n"
        "app()\n"
    )
    command = [sys.executable, "-c", code, str(path), "--key", KEY, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_another_process_with_the_base_install_alone_finds_a_bundle_identical(house: House, tmp_path: Path) -> None:
    done = alone(bundled(house.data, tmp_path / "b.tar"), "--json", "--lang", "en")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert list(found)[:4] == ["ok", "level", "count", "identical"]
    assert found == found | {
        "ok": True,
        "level": "model",
        "count": 6,
        "identical": 6,
        "differing": [],
        "erased": [],
        "missing": [],
        "unreadable": [],
        "faults": [],
        "counter_gaps": [],
        "counter_clashes": [],
        "nonces_checked": 6,
        "key_from_folder": False,
        "origin": "dev.test",
        "size": 8,
    }


def test_an_engine_that_is_not_installed_is_refused_in_words(house: House) -> None:
    done = alone(house.data, "--engine", "lightgbm", "--lang", "fr")
    assert (done.returncode, done.stdout) == (1, "")
    assert "pip install" in done.stderr


@pytest.mark.parametrize("language", LANGUAGES)
def test_people_are_told_how_many_were_identical_and_what_that_does_not_prove(house: House, language: Language) -> None:
    result = run(house.data, "--lang", language)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == VERDICTS["all_identical"].say(language, count="6", s="s")
    assert SAYINGS["nonces"].say(language, count="6") in lines
    assert lines[-2:] == [NOT_PROVEN[name].say(language) for name in ("candidates", "discarded")]


def test_arithmetic_alone_says_so_in_the_verdict(house: House) -> None:
    result = run(house.data, "--level", "arithmetic", "--lang", "en")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[1] == VERDICTS["arithmetic"].en
    assert lines[-1] == NOT_PROVEN["margins"].en
    found: dict[str, Any] = json.loads(run(house.data, "--level", "arithmetic", "--json", "--lang", "en").stdout)
    assert (found["level"], found["not_proven"][-1]) == ("arithmetic", NOT_PROVEN["margins"].en)


def test_a_folder_that_is_not_there_is_a_mistake_of_usage(tmp_path: Path) -> None:
    assert run(tmp_path / "nowhere").exit_code == 2
    assert run(tmp_path, "--engine", "abacus").exit_code == 2
    assert run(tmp_path, "--level", "none").exit_code == 2


def test_a_folder_without_a_journal_is_refused_in_words_and_as_json(tmp_path: Path) -> None:
    assert run(tmp_path).exit_code == 1
    result = run(tmp_path, "--json")
    assert (result.exit_code, json.loads(result.stdout)["reason"]) == (1, "JOURNAL_CHECKPOINT_MISSING")


def test_a_journal_without_decisions_says_so(tmp_path: Path, decisions: list[Decision]) -> None:
    data = Written(tmp_path / "data", decisions[0]).close()
    result = run(data, "--lang", "fr")
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, VERDICTS["none"].fr)


def test_a_decision_that_differs_is_named_in_words_and_as_json(
    write: Callable[..., Path], decisions: list[Decision]
) -> None:
    old = decisions[1]
    data = write(decisions[0], replace(old, order=old.order[::-1]), decisions[2], erase=(3, 3))
    result = run(data, "--json", "--lang", "en")
    found = json.loads(result.stdout)
    assert (result.exit_code, found["ok"], found["count"], found["identical"]) == (1, False, 3, 1)
    (differing,) = found["differing"]
    assert (differing["decision_id"], differing["term"]) == ("dev.test/2", "order[1]")
    ids = set(old.request.candidates.ids)
    assert {differing["candidate_id"], differing["recorded"], differing["recomputed"]} <= ids
    (erased,) = found["erased"]
    assert (erased["decision_id"], erased["time_ms"], erased["reason_code"]) == (
        "dev.test/3",
        HOUSE_TIME_MS,
        "REQUEST",
    )
    assert set(erased) == {"decision_id", "time_ms", "reason_code", "reason", "signer"}
    lines = run(data, "--lang", "en").stdout.splitlines()
    assert lines[0] == "3 decisions: 1 identical to the last bit, 1 differing, 1 erased, 0 without a verdict."
    assert any(line.startswith("Decision dev.test/2: order[1] of candidate ") for line in lines)
    assert "Decisions erased by a signed order: 1 (REQUEST 1)." in lines
    french = run(data, "--lang", "fr").stdout.splitlines()
    assert french[0].startswith("3 décisions")
    assert french[0].endswith("1 identique au bit près, 1 différente, 1 effacée, 0 sans verdict.")
    assert len(french) == len(lines)


def test_files_that_are_missing_or_unreadable_are_told_apart(
    write: Callable[..., Path], decisions: list[Decision]
) -> None:
    data = write(decisions[0])
    (policy,) = (data / "archive" / "policies").iterdir()
    policy.unlink()
    (click,) = (data / "archive" / "models").rglob("click.txt")
    click.write_bytes(click.read_bytes() + b"\n")
    found = json.loads(run(data, "--json").stdout)
    assert [(entry["subject"], entry["reason"]) for entry in found["missing"]] == [("policy", "ARCHIVE_MISSING")]
    assert [(entry["subject"], entry["reason"]) for entry in found["unreadable"]] == [("model", "MODEL_FILE_DIFFERS")]
    assert {entry["first_decision_id"] for entry in (*found["missing"], *found["unreadable"])} == {"dev.test/1"}
    lines = run(data, "--lang", "en").stdout.splitlines()
    assert sum("(Decisions concerned: 1, from dev.test/1 on.)" in line for line in lines) == 2


def test_what_an_altered_record_holds_cannot_steer_a_terminal(
    write: Callable[..., Path], decisions: list[Decision]
) -> None:
    old = decisions[0]
    ids = ("\x1b[2Jx\u202e", *old.request.candidates.ids[1:])
    request = replace(old.request, candidates=replace(old.request.candidates, ids=ids))
    result = run(write(replace(old, request=request, margins=old.margins + 1)), "--lang", "fr")
    assert result.exit_code == 1
    assert not {"\x1b", "\u202e"} & set(result.stdout)
