"""Reasons about witnesses: what one refuses, what its state is, and what its log hears from it."""

from collections.abc import Mapping

from rankd.core.words.reasons.reason import Kind, Reason, reason

_KEEP_FR = (
    "Ne jetez rien : gardez les deux points de contrôle signés et montrez-les à l’exploitant du journal, à ses autres "
    "témoins et à ses membres (docs/guide/witness.md)."
)
_KEEP_EN = (
    "Throw nothing away: keep both signed checkpoints and show them to the log’s operator, to its other witnesses and "
    "to its members (docs/guide/witness.md)."
)
_PARTNER_FR = "Parlez à qui tient ce témoin; le journal continue sans lui."
_PARTNER_EN = "Talk to whoever runs this witness; the log goes on without it."
_COPY_FR = (
    "N’effacez rien et ne repartez pas d’un dossier vide : le témoin pourrait alors signer deux histoires. Reprenez ce "
    "dossier intact, ou faites un témoin nouveau avec une clé nouvelle."
)
_COPY_EN = (
    "Delete nothing and do not start over from an empty folder: the witness could then sign two histories. Bring this "
    "folder back intact, or make a new witness with a new key."
)

_VIEWS: Mapping[str, Reason] = {
    "LOG_SPLIT_VIEW": reason(
        Kind.DATA_LOSS,
        fr="VUE DOUBLE : {origin} a signé deux arbres différents de {size} feuilles ({held} et {found}).",
        en="SPLIT VIEW: {origin} signed two different trees of {size} leaves ({held} and {found}).",
        do_fr=_KEEP_FR,
        do_en=_KEEP_EN,
    ),
    "LOG_ROLLED_BACK": reason(
        Kind.DATA_LOSS,
        fr="{origin} a reculé : il montre {found} feuilles après en avoir montré {held}.",
        en="{origin} went backwards: it shows {found} leaves after having shown {held}.",
        do_fr="C’est peut-être une copie en retard : demandez de nouveau. Si cela dure, gardez les deux points de "
        "contrôle et alertez ses témoins.",
        do_en="It may be a copy that lags behind: ask again. If it lasts, keep both checkpoints and alert its "
        "witnesses.",
    ),
    "LOG_FORKED": reason(
        Kind.DATA_LOSS,
        fr="Rien ne montre que les {second} feuilles de {origin} prolongent les {first} déjà vues ({detail}).",
        en="Nothing shows that the {second} leaves of {origin} continue the {first} seen before ({detail}).",
        do_fr="Redemandez une preuve de cohérence entre ces deux tailles. Si le journal n’en donne aucune qui tienne, "
        "il a été réécrit. " + _KEEP_FR,
        do_en="Ask again for a consistency proof between these two sizes. If the log gives none that holds, it was "
        "rewritten. " + _KEEP_EN,
    ),
    "LOG_REWRITTEN": reason(
        Kind.DATA_LOSS,
        fr="Les {second} feuilles de {origin} ne prolongent pas les {first} qu’il avait signées : son histoire a été "
        "réécrite.",
        en="The {second} leaves of {origin} do not continue the {first} that it had signed: its history was rewritten.",
        do_fr="Gardez les deux points de contrôle signés et les pièces : ils sont la preuve, et aucune autre n’est à "
        "demander. Prévenez le conseil de la coopérative, pas seulement l’exploitant du journal, ainsi que ses témoins "
        "et ses membres.",
        do_en="Keep both signed checkpoints and the evidence: they are the proof, and there is no other to ask for. "
        "Tell the cooperative’s board, not only the log’s operator, and its witnesses and members.",
    ),
}

_REQUESTS: Mapping[str, Reason] = {
    "WITNESS_REQUEST_MALFORMED": reason(
        Kind.INVALID,
        fr="Ligne {line} : ce n’est pas une demande add-checkpoint (old, preuve, ligne vide, point de contrôle).",
        en="Line {line}: this is no add-checkpoint request (old, proof, empty line, checkpoint).",
        do_fr="Suivez C2SP tlog-witness à la lettre.",
        do_en="Follow C2SP tlog-witness to the letter.",
    ),
    "WITNESS_REQUEST_TOO_LARGE": reason(
        Kind.EXHAUSTED,
        fr="La demande compte {size_bytes} octets; il y en a au plus {most_bytes}.",
        en="The request has {size_bytes} bytes; there are at most {most_bytes}.",
        do_fr="Retirez les signatures dont le témoin n’a pas besoin.",
        do_en="Take out the signatures that the witness does not need.",
    ),
    "WITNESS_LOG_UNKNOWN": reason(
        Kind.MISSING,
        fr="Ce témoin ne suit pas de journal « {origin} ».",
        en="This witness follows no log “{origin}”.",
        do_fr="Demandez à qui le tient d’ajouter la clé du journal (--log).",
        do_en="Ask whoever runs it to add the log’s key (--log).",
    ),
    "WITNESS_SIZE_DIFFERS": reason(
        Kind.STALE,
        fr="Le témoin a vu {held} feuilles de {origin}; la demande part de {found}.",
        en="The witness has seen {held} leaves of {origin}; the request starts from {found}.",
        do_fr="Refaites la demande avec une preuve à partir de {held}.",
        do_en="Ask again with a proof from {held} on.",
    ),
    "WITNESS_LOG_KEY": reason(
        Kind.INVALID,
        fr="« {found} » n’est pas la clé d’un journal à suivre : c’est une clé de témoin, ou celle de ce témoin même.",
        en="“{found}” is not the key of a log to follow: it is a witness’s key, or this very witness’s.",
        do_fr="Demandez au journal la ligne vkey que montre rankd keys show.",
        do_en="Ask the log for the line vkey that rankd keys show prints.",
    ),
}

_STATE: Mapping[str, Reason] = {
    "WITNESS_STATE_EXISTS": reason(
        Kind.EXISTS,
        fr="{path} n’est pas vide, et n’a pas été touché.",
        en="{path} is not empty, and was left as it is.",
        do_fr="Un témoin commence une seule fois. S’il a déjà servi, passez à rankd witness serve.",
        do_en="A witness begins once. If this one has served before, go on with rankd witness serve.",
    ),
    "WITNESS_STATE_ABSENT": reason(
        Kind.MISSING,
        fr="{path} n’est pas la mémoire d’un témoin.",
        en="{path} is not the memory of a witness.",
        do_fr="Vérifiez le chemin et que le disque est monté. Seul un témoin dont la clé n’a jamais servi commence par "
        "rankd witness init.",
        do_en="Check the path, and that the disk is mounted. Only a witness whose key was never used begins with "
        "rankd witness init.",
    ),
    "WITNESS_STATE_OTHER_KEY": reason(
        Kind.STATE,
        fr="{path} est la mémoire de {found}, pas de {wanted}.",
        en="{path} is the memory of {found}, not of {wanted}.",
        do_fr="Donnez la clé et la mémoire du même témoin.",
        do_en="Give key and memory of the same witness.",
    ),
    "WITNESS_STATE_DAMAGED": reason(
        Kind.DATA_LOSS,
        fr="{file} n’est pas ce que le témoin a écrit.",
        en="{file} is not what the witness wrote.",
        do_fr=_COPY_FR,
        do_en=_COPY_EN,
    ),
    "WITNESS_STATE_LOCKED": reason(
        Kind.STATE,
        fr="Un autre processus tient {path}.",
        en="Another process holds {path}.",
        do_fr="Un témoin tourne une seule fois à la fois; arrêtez l’autre.",
        do_en="A witness runs once at a time; stop the other one.",
    ),
    "WITNESS_STATE_UNUSABLE": reason(
        Kind.UNAVAILABLE,
        fr="Le témoin ne peut ni lire ni écrire {path} ({detail}); il ne signe rien.",
        en="The witness cannot read or write {path} ({detail}); it signs nothing.",
        do_fr="Vérifiez l’espace libre, les droits et le disque.",
        do_en="Check free space, permissions and the disk.",
    ),
}

_POLICY: Mapping[str, Reason] = {
    "WITNESS_POLICY_UNREADABLE": reason(
        Kind.INVALID,
        fr="Le fichier des témoins {file} ne se lit pas ({detail}).",
        en="The file of witnesses {file} cannot be read ({detail}).",
        do_fr="Il faut du TOML en UTF-8 : quorum = 2, puis [[witness]] avec name, vkey et url.",
        do_en="It must be TOML in UTF-8: quorum = 2, then [[witness]] with name, vkey and url.",
    ),
    "WITNESS_POLICY_INVALID": reason(
        Kind.INVALID,
        fr="{file} : « {key} » ne va pas ({found}).",
        en="{file}: “{key}” is not right ({found}).",
        do_fr="quorum va de 1 au nombre de témoins; chaque témoin a name, vkey (du même nom) et url (http ou https); "
        "aucun nom, aucune clé ne revient deux fois.",
        do_en="quorum is 1 to the number of witnesses; each witness has name, vkey (of the same name) and url (http or "
        "https); no name and no key comes twice.",
    ),
}

_ANSWERS: Mapping[str, Reason] = {
    "WITNESS_UNREACHABLE": reason(
        Kind.UNAVAILABLE,
        fr="Le témoin {name} ne répond pas ({detail}).",
        en="The witness {name} does not answer ({detail}).",
        do_fr=_PARTNER_FR,
        do_en=_PARTNER_EN,
    ),
    "WITNESS_DECLINED": reason(
        Kind.UNAVAILABLE,
        fr="Le témoin {name} a refusé (HTTP {status}).",
        en="The witness {name} declined (HTTP {status}).",
        do_fr="404 : il ne suit pas ce journal; 403 : il n’a pas la bonne clé. " + _PARTNER_FR,
        do_en="404: it does not follow this log; 403: it does not have the right key. " + _PARTNER_EN,
    ),
    "WITNESS_UNCONVINCED": reason(
        Kind.DATA_LOSS,
        fr="Le témoin {name} ne trouve pas que nos {size} feuilles prolongent les {held} qu’il a vues.",
        en="The witness {name} does not find that our {size} leaves continue the {held} that it has seen.",
        do_fr="Ou il a vu une autre histoire sous notre clé, ou il se trompe. Comparez avec lui le point de contrôle "
        "qu’il a gardé. " + _KEEP_FR,
        do_en="Either it has seen another history under our key, or it is wrong. Compare with it the checkpoint that "
        "it kept. " + _KEEP_EN,
    ),
    "WITNESS_AHEAD": reason(
        Kind.DATA_LOSS,
        fr="Le témoin {name} dit avoir vu {held} feuilles; ce journal n’en a que {size}.",
        en="The witness {name} says that it has seen {held} leaves; this log has only {size}.",
        do_fr="Si ce dossier vient d’une sauvegarde, arrêtez : il ne doit plus signer. Sinon, le témoin se trompe : "
        "demandez-lui le point de contrôle qu’il a gardé.",
        do_en="If this folder is a restored backup, stop: it must not sign any more. Otherwise the witness is wrong: "
        "ask it for the checkpoint that it kept.",
    ),
    "WITNESS_ANSWER_MALFORMED": reason(
        Kind.UNAVAILABLE,
        fr="La réponse du témoin {name} n’est pas celle que tlog-witness prescrit.",
        en="The answer of the witness {name} is not what tlog-witness prescribes.",
        do_fr=_PARTNER_FR,
        do_en=_PARTNER_EN,
    ),
    "WITNESS_COSIGNATURE_ABSENT": reason(
        Kind.UNAVAILABLE,
        fr="La réponse de {name} ne porte aucune signature de la clé {key_id}.",
        en="The answer of {name} carries no signature of the key {key_id}.",
        do_fr="Vérifiez sa vkey dans le fichier des témoins. " + _PARTNER_FR,
        do_en="Check its vkey in the file of witnesses. " + _PARTNER_EN,
    ),
    "WITNESS_COSIGNATURE_WRONG": reason(
        Kind.DATA_LOSS,
        fr="La cosignature de {name} n’est pas bonne pour ce point de contrôle; elle ne compte pas.",
        en="The cosignature of {name} does not fit this checkpoint; it does not count.",
        do_fr=_PARTNER_FR,
        do_en=_PARTNER_EN,
    ),
    "WITNESS_CLOCK": reason(
        Kind.UNAVAILABLE,
        fr="La cosignature de {name} est datée de {ahead_s} s dans l’avenir; elle ne compte pas.",
        en="The cosignature of {name} is dated {ahead_s} s into the future; it does not count.",
        do_fr="L’une des deux horloges est fausse : la nôtre ou la sienne.",
        do_en="One of two clocks is wrong: ours or its.",
    ),
}

REASONS: Mapping[str, Reason] = {**_VIEWS, **_REQUESTS, **_STATE, **_POLICY, **_ANSWERS}
