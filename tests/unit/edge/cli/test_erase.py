"""An order is signed, checked, handed over, and obeyed by whoever holds the journal."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from rankd.core.exact.canonical import sha256
from rankd.core.records.erasure import open_erasure
from rankd.core.records.leaf import ErasureLeaf, Retention, decode_leaf
from rankd.edge.cli import erase as command
from rankd.edge.cli import ordering
from rankd.edge.cli.main import build
from rankd.store.epoch import EpochFolder
from rankd.store.erasure_inbox import ErasureInbox
from rankd.store.key_file import create_key
from rankd.usecases.erasing.erase import apply_inbox
from tests.journals import DAY_MS, ORIGIN, TIME_MS, Ledger

Run = Callable[..., Result]
WHY = ("--reason", "A viewer asked for it.")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Return a journal with decisions at 1 to 8, and the key files of its log and its eraser."""
    found = Ledger(tmp_path)
    found.epoch("first", [TIME_MS + number for number in range(8)])
    found.journal.publish()
    create_key(tmp_path / "log.key", "log", ORIGIN, None, draw=lambda _: sha256(b"log"))
    create_key(tmp_path / "eraser.key", "eraser", "Zoé", None, draw=lambda _: sha256(b"eraser"))
    yield found
    found.journal.close()


@pytest.fixture
def run(ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name in ("RANKD_LANG", "LC_ALL", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(ordering, "PATIENCE_S", 0.2)
    monkeypatch.setattr(ordering, "LOOK_S", 0.01)

    def invoke(*arguments: object, key: str = "eraser.key") -> Result:
        words = ["erase", str(ledger.data), *map(str, arguments), "--key", str(tmp_path / key)]
        return CliRunner().invoke(build("erase"), words)

    return invoke


@contextmanager
def served(ledger: Ledger, erasers: dict[str, bytes] | None = None) -> Iterator[None]:
    """Look into the inbox as a running service does."""
    stopped = threading.Event()

    def look() -> None:
        while not stopped.wait(0.01):
            inbox = ErasureInbox(ledger.data)
            apply_inbox(inbox, ledger.journal, ledger.viewers, ledger.erasers if erasers is None else erasers, TIME_MS)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def as_json(result: Result) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(result.stdout)
    return body


def reason_of(result: Result) -> str:
    return str(as_json(result)["reason"])


def test_a_stopped_services_journal_obeys_here(ledger: Ledger, run: Run, tmp_path: Path) -> None:
    ledger.journal.close()
    log_key = ("--log-key", tmp_path / "log.key")
    result = run("2", f"{ORIGIN}/4", "6-7", *WHY, *log_key)
    assert (result.exit_code, "entrée 9" in result.stdout) == (0, True)
    assert "4 décisions" in result.stderr
    assert "2, 4, 6-7" in result.stderr
    ledger.open()
    assert ledger.live() == [1, 3, 5, 8]
    leaf = decode_leaf(ledger.journal.leaf(9))
    assert isinstance(leaf, ErasureLeaf)
    erasure, _ = open_erasure(leaf.envelope, ledger.erasers)
    assert (erasure.decisions, erasure.reason_code, erasure.reason) == (((2, 2), (4, 4), (6, 7)), "REQUEST", WHY[1])
    assert ErasureInbox(ledger.data).waiting() == ()


def test_a_data_directory_with_its_own_log_key_obeys_without_being_told(
    ledger: Ledger, run: Run, tmp_path: Path
) -> None:
    ledger.journal.close()
    (ledger.data / "keys").mkdir()
    for name in ("log.key", "log.key.mark"):
        (tmp_path / name).rename(ledger.data / "keys" / name)
    body = as_json(run("3", *WHY, "--code", "COURT", "--json"))
    assert (body["ok"], body["decisions"], body["count"], body["already_erased"]) == (True, [[3, 3]], 1, 0)
    assert [(order["state"], order["entry"]) for order in body["orders"]] == [("obeyed", 9)]
    ledger.mark = ledger.data / "keys" / "log.key.mark"
    ledger.open()
    assert 3 not in ledger.live()


@pytest.mark.parametrize("with_log_key", [False, True])
def test_a_running_service_obeys(ledger: Ledger, run: Run, tmp_path: Path, *, with_log_key: bool) -> None:
    more = ("--log-key", tmp_path / "log.key") if with_log_key else ()
    with served(ledger):
        result = run("5", *WHY, *more)
    assert (result.exit_code, result.stdout) == (0, "Effacé par le service; l’ordre est dans le journal.\n")
    assert 5 not in ledger.live()


def test_where_nobody_obeys_the_order_waits(ledger: Ledger, run: Run) -> None:
    result = run("5", *WHY, "--lang", "en")
    assert result.exit_code == 0
    assert "as soon as it runs" in result.stdout
    assert 5 in ledger.live()
    apply_inbox(ErasureInbox(ledger.data), ledger.journal, ledger.viewers, ledger.erasers, TIME_MS)
    assert 5 not in ledger.live()


def test_what_a_service_refuses_is_said(ledger: Ledger, run: Run) -> None:
    with served(ledger, erasers={}):
        result = run("5", *WHY, "--json")
    assert (result.exit_code, as_json(result)["ok"]) == (1, False)
    assert as_json(result)["orders"][0]["state"] == "refused"


@pytest.mark.parametrize(
    ("arguments", "reason", "code"),
    [
        ((*WHY,), "ERASE_NOTHING", 1),
        (("1",), "ERASE_REASON", 1),
        (("1", "--reason", "x" * 501), "ERASE_REASON", 1),
        (("other.example/1", *WHY), "ERASE_NAME", 1),
        (("one", *WHY), "ERASE_NAME", 1),
        (("01", *WHY), "ERASE_NAME", 1),
        (("4-2", *WHY), "ERASE_NAME", 1),
        ((f"{ORIGIN}/", *WHY), "ERASE_NAME", 1),
        (("9", *WHY), "ERASE_NO_DECISION", 2),
        (("0", *WHY), "ERASE_NO_DECISION", 2),
        (("1-9", *WHY), "ERASE_NO_DECISION", 2),
        (("1-1000000000000000", *WHY), "ERASE_NO_DECISION", 2),
        (("1", "--due"), "ERASE_CONTRADICTION", 1),
        ((*WHY, "--due"), "ERASE_CONTRADICTION", 1),
    ],
)
def test_an_order_that_makes_no_sense_is_refused_and_not_laid_down(
    ledger: Ledger, run: Run, arguments: tuple[object, ...], reason: str, code: int
) -> None:
    result = run(*arguments, "--json")
    assert (reason_of(result), result.exit_code) == (reason, code)
    assert not (ledger.data / "erasures").exists()


def test_what_is_erased_already_is_said(ledger: Ledger, run: Run) -> None:
    ledger.journal.append(b"{}", erases=[(2, 4)])
    ledger.journal.publish()
    assert reason_of(run("2", "3-4", *WHY, "--json")) == "ALREADY_ERASED"
    assert not (ledger.data / "erasures").exists()
    result = run("2-5", *WHY, "--lang", "en")
    assert "1 decision of" in result.stderr
    assert "3 more among them" in result.stderr


def test_only_a_key_that_the_journal_names_may_erase(ledger: Ledger, run: Run, tmp_path: Path) -> None:
    create_key(tmp_path / "other.key", "eraser", "Ada", None)
    assert reason_of(run("1", *WHY, "--json", key="other.key")) == "ERASER_NOT_NAMED"
    assert reason_of(run("1", *WHY, "--json", key="log.key")) == "KEY_KIND_DIFFERS"
    assert reason_of(run("1", *WHY, "--json", key="absent.key")) == "KEY_FILE_ABSENT"
    # The last announcement counts.
    ledger.erasers = {}
    ledger.announce("second", TIME_MS + DAY_MS)
    ledger.journal.publish()
    assert reason_of(run("1", *WHY, "--json")) == "ERASER_NOT_NAMED"
    assert not (ledger.data / "erasures").exists()


def test_the_passphrase_of_the_log_key_is_tried_before_anything_is_ordered(
    ledger: Ledger, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_key(tmp_path / "sealed.key", "log", ORIGIN, "right", scrypt_n=1_024)
    monkeypatch.setenv("RANKD_LOG_PASSPHRASE", "wrong")
    result = run("1", *WHY, "--log-key", tmp_path / "sealed.key", "--json")
    assert (result.exit_code, reason_of(result)) == (1, "KEY_PASSPHRASE_WRONG")
    assert not (ledger.data / "erasures").exists()


def test_the_passphrase_of_the_eraser_comes_from_the_environment(
    ledger: Ledger, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = iter([sha256(b"eraser"), bytes(32)])
    create_key(tmp_path / "sealed.key", "eraser", "Zoé", "words", draw=lambda _: next(seeds), scrypt_n=1_024)
    assert reason_of(run("1", *WHY, "--json", key="sealed.key")) == "KEY_PASSPHRASE_UNASKED"
    monkeypatch.setenv("RANKD_ERASER_PASSPHRASE", "words")
    with served(ledger):
        assert run("1", *WHY, key="sealed.key").exit_code == 0
    assert 1 not in ledger.live()


def test_a_folder_without_a_journal_is_left_alone(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    words = ["erase", str(tmp_path / "empty"), "1", *WHY, "--key", str(tmp_path / "eraser.key"), "--json"]
    result = CliRunner().invoke(build("erase"), words)
    assert (result.exit_code != 0, reason_of(result)) == (True, "JOURNAL_CHECKPOINT_MISSING")
    assert list((tmp_path / "empty").iterdir()) == []


def test_due_orders_what_is_past_its_time_and_nothing_else(ledger: Ledger, run: Run) -> None:
    secret = EpochFolder(ledger.data).open()
    ledger.announce("second", TIME_MS + DAY_MS, Retention(4_000 * DAY_MS, 0, 4_000 * DAY_MS))
    ledger.decide("second", 0, TIME_MS + DAY_MS)
    ledger.announce("third", TIME_MS + DAY_MS)
    ledger.journal.publish()
    # In the years of these tests' times nothing is due yet.
    result = run("--due")
    assert (result.exit_code, result.stdout) == (0, "Rien n’a dépassé sa durée.\n")
    with pytest.MonkeyPatch.context() as patch, served(ledger):
        patch.setattr(command, "clock_ms", lambda: TIME_MS + 40 * DAY_MS)
        body = as_json(run("--due", "--json"))
    assert [order["state"] for order in body["orders"]] == ["obeyed"]
    assert ledger.live() == [10]
    assert EpochFolder(ledger.data).find_secret(secret.digest) == secret.secret


def test_a_person_at_a_terminal_is_asked(ledger: Ledger, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([False, True])
    monkeypatch.setattr(command, "agreed", lambda *_: next(answers))
    monkeypatch.setattr(command, "on_terminal", lambda: True)
    result = run("1", *WHY)
    assert (result.exit_code, "Rien n’a été effacé." in result.stderr) == (1, True)
    assert not (ledger.data / "erasures").exists()
    assert run("1", *WHY).exit_code == 0
    assert run("2", *WHY, "--yes").exit_code == 0
    assert len(ErasureInbox(ledger.data).waiting()) == 2
