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
        do_fr="Gardez ce fichier et reprenez une copie intacte. Ne le coupez pas : rankd replay compte ce qui suit et "
        "reste bon. Seulement s’il n’y a rien de bon après et que le courant a manqué pendant la dernière écriture, "
        "travaillez sur un double coupé à cet octet (truncate -s {offset}).",
        do_en="Keep this file and fetch an intact copy. Do not cut it: rankd replay counts what follows and is still "
        "good. Only where nothing good follows and power failed during the last write, go on with a duplicate that is "
        "cut at that byte (truncate -s {offset}).",
    ),
    "RECORD_OUT_OF_ORDER": reason(
        Kind.DATA_LOSS,
        fr="{file}, octet {offset} : l’enregistrement {found} se trouve là où {index} devrait être.",
        en="{file}, byte {offset}: record {found} stands where {index} should be.",
        do_fr=_RESTORE_FR,
        do_en=_RESTORE_EN,
    ),
    "RECORD_TORN": reason(
        Kind.DATA_LOSS,
        fr="{file}, octet {offset} : le fichier finit par {size_bytes} octets d’un enregistrement inachevé.",
        en="{file}, byte {offset}: the file ends in {size_bytes} bytes of an unfinished record.",
        do_fr="Rien à faire si le service écrit en ce moment ou s’il a été interrompu : personne n’a reçu cette "
        "réponse. Sinon, le fichier a été coupé : reprenez une copie.",
        do_en="Nothing, if the service is writing now or was interrupted: nobody got that answer. Otherwise the file "
        "was cut short: fetch a copy.",
    ),
    "RECORD_TOO_LARGE": reason(
        Kind.EXHAUSTED,
        fr="La décision occuperait {size_bytes} octets; un enregistrement en compte au plus {most_bytes}.",
        en="The decision would take {size_bytes} bytes; a record has at most {most_bytes}.",
        do_fr="Envoyez moins de publications ou moins de colonnes.",
        do_en="Send fewer candidates or fewer columns.",
    ),
    "RECORD_ABSENT": reason(
        Kind.MISSING,
        fr="Il n’y a pas d’enregistrement {index}; le fichier en compte {count}.",
        en="There is no record {index}; the file holds {count}.",
        do_fr="Les numéros commencent à 0.",
        do_en="Indexes begin at 0.",
    ),
    "RECORDS_HEADER": reason(
        Kind.DATA_LOSS,
        fr="{file}, octet 0 : le fichier ne commence pas par « {wanted} ».",
        en="{file}, byte 0: the file does not begin with “{wanted}”.",
        do_fr=_RESTORE_FR,
        do_en=_RESTORE_EN,
    ),
    "RECORDS_UNREADABLE": reason(
        Kind.UNAVAILABLE,
        fr="Impossible de lire {path} : {detail}.",
        en="{path} cannot be read: {detail}.",
        do_fr="Donnez un dossier de données de rankd (il contient decisions/decisions.log) et vérifiez les droits.",
        do_en="Give a data directory of rankd (it holds decisions/decisions.log), and check its permissions.",
    ),
    "RECORDS_UNAVAILABLE": reason(
        Kind.UNAVAILABLE,
        fr="La décision n’a pas pu être consignée ({detail}), donc elle n’a pas été rendue.",
        en="The decision could not be recorded ({detail}), so it was not given.",
        do_fr="Réessayez avec le même identifiant de demande; l’exploitant doit vérifier l’espace libre et le disque.",
        do_en="Try again with the same request id; the operator should check free space and the disk.",
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
        fr="Impossible d’ouvrir les décisions dans {path} : {detail}.",
        en="The decisions in {path} cannot be opened: {detail}.",
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

REASONS: Mapping[str, Reason] = {**_RECORDS, **_EPOCHS, **_ARCHIVE}
