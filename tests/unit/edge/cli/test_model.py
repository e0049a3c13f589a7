import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rankd.edge.cli.model import app
from rankd.store.model_folder import read_model_folder

PROJECT = Path(__file__).resolve().parents[4]
VIDEO = PROJECT / "models" / "video"
DECLARED = PROJECT / "training" / "video" / "FEATURES.yaml"
NEEDED = ("--features", DECLARED, "--surface", "video")


def _run(*arguments: str | Path, code: int = 0) -> tuple[str, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result.stdout, result.stderr


def test_show_prints_digest_heads_and_features_in_the_language_asked_for() -> None:
    digest = read_model_folder(VIDEO).manifest.digest.hex()
    for language, words in (("fr", ("Objectif", "Caract", "muet")), ("en", ("Objective", "Positives", "Silent"))):
        out, _ = _run("show", VIDEO, "--lang", language)
        assert digest in out.replace("\n", "")
        assert words[0] in out
        for name in ("click", "hide", "duration_s"):
            assert name in out


def test_show_as_json_counts_positives_and_names_the_silent() -> None:
    shown = json.loads(_run("show", VIDEO, "--json")[0])
    heads = {head["objective"]: head for head in shown["heads"]}
    assert shown["ok"] is True
    assert list(heads) == ["click", "long_view", "like", "reply", "repost", "follow", "profile_visit", "hide"]
    assert heads["hide"]["positives"] == 105
    assert heads["hide"]["silent"] == "NO_BETTER_THAN_BASE_RATE"
    assert heads["click"]["silent"] is None


def test_show_refuses_a_model_with_an_altered_byte(tmp_path: Path) -> None:
    folder = tmp_path / "video"
    shutil.copytree(VIDEO, folder)
    card = (folder / "MODEL_CARD.md").read_bytes()
    (folder / "MODEL_CARD.md").write_bytes(card[:-2] + b"!\n")
    refused = json.loads(_run("show", folder, "--json", code=1)[0])
    assert (refused["ok"], refused["reason"], refused["metadata"]["file"]) == (
        False,
        "MODEL_FILE_DIFFERS",
        "MODEL_CARD.md",
    )


def test_train_says_which_file_is_missing_and_exits_2(tmp_path: Path) -> None:
    out, err = _run("train", *NEEDED, "--data", tmp_path, "--out", tmp_path / "work", "--lang", "fr", code=2)
    assert out == ""
    assert "LICENSE" in err
    assert "RANKD_DATA" in err
    assert not (tmp_path / "work").exists()


def test_train_refuses_a_folder_that_exists_before_it_reads_anything(tmp_path: Path) -> None:
    refused = json.loads(_run("train", *NEEDED, "--data", tmp_path, "--out", tmp_path, "--json", code=1)[0])
    assert refused["reason"] == "WORKING_FOLDER_EXISTS"


def test_seal_refuses_a_folder_without_a_record(tmp_path: Path) -> None:
    refused = json.loads(_run("seal", tmp_path, "--out", tmp_path / "model", "--json", code=1)[0])
    assert refused["reason"] == "WORKING_FOLDER_UNREADABLE"
    assert not (tmp_path / "model").exists()


def test_evaluate_wants_both_ends_of_a_span() -> None:
    _, err = _run("evaluate", VIDEO, "--days", "2022-05-03", code=2)
    assert "--days" in err


@pytest.mark.parametrize(("first", "last"), [("yesterday", "2022-05-03"), ("2022-05-04", "2022-05-03")])
def test_evaluate_refuses_days_that_are_none(first: str, last: str, tmp_path: Path) -> None:
    arguments = ("evaluate", VIDEO, "--data", tmp_path, "--days", first, last, "--json")
    assert json.loads(_run(*arguments, code=1)[0])["reason"] == "DATA_DAY_UNREADABLE"


def test_a_declaration_is_described_in_plain_words_in_the_language_asked_for() -> None:
    french, english = (_run("features", DECLARED, "--lang", language)[0] for language in ("fr", "en"))
    assert "item_scene_click_rate" in french
    assert "D’où vient" in french
    assert "Where the" in english
    assert "sha256:" in english


def test_a_declaration_as_json_says_entities_bytes_and_whose_behaviour_is_read() -> None:
    said = json.loads(_run("features", DECLARED, "--json")[0])
    by_name = {feature["name"]: feature for feature in said["features"]}
    assert said["entities"]["viewer_topic"] == ["viewer", "topic"]
    assert said["value_bytes"]["viewer_item"] == 4
    assert by_name["viewer_click_rate"]["profiling"] is True
    assert by_name["item_click_rate"]["en"] == "Share: clicks out of times shown, by the post, over 14 days."
    assert by_name["item_click_rate"]["fr"].endswith(", sur 14 jours.")


def test_a_declaration_that_is_none_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "FEATURES.yaml").write_text("schema: rankd.features/1\nentities: {}\nfeatures: {a: {}}\n", "utf-8")
    refused = json.loads(_run("features", tmp_path / "FEATURES.yaml", "--json", code=1)[0])
    assert refused["metadata"]["line"] == "3"


def test_zero_threads_are_a_usage_error(tmp_path: Path) -> None:
    _run("train", *NEEDED, "--out", tmp_path / "work", "--threads", "0", code=2)


def test_without_the_training_libraries_show_works_and_train_says_what_to_install() -> None:
    script = (
        "import sys\n"
        "for name in ('lightgbm', 'pyarrow', 'sklearn'):\n"
        "    sys.modules[name] = None\n"
        "from rankd.edge.cli.model import app\n"
        "app()\n"
    )
    shown = subprocess.run([sys.executable, "-c", script, "show", str(VIDEO), "--json"], capture_output=True)
    assert (shown.returncode, json.loads(shown.stdout)["surface"]) == (0, "video")
    command = [sys.executable, "-c", script, "train", *map(str, NEEDED), "--out", "nowhere", "--json"]
    trained = subprocess.run(command, capture_output=True)
    assert (trained.returncode, json.loads(trained.stdout)["reason"]) == (1, "TRAINING_NOT_INSTALLED")
