"""Reasons why the counts behind features cannot be read or added to."""

from collections.abc import Mapping

from rankd.core.words.reasons.reason import Kind, Reason, reason

_DEFAULTS_FR = "Les demandes reçoivent les valeurs par défaut déclarées, et la réponse le dit"
_DEFAULTS_EN = "Requests get the declared defaults, and the answer says so"

_STORES: Mapping[str, Reason] = {
    "REBUILD_UNUSABLE": reason(
        Kind.UNAVAILABLE,
        fr="Impossible de lire ou d’écrire {path} : {detail}.",
        en="{path} cannot be read or written: {detail}.",
        do_fr="Vérifiez l’espace libre, les droits et le disque; recommencez.",
        do_en="Check free space, permissions and the disk; try again.",
    ),
    "FEATURE_STORE_DOWN": reason(
        Kind.UNAVAILABLE,
        fr="Les comptes à {address} ne répondent pas ({detail}).",
        en="The counts at {address} do not answer ({detail}).",
        do_fr=f"{_DEFAULTS_FR}. Vérifiez l’adresse et le serveur; rankd réessaie seul, sans redémarrage.",
        do_en=f"{_DEFAULTS_EN}. Check the address and the server; rankd tries again by itself, without a restart.",
    ),
    "FEATURE_STORE_SLOW": reason(
        Kind.UNAVAILABLE,
        fr="Les comptes à {address} n’ont pas répondu en {timeout_ms} ms.",
        en="The counts at {address} did not answer within {timeout_ms} ms.",
        do_fr=f"{_DEFAULTS_FR}. Rapprochez le serveur, allégez-le, ou augmentez features.read_timeout_ms.",
        do_en=f"{_DEFAULTS_EN}. Bring the server nearer, relieve it, or raise features.read_timeout_ms.",
    ),
    "FEATURE_STORE_REFUSED": reason(
        Kind.UNAVAILABLE,
        fr="Le serveur des comptes à {address} refuse : {detail}.",
        en="The server of the counts at {address} refuses: {detail}.",
        do_fr="WRONGPASS ou NOAUTH : le mot de passe; NOPERM : les droits du compte; OOM : la mémoire est pleine; "
        "READONLY : c’est une réplique.",
        do_en="WRONGPASS or NOAUTH: the password; NOPERM: the account’s rights; OOM: memory is full; READONLY: it is "
        "a replica.",
    ),
    "FEATURE_STORE_EMPTY": reason(
        Kind.UNAVAILABLE,
        fr="Il n’y a pas de comptes à {address}.",
        en="There are no counts at {address}.",
        do_fr="rankd les refait seul à partir du journal des événements; en attendant, les valeurs par défaut tiennent "
        "lieu de comptes.",
        do_en="rankd makes them again by itself from the journal of events; until then the defaults stand for them.",
    ),
    "FEATURE_STORE_MOVED": reason(
        Kind.STALE,
        fr="Les comptes à {address} en sont à l’entrée {found}, et non {expected} : rien n’a été ajouté.",
        en="The counts at {address} stand at entry {found}, not {expected}: nothing was added.",
        do_fr="rankd reprend seul là où ils en sont. Si cela revient, deux services écrivent les mêmes comptes.",
        do_en="rankd goes on by itself from where they stand. Where it keeps happening, two services write the same "
        "counts.",
    ),
    "FEATURE_STORE_EVICTS": reason(
        Kind.STATE,
        fr="Le serveur à {address} efface des clés quand sa mémoire est pleine ({policy}) : des comptes manqueraient "
        "sans que cela se voie.",
        en="The server at {address} drops keys when its memory is full ({policy}): counts would be missing unnoticed.",
        do_fr="Mettez maxmemory-policy à noeviction, ou prenez un serveur à part.",
        do_en="Set maxmemory-policy to noeviction, or use a server of its own.",
    ),
    "FEATURE_STORE_DAMAGED": reason(
        Kind.DATA_LOSS,
        fr="Les comptes à {address} ne sont plus tels que rankd les a écrits ({detail}).",
        en="The counts at {address} are not as rankd wrote them ({detail}).",
        do_fr="rankd les refait seul à partir du journal. Cherchez qui d’autre écrit sous ces clés.",
        do_en="rankd makes them again by itself from the journal. Find out who else writes under these keys.",
    ),
    "FEATURE_STORE_URL": reason(
        Kind.INVALID,
        fr="L’adresse des comptes n’est pas utilisable ({detail}).",
        en="The address of the counts cannot be used ({detail}).",
        do_fr="Écrivez redis://hôte:port/base, rediss://… avec TLS, unix:///chemin, ou pour une grappe "
        "redis-cluster://hôte:port,hôte:port ou rediss-cluster://…; seules les options ssl_ca_certs, ssl_certfile et "
        "ssl_keyfile peuvent suivre.",
        do_en="Write redis://host:port/database, rediss://… with TLS, unix:///path, or for a cluster "
        "redis-cluster://host:port,host:port or rediss-cluster://…; only the options ssl_ca_certs, ssl_certfile and "
        "ssl_keyfile may follow.",
    ),
}

_SNAPSHOTS: Mapping[str, Reason] = {
    "FEATURE_SNAPSHOT_DAMAGED": reason(
        Kind.DATA_LOSS,
        fr="{path} n’est plus le cliché des comptes qui a été écrit.",
        en="{path} is not the snapshot of the counts that was written.",
        do_fr="Rien n’est perdu : rankd refait les comptes à partir du journal. Vérifiez le disque.",
        do_en="Nothing is lost: rankd makes the counts again from the journal. Check the disk.",
    ),
    "FEATURE_SNAPSHOT_FOREIGN": reason(
        Kind.STATE,
        fr="{path} est un cliché d’autres comptes : d’un autre journal, d’une autre déclaration, d’une autre version.",
        en="{path} is a snapshot of other counts: of another journal, another declaration or another version.",
        do_fr="Rien n’est perdu : rankd refait les comptes à partir du journal.",
        do_en="Nothing is lost: rankd makes the counts again from the journal.",
    ),
    "FEATURE_SNAPSHOT_UNREADABLE": reason(
        Kind.UNAVAILABLE,
        fr="Impossible de lire le cliché des comptes {path} : {detail}.",
        en="The snapshot of the counts {path} cannot be read: {detail}.",
        do_fr="Vérifiez les droits et le disque; rankd refait les comptes à partir du journal.",
        do_en="Check its permissions and the disk; rankd makes the counts again from the journal.",
    ),
    "FEATURE_SNAPSHOT_UNWRITABLE": reason(
        Kind.UNAVAILABLE,
        fr="Impossible d’écrire le cliché des comptes {path} : {detail}.",
        en="The snapshot of the counts {path} cannot be written: {detail}.",
        do_fr="Rien n’est perdu, mais le prochain démarrage relira plus d’entrées du journal. Vérifiez l’espace libre "
        "et les droits.",
        do_en="Nothing is lost, but the next start reads more entries of the journal again. Check free space and "
        "permissions.",
    ),
}

REASONS: Mapping[str, Reason] = {
    **_STORES,
    **_SNAPSHOTS,
    "FEATURES_REBUILDING": reason(
        Kind.UNAVAILABLE,
        fr="Les comptes sont en train d’être refaits : {applied} entrées du journal sur {target}.",
        en="The counts are being made again: {applied} of {target} entries of the journal.",
        do_fr=f"{_DEFAULTS_FR}, jusqu’à ce que tout soit compté. Cela finit tout seul.",
        do_en=f"{_DEFAULTS_EN}, until everything is counted. It ends by itself.",
    ),
}
