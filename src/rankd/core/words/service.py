"""What `rankd serve` and `rankd rank` say."""

from collections.abc import Mapping

from rankd.core.words.language import Phrase

CHECK: Mapping[str, Phrase] = {
    "ratified": Phrase(
        fr="{surface}\u00a0: politique {number} «\u00a0{title}\u00a0»\n  obéit à {canon}\n  fichier {file}\n"
        "  ratification\u00a0: {ratification}",
        en="{surface}: policy {number} “{title}”\n  obeys {canon}\n  file {file}\n  ratification: {ratification}",
    ),
    "policy": Phrase(
        fr="{surface} : politique « {title} »\n  obéit à {canon}\n  fichier {file}\n  ratification : NONE (aucun vote "
        "de membres derrière ce fichier)",
        en="{surface}: policy “{title}”\n  obeys {canon}\n  file {file}\n  ratification: NONE (no vote of members "
        "stands behind this file)",
    ),
    "model": Phrase(fr="  modèle {digest}, têtes : {heads}", en="  model {digest}, heads: {heads}"),
    "silent": Phrase(
        fr="  pas assez de données, même poids pour toutes les publications : {objectives}",
        en="  too little data, the same for every post: {objectives}",
    ),
    "baseline": Phrase(
        fr="{surface} : ordre de base (la plus récente d’abord), numéro 0",
        en="{surface}: baseline (newest first), number 0",
    ),
    "refused": Phrase(fr="  refusé ({reason}) : {message}", en="  refused ({reason}): {message}"),
    "by_founding": Phrase(
        fr="  pourquoi\u00a0: les fondateurs l’ont adoptée ({proposal}); en vigueur depuis le {since}, activation "
        "{activation}",
        en="  why: the founders adopted it ({proposal}); in force since {since}, activation {activation}",
    ),
    "by_vote": Phrase(
        fr="  pourquoi\u00a0: proposition {proposal}, adoptée par vote ({result}); en vigueur depuis le {since}, "
        "activation {activation}",
        en="  why: proposal {proposal}, passed by vote ({result}); in force since {since}, activation {activation}",
    ),
    "by_notice": Phrase(
        fr="  pourquoi\u00a0: proposition {proposal}, annoncée sans objection suffisante; en vigueur depuis le "
        "{since}, activation {activation}",
        en="  why: proposal {proposal}, announced without enough objections; in force since {since}, activation "
        "{activation}",
    ),
    "by_rollback": Phrase(
        fr="  pourquoi\u00a0: les gardiens y sont revenus ({proposal}); en vigueur depuis le {since}, activation "
        "{activation}",
        en="  why: the guardians went back to it ({proposal}); in force since {since}, activation {activation}",
    ),
    "by_lapse": Phrase(
        fr="  pourquoi\u00a0: l’intervention des gardiens ({proposal}) n’a pas été confirmée; en vigueur depuis "
        "le {since}, activation {activation}",
        en="  why: the guardians’ intervention ({proposal}) was not confirmed; in force since {since}, activation "
        "{activation}",
    ),
    "yes_no": Phrase(fr="{yes} oui, {no} non", en="{yes} yes, {no} no"),
    "ranking": Phrase(fr="un classement, {count} bulletins", en="a ranking, {count} ballots"),
    "points": Phrase(fr="mille points, {count} bulletins", en="a thousand points, {count} ballots"),
    "assembly": Phrase(
        fr="assemblée {origin}, fondée par {genesis}\n  entrées vérifiées : {size}; activation {activation}",
        en="assembly {origin}, founded by {genesis}\n  entries verified: {size}; activation {activation}",
    ),
    "stale": Phrase(
        fr="  rien de plus récent que le {since}\u00a0: ce dossier est périmé; il est servi quand même",
        en="  nothing newer than {since}: this record is stale; it is served all the same",
    ),
    "record_refused": Phrase(
        fr="  dossier refusé ({reason})\u00a0: {message}", en="  record refused ({reason}): {message}"
    ),
    "constitution": Phrase(fr="constitution {digest}", en="constitution {digest}"),
    "restored": Phrase(
        fr="  ce qui suit a été vérifié avant, et vient de l’archive",
        en="  what follows was verified before, and comes from the archive",
    ),
    "baseline_ratified": Phrase(
        fr="{surface}\u00a0: ordre de base (la plus récente d’abord), numéro 0\u00a0: aucune politique n’y est "
        "en vigueur",
        en="{surface}: baseline (newest first), number 0: no policy is in force there",
    ),
    "limits": Phrase(fr="limites {digest}", en="limits {digest}"),
    "address": Phrase(
        fr="gRPC sur {address}, {security}; mesures : {side}", en="gRPC on {address}, {security}; metrics: {side}"
    ),
    "mtls": Phrase(fr="TLS mutuel, {count} identité{s}", en="mutual TLS, {count} identit{ies}"),
    "plain": Phrase(fr="sans TLS, cette machine seulement", en="without TLS, this machine only"),
    "off": Phrase(fr="aucune", en="none"),
    "good": Phrase(fr="Tout est en ordre.", en="All is well."),
    "bad": Phrase(
        fr="Il y a des refus : ces surfaces ne serviraient pas ce que disent les dossiers.",
        en="There are refusals: these surfaces would not be served with what lies in the folders.",
    ),
    "other": Phrase(fr="{name} : refusé ({reason}) : {message}", en="{name}: refused ({reason}): {message}"),
}

CALLING = Phrase(
    fr=(
        "rankd sert {surfaces} sur {address}. Pour l’appeler, dans un autre terminal :\n"
        "  rankd rank --address {address} --request examples/request.json\n"
        "  rankd explain --address {address} DÉCISION --viewer PERSONNE\n"
        'En Python : rankd.client.RankdClient("{address}"). Contrat : proto/rankd/v1. Arrêter : Ctrl-C.'
    ),
    en=(
        "rankd serves {surfaces} on {address}. To call it, in another terminal:\n"
        "  rankd rank --address {address} --request examples/request.json\n"
        "  rankd explain --address {address} DECISION --viewer VIEWER\n"
        'From Python: rankd.client.RankdClient("{address}"). Contract: proto/rankd/v1. Stop: Ctrl-C.'
    ),
)
"""How to call a service that was started at a terminal."""

RANK: Mapping[str, Phrase] = {
    "rank": Phrase(fr="rang", en="rank"),
    "id": Phrase(fr="publication", en="candidate"),
    "value": Phrase(fr="points", en="points"),
    "reasons": Phrase(fr="raisons les plus fortes", en="strongest reasons"),
    "decision": Phrase(fr="Décision {id}", en="Decision {id}"),
    "dry_run": Phrase(fr="Essai : rien n’a été consigné.", en="Dry run: nothing was recorded."),
    "policy": Phrase(fr="Politique {digest} ({ratification})", en="Policy {digest} ({ratification})"),
    "model": Phrase(fr="Modèle {digest}", en="Model {digest}"),
    "dropped": Phrase(fr="Écartées : {list}", en="Taken out: {list}"),
    "empty": Phrase(fr="Aucune publication ne peut être montrée.", en="No candidate can be shown."),
}
