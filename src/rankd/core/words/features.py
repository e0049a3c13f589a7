"""What `rankd features` says."""

from collections.abc import Mapping

from rankd.core.words.language import Phrase

REBUILD: Mapping[str, Phrase] = {
    "counting": Phrase(fr="Comptes de {surface}", en="Counts of {surface}"),
    "done_here": Phrase(
        fr="Comptes de « {surface} » refaits : {entries} entrée{s} du journal des événements.",
        en="Counts of “{surface}” made again: {entries} entr{s} of the journal of events.",
    ),
    "nothing": Phrase(
        fr="Aucun compte à refaire ici; le service compte à son démarrage ce que ses modèles demandent.",
        en="No counts to make again here; the service counts at its start what its models ask for.",
    ),
    "asked": Phrase(
        fr="Un service tourne : il refait les comptes. En attendant, les demandes reçoivent les valeurs déclarées par "
        "défaut.",
        en="A service is running: it makes the counts again. Until then requests get the declared defaults.",
    ),
    "done": Phrase(fr="Comptes refaits par le service.", en="Counts made again by the service."),
    "waits": Phrase(
        fr="Le service n’a pas fini en {seconds} s; la demande reste ({path}) et sera exécutée.",
        en="The service was not done within {seconds} s; the request stays ({path}) and will be obeyed.",
    ),
}
