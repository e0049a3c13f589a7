"""Passphrases on the command line: from a file, or asked on the terminal, never an argument."""

import sys
from collections.abc import Mapping
from pathlib import Path

import typer

from rankd.core.errors import KeyFileError
from rankd.core.words.keys import ASKED
from rankd.core.words.language import Language
from rankd.core.words.usage import QUESTION
from rankd.store.key_file import KeyFile

PASSPHRASE_VARIABLE = "RANKD_KEY_PASSPHRASE"  # noqa: S105 (the name of a variable)
"""May hold the passphrase of the key that somebody signs with."""

_MOST_BYTES = 1_000


def new_passphrase(file: Path | None, *, none: bool, language: Language) -> str | None:
    """Return the passphrase for a new key: from `file`, or asked twice; None where none is wanted.

    Raises:
        KeyFileError: KEY_PASSPHRASE_TWICE, KEY_PASSPHRASE_UNASKED: there is no terminal, KEY_PASSPHRASE_FILE,
            KEY_PASSPHRASE_EMPTY.
    """
    if none and file is not None:
        raise KeyFileError("KEY_PASSPHRASE_TWICE")
    if none:
        return None
    if file is not None:
        return read_passphrase(file)
    while True:
        first = _ask(ASKED["new"].say(language), language)
        if _ask(ASKED["again"].say(language), language) == first:
            return first
        typer.echo(ASKED["differ"].say(language), err=True)


def known_passphrase(
    key: KeyFile, file: Path | None, variable: str, environ: Mapping[str, str], language: Language
) -> str | None:
    """Return the passphrase of a key: from `file`, else from the environment, else asked; None where it needs none.

    Args:
        key: The key.
        file: What `--passphrase-file` named.
        variable: The environment variable that may hold it.
        environ: The environment.
        language: How to ask.

    Raises:
        KeyFileError: KEY_PASSPHRASE_UNASKED, KEY_PASSPHRASE_FILE or KEY_PASSPHRASE_EMPTY.
    """
    if not key.protected:
        return None
    if file is not None:
        return read_passphrase(file)
    return environ.get(variable) or _ask(ASKED["known"].say(language, file=key.path), language)


def read_passphrase(file: Path) -> str:
    """Return the one line that a passphrase file holds.

    Raises:
        KeyFileError: KEY_PASSPHRASE_FILE: it cannot be read, is too long, no UTF-8, or more than a line;
            KEY_PASSPHRASE_EMPTY.
    """
    try:
        # Not necessarily a regular file: a shell may hand over a pipe.
        with file.open("rb") as opened:
            data = opened.read(_MOST_BYTES + 1)
        text = data.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        detail = error.strerror if isinstance(error, OSError) else "UTF-8"
        raise KeyFileError("KEY_PASSPHRASE_FILE", file=file, detail=detail) from error
    text = text.removesuffix("\n").removesuffix("\r")
    if len(data) > _MOST_BYTES or "\n" in text or "\0" in text:
        raise KeyFileError("KEY_PASSPHRASE_FILE", file=file, detail=f"{len(data)} > {_MOST_BYTES}, \\n")
    if not text:
        raise KeyFileError("KEY_PASSPHRASE_EMPTY")
    return text


def on_terminal() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty()


def _ask(text: str, language: Language) -> str:
    if not on_terminal():
        raise KeyFileError("KEY_PASSPHRASE_UNASKED")
    question = QUESTION.say(language, question=text)
    answer: str = typer.prompt(question, prompt_suffix="", hide_input=True, err=True)
    return answer
