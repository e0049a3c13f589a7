"""Reasons about the text of a declaration of features."""

from collections.abc import Mapping

from rankd.core.words.reasons.policy_text import at
from rankd.core.words.reasons.reason import Reason

REASONS: Mapping[str, Reason] = {
    "FEATURE_NAME_FORM": at(
        fr="« {found} » n’est pas un nom d’entité ou de caractéristique.",
        en="“{found}” is no name of an entity or feature.",
        do_fr="Écrivez 1 à 64 minuscules sans accent, chiffres ou soulignements, en commençant par une lettre.",
        do_en="Write 1 to 64 lower-case letters, digits or underscores, beginning with a letter.",
    ),
    "FEATURE_ENTITY_UNKNOWN": at(
        fr="l’entité « {found} » n’est pas déclarée; celles qui le sont : {known}.",
        en="the entity “{found}” is not declared; these are: {known}.",
        do_fr="Déclarez-la sous entities, ou corrigez le nom.",
        do_en="Declare it under entities, or correct the name.",
    ),
    "FEATURE_ENTITY_UNUSED": at(
        fr="aucune caractéristique ne compte rien au sujet de l’entité « {found} ».",
        en="no feature counts anything about the entity “{found}”.",
        do_fr="Retirez-la : rien ne se garde sans raison.",
        do_en="Take it out: nothing is kept without a reason.",
    ),
    "FEATURE_PART_UNKNOWN": at(
        fr="« {found} » n’est ni viewer, ni item, ni author, ni une colonne de nombres entiers envoyée par la requête.",
        en="“{found}” is neither viewer, item or author nor a column of whole numbers that requests send.",
        do_fr="Déclarez la caractéristique {found} avec « sent: whole », ou corrigez le nom.",
        do_en="Declare the feature {found} with “sent: whole”, or correct the name.",
    ),
    "FEATURE_PART_REPEATED": at(
        fr="« {found} » figure deux fois dans la liste.",
        en="“{found}” stands twice in the list.",
        do_fr="Retirez la seconde mention.",
        do_en="Take the second one out.",
    ),
    "FEATURE_ENTITY_REPEATED": at(
        fr="cette entité a les mêmes parties que {other}.",
        en="this entity has the same parts as {other}.",
        do_fr="Gardez-en une seule.",
        do_en="Keep only one of them.",
    ),
    "FEATURE_READING": at(
        fr="une caractéristique se lit d’une seule façon, parmi {allowed}; ici : {found}.",
        en="a feature is read in exactly one way out of {allowed}; here: {found}.",
        do_fr="Gardez une seule de ces clés.",
        do_en="Keep one of these keys.",
    ),
    "FEATURE_KIND_UNKNOWN": at(
        fr="« {found} » n’est pas une sorte d’événement; il y a {allowed}.",
        en="“{found}” is no kind of event; there are {allowed}.",
        do_fr="Corrigez le mot.",
        do_en="Correct the word.",
    ),
    "FEATURE_SPAN_FORM": at(
        fr="« {found} » n’est pas une durée qui se compte.",
        en="“{found}” is no time over which events are counted.",
        do_fr="Écrivez ever, de 1h à {most_hours}h (par heures) ou de 1d à {most_days}d (par jours).",
        do_en="Write ever, 1h to {most_hours}h (by hours) or 1d to {most_days}d (by days).",
    ),
    "FEATURE_HALF_LIFE_EVER": at(
        fr="une demi-vie demande une durée finie.",
        en="a half-life needs a finite time.",
        do_fr="Écrivez within: 30d, par exemple : ce qui est plus vieux ne compte plus.",
        do_en="Write within: 30d, for example: what is older does not count any more.",
    ),
    "FEATURE_SPAN_EVER": at(
        fr="cette caractéristique demande une durée finie.",
        en="this feature needs a finite time.",
        do_fr="Écrivez within: 30d, par exemple.",
        do_en="Write within: 30d, for example.",
    ),
    "FEATURE_PRIOR_UNKNOWN": at(
        fr="« {found} » n’est ni une part comme 40%, ni un taux déclaré plus haut.",
        en="“{found}” is neither a share such as 40% nor a rate declared further up.",
        do_fr="Écrivez une part, ou le nom d’un taux ou d’une affinité qui précède.",
        do_en="Write a share, or the name of a rate or affinity that comes before.",
    ),
    "FEATURE_AMONG": at(
        fr="l’entité {of} doit avoir toutes les parties de {found}, et au moins une de plus.",
        en="the entity {of} must have all parts of {found}, and at least one more.",
        do_fr="Une affinité est la part d’un tout : nommez sous among l’entité plus large.",
        do_en="An affinity is a share of a whole: name the wider entity under among.",
    ),
    "FEATURE_DEFAULT_FORM": at(
        fr="« {found} » n’est pas l’écriture la plus courte d’un nombre binary32; attendu : {wanted}.",
        en="“{found}” is not the shortest spelling of a binary32 number, in quotes; wanted: {wanted}.",
        do_fr="Corrigez le nombre.",
        do_en="Correct the number.",
    ),
    "FEATURE_DEFAULT_MISSING": at(
        fr="une caractéristique que rankd calcule doit dire ce qui en tient lieu quand ses comptes ne se lisent pas.",
        en="a feature that rankd works out must say what stands for it while its counts cannot be read.",
        do_fr='Ajoutez default: "0", par exemple.',
        do_en='Add default: "0", for example.',
    ),
    "FEATURE_NULLABLE": at(
        fr="cette caractéristique est toujours connue.",
        en="this feature is always known.",
        do_fr='Écrivez nullable: "no".',
        do_en='Write nullable: "no".',
    ),
    "FEATURE_PROFILING": at(
        fr="cette caractéristique dépend de ce qu’une personne a fait.",
        en="this feature depends on what one person did.",
        do_fr='Écrivez profiling: "yes".',
        do_en='Write profiling: "yes".',
    ),
    "FEATURE_NOT_PROFILING": at(
        fr="cette caractéristique ne dépend de rien de ce qu’une personne a fait.",
        en="this feature depends on nothing that one person did.",
        do_fr='Écrivez profiling: "no".',
        do_en='Write profiling: "no".',
    ),
    "FEATURE_NEGATIVE_FOR_EVERYONE": at(
        fr="« {found} » ne se compte que pour la personne qui l’a fait : sinon mille comptes de connivence couleraient"
        " un auteur.",
        en="“{found}” counts only for the person who did it: else a thousand colluding accounts would sink an author.",
        do_fr="Comptez-le pour une entité qui comprend viewer, ou écrivez scope: everyone en sachant ce risque.",
        do_en="Count it for an entity with viewer among its parts, or write scope: everyone and know that risk.",
    ),
    "FEATURE_NEGATIVE_FOREVER": at(
        fr="« {found} » doit s’estomper.",
        en="“{found}” must fade.",
        do_fr="Donnez une durée finie sous within, avec ou sans half_life.",
        do_en="Give a finite time under within, with or without half_life.",
    ),
    "FEATURE_SCOPE_NEEDLESS": at(
        fr="scope: everyone n’a de sens que pour {allowed}, hors de toute entité qui comprend viewer.",
        en="scope: everyone makes sense only for {allowed}, in an entity without viewer.",
        do_fr="Retirez scope.",
        do_en="Take scope out.",
    ),
    "FEATURE_BLOCKS_TOO_MANY": at(
        fr="la déclaration demande {found} tables de comptes, la limite est de {most}.",
        en="the declaration needs {found} tables of counts, the limit is {most}.",
        do_fr="Utilisez moins d’entités ou de durées de sortes différentes.",
        do_en="Use fewer entities, or fewer kinds of spans.",
    ),
    "FEATURE_COUNTERS_TOO_MANY": at(
        fr="la déclaration demande {found} compteurs par candidat, la limite est de {most}.",
        en="the declaration needs {found} counters for a candidate, the limit is {most}.",
        do_fr="Comptez par jours plutôt que par heures, sur moins de temps, ou moins de sortes d’événements.",
        do_en="Count by days instead of hours, over less time, or fewer kinds of events.",
    ),
}
