"""What `rankd serve` and `rankd rank` say."""

from collections.abc import Mapping

from rankd.core.words.language import Phrase

CHECK: Mapping[str, Phrase] = {
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
    "limits": Phrase(fr="limites {digest}", en="limits {digest}"),
    "address": Phrase(
        fr="gRPC sur {address}, {security}; mesures : {side}", en="gRPC on {address}, {security}; metrics: {side}"
    ),
    "mtls": Phrase(fr="TLS mutuel, {count} identité{s}", en="mutual TLS, {count} identit{ies}"),
    "plain": Phrase(fr="sans TLS, cette machine seulement", en="without TLS, this machine only"),
    "off": Phrase(fr="aucune", en="none"),
    "good": Phrase(fr="Tout est en ordre.", en="All is well."),
    "bad": Phrase(
        fr="Des fichiers sont refusés : ces surfaces ne serviraient pas ce que disent les dossiers.",
        en="Some files are refused: these surfaces would not be served with what the folders say.",
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
