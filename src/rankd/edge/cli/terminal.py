"""What reaches a terminal: text that cannot steer it, and a console that suits it."""

from rich.console import Console
from rich.text import Text

_NO_BREAK_SPACE = "\u00a0"


def harmless(text: str) -> str:
    """Return `text` with everything that could steer a terminal or turn its direction replaced."""
    return "".join(c if c.isprintable() or c == _NO_BREAK_SPACE else "\ufffd" for c in text)


def cell(text: str) -> Text:
    """Return `text` as it stands, for a table: rich would read `[...]` in a plain string as its markup."""
    return Text(harmless(text))


def stdout_console() -> Console:
    """Return a console on stdout; where nobody looks (a pipe), it is as wide as the text needs."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 200
    return console
