"""Markup: HTML elements from text that may be hostile. What is not `Markup` already is escaped, without exception."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import TypeAlias

_VOID = frozenset({"br", "meta", "col"})
_KEPT = {"\u00a0", "\n", "\u202f"}


@dataclass(frozen=True, slots=True)
class Markup:
    """A piece of HTML or SVG that is well formed."""

    text: str


Content: TypeAlias = "str | int | Markup | Iterable[Content] | None"


def el(name: str, /, *content: Content, **attributes: str | int | None) -> Markup:
    """Return one element.

    Args:
        name: Its name.
        content: What stands in it; text is escaped, None is nothing.
        attributes: By name; a trailing underscore goes away, others become hyphens. None: left out; "": no value.
    """
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value == "" else f'="{safe(str(value))}"')
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{join(*content).text}</{name}>")


def join(*content: Content) -> Markup:
    """Return one thing behind the other."""
    parts: list[str] = []
    for one in content:
        if isinstance(one, Markup):
            parts.append(one.text)
        elif isinstance(one, str | int):
            parts.append(safe(str(one)))
        elif one is not None:
            parts.append(join(*one).text)
    return Markup("".join(parts))


def safe(text: str) -> str:
    """Return text as it may stand between tags and in quoted attributes.

    What a page cannot show, or what turns the direction of what follows, becomes U+FFFD.
    """
    return escape("".join(c if c.isprintable() or c in _KEPT else "\ufffd" for c in text))


def label(text: str) -> Markup:
    """Return a name that somebody else gave, apart from the direction of the words around it."""
    return el("bdi", text)


def short(text: str, most: int = 28) -> str:
    """Return at most so many characters of a text."""
    return text if len(text) <= most else text[: most - 1] + "…"
