"""What `rankd witness` says."""

from collections.abc import Mapping

from rankd.core.words.language import Phrase

WITNESS: Mapping[str, Phrase] = {
    "made": Phrase(
        fr="{path} est la mémoire neuve de {vkey}. Donnez cette clé aux journaux qui vous demandent de témoigner, et "
        "ne faites jamais repartir ce témoin d’une copie de ce dossier.",
        en="{path} is the new memory of {vkey}. Give this key to the logs that ask you to be their witness, and never "
        "start this witness again from a copy of this folder.",
    ),
    "serving": Phrase(
        fr="Le témoin {vkey} écoute sur {address} et suit : {logs}. Arrêter : Ctrl-C.",
        en="The witness {vkey} listens on {address} and follows: {logs}. Stop: Ctrl-C.",
    ),
}
