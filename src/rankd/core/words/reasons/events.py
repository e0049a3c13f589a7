"""Reasons for which a journal of events, or what was worked out from it, does not agree with the decisions."""

from collections.abc import Mapping

from rankd.core.words.reasons.reason import Kind, Reason, reason

_ASK_FR = (
    "Gardez le dossier tel qu’il est et demandez des comptes à l’exploitant : lui seul écrit dans ce journal. Un "
    "service qui suit docs/spec/events.md n’écrit rien de tel."
)
_ASK_EN = (
    "Keep the folder as it is and hold the operator to account: nobody else writes to this journal. A service that "
    "follows docs/spec/events.md writes nothing of the kind."
)


def _against(fr: str, en: str) -> Reason:
    return reason(Kind.DATA_LOSS, fr=fr, en=en, do_fr=_ASK_FR, do_en=_ASK_EN)


REASONS: Mapping[str, Reason] = {
    "EVENTS_MISSING": reason(
        Kind.DATA_LOSS,
        fr="Les valeurs de {count} décisions ont été tirées d’événements, et il n’y a pas de journal d’événements ici.",
        en="The values of {count} decisions were worked out from events, and there is no journal of events here.",
        do_fr="Demandez le dossier complet, avec events/ : sans lui, personne ne peut vérifier ces valeurs.",
        do_en="Ask for the whole folder, with events/: without it nobody can check these values.",
    ),
    "EVENTS_LEAF_DIFFERS": _against(
        "L’enregistrement dit {found_ms} et sa feuille {wanted_ms} (millisecondes depuis 1970).",
        "The record says {found_ms} and its leaf {wanted_ms} (milliseconds since 1970).",
    ),
    "EVENTS_ORDER": _against(
        "La feuille est de {found_ms}, plus d’une heure avant une autre qui la précède ({before_ms}).",
        "The leaf is of {found_ms}, more than an hour before another one that precedes it ({before_ms}).",
    ),
    "EVENTS_DECISION": _against(
        "Ces événements sont rattachés à l’entrée {decision}, qui n’est pas une décision.",
        "These events are tied to entry {decision}, which is no decision.",
    ),
    "EVENTS_NOT_SHOWN": _against(
        "La décision {decision} n’a pas montré la publication {candidate} : personne n’a pu y réagir.",
        "Decision {decision} did not show candidate {candidate}: nobody can have reacted to it.",
    ),
    "EVENTS_SHOWN_DIFFERS": _against(
        "Décision {decision} : {field} est {found} dans les événements, {wanted} dans la décision.",
        "Decision {decision}: {field} is {found} in the events, {wanted} in the decision.",
    ),
    "EVENTS_VIEWER": _against(
        "Décision {decision} : les événements disent une autre personne que d’autres événements de la même personne.",
        "Decision {decision}: the events name another person than other events of the same person do.",
    ),
    "EVENTS_TIME": _against(
        "Un événement est de {found_ms}, avant la décision {decision} qui a montré la publication ({first_ms}).",
        "An event is of {found_ms}, before decision {decision}, which showed the candidate ({first_ms}).",
    ),
    "EVENTS_TWICE": _against(
        "Un événement « {event} » d’une publication d’une décision compte une deuxième fois.",
        "An event “{event}” of one candidate of one decision counts a second time.",
    ),
    "EVENTS_UNSHOWN": _against(
        "Un événement « {event} » compte sans qu’un affichage de la publication compte avant lui.",
        "An event “{event}” counts, and no showing of the candidate counts before it.",
    ),
    "FEATURES_AHEAD": _against(
        "La décision dit avoir lu {entry_count} entrées d’événements; le journal n’en a que {size}.",
        "The decision says that it read {entry_count} entries of events; the journal has only {size}.",
    ),
    "FEATURES_EARLY": _against(
        "La décision, de {time_ms}, dit avoir lu {entry_count} entrées d’événements; la dernière n’est venue qu’à "
        "{entry_ms}.",
        "The decision, of {time_ms}, says that it read {entry_count} entries of events; the last one came only at "
        "{entry_ms}.",
    ),
    "FEATURES_UNDECLARED": _against(
        "La décision dit que rankd a calculé « {names} », ce que le modèle qu’elle nomme ne déclare pas.",
        "The decision says that rankd worked out “{names}”, which the model that it names does not declare.",
    ),
}
