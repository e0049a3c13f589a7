"""Reasons about impacts: what a proposed policy would have changed, and why that cannot be said."""

from collections.abc import Mapping

from rankd.core.words.reasons.reason import Kind, Reason, reason

REASONS: Mapping[str, Reason] = {
    "IMPACT_NOTHING": reason(
        Kind.STATE,
        fr="Aucune des décisions données ne peut être rejouée pour la surface « {surface} » avec le modèle {model} : "
        "{left_out}.",
        en="None of the decisions given can be replayed for the surface “{surface}” with the model {model}: "
        "{left_out}.",
        do_fr="Donnez un paquet plus récent ou plus long, ou un autre modèle : --for-model.",
        do_en="Give a newer or a longer bundle, or another model: --for-model.",
    ),
    "IMPACT_NO_MODEL": reason(
        Kind.STATE,
        fr="Aucune décision dont le contenu est là n’a été classée par un modèle sur la surface « {surface} ».",
        en="No decision whose content is there was ranked by a model on the surface “{surface}”.",
        do_fr="Donnez un paquet (rankd bundle) où cette surface a servi, avant que son contenu ne soit effacé.",
        do_en="Give a bundle (rankd bundle) in which this surface was served, before its content is erased.",
    ),
    "IMPACT_EVIDENCE": reason(
        Kind.DATA_LOSS,
        fr="Quelque chose parle contre le journal {origin} : {found}. Sur lui, aucune incidence ne se calcule.",
        en="Something speaks against the journal {origin}: {found}. No impact is computed from it.",
        do_fr="rankd replay dit en détail ce qui ne va pas. Gardez les pièces et demandez-en d’autres.",
        do_en="rankd replay says in detail what is wrong. Keep the evidence and ask for other evidence.",
    ),
    "IMPACT_OVERLAP": reason(
        Kind.INVALID,
        fr="Les entrées {first} à {end} (exclue) du journal {origin} sont données deux fois : elles compteraient "
        "double.",
        en="Entries {first} to {end} (excluded) of the journal {origin} are given twice: they would count double.",
        do_fr="Donnez des paquets qui se suivent sans se recouvrir, ou un seul.",
        do_en="Give bundles that follow each other without overlapping, or only one.",
    ),
    "IMPACT_KEYS": reason(
        Kind.INVALID,
        fr="{keys} clés pour {paths} pièces.",
        en="{keys} keys for {paths} pieces of evidence.",
        do_fr="Donnez --key une fois pour toutes les pièces, ou une fois pour chacune, dans le même ordre.",
        do_en="Give --key once for all the evidence, or once for each piece, in the same order.",
    ),
    "IMPACT_MALFORMED": reason(
        Kind.INVALID,
        fr="Ce n’est pas une incidence que rankd lit : {field} ({found}).",
        en="This is no impact that rankd reads: {field} ({found}).",
        do_fr="Refaites-la avec rankd policy impact, ou mettez rankd à jour si elle vient d’une version plus récente.",
        do_en="Make it again with rankd policy impact, or update rankd if a newer version made it.",
    ),
    "IMPACT_TOO_LARGE": reason(
        Kind.EXHAUSTED,
        fr="Une incidence d’au moins {size_bytes} octets, pour un maximum de {most_bytes}.",
        en="An impact of at least {size_bytes} bytes, where {most_bytes} are the most.",
        do_fr="Rejouez moins de journaux à la fois; une incidence que d’autres ont faite est alors à refuser.",
        do_en="Replay fewer journals at a time; one that others made is to be refused then.",
    ),
    "IMPACT_DECISIONS": reason(
        Kind.MISSING,
        fr="Une incidence se mesure sur des décisions, et aucune n’est donnée.",
        en="An impact is measured on decisions, and none are given.",
        do_fr="Donnez un paquet ou le dossier d’un service : --decisions CHEMIN.",
        do_en="Give a bundle or a service’s directory: --decisions PATH.",
    ),
    "IMPACT_MODEL_FOLDER": reason(
        Kind.MISSING,
        fr="{proposal} propose le modèle {wanted}, et son dossier n’est pas donné ({found}).",
        en="{proposal} proposes the model {wanted}, and its folder is not given ({found}).",
        do_fr="Donnez le dossier du modèle proposé : --model DOSSIER. Une proposition de politique n’en veut pas.",
        do_en="Give the proposed model’s folder: --model DIR. A policy’s proposal wants none.",
    ),
    "IMPACT_UNFROZEN": reason(
        Kind.MISSING,
        fr="Aucune incidence n’est arrêtée avec {proposal}.",
        en="No impact is frozen with {proposal}.",
        do_fr="Pour la calculer, donnez des décisions : --decisions CHEMIN.",
        do_en="To compute it, give decisions: --decisions PATH.",
    ),
    "IMPACT_UNWRITABLE": reason(
        Kind.UNAVAILABLE,
        fr="Impossible d’écrire {path} : {detail}.",
        en="{path} cannot be written: {detail}.",
        do_fr="Le dossier doit exister. Vérifiez le chemin, les droits et l’espace libre.",
        do_en="Its folder must exist. Check the path, its permissions and free space.",
    ),
}
