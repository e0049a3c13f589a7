"""Reasons about the minutes where they lie: the record that anybody may read, and the journal of who keeps them."""

from collections.abc import Mapping

from rankd.core.words.reasons.reason import Kind, Reason, reason

_KEEP_FR = "Gardez ce dossier tel quel, il peut servir de preuve, et demandez des comptes à qui tient le procès-verbal."
_KEEP_EN = "Keep this folder as it is, it may be evidence, and hold to account who keeps the minutes."
_AGAIN_FR = "Recopiez le dossier de chez qui tient le procès-verbal; si la copie dit la même chose, demandez pourquoi."
_AGAIN_EN = "Copy the folder again from who keeps the minutes; if the copy says the same, ask why."
_DISK_FR = "Vérifiez l’espace libre, les droits et le disque."
_DISK_EN = "Check free space, permissions and the disk."

_FILES: Mapping[str, Reason] = {
    "MINUTES_UNREADABLE": reason(
        Kind.UNAVAILABLE,
        fr="Impossible de lire {path} : {detail}.",
        en="{path} cannot be read: {detail}.",
        do_fr="Un dossier public ne contient que des fichiers ordinaires et des dossiers, jamais de liens. Vérifiez le "
        "chemin et les droits.",
        do_en="A public record holds plain files and folders only, never links. Check the path and its permissions.",
    ),
    "MINUTES_MISSING": reason(
        Kind.MISSING,
        fr="{path} n’existe pas : il n’y a pas de procès-verbal ici.",
        en="{path} does not exist: there are no minutes here.",
        do_fr="Donnez le dossier public de la coopérative, celui qui contient le dossier minutes.",
        do_en="Give the co-op’s public record, the folder that holds the folder minutes.",
    ),
    "MINUTES_TOO_LARGE": reason(
        Kind.DATA_LOSS,
        fr="{path} a {size_bytes} octets; il ne peut pas en avoir plus de {most_bytes}.",
        en="{path} has {size_bytes} bytes; it cannot have more than {most_bytes}.",
        do_fr=_AGAIN_FR,
        do_en=_AGAIN_EN,
    ),
    "MINUTES_BODIES": reason(
        Kind.DATA_LOSS,
        fr="{path}, octet {offset} : ce ne sont pas les contenus d’entrées qui devraient s’y trouver.",
        en="{path}, byte {offset}: these are not the bodies of entries that should be there.",
        do_fr=_AGAIN_FR,
        do_en=_AGAIN_EN,
    ),
    "RECORD_FILE_MISSING": reason(
        Kind.DATA_LOSS,
        fr="{path} manque au dossier public.",
        en="{path} is missing from the record.",
        do_fr=_AGAIN_FR,
        do_en=_AGAIN_EN,
    ),
    "RECORD_FILE_DIFFERS": reason(
        Kind.DATA_LOSS,
        fr="{path} ne dit pas ce que dit le procès-verbal.",
        en="{path} does not say what the minutes say.",
        do_fr="Ne vous fiez pas à ce fichier : seul le procès-verbal fait foi. " + _AGAIN_FR,
        do_en="Do not rely on this file: the minutes alone decide. " + _AGAIN_EN,
    ),
    "RECORD_FILE_UNEXPECTED": reason(
        Kind.DATA_LOSS,
        fr="{path} n’a pas sa place dans le dossier public : rien dans le procès-verbal ne le demande.",
        en="{path} does not belong in the record: nothing in the minutes asks for it.",
        do_fr="Ne vous fiez pas à ce fichier; enlevez-le si c’est vous qui l’y avez mis.",
        do_en="Do not rely on this file; take it away if it was you who put it there.",
    ),
    "RECORD_FOLDER_TAKEN": reason(
        Kind.STATE,
        fr="{path} contient déjà autre chose qu’un dossier d’assemblée; rien n’y a été écrit ni effacé.",
        en="{path} holds something else than a record already; nothing was written or removed there.",
        do_fr="Nommez un dossier vide, ou qui n’existe pas encore.",
        do_en="Name a folder that is empty, or that does not exist yet.",
    ),
    "RECORD_UNWRITABLE": reason(
        Kind.UNAVAILABLE,
        fr="Impossible d’écrire le dossier public {path} : {detail}. Les entrées restent consignées.",
        en="The record {path} cannot be written: {detail}. Entries stay committed.",
        do_fr=_DISK_FR + " Un nouvel essai se fait tout seul.",
        do_en=_DISK_EN + " It is tried again by itself.",
    ),
}

_TRUST: Mapping[str, Reason] = {
    "MINUTES_GENESIS": reason(
        Kind.DATA_LOSS,
        fr="L’empreinte fondatrice de ce procès-verbal est {found}, et non {wanted} : c’est celui d’une autre "
        "coopérative.",
        en="The genesis digest of these minutes is {found}, not {wanted}: they are another co-op’s.",
        do_fr="Vérifiez le dossier, et l’empreinte que la coopérative a publiée à sa fondation.",
        do_en="Check the folder, and the digest that the co-op published when it was founded.",
    ),
    "MINUTES_ORIGIN": reason(
        Kind.DATA_LOSS,
        fr="Le point de contrôle est celui de « {found} »; la constitution fondatrice nomme « {wanted} ».",
        en="The checkpoint is that of “{found}”; the founding constitution names “{wanted}”.",
        do_fr=_KEEP_FR,
        do_en=_KEEP_EN,
    ),
    "MINUTES_EMPTY": reason(
        Kind.STATE,
        fr="{path} : le procès-verbal n’a pas d’entrée fondatrice lisible.",
        en="{path}: the minutes have no founding entry that can be read.",
        do_fr="Fondez d’abord la coopérative (rankd assembly init), ou reprenez le dossier d’une copie intacte.",
        do_en="Found the co-op first (rankd assembly init), or take the folder from an intact copy.",
    ),
    "MINUTES_ROLLED_BACK": reason(
        Kind.DATA_LOSS,
        fr="Le procès-verbal compte {size} entrées; il en comptait déjà {seen}. Des entrées publiées ont disparu.",
        en="The minutes have {size} entries; they had {seen} before. Published entries have disappeared.",
        do_fr="C’est une copie ancienne, ou une autre version du procès-verbal. " + _KEEP_FR,
        do_en="This is an old copy, or another version of the minutes. " + _KEEP_EN,
    ),
    "MINUTES_FORKED": reason(
        Kind.DATA_LOSS,
        fr="Les {seen} premières entrées de ce procès-verbal ne sont pas celles qui ont été publiées auparavant.",
        en="The first {seen} entries of these minutes are not those that were published before.",
        do_fr="La clé du procès-verbal a signé deux versions. " + _KEEP_FR,
        do_en="The key of the minutes has signed two versions. " + _KEEP_EN,
    ),
}

_ENTRIES: Mapping[str, Reason] = {
    "MINUTES_TIME_FALLS": reason(
        Kind.DATA_LOSS,
        fr="Entrée {index} : son heure ({time_ms:moment}) précède celle de l’entrée d’avant ({before_ms:moment}).",
        en="Entry {index}: its time ({time_ms:moment}) is before that of the entry before it ({before_ms:moment}).",
        do_fr=_KEEP_FR,
        do_en=_KEEP_EN,
    ),
    "MINUTES_TIME_AHEAD": reason(
        Kind.DATA_LOSS,
        fr="Entrée {index} : son heure ({time_ms:moment}) est encore à venir; il est {now_ms:moment}.",
        en="Entry {index}: its time ({time_ms:moment}) is still to come; it is {now_ms:moment}.",
        do_fr="Vérifiez l’horloge de cette machine. Si elle est juste : " + _KEEP_FR,
        do_en="Check this machine’s clock. If it is right: " + _KEEP_EN,
    ),
    "MINUTES_BODY_MISSING": reason(
        Kind.DATA_LOSS,
        fr="Le contenu de l’entrée {index} manque, et aucun effacement ne l’explique.",
        en="The body of entry {index} is missing, and no erasure explains it.",
        do_fr=_AGAIN_FR,
        do_en=_AGAIN_EN,
    ),
    "MINUTES_BODY_DIFFERS": reason(
        Kind.DATA_LOSS,
        fr="Le contenu de l’entrée {index} n’est pas celui que le procès-verbal a scellé.",
        en="The body of entry {index} is not the one that the minutes sealed.",
        do_fr=_AGAIN_FR,
        do_en=_AGAIN_EN,
    ),
    "MINUTES_NOT_ERASED": reason(
        Kind.DATA_LOSS,
        fr="L’entrée {index} a été effacée par une entrée du procès-verbal, mais son contenu est toujours là.",
        en="Entry {index} was erased by an entry of the minutes, but its body is still there.",
        do_fr="Effacez cette copie et reprenez le dossier de chez qui tient le procès-verbal.",
        do_en="Delete this copy, and take the folder from who keeps the minutes.",
    ),
    "MINUTES_BALLOTS_WITHHELD": reason(
        Kind.DATA_LOSS,
        fr="Le vote sur l’entrée {index} est clos, mais ses bulletins ne sont pas tous montrés : personne ne peut "
        "refaire le compte.",
        en="The vote on entry {index} is closed, but its ballots are not all shown: nobody can count again.",
        do_fr="Ils sont publiés dans la seconde qui suit la clôture. " + _AGAIN_FR,
        do_en="They are published within a second of the close. " + _AGAIN_EN,
    ),
}

_KEEPING: Mapping[str, Reason] = {
    "MINUTES_VOIDS": reason(
        Kind.DATA_LOSS,
        fr="Le procès-verbal contient des entrées nulles ({count}, la première est l’entrée {index}) : elles ne "
        "changent rien, mais n’auraient pas dû y être inscrites.",
        en="The minutes hold void entries ({count}, the first is entry {index}): they change nothing, but should not "
        "have been entered.",
        do_fr="Demandez à qui tient le procès-verbal pourquoi elles y sont; rankd verify DOSSIER les nomme.",
        do_en="Ask who keeps the minutes why they are there; rankd verify RECORD names them.",
    ),
    "MINUTES_CLOCK_BACK": reason(
        Kind.UNAVAILABLE,
        fr="L’horloge de qui tient le procès-verbal dit {clock_ms:moment}, plus de dix minutes avant la dernière "
        "entrée ({last_ms:moment}).",
        en="The clock of who keeps the minutes says {clock_ms:moment}, more than ten minutes before the last entry "
        "({last_ms:moment}).",
        do_fr="Remettez l’horloge de cette machine à l’heure; rien n’est consigné d’ici là.",
        do_en="Set this machine’s clock right; nothing is recorded until then.",
    ),
    "MINUTES_CLOCK_LEAPT": reason(
        Kind.UNAVAILABLE,
        fr="L’horloge de qui tient le procès-verbal a sauté de {minutes} minutes depuis le démarrage; rien n’est "
        "consigné à cette heure-là.",
        en="The clock of who keeps the minutes has leapt by {minutes} minutes since the start; nothing is recorded at "
        "such a time.",
        do_fr="Vérifiez l’heure de cette machine, puis redémarrez le service.",
        do_en="Check this machine’s time, then restart the service.",
    ),
    "MINUTES_TIME_GIVEN": reason(
        Kind.INVALID,
        fr="L’heure d’une entrée ne se donne pas : « {origin} » n’est pas une coopérative d’essai.",
        en="The time of an entry cannot be given: “{origin}” is not a development co-op.",
        do_fr="Enlevez --at; l’horloge de qui tient le procès-verbal fait foi.",
        do_en="Leave --at away; the clock of who keeps the minutes decides.",
    ),
    "MINUTES_TIME_BACK": reason(
        Kind.INVALID,
        fr="L’heure donnée ({time_ms:moment}) précède la dernière entrée ({last_ms:moment}).",
        en="The time given ({time_ms:moment}) is before the last entry ({last_ms:moment}).",
        do_fr="Donnez une heure qui suit la dernière entrée.",
        do_en="Give a time after the last entry.",
    ),
    "MINUTES_FOUNDED": reason(
        Kind.EXISTS,
        fr="{path} : une autre coopérative a déjà été fondée ici.",
        en="{path}: another co-op was founded here already.",
        do_fr="Choisissez un dossier vide.",
        do_en="Choose an empty folder.",
    ),
    "MINUTES_LOG_KEY": reason(
        Kind.STATE,
        fr="La constitution fondatrice nomme la clé {wanted} pour « {origin} »; celle-ci est {found}, pour « {name} ».",
        en="The founding constitution names the key {wanted} for “{origin}”; this one is {found}, for “{name}”.",
        do_fr="Donnez la clé du procès-verbal que la constitution nomme.",
        do_en="Give the key of the minutes that the constitution names.",
    ),
    "MINUTES_UNSOUND": reason(
        Kind.DATA_LOSS,
        fr="{path} : ce procès-verbal n’est pas en ordre, rien n’y est ajouté ({detail}).",
        en="{path}: these minutes are not sound, nothing is added to them ({detail}).",
        do_fr="Comparez avec une copie et demandez-vous qui a pu y toucher; ne réparez pas l’original.",
        do_en="Compare with a copy, and ask who could have touched it; do not repair the original.",
    ),
}

REASONS: Mapping[str, Reason] = {**_FILES, **_TRUST, **_ENTRIES, **_KEEPING}
