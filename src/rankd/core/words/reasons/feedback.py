"""Reasons about what people did with what they were shown, and about where it is kept."""

from collections.abc import Mapping

from rankd.core.words.reasons.reason import Kind, Reason, reason

_REFUSED: Mapping[str, Reason] = {
    "FEEDBACK_VIEWER": reason(
        Kind.INVALID,
        fr="La décision {decision} a été rendue pour quelqu’un d’autre.",
        en="Decision {decision} was made for somebody else.",
        do_fr="Renvoyez le jeton de la réponse que cette personne a reçue, avec le viewer_id de la demande.",
        do_en="Send the token of the answer that this person was given, with the request’s viewer_id.",
    ),
    "FEEDBACK_NOT_SHOWN": reason(
        Kind.INVALID,
        fr="La décision {decision} n’a pas montré la publication {candidate}.",
        en="Decision {decision} did not show {candidate}.",
        do_fr="Ne renvoyez que ce qui figurait dans le fil répondu (slate) : rien d’autre ne compte.",
        do_en="Report only what was in the slate that was answered: nothing else counts.",
    ),
    "FEEDBACK_TOO_LATE": reason(
        Kind.INVALID,
        fr="La décision {decision} date d’avant le {since_ms:moment} : ce qui s’y rapporte n’est plus reçu.",
        en="Decision {decision} was made before {since_ms:moment}: what is about it is not taken any more.",
        do_fr="Envoyez les événements plus tôt, et gardez-les pour une nouvelle tentative quand le service se tait.",
        do_en="Send events sooner, and keep them for another try where the service does not answer.",
    ),
    "FEEDBACK_TIME": reason(
        Kind.INVALID,
        fr="L’événement serait arrivé le {found_ms:moment}, hors de la période du {first_ms:moment} au "
        "{last_ms:moment}.",
        en="The event would have happened on {found_ms:moment}, which is not between {first_ms:moment} and "
        "{last_ms:moment}.",
        do_fr="Réglez l’horloge de l’appelant, ou n’envoyez pas event_time : l’heure du service en tient lieu.",
        do_en="Set the caller’s clock, or leave event_time out: the service’s clock then stands for it.",
    ),
    "FEEDBACK_KIND": reason(
        Kind.INVALID,
        fr="« {found} » n’est pas une sorte d’événement.",
        en="“{found}” is no kind of event.",
        do_fr="Choisissez parmi {known}.",
        do_en="Choose one of {known}.",
    ),
    "FEEDBACK_DECISION_ERASED": reason(
        Kind.INVALID,
        fr="La décision {decision} est effacée, ou plus personne ne peut dire pour qui elle a été rendue.",
        en="Decision {decision} is erased, or nobody can tell any more whom it was made for.",
        do_fr="Oubliez ces événements : ils ne peuvent plus compter.",
        do_en="Drop these events: they can count no more.",
    ),
    "EVENT_ID_REUSED": reason(
        Kind.EXISTS,
        fr="L’identifiant d’événement {event} désigne déjà un autre événement.",
        en="The event id {event} stands for another event already.",
        do_fr="Donnez à chaque événement un identifiant à lui, par exemple un UUID.",
        do_en="Give every event an id of its own, a UUID for example.",
    ),
}

_RECORDS: Mapping[str, Reason] = {
    "EVENTS_MALFORMED": reason(
        Kind.DATA_LOSS,
        fr="{field} : ce n’est pas un enregistrement d’événements ({found}).",
        en="{field}: this is no record of events ({found}).",
        do_fr="Comparez avec une copie du journal; il a été modifié ou abîmé.",
        do_en="Compare with a copy of the journal; it was changed or damaged.",
    ),
    "EVENTS_TOO_LARGE": reason(
        Kind.EXHAUSTED,
        fr="L’enregistrement occuperait {size_bytes} octets; au plus {most_bytes} sont permis.",
        en="The record would take {size_bytes} bytes; at most {most_bytes} are allowed.",
        do_fr="Répartissez les événements sur plusieurs appels, et raccourcissez les identifiants.",
        do_en="Spread the events over several calls, and shorten the identifiers.",
    ),
    "FEATURE_KEY_MISSING": reason(
        Kind.DATA_LOSS,
        fr="{path} n’existe pas, alors que des événements sont consignés sous cette clé.",
        en="{path} does not exist, yet events are recorded under this key.",
        do_fr="Reprenez ce fichier d’une copie. S’il est perdu pour de bon, mettez-y 32 octets tirés au hasard, "
        "lisibles par vous seul : chaque personne repart alors sans passé.",
        do_en="Take the file from a copy. If it is lost for good, put 32 random bytes there that only you can read: "
        "everybody then begins without a past.",
    ),
}

REASONS: Mapping[str, Reason] = {**_REFUSED, **_RECORDS}
