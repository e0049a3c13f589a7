import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from rankd.core.assembly.describe import describe_constitution
from rankd.core.exact.canonical import digest_text, sha256
from rankd.core.objectives import OBJECTIVES
from rankd.core.policy.reader import read_limits, read_policy
from rankd.core.ranking.signal import HeadSignal
from rankd.edge.cli import policy as command
from rankd.edge.cli.policy import app
from tests.constitutions import constitution_of, constitution_text

POLICIES = Path(__file__).parents[4] / "policies"
VIDEO, TIMELINE, LIMITS = (POLICIES / f"{name}.yaml" for name in ("video", "examples/timeline", "limits"))

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    for name in ("RANKD_LANG", "LC_ALL", "LANG"):
        monkeypatch.delenv(name, raising=False)

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return invoke


def changed(tmp_path: Path, old: str, new: str, source: Path = VIDEO) -> Path:
    text = source.read_text()
    assert old in text
    path = tmp_path / source.name
    path.write_text(text.replace(old, new))
    return path


def as_json(result: Result) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(result.stdout)
    return body


def test_a_sound_policy_is_checked_against_the_limits_beside_it(run: Run) -> None:
    result = run("check", VIDEO)
    assert result.exit_code == 0
    assert "politique en règle pour la surface «\u00a0video\u00a0»" in result.stdout
    assert str(LIMITS) in result.stderr
    body = as_json(run("check", VIDEO, "--json"))
    assert (body["ok"], body["surface"], body["limits"], body["silent"]) == (True, "video", str(LIMITS), [])
    assert body["file_digest"] == digest_text(sha256(VIDEO.read_bytes()))


def test_an_example_finds_the_limits_one_folder_up(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert as_json(run("check", TIMELINE, "--json"))["limits"] == str(LIMITS)
    monkeypatch.chdir(TIMELINE.parent)
    assert as_json(run("check", TIMELINE.name, "--json"))["limits"] == str(LIMITS)


def test_limits_can_be_checked_too(run: Run) -> None:
    result = run("check", LIMITS, "--json")
    assert result.exit_code == 0
    assert as_json(result)["kind"] == "limits"
    assert as_json(result)["canon_digest"] == digest_text(read_limits(LIMITS.read_bytes()).canon_digest)


@pytest.mark.parametrize("command", ["check", "describe"])
def test_of_an_unfilled_template_the_lines_that_are_left_are_told(run: Run, command: str) -> None:
    result = run(command, POLICIES / "constitution.fr.yaml", "--lang", "fr")
    assert result.exit_code == 1
    assert "il reste des lignes à remplir" in result.stderr
    for mark in ("origin: ORIGIN", "log_key: LOG_KEY", "secretaries: SECRETARIES", "keys: GUARDIANS", "needed: NEEDED"):
        assert f"({mark})" in result.stderr
    assert as_json(run(command, POLICIES / "constitution.en.yaml", "--json"))["reason"] == "CONSTITUTION_UNFILLED"


def test_what_is_wrong_with_a_template_is_told_before_it_is_filled(run: Run, tmp_path: Path) -> None:
    path = changed(tmp_path, "    voting: 14d", "    voting: 1h", POLICIES / "constitution.en.yaml")
    assert as_json(run("check", path, "--json"))["reason"] == "CONSTITUTION_BOUND"


def test_a_constitution_can_be_checked_and_is_said_to_be_one(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "constitution.yaml"
    path.write_text(constitution_text())
    result = run("check", path)
    assert result.exit_code == 0
    assert "constitution en règle, n°\u00a01 de la coopérative «\u00a0coop.example/fil\u00a0»" in result.stdout
    body = as_json(run("check", path, "--json"))
    assert (body["kind"], body["number"], body["origin"]) == ("constitution", 1, "coop.example/fil")
    assert body["canon_digest"] == digest_text(constitution_of().canon_digest)
    path.write_text(constitution_text(("voting: 7d", "voting: 1d")))
    assert as_json(run("check", path, "--json"))["reason"] == "CONSTITUTION_BOUND"


def test_a_policy_is_checked_against_the_limits_of_a_constitution(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "constitution.yaml"
    path.write_text(constitution_text())
    assert run("check", VIDEO, "--limits", path).exit_code == 0
    tight = ("long_view: {sign: reward, min: 0, max: 600}", "long_view: {sign: reward, min: 0, max: 299}")
    path.write_text(constitution_text(tight))
    assert as_json(run("check", VIDEO, "--limits", path, "--json"))["reason"] == "POINTS_OUTSIDE_LIMITS"


def test_a_constitution_is_described(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "constitution.yaml"
    path.write_text(constitution_text())
    result = run("describe", path, "--lang", "en")
    assert (result.exit_code, result.stdout) == (0, describe_constitution(constitution_of(), "en"))
    assert as_json(run("describe", path, "--json"))["description"] == describe_constitution(constitution_of(), "fr")


def test_a_text_for_a_points_vote_is_checked_as_one(run: Run, tmp_path: Path) -> None:
    text = VIDEO.read_text()
    path = tmp_path / "video.yaml"
    start, end = text.index("points:\n"), text.index("\n# Les règles")
    path.write_text(text[:start] + "points: vote\n" + text[end:])
    result = run("check", path, "--json")
    assert result.exit_code == 0
    assert (as_json(result)["kind"], as_json(result)["surface"]) == ("template", "video")
    path.write_text(text[:start] + "points: vote # soon\n" + text[end:])
    assert as_json(run("check", path, "--json"))["reason"] == "POINTS_NOT_LEFT_TO_VOTE"


def test_a_refused_text_exits_1_with_words_on_stderr_and_nothing_on_stdout(run: Run, tmp_path: Path) -> None:
    path = changed(tmp_path, "surface: video", "surface: no")
    result = run("check", path, "--lang", "en")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"{path}, line 7, column 10: “no” without quotes")


def test_a_refused_text_is_json_where_json_was_asked_for(run: Run, tmp_path: Path) -> None:
    path = changed(tmp_path, "click: 150", "click: 151")
    result = run("check", path, "--json")
    assert result.exit_code == 1
    body = as_json(result)
    assert (body["ok"], body["reason"], body["metadata"]["difference"]) == (False, "POINTS_TOO_MANY", "1")
    assert "Il faut en retirer 1." in body["message"]


def test_points_outside_the_limits_named_are_refused(run: Run, tmp_path: Path) -> None:
    tight = changed(
        tmp_path, "long_view: {sign: reward, min: 0, max: 600}", "long_view: {sign: reward, min: 0, max: 299}", LIMITS
    )
    result = run("check", VIDEO, "--limits", tight, "--json")
    assert result.exit_code == 1
    assert as_json(result)["reason"] == "POINTS_OUTSIDE_LIMITS"


def test_without_limits_only_the_text_is_checked_and_that_is_said(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "alone"
    folder.mkdir()
    path = shutil.copy(VIDEO, folder)
    result = run("check", path)
    assert result.exit_code == 0
    assert "seul le texte a été vérifié" in result.stderr
    assert run("check", path, "--model", tmp_path).exit_code == 2


@pytest.mark.parametrize(
    "arguments", [("check", "absent.yaml"), ("check",), ("rank", "x"), ("check", VIDEO, "--lang", "de")]
)
def test_what_is_not_there_is_a_usage_error(run: Run, arguments: tuple[object, ...]) -> None:
    assert run(*arguments).exit_code == 2


def model(surface: str, *heads: HeadSignal) -> SimpleNamespace:
    manifest = SimpleNamespace(surface=surface, heads=tuple(SimpleNamespace(signal=head) for head in heads))
    return SimpleNamespace(manifest=manifest)


@pytest.mark.parametrize(("surface", "reason"), [("video", "HEAD_MISSING"), ("timeline", "MODEL_SURFACE")])
def test_a_model_that_does_not_go_with_the_policy_is_refused(
    surface: str, reason: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "read_model_folder", lambda _: model(surface))
    result = run("check", VIDEO, "--model", "somewhere", "--json")
    assert (result.exit_code, as_json(result)["reason"]) == (1, reason)


def test_silent_heads_with_points_are_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    heads = [HeadSignal(objective, 1_000, None) for objective in OBJECTIVES]
    monkeypatch.setattr(command, "read_model_folder", lambda _: model("video", *heads))
    body = as_json(run("check", VIDEO, "--model", "somewhere", "--json"))
    assert body["silent"] == list(OBJECTIVES[:-1])
    assert "les masquages." in run("check", VIDEO, "--model", "somewhere").stderr
    assert "Not enough data" in run("describe", VIDEO, "--model", "somewhere", "--lang", "en").stdout


def test_show_prints_the_canonical_form_and_both_digests(run: Run) -> None:
    policy = read_policy(VIDEO.read_bytes())
    body = as_json(run("show", VIDEO, "--json"))
    assert body["policy"] == json.loads(policy.canonical)
    text = run("show", VIDEO).stdout
    assert '"half_life_ms": 1209600000' in text
    assert digest_text(policy.canon_digest) in text


def test_digest_prints_what_ballots_bind(run: Run) -> None:
    policy = read_policy(VIDEO.read_bytes())
    canon, file = digest_text(policy.canon_digest), digest_text(policy.file_digest)
    assert run("digest", VIDEO).stdout == f"canon {canon}\nfile  {file}\n"
    assert as_json(run("digest", VIDEO, "--json")) == {"canon_digest": canon, "file_digest": file}


def test_describe_speaks_the_language_asked_for(run: Run) -> None:
    assert run("describe", VIDEO).stdout.startswith("# Des vidéos qu’on regarde")
    assert run("describe", VIDEO, "--lang", "en").stdout.startswith("# Videos worth watching")
    body = as_json(run("describe", VIDEO, "--lang", "en", "--json"))
    assert body["language"] == "en"
    assert "article 27" in body["description"]


def test_diff_of_two_policies_exits_1_and_says_what_changes(run: Run) -> None:
    result = run("diff", VIDEO, TIMELINE)
    assert result.exit_code == 1
    assert "Points pour les réponses\u00a0: 150 → 300 (+150)." in result.stdout.splitlines()
    body = as_json(run("diff", VIDEO, TIMELINE, "--json", "--lang", "en"))
    assert body["identical"] is False
    assert {"field": "points.reply", "old": 150, "new": 300, "words": "Points for replies: 150 → 300 (+150)."} in body[
        "changes"
    ]


def test_diff_of_one_meaning_in_two_files_exits_0(run: Run, tmp_path: Path) -> None:
    noted = changed(tmp_path, "surface: video", "surface: video # note")
    result = run("diff", VIDEO, noted, "--limits", LIMITS)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "les fichiers diffèrent" in result.stderr
    body = as_json(run("diff", VIDEO, noted, "--limits", LIMITS, "--json"))
    assert (body["identical"], body["same_bytes"], body["changes"]) == (True, False, [])
    assert "diffèrent" not in run("diff", VIDEO, VIDEO).stderr


@pytest.mark.parametrize("name", ["check", "show", "digest", "describe", "diff"])
def test_every_command_has_help(run: Run, name: str) -> None:
    result = run(name, "--help")
    assert result.exit_code == 0
    assert "--json" in result.stdout
    assert "--lang" in result.stdout
