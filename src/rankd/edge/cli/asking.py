"""Questions and answers, line by line: on a terminal, or from a pipe where a script answers. Secrets are not echoed."""

import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from rankd.core.words.language import Language
from rankd.core.words.usage import CHOICE, NO, UNCLEAR, YES

_MOST_CHARACTERS = 10_000
_CLEAR = "\x1b[H\x1b[2J\x1b[3J"
"""Home, the screen, and what scrolled off it (where the terminal obeys: not all do)."""


class NoAnswerError(Exception):
    """There is nobody who answers any more: the terminal said end of file, or the pipe is empty."""


def ask(question: str) -> str:
    """Write a question on stderr and return the answer without the spaces around it.

    Raises:
        NoAnswerError: There is none.
    """
    typer.echo(question, nl=False, err=True)
    line = sys.stdin.readline(_MOST_CHARACTERS)
    if not line:
        typer.echo(err=True)
        raise NoAnswerError
    return line.strip()


def agreed(question: str, language: Language) -> bool:
    """Ask a question until it is answered with yes or no in `language`; nothing is no.

    Raises:
        typer.Abort: It was not answered.
    """
    while True:
        try:
            answer = ask(CHOICE.say(language, question=question)).casefold()
        except (NoAnswerError, KeyboardInterrupt):
            raise typer.Abort from None
        if answer in YES[language] or answer in NO[language]:
            return answer in YES[language]
        typer.echo(UNCLEAR.say(language), err=True)


@contextmanager
def unseen() -> Iterator[None]:
    """Keep a terminal from showing what is typed inside the block; nothing changes where there is none.

    Unlike `getpass` it throws away nothing that was typed ahead, so that a scanner can type a whole sheet at once.
    """
    if not sys.stdin.isatty():
        yield
        return
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    silent = list(before)
    silent[3] = before[3] & ~termios.ECHO | termios.ECHONL
    termios.tcsetattr(terminal, termios.TCSADRAIN, silent)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def clear_screen() -> None:
    """Clear the terminal and what scrolled off it; nothing is written where stdout is none."""
    if sys.stdout.isatty():
        typer.echo(_CLEAR, nl=False)
