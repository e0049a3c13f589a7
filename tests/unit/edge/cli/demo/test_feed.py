import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rankd.edge.cli.demo.failure import DemoError
from rankd.edge.cli.demo.feed import Prior, Stage, Visit, by_id, has_real_data, read_feed, smoothed
from rankd.store.model_folder import read_model_folder
from rankd.store.policy_folder import read_policy_file

PROJECT = Path(__file__).resolve().parents[5]
FEED = PROJECT / "examples" / "feed.json"


@pytest.fixture(scope="module")
def stage() -> Stage:
    return read_feed(FEED)


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
    for video in raw["videos"]:
        assert video["topic"] in video["groups"]
        assert video["shown"] >= video["opened"] >= video["watched_long"] > 0
        assert max(video["liked"], video["profile_visits"]) < video["opened"]


def test_what_viewers_name_exists(raw: dict[str, Any]) -> None:
    ids = {video["id"] for video in raw["videos"]}
    groups = {group for video in raw["videos"] for group in video["groups"]}
    topics = {video["topic"] for video in raw["videos"]}
    for viewer in raw["viewers"]:
        assert set(viewer["offered"]) <= groups
        assert set(viewer["topics"]) <= topics
        assert set(viewer["seen"]) | set(viewer["videos"]) <= ids
        assert set(viewer["authors"]) | set(viewer["muted_authors"]) | set(viewer["served"]) <= set(raw["authors"])


def test_every_column_is_one_that_the_model_reads_and_all_that_must_be_sent_are_there(stage: Stage) -> None:
    features = read_model_folder(PROJECT / "models" / "video").manifest.features
    names = {feature.name for feature in features}
    required = {feature.name for feature in features if feature.default is None}
    nullable = {feature.name for feature in features if feature.nullable}
    for entry in stage.visits:
        assert set(entry.columns) | set(entry.viewer_columns) <= names
        assert not set(entry.columns) & set(entry.viewer_columns)
        assert required <= set(entry.columns) | set(entry.viewer_columns)
        unknown = {name for name, value in entry.viewer_columns.items() if np.isnan(value)}
        assert unknown <= nullable
        for values in entry.columns.values():
            assert values.dtype == np.float32
            assert values.shape == (len(entry.videos),)
            assert np.isfinite(values).all()


def test_a_person_is_offered_the_videos_of_the_groups_named(stage: Stage, raw: dict[str, Any]) -> None:
    for viewer, entry in zip(raw["viewers"], stage.visits, strict=True):
        wanted = [video["id"] for video in raw["videos"] if set(video["groups"]) & set(viewer["offered"])]
        assert [video.id for video in entry.videos] == wanted


def test_rates_are_smoothed_as_the_features_are_defined(stage: Stage, raw: dict[str, Any]) -> None:
    aicha = visit(stage, "aicha")
    first = raw["videos"][0]
    at = [video.id for video in aicha.videos].index(first["id"])
    mine = [video for video in raw["videos"] if video["author"] == first["author"]]
    liked, opened = sum(video["liked"] for video in mine), sum(video["opened"] for video in mine)

    assert aicha.columns["item_click_rate"][at] == np.float32((first["opened"] + 10 * 0.4) / (first["shown"] + 10))
    assert aicha.columns["author_liked_share"][at] == np.float32((liked + 10 * 0.03) / (opened + 10))
    assert smoothed([0, 5, 90], [0, 10, 50], Prior(0.5, 10)).tolist() == [0.5, 0.5, 1.0]


def test_a_topic_that_somebody_watches_shows_in_that_persons_columns_only(stage: Stage) -> None:
    karim, aicha = visit(stage, "karim"), visit(stage, "aicha")
    music = [at for at, video in enumerate(karim.videos) if "musique" in video.groups]

    assert set(karim.columns["viewer_topic_watches"][music].tolist()) == {88.0}
    assert set(aicha.columns["viewer_topic_watches"].tolist()) == {0.0}


def test_muting_an_author_mutes_all_of_the_authors_videos(stage: Stage) -> None:
    karim = visit(stage, "karim")
    videos = by_id(karim)

    assert {videos[id_].author_id for id_ in karim.muted if id_ in videos} == {"rire"}
    assert len(karim.muted) == 3


def test_what_is_not_known_is_missing_and_not_zero(stage: Stage) -> None:
    aicha = visit(stage, "aicha")

    assert np.isnan(aicha.viewer_columns["viewer_watch_count"])
    assert "viewer_click_rate" not in aicha.viewer_columns


def test_titles_with_braces_are_said_as_they_stand(raw: dict[str, Any], tmp_path: Path) -> None:
    raw["videos"][0]["title"] = "Les {braces} de Marie"

    assert read_feed(changed(raw, tmp_path)).visits[0].videos[0].title.say("fr") == "Les {braces} de Marie"


@pytest.mark.parametrize("field", ["authors", "videos", "viewers", "notice", "coop"])
def test_a_feed_without_one_of_its_parts_is_refused_by_name(raw: dict[str, Any], tmp_path: Path, field: str) -> None:
    del raw[field]

    with pytest.raises(DemoError) as caught:
        read_feed(changed(raw, tmp_path))
    assert field in caught.value.say("fr")


def test_an_absent_feed_is_a_clear_message(tmp_path: Path) -> None:
    with pytest.raises(DemoError) as caught:
        read_feed(tmp_path / "feed.json")
    assert str(tmp_path / "feed.json") in caught.value.say("en")


def test_a_folder_without_impressions_holds_no_real_data(tmp_path: Path) -> None:
    assert not has_real_data(tmp_path)
    (tmp_path / "impressions.parquet").touch()
    assert has_real_data(tmp_path)


def test_the_other_policy_would_replace_the_one_in_force() -> None:
    other = read_policy_file(PROJECT / "examples" / "other_policy.yaml")
    in_force = read_policy_file(PROJECT / "policies" / "video.yaml")

    assert other.base_digest == in_force.canon_digest
    assert other.rules == in_force.rules
    assert other.points != in_force.points
