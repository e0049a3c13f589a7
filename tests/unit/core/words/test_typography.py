"""French typography, over everything that rankd says: no line may begin with a colon or end with a guillemet."""

import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

import pytest

from rankd.core import words
from rankd.core.words.language import Phrase

BREAKABLE = re.compile(r"(?:^|[^\S\u00a0]):|«(?!\u00a0)|(?<!\u00a0)»")
"""A colon behind a plain space, or a guillemet without its no-break space. A colon right behind a word belongs to what
is quoted there: YAML, a digest, an address."""


def phrases_in(value: object) -> Iterator[Phrase]:
    if isinstance(value, Phrase):
        yield value
    elif isinstance(value, Mapping):
        yield from (phrase for entry in value.values() for phrase in phrases_in(entry))
    elif isinstance(value, tuple | list | set | frozenset):
        yield from (phrase for entry in value for phrase in phrases_in(entry))
    elif is_dataclass(value) and not isinstance(value, type):
        yield from (phrase for field in fields(value) for phrase in phrases_in(getattr(value, field.name)))


def phrases() -> Iterator[tuple[str, Phrase]]:
    """Yield the name of a module and a phrase of it, for every phrase of every module of words."""
    for found in pkgutil.walk_packages(words.__path__, f"{words.__name__}."):
        module = importlib.import_module(found.name)
        for phrase in dict.fromkeys(phrases_in(vars(module))):
            yield found.name, phrase


def test_french_colons_and_guillemets_keep_their_no_break_spaces() -> None:
    wrong = [(module, phrase.fr) for module, phrase in phrases() if BREAKABLE.search(phrase.fr)]
    assert wrong == []


def test_english_is_not_set_as_french() -> None:
    wrong = [(module, phrase.en) for module, phrase in phrases() if re.search("[ \u00a0]:|«|»", phrase.en)]
    assert wrong == []


def test_no_catalogue_is_overlooked() -> None:
    modules = {module for module, _ in phrases()}
    assert len(list(phrases())) > 400
    assert {f"{words.__name__}.{name}" for name in ("verify", "explain", "reasons.witness")} <= modules


@pytest.mark.parametrize("text", ["Ligne : x", "Pièce signée :", "« a\u00a0»", "«\u00a0a »", "«a»", ":"])
def test_what_may_break_is_found(text: str) -> None:
    assert BREAKABLE.search(text)


@pytest.mark.parametrize("text", ["Ligne\u00a0: x", "Pièce\u00a0:", "«\u00a0a\u00a0»", "http://x", "sha256: x"])
def test_what_cannot_break_is_left_alone(text: str) -> None:
    assert not BREAKABLE.search(text)
