"""The impact of a proposal: computed from the record, frozen, told to who votes, and compared by anybody."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import Result

from rankd.core.exact.canonical import digest_text, sha256
from rankd.core.impact.document import decode_impacts, encode_impacts
from rankd.core.ranking.calibration import MARGIN_ONE
from tests.conftest import LOG_SIGNER, House
from tests.cooperative import BEGIN, ORIGIN, Cooperative, body, rankd, reason
from tests.evidence import bundled

KEY = LOG_SIGNER.verifier.vkey
KINDS = ("yes_no", "ranking", "points", "model")


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """Return a folder with a house, its decisions and its co-op, where a proposal of each kind is debated."""
    root = tmp_path_factory.mktemp("house")
    house = House(root)
    house.record(range(25))
    policy, model = root / "adopted.yaml", house.models / "video"
    text = (house.policies / "video.yaml").read_text(encoding="utf-8").replace("share: 40%", "share: 5%")
    policy.write_text(text, encoding="utf-8")
    surface = ("--surface", f"video={policy}:{model}")
    made = rankd("assembly", "init", root / "home", "--origin", ORIGIN, "--at", BEGIN, *surface)
    assert made.exit_code == 0, made.output
    coop = Cooperative(root / "home", 1)
    (standing,) = body(coop.read("assembly", "status", "--json"))["surfaces"]
    text = text.replace("base: none", f"base: {standing['policy']['canon_digest']}")
    (root / "few.yaml").write_text(text.replace("click: 500, reply: 300", "click: 250, reply: 550"), encoding="utf-8")
    (root / "even.yaml").write_text(text.replace("click: 500, reply: 300", "click: 400, reply: 400"), encoding="utf-8")
    head, _, tail = text.partition("points:\n")
    rules = tail[tail.index("rules:") :]
    (root / "points.yaml").write_text(f"{head}points: vote\n{rules}", encoding="utf-8")
    house.write_model(leaf=-3 * MARGIN_ONE).rename(root / "new-model")
    house.write_model()
    words = ("--title-fr", "Un modèle", "--reasons-fr", "Il est frais.")
    given = {
        "yes_no": ("policy", root / "few.yaml"),
        "ranking": ("policy", root / "few.yaml", root / "even.yaml"),
        "points": ("policy", root / "points.yaml"),
        "model": ("model", root / "new-model", *words),
    }
    names = {}
    for kind in KINDS:
        names[kind] = f"p{coop.enter('proposal', 'new', *given[kind], by='member-1')}"
        for sponsor in ("member-2", "member-3"):
            coop.enter("proposal", "sponsor", names[kind], by=sponsor)
    coop.pass_days(29)
    return root, names


@pytest.fixture
def root(begun: tuple[Path, dict[str, str]], tmp_path: Path) -> Path:
    shutil.copytree(begun[0], tmp_path / "house")
    return tmp_path / "house"


@pytest.fixture
def coop(root: Path) -> Cooperative:
    return Cooperative(root / "home", 30)


@pytest.fixture
def names(begun: tuple[Path, dict[str, str]]) -> dict[str, str]:
    return begun[1]


def measure(coop: Cooperative, name: str, *words: object) -> Result:
    root = coop.home.parent
    return coop.read("policy", "impact", name, "--decisions", root / "data", "--key", KEY, *words)


def model_of(coop: Cooperative, kind: str) -> tuple[object, ...]:
    return ("--model", coop.home.parent / "new-model") if kind == "model" else ()


def frozen(coop: Cooperative, name: str, kind: str) -> bytes:
    """Measure, freeze and wait for the vote; return the frozen document."""
    out = coop.home / f"{name}.json"
    made = measure(coop, name, *model_of(coop, kind), "--out", out)
    assert made.exit_code == 0, made.output
    coop.enter("proposal", "freeze", name, "--impact", out, by="member-1")
    coop.pass_days(5)
    return out.read_bytes()


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_measured_is_what_the_freeze_binds_and_anybody_gets_the_same_bytes(
    coop: Cooperative, names: dict[str, str], kind: str, tmp_path: Path
) -> None:
    name = names[kind]
    data = frozen(coop, name, kind)
    shown = body(coop.read("assembly", "show", name, "--json"))
    assert (shown["state"], shown["impact_digest"]) == ("voting", digest_text(sha256(data)))
    assert (coop.home / "record/proposals" / name / "impact.json").read_bytes() == data + b"\n"
    assert len(decode_impacts(data)) == (2 if kind == "ranking" else 1)
    bundle = bundled(coop.home.parent / "data", tmp_path / "all.tar")
    again = coop.read(
        "policy", "impact", name, "--decisions", bundle, "--key", KEY, *model_of(coop, kind), "--check", "--lang", "en"
    )
    assert again.exit_code == 0
    assert again.stdout.splitlines()[-1] == f"Byte for byte the impact frozen with {name}."
    as_json = body(measure(coop, name, *model_of(coop, kind), "--check", "--json"))
    assert (as_json["ok"], as_json["computed"], as_json["first_difference"]) == (True, as_json["frozen"], None)


def test_other_decisions_are_found_by_check(coop: Cooperative, names: dict[str, str], tmp_path: Path) -> None:
    name = names["yes_no"]
    frozen(coop, name, "yes_no")
    part = bundled(coop.home.parent / "data", tmp_path / "part.tar", end=10)
    words = ("policy", "impact", name, "--decisions", part, "--key", KEY, "--lang", "en")
    check = coop.read(*words, "--check")
    assert check.exit_code == 1
    assert check.stdout.splitlines()[-1].startswith(f"This is not the impact frozen with {name}: sha256:")
    assert check.stdout.splitlines()[-1].endswith("First difference: decisions.")
    as_json = coop.read(*words, "--check", "--json")
    assert (as_json.exit_code, body(as_json)["ok"], body(as_json)["first_difference"]) == (1, False, "decisions")
    # Without --check it is only told.
    assert coop.read(*words).exit_code == 0


def test_the_same_bytes_come_out_when_the_change_is_long_in_force(coop: Cooperative, names: dict[str, str]) -> None:
    points, model = names["points"], names["model"]
    for kind in ("points", "model", "yes_no"):
        out = coop.home / f"{kind}.json"
        assert measure(coop, names[kind], *model_of(coop, kind), "--out", out).exit_code == 0
        coop.enter("proposal", "freeze", names[kind], "--impact", out, by="member-1")
    coop.pass_days(5)
    for member in ("member-1", "member-2", "member-3"):
        coop.enter("vote", names["yes_no"], "--yes", by=member)
    coop.pass_days(60)
    assert coop.state(names["yes_no"]) == "activated"
    assert measure(coop, points, "--check").exit_code == 0
    assert measure(coop, model, *model_of(coop, "model"), "--check").exit_code == 0


def test_the_frozen_impact_is_told_without_any_decisions(
    coop: Cooperative, names: dict[str, str], tmp_path: Path
) -> None:
    name = names["ranking"]
    none = coop.read("policy", "impact", name, "--json")
    assert (none.exit_code, reason(none)) == (2, "IMPACT_UNFROZEN")
    data = frozen(coop, name, "ranking")
    page = tmp_path / "page.html"
    told = coop.read("policy", "impact", name, "--page", page, "--lang", "en")
    assert told.exit_code == 0
    assert [line for line in told.stdout.splitlines() if line.startswith("Text ")] == ["Text 1", "Text 2"]
    assert not page.exists()
    assert all(b"<!DOCTYPE html>" in (tmp_path / f"page-{number}.html").read_bytes() for number in (1, 2))
    assert coop.read("policy", "impact", name, "--json").stdout == data.decode() + "\n"
    lacking = coop.read("policy", "impact", name, "--check", "--json")
    assert (lacking.exit_code, reason(lacking)) == (2, "IMPACT_DECISIONS")


def test_who_votes_reads_the_impact_before_she_signs(coop: Cooperative, names: dict[str, str], tmp_path: Path) -> None:
    name = names["yes_no"]
    data = frozen(coop, name, "yes_no")
    page = tmp_path / "page.html"
    signed = coop.try_sign("vote", name, "--yes", "--impact-page", page, "--lang", "en", by="member-2")
    assert signed.exit_code == 0
    lines = signed.stdout.splitlines()
    before = lines[: lines.index("What you are about to sign")]
    assert "  Surface “video”: 20 decisions replayed, of 3 viewers (pseudonyms)." in before
    assert any("clicks: 500 → 250 points" in line for line in before)
    assert len([line for line in before if line.startswith("  • ")]) <= 3
    assert f"  {digest_text(sha256(data))}" in before
    assert any(f"rankd policy impact {name}" in line for line in before)
    told = coop.read("policy", "impact", name, "--page", tmp_path / "same.html", "--lang", "en")
    assert (told.exit_code, page.read_bytes()) == (0, (tmp_path / "same.html").read_bytes())
    shown = coop.read("assembly", "show", name, "--lang", "en").stdout
    assert f"rankd policy impact {name}" in shown


def test_a_vote_without_an_impact_says_so_and_has_no_page(
    coop: Cooperative, names: dict[str, str], tmp_path: Path
) -> None:
    for kind in ("yes_no", "model"):
        coop.enter("proposal", "freeze", names[kind], by="member-1")
    coop.pass_days(5)
    paper = coop.read("vote", names["yes_no"], "--lang", "en").stdout
    assert f"No impact is frozen with {names['yes_no']}: nobody showed what it changes." in paper
    words = f"No impact is frozen with {names['model']}: what this model changes is neither measured nor announced."
    assert words in coop.read("vote", names["model"], "--lang", "en").stdout
    assert words in coop.read("assembly", "show", names["model"], "--lang", "en").stdout
    page = coop.read("vote", names["yes_no"], "--impact-page", tmp_path / "page.html", "--json")
    assert (page.exit_code, reason(page)) == (2, "IMPACT_UNFROZEN")


def test_a_model_that_pulls_otherwise_is_announced_before_it_serves(coop: Cooperative, names: dict[str, str]) -> None:
    name = names["model"]
    (impact,) = decode_impacts(frozen(coop, name, "model"))
    assert impact.announced
    for words in (("vote", name), ("assembly", "show", name)):
        assert "Announced here, before it serves: the share" in coop.read(*words, "--lang", "en").stdout
    assert body(coop.read("assembly", "show", name, "--json"))["announced"] == sorted(impact.announced)
    assert body(coop.read("vote", name, "--json"))["announced"] == sorted(impact.announced)


def test_a_models_proposal_wants_its_folder_and_a_policys_none(coop: Cooperative, names: dict[str, str]) -> None:
    root = coop.home.parent
    for kind, folder in (("model", None), ("model", "models/video"), ("yes_no", "new-model")):
        words = () if folder is None else ("--model", root / folder)
        refused = measure(coop, names[kind], *words, "--json")
        assert (refused.exit_code, reason(refused)) == (2, "IMPACT_MODEL_FOLDER")


def test_the_impact_of_another_text_is_not_frozen(coop: Cooperative, names: dict[str, str]) -> None:
    out = coop.home / "points.json"
    assert measure(coop, names["points"], "--out", out).exit_code == 0
    other = coop.try_sign("proposal", "freeze", names["yes_no"], "--impact", out, "--json", by="member-1")
    assert (other.exit_code, reason(other)) == (1, "IMPACT_OTHER")
    both = encode_impacts(decode_impacts(out.read_bytes()) * 2)
    out.write_bytes(both)
    several = coop.try_sign("proposal", "freeze", names["points"], "--impact", out, "--json", by="member-1")
    assert (several.exit_code, body(several)["metadata"]["field"]) == (1, "impacts")


def test_a_constitution_has_no_impact(coop: Cooperative) -> None:
    status = body(coop.read("assembly", "status", "--json"))
    text = (coop.home / "constitution.yaml").read_text(encoding="utf-8")
    file = coop.home / "second.yaml"
    base = f"number: 2\nbase: {status['constitution']['canon_digest']}"
    file.write_text(text.replace("number: 1\nbase: none", base), encoding="utf-8")
    name = f"p{coop.enter('proposal', 'new', 'constitution', file, by='member-2')}"
    refused = measure(coop, name, "--json")
    assert (refused.exit_code, reason(refused)) == (1, "IMPACT_NONE")


def test_another_impact_in_the_record_is_found_by_verify(coop: Cooperative, names: dict[str, str]) -> None:
    name = names["yes_no"]
    data = frozen(coop, name, "yes_no")
    file = coop.home / "record/proposals" / name / "impact.json"
    words = ("verify", coop.home / "record", "--genesis", coop.home / "genesis", "--json")
    assert rankd(*words).exit_code == 0
    file.write_bytes(data.replace(b'"clipped":0', b'"clipped":1') + b"\n")
    changed = rankd(*words)
    assert changed.exit_code == 1
    assert "RECORD_FILE_DIFFERS" in changed.stdout
    file.unlink()
    assert "RECORD_FILE_MISSING" in rankd(*words).stdout


def test_a_file_is_not_compared_with_a_record(coop: Cooperative) -> None:
    root = coop.home.parent
    words = ("policy", "impact", root / "few.yaml", "--limits", root / "policies/limits.yaml")
    check = rankd(*words, "--decisions", root / "data", "--check", "--json")
    assert (check.exit_code, reason(check)) == (2, "IMPACT_UNFROZEN")
    none = rankd(*words, "--json")
    assert (none.exit_code, reason(none)) == (2, "IMPACT_DECISIONS")
    one = rankd(*words, "--decisions", root / "data", "--key", KEY, "--json")
    assert json.loads(one.stdout)["schema"] == "rankd.impact/1"


def test_a_proposal_needs_its_record(coop: Cooperative, names: dict[str, str]) -> None:
    refused = rankd("policy", "impact", names["yes_no"], "--decisions", coop.home.parent / "data", "--json")
    assert (refused.exit_code, reason(refused)) == (2, "RECORD_UNNAMED")
