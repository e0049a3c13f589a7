"""Reasons about key files and other secrets on disk."""

from collections.abc import Mapping

from rankd.core.words.reasons.reason import Kind, Reason, reason

_NEW_FR = "Reprenez une copie intacte du fichier; sans elle, il faut une nouvelle clé (rankd keys new)."
_NEW_EN = "Fetch an intact copy of the file; without one, a new key is needed (rankd keys new)."
_DISK_FR = "Vérifiez l’espace libre, les droits et le disque."
_DISK_EN = "Check free space, permissions and the disk."

_FILES: Mapping[str, Reason] = {
    "KEY_FILE_EXISTS": reason(
        Kind.EXISTS,
        fr="{file} existe déjà et n’a pas été touché.",
        en="{file} exists already and was left as it is.",
        do_fr="Une clé n’est jamais écrasée : choisissez un autre chemin.",
        do_en="A key is never overwritten: choose another path.",
    ),
    "KEY_FILE_ABSENT": reason(
        Kind.MISSING,
        fr="Il n’y a pas de fichier de clé {file}.",
        en="There is no key file {file}.",
        do_fr="Vérifiez le chemin; rankd keys new crée une clé.",
        do_en="Check the path; rankd keys new makes a key.",
    ),
    "KEY_FILE_UNREADABLE": reason(
        Kind.STATE,
        fr="Le fichier de clé {file} ne se lit pas ({detail}).",
        en="The key file {file} cannot be read ({detail}).",
        do_fr="Vérifiez le chemin et à qui le fichier appartient.",
        do_en="Check the path and whose file it is.",
    ),
    "KEY_FILE_UNWRITABLE": reason(
        Kind.UNAVAILABLE,
        fr="Impossible d’écrire le fichier de clé {file} : {detail}.",
        en="The key file {file} cannot be written: {detail}.",
        do_fr="Le dossier doit exister. " + _DISK_FR,
        do_en="Its folder must exist. " + _DISK_EN,
    ),
    "KEY_FILE_PERMISSIONS": reason(
        Kind.STATE,
        fr="Le fichier de clé {file} est ouvert à d’autres que son propriétaire ({found}).",
        en="The key file {file} lies open to others than its owner ({found}).",
        do_fr="Fermez-le : chmod 600 {file}. Si quelqu’un a pu le copier, considérez la clé comme perdue.",
        do_en="Close it: chmod 600 {file}. If somebody may have copied it, take the key for lost.",
    ),
    "KEY_FILE_MALFORMED": reason(
        Kind.INVALID,
        fr="{file} n’est pas un fichier de clé de rankd, ou il a été modifié.",
        en="{file} is no key file of rankd, or it was changed.",
        do_fr=_NEW_FR,
        do_en=_NEW_EN,
    ),
    "KEY_FILE_DIFFERS": reason(
        Kind.DATA_LOSS,
        fr="{file} : la clé publique inscrite n’est pas celle de cette clé.",
        en="{file}: the public key that stands there is not this key’s.",
        do_fr=_NEW_FR,
        do_en=_NEW_EN,
    ),
    "KEY_NAME": reason(
        Kind.INVALID,
        fr="« {found} » ne peut pas être le nom d’une clé de sorte {kind}.",
        en="“{found}” cannot be the name of a key of kind {kind}.",
        do_fr="log : l’origine du service, par exemple rankd.coop.example; witness : sans espace ni « + »; les "
        "autres : une ligne de 1 à 100 caractères.",
        do_en="log: the service’s origin, for example rankd.coop.example; witness: without spaces or “+”; the others: "
        "one line of 1 to 100 characters.",
    ),
}

_PASSPHRASES: Mapping[str, Reason] = {
    "KEY_PASSPHRASE_EMPTY": reason(
        Kind.INVALID,
        fr="La phrase de passe est vide.",
        en="The passphrase is empty.",
        do_fr="Choisissez plusieurs mots; --no-passphrase dit qu’il n’en faut pas.",
        do_en="Choose several words; --no-passphrase says that none is needed.",
    ),
    "KEY_PASSPHRASE_MISSING": reason(
        Kind.STATE,
        fr="La clé {file} demande une phrase de passe, et aucune n’a été donnée.",
        en="The key {file} needs a passphrase, and none was given.",
        do_fr="Pour le service : RANKD_LOG_PASSPHRASE, RANKD_ERASER_PASSPHRASE ou RANKD_MINUTES_PASSPHRASE "
        "dans son environnement; pour une commande : --passphrase-file.",
        do_en="For the service: RANKD_LOG_PASSPHRASE, RANKD_ERASER_PASSPHRASE or RANKD_MINUTES_PASSPHRASE in its "
        "environment; for a command: --passphrase-file.",
    ),
    "KEY_PASSPHRASE_WRONG": reason(
        Kind.FORBIDDEN,
        fr="La clé {file} ne s’ouvre pas : la phrase de passe n’est pas la bonne, ou le fichier a été modifié.",
        en="The key {file} does not open: the passphrase is wrong, or the file was changed.",
        do_fr="Réessayez; si la phrase est la bonne, comparez le fichier avec une copie.",
        do_en="Try again; if the passphrase is right, compare the file with a copy.",
    ),
    "KEY_PASSPHRASE_UNASKED": reason(
        Kind.INVALID,
        fr="Il faut une phrase de passe, et il n’y a pas de terminal où la demander.",
        en="A passphrase is needed, and there is no terminal to ask for it.",
        do_fr="Donnez --passphrase-file FICHIER; pour une clé neuve sans phrase, --no-passphrase.",
        do_en="Give --passphrase-file FILE; for a new key without one, --no-passphrase.",
    ),
    "KEY_PASSPHRASE_TWICE": reason(
        Kind.INVALID,
        fr="--passphrase-file et --no-passphrase se contredisent.",
        en="--passphrase-file and --no-passphrase contradict each other.",
        do_fr="Gardez l’un des deux.",
        do_en="Keep one of them.",
    ),
    "KEY_PASSPHRASE_FILE": reason(
        Kind.INVALID,
        fr="Le fichier {file} ne contient pas une phrase de passe lisible ({detail}).",
        en="The file {file} does not hold a readable passphrase ({detail}).",
        do_fr="Il faut une seule ligne en UTF-8, de 1 000 octets au plus.",
        do_en="It must be one line of UTF-8, of 1,000 bytes at most.",
    ),
}

_SERVICE: Mapping[str, Reason] = {
    "LOG_KEY_REQUIRED": reason(
        Kind.STATE,
        fr="L’origine « {origin} » n’a pas de clé de journal : {key} manque.",
        en="The origin “{origin}” has no log key: {key} is missing.",
        do_fr="Créez-la hors du dossier de données (rankd keys new log CHEMIN --name {origin}) et nommez-la. Seule "
        "une origine qui commence par « dev. » peut s’en passer.",
        do_en="Make it outside the data directory (rankd keys new log PATH --name {origin}) and name it. Only an "
        "origin that begins with “dev.” can do without.",
    ),
    "LOG_KEY_IN_DATA": reason(
        Kind.STATE,
        fr="{key} = {file} se trouve dans le dossier de données {data}.",
        en="{key} = {file} lies in the data directory {data}.",
        do_fr="Placez la clé et son repère ailleurs et hors des sauvegardes du dossier : un repère restauré avec ses "
        "données ne peut plus montrer qu’elles ont reculé.",
        do_en="Put the key and its mark elsewhere and out of the directory’s backups: a mark that is restored together "
        "with its data can no longer show that they went backwards.",
    ),
    "LOG_ORIGIN_TWICE": reason(
        Kind.STATE,
        fr="origin et assembly.origin sont les mêmes ({origin}) : deux journaux auraient un seul nom.",
        en="origin and assembly.origin are the same ({origin}): two logs would have one name.",
        do_fr="Donnez au service une autre origine que celle du procès-verbal : sous un même nom, deux arbres "
        "différents prouveraient une fraude.",
        do_en="Give the service another origin than that of the minutes: under one name, two different trees would "
        "prove a fraud.",
    ),
    "KEY_KIND_DIFFERS": reason(
        Kind.STATE,
        fr="La clé {file} est de sorte {found}; il faut {wanted}.",
        en="The key {file} is of kind {found}; {wanted} is needed.",
        do_fr="Nommez une autre clé, ou créez-la : rankd keys new {wanted}.",
        do_en="Name another key, or make one: rankd keys new {wanted}.",
    ),
    "KEY_NAME_DIFFERS": reason(
        Kind.STATE,
        fr="La clé {file} est celle de « {found} », pas de « {origin} ».",
        en="The key {file} is that of “{found}”, not of “{origin}”.",
        do_fr="Un journal garde son origine et sa clé : remettez l’ancienne origine, ou commencez un nouveau dossier "
        "de données avec une nouvelle clé.",
        do_en="A journal keeps its origin and its key: put the former origin back, or begin a new data directory with "
        "a new key.",
    ),
    "ERASER_INVALID": reason(
        Kind.INVALID,
        fr="journal.erasers : « {found} » n’est pas une clé publique utilisable.",
        en="journal.erasers: “{found}” is no usable public key.",
        do_fr="Copiez la ligne « public » que montre rankd keys show.",
        do_en="Copy the line “public” that rankd keys show prints.",
    ),
}

_SECRETS: Mapping[str, Reason] = {
    "SECRET_UNUSABLE": reason(
        Kind.STATE,
        fr="Le secret {path} ne peut pas servir ({detail}).",
        en="The secret {path} cannot be used ({detail}).",
        do_fr="Il doit compter 32 octets et n’être lisible que par son propriétaire (chmod 600). " + _DISK_FR,
        do_en="It must have 32 bytes and be readable by its owner only (chmod 600). " + _DISK_EN,
    ),
    "PSEUDONYM_KEYS_UNUSABLE": reason(
        Kind.UNAVAILABLE,
        fr="Les clés des pseudonymes dans {path} ne peuvent pas servir ({detail}).",
        en="The keys of pseudonyms in {path} cannot be used ({detail}).",
        do_fr="Elles ne doivent être lisibles que par leur propriétaire (chmod 600). " + _DISK_FR,
        do_en="They must be readable by their owner only (chmod 600). " + _DISK_EN,
    ),
    "PSEUDONYM_KEY_DAMAGED": reason(
        Kind.DATA_LOSS,
        fr="{file} ne contient pas une clé de 32 octets.",
        en="{file} does not hold a key of 32 bytes.",
        do_fr="Reprenez une copie intacte. S’il n’y en a pas, videz ce fichier : les pseudonymes de cette période ne "
        "mèneront plus à personne.",
        do_en="Fetch an intact copy. If there is none, empty this file: the pseudonyms of its period will lead to "
        "nobody any more.",
    ),
}

REASONS: Mapping[str, Reason] = {**_FILES, **_PASSPHRASES, **_SERVICE, **_SECRETS}
