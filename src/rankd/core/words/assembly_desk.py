"""What rankd says around a signature: what is about to be signed, where it went, and what the secretary did with it."""

from collections.abc import Mapping

from rankd.core.words.language import Phrase

DESK: Mapping[str, Phrase] = {
    "written": Phrase(fr="Signé ({kind}) : {file}", en="Signed ({kind}): {file}"),
    "hand_over": Phrase(
        fr="Remettez {file} au secrétariat. L’heure qui compte est celle où il l’inscrit, pas celle de votre "
        "signature.",
        en="Hand {file} to the secretary. The time that counts is when it is entered, not when you signed.",
    ),
    "enter": Phrase(
        fr="Inscrivez-le : rankd minutes append {file}. L’heure qui compte est celle de l’inscription.",
        en="Enter it: rankd minutes append {file}. The time that counts is when it is entered.",
    ),
    "submitted": Phrase(
        fr="Inscrit au procès-verbal ({kind}) : entrée {index}, {time}. Reçu gardé : {file}",
        en="Entered into the minutes ({kind}): entry {index}, {time}. Receipt kept: {file}",
    ),
    "keep_receipt": Phrase(
        fr="Gardez ce reçu : s’il n’a pas son entrée, c’est la preuve d’une faute. Vérifier : rankd ballot "
        "check {file}",
        en="Keep this receipt: without its entry it proves a fault. Check: rankd ballot check {file}",
    ),
    "confirm": Phrase(fr="Signer", en="Sign"),
    "stopped": Phrase(fr="Rien n’a été signé.", en="Nothing was signed."),
    "appended": Phrase(fr="{file} : entrée {index}, {kind}, {time}.", en="{file}: entry {index}, {kind}, {time}."),
    "repeated": Phrase(
        fr="{file} : déjà au procès-verbal, entrée {index}.", en="{file}: in the minutes already, entry {index}."
    ),
    "nothing_appended": Phrase(fr="Rien n’a été inscrit.", en="Nothing was entered."),
    "published": Phrase(
        fr="Dossier public à jour : {path} ({count} entrée{s}).",
        en="The public record is current: {path} (entries: {count}).",
    ),
    "registration": Phrase(
        fr="Votre nom dans le registre sera {member}. Le registre ne porte que ce nom et votre clé : dites au "
        "secrétariat, en personne, qu’il est le vôtre.",
        en="Your name on the roll will be {member}. The roll holds this name and your key only: tell the secretary, in "
        "person, that it is yours.",
    ),
}
"""Sentences around a signature."""
