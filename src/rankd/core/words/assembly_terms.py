"""The assembly's own words, in French and in English: what a proposal can be, where it can be, and who did what."""

from collections.abc import Mapping

from rankd.core.words.language import Language, Phrase
from rankd.core.words.quantity import count_words, plural

SUBJECTS: Mapping[str, Phrase] = {
    "policy": Phrase(fr="politique", en="policy"),
    "model": Phrase(fr="modèle", en="model"),
    "constitution": Phrase(fr="constitution", en="constitution"),
}

VOTES: Mapping[str, Phrase] = {
    "yes_no": Phrase(fr="oui ou non", en="yes or no"),
    "ranking": Phrase(fr="classement des options", en="ranking of the options"),
    "points": Phrase(fr="mille points à répartir", en="a thousand points to hand out"),
}

STATES: Mapping[str, Phrase] = {
    "draft": Phrase(fr="cherche des parrainages", en="looks for sponsors"),
    "deliberation": Phrase(fr="en débat", en="in debate"),
    "frozen": Phrase(fr="texte arrêté, vote annoncé", en="text settled, vote announced"),
    "voting": Phrase(fr="au vote", en="being voted on"),
    "defeated": Phrase(fr="rejetée", en="defeated"),
    "lapsed": Phrase(fr="caduque", en="lapsed"),
    "queued": Phrase(fr="adoptée, pas encore en vigueur", en="passed, not yet in force"),
    "held": Phrase(fr="adoptée, retenue par les gardiens", en="passed, held back by the guardians"),
    "cancelled": Phrase(
        fr="annulée par les gardiens, ce que les membres ont confirmé",
        en="cancelled by the guardians, which the members confirmed",
    ),
    "recalled": Phrase(fr="rappelée par les membres", en="recalled by the members"),
    "expired": Phrase(fr="périmée", en="expired"),
    "activated": Phrase(fr="en vigueur", en="in force"),
    "superseded": Phrase(fr="remplacée", en="superseded"),
}
"""Where a proposal is."""

INTERVENTION_STATES: Mapping[str, Phrase] = {
    "voting": Phrase(fr="les membres votent", en="the members vote"),
    "confirmed": Phrase(fr="confirmée par les membres", en="confirmed by the members"),
    "lapsed": Phrase(fr="non confirmée : sans effet désormais", en="not confirmed: without effect from then on"),
}

RATIFICATIONS: Mapping[str, Phrase] = {
    "DEV": Phrase(fr="coopérative d’essai", en="development co-op"),
    "RATIFIED": Phrase(fr="adoptée par les membres", en="adopted by the members"),
    "BASELINE": Phrase(fr="aucune politique adoptée : ordre de base", en="no policy adopted: the baseline order"),
    "ROLLED_BACK": Phrase(fr="rétablie par les gardiens", en="brought back by the guardians"),
}

CAUSES: Mapping[str, Phrase] = {
    "founding": Phrase(fr="à la fondation", en="with the founding"),
    "vote": Phrase(fr="après un vote ({name})", en="after a vote ({name})"),
    "notice": Phrase(fr="après préavis ({name})", en="after notice ({name})"),
    "rollback": Phrase(fr="par les gardiens ({name})", en="by the guardians ({name})"),
    "lapse": Phrase(
        fr="faute de confirmation des gardiens ({name})", en="since the guardians were not confirmed ({name})"
    ),
}
"""What brought an activation about."""

SIDES: Mapping[str, Phrase] = {
    "for": Phrase(fr="pour", en="for"),
    "against": Phrase(fr="contre", en="against"),
    "neither": Phrase(fr="ni pour ni contre", en="neither"),
}

MEMBER_STATES: Mapping[str, Phrase] = {
    "active": Phrase(fr="actif", en="active"),
    "suspended": Phrase(fr="suspendu", en="suspended"),
    "resigned": Phrase(fr="parti", en="gone"),
}

KINDS: Mapping[str, Phrase] = {
    "constitution": Phrase(fr="fondation", en="founding"),
    "registration": Phrase(fr="inscription", en="registration"),
    "roll": Phrase(fr="registre des membres", en="roll"),
    "proposal": Phrase(fr="proposition", en="proposal"),
    "sponsor": Phrase(fr="parrainage", en="sponsorship"),
    "argument": Phrase(fr="argument", en="argument"),
    "amendment": Phrase(fr="amendement", en="amendment"),
    "freeze": Phrase(fr="arrêt du texte", en="freeze"),
    "open": Phrase(fr="constat d’ouverture", en="witnessed opening"),
    "ballot": Phrase(fr="bulletin", en="ballot"),
    "close": Phrase(fr="constat de clôture", en="witnessed close"),
    "recall": Phrase(fr="signature de rappel", en="recall signature"),
    "activation": Phrase(fr="constat d’entrée en vigueur", en="witnessed activation"),
    "guardian": Phrase(fr="demande d’un gardien", en="guardian’s demand"),
    "erasure": Phrase(fr="ordre d’effacement", en="order to erase"),
}
"""What an entry of the minutes is."""

_LEFT = (
    (86_400_000, Phrase(fr="{n} jour{s}", en="{n} day{s}")),
    (3_600_000, Phrase(fr="{n} heure{s}", en="{n} hour{s}")),
    (60_000, Phrase(fr="{n} minute{s}", en="{n} minute{s}")),
)
_LEFT_SOON = Phrase(fr="moins d’une minute", en="less than a minute")


def left_words(milliseconds: int, language: Language) -> str:
    """Write how much time is left, never more than there is: « 13 jours », "36 hours"; below two days in hours."""
    for size, phrase in _LEFT:
        number = milliseconds // size
        if number >= 2 or (size == 60_000 and number == 1):
            return phrase.say(language, n=count_words(number, language), s=plural(number, language))
    return _LEFT_SOON.say(language)
