from pathlib import Path

import pytest

from rankd.core.errors import ModelError
from rankd.core.exact.canonical import canonical_json, parse_canonical
from rankd.forest.manifest import Manifest
from rankd.usecases.learn.refusal import LearnError
from rankd.usecases.learn.sealing import sealed_files
from rankd.usecases.learn.sources import Kind
from rankd.usecases.learn.working_folder import read_working_folder, write_working_folder
from rankd.usecases.learn.workshop import Order, train_folder

PLAN = """schema: rankd.plan/1
heads:
  click: {rounds: 10, leaves: 6, rows_per_leaf: 20, rate: 10%, ridge: 1}
  long_view: {rounds: 4, leaves: 4, rows_per_leaf: 20, rate: 10%, ridge: 1}
  repost: {rounds: 5, leaves: 3, rows_per_leaf: 60, rate: 10%, ridge: 1}
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, data_folder: Path, features_file: Path) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    (folder / "plan.yaml").write_text(PLAN, "utf-8")
    order = Order(
        Kind.KUAIRAND, data_folder, features_file, "video", folder / "work", plan=folder / "plan.yaml", resamples=10
    )
    train_folder(order)
    return folder / "work"


@pytest.fixture
def folder(tmp_path: Path, trained: Path) -> Path:
    copied = tmp_path / "work"
    copied.mkdir()
    for file in trained.iterdir():
        (copied / file.name).write_bytes(file.read_bytes())
    return copied


def _sealed(folder: Path) -> Manifest:
    return sealed_files(read_working_folder(folder))[0].manifest


def test_sealing_the_same_folder_twice_gives_the_same_bytes(folder: Path, features_file: Path) -> None:
    first, second = (sealed_files(read_working_folder(folder))[1] for _ in range(2))
    assert first == second
    assert {"AUC.svg", "FEATURES.yaml", "LICENSE", "MODEL_CARD.md", "NDCG.svg", "RELIABILITY.svg"} <= set(first)
    assert first["FEATURES.yaml"] == features_file.read_bytes()


def test_the_sealed_model_declares_its_features(folder: Path) -> None:
    model, _ = sealed_files(read_working_folder(folder))
    assert model.declaration is not None
    assert model.declaration.columns == model.manifest.features


def test_the_manifest_carries_tables_silence_and_the_record(folder: Path) -> None:
    manifest, working = _sealed(folder), read_working_folder(folder)
    heads = {head.signal.objective: head for head in manifest.heads}
    table, wanted = heads["click"].signal.calibration, working.heads[0].signal.calibration
    assert table is not None
    assert wanted is not None
    assert (table.margins.tolist(), table.ppb.tolist()) == (wanted.margins.tolist(), wanted.ppb.tolist())
    assert heads["repost"].silent_reason == "TOO_FEW_POSITIVES"
    assert manifest.training["split"]["judgement"] == ["2022-05-03", "2022-05-04"]
    assert manifest.training["split"]["time_zone"] == "Asia/Shanghai"


def test_the_card_speaks_both_languages_attributes_the_data_and_says_who_is_silent(folder: Path) -> None:
    card = sealed_files(read_working_folder(folder))[1]["MODEL_CARD.md"].decode("utf-8")
    for words in ("Gao et al.", "CC BY-SA 4.0", "trop peu de cas positifs", "too few positives", "rankd model train"):
        assert words in card
    french, english = card.split("\n\n---\n\n")
    assert french.startswith("# Modèle")
    assert english.startswith("# The")
    assert french.count("\n## ") == english.count("\n## ") == 8
    for half in (french, english):
        for name in ("viewer_topic_like_rate", "| click |", "| repost |", "(RELIABILITY.svg)", "NDCG@10"):
            assert name in half
    assert "demande assemblée sur de vraies publications" in french
    assert "these are no real slates" in english


def test_a_folder_that_exists_is_left_alone(folder: Path) -> None:
    before = (folder / "training.json").read_bytes()
    with pytest.raises(LearnError) as caught:
        write_working_folder(folder, "video", (), {}, b"", b"")
    assert caught.value.reason == "WORKING_FOLDER_EXISTS"
    assert (folder / "training.json").read_bytes() == before


def test_a_folder_is_replaced_where_that_is_asked(folder: Path) -> None:
    (folder / "stray.txt").write_text("left over", "utf-8")
    working = read_working_folder(folder)
    write_working_folder(folder, "video", (), working.record, working.features, b"other licence", replace=True)
    assert read_working_folder(folder).license == b"other licence"
    assert not (folder / "stray.txt").exists()


@pytest.mark.parametrize("name", ["training.json", "click.txt", "LICENSE", "FEATURES.yaml"])
def test_a_folder_that_misses_a_file_is_refused(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(LearnError) as caught:
        read_working_folder(folder)
    assert caught.value.reason == "WORKING_FOLDER_UNREADABLE"
    assert name in caught.value.say("en")


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "rankd.training/1"},
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


def test_a_declaration_that_was_changed_after_training_is_refused_at_sealing(folder: Path) -> None:
    text = (folder / "FEATURES.yaml").read_text("utf-8")
    (folder / "FEATURES.yaml").write_text(text.replace("  item_shown:", "  item_seen:"), "utf-8")
    with pytest.raises(ModelError) as caught:
        _sealed(folder)
    assert caught.value.reason.startswith("MODEL_")


def test_without_a_licence_beside_the_data_nothing_is_trained(
    tmp_path: Path, data_folder: Path, features_file: Path
) -> None:
    for file in data_folder.glob("*.parquet"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    order = Order(Kind.KUAIRAND, tmp_path, features_file, "video", tmp_path / "work")
    with pytest.raises(LearnError) as caught:
        train_folder(order)
    assert (caught.value.reason, caught.value.metadata["file"]) == ("DATA_FILE_MISSING", "LICENSE")
    assert not order.out.exists()
