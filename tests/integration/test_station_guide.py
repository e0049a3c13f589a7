"""The trial in the guides for the voting station does what it says: a key on paper, a visit, a slip, a count."""

import re
import shlex
from pathlib import Path

import pytest

from rankd.core.exact.canonical import sha256
from rankd.edge.cli import keys
from rankd.edge.cli.govern import station
from tests.cooperative import ROOT, rankd

GUIDES = {"fr": ROOT / "docs/guide/isoloir.md", "en": ROOT / "docs/guide/station.md"}
SHEET_LINE = re.compile(r"^  [1-9]\.  (\w{4} \w{4})$", re.MULTILINE)
TYPED = re.compile(r"  # (?:types:|tape :) (?:sheet|feuille), (.+)$")


def lines_of(guide: Path) -> list[str]:
    """Return the lines of the guide's shell block."""
    _, _, rest = guide.read_text(encoding="utf-8").partition("```sh\n")
    return [line for line in rest.partition("```")[0].splitlines() if line]


@pytest.mark.parametrize("language", GUIDES)
def test_the_trial_of_the_guide_runs(language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("policies", "models", "examples"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    for module in (keys, station):
        monkeypatch.setattr(module, "leave_no_core", lambda: None)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RANKD_LANG", language)
    sheet: list[str] = []
    slip = said = ""
    for line in lines_of(GUIDES[language]):
        typed = TYPED.search(line)
        program, *words = shlex.split(line, comments=True)
        if program == "export":
            for assignment in words:
                monkeypatch.setenv(*assignment.split("=", 1))
            continue
        if program == "mkdir":
            Path(words[0]).mkdir()
            continue
        assert program == "rankd"
        words = [slip if word in ("DIGITS", "CHIFFRES") else word for word in words]
        words = [str(found) for word in words for found in (sorted(Path().glob(word)) if "*" in word else [word])]
        answers = [] if typed is None else [*sheet, *typed[1].split(", "), ""]
        result = rankd(*words, input="".join(f"{answer}\n" for answer in answers))
        assert result.exit_code == 0, (words, result.output)
        said = result.stdout
        if words[:2] == ["keys", "paper"]:
            sheet = SHEET_LINE.findall(said)
        if words[0] == "station":
            slip = re.search(r"rankd ballot slip p1 ([0-9a-f]{16})", said)[1]  # type: ignore[index]
            (entry,) = next(path for path in tmp_path.iterdir() if path.name in ("ballots", "bulletins")).iterdir()
            assert sha256(entry.read_bytes().removesuffix(b"\n")).hex().startswith(slip)
    assert said.startswith({"fr": "Compté.", "en": "Counted."}[language])
    assert re.search(
        {"fr": r"Membre m\w{16}, bulletin\u00a0: oui", "en": r"Member m\w{16}, ballot: yes"}[language], said
    )


def test_both_guides_show_the_same_trial() -> None:
    words = {
        "isoloir": "station",
        "bulletins": "ballots",
        "CHIFFRES": "DIGITS",
        "tape :": "types:",
        "feuille, o, o": "sheet, y, y",
    }
    french = "\n".join(lines_of(GUIDES["fr"]))
    for one, other in words.items():
        french = french.replace(one, other)
    assert french.split("\n") == lines_of(GUIDES["en"])
