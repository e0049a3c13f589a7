"""The guides for whoever answers a person, done as they stand, with a service running."""

import json
import re
import shlex
import threading
from pathlib import Path

import pytest

from rankd.core.words.language import LANGUAGES, Language
from rankd.edge.cli import ordering
from rankd.edge.cli.main import main
from tests.guides import pattern, steps
from tests.people import Town

GUIDES = Path(__file__).parents[2] / "docs" / "guide"
NAMES: dict[Language, str] = {"en": "viewer-data.md", "fr": "donnees-personnelles.md"}


def text_of(language: Language) -> str:
    return (GUIDES / NAMES[language]).read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_rankd_answers_what_the_guide_says(
    language: Language, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("RANKD_LANG", "LC_ALL", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(ordering, "LOOK_S", 0.01)
    town = Town(tmp_path)
    monkeypatch.setattr(ordering, "clock_ms", lambda: town.now_ms[0])
    monkeypatch.chdir(tmp_path)
    stopped = threading.Event()
    with town.running() as running:
        town.live(running, ["u-7731", "u-2"], 2)

        def obey() -> None:
            while not stopped.wait(0.01):
                running.chores()

        service = threading.Thread(target=obey)
        service.start()
        try:
            done = [shown(step.command, step.answer, capsys) for step in steps(text_of(language))]
        finally:
            stopped.set()
            service.join()
    assert len(done) == 4
    exported = tmp_path / "u-7731.json"
    assert exported.stat().st_mode & 0o777 == 0o600
    assert len(json.loads(exported.read_text(encoding="utf-8"))["decisions"]) == 2


def shown(command: str, answer: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> str:
    _, *arguments = shlex.split(command)
    capsys.readouterr()
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    captured = capsys.readouterr()
    said = (captured.err + captured.out).replace("\u00a0", " ")
    assert caught.value.code == 0, said
    assert re.fullmatch(pattern(answer), re.sub(r"\n\n+\Z", "\n", said)), said
    return said


def test_both_guides_do_the_same() -> None:
    english, french = ([step.command for step in steps(text_of(language))] for language in LANGUAGES[::-1])
    reason = re.compile(r'"[^"]+"')
    assert [reason.sub("", command).replace(" --lang en", "") for command in english] == [
        reason.sub("", command) for command in french
    ]
