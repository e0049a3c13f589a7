"""Options that many commands share, declared once and handed to each as one object."""

import inspect
from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Annotated, Any, Concatenate, ParamSpec, Protocol, TypeVar

import typer

from rankd.core.words.language import Language
from rankd.edge.cli.answer import refusals
from rankd.edge.cli.language import said

P = ParamSpec("P")


class Spoken(StrEnum):
    """The languages that `--lang` takes."""

    FR = "fr"
    EN = "en"


LangOption = Annotated[
    Spoken | None,
    typer.Option(
        "--lang", help=said("fr ou en; sinon RANKD_LANG, LC_ALL, LANG.", "fr or en; else RANKD_LANG, LC_ALL, LANG.")
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help=said("Répondre en JSON.", "Answer in JSON."))]


class Common(Protocol):
    """What every such object says of how to answer."""

    @property
    def language(self) -> Language:
        """The language of the answer."""
        ...

    @property
    def as_json(self) -> bool:
        """Whether the answer is JSON."""
        ...


C = TypeVar("C", bound=Common)


def with_options(options: Callable[..., C]) -> Callable[[Callable[Concatenate[C, P], None]], Callable[..., None]]:
    """Give a command the options of `options` beside its own; what they make together is its first argument.

    A refusal inside the command becomes words and an exit code, as `refusals` does it.

    Args:
        options: Takes only keyword arguments that Typer understands.
    """
    shared = list(inspect.signature(options, eval_str=True).parameters.values())

    def decorate(command: Callable[Concatenate[C, P], None]) -> Callable[..., None]:
        own = list(inspect.signature(command, eval_str=True).parameters.values())[1:]

        @wraps(command)
        def run(**given: Any) -> None:
            found = options(**{parameter.name: given.pop(parameter.name) for parameter in shared})
            with refusals(found.language, as_json=found.as_json):
                command(found, **given)  # type: ignore[call-arg]

        parameters = [entry.replace(kind=inspect.Parameter.KEYWORD_ONLY) for entry in (*own, *shared)]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {entry.name: entry.annotation for entry in parameters}
        del run.__wrapped__
        return run

    return decorate
