"""`rankd viewer` and `rankd features` on the command line: files, standard input, refusals."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rankd.edge.cli import ordering
from rankd.edge.cli import viewer as command
from rankd.edge.cli.main import build
from rankd.store.erasure_inbox import ErasureInbox
from rankd.store.rebuild_request import RebuildRequest
from tests.kept import by_ids
from tests.people import HOUR_MS, Town


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    for name in ("RANKD_LANG", "LC_ALL", "LANG", "RANKD_FEATURES_URL"):
        monkeypatch.delenv(name, raising=False)
    made = Town(tmp_path)
    monkeypatch.setattr(ordering, "clock_ms", lambda: made.now_ms[0])
    with made.running() as running:
        made.live(running, rounds=1)
    return made


def test_an_export_goes_to_a_new_file_of_ones_own(town: Town) -> None:
    out = town.root / "zoe.json"
    result = town.rankd("viewer", "export", town.data, "zoé", "--json", "--out", out)
    assert (result.exit_code, result.stdout) == (0, "")
    assert out.stat().st_mode & 0o777 == 0o600
    assert json.loads(out.read_text(encoding="utf-8"))["viewer"] == "zoé"
    again = town.rankd("viewer", "export", town.data, "zoé", "--json", "--out", out)
    assert (again.exit_code, json.loads(again.stdout)["reason"]) == (1, "EXPORT_UNWRITABLE")


def test_an_id_cannot_write_a_line_of_its_own_into_an_export(town: Town) -> None:
    with town.running() as running:
        item = "p\u2028Events: 0\u202e"
        running.desk.ranker.rank(by_ids("unseen", "zoé", items=[item], time_ms=town.now_ms[0]))
        running.desk.journal.publish()
    said = town.rankd("viewer", "export", town.data, "zoé", "--lang", "en").stdout
    assert r"p\u2028Events: 0\u202e" in said
    assert not any(unseen in said for unseen in "\u2028\u202e")
    held = json.loads(town.rankd("viewer", "export", town.data, "zoé", "--json").stdout)
    assert held["decisions"][-1]["candidates"][0]["id"] == item


def test_the_id_can_come_from_standard_input(town: Town) -> None:
    words = ["viewer", "export", str(town.data), "-", "--json"]
    result = CliRunner().invoke(build("viewer"), words, input="zoé\n")
    assert json.loads(result.stdout)["viewer"] == "zoé"


def test_who_says_no_forgets_nobody(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "on_terminal", lambda: True)
    monkeypatch.setattr(command, "agreed", lambda *_: False)
    result = town.forget("zoé", *town.here)
    assert (result.exit_code, "Rien n’a été effacé" in result.stderr) == (1, True)
    assert ErasureInbox(town.data).waiting() == ()
    assert len(json.loads(town.rankd("viewer", "export", town.data, "zoé", "--json").stdout)["decisions"]) == 1


def test_a_wrong_key_orders_nothing(town: Town) -> None:
    result = town.forget("zoé", *town.here, key="log.key")
    assert (result.exit_code, json.loads(result.stdout)["reason"]) == (1, "KEY_KIND_DIFFERS")


def test_a_folder_without_journals_is_no_data_directory(town: Town) -> None:
    (town.root / "empty").mkdir()
    for name in ("export", "forget"):
        more = () if name == "export" else ("--key", town.root / "eraser.key", "--reason", "Because.")
        result = town.rankd("viewer", name, town.root / "empty", "zoé", "--json", *more)
        assert (result.exit_code == 0, "JOURNAL_CHECKPOINT_MISSING" in result.stdout) == (False, True)


def test_what_is_past_its_time_can_be_ordered_for_events_as_well(town: Town) -> None:
    town.now_ms[0] += 24 * HOUR_MS
    words = ("erase", town.data, "--due", "--key", town.root / "eraser.key", "--json", *town.here)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rankd.edge.cli.erase.clock_ms", lambda: town.now_ms[0])
        assert json.loads(town.rankd(*words).stdout)["orders"] == []
        (order,) = json.loads(town.rankd(*words, "--event-s", 86_400).stdout)["orders"]
    assert (order["state"], order["entry"]) == ("obeyed", 3)
    exported = json.loads(town.rankd("viewer", "export", town.data, "zoé", "--json").stdout)
    assert (len(exported["decisions"]), exported["events"], exported["not_found"]["erased_events"]) == (1, [], 3)
    refused = town.rankd("erase", town.data, "1", "--event-s", 5, "--key", town.root / "eraser.key", "--json")
    assert json.loads(refused.stdout)["reason"] == "ERASE_CONTRADICTION"


def test_counting_again_needs_a_place(town: Town) -> None:
    assert town.rankd("features", "rebuild").exit_code == 2
    assert town.rankd("features", "rebuild", town.data, "--config", "rankd.toml").exit_code == 2


def test_counts_are_made_again_where_the_configuration_says(town: Town) -> None:
    config = town.root / "rankd.toml"
    config.write_text('[folders]\ndata = "data"\n')
    RebuildRequest(town.data).put()
    result = town.rankd("features", "rebuild", "--config", config)
    said = result.stdout.replace("\u00a0", " ")
    assert (result.exit_code, said) == (0, "Comptes de « video » refaits : 3 entrées du journal des événements.\n")
    assert not RebuildRequest(town.data).is_waiting


def test_counts_that_are_not_there_are_left_to_the_next_start(town: Town) -> None:
    for path in (town.data / "features").glob("*.snapshot"):
        path.unlink()
    result = town.rankd("features", "rebuild", town.data, "--lang", "en")
    assert (result.exit_code, result.stdout.startswith("No counts")) == (0, True)
