"""The words of the command line's own machinery: Typer's, found by their English text, and questions with yes or no.

Typer writes most of these in its code. What it says reaches us as finished text, so that a message is recognised by its
template: a field takes what stands in its place, and `{name!r}` what stands there between quotes.
"""

import re
from collections.abc import Mapping
from functools import cache

from rankd.core.words.language import Language, Phrase

USAGE = Phrase(fr="Utilisation : ", en="Usage: ")
ERROR = Phrase(fr="Erreur : {message}", en="Error: {message}")
HINT = Phrase(fr="Pour l’aide : {command} {option}", en="Try '{command} {option}' for help.")
PLACE = Phrase(fr="COMMANDE [ARGUMENTS]...", en="COMMAND [ARGS]...")
"""Where a command and what it takes stand in a usage line."""

TITLES = (
    Phrase(fr="Arguments", en="Arguments"),
    Phrase(fr="Options", en="Options"),
    Phrase(fr="Commandes", en="Commands"),
)

SCREEN = (
    *TITLES,
    Phrase(fr="Erreur", en="Error"),
    Phrase(fr="Interrompu.", en="Aborted."),
    Phrase(fr="Interrompu.", en="Aborted!"),
    Phrase(fr="[obligatoire]", en="[required]"),
    Phrase(fr="obligatoire", en="required"),
    Phrase(fr="[par défaut : {}]", en="[default: {}]"),
    Phrase(fr="par défaut : {default}", en="default: {default}"),
    Phrase(fr="[variable d’environnement : {}]", en="[env var: {}]"),
    Phrase(fr="variable d’environnement : {var}", en="env var: {var}"),
    Phrase(
        fr="Pour l’aide : [blue]{command_path} {help_option}[/]",
        en="Try [blue]'{command_path} {help_option}'[/] for help.",
    ),
    Phrase(fr="Montrer cette aide.", en="Show this message and exit."),
)
"""Words around the messages, which Typer fills in itself."""

TYPES = (
    Phrase(fr="<texte>", en="<str>"),
    Phrase(fr="<entier>", en="<int>"),
    Phrase(fr="<entier>", en="<int range>"),
    Phrase(fr="<nombre>", en="<float>"),
    Phrase(fr="<nombre>", en="<float range>"),
    Phrase(fr="<chemin>", en="<path>"),
    Phrase(fr="<fichier>", en="<file>"),
    Phrase(fr="<dossier>", en="<dir>"),
    Phrase(fr="<textes>", en="<list[str]>"),
    Phrase(fr="<entiers>", en="<list[int]>"),
    Phrase(fr="<chemins>", en="<list[Path]>"),
    Phrase(fr="<texte,texte>", en="<str,str>"),
    # What is only given or not takes no value.
    Phrase(fr="", en="<bool>"),
)
"""What an option or an argument takes."""

MESSAGES = (
    Phrase(fr="{message} Vouliez-vous dire {names} ?", en="{message}. Did you mean {names}?"),
    Phrase(fr="Commande inconnue : « {name} ».", en="No such command {name!r}."),
    Phrase(fr="Il manque la commande.", en="Missing command."),
    Phrase(fr="Il manque {kind} {hint}. {message}", en="Missing {kind} {hint}. {message}"),
    Phrase(fr="Il manque {kind} {hint}.", en="Missing {kind} {hint}."),
    Phrase(fr="À choisir parmi :\n\t{choices}", en="Choose from:\n\t{choices}"),
    Phrase(
        fr="Option inconnue : {name} (peut-être : {choices})", en="No such option: {name} (Possible options: {choices})"
    ),
    Phrase(fr="Option inconnue : {name}", en="No such option: {name}"),
    Phrase(fr="L’option « {option} » attend {wanted}", en="Option {option!r} requires {wanted}"),
    Phrase(fr="L’option « {option} » ne prend pas de valeur.", en="Option {option!r} does not take a value."),
    Phrase(fr="L’argument « {name} » prend {count} valeurs.", en="Argument {name!r} takes {count} values."),
    Phrase(fr="En trop sur la ligne : {arguments}", en="Got unexpected extra argument(s) ({arguments})"),
    Phrase(fr="Valeur refusée pour {hint} : {message}", en="Invalid value for {hint}: {message}"),
    Phrase(fr="Valeur refusée : {message}", en="Invalid value: {message}"),
    Phrase(fr="{names} (variable d’environnement « {variable} »)", en="{names} (env var: {variable!r})"),
    Phrase(fr="{message}", en="Value error, {message}"),
    Phrase(fr="« {value} » n’est pas admis; choisissez parmi {names}.", en="{value!r} is not one of {names}."),
    Phrase(fr="{label} « {path} » n’existe pas.", en="{label} {path!r} does not exist."),
    Phrase(fr="{label} « {path} » est un fichier.", en="{label} {path!r} is a file."),
    Phrase(fr="{label} « {path} » est un dossier.", en="{label} {path!r} is a directory."),
    Phrase(fr="{label} « {path} » ne peut pas être lu.", en="{label} {path!r} is not readable."),
    Phrase(fr="{label} « {path} » ne peut pas être écrit.", en="{label} {path!r} is not writable."),
    Phrase(
        fr="ce n’est pas un nombre entier.", en="Input should be a valid integer, unable to parse string as an integer"
    ),
    Phrase(fr="ce nombre est trop long.", en="Unable to parse input string as an integer, exceeded maximum size"),
    Phrase(fr="ce n’est pas un nombre.", en="Input should be a valid number, unable to parse string as a number"),
    Phrase(fr="il faut au moins {least}.", en="Input should be greater than or equal to {least}"),
    Phrase(fr="il faut au plus {most}.", en="Input should be less than or equal to {most}"),
)
"""What is said of a command line that cannot be taken. The first that fits is meant."""

PARTS: Mapping[str, tuple[Phrase, ...]] = {
    "kind": (Phrase(fr="l’argument", en="argument"), Phrase(fr="l’option", en="option")),
    "label": (
        Phrase(fr="le chemin", en="path"),
        Phrase(fr="le fichier", en="file"),
        Phrase(fr="le dossier", en="dir"),
    ),
    "wanted": (Phrase(fr="une valeur.", en="an argument."), Phrase(fr="{count} valeurs.", en="{count} arguments.")),
    "message": MESSAGES,
    "hint": MESSAGES,
}
"""Fields that hold words themselves."""

QUESTION = Phrase(fr="{question} : ", en="{question}: ")
CHOICE = Phrase(fr="{question} [o/N] : ", en="{question} [y/N]: ")
UNCLEAR = Phrase(fr="Répondez o (oui) ou n (non).", en="Answer y (yes) or n (no).")
YES: Mapping[Language, tuple[str, ...]] = {"fr": ("o", "oui"), "en": ("y", "yes")}
NO: Mapping[Language, tuple[str, ...]] = {"fr": ("n", "non", ""), "en": ("n", "no", "")}
"""What is understood as an answer; nothing is no."""

_QUOTED_FIELDS = ("names", "hint")
_FIELD = re.compile(r"\{(?P<name>\w*)(?P<quoted>!r)?\}")
_SHAPES: Mapping[str, str] = {
    "kind": r"\w+",
    "count": r"\d+",
    "label": r"\w+",
    # What an argument or an option is called may hold a colon, where a variable stands beside it.
    "hint": r"'[^']*'(?: / '[^']*')*(?: \(env var: '[^']*'\))?|.+?",
}


def usage_in_french(text: str) -> str:
    """Return a message of Typer in French; one that is not in `MESSAGES` as it stands."""
    return _say(text, MESSAGES)


def word_in_french(text: str, words: tuple[Phrase, ...]) -> str:
    """Return the French of a text that is in `words` as it stands there, its fields unfilled; else the text."""
    return next((phrase.fr for phrase in words if phrase.en == text), text)


def _say(text: str, phrases: tuple[Phrase, ...]) -> str:
    for phrase in phrases:
        found = _pattern(phrase.en).fullmatch(text)
        if found:
            return phrase.say("fr", **{name: _part(name, held) for name, held in found.groupdict().items()})
    return text


def _part(name: str, text: str) -> str:
    if name not in PARTS:
        return _quote(text) if name in _QUOTED_FIELDS else text
    said = _say(text, PARTS[name])
    if said == text and name == "message":
        # Where Typer adds a suggestion, it takes the message's full stop away.
        said = _say(f"{text}.", PARTS[name])
        return said if said != f"{text}." else text
    return _quote(said) if name in _QUOTED_FIELDS else said


def _quote(text: str) -> str:
    return re.sub(r"'([^']*)'", "« \\1 »", text)


@cache
def _pattern(template: str) -> re.Pattern[str]:
    """Return what recognises texts that were made from a template."""
    parts, end = [], 0
    for field in _FIELD.finditer(template):
        name = field["name"]
        held = f"(?P<{name}>{_SHAPES.get(name, '.+')})"
        # Python quotes with the other sign what holds an apostrophe.
        held = f"(?P<sign_{name}>['\"]){held}(?P=sign_{name})" if field["quoted"] else held
        parts += [re.escape(template[end : field.start()]), held]
        end = field.end()
    return re.compile("".join([*parts, re.escape(template[end:])]), re.DOTALL)
