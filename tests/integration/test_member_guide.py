"""The trial in the guides for members does what it says, from the founding to a policy in force."""

import shlex
from pathlib import Path

import pytest

from tests.cooperative import ROOT, rankd

GUIDES = {"fr": ROOT / "docs/guide/membre.md", "en": ROOT / "docs/guide/member.md"}


def commands(guide: Path) -> list[list[str]]:
    """Return the words of each line of the guide's shell block."""
    _, _, rest = guide.read_text(encoding="utf-8").partition("```sh\n")
    lines = rest.partition("```")[0].splitlines()
    return [shlex.split(line) for line in lines if line]


@pytest.mark.parametrize("language", GUIDES)
def test_the_trial_of_the_guide_runs(language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("policies", "models", "examples"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RANKD_LANG", language)
    said = []
    for program, *words in commands(GUIDES[language]):
        if program == "export":
            for assignment in words:
                monkeypatch.setenv(*assignment.split("=", 1))
            continue
        assert program == "rankd"
        result = rankd(*words)
        assert result.exit_code == 0, (words, result.output)
        said.append(result.stdout)
    counted, history = said[-2:]
    assert counted.startswith({"fr": "Compté.", "en": "Counted."}[language])
    assert {"fr": "video, politique 2, après un vote (p1).", "en": "video, policy 2, after a vote (p1)."}[
        language
    ] in history


def test_both_guides_show_the_same_trial() -> None:
    french, english = (
        [[word for word in line if " " not in word] for line in commands(guide)] for guide in GUIDES.values()
    )
    assert french == english
