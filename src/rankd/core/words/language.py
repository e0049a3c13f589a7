"""The languages that rankd speaks, and a phrase in each of them."""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Language: TypeAlias = Literal["fr", "en"]
LANGUAGES: tuple[Language, ...] = ("fr", "en")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One thing that rankd says, written in French and in English.

    Both texts are `str.format` templates over the same named parameters.
    """

    fr: str
    en: str

    def say(self, language: Language, /, **params: Any) -> str:
        """Return the text in `language` with `params` filled in."""
        template = self.fr if language == "fr" else self.en
        return template.format(**params)
