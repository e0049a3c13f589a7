"""What is held about a person: all of it, of nobody else, and the same numbers that models read."""

import json
from pathlib import Path

import pytest

from rankd.core.errors import RequestError, ServiceError
from rankd.core.features.happened import Happened
from rankd.core.features.reader import read_declaration
from rankd.core.ranking.request import Mode
from rankd.edge.cli.viewer_words import export_lines
from rankd.usecases.privacy.counted import Counted, counted_of
from rankd.usecases.privacy.export import export_document
from rankd.usecases.privacy.holdings import Holdings, holdings_of
from rankd.usecases.serve.rank import Answer
from tests.conftest import HOUSE_TIME_MS
from tests.kept import by_ids
from tests.people import HOUR_MS, Town

DAY_MS = 24 * HOUR_MS
NOBODY = bytes(16)


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def held(town: Town, viewer_id: str = "zoé") -> Holdings:
    return holdings_of(town.data, viewer_id, town.now_ms[0])


def test_every_feed_and_event_of_a_person_is_found_and_none_of_anybody_else(town: Town) -> None:
    with town.running() as running:
        answers = town.live(running)
        holdings = held(town)
    mine = [answer.decision_id for answer in answers[::3]]
    assert [f"dev.test/{index}" for index, _ in holdings.decisions] == mine
    assert [f"dev.test/{record.decision}" for _, record in holdings.events] == mine
    document = export_document(holdings)
    assert document["viewer"] == "zoé"
    assert {event["event_id"].split("-")[0] for event in document["events"]} == {"zoé", ""}
    for answer, decision in zip(answers[::3], document["decisions"], strict=True):
        assert decision["decision_id"] == answer.decision_id
        places = {found["place"]: found["id"] for found in decision["candidates"] if found["place"]}
        assert [places[place] for place in sorted(places)] == shown(answer)
        assert len(decision["candidates"]) == 8
        recorded = answer.decided.decision.columns
        assert {name: data["values"] for name, data in decision["data"].items()} == {
            column.name: [None if value != value else float(str(value)) for value in column.values]
            for column in recorded
        }
    assert json.loads(json.dumps(document)) == document


def shown(answer: Answer) -> list[str]:
    ids = answer.decided.decision.request.candidates.ids
    return [ids[at] for at in answer.decided.ranking.shown]


def test_counts_are_those_that_a_request_reads_at_the_same_moment(town: Town) -> None:
    with town.running() as running:
        town.live(running)
        town.now_ms[0] += 11 * DAY_MS
        town.live(running, rounds=2)
        (counts,) = held(town).counts
        answer = town.ask(running, "zoé")
    candidates = answer.decided.decision.request.candidates
    read = {column.name: column.values for column in answer.decided.decision.columns}
    compared = 0
    for one in counts.counted:
        about = dict(one.about)
        if one.feature.name == "viewer_topic_share":
            # The topic that stands in for one that was not sent.
            assert about == {"topic": "0"}
            assert one.value == float(read[one.feature.name][0])
        else:
            at = candidates.author_ids.index(about["author"])
            assert one.value == float(read[one.feature.name][at])
        compared += 1
    assert compared == len(counts.counted) > 2
    assert {one.feature.name for one in counts.counted} == {
        "viewer_author_clicks",
        "viewer_topic_share",
        "viewer_author_hides",
    }


def test_what_depends_on_others_is_counted_and_has_no_value() -> None:
    text = """\
schema: rankd.features/1
entities:
  item: [item]
  viewer_item: [viewer, item]
features:
  item_rate:
    meaning: {fr: "Part", en: "Share"}
    unit: "0–1"
    default: "0.4"
    nullable: "no"
    profiling: "no"
    rate: {of: item, hits: click, trials: shown, within: 7d, prior: 40%, weight: 5}
  own_rate:
    meaning: {fr: "La sienne", en: "Their own"}
    unit: "0–1"
    default: "0.4"
    nullable: "no"
    profiling: "yes"
    rate: {of: viewer_item, hits: click, trials: shown, within: 7d, prior: item_rate, weight: 5}
"""
    happened = [Happened(kind, NOBODY, "p1", "", {}, HOUSE_TIME_MS) for kind in ("shown", "click", "shown")]
    declaration = read_declaration(text.encode())
    (one,) = counted_of(declaration, NOBODY, happened, HOUSE_TIME_MS)
    assert (one.feature.name, one.about, one.value) == ("own_rate", (("item", "p1"),), None)
    assert dict(one.counts) == {"click": 1.0, "shown": 2.0}
    # A week later nothing of it counts.
    assert list(counted_of(declaration, NOBODY, happened, HOUSE_TIME_MS + 8 * DAY_MS)) == []


def test_somebody_whom_nobody_knows_has_nothing_here(town: Town) -> None:
    with town.running() as running:
        town.live(running, rounds=1)
    holdings = held(town, "nobody")
    assert (holdings.decisions, holdings.events, holdings.counts) == ((), (), ())
    assert list(export_lines(holdings, "fr"))[2] == "Fils classés\u00a0: 0"


def test_feeds_of_a_period_whose_key_is_destroyed_are_not_found_and_that_is_said(town: Town) -> None:
    with town.running() as running:
        town.live(running, rounds=1)
        town.now_ms[0] += 31 * DAY_MS
        town.live(running, rounds=1)
        assert len(held(town).decisions) == 2
        running.desk.viewers.destroy(1)
        holdings = held(town)
    assert (len(holdings.decisions), len(holdings.events)) == (1, 2)
    assert export_document(holdings)["not_found"]["destroyed_periods"] == [1]
    (line,) = (line for line in export_lines(holdings, "en") if "periods" in line)
    assert "periods 1. Of these times nobody can tell" in line


def test_a_newest_first_feed_is_said_to_have_used_no_profile(town: Town) -> None:
    with town.running() as running:
        running.desk.ranker.rank(by_ids("r1", "zoé", mode=Mode.NEWEST_FIRST))
        running.desk.journal.publish()
        holdings = held(town)
    assert export_document(holdings)["decisions"][0]["mode"] == "NEWEST_FIRST"
    assert "  dans l’ordre du temps, sans profilage" in list(export_lines(holdings, "fr"))


def test_reading_changes_nothing_in_the_data_directory(town: Town) -> None:
    with town.running() as running:
        town.live(running, rounds=1)
    before = {path: path.read_bytes() for path in town.data.rglob("*") if path.is_file()}
    held(town)
    assert {path: path.read_bytes() for path in town.data.rglob("*") if path.is_file()} == before


def test_what_is_not_an_identifier_is_refused(town: Town) -> None:
    with town.running():
        pass
    with pytest.raises(RequestError):
        held(town, "")


def test_events_without_the_key_of_their_names_are_not_passed_over(town: Town) -> None:
    with town.running() as running:
        town.live(running, rounds=1)
    (town.data / "viewers" / "feature.key").unlink()
    with pytest.raises(ServiceError) as caught:
        held(town)
    assert caught.value.reason == "FEATURE_KEY_MISSING"


def test_a_journal_of_events_is_not_needed(town: Town) -> None:
    """A data directory from before there were any."""
    import shutil

    with town.running() as running:
        town.ask(running, "zoé")
    for name in ("events", "viewers"):
        shutil.rmtree(town.data / name)
    holdings = held(town)
    assert (len(holdings.decisions), holdings.events_reach.size) == (1, 0)


def test_every_kind_of_count_is_written_in_words(town: Town) -> None:
    with town.running() as running:
        town.live(running)
        holdings = held(town)
    lines = "\n".join(export_lines(holdings, "fr")).replace("\u00a0", " ")
    (counts,) = holdings.counts
    clicks: Counted = next(one for one in counts.counted if one.feature.name == "viewer_author_clicks")
    assert f"({clicks.feature.name}), auteur {dict(clicks.about)['author']} : vaut" in lines
    assert "clic (viewer_topic) 3, clic (viewer) 3" in lines
    assert "Clés de pseudonymes détruites" not in lines
