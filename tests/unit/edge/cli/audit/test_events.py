"""`rankd verify` and `rankd replay` on a data directory with events: what people read, and what scripts do."""

import json
from collections.abc import Callable
from pathlib import Path
from shutil import copytree, rmtree
from typing import Any

import pytest
from typer import Typer
from typer.testing import CliRunner

from rankd.core.records.decision import Decision
from rankd.core.words.language import LANGUAGES, Language
from rankd.core.words.verify_events import NOT_PROVEN, OPEN, SAYINGS, UNCHECKED, VERDICTS
from rankd.edge.cli.audit.replay import app as replay_app
from rankd.edge.cli.audit.verify import app as verify_app
from rankd.store.evidence import EVENTS
from tests.conftest import LOG_SIGNER, House
from tests.evidence import bundled
from tests.forged import erasure, events_in, forge, write_events
from tests.kept import KeptHouse, live
from tests.unit.usecases.audit.test_events import altered, featured

KEY = LOG_SIGNER.verifier.vkey


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for no service: none is at work."""
    monkeypatch.setattr("rankd.edge.cli.audit.evidence._PUBLICATION_S", 0.0)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    house = KeptHouse(tmp_path_factory.mktemp("house"))
    with house.desk() as desk:
        live(desk)
    return house.data


@pytest.fixture
def lying(data: Path, tmp_path: Path) -> Path:
    """Return the journals of an operator who altered one column of one decision."""
    target = featured(data)[7]

    def lie(index: int, decision: Decision) -> Decision:
        return altered(decision, "author_shown_day", 0, 0.875) if index == target else decision

    return forge(data, tmp_path / "lying", lie)


def run(app: Typer, path: Path, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(path), "--key", KEY, *arguments])
    return result.exit_code, result.stdout


def document(app: Typer, path: Path, *arguments: str) -> tuple[int, Any]:
    code, said = run(app, path, "--json", "--lang", "en", *arguments)
    return code, json.loads(said)


@pytest.mark.parametrize("app", [verify_app, replay_app], ids=["verify", "replay"])
def test_the_verdict_says_of_how_many_decisions_the_features_were_worked_out_again(app: Typer, data: Path) -> None:
    code, said = run(app, data, "--lang", "en")
    lines = said.splitlines()
    assert code == 0
    assert f"The journal of events {LOG_SIGNER.name}/events is sound and agrees with the decisions" in said
    assert "Features worked out again from events: those of 9 of 10 decisions, identical to the last bit." in lines
    assert "Worked out again in part only, and identical: those of 1 more." in lines
    assert UNCHECKED["unlinked"].say("en", count=1, s="") in lines
    assert lines[-2:] == [phrase.say("en") for phrase in NOT_PROVEN.values()]


@pytest.mark.parametrize("app", [verify_app, replay_app], ids=["verify", "replay"])
def test_an_altered_column_ends_with_1_and_is_named_with_both_numbers(app: Typer, lying: Path) -> None:
    code, said = run(app, lying, "--lang", "en")
    assert code == 1
    assert "column:author_shown_day of candidate p0: 0.875 in the record, " in said
    code, found = document(app, lying)
    assert (code, found["ok"], found["events"]["ok"], found["features"]["ok"]) == (1, False, True, False)
    assert found["features"]["differing"][0]["term"] == "column:author_shown_day"


def test_scripts_read_the_same_of_an_honest_journal(data: Path) -> None:
    code, found = document(verify_app, data)
    assert (code, found["ok"]) == (0, True)
    events, features = found["events"], found["features"]
    assert (events["ok"], events["size"], events["event_count"], events["faults"]) == (True, 6, 24, [])
    assert (features["decision_count"], features["checked_count"], features["open"]) == (10, 9, {"unlinked": 1})


@pytest.mark.parametrize("app", [verify_app, replay_app], ids=["verify", "replay"])
def test_a_bundle_claims_nothing_about_features(app: Typer, data: Path, tmp_path: Path) -> None:
    path = bundled(data, tmp_path / "b.tar")
    code, said = run(app, path, "--lang", "en")
    assert code == 0
    assert "worked out again" not in said
    assert said.splitlines()[-1] == UNCHECKED["bundle"].say("en", count=10, s="s")
    _, found = document(app, path)
    assert found["events"] is None
    assert found["features"] == {"ok": None, "decision_count": 10, "checked_count": 0, "open": {"bundle": 10}}


def test_where_nothing_is_worked_out_from_events_nothing_is_said_of_them(house: House, tmp_path: Path) -> None:
    house.record(range(3))
    code, said = run(verify_app, house.data)
    assert code == 0
    assert EVENTS not in said
    code, said = run(verify_app, bundled(house.data, tmp_path / "b.tar"))
    assert (code, UNCHECKED["bundle"].say("fr", count=0, s="") in said) == (0, False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_journal_of_events_is_named_in_either_language(
    data: Path, tmp_path: Path, language: Language
) -> None:
    copytree(data, tmp_path / "copy")
    rmtree(tmp_path / "copy" / EVENTS)
    code, said = run(verify_app, tmp_path / "copy", "--lang", language)
    assert code == 1
    words = {"fr": "Les valeurs de 10 décisions ont été tirées", "en": "The values of 10 decisions were worked out"}
    assert words[language] in said
    assert UNCHECKED["unreadable"].say(language, count=10, s="s") in said


def test_a_damaged_checkpoint_of_events_leaves_the_verdict_on_decisions(data: Path, tmp_path: Path) -> None:
    copytree(data, tmp_path / "copy")
    (tmp_path / "copy" / EVENTS / "public" / "checkpoint").write_text("nothing\n")
    code, found = document(verify_app, tmp_path / "copy")
    assert (code, found["ok"], found["faults"], found["body_count"]) == (1, False, [], 10)
    assert [fault["reason"] for fault in found["events"]["faults"]] == ["NOTE_MALFORMED"]


def test_an_earlier_checkpoint_of_events_is_compared_beside_one_of_decisions(data: Path, tmp_path: Path) -> None:
    earlier = forge(data, tmp_path / "earlier", events=lambda records: records[:0])
    notes = []
    for name in ("decisions", EVENTS):
        notes += ["--checkpoint", str(earlier / name / "public" / "checkpoint")]
    write_events(earlier, events_in(data))
    code, said = run(verify_app, earlier, "--lang", "en", *notes)
    assert code == 0
    assert said.count("the journal did go on from") == 2
    other = forge(data, tmp_path / "other", events=lambda records: records[:3])
    note = tmp_path / "note"
    note.write_bytes((earlier / EVENTS / "public" / "checkpoint").read_bytes())
    code, said = run(verify_app, other, "--lang", "en", "--checkpoint", str(note))
    assert code == 1
    assert "the journal that is shown does not continue that one" in said


def test_erased_entries_are_counted_with_the_reason_of_the_order(data: Path, tmp_path: Path) -> None:
    forge(data, tmp_path / "copy")
    write_events(tmp_path / "copy", [erasure((1, 2))])
    code, said = run(verify_app, tmp_path / "copy", "--lang", "en")
    assert code == 0
    assert SAYINGS["erased"].say("en", count=2, codes="REQUEST 2") in said
    assert UNCHECKED["erased"].say("en", count=8, s="s") in said


def test_a_body_of_events_that_is_missing_ends_with_1(data: Path, tmp_path: Path) -> None:
    forge(data, tmp_path / "copy")
    write_events(tmp_path / "copy", [erasure((1, 2), origin=LOG_SIGNER.name)])
    code, said = run(verify_app, tmp_path / "copy", "--lang", "en")
    assert code == 1
    assert SAYINGS["missing"].say("en", first=1, last=2) in said


def test_every_phrase_takes_the_same_fields_in_both_languages() -> None:
    fields: Callable[[str], set[str]] = lambda text: {part.partition("}")[0] for part in text.split("{")[1:]}  # noqa: E731
    for group in (VERDICTS, SAYINGS, UNCHECKED, OPEN, NOT_PROVEN):
        for name, phrase in group.items():
            # Plurals differ: their one-letter fields are each language's own.
            one, other = (set(filter(lambda word: len(word) > 1, fields(text))) for text in (phrase.fr, phrase.en))
            assert one == other, name
