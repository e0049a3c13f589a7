"""What `rankd verify` and `rankd replay` say of events, and of what was worked out from them."""

from collections.abc import Mapping

from rankd.core.words.language import Phrase

VERDICTS: Mapping[str, Phrase] = {
    "good": Phrase(
        fr="Le journal d’événements {origin} est sain et s’accorde avec les décisions : {size} entrée{s} signée{s}, "
        "{count} événement{t}.",
        en="The journal of events {origin} is sound and agrees with the decisions: {size} entries signed, {count} "
        "event{t}.",
    ),
    "bad": Phrase(
        fr="Quelque chose parle contre le journal d’événements {origin}, ou contre ce qui en a été tiré.",
        en="Something speaks against the journal of events {origin}, or against what was worked out from it.",
    ),
}

SAYINGS: Mapping[str, Phrase] = {
    "fault": Phrase(fr="Entrée d’événements {index} : {message}", en="Entry of events {index}: {message}"),
    "fault_many": Phrase(
        fr="Entrée d’événements {index} et {count} autre{s} : {message}",
        en="Entry of events {index} and {count} more: {message}",
    ),
    "whole": Phrase(fr="Journal d’événements : {message}", en="Journal of events: {message}"),
    "decision": Phrase(fr="Décision {decision} : {message}", en="Decision {decision}: {message}"),
    "decision_many": Phrase(
        fr="Décision {decision} et {count} autre{s} : {message}",
        en="Decision {decision} and {count} more: {message}",
    ),
    "missing": Phrase(
        fr="Entrées d’événements {first} à {last} : le contenu manque, et aucun effacement signé ne le dit.",
        en="Entries of events {first} to {last}: the content is missing, and no signed erasure says so.",
    ),
    "erased": Phrase(
        fr="Entrées d’événements effacées par un ordre signé : {count} ({codes}).",
        en="Entries of events erased by a signed order: {count} ({codes}).",
    ),
    "features": Phrase(
        fr="Caractéristiques recalculées à partir des événements : celles de {checked} décision{s} sur {count}, "
        "identiques au bit près.",
        en="Features worked out again from events: those of {checked} of {count} decision{t}, identical to the last "
        "bit.",
    ),
    "partial": Phrase(
        fr="Recalculées en partie seulement, et identiques : celles de {count} autre{s}.",
        en="Worked out again in part only, and identical: those of {count} more.",
    ),
}

UNCHECKED: Mapping[str, Phrase] = {
    "unlinked": Phrase(
        fr="{count} décision{s} : les colonnes propres à la personne n’ont pas pu être vérifiées, rien ne les relie à "
        "quelqu’un dans les événements.",
        en="{count} decision{s}: the columns about the person could not be checked, nothing links them to anybody in "
        "the events.",
    ),
    "erased": Phrase(
        fr="{count} décision{s} : des colonnes n’ont pas pu être vérifiées, des événements qu’elles comptent peut-être "
        "ont été effacés.",
        en="{count} decision{s}: columns could not be checked, events that they may count were erased.",
    ),
    "expired": Phrase(
        fr="{count} décision{s} : des colonnes n’ont pas pu être vérifiées, leur demande était plus vieille que ce que "
        "les comptes gardent.",
        en="{count} decision{s}: columns could not be checked, the request was older than what counts reach back to.",
    ),
    "unpublished": Phrase(
        fr="{count} décision{s} : rien n’a pu être recalculé, les événements lus ne sont pas encore publiés.",
        en="{count} decision{s}: nothing could be worked out again, the events that were read are not published yet.",
    ),
    "unheld": Phrase(
        fr="{count} décision{s} : des colonnes n’ont pas été vérifiées, il y a plus de comptes que cette commande n’en "
        "garde à la fois.",
        en="{count} decision{s}: columns were not checked, there are more counts than this command keeps at once.",
    ),
    "unreadable": Phrase(
        fr="{count} décision{s} : rien n’a pu être recalculé, il manque ce dont cela part.",
        en="{count} decision{s}: nothing could be worked out again, what it starts from is missing.",
    ),
    "bundle": Phrase(
        fr="{count} décision{s} : leurs caractéristiques tirées d’événements sont prises telles quelles; un paquet ne "
        "contient pas d’événements, seul le dossier de données permet de les recalculer.",
        en="{count} decision{s}: their features worked out from events are taken as they are recorded; a bundle holds "
        "no events, only the data directory lets anybody work them out again.",
    ),
}

OPEN: Mapping[str, Phrase] = {
    "orphans": Phrase(
        fr="{count} événement{s} : la décision est effacée, on ne peut plus voir si elle avait montré la publication.",
        en="{count} event{s}: the decision is erased, and whether it showed the candidate cannot be seen any more.",
    ),
    "unjudged": Phrase(
        fr="{count} événement{s} : leur décision est plus récente que celles qui sont jugées ici.",
        en="{count} event{s}: their decision is newer than those that are judged here.",
    ),
    "unpublished": Phrase(
        fr="Entrées d’événements qu’aucun point de contrôle ne couvre encore : {count}; elles ne sont pas jugées.",
        en="Entries of events that no checkpoint covers yet: {count}; they are not judged.",
    ),
    "unread": Phrase(
        fr="{count} décision{s} : le service dit que les comptes n’étaient pas lisibles; des valeurs par défaut en "
        "tenaient lieu.",
        en="{count} decision{s}: the service says that counts could not be read; defaults stood for them.",
    ),
    "sent": Phrase(
        fr="{count} décision{s} : l’application a envoyé elle-même des colonnes que le modèle confie à rankd, d’après "
        "l’enregistrement.",
        en="{count} decision{s}: the application itself sent columns that the model leaves to rankd, as the record "
        "says.",
    ),
    "behind": Phrase(
        fr="{count} décision{s} : les comptes lus avaient plus d’une minute de retard sur les événements.",
        en="{count} decision{s}: the counts that were read were more than a minute behind the events.",
    ),
}

NOT_PROVEN: Mapping[str, Phrase] = {
    "people": Phrase(
        fr="Ce que les événements ne prouvent pas : que des personnes ont fait cela, ni que tout ce qu’elles ont fait "
        "y est; l’application le rapporte, et le service l’écrit.",
        en="What events do not prove: that people did this, or that all they did is there; the application reports it, "
        "and the service writes it down.",
    ),
    "names": Phrase(
        fr="Ni qu’un nom y désigne toujours la même personne au-delà d’une période de pseudonymes.",
        en="Nor that a name in them stands for the same person beyond one period of pseudonyms.",
    ),
}
