"""A member's key on paper: made and written without a file, typed and read without an echo."""

import os
import stat
import sys
from collections.abc import Iterator

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.assembly.identity import member_id
from rankd.core.assembly.key_sheet import LINE_CHARACTERS, LINE_COUNT, bare, read_line, read_sheet, write_sheet
from rankd.core.errors import AssemblyError
from rankd.core.words.language import Language
from rankd.core.words.station import ASKED, SHEET
from rankd.edge.cli.asking import NoAnswerError, ask, unseen


def sheet_lines(private: Ed25519PrivateKey, language: Language) -> Iterator[str]:
    """Yield a key's sheet as it is printed."""
    public = private.public_key().public_bytes_raw()
    yield SHEET["title"].say(language)
    yield ""
    yield SHEET["member"].say(language, member=member_id(public))
    yield SHEET["member_first"].say(language)
    yield SHEET["public"].say(language, public=public.hex())
    yield ""
    yield SHEET["secret"].say(language, count=LINE_COUNT)
    yield ""
    for number, text in enumerate(write_sheet(private.private_bytes_raw()), 1):
        yield SHEET["line"].say(language, number=number, text=text)
    yield ""
    for part in ("letters", "keep", "give", "next", "lost"):
        yield SHEET[part].say(language)


def check_not_on_disk() -> None:
    """Make sure that stdout is no file: a sheet belongs on a screen or on paper.

    Raises:
        AssemblyError: KEY_SHEET_ON_DISK.
    """
    try:
        mode = os.fstat(sys.stdout.fileno()).st_mode
    except (OSError, ValueError):
        return
    if stat.S_ISREG(mode):
        raise AssemblyError("KEY_SHEET_ON_DISK")


def ask_key(language: Language) -> Ed25519PrivateKey:
    """Ask for the lines of a sheet and return its key.

    On a terminal a wrong line is asked for again at once. Several lines may come at once, as a scanner types them.

    Raises:
        NoAnswerError: Nobody answered the first question.
        AssemblyError: KEY_SHEET_SHORT, KEY_SHEET_DIFFERS; where nobody sits at a terminal also KEY_SHEET_LINE.
    """
    lines: list[str] = []
    typer.echo(ASKED["hidden"].say(language, count=LINE_COUNT), err=True)
    with unseen():
        while len(lines) < LINE_COUNT:
            try:
                answer = ask(ASKED["line"].say(language, line=len(lines) + 1, count=LINE_COUNT))
            except NoAnswerError:
                if not lines:
                    raise
                raise AssemblyError("KEY_SHEET_SHORT", found=len(lines), count=LINE_COUNT) from None
            _add(lines, answer, language)
    private = Ed25519PrivateKey.from_private_bytes(read_sheet(lines))
    lines.clear()
    return private


def typed_key(language: Language) -> Ed25519PrivateKey:
    """Ask for a sheet once, where nothing can be done without it.

    Raises:
        AssemblyError: See `ask_key`; KEY_SHEET_SHORT too where nobody answered.
    """
    try:
        return ask_key(language)
    except NoAnswerError:
        raise AssemblyError("KEY_SHEET_SHORT", found=0, count=LINE_COUNT) from None


def _add(lines: list[str], answer: str, language: Language) -> None:
    """Add the lines of an answer, each once it was seen to be right.

    Raises:
        AssemblyError: KEY_SHEET_LINE, where nobody sits at a terminal.
    """
    typed = bare(answer)
    if not typed:
        return
    is_whole = len(typed) % LINE_CHARACTERS == 0 and len(typed) // LINE_CHARACTERS <= LINE_COUNT - len(lines)
    size = LINE_CHARACTERS if is_whole else len(typed)
    try:
        for begin in range(0, len(typed), size):
            line = typed[begin : begin + size]
            read_line(line, len(lines) + 1)
            lines.append(line)
    except AssemblyError as error:
        if not sys.stdin.isatty():
            raise
        typer.echo(error.say(language), err=True)
