"""`rankd policy impact`: the words, the document, the page, and what ends with which exit code."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from rankd.core.exact.canonical import digest_text, sha256
from rankd.core.impact.document import decode_impact
from rankd.core.ranking.calibration import MARGIN_ONE
from rankd.edge.cli.policy import app
from tests.conftest import LOG_SIGNER, House
from tests.evidence import bundled

KEY = LOG_SIGNER.verifier.vkey


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a house with decisions and a proposed policy."""
    root = tmp_path_factory.mktemp("house")
    house = House(root)
    house.record(range(25))
    (root / "policies" / "proposed.yaml").write_text(house.write_policy(click=100).read_text())
    house.write_policy()
    return root


def run(root: Path, *arguments: object, proposed: str = "proposed.yaml") -> Result:
    return CliRunner().invoke(app, ["impact", str(root / "policies" / proposed), *map(str, arguments)])


def test_members_read_what_would_change_and_the_digest(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "impact.json"
    result = run(root, "--decisions", root / "data", "--key", KEY, "--out", out, "--lang", "en")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "Surface “video”: 20 decisions replayed, of 3 viewers (pseudonyms)."
    assert lines[1] == "Left out: 5 newest first, as asked for."
    assert any(line.startswith("• clicks: 500 → 100 points;") for line in lines)
    assert any("replies: 300 → 700 points" in line and "not enough data" in line for line in lines)
    data = out.read_bytes()
    assert lines[-1] == f"impact {digest_text(sha256(data))}"
    assert decode_impact(data).count == 20
    assert f"{out}: written." in result.stderr


def test_json_is_the_document_itself_from_folder_and_bundle_alike(root: Path, tmp_path: Path) -> None:
    folder = run(root, "--decisions", root / "data", "--key", KEY, "--json")
    bundle = bundled(root / "data", tmp_path / "all.tar")
    again = run(root, "--decisions", bundle, "--key", KEY, "--json", "--jobs", 1)
    assert (folder.exit_code, again.exit_code) == (0, 0)
    assert folder.stdout == again.stdout
    assert json.loads(folder.stdout)["schema"] == "rankd.impact/1"
    decode_impact(folder.stdout.removesuffix("\n").encode())


def test_two_bundles_count_together_with_one_key_or_two(root: Path, tmp_path: Path) -> None:
    first = bundled(root / "data", tmp_path / "first.tar", end=10)
    rest = bundled(root / "data", tmp_path / "rest.tar", first=10)
    one = run(root, "--decisions", first, "--decisions", rest, "--key", KEY, "--json")
    two = run(root, "--decisions", rest, "--decisions", first, "--key", KEY, "--key", KEY, "--json")
    assert one.stdout == two.stdout
    assert json.loads(one.stdout)["count"] == 20
    many = run(root, "--decisions", first, "--key", KEY, "--key", KEY, "--json")
    assert (many.exit_code, json.loads(many.stdout)["reason"]) == (1, "IMPACT_KEYS")


def test_the_page_is_the_same_again(root: Path, tmp_path: Path) -> None:
    pages = []
    for name in ("one.html", "two.html"):
        assert run(root, "--decisions", root / "data", "--key", KEY, "--page", tmp_path / name).exit_code == 0
        pages.append((tmp_path / name).read_bytes())
    assert pages[0] == pages[1]
    assert b"<!DOCTYPE html>" in pages[0]


def test_a_bundle_needs_a_key_and_a_folder_is_warned_of(root: Path, tmp_path: Path) -> None:
    assert run(root, "--decisions", bundled(root / "data", tmp_path / "all.tar")).exit_code == 2
    result = run(root, "--decisions", root / "data", "--lang", "fr")
    assert result.exit_code == 0
    assert "la clé d’un journal vient du dossier lui-même" in result.stderr


@pytest.mark.parametrize("option", ["--out", "--page"])
def test_a_folder_that_is_not_there_is_refused_first(root: Path, tmp_path: Path, option: str) -> None:
    result = run(root, "--decisions", root / "data", option, tmp_path / "nowhere" / "x", "--json")
    assert (result.exit_code, json.loads(result.stdout)["reason"]) == (1, "IMPACT_UNWRITABLE")


def test_a_model_that_is_none_is_refused(root: Path) -> None:
    result = run(root, "--decisions", root / "data", "--key", KEY, "--for-model", "sha256:12", "--json")
    assert (result.exit_code, json.loads(result.stdout)["reason"]) == (1, "IMPACT_MALFORMED")
    other = digest_text(bytes(32))
    result = run(root, "--decisions", root / "data", "--key", KEY, "--for-model", other, "--json")
    assert json.loads(result.stdout)["reason"] == "ARCHIVE_MISSING"


def test_the_policy_in_force_changes_nothing(root: Path) -> None:
    result = run(root, "--decisions", root / "data", "--key", KEY, "--lang", "en", proposed="video.yaml")
    assert "Nothing would change in these decisions." in result.stdout


def test_a_proposed_model_is_told_and_what_is_to_be_announced(root: Path, tmp_path: Path) -> None:
    house = House(tmp_path)
    model = house.write_model(leaf=-3 * MARGIN_ONE)
    page = tmp_path / "page.html"
    arguments = ("--decisions", root / "data", "--key", KEY, "--lang", "en", "--page", page)
    result = run(root, *arguments, "--model", model, proposed="video.yaml")
    assert result.exit_code == 0
    assert "With another model" in result.stdout
    assert "To be announced in the minutes before it serves" in result.stdout
    assert "no prediction" in result.stdout
    assert "The prediction is the model’s" not in result.stdout
    assert "To be announced in the minutes" in page.read_text()
    same = run(root, *arguments, "--model", root / "models" / "video", proposed="video.yaml")
    assert "Nothing to announce: no share of the differences changes by more than 5%." in same.stdout
