"""Answers on the command line: data on stdout, messages on stderr, and the exit code that says how it went."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import typer

from rankd.core.errors import RankdError
from rankd.core.words.language import Language
from rankd.core.words.reasons.reason import Kind

DONE, REFUSED, USAGE = 0, 1, 2


def write_json(data: Mapping[str, Any]) -> None:
    """Write one JSON object on stdout."""
    typer.echo(json.dumps(data, ensure_ascii=False, indent=2))


@contextmanager
def refusals(language: Language, *, as_json: bool) -> Iterator[None]:
    """Turn a refusal inside the block into words on stderr (as JSON: an object on stdout) and an exit code.

    The code is 1, or 2 where what was named on the command line is not there.
    """
    try:
        yield
    except RankdError as error:
        message = error.say(language)
        if as_json:
            metadata = {name: str(value) for name, value in error.metadata.items()}
            about = {"about": error.about} if error.about else {}
            write_json({"ok": False, "reason": error.reason, "message": message, "metadata": metadata, **about})
        else:
            typer.echo(message, err=True)
        raise typer.Exit(USAGE if error.kind is Kind.MISSING else REFUSED) from error
