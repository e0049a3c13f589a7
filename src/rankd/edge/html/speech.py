"""Speech: phrases of the catalogue as a page sets them."""

from rankd.core.words.language import Language, Phrase

_NO_BREAK = "\u00a0"
_FRENCH = (
    (" :", _NO_BREAK + ":"),
    (" ?", _NO_BREAK + "?"),
    (" %", _NO_BREAK + "%"),
    ("« ", "«" + _NO_BREAK),
    (" »", _NO_BREAK + "»"),
)


def spoken(phrase: Phrase, language: Language, **params: object) -> str:
    """Return a phrase with its parameters; in French no line breaks before a colon or inside quotation marks."""
    text = phrase.say(language, **params)
    if language == "fr":
        for plain, set_ in _FRENCH:
            text = text.replace(plain, set_)
    return text


def in_language(phrase: Phrase, language: Language) -> str:
    """Return what members wrote, in a language: braces in it are text, not a template."""
    return phrase.fr if language == "fr" else phrase.en
