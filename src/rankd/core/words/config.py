"""What a configuration value should have been."""

from collections.abc import Mapping

from rankd.core.words.language import Phrase

_NUMBER = Phrase(fr="un nombre entier, sans guillemets", en="a whole number, without quotes")
_PATH = Phrase(fr="un chemin entre guillemets", en="a path in quotes")
_SECTION = Phrase(fr="une section, par exemple [server]", en="a section, for example [server]")

WANTED: Mapping[str, Phrase] = {
    "int_type": _NUMBER,
    "bool_type": Phrase(fr="true ou false, sans guillemets", en="true or false, without quotes"),
    "string_type": Phrase(fr="un texte entre guillemets", en="a text in quotes"),
    "is_instance_of": _PATH,
    "path_type": _PATH,
    "model_type": _SECTION,
    "dict_type": _SECTION,
    "greater_than_equal": Phrase(fr="au moins {ge}", en="at least {ge}"),
    "less_than_equal": Phrase(fr="au plus {le}", en="at most {le}"),
    "string_pattern_mismatch": Phrase(fr="un texte de la forme {pattern}", en="a text of the form {pattern}"),
    "literal_error": Phrase(fr="un des mots {expected}", en="one of {expected}"),
    "frozen_set_type": Phrase(
        fr='une liste de rôles, par exemple ["feed"]', en='a list of roles, for example ["feed"]'
    ),
    "tuple_type": Phrase(
        fr='une liste de clés publiques, par exemple ["1f6c…"]', en='a list of public keys, for example ["1f6c…"]'
    ),
    "too_short": Phrase(fr="au moins un rôle", en="at least one role"),
    "other": Phrase(fr="une valeur comme dans l’exemple", en="a value like the one in the example"),
}
"""By the reader's name for what is wrong; templates over what it says about it."""
