from pathlib import Path

import pytest

from rankd.core.errors import ModelError
from rankd.core.exact.canonical import canonical_json, parse_canonical
from rankd.forest.manifest import Manifest
from rankd.usecases.learn.kuairand import History
from rankd.usecases.learn.learning import SPLIT, LearnedHead, learn
from rankd.usecases.learn.refusal import LearnError
from rankd.usecases.learn.sealing import sealed_files
from rankd.usecases.learn.training import HeadPlan
from rankd.usecases.learn.working_folder import (
    read_license,
    read_working_folder,
    training_record,
    write_working_folder,
)

PLANS = (
    HeadPlan("click", rounds=10, leaves=6, rows_per_leaf=20, rate_ppm=100_000, ridge=1),
    HeadPlan("repost", rounds=5, leaves=3, rows_per_leaf=60, rate_ppm=100_000, ridge=1),
)


@pytest.fixture(scope="module")
def learned(history: History) -> tuple[LearnedHead, ...]:
    return learn(history, plans=PLANS, resamples=20)


@pytest.fixture
def folder(tmp_path: Path, history: History, data_folder: Path, learned: tuple[LearnedHead, ...]) -> Path:
    path = tmp_path / "work"
    record = training_record(history, data_folder, SPLIT, learned, 20)
    write_working_folder(path, learned, record, read_license(data_folder))
    return path


def _sealed(folder: Path) -> Manifest:
    return sealed_files(read_working_folder(folder))[0].manifest


def test_sealing_the_same_folder_twice_gives_the_same_bytes(folder: Path) -> None:
    first, second = (sealed_files(read_working_folder(folder))[1] for _ in range(2))
    assert first == second
    assert sorted(first) == ["LICENSE", "MODEL_CARD.md", "click.txt", "manifest.json", "repost.txt"]


def test_the_manifest_carries_tables_silence_and_the_record(folder: Path, learned: tuple[LearnedHead, ...]) -> None:
    manifest = _sealed(folder)
    table, wanted = manifest.heads[0].signal.calibration, learned[0].signal.calibration
    assert table is not None
    assert wanted is not None
    assert (table.margins.tolist(), table.ppb.tolist()) == (wanted.margins.tolist(), wanted.ppb.tolist())
    assert [head.silent_reason for head in manifest.heads] == [None, "TOO_FEW_POSITIVES"]
    assert manifest.training["split"]["judgement"] == ["2022-05-03", "2022-05-04"]
    assert manifest.training["heads"]["click"]["positives"] == learned[0].positives


def test_the_card_speaks_both_languages_attributes_the_data_and_says_who_is_silent(folder: Path) -> None:
    card = sealed_files(read_working_folder(folder))[1]["MODEL_CARD.md"].decode("utf-8")
    for words in ("Gao et al.", "CC BY-SA 4.0", "trop peu de cas positifs", "too few positives", "rankd model train"):
        assert words in card
    french, english = card.split("\n\n---\n\n")
    assert french.startswith("# Modèle")
    assert english.startswith("# The")
    assert french.count("\n## ") == english.count("\n## ") == 7
    for half in (french, english):
        for name in ("viewer_topic_liked_share", "| click |", "| repost |"):
            assert name in half


def test_a_folder_that_exists_is_left_alone(folder: Path, learned: tuple[LearnedHead, ...]) -> None:
    before = (folder / "training.json").read_bytes()
    with pytest.raises(LearnError) as caught:
        write_working_folder(folder, learned, {}, b"")
    assert caught.value.reason == "WORKING_FOLDER_EXISTS"
    assert (folder / "training.json").read_bytes() == before


def test_a_folder_is_replaced_where_that_is_asked(
    folder: Path, learned: tuple[LearnedHead, ...], history: History, data_folder: Path
) -> None:
    (folder / "stray.txt").write_text("left over", "utf-8")
    record = training_record(history, data_folder, SPLIT, learned, 20)
    write_working_folder(folder, learned, record, b"other licence", replace=True)
    assert read_working_folder(folder).license == b"other licence"
    assert not (folder / "stray.txt").exists()


@pytest.mark.parametrize("name", ["training.json", "click.txt", "LICENSE"])
def test_a_folder_that_misses_a_file_is_refused(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(LearnError) as caught:
        read_working_folder(folder)
    assert caught.value.reason == "WORKING_FOLDER_UNREADABLE"
    assert name in caught.value.say("en")


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "rankd.training/2"},
        {"surface": "timeline"},
        {"heads": [{"objective": "click"}]},
        {"heads": [{"objective": "click", "base_rate_ppb": 5, "calibration": [[2, 1], [1, 1]], "silent": None}]},
        {"heads": 5},
    ],
)
def test_a_record_that_says_something_else_is_refused(folder: Path, change: dict[str, object]) -> None:
    body = parse_canonical((folder / "training.json").read_bytes())
    (folder / "training.json").write_bytes(canonical_json(body | change))
    with pytest.raises(LearnError) as caught:
        read_working_folder(folder)
    assert caught.value.reason == "WORKING_FOLDER_UNREADABLE"


def test_a_tree_that_was_tampered_with_is_refused_at_sealing(folder: Path) -> None:
    text = (folder / "click.txt").read_text("utf-8")
    (folder / "click.txt").write_text(text.replace("objective=binary", "objective=regression"), "utf-8")
    with pytest.raises(ModelError) as caught:
        _sealed(folder)
    assert caught.value.reason == "MODEL_OBJECTIVE_NOT_BINARY"


def test_without_a_licence_beside_the_data_nothing_is_trained(tmp_path: Path) -> None:
    with pytest.raises(LearnError) as caught:
        read_license(tmp_path)
    assert (caught.value.reason, caught.value.metadata["file"]) == ("DATA_FILE_MISSING", "LICENSE")
