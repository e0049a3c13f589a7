"""The language of the command line."""

import os

from rankd.core.words.language import Language, Phrase


def default_language() -> Language:
    """Return the language that the environment asks for: the first set of RANKD_LANG, LC_ALL and LANG; else French."""
    for name in ("RANKD_LANG", "LC_ALL", "LANG"):
        wanted = os.environ.get(name, "")
        if wanted:
            return "en" if wanted.lower().startswith("en") else "fr"
    return "fr"


def said(fr: str, en: str) -> str:
    """Return one of two texts, by the environment's language: for help, which is written before any option is read."""
    return Phrase(fr=fr, en=en).say(default_language())
