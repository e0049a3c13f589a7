"""Reasons about journals on disk."""

from collections.abc import Mapping

from rankd.core.words.reasons.reason import Kind, Reason, reason

_COPY_FR = (
    "Rien n’a été modifié. Comparez avec une copie et demandez-vous qui a pu y toucher; ne réparez pas l’original."
)
_COPY_EN = "Nothing was changed. Compare with a copy, and ask who could have touched it; do not repair the original."
_NEW_ORIGIN_FR = (
    "ne signez plus jamais dans ce dossier : gardez-le tel quel et commencez une nouvelle origine, avec une nouvelle "
    "clé et un dossier vide."
)
_NEW_ORIGIN_EN = (
    "never sign in this folder again: keep it as it is, and begin a new origin, with a new key and an empty folder."
)

_WRITE_AHEAD: Mapping[str, Reason] = {
    "JOURNAL_WAL_DAMAGED": reason(
        Kind.DATA_LOSS,
        fr="{file}, octet {offset} : l’entrée {index} n’est plus celle qui a été écrite.",
        en="{file}, byte {offset}: entry {index} is not what was written there.",
        do_fr=f"{_COPY_FR} Seulement si le courant a manqué pendant la dernière écriture et que plus rien de bon ne "
        "suit : gardez un double, puis coupez ce fichier à cet octet (truncate -s {offset}). Le repère refuse le "
        "démarrage si vous coupez ce qui a été publié.",
        do_en=f"{_COPY_EN} Only where power failed during the last write and nothing good follows: keep a duplicate, "
        "then cut this file at that byte (truncate -s {offset}). The mark refuses the start if you cut what was "
        "published.",
    ),
    "JOURNAL_WAL_INCOMPLETE": reason(
        Kind.DATA_LOSS,
        fr="{path} : aucun fichier ne porte l’entrée {index}, qui devrait s’y trouver.",
        en="{path}: no file holds entry {index}, which should be there.",
        do_fr=f"Un fichier .wal a été supprimé ou renommé; remettez-le. {_COPY_FR}",
        do_en=f"A .wal file was removed or renamed; put it back. {_COPY_EN}",
    ),
    "JOURNAL_WAL_DIFFERS": reason(
        Kind.DATA_LOSS,
        fr="{path} : l’entrée {index} n’est pas celle qui a été publiée sous ce numéro.",
        en="{path}: entry {index} is not the one that was published under this index.",
        do_fr=f"Ces fichiers viennent sans doute d’un autre dossier. {_COPY_FR}",
        do_en=f"These files probably come from another folder. {_COPY_EN}",
    ),
}

_PUBLISHED: Mapping[str, Reason] = {
    "JOURNAL_CHECKPOINT_MISSING": reason(
        Kind.DATA_LOSS,
        fr="{path} n’existe pas, alors que le dossier n’est pas vide ou devrait contenir un journal.",
        en="{path} does not exist, yet the folder is not empty, or should hold a journal.",
        do_fr="Vérifiez le chemin; si c’est le bon, reprenez ce fichier d’une copie aussi récente que le reste.",
        do_en="Check the path; if it is right, take the file from a copy as recent as everything else.",
    ),
    "JOURNAL_CHECKPOINT_DIFFERS": reason(
        Kind.DATA_LOSS,
        fr="{path} n’est pas un point de contrôle signé par la clé de ce journal ({detail}).",
        en="{path} is no checkpoint signed by this journal’s key ({detail}).",
        do_fr="Si vous avez changé de clé ou d’origine, revenez à celles de ce journal : une nouvelle clé veut un "
        f"dossier vide. Sinon, le fichier a été modifié. {_COPY_FR}",
        do_en="If you changed the key or the origin, go back to those of this journal: a new key wants an empty "
        f"folder. Otherwise the file was changed. {_COPY_EN}",
    ),
    "JOURNAL_EDGE_DIFFERS": reason(
        Kind.DATA_LOSS,
        fr="{path} ne correspond pas au point de contrôle, qui compte {size} entrées ({detail}).",
        en="{path} does not agree with the checkpoint, which has {size} entries ({detail}).",
        do_fr=_COPY_FR,
        do_en=_COPY_EN,
    ),
    "JOURNAL_MARK_MISSING": reason(
        Kind.STATE,
        fr="Le journal compte {count} entrées, mais le repère {path} n’existe pas : rien ne dit ce que la clé a signé "
        "en dernier.",
        en="The journal has {count} entries, but the mark {path} does not exist: nothing says what the key "
        "signed last.",
        do_fr="Remettez le repère qui était à côté de la clé. S’il est perdu ou si ce dossier vient d’une sauvegarde : "
        f"{_NEW_ORIGIN_FR}",
        do_en="Put back the mark that lay beside the key. If it is lost, or this folder comes from a backup: "
        f"{_NEW_ORIGIN_EN}",
    ),
    "JOURNAL_MARK_DAMAGED": reason(
        Kind.DATA_LOSS,
        fr="Le repère {path} n’est pas un point de contrôle signé par la clé de ce journal ({detail}).",
        en="The mark {path} is no checkpoint signed by this journal’s key ({detail}).",
        do_fr="Vérifiez que chaque clé a son propre repère. Sinon, remettez celui qui était à côté de la clé, jamais "
        "un plus ancien.",
        do_en="Check that each key has a mark of its own. Otherwise put back the one that lay beside the key, never an "
        "older one.",
    ),
    "JOURNAL_ROLLED_BACK": reason(
        Kind.DATA_LOSS,
        fr="D’après {path}, la clé a déjà signé {marked} entrées qui ne sont pas celles d’ici, où il y en a {count} : "
        "ce dossier est une sauvegarde restaurée, ou une autre copie a continué.",
        en="By {path} the key has signed {marked} entries which are not those here, where there are {count}: this "
        "folder is a restored backup, or another copy went on.",
        do_fr=f"Retrouvez le dossier le plus récent. S’il est perdu : {_NEW_ORIGIN_FR}",
        do_en=f"Find the newest folder. If it is lost: {_NEW_ORIGIN_EN}",
    ),
    "JOURNAL_UNPUBLISHED": reason(
        Kind.UNAVAILABLE,
        fr="Le journal {path} n’a pas pu être publié ({detail}). Les entrées restent consignées.",
        en="The journal {path} could not be published ({detail}). Entries stay committed.",
        do_fr="Vérifiez l’espace libre, les droits et le disque, ainsi que le dossier du repère; un nouvel essai "
        "se fait tout seul.",
        do_en="Check free space, permissions and the disk, and the folder of the mark; it is tried again by itself.",
    ),
    "SIZE_UNPUBLISHED": reason(
        Kind.STATE,
        fr="La taille {size} n’est pas encore publiée; le journal l’est jusqu’à {published}.",
        en="Size {size} is not published yet; the journal is up to {published}.",
        do_fr="Demandez une preuve pour la taille d’un point de contrôle publié, ou attendez une seconde.",
        do_en="Ask for a proof at the size of a published checkpoint, or wait a second.",
    ),
}

_BODIES: Mapping[str, Reason] = {
    "LEAF_ABSENT": reason(
        Kind.MISSING,
        fr="Il n’y a pas d’entrée {index}; le journal en compte {count}.",
        en="There is no entry {index}; the journal has {count}.",
        do_fr="Les numéros commencent à 0.",
        do_en="Indexes begin at 0.",
    ),
    "BODY_MISSING": reason(
        Kind.MISSING,
        fr="L’entrée {index} n’a pas de contenu : il n’en a jamais été écrit.",
        en="Entry {index} has no body: none was ever written.",
        do_fr="Demandez l’entrée elle-même; seules certaines sortes d’entrées ont un contenu.",
        do_en="Ask for the entry itself; only some kinds of entries have a body.",
    ),
    "BODY_ERASED": reason(
        Kind.MISSING,
        fr="Le contenu de l’entrée {index} a été effacé.",
        en="The body of entry {index} was erased.",
        do_fr="Une entrée d’effacement signée dans le journal dit quand, par qui et pourquoi.",
        do_en="A signed erasure entry in the journal says when, by whom and why.",
    ),
    "ERASURE_UNEXPLAINED": reason(
        Kind.DATA_LOSS,
        fr="Le contenu de l’entrée {index} n’a plus de clé, mais aucune entrée d’effacement n’en parle.",
        en="The body of entry {index} has no key any more, but no erasure entry speaks of it.",
        do_fr="Une clé a été supprimée hors du journal : gardez le dossier tel quel et prévenez l’exploitant.",
        do_en="A key was deleted outside the journal: keep the folder as it is and tell the operator.",
    ),
    "ERASURE_RANGE": reason(
        Kind.INVALID,
        fr="Impossible d’effacer de {first} à {last} : le journal compte {count} entrées.",
        en="Nothing can be erased from {first} to {last}: the journal has {count} entries.",
        do_fr="Donnez des entrées qui existent, de la première à la dernière.",
        do_en="Give entries that exist, from the first to the last.",
    ),
    "JOURNAL_BODY_DAMAGED": reason(
        Kind.DATA_LOSS,
        fr="{file}, octet {offset} : le contenu de l’entrée {index} n’est plus celui qui a été écrit.",
        en="{file}, byte {offset}: the body of entry {index} is not what was written there.",
        do_fr="Reprenez ce fichier d’une copie. Les autres contenus restent lisibles.",
        do_en="Take this file from a copy. Other bodies can still be read.",
    ),
    "JOURNAL_PACK_SHORT": reason(
        Kind.DATA_LOSS,
        fr="{file} a {found} octets; les contenus publiés en occupent {wanted}.",
        en="{file} has {found} bytes; the published bodies take {wanted}.",
        do_fr=f"Le fichier a été coupé ou supprimé. {_COPY_FR}",
        do_en=f"The file was cut or removed. {_COPY_EN}",
    ),
    "JOURNAL_PACK_DAMAGED": reason(
        Kind.DATA_LOSS,
        fr="{file} ne commence pas par « {wanted} ».",
        en="{file} does not begin with “{wanted}”.",
        do_fr=_COPY_FR,
        do_en=_COPY_EN,
    ),
    "JOURNAL_KEYS_DAMAGED": reason(
        Kind.DATA_LOSS,
        fr="{path} n’est plus la table des clés qui a été écrite ({detail}).",
        en="{path} is not the table of keys that was written ({detail}).",
        do_fr=f"Des contenus que la table rendait lisibles sont peut-être perdus. {_COPY_FR}",
        do_en=f"Bodies that the table made readable may be lost. {_COPY_EN}",
    ),
    "JOURNAL_UNREADABLE": reason(
        Kind.UNAVAILABLE,
        fr="Impossible de lire {path} : {detail}.",
        en="{path} cannot be read: {detail}.",
        do_fr="Vérifiez le chemin, les droits et le disque. Après un arrêt brutal, démarrez une fois le service : il "
        "remet la table des clés en ordre.",
        do_en="Check the path, its permissions and the disk. After a crash, start the service once: it puts the table "
        "of keys in order.",
    ),
}

REASONS: Mapping[str, Reason] = {**_WRITE_AHEAD, **_PUBLISHED, **_BODIES}
