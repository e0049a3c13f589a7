"""Reasons about recorded decisions and what they rest on."""

from collections.abc import Mapping

from rankd.core.words.reasons.reason import Kind, Reason, reason

_RESTORE_FR = "Comparez avec une copie et demandez-vous qui a pu y toucher; ne réparez pas l’original."
_RESTORE_EN = "Compare with a copy, and ask who could have touched it; do not repair the original."
_DISK_FR = "Vérifiez l’espace libre, les droits et le disque."
_DISK_EN = "Check free space, permissions and the disk."

_RECORDS: Mapping[str, Reason] = {
    "RECORD_MALFORMED": reason(
        Kind.DATA_LOSS,
        fr="{field} : ce n’est pas un enregistrement de décision ({found}).",
        en="{field}: this is no record of a decision ({found}).",
        do_fr="Comparez le fichier avec une copie; il a été modifié ou abîmé.",
        do_en="Compare the file with a copy; it was changed or damaged.",
    ),
    "RECORD_DAMAGED": reason(
        Kind.DATA_LOSS,
        fr="{file}, octet {offset} : l’enregistrement {index} n’est plus celui qui a été écrit.",
        en="{file}, byte {offset}: record {index} is not what was written there.",
        do_fr=_RESTORE_FR,
        do_en=_RESTORE_EN,
    ),
    "RECORD_OUT_OF_ORDER": reason(
        Kind.DATA_LOSS,
        fr="{file}, octet {offset} : l’enregistrement {found} se trouve là où {index} devrait être.",
        en="{file}, byte {offset}: record {found} stands where {index} should be.",
        do_fr=_RESTORE_FR,
        do_en=_RESTORE_EN,
    ),
    "RECORD_TOO_LARGE": reason(
        Kind.EXHAUSTED,
        fr="La décision occuperait {size_bytes} octets; un enregistrement en compte au plus {most_bytes}.",
        en="The decision would take {size_bytes} bytes; a record has at most {most_bytes}.",
        do_fr="Envoyez moins de publications ou moins de colonnes.",
        do_en="Send fewer candidates or fewer columns.",
    ),
    "RECORDS_HEADER": reason(
        Kind.DATA_LOSS,
        fr="{file}, octet 0 : le fichier ne commence pas par « {wanted} ».",
        en="{file}, byte 0: the file does not begin with “{wanted}”.",
        do_fr=_RESTORE_FR,
        do_en=_RESTORE_EN,
    ),
    "RECORDS_UNAVAILABLE": reason(
        Kind.UNAVAILABLE,
        fr="Rien n’a pu être consigné ({detail}), donc rien n’a été répondu.",
        en="Nothing could be recorded ({detail}), so nothing was answered.",
        do_fr="Réessayez avec les mêmes identifiants; l’exploitant doit vérifier l’espace libre et le disque.",
        do_en="Try again with the same ids; the operator should check free space and the disk.",
    ),
    "RECORDS_LOCKED": reason(
        Kind.STATE,
        fr="Un autre processus écrit déjà dans {path}.",
        en="Another process is already writing to {path}.",
        do_fr="Arrêtez-le, ou donnez à chaque service son propre dossier de données.",
        do_en="Stop it, or give each service a data directory of its own.",
    ),
    "RECORDS_UNOPENABLE": reason(
        Kind.UNAVAILABLE,
        fr="Impossible d’ouvrir le journal dans {path} : {detail}.",
        en="The journal in {path} cannot be opened: {detail}.",
        do_fr=_DISK_FR,
        do_en=_DISK_EN,
    ),
}

_EPOCHS: Mapping[str, Reason] = {
    "EPOCH_UNWRITABLE": reason(
        Kind.UNAVAILABLE,
        fr="Impossible de garder le secret de l’époque dans {path} : {detail}.",
        en="The epoch’s secret cannot be kept in {path}: {detail}.",
        do_fr=_DISK_FR,
        do_en=_DISK_EN,
    ),
    "EPOCH_UNREADABLE": reason(
        Kind.UNAVAILABLE,
        fr="Impossible de lire les secrets d’époque dans {path} : {detail}.",
        en="The epoch secrets in {path} cannot be read: {detail}.",
        do_fr=_DISK_FR,
        do_en=_DISK_EN,
    ),
    "EPOCH_DIFFERS": reason(
        Kind.DATA_LOSS,
        fr="{path} ne contient pas le secret que son nom annonce ({wanted}).",
        en="{path} does not hold the secret that its name announces ({wanted}).",
        do_fr=_RESTORE_FR,
        do_en=_RESTORE_EN,
    ),
}

_ARCHIVE: Mapping[str, Reason] = {
    "ARCHIVE_MISSING": reason(
        Kind.DATA_LOSS,
        fr="Il manque {path} dans l’archive : des décisions reposent sur ce fichier.",
        en="{path} is missing from the archive: decisions rest on it.",
        do_fr="Reprenez-le d’une copie du dossier de données; son nom dit quelle empreinte il doit avoir.",
        do_en="Take it from a copy of the data directory; its name says which digest it must have.",
    ),
    "ARCHIVE_DIFFERS": reason(
        Kind.DATA_LOSS,
        fr="{path} n’est pas le fichier archivé : son nom annonce {wanted}, son contenu donne {found}.",
        en="{path} is not the archived file: its name says {wanted}, its content gives {found}.",
        do_fr=_RESTORE_FR,
        do_en=_RESTORE_EN,
    ),
    "ARCHIVE_UNREADABLE": reason(
        Kind.UNAVAILABLE,
        fr="Impossible de lire {path} dans l’archive : {detail}.",
        en="{path} in the archive cannot be read: {detail}.",
        do_fr=_DISK_FR,
        do_en=_DISK_EN,
    ),
    "ARCHIVE_UNWRITABLE": reason(
        Kind.UNAVAILABLE,
        fr="Impossible d’archiver dans {path} : {detail}. Rien de nouveau n’est entré en vigueur.",
        en="Nothing can be archived in {path}: {detail}. Nothing new has taken effect.",
        do_fr=_DISK_FR,
        do_en=_DISK_EN,
    ),
}

_EVIDENCE: Mapping[str, Reason] = {
    "LEAF_MALFORMED": reason(
        Kind.DATA_LOSS,
        fr="{field} : ce n’est pas une feuille de journal ({found}).",
        en="{field}: this is no leaf of a journal ({found}).",
        do_fr="Comparez avec une autre copie du journal et signalez-le : personne ne peut lire cette entrée.",
        do_en="Compare with another copy of the journal, and report it: nobody can read this entry.",
    ),
    "LEAF_TOO_LARGE": reason(
        Kind.EXHAUSTED,
        fr="La feuille occuperait {size_bytes} octets; une entrée de journal en compte au plus {most_bytes}.",
        en="The leaf would take {size_bytes} bytes; an entry of a journal has at most {most_bytes}.",
        do_fr="Répartissez ce qu’elle énumère sur plusieurs entrées.",
        do_en="Spread what it lists over several entries.",
    ),
    "BODY_KEY_WRONG": reason(
        Kind.DATA_LOSS,
        fr="Cette clé n’ouvre pas ce contenu : l’un des deux a été modifié ou abîmé.",
        en="This key does not open this body: one of the two was changed or damaged.",
        do_fr=_RESTORE_FR,
        do_en=_RESTORE_EN,
    ),
    "BODY_MALFORMED": reason(
        Kind.DATA_LOSS,
        fr="Le contenu scellé n’est pas un seul bloc Zstandard de la taille qu’il annonce ({found}).",
        en="The sealed body is not one Zstandard frame of the size that it states ({found}).",
        do_fr="Ne le décompressez pas autrement : qui l’a scellé n’a pas suivi la spécification. Signalez-le.",
        do_en="Do not decompress it by other means: who sealed it did not follow the specification. Report it.",
    ),
    "BODY_TOO_LARGE": reason(
        Kind.DATA_LOSS,
        fr="Le contenu occuperait {size_bytes} octets; au plus {most_bytes} sont permis.",
        en="The body would take {size_bytes} bytes; at most {most_bytes} are allowed.",
        do_fr="Ne le décompressez pas autrement : qui l’a scellé n’a pas suivi la spécification. Signalez-le.",
        do_en="Do not decompress it by other means: who sealed it did not follow the specification. Report it.",
    ),
    "RECEIPT_MALFORMED": reason(
        Kind.INVALID,
        fr="Ligne {line} : ce n’est pas un reçu ({found}).",
        en="Line {line}: this is no receipt ({found}).",
        do_fr="Donnez le reçu tel que le service l’a envoyé, sans rien y changer.",
        do_en="Give the receipt as the service sent it, with nothing changed.",
    ),
    "RECEIPT_ORIGIN": reason(
        Kind.INVALID,
        fr="Ce reçu parle du journal « {found} », pas de « {wanted} ».",
        en="This receipt speaks of the journal “{found}”, not of “{wanted}”.",
        do_fr="Vérifiez-le avec la clé et le journal de son origine.",
        do_en="Check it with the key and the journal of its origin.",
    ),
    "TOKEN_MALFORMED": reason(
        Kind.INVALID,
        fr="Ce n’est pas un jeton de retour : {size_bytes} octets ou une autre version, au lieu de {wanted_bytes} "
        "octets commençant par 1.",
        en="This is no feedback token: {size_bytes} bytes or another version, not {wanted_bytes} bytes that begin "
        "with 1.",
        do_fr="Renvoyez le jeton de la réponse tel quel, en octets.",
        do_en="Send the answer’s token back as it is, as bytes.",
    ),
    "TOKEN_FOREIGN": reason(
        Kind.INVALID,
        fr="Ce jeton n’a pas été donné par ce service pour la décision {index}.",
        en="This token was not given by this service for decision {index}.",
        do_fr="Renvoyez le jeton de la réponse qui a montré la publication, au service qui l’a donnée.",
        do_en="Send the token of the answer that showed the post, to the service that gave it.",
    ),
    "ERASURE_MALFORMED": reason(
        Kind.INVALID,
        fr="{field} : ce n’est pas un ordre d’effacement ({found}).",
        en="{field}: this is no order to erase ({found}).",
        do_fr="Faites-le écrire et signer par rankd erase; docs/spec/log.md, section 8, dit ce qu’il contient.",
        do_en="Have it written and signed by rankd erase; docs/spec/log.md, section 8, says what it holds.",
    ),
    "ERASURE_ORIGIN": reason(
        Kind.INVALID,
        fr="Cet ordre d’effacement concerne le journal « {found} », pas « {wanted} ».",
        en="This order to erase is about the journal “{found}”, not “{wanted}”.",
        do_fr="Remettez-le au service de cette origine, ou faites-en signer un pour celle-ci.",
        do_en="Hand it to the service of that origin, or have one signed for this one.",
    ),
    "ERASURE_AHEAD": reason(
        Kind.INVALID,
        fr="L’ordre d’effacement nomme la décision {index}, alors que {count} entrées le précèdent.",
        en="The order to erase names decision {index}, while {count} entries stand before it.",
        do_fr="On n’efface que ce qui est déjà écrit : vérifiez les numéros de décision.",
        do_en="Only what is written already can be erased: check the decision numbers.",
    ),
}

REASONS: Mapping[str, Reason] = {**_RECORDS, **_EVIDENCE, **_EPOCHS, **_ARCHIVE}
