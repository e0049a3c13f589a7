"""`rankd replay`: exit codes, words and JSON, in a process of its own."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from rankd.core.errors import RecordError
from rankd.core.exact.canonical import digest_text, sha256
from rankd.core.records.counters import CounterClash, CounterGap
from rankd.core.records.decision import encode_decision
from rankd.core.records.recompute import Difference
from rankd.core.words.language import LANGUAGES, Language
from rankd.core.words.replay import SAYINGS
from rankd.edge.cli.replay import app, report_json, report_lines
from rankd.store.frames import FILE_HEADER, frame_head, log_path
from rankd.usecases.replay import Differing, Hindrance, ReplayReport
from tests.conftest import House

EPOCH = bytes(32)
GOOD = ReplayReport(1200, 1200, (), (), (), (), (), (), 0, None)
MISSING = Hindrance("policy", EPOCH, RecordError("ARCHIVE_MISSING", path="policies/x"), 3, "7")
DAMAGED = Hindrance("record", None, RecordError("RECORD_DAMAGED", file="f", offset=9, index=4), 1, "4")
BAD = ReplayReport(
    count=10,
    identical=5,
    differing=(Differing("2", Difference("post", "margin:click", "1", "2")),),
    erased=(),
    missing=(MISSING,),
    unreadable=(DAMAGED,),
    gaps=(CounterGap(EPOCH, "w0", 3, 4, pending=False), CounterGap(EPOCH, "w0", 8, 8, pending=True)),
    clashes=(CounterClash(EPOCH, "w0", 1),),
    nonce_count=6,
    torn=RecordError("RECORD_TORN", file="f", offset=90, size_bytes=7),
)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def alone(data_dir: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Replay in another process, where no package beyond the base install can be imported."""
    code = (
        "import sys\n"
        "for name in ('grpc', 'google', 'lightgbm', 'sklearn', 'pyarrow', 'prometheus_client'):\n"
        "    sys.modules[name] = None\n"
        "from rankd.edge.cli.replay import app\n"
        "app()\n"
    )
    command = [sys.executable, "-c", code, str(data_dir), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_another_process_with_the_base_install_alone_finds_recorded_decisions_identical(house: House) -> None:
    house.record(range(6))
    done = alone(house.data, "--json", "--lang", "en", "--origin", "dev.test")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {
        "ok": True,
        "count": 6,
        "identical": 6,
        "differing": [],
        "erased": [],
        "missing": [],
        "unreadable": [],
        "counter_gaps": [],
        "counter_clashes": [],
        "nonces_checked": 6,
        "torn": None,
    }


def test_another_process_reports_one_flipped_bit_and_one_altered_record(house: House) -> None:
    answers = house.record(range(4))
    decision = replace(answers[1].decision, caller="somebody else", order=answers[1].decision.order[::-1])
    data = FILE_HEADER
    for index, record in enumerate(encode_decision(d) for d in (answers[0].decision, decision, answers[2].decision)):
        data += frame_head(index, len(record), sha256(record)) + record
    log_path(house.data).write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    done = alone(house.data, "--json", "--lang", "en", "--origin", "dev.test", "--engine", "reference")
    found = json.loads(done.stdout)
    assert done.returncode == 1
    assert (found["ok"], found["count"], found["identical"]) == (False, 3, 1)
    ((differing),) = found["differing"]
    assert (differing["decision_id"], differing["term"]) == ("dev.test/1", "order[1]")
    assert {differing["candidate_id"], differing["recorded"], differing["recomputed"]} <= set(
        answers[1].decision.request.candidates.ids
    )
    ((unreadable),) = found["unreadable"]
    assert (unreadable["reason"], unreadable["first_decision_id"]) == ("RECORD_DAMAGED", "dev.test/2")


def test_an_engine_that_is_not_installed_is_refused_in_words(house: House) -> None:
    house.record([0])
    done = alone(house.data, "--engine", "lightgbm", "--lang", "fr")
    assert (done.returncode, done.stdout) == (1, "")
    assert "pip install" in done.stderr


@pytest.mark.parametrize("language", LANGUAGES)
def test_people_are_told_how_many_were_identical_and_what_that_does_not_prove(house: House, language: Language) -> None:
    house.record(range(3))
    result = run(str(house.data), "--lang", language)
    assert result.exit_code == 0
    first, nonces, last = result.stdout.splitlines()
    assert first.startswith("3 ")
    assert nonces == SAYINGS["nonces"].say(language, count="3")
    assert last == SAYINGS["not_proven"].say(language)


def test_a_folder_that_is_not_there_is_a_mistake_of_usage(tmp_path: Path) -> None:
    assert run(str(tmp_path / "nowhere")).exit_code == 2
    assert run(str(tmp_path), "--engine", "abacus").exit_code == 2


def test_a_folder_without_decisions_is_refused_in_words_and_as_json(tmp_path: Path) -> None:
    assert run(str(tmp_path)).exit_code == 1
    result = run(str(tmp_path), "--json")
    assert (result.exit_code, json.loads(result.stdout)["reason"]) == (1, "RECORDS_UNREADABLE")


def test_the_verdict_counts_as_each_language_does() -> None:
    assert next(report_lines(GOOD, "fr")) == "1\u00a0200 décisions rejouées\u00a0: identiques au bit près."
    assert next(report_lines(GOOD, "en")) == "1,200 decisions replayed: identical to the last bit."
    assert next(report_lines(replace(GOOD, count=1, identical=1), "fr")) == (
        "1 décision rejouée\u00a0: identique au bit près."
    )
    assert next(report_lines(replace(GOOD, count=0, identical=0), "fr")) == "Aucune décision n’est consignée ici."


def test_everything_that_was_found_is_said_in_both_languages() -> None:
    french, english = list(report_lines(BAD, "fr")), list(report_lines(BAD, "en"))
    assert english == [
        "10 decisions: 5 identical to the last bit, 1 differing, 4 without a verdict.",
        "Decision 2: margin:click of candidate post: 1 in the record, 2 when recomputed.",
        f"{MISSING.error.say('en')} (Decisions concerned: 3, from 7 on.)",
        DAMAGED.error.say("en"),
        "Counters 3 to 4 of w0 (epoch 000000000000…): no record holds them or declares them void. "
        "A decision may have been taken out, or stand in an unreadable record.",
        "Counters 8 to 8 of w0: missing; most likely those of the unreadable records.",
        "Counter 1 of w0 (epoch 000000000000…): it stands twice.",
        RecordError("RECORD_TORN", file="f", offset=90, size_bytes=7).say("en"),
        "Nonces drawn again from the epoch secrets: 6.",
        SAYINGS["not_proven"].en,
    ]
    assert len(french) == len(english)
    assert not set(french) & set(english)
    assert french[0] == "10 décisions\u00a0: 5 identiques au bit près, 1 différente, 4 sans verdict."


def test_json_holds_everything_that_was_found() -> None:
    found = report_json(BAD, "en")
    assert found["ok"] is False
    assert found["differing"] == [
        {"decision_id": "2", "candidate_id": "post", "term": "margin:click", "recorded": "1", "recomputed": "2"}
    ]
    assert found["missing"] == [
        {
            "subject": "policy",
            "digest": digest_text(EPOCH),
            "decision_count": 3,
            "first_decision_id": "7",
            "reason": "ARCHIVE_MISSING",
            "message": MISSING.error.say("en"),
        }
    ]
    assert found["unreadable"][0]["digest"] is None
    assert found["counter_gaps"][0] == {
        "epoch": digest_text(EPOCH),
        "worker": "w0",
        "first": 3,
        "last": 4,
        "pending": False,
    }
    assert found["counter_clashes"] == [{"epoch": digest_text(EPOCH), "worker": "w0", "counter": 1}]
    assert found["torn"] == RecordError("RECORD_TORN", file="f", offset=90, size_bytes=7).say("en")


def test_many_differences_are_cut_short_for_people_and_never_in_json() -> None:
    many = tuple(Differing(str(at), Difference("", "order", "1", "2")) for at in range(25))
    report = replace(GOOD, count=25, identical=0, differing=many)
    lines = list(report_lines(report, "en"))
    assert len(lines) == 1 + 20 + 1 + 1
    assert lines[21] == "… and 5 more; --json names them all."
    assert len(report_json(report, "en")["differing"]) == 25


def test_what_an_altered_record_holds_cannot_steer_a_terminal(house: House) -> None:
    (answer,) = house.record([0])
    candidates = replace(
        answer.decision.request.candidates, ids=("\x1b[2Jx", *answer.decision.request.candidates.ids[1:])
    )
    margins = answer.decision.margins + 1
    request = replace(answer.decision.request, candidates=candidates)
    record = encode_decision(replace(answer.decision, request=request, margins=margins, worker="\x1b[31m", counter=900))
    log_path(house.data).write_bytes(FILE_HEADER + frame_head(0, len(record), sha256(record)) + record)
    result = run(str(house.data), "--lang", "fr")
    assert result.exit_code == 1
    assert "�[31m" in result.stdout
    assert re.search(r"[\x00-\x09\x0b-\x1f]", result.stdout) is None
