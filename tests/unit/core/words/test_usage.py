"""Typer's messages in French, and that none of those which it can show was overlooked."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
from pydantic import Field, TypeAdapter, ValidationError

from rankd.core.words.usage import (
    ERROR,
    HINT,
    MESSAGES,
    PARTS,
    PLACE,
    SCREEN,
    TYPES,
    USAGE,
    usage_in_french,
    word_in_french,
)

TYPER = Path(typer.__file__).parent
KNOWN = (*MESSAGES, *SCREEN, *TYPES, USAGE, PLACE, ERROR, HINT, *(phrase for part in PARTS.values() for phrase in part))

UNREAD = {
    "cli.py": "the command `typer`, which is not ours",
    "params.py": "documentation",
    "models.py": "for programmers",
    "testing.py": "for tests",
    "colors.py": "names",
    "completion.py": "completion is switched off",
    "_completion_classes.py": "completion is switched off",
    "_completion_shared.py": "completion is switched off",
    "_click/shell_completion.py": "completion is switched off",
    "_click/_winconsole.py": "Windows",
    "_click/_termui_impl.py": "editors, pagers and bars of progress, which nothing here opens",
    "_click/_compat.py": "streams and files that Typer opens; here none",
    "utils.py": "for programmers",
}
"""Modules of Typer that say nothing to who uses rankd, and why."""

UNSAID = {
    "(deprecated) ": "no command is deprecated",
    "(DEPRECATED: {})": "no command is deprecated",
    "DeprecationWarning: The command {} is deprecated.{}": "no command is deprecated",
    "(dynamic)": "no default is a function",
    "Repeat for confirmation": "typer.prompt is asked for no confirmation",
    "Error: The two entered values do not match.": "typer.prompt is asked for no confirmation",
    "Error: The value you entered was invalid.": "typer.prompt takes only texts here, and every text is one",
    "Error: {}": "ERROR, without its field's name",
    "Error: invalid input": "typer.confirm is not used",
    "Unknown color {}": "for programmers",
    "Unknown standard stream {}": "for programmers",
    "There is no active click context.": "for programmers",
    "At least one help option should be provided": "for programmers",
    "Expected two columns for definition list": "for programmers",
    "A Typer instance is needed to generate a Click Group": "for programmers",
    "A command must have a callback function": "for programmers",
    "A Parameter should be returned": "for programmers",
    "Could not get a command for this Typer instance": "for programmers",
    "Invalid autocompletion callback parameters: {}": "for programmers",
    "Too many CLI parameter callback function parameters": "for programmers",
    "{} should be a subclass of {}": "for programmers",
    "Command has no name.": "for programmers",
    "Name {} defined twice": "for programmers",
    "Boolean option {} cannot use the same flag for true/false.": "for programmers",
    "Invalid start character for option ({})": "for programmers",
    "Cannot have two nargs < 0": "for programmers",
    "unknown action {}": "for programmers",
    "Expected one list item type, got: {}": "for programmers",
    "Typer currently doesn't support Union types": "for programmers",
    "List types with complex sub-types are not currently supported": "for programmers",
    "Tuple types with complex sub-types are not currently supported": "for programmers",
    "Missing parameter: {}": "how Python prints the exception",
    "None is not a valid string": "the command line holds texts only",
    "value is not a valid tuple": "nothing takes a tuple",
    "{} values are required, but {} given.": "nothing takes a tuple",
    "{} does not match the formats {}.": "nothing takes a datetime of Typer's",
    "Value {} is not a valid {}.": "every kind of value has an adapter",
    "Value must be an iterable.": "lists come from the command line as lists",
    "Could not open file {}: {}": "Typer opens no file here",
    "unknown error": "Typer opens no file here",
    "{}: {}": "Typer opens no file here",
    "<unopened file {}>": "how Python prints a file",
    "python -m {}": "the name of the program is given",
    "In Typer, only the parameter 'autocompletion' is supported. The support for 'shell_complete' is deprecated and "
    "will be removed in upcoming versions. ": "for programmers",
    "The 'callback' parameter is not supported by Typer when using `add_typer` without a name": "for programmers",
    "~/Library/Application Support": "a folder",
    "(?P<usage>Usage: )": "what is coloured; the French is added to it",
    **dict.fromkeys(("bold cyan", "bold green", "bold magenta", "bold red", "bold yellow"), "a style"),
    **dict.fromkeys(("dim red", "dim yellow"), "a style"),
}
"""Texts in the other modules that nobody who uses rankd can come to see, and why."""


PIECES = {" (env var: {})": "{} (env var: {})", "(Possible options: {})": "No such option: {} (Possible options: {})"}
"""What Typer adds to another text, and the whole of it."""


def shape(text: str) -> str:
    """Return a template with its fields unnamed and unquoted; those that touch are one."""
    fields = re.sub(r"'?\{[^{}]*\}'?", "{}", text)
    return re.sub(r"\{\} ?(?=\{\})", "", fields).strip("\n")


def texts(module: Path) -> Iterator[str]:
    """Yield what a module may say: its texts of several words or with a full stop, and what it looks up, as shapes."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    inner: set[int] = set()
    for node in ast.walk(tree):
        documents = isinstance(node, ast.Call) and ast.unparse(node.func) == "Doc"
        if documents or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            inner |= {id(part) for part in ast.walk(node)}
        if isinstance(node, ast.JoinedStr):
            inner |= {id(part) for part in ast.walk(node) if part is not node}
        # Annotations may be written as texts.
        for annotation in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            if isinstance(annotation, ast.AST):
                inner |= {id(part) for part in ast.walk(annotation)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ("_", "gettext", "ngettext"):
            yield from (shape(str(part.value)) for part in node.args if isinstance(part, ast.Constant))
        if id(node) in inner:
            continue
        if isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
            text = "".join(str(part) for part in parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if re.search(r"[A-Za-z]{2}[:.)]?\s+\S|[A-Za-z]{2}[^.]*[.:?!]\s*$|^[a-z]+\s|: \{\}", text):
            yield shape(text)


def modules() -> list[Path]:
    return [file for file in sorted(TYPER.rglob("*.py")) if str(file.relative_to(TYPER)) not in UNREAD]


def test_every_text_that_typer_can_show_is_in_the_catalogue() -> None:
    known = {shape(phrase.en) for phrase in KNOWN}
    found = {text for module in modules() for text in texts(module)}
    assert sorted(found - known - UNSAID.keys() - PIECES.keys()) == []
    assert all(whole in known for whole in PIECES.values())
    # And nothing is excused that is not there any more.
    assert sorted((UNSAID.keys() | PIECES.keys()) - found) == []
    assert [name for name in UNREAD if not (TYPER / name).is_file()] == []


def test_every_template_says_in_french_what_it_says_in_english() -> None:
    for phrase in (*MESSAGES, *SCREEN):
        fields = [set(re.findall(r"\{(\w*)", text)) for text in (phrase.fr, phrase.en)]
        assert fields[0] == fields[1], phrase


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (int, "x"),
        (int, "9" * 5_000),
        (Annotated[int, Field(ge=1)], "0"),
        (Annotated[int, Field(le=9)], "10"),
        (float, "x"),
        (Annotated[float, Field(ge=0)], "-1"),
    ],
)
def test_what_pydantic_says_of_a_number_is_said_in_french(kind: Any, given: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(given)
    said = refused.value.errors()[0]["msg"]
    assert usage_in_french(said) != said
    assert "nombre" in usage_in_french(said) or "il faut" in usage_in_french(said)


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("Missing argument 'proposal'.", "Il manque l’argument «~proposal~»."),
        (
            "Missing option '--key' (env var: 'RANKD_KEY').",
            "Il manque l’option «~--key~» (variable d’environnement «~RANKD_KEY~»).",
        ),
        (
            "Missing argument 'kind'. Choose from:\n\tlog,\n\teraser",
            "Il manque l’argument «~kind~». À choisir parmi~:\n\tlog,\n\teraser",
        ),
        (
            "No such command 'votee'. Did you mean 'vote'?",
            "Commande inconnue~: «~votee~». Vouliez-vous dire «~vote~»~?",
        ),
        ('No such command "l\'un".', "Commande inconnue~: «~l'un~»."),
        ("No such option: --foo", "Option inconnue~: --foo"),
        (
            "No such option: --foo (Possible options: --no, --out)",
            "Option inconnue~: --foo (peut-être~: --no, --out)",
        ),
        ("Option '--key' requires an argument.", "L’option «~--key~» attend une valeur."),
        ("Option '--key' requires 2 arguments.", "L’option «~--key~» attend 2 valeurs."),
        ("Got unexpected extra argument(s) (x y)", "En trop sur la ligne~: x y"),
        (
            "Invalid value for '--key' (env var: 'RANKD_KEY'): file 'a: b.key' does not exist.",
            "Valeur refusée pour «~--key~» (variable d’environnement «~RANKD_KEY~»)~: le fichier «~a: b.key~» n’existe "
            "pas.",
        ),
        (
            "Invalid value for '-l' / '--lang': Value error, 'de' is not one of 'fr', 'en'.",
            "Valeur refusée pour «~-l~» / «~--lang~»~: «~de~» n’est pas admis; choisissez parmi «~fr~», «~en~».",
        ),
        ("Invalid value: --from et --to vont ensemble.", "Valeur refusée~: --from et --to vont ensemble."),
        ("Something that no version said.", "Something that no version said."),
    ],
)
def test_a_message_is_said_anew_with_what_it_holds(english: str, french: str) -> None:
    assert usage_in_french(english) == french.replace("~", "\u00a0")


def test_a_word_that_is_not_known_stays() -> None:
    assert word_in_french("[required]", SCREEN) == "[obligatoire]"
    assert word_in_french("[wanted]", SCREEN) == "[wanted]"
