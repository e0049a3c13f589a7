"""Reasons about the assembly: entries of its minutes, the roll, proposals and votes."""

from collections.abc import Mapping

from rankd.core.words.reasons.reason import Kind, Reason, reason

_AGAIN_FR = "Refaites l’entrée avec rankd, ou suivez docs/spec/assembly.md."
_AGAIN_EN = "Make the entry again with rankd, or follow docs/spec/assembly.md."

_ENTRIES: Mapping[str, Reason] = {
    "ENTRY_MALFORMED": reason(
        Kind.INVALID,
        fr="{field} : ce champ de l’entrée n’est pas ce qu’il doit être ({found}).",
        en="{field}: this field of the entry is not what it must be ({found}).",
        do_fr=_AGAIN_FR,
        do_en=_AGAIN_EN,
    ),
    "ENTRY_TYPE": reason(
        Kind.INVALID,
        fr="« {found} » n’est le type d’aucune entrée du procès-verbal.",
        en="“{found}” is the type of no entry of the minutes.",
        do_fr="Vérifiez que ce fichier est une entrée faite par rankd, d’une version que ce programme connaît.",
        do_en="Check that this file is an entry made by rankd, of a version that this program knows.",
    ),
    "MINUTES_LEAF_MALFORMED": reason(
        Kind.DATA_LOSS,
        fr="{field} : ce n’est pas une feuille du procès-verbal ({found}).",
        en="{field}: this is no leaf of the minutes ({found}).",
        do_fr="Reprenez le dossier d’une copie intacte; si la feuille y est aussi, qui tient le procès-verbal l’a mal "
        "écrite.",
        do_en="Take the folder from an intact copy; if the leaf is there too, who keeps the minutes wrote it wrong.",
    ),
    "PROPOSAL_NAME": reason(
        Kind.INVALID,
        fr="« {found} » ne désigne ni une proposition ni une intervention des gardiens.",
        en="“{found}” names neither a proposal nor an intervention of the guardians.",
        do_fr="Écrivez p14 pour la proposition 14, g15 pour l’intervention 15.",
        do_en="Write p14 for proposal 14, g15 for intervention 15.",
    ),
}

_REGISTRATIONS: Mapping[str, Reason] = {
    "REGISTRATION_ORIGIN": reason(
        Kind.INVALID,
        fr="L’inscription est pour « {found} », pas pour « {wanted} ».",
        en="The registration is for “{found}”, not for “{wanted}”.",
        do_fr="La personne doit en signer une qui nomme cette coopérative.",
        do_en="The person must sign one that names this co-op.",
    ),
    "REGISTRATION_NOT_OWN": reason(
        Kind.FORBIDDEN,
        fr="L’inscription nomme la clé {wanted}, mais c’est {found} qui l’a signée.",
        en="The registration names the key {wanted}, but {found} signed it.",
        do_fr="Chaque personne signe son inscription avec la clé même qu’elle inscrit.",
        do_en="Each person signs her registration with the very key that she registers.",
    ),
}

REASONS: Mapping[str, Reason] = {**_ENTRIES, **_REGISTRATIONS}
