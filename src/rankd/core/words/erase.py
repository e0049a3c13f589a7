"""What `rankd erase` says."""

from collections.abc import Mapping

from rankd.core.words.language import Phrase

EXPIRED = "Durée de conservation écoulée. / The promised time is over."
"""The reason that the journal gives, for everybody to read, where a body is as old as was promised."""

SAYINGS: Mapping[str, Phrase] = {
    "about": Phrase(
        fr="{count} décision{s} de {origin} à effacer : {ranges}.",
        en="{count} decision{s} of {origin} to erase: {ranges}.",
    ),
    "already": Phrase(fr="{count} parmi elles déjà effacée{s}.", en="{count} more among them erased already."),
    "confirm": Phrase(
        fr="Leur contenu ne pourra plus être lu par personne. Continuer",
        en="Nobody will be able to read them again. Go on",
    ),
    "stopped": Phrase(fr="Rien n’a été effacé.", en="Nothing was erased."),
    "none_due": Phrase(fr="Rien n’a dépassé sa durée.", en="Nothing is past its time."),
    "obeyed_here": Phrase(
        fr="Effacé; l’ordre est dans le journal (entrée {entry}).",
        en="Erased; the order is in the journal (entry {entry}).",
    ),
    "obeyed": Phrase(
        fr="Effacé par le service; l’ordre est dans le journal.",
        en="Erased by the service; the order is in the journal.",
    ),
    "waiting": Phrase(
        fr="L’ordre attend : le service l’exécutera dès qu’il tournera ({path}).",
        en="The order waits: the service obeys it as soon as it runs ({path}).",
    ),
    "refused": Phrase(
        fr="Le service a refusé l’ordre; son journal d’exploitation dit pourquoi.",
        en="The service refused the order; its log says why.",
    ),
    "more": Phrase(fr="… ({count} suites)", en="… ({count} runs)"),
}
