import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rankd.core.features.declaration import Declaration, Sent
from rankd.core.features.kinds import KINDS
from rankd.core.features.reader import read_declaration
from rankd.edge.cli.demo.failure import DemoError
from rankd.edge.cli.demo.feed import Stage, Visit, by_id, read_feed
from rankd.store.policy_folder import read_policy_file

PROJECT = Path(__file__).resolve().parents[5]
FEED = PROJECT / "examples" / "feed.json"


@pytest.fixture(scope="module")
def declaration() -> Declaration:
    return read_declaration((PROJECT / "training" / "video" / "FEATURES.yaml").read_bytes())


@pytest.fixture(scope="module")
def stage(declaration: Declaration) -> Stage:
    return read_feed(FEED, declaration)


@pytest.fixture
def raw() -> dict[str, Any]:
    feed: dict[str, Any] = json.loads(FEED.read_bytes())
    return feed


def visit(stage: Stage, viewer_id: str) -> Visit:
    return next(entry for entry in stage.visits if entry.viewer_id == viewer_id)


def changed(raw: dict[str, Any], folder: Path) -> Path:
    path = folder / "feed.json"
    path.write_text(json.dumps(raw), encoding="utf-8")
    return path


def test_the_screen_and_the_file_itself_say_that_all_of_it_is_invented(stage: Stage, raw: dict[str, Any]) -> None:
    for language, word in (("fr", "inventé"), ("en", "invented")):
        assert word in raw["notice"][language]
    assert raw["notice"]["fr"] in stage.notice.say("fr")
    assert raw["notice"]["en"] in stage.notice.say("en")


def test_sixty_videos_of_twenty_authors_are_named_once_and_completely(raw: dict[str, Any]) -> None:
    ids = [video["id"] for video in raw["videos"]]
    titles = [video["title"] for video in raw["videos"]]

    assert len(set(ids)) == len(set(titles)) == len(ids) == 60
    assert {video["author"] for video in raw["videos"]} == set(raw["authors"])
    assert len(raw["authors"]) == 20
    assert {video["source"] for video in raw["videos"]} == {"in_network", "out_of_network"}
    assert {video["topic"] for video in raw["videos"]} == set(raw["topics"])
    for video in raw["videos"]:
        assert video["topic"] in video["groups"]
        assert len(video["draw"]) == 4
        assert all(0 < percent < 100 for percent in video["draw"])


def test_what_people_name_exists(raw: dict[str, Any]) -> None:
    ids = {video["id"] for video in raw["videos"]}
    groups = {group for video in raw["videos"] for group in video["groups"]}
    for person in (*raw["viewers"], *raw["neighbours"]):
        assert set(person["tastes"]) <= {*raw["topics"], *raw["authors"]}
    for viewer in raw["viewers"]:
        assert set(viewer["offered"]) <= groups
        assert set(viewer["seen"]) <= ids
        assert set(viewer["muted_authors"]) | set(viewer["served"]) <= set(raw["authors"])


def test_requests_bring_the_columns_that_are_sent_and_none_that_rankd_keeps(
    stage: Stage, declaration: Declaration
) -> None:
    sent = {entry.feature.name for entry in declaration.features if isinstance(entry.reading, Sent)}
    required = {
        entry.feature.name
        for entry in declaration.features
        if isinstance(entry.reading, Sent) and entry.feature.default is None
    }
    nullable = {entry.feature.name for entry in declaration.features if entry.feature.nullable}
    for entry in (*stage.visits, *(lived.visit for lived in stage.past)):
        assert required <= set(entry.columns) <= sent
        for name, values in entry.columns.items():
            assert values.dtype == np.float32
            assert values.shape == (len(entry.videos),)
            assert name in nullable or np.isfinite(values).all()


def test_a_person_is_offered_the_videos_of_the_groups_named(stage: Stage, raw: dict[str, Any]) -> None:
    for viewer, entry in zip(raw["viewers"], stage.visits, strict=True):
        wanted = [video["id"] for video in raw["videos"] if set(video["groups"]) & set(viewer["offered"])]
        assert [video.id for video in entry.videos] == wanted


def test_a_columns_number_belongs_to_its_video(stage: Stage, raw: dict[str, Any]) -> None:
    entries = {entry["id"]: entry for entry in raw["videos"]}
    karim = visit(stage, "karim")
    for at, video in enumerate(karim.videos):
        entry = entries[video.id]
        assert karim.columns["topic"][at] == raw["topics"][entry["topic"]]
        assert karim.columns["duration_s"][at] == entry["duration_s"]
    bands = dict(zip(karim.columns["duration_s"].tolist(), karim.columns["duration_band"].tolist(), strict=True))
    assert [bands[seconds] for seconds in sorted(bands)] == sorted(bands.values())


def test_the_past_is_made_of_visits_and_of_what_people_then_did(stage: Stage, raw: dict[str, Any]) -> None:
    wanted = {person["id"]: person["visits"] for person in (*raw["viewers"], *raw["neighbours"]) if person["visits"]}
    found = [lived.visit.viewer_id for lived in stage.past]

    assert {id_: found.count(id_) for id_ in found} == wanted
    for lived in stage.past:
        videos = [video.id for video in lived.visit.videos]
        assert len(set(videos)) == 12
        assert [video for video, kind in lived.events if kind == "shown"] == videos
        assert {kind for _, kind in lived.events} <= set(KINDS)
        assert len(set(lived.events)) == len(lived.events)


def test_whoever_has_just_joined_has_no_past(stage: Stage) -> None:
    assert "aicha" not in {lived.visit.viewer_id for lived in stage.past}


def test_what_the_main_people_saw_before_is_not_on_offer_now(stage: Stage) -> None:
    main = {entry.viewer_id for entry in stage.visits}
    before = {video.id for lived in stage.past if lived.visit.viewer_id in main for video in lived.visit.videos}

    assert before.isdisjoint(video.id for entry in stage.visits for video in entry.videos)


def test_people_open_what_they_like_more_often(stage: Stage) -> None:
    music = {video.id for lived in stage.past for video in lived.visit.videos if "musique" in video.groups}

    def share(viewer_id: str) -> float:
        events = [event for lived in stage.past if lived.visit.viewer_id == viewer_id for event in lived.events]
        shown = sum(kind == "shown" and video in music for video, kind in events)
        return sum(kind == "click" and video in music for video, kind in events) / shown

    assert share("karim") > 0.7 > 0.4 > share("maude")


def test_the_same_past_is_read_every_time(stage: Stage, declaration: Declaration) -> None:
    again = read_feed(FEED, declaration)

    assert [lived.events for lived in again.past] == [lived.events for lived in stage.past]


def test_muting_an_author_mutes_all_of_the_authors_videos(stage: Stage) -> None:
    karim = visit(stage, "karim")
    videos = by_id(karim)

    assert {videos[id_].author_id for id_ in karim.muted} == {"rire"}
    assert len(karim.muted) == 3


def test_titles_with_braces_are_said_as_they_stand(
    raw: dict[str, Any], tmp_path: Path, declaration: Declaration
) -> None:
    raw["videos"][0]["title"] = "Les {braces} de Marie"
    read = read_feed(changed(raw, tmp_path), declaration)

    assert read.visits[0].videos[0].title.say("fr") == "Les {braces} de Marie"


@pytest.mark.parametrize("field", ["authors", "videos", "viewers", "neighbours", "topics", "uploads", "notice", "coop"])
def test_a_feed_without_one_of_its_parts_is_refused_by_name(
    raw: dict[str, Any], tmp_path: Path, declaration: Declaration, field: str
) -> None:
    del raw[field]

    with pytest.raises(DemoError) as caught:
        read_feed(changed(raw, tmp_path), declaration)
    assert field in caught.value.say("fr")


def test_an_absent_feed_is_a_clear_message(tmp_path: Path, declaration: Declaration) -> None:
    with pytest.raises(DemoError) as caught:
        read_feed(tmp_path / "feed.json", declaration)
    assert str(tmp_path / "feed.json") in caught.value.say("en")


def test_the_other_policy_would_replace_the_one_in_force() -> None:
    other = read_policy_file(PROJECT / "examples" / "other_policy.yaml")
    in_force = read_policy_file(PROJECT / "policies" / "video.yaml")

    assert other.base_digest == in_force.canon_digest
    assert other.rules == in_force.rules
    assert other.points != in_force.points
