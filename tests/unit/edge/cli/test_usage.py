"""What Typer says by itself, as somebody reads it: in French where the environment speaks French, else untouched."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_command

from rankd.core.words.usage import TYPES
from rankd.edge.cli import asking
from rankd.edge.cli.asking import agreed
from rankd.edge.cli.main import COMMANDS, build

RUN = """\
import sys
from typing import Annotated
import typer
from rankd.edge.cli.asking import agreed
from rankd.edge.cli.usage import speak

app = typer.Typer(add_completion=False)

@app.callback()
def root() -> None: pass

@app.command()
def read(
    file: Annotated[typer.FileText, typer.Argument(help="F")],
    path: Annotated[__import__("pathlib").Path, typer.Option(exists=True, envvar="APP_PATH")],
    count: Annotated[int, typer.Option(min=1)] = 3,
) -> None: pass

@app.command()
def sign() -> None:
    agreed("Signer", "fr")

speak(app)
app(sys.argv[1:], prog_name="app")
"""


def run(*words: str, language: str = "fr", rich: bool = True, code: str = "", answer: str = "") -> tuple[int, str, str]:
    """Run the command line, or `code`, in a process of its own; return its code, and what it wrote, in one line."""
    environment = {**os.environ, "RANKD_LANG": language, "COLUMNS": "200", "TYPER_USE_RICH": str(int(rich))}
    environment.pop("RANKD_RECORD", None)
    given = code or "from rankd.edge.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", given, *words],
        env=environment,
        input=answer,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, _line(done.stdout), _line(done.stderr)


def _line(text: str) -> str:
    # No-break spaces are written "~" here, and so they stay apart from those that rich fills its tables with.
    return " ".join(text.replace("\u00a0", "~").replace("│", " ").split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["vote"], "Il manque l’argument «~proposal~»."),
        (["vote", "p1", "--foo"], "Option inconnue~: --foo (peut-être~: --"),
        (["vote", "p1", "--number"], "L’option «~--number~» attend une valeur."),
        (["vote", "p1", "--number", "x"], "Valeur refusée pour «~--number~»~: ce n’est pas un nombre entier."),
        (["vote", "p1", "--number", "0"], "Valeur refusée pour «~--number~»~: il faut au moins 1."),
        (["vote", "p1", "--lang", "de"], "«~de~» n’est pas admis; choisissez parmi «~fr~», «~en~»."),
        (["vote", "p1", "p2"], "En trop sur la ligne~: p2"),
        (["bundle", "/nowhere"], "Valeur refusée pour «~data~»~: le dossier «~/nowhere~» n’existe pas."),
        (["votee"], "Commande inconnue~: «~votee~». Vouliez-vous dire «~vote~»~?"),
        (["keys", "nw"], "Commande inconnue~: «~nw~». Vouliez-vous dire «~new~»~?"),
    ],
)
def test_a_command_line_that_cannot_be_taken_is_refused_in_french(words: list[str], said: str) -> None:
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert "─ Erreur ─" in err
    assert said in err
    assert not any(english in err for english in ("Usage:", "Try ", "Error", "for help", "Invalid", "Missing"))


def test_where_it_is_refused_the_usage_is_said_in_french() -> None:
    err = run("keys", "new")[2]
    assert err.startswith("Utilisation~: rankd keys new [OPTIONS] {kind} {path} Pour l’aide~: rankd keys new --help")


def test_help_is_in_french() -> None:
    code, out, _ = run("read", "--help", code=RUN)
    assert code == 0
    for said in (
        "Utilisation~: app read [OPTIONS] {file}",
        "─ Arguments ─",
        "─ Options ─",
        "[obligatoire]",
        "[variable d’environnement~: APP_PATH]",
        "<chemin>",
        "<entier> [x>=1]",
        "[par défaut~: 3]",
        "Montrer cette aide.",
    ):
        assert said in out
    assert not any(said in out for said in ("required", "default", "env var", "Show", "<int", "<bool>"))


def test_a_list_of_commands_is_in_french() -> None:
    code, out, err = run("keys")
    assert (code, err) == (2, "")
    assert out.startswith("Utilisation~: rankd keys [OPTIONS] COMMANDE [ARGUMENTS]...")
    assert "─ Commandes ─" in out


def test_without_rich_it_is_in_french_too() -> None:
    out = run("read", "--help", code=RUN, rich=False)[1]
    for said in ("Arguments~:", "Options~:", "[obligatoire]", "variable d’environnement~: APP_PATH", "par défaut~: 3"):
        assert said in out
    assert "Commandes~:" in run("--help", code=RUN, rich=False)[1]
    code, _, err = run("vote", rich=False)
    assert code == 2
    assert err == (
        "Utilisation~: rankd vote [OPTIONS] {proposal} Pour l’aide~: rankd vote --help "
        "Erreur~: Il manque l’argument «~proposal~»."
    )
    assert run("sign", code=RUN, rich=False) == (1, "", "Signer [o/N]~: Interrompu.")


def test_a_missing_variable_s_option_is_named_with_the_variable() -> None:
    err = run("read", os.devnull, code=RUN)[2]
    assert "Il manque l’option «~--path~» (variable d’environnement «~APP_PATH~»)." in err


def test_a_question_that_is_not_answered_is_said_to_be_aborted_in_french() -> None:
    assert run("sign", code=RUN) == (1, "", "Signer [o/N]~: Interrompu.")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["vote"], "Missing argument 'proposal'."),
        (["vote", "p1", "--foo"], "No such option: --foo (Possible options: --"),
        (["vote", "p1", "p2"], "Got unexpected extra argument(s) (p2)"),
        (["votee"], "No such command 'votee'. Did you mean 'vote'?"),
        (["bundle", "/nowhere"], "'/nowhere' does not exist."),
    ],
)
def test_english_is_as_typer_writes_it(words: list[str], said: str) -> None:
    code, out, err = run(*words, language="en")
    assert (code, out) == (2, "")
    assert err.startswith("Usage: rankd")
    assert "--help' for help." in err
    assert "─ Error ─" in err
    assert said in err


def test_help_in_english_is_as_typer_writes_it() -> None:
    out = run("read", "--help", code=RUN, language="en")[1]
    for said in ("Usage: app read", "[required]", "[env var: APP_PATH]", "[default: 3]", "Show this message and exit."):
        assert said in out


def _labels(command: Any) -> Iterator[tuple[str, bool]]:
    with typer.Context(command) as context:
        for parameter in command.params:
            yield parameter.display_type(context), parameter.type_descriptor.is_choice
    for below in getattr(command, "commands", {}).values():
        yield from _labels(below)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_kind_of_value_has_a_french_name(name: str) -> None:
    known = {text for phrase in TYPES for text in (phrase.fr, phrase.en)}
    for label, choice in _labels(get_command(build(name))):
        # What may be chosen is written as it is typed, and is never taken for a kind.
        assert (label in known) != choice


def _answer(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    asked: list[str] = []
    left = iter(answers)

    def ask(question: str) -> str:
        asked.append(question)
        answer = next(left, None)
        if answer is None:
            raise asking.NoAnswerError
        return answer

    monkeypatch.setattr(asking, "ask", ask)
    return asked


@pytest.mark.parametrize(
    ("language", "answer", "meant"),
    [
        ("fr", "o", True),
        ("fr", "OUI", True),
        ("fr", "n", False),
        ("fr", "Non", False),
        ("fr", "", False),
        ("en", "y", True),
        ("en", "Yes", True),
        ("en", "no", False),
        ("en", "", False),
    ],
)
def test_yes_and_no_are_understood_in_the_language_of_the_question(
    language: Any, answer: str, meant: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = _answer(monkeypatch, answer)
    assert agreed("Q", language) is meant
    assert asked == [{"fr": "Q [o/N]\u00a0: ", "en": "Q [y/N]: "}[language]]


def test_another_answer_is_asked_for_again(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked = _answer(monkeypatch, "y", "peut-être", "o")
    assert agreed("Q", "fr") is True
    assert len(asked) == 3
    assert capsys.readouterr().err == "Répondez o (oui) ou n (non).\n" * 2


def test_nothing_asks_a_question_of_typer_s_own_that_is_not_in_french() -> None:
    for module in Path(asking.__file__).parent.glob("*.py"):
        text = module.read_text(encoding="utf-8")
        assert "typer.confirm" not in text
        assert "confirmation_prompt" not in text
        assert text.count("typer.prompt(") == text.count('prompt_suffix=""')


def test_no_answer_aborts(monkeypatch: pytest.MonkeyPatch) -> None:
    _answer(monkeypatch)
    with pytest.raises(typer.Abort):
        agreed("Q", "fr")
