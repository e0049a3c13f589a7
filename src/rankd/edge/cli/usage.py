"""What Typer says by itself, in French: help, refusals of a command line, an aborted question.

Typer takes few of its texts from a catalogue: most stand in its code. So its groups and commands are extended where its
own interface has a place for that, and its messages are said anew from `core/words/usage.py`. What it does not know
there stays English. English is left as Typer writes it.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from textwrap import TextWrapper
from typing import IO, TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException

from rankd.core.words.usage import ERROR, HINT, PLACE, SCREEN, TITLES, TYPES, USAGE, usage_in_french, word_in_french
from rankd.edge.cli.language import default_language

if TYPE_CHECKING:
    from typer._click.core import Command, Context, Parameter
    from typer._click.formatting import HelpFormatter
    from typer.core import TyperOption
else:
    Command = object

_NO_BREAK_SPACE = "\u00a0"
_FRAME = 4
"""Characters that rich puts beside a message."""
_LEAST = 20


def speak(app: typer.Typer) -> None:
    """Let `app`, its commands and its groups say what Typer says in the environment's language."""
    if default_language() != "fr":
        return
    app.info.cls = FrenchGroup
    for command in app.registered_commands:
        command.cls = FrenchCommand
    for group in app.registered_groups:
        if group.typer_instance is not None:
            speak(group.typer_instance)


class _French(Command):
    """What groups and commands have in common."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for parameter in self.params:
            _name_type(parameter)

    def get_help_option(self, ctx: "Context") -> "TyperOption | None":
        """Return `--help`."""
        known, option = self._help_option, super().get_help_option(ctx)
        if option is not None and option is not known:
            option.help = word_in_french(option.help or "", SCREEN)
            _name_type(option)
        return option

    def format_usage(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        """Write the usage line."""
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), USAGE.fr)

    def format_help(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        """Write the help."""
        _set_constants()
        super().format_help(ctx, formatter)


class FrenchCommand(_French, TyperCommand):
    """A command that helps in French."""


class FrenchGroup(_French, TyperGroup):
    """A group that helps in French; what is refused below it is refused in French."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.subcommand_metavar = word_in_french(self.subcommand_metavar, (PLACE,))

    def make_context(self, *args: Any, **kwargs: Any) -> "Context":
        """Read this group's part of the command line."""
        with _refusals():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: "Context") -> Any:
        """Read the rest of the command line, and run."""
        with _refusals():
            return super().invoke(ctx)


class FrenchUsageError(typer.BadParameter):
    """A refusal of Typer, said anew."""

    def __init__(self, error: TyperException) -> None:
        super().__init__(usage_in_french(error.format_message()), ctx=getattr(error, "ctx", None))
        self.exit_code = error.exit_code

    def format_message(self) -> str:
        """Return the whole message, in lines: rich would take a no-break space for a place to break them."""
        width = max(shutil.get_terminal_size().columns - _FRAME, _LEAST)
        wrapper = TextWrapper(width, expand_tabs=False, break_long_words=False, break_on_hyphens=False)
        return "\n".join(wrapper.fill(line) for line in self.message.split("\n"))

    def show(self, file: IO[Any] | None = None) -> None:
        """Write it without rich, where Typer is asked to do without."""
        if self.ctx is not None:
            option = self.ctx.help_option_names[0]
            typer.echo(self.ctx.get_usage(), file=file, err=True)
            typer.echo(HINT.say("fr", command=self.ctx.command_path, option=option) + "\n", file=file, err=True)
        typer.echo(ERROR.say("fr", message=self.message), file=file, err=True)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except FrenchUsageError:
        raise
    except TyperException as error:
        _set_constants()
        # Its message is the help, which is in French already; Typer tells it from others by this name too.
        if type(error).__name__ == "NoArgsIsHelpError":
            raise
        raise FrenchUsageError(error) from error
    except (typer.Abort, EOFError):
        _set_constants()
        raise


def _name_type(parameter: "Parameter") -> None:
    # Typer makes its parameters itself and takes no class for them.
    named = parameter.display_type  # type: ignore[attr-defined]
    parameter.display_type = partial(_type_in_french, named)  # type: ignore[attr-defined]


def _type_in_french(named: Any, ctx: "Context") -> str:
    return word_in_french(named(ctx), TYPES)


def _set_constants() -> None:
    """Put French in the place of Typer's constants, in this process.

    Two modules of Typer look their words up with `gettext` and offer no other way to change them: `rich_utils` when it
    is imported, `core` at every call. A catalogue for `gettext` would be a file, and would speak for the whole process.
    """
    # Slow to import, and needed only where there is help or a refusal.
    from typer import core, rich_utils

    words = {name: word_in_french(value, SCREEN) for name, value in vars(rich_utils).items() if isinstance(value, str)}
    vars(rich_utils).update(words)
    vars(core)["_"] = _look_up
    usage = rf"(?P<usage>{USAGE.fr})"
    if usage not in rich_utils.OptionHighlighter.highlights:
        rich_utils.OptionHighlighter.highlights.append(usage)


def _look_up(text: str) -> str:
    # Without rich a title gets its colon from Typer, and its space from nobody.
    title = any(text == phrase.en for phrase in TITLES)
    return word_in_french(text, SCREEN) + (_NO_BREAK_SPACE if title else "")
