"""Reasons about audit bundles and what their verification finds."""

from collections.abc import Mapping

from rankd.core.words.reasons.reason import Kind, Reason, reason

_AGAIN_FR = "Demandez un nouveau paquet; gardez celui-ci, il peut servir de preuve."
_AGAIN_EN = "Ask for a new bundle; keep this one, it may be evidence."
_HOSTILE_FR = "N’ouvrez pas ce fichier avec un autre outil : rankd bundle n’en écrit pas de tel. Demandez-en un autre."
_HOSTILE_EN = "Do not open this file with another tool: rankd bundle writes none like it. Ask for another one."
_KEEP_FR = "Gardez les pièces et demandez des comptes à l’exploitant : un journal sain ne montre pas cela."
_KEEP_EN = "Keep the evidence and hold the operator to account: a sound journal does not show this."
_DISK_FR = "Vérifiez le chemin, les droits et l’espace libre."
_DISK_EN = "Check the path, its permissions and free space."

_BUNDLES: Mapping[str, Reason] = {
    "BUNDLE_UNREADABLE": reason(
        Kind.UNAVAILABLE,
        fr="Impossible de lire le paquet {path} : {detail}.",
        en="The bundle {path} cannot be read: {detail}.",
        do_fr="Donnez un fichier ordinaire écrit par rankd bundle, et vérifiez les droits.",
        do_en="Give a plain file that rankd bundle wrote, and check its permissions.",
    ),
    "BUNDLE_UNWRITABLE": reason(
        Kind.UNAVAILABLE,
        fr="Impossible d’écrire le paquet {path} : {detail}.",
        en="The bundle {path} cannot be written: {detail}.",
        do_fr=_DISK_FR,
        do_en=_DISK_EN,
    ),
    "REPORT_UNWRITABLE": reason(
        Kind.UNAVAILABLE,
        fr="Impossible d’écrire la page {path} : {detail}.",
        en="The page {path} cannot be written: {detail}.",
        do_fr="Le dossier doit exister. " + _DISK_FR,
        do_en="Its folder must exist. " + _DISK_EN,
    ),
    "BUNDLE_RANGE": reason(
        Kind.INVALID,
        fr="Les feuilles {first} à {end} (exclue) et les tailles demandées ne tiennent pas dans un journal de {size} "
        "feuilles publiées.",
        en="Leaves {first} to {end} (excluded) and the sizes asked for do not lie in a journal of {size} published "
        "leaves.",
        do_fr="Les numéros commencent à 0; sans --to, tout ce qui est publié est pris.",
        do_en="Indexes begin at 0; without --to everything that is published is taken.",
    ),
    "BUNDLE_UNWITNESSED": reason(
        Kind.STATE,
        fr="Le journal {path} n’a aucun point de contrôle qu’assez de témoins aient cosigné.",
        en="The journal {path} has no checkpoint that enough witnesses cosigned.",
        do_fr="Attendez qu’un quorum ait cosigné; rankd_witnessed_entries le montre, et [witnesses] dans rankd.toml "
        "nomme les témoins. Sans --witnessed, le paquet s’arrête au dernier point de contrôle.",
        do_en="Wait until a quorum has cosigned; rankd_witnessed_entries shows it, and [witnesses] in rankd.toml names "
        "the witnesses. Without --witnessed the bundle ends at the newest checkpoint.",
    ),
    "BUNDLE_ERASED_SINCE": reason(
        Kind.STATE,
        fr="Décisions effacées depuis le dernier point de contrôle cosigné ({size} feuilles) : {count}. Un paquet qui "
        "s’arrête là ne peut pas montrer l’ordre qui les a effacées, et elles y paraîtraient manquer.",
        en="Decisions erased since the newest witnessed checkpoint ({size} leaves): {count}. A bundle that ends there "
        "cannot show the order that erased them, and they would seem to be missing.",
        do_fr="Refaites-le quand les témoins auront cosigné un point de contrôle plus récent, ou sans --witnessed.",
        do_en="Make it again when the witnesses have cosigned a newer checkpoint, or without --witnessed.",
    ),
    "BUNDLE_UNPACKED": reason(
        Kind.INVALID,
        fr="{path} est un paquet déballé; on ne juge que le paquet lui-même.",
        en="{path} is an unpacked bundle; only the bundle itself is judged.",
        do_fr="Donnez le fichier que rankd bundle a écrit (.tar), tel que vous l’avez reçu. Un dossier déballé se lit "
        "avec d’autres outils (docs/guide/verificateur.md).",
        do_en="Give the file that rankd bundle wrote (.tar), as you received it. An unpacked folder can be read with "
        "other tools (docs/guide/auditor.md).",
    ),
    "BUNDLE_TRUNCATED": reason(
        Kind.DATA_LOSS,
        fr="{file} s’arrête à l’octet {offset}, avant la fin de ce qu’il annonce.",
        en="{file} ends at byte {offset}, before the end of what it announces.",
        do_fr="Le transfert a pu être coupé : copiez-le de nouveau.",
        do_en="The transfer may have been cut short: copy it again.",
    ),
    "BUNDLE_HEADER": reason(
        Kind.DATA_LOSS,
        fr="{file}, octet {offset} : ce n’est pas l’en-tête d’un fichier ordinaire comme un paquet en a ({found}).",
        en="{file}, byte {offset}: this is not the header of a plain file as a bundle has them ({found}).",
        do_fr=_HOSTILE_FR,
        do_en=_HOSTILE_EN,
    ),
    "BUNDLE_END": reason(
        Kind.DATA_LOSS,
        fr="{file}, octet {offset} : autre chose que la fin du paquet.",
        en="{file}, byte {offset}: something else than the bundle’s end.",
        do_fr=_AGAIN_FR,
        do_en=_AGAIN_EN,
    ),
    "BUNDLE_MEMBER": reason(
        Kind.DATA_LOSS,
        fr="Un paquet sur ce journal n’a pas de fichier « {member} ».",
        en="A bundle about this journal has no file “{member}”.",
        do_fr=_HOSTILE_FR,
        do_en=_HOSTILE_EN,
    ),
    "BUNDLE_ORDER": reason(
        Kind.DATA_LOSS,
        fr="« {member} » se trouve deux fois dans le paquet, ou pas à sa place.",
        en="“{member}” stands in the bundle twice, or out of its place.",
        do_fr=_HOSTILE_FR,
        do_en=_HOSTILE_EN,
    ),
    "BUNDLE_INCOMPLETE": reason(
        Kind.DATA_LOSS,
        fr="Le paquet devrait contenir ici « {member} », et contient « {found} ».",
        en="The bundle should hold “{member}” here, and holds “{found}”.",
        do_fr=_AGAIN_FR,
        do_en=_AGAIN_EN,
    ),
    "BUNDLE_TOO_LARGE": reason(
        Kind.EXHAUSTED,
        fr="« {member} » compte {size_bytes} octets; il y en a au plus {most_bytes}.",
        en="“{member}” has {size_bytes} bytes; there are at most {most_bytes}.",
        do_fr="Prenez un paquet de moins de feuilles (--from, --to).",
        do_en="Take a bundle of fewer leaves (--from, --to).",
    ),
    "BUNDLE_TOO_MANY": reason(
        Kind.EXHAUSTED,
        fr="« {member} » contient plus de {most} fichiers.",
        en="“{member}” holds more than {most} files.",
        do_fr="Prenez un paquet de moins de feuilles (--from, --to).",
        do_en="Take a bundle of fewer leaves (--from, --to).",
    ),
    "BUNDLE_ABOUT": reason(
        Kind.DATA_LOSS,
        fr="bundle.json, {field} : {found}. Ce n’est pas ce qu’un paquet dit de lui-même.",
        en="bundle.json, {field}: {found}. This is not what a bundle says of itself.",
        do_fr=_AGAIN_FR,
        do_en=_AGAIN_EN,
    ),
    "BUNDLE_BODIES": reason(
        Kind.DATA_LOSS,
        fr="{member}, octet {offset} : ce n’est pas le corps d’une feuille de ce lot, ou il n’est pas à sa place.",
        en="{member}, byte {offset}: this is not the body of a leaf of this entry bundle, or it is out of its place.",
        do_fr=_AGAIN_FR,
        do_en=_AGAIN_EN,
    ),
    "BUNDLE_DIFFERS": reason(
        Kind.DATA_LOSS,
        fr="Le paquet se dit de {said}, mais son point de contrôle est de {found}.",
        en="The bundle says that it is about {said}, but its checkpoint is about {found}.",
        do_fr=_AGAIN_FR,
        do_en=_AGAIN_EN,
    ),
    "KEY_REQUIRED": reason(
        Kind.MISSING,
        fr="Pour juger {path}, il faut la clé du journal : --key.",
        en="To judge {path} the journal’s key is needed: --key.",
        do_fr="Obtenez-la par une autre voie que le paquet (un témoin, un procès-verbal, d’autres membres) : une clé "
        "prise dans le paquet ne prouve rien.",
        do_en="Get it over another channel than the bundle (a witness, the minutes of an assembly, other members): a "
        "key taken from the bundle proves nothing.",
    ),
    "WITNESSES_TWICE": reason(
        Kind.INVALID,
        fr="Les témoins sont nommés deux fois : dans {file}, et par --witness ou --quorum.",
        en="The witnesses are named twice: in {file}, and by --witness or --quorum.",
        do_fr="Prenez l’un ou l’autre : --witnesses FICHIER, avec le quorum que dit ce fichier, ou une fois --witness "
        "pour chaque témoin, et --quorum.",
        do_en="Take one or the other: --witnesses FILE, with the quorum that this file says, or --witness once for "
        "each witness, and --quorum.",
    ),
    "QUORUM_IMPOSSIBLE": reason(
        Kind.INVALID,
        fr="--quorum demande {quorum} témoins, mais {count} seulement sont nommés.",
        en="--quorum asks for {quorum} witnesses, but only {count} are named.",
        do_fr="Nommez chaque témoin par --witness, ou demandez un quorum plus petit.",
        do_en="Name each witness by --witness, or ask for a smaller quorum.",
    ),
    "KEY_UNREADABLE": reason(
        Kind.MISSING,
        fr="Impossible de lire la clé dans {path} : {detail}.",
        en="The key in {path} cannot be read: {detail}.",
        do_fr="Donnez la clé elle-même (nom+identifiant+clé), ou un fichier qui la contient sur sa seule ligne.",
        do_en="Give the key itself (name+id+key), or a file that holds it on its only line.",
    ),
    "EVIDENCE_UNREADABLE": reason(
        Kind.MISSING,
        fr="Impossible de lire {path} : {detail}.",
        en="{path} cannot be read: {detail}.",
        do_fr="Donnez un fichier qui contient un reçu ou un point de contrôle tel que vous l’avez reçu.",
        do_en="Give a file that holds a receipt or a checkpoint as you received it.",
    ),
}

_PROMISES: Mapping[str, Reason] = {
    "RECEIPT_DIFFERS": reason(
        Kind.DATA_LOSS,
        fr="Le reçu promet la feuille {wanted} au numéro {index}; le journal y montre {found}.",
        en="The receipt promises the leaf {wanted} at index {index}; the journal shows {found} there.",
        do_fr="Gardez le reçu et le point de contrôle : la même clé a signé les deux, c’est la preuve d’une faute.",
        do_en="Keep the receipt and the checkpoint: the same key signed both, which proves a fault.",
    ),
    "RECEIPT_BROKEN": reason(
        Kind.DATA_LOSS,
        fr="Le reçu promettait la feuille {index} dans le journal avant la seconde {until_s}; le journal montré "
        "n’a que {size} feuilles.",
        en="The receipt promised leaf {index} in the journal before second {until_s}; the journal that is shown has "
        "only {size} leaves.",
        do_fr="Si ce que vous jugez date d’avant cette heure, prenez un point de contrôle d’aujourd’hui. Sinon la "
        "promesse est rompue : gardez le reçu.",
        do_en="If what you judge is from before that time, take a checkpoint of today. Otherwise the promise is "
        "broken: keep the receipt.",
    ),
}

_CHRONICLE: Mapping[str, Reason] = {
    "EPOCH_UNANNOUNCED": reason(
        Kind.DATA_LOSS,
        fr="L’époque {epoch} de cette décision n’avait pas été annoncée : son secret a pu être choisi après coup.",
        en="This decision’s epoch {epoch} had not been announced: its secret may have been chosen afterwards.",
        do_fr=_KEEP_FR,
        do_en=_KEEP_EN,
    ),
    "EPOCH_OVERDUE": reason(
        Kind.DATA_LOSS,
        fr="« {worker} » annonce une époque de plus sans avoir révélé le secret de l’époque {epoch} : ses tirages et "
        "ses compteurs échappent à la vérification.",
        en="“{worker}” announces yet another epoch without having revealed the secret of epoch {epoch}: its lots and "
        "its counters escape verification.",
        do_fr=_KEEP_FR,
        do_en=_KEEP_EN,
    ),
    "EPOCH_TWICE": reason(
        Kind.DATA_LOSS,
        fr="L’époque est annoncée une deuxième fois (la première : feuille {before}).",
        en="The epoch is announced a second time (the first: leaf {before}).",
        do_fr=_KEEP_FR,
        do_en=_KEEP_EN,
    ),
    "EPOCH_WORKER": reason(
        Kind.DATA_LOSS,
        fr="L’époque a été annoncée par « {wanted} », mais c’est « {found} » qui s’en sert.",
        en="The epoch was announced by “{wanted}”, but “{found}” uses it.",
        do_fr=_KEEP_FR,
        do_en=_KEEP_EN,
    ),
    "DECISION_AFTER_REVEAL": reason(
        Kind.DATA_LOSS,
        fr="La décision se sert d’un secret que la feuille {revealed} avait déjà révélé : ses tirages "
        "étaient prévisibles.",
        en="The decision uses a secret that leaf {revealed} had revealed already: its lots could be foreseen.",
        do_fr=_KEEP_FR,
        do_en=_KEEP_EN,
    ),
    "REVEAL_DIFFERS": reason(
        Kind.DATA_LOSS,
        fr="Le secret révélé n’est pas celui de l’époque {epoch} : ses tirages ne peuvent pas être refaits.",
        en="The secret that is revealed is not that of epoch {epoch}: its lots cannot be drawn again.",
        do_fr=_KEEP_FR,
        do_en=_KEEP_EN,
    ),
    "REVEAL_COUNT": reason(
        Kind.DATA_LOSS,
        fr="La fin de l’époque annonce {said} compteurs tirés; d’autres feuilles en montrent {found}.",
        en="The epoch’s end announces {said} counters drawn; other leaves show {found}.",
        do_fr=_KEEP_FR,
        do_en=_KEEP_EN,
    ),
    "COMMITMENT_DIFFERS": reason(
        Kind.DATA_LOSS,
        fr="Le corps n’est pas celui auquel la feuille s’est engagée : il a été échangé ou modifié.",
        en="The body is not the one that the leaf committed to: it was exchanged or altered.",
        do_fr=_KEEP_FR,
        do_en=_KEEP_EN,
    ),
    "BODY_UNEXPECTED": reason(
        Kind.DATA_LOSS,
        fr="Un corps est montré pour une feuille qui n’en a pas.",
        en="A body is shown for a leaf that has none.",
        do_fr=_AGAIN_FR,
        do_en=_AGAIN_EN,
    ),
    "BODY_ABSENT": reason(
        Kind.DATA_LOSS,
        fr="Feuilles {first} à {last} ({count} en tout) : le corps manque, et aucun effacement signé ne le dit.",
        en="Leaves {first} to {last} ({count} in all): the body is missing, and no signed erasure says so.",
        do_fr=_KEEP_FR,
        do_en=_KEEP_EN,
    ),
    "ERASURE_EARLY": reason(
        Kind.DATA_LOSS,
        fr="L’effacement de la feuille {erasure}, pour cause d’ancienneté, est venu avant le délai promis.",
        en="The erasure in leaf {erasure}, because of age, came before the time that was promised.",
        do_fr=_KEEP_FR,
        do_en=_KEEP_EN,
    ),
    "ERASURE_OF_SAMPLE": reason(
        Kind.DATA_LOSS,
        fr="L’effacement de la feuille {erasure}, pour cause d’ancienneté, touche l’échantillon à garder "
        "plus longtemps.",
        en="The erasure in leaf {erasure}, because of age, reaches the sample that has to be kept longer.",
        do_fr=_KEEP_FR,
        do_en=_KEEP_EN,
    ),
    "ERASURE_NOT_DONE": reason(
        Kind.DATA_LOSS,
        fr="L’effacement de la feuille {erasure} est consigné, mais le corps et sa clé sont toujours là.",
        en="The erasure in leaf {erasure} is recorded, but the body and its key are still there.",
        do_fr="Ce qui devait disparaître est encore lisible : prévenez l’exploitant et la personne concernée.",
        do_en="What was to disappear can still be read: tell the operator and the person concerned.",
    ),
}

REASONS: Mapping[str, Reason] = {**_BUNDLES, **_PROMISES, **_CHRONICLE}
