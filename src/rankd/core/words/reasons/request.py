"""Reasons about a request."""

from collections.abc import Mapping

from rankd.core.words.reasons.reason import Kind, Reason, reason


def _refusal(*, fr: str, en: str, do_fr: str, do_en: str) -> Reason:
    return reason(Kind.INVALID, fr=fr, en=en, do_fr=do_fr, do_en=do_en)


REASONS: Mapping[str, Reason] = {
    "CANDIDATES_EMPTY": _refusal(
        fr="{field} : il n’y a aucune publication à classer.",
        en="{field}: there is nothing to rank.",
        do_fr="Envoyez au moins une publication candidate.",
        do_en="Send at least one candidate.",
    ),
    "CANDIDATES_TOO_MANY": _refusal(
        fr="{field} : {found} publications candidates, mais cette surface en accepte au plus {most}.",
        en="{field}: {found} candidates, but this surface takes at most {most}.",
        do_fr="Préparez une sélection plus courte; GetSurface donne la limite.",
        do_en="Select fewer beforehand; GetSurface gives the limit.",
    ),
    "LIMIT_OUT_OF_RANGE": _refusal(
        fr="{field} : {found} n’est pas une longueur de fil acceptée.",
        en="{field}: {found} is not an accepted length of a slate.",
        do_fr="Demandez de 1 à {most} places.",
        do_en="Ask for 1 to {most} places.",
    ),
    "ID_EMPTY": _refusal(
        fr="{field} : l’identifiant est vide.",
        en="{field}: the identifier is empty.",
        do_fr="Donnez de 1 à 256 octets.",
        do_en="Give 1 to 256 bytes.",
    ),
    "ID_TOO_LONG": _refusal(
        fr="{field} : le texte dépasse {most} octets en UTF-8.",
        en="{field}: the text is longer than {most} bytes of UTF-8.",
        do_fr="Raccourcissez-le, par exemple avec une empreinte.",
        do_en="Shorten it, for example to a hash.",
    ),
    "ID_CONTROL": _refusal(
        fr="{field} : le texte contient un caractère de commande.",
        en="{field}: the text holds a control character.",
        do_fr="Retirez les caractères de commande (catégorie Unicode Cc).",
        do_en="Remove control characters (Unicode category Cc).",
    ),
    "ID_NOT_NFC": _refusal(
        fr="{field} : le texte n’est pas en forme Unicode NFC.",
        en="{field}: the text is not in Unicode form NFC.",
        do_fr="Normalisez-le en NFC avant l’envoi, pour qu’un même nom s’écrive toujours pareil.",
        do_en="Normalise it to NFC before sending, so that one name is always written alike.",
    ),
    "ID_DUPLICATE": _refusal(
        fr="{field} : le même identifiant figure déjà dans {first}.",
        en="{field}: the same identifier already stands in {first}.",
        do_fr="Envoyez chaque publication une seule fois.",
        do_en="Send each candidate once.",
    ),
    "GROUPS_TOO_MANY": _refusal(
        fr="{field} : {found} groupes, mais une publication en porte au plus {most}.",
        en="{field}: {found} groups, but a candidate has at most {most}.",
        do_fr="N’envoyez que les groupes que GetSurface nomme.",
        do_en="Send only the groups that GetSurface names.",
    ),
    "GROUP_DUPLICATE": _refusal(
        fr="{field} : un groupe y figure deux fois.",
        en="{field}: a group stands there twice.",
        do_fr="Nommez chaque groupe une seule fois.",
        do_en="Name each group once.",
    ),
    "SERVED_TOO_MANY": _refusal(
        fr="{field} : {found} auteurs, au plus {most} sont acceptés.",
        en="{field}: {found} authors, at most {most} are accepted.",
        do_fr="Ne gardez que les auteurs des publications candidates.",
        do_en="Keep only the authors of the candidates.",
    ),
    "SERVED_DUPLICATE": _refusal(
        fr="{field} : cet auteur y figure deux fois.",
        en="{field}: this author stands there twice.",
        do_fr="Donnez un seul nombre par auteur.",
        do_en="Give one count per author.",
    ),
    "SERVED_OUT_OF_RANGE": _refusal(
        fr="{field} : {found} n’est pas entre 0 et {most}.",
        en="{field}: {found} is not between 0 and {most}.",
        do_fr="Comptez les publications déjà montrées, sans signe.",
        do_en="Count the posts already shown; the count is never negative.",
    ),
    "TIME_OUT_OF_RANGE": _refusal(
        fr="{field} : {found} ms n’est pas une heure entre 1970 et 9999.",
        en="{field}: {found} ms is not a time between 1970 and 9999.",
        do_fr="Envoyez l’heure en temps universel, ou rien si elle est inconnue.",
        do_en="Send a time in UTC, or nothing where it is unknown.",
    ),
    "CLOCK_SKEW": _refusal(
        fr="{field} : l’horloge de la demande s’écarte de {found} s de celle du serveur (au plus {most} s).",
        en="{field}: the request’s clock is {found} s away from the server’s; at most {most} s are allowed.",
        do_fr="Réglez l’horloge de l’appelant, ou omettez {field}.",
        do_en="Set the caller’s clock right, or leave {field} out.",
    ),
    "COLUMN_UNKNOWN": _refusal(
        fr="{field} : ni le modèle ni la politique ne lisent cette colonne.",
        en="{field}: neither the model nor the policy reads this column.",
        do_fr="Colonnes connues : {known}.",
        do_en="Known columns: {known}.",
    ),
    "COLUMN_DUPLICATE": _refusal(
        fr="{field} : la colonne est envoyée deux fois.",
        en="{field}: the column is sent twice.",
        do_fr="Envoyez-la une fois, dans columns ou dans viewer_columns.",
        do_en="Send it once, in columns or in viewer_columns.",
    ),
    "COLUMN_MISSING": _refusal(
        fr="{field} : la colonne manque et n’a pas de valeur par défaut.",
        en="{field}: the column is missing and has no default.",
        do_fr="Envoyez-la; GetSurface décrit chaque colonne.",
        do_en="Send it; GetSurface describes every column.",
    ),
    "COLUMN_LENGTH": _refusal(
        fr="{field} : {found} nombres là où il en faut {wanted}.",
        en="{field}: {found} numbers where {wanted} are needed.",
        do_fr="Envoyez un nombre par publication candidate, dans leur ordre (un seul dans viewer_columns).",
        do_en="Send one number per candidate, in their order (exactly one in viewer_columns).",
    ),
    "COLUMN_INFINITE": _refusal(
        fr="{field} : l’infini n’est pas une mesure.",
        en="{field}: infinity is not a measurement.",
        do_fr="Envoyez un nombre fini, ou NaN si la colonne admet l’inconnu.",
        do_en="Send a finite number, or NaN where the column is nullable.",
    ),
    "COLUMN_NAN": _refusal(
        fr="{field} : NaN (« inconnu ») n’est pas admis dans cette colonne.",
        en="{field}: NaN (“not known”) is not accepted in this column.",
        do_fr="Envoyez un nombre fini; GetSurface dit quelles colonnes admettent l’inconnu.",
        do_en="Send a finite number; GetSurface tells which columns are nullable.",
    ),
    "COLUMN_NEGATIVE": _refusal(
        fr="{field} : {found} est négatif, mais la règle y lit un nombre d’heures.",
        en="{field}: {found} is negative, but the rule reads a number of hours there.",
        do_fr="Envoyez zéro ou plus, ou NaN si cela n’est jamais arrivé.",
        do_en="Send zero or more, or NaN where it never happened.",
    ),
    "SLIDER_UNKNOWN": _refusal(
        fr="{field} : cet objectif n’existe pas.",
        en="{field}: there is no such objective.",
        do_fr="Objectifs : {known}.",
        do_en="Objectives: {known}.",
    ),
    "SLIDER_DUPLICATE": _refusal(
        fr="{field} : le réglage est donné deux fois.",
        en="{field}: the slider is given twice.",
        do_fr="Donnez un seul pourcentage par objectif.",
        do_en="Give one percentage per objective.",
    ),
    "SLIDER_NOT_OFFERED": _refusal(
        fr="{field} : la politique en vigueur n’offre pas ce réglage.",
        en="{field}: the policy in force does not offer this slider.",
        do_fr="Réglages offerts : {offered}.",
        do_en="Offered: {offered}.",
    ),
    "SLIDER_OUT_OF_RANGE": _refusal(
        fr="{field} : {found} % est hors de l’intervalle que la politique permet.",
        en="{field}: {found} % is outside the range that the policy allows.",
        do_fr="Choisissez de {least} % à {most} %.",
        do_en="Choose {least} % to {most} %.",
    ),
    "SURFACE_UNKNOWN": reason(
        Kind.MISSING,
        fr="{field} : ce service ne connaît pas la surface « {found} ».",
        en="{field}: this service knows no surface “{found}”.",
        do_fr="Surfaces servies : {known}.",
        do_en="Surfaces served: {known}.",
    ),
    "REQUEST_ID_REUSED": reason(
        Kind.EXISTS,
        fr="{field} : cet identifiant a déjà servi pour une autre demande.",
        en="{field}: this identifier was already used for another request.",
        do_fr="Prenez un nouvel identifiant pour une nouvelle demande; gardez-le pour répéter la même.",
        do_en="Use a new identifier for a new request; keep it to repeat the same one.",
    ),
    "DECISION_UNKNOWN": reason(
        Kind.MISSING,
        fr="{field} : aucune décision ne porte ce nom ici.",
        en="{field}: there is no decision of that name here.",
        do_fr="Vérifiez le decision_id reçu et l’origine du service ({origin}).",
        do_en="Check the decision_id that you received and the service’s origin ({origin}).",
    ),
    "DECISION_OF_ANOTHER_VIEWER": reason(
        Kind.FORBIDDEN,
        fr="{field} : cette décision ne concerne pas cette personne.",
        en="{field}: this decision is not about this viewer.",
        do_fr="Seule la personne concernée, ou un auditeur, peut en demander l’explication.",
        do_en="Only the person concerned, or an auditor, may ask for its explanation.",
    ),
    "VIEWER_UNLINKABLE": reason(
        Kind.FORBIDDEN,
        fr="{field} : la clé qui liait les pseudonymes de cette période à des personnes a été détruite; personne ne "
        "peut plus dire qui cette décision concerne.",
        en="{field}: the key that tied the pseudonyms of that period to people was destroyed; nobody can tell any more "
        "whom this decision is about.",
        do_fr="Un auditeur peut en demander l’explication sans nommer personne.",
        do_en="An auditor may ask for its explanation without naming anybody.",
    ),
    "CANDIDATE_UNKNOWN": reason(
        Kind.MISSING,
        fr="{field} : la décision ne contient pas cette publication.",
        en="{field}: the decision does not hold this candidate.",
        do_fr="Demandez une publication qui faisait partie de la demande.",
        do_en="Ask for a candidate that was part of the request.",
    ),
    "MODE_UNKNOWN": _refusal(
        fr="{field} : l’ordre numéro {found} n’existe pas.",
        en="{field}: there is no order number {found}.",
        do_fr="Envoyez ORDER_MODE_RANKED ou ORDER_MODE_NEWEST_FIRST.",
        do_en="Send ORDER_MODE_RANKED or ORDER_MODE_NEWEST_FIRST.",
    ),
    "COLUMN_BYTES": _refusal(
        fr="{field} : {found} octets ne font pas un nombre entier de float32.",
        en="{field}: {found} bytes are not a whole number of float32 values.",
        do_fr="Envoyez quatre octets par nombre, petit-boutistes, sans remplissage.",
        do_en="Send four bytes a number, little-endian, without padding.",
    ),
    "MESSAGE_MALFORMED": _refusal(
        fr="La demande n’est pas un message {message} bien formé.",
        en="The request is not a well-formed {message} message.",
        do_fr="Générez le client à partir de proto/rankd/v1; les textes doivent être en UTF-8.",
        do_en="Generate the client from proto/rankd/v1; texts must be UTF-8.",
    ),
    "REQUEST_JSON_INVALID": _refusal(
        fr="{file} : ce n’est pas une demande en JSON ({detail}).",
        en="{file}: this is no request in JSON ({detail}).",
        do_fr="Comparez avec examples/request.json; les noms sont ceux de proto/rankd/v1.",
        do_en="Compare it with examples/request.json; the names are those of proto/rankd/v1.",
    ),
    "VIEWER_NEEDED": _refusal(
        fr="{field} : il faut dire quelle personne la décision concerne.",
        en="{field}: say which viewer the decision is about.",
        do_fr="Envoyez le viewer_id de la demande; seul un auditeur peut s’en passer.",
        do_en="Send the viewer_id of the request; only an auditor may leave it out.",
    ),
    "TREE_SIZE_NEGATIVE": _refusal(
        fr="{field} : {found} n’est pas une taille.",
        en="{field}: {found} is no size.",
        do_fr="Comptez les entrées à partir de 0; GetCheckpoint donne la taille publiée.",
        do_en="Count entries from 0; GetCheckpoint gives the published size.",
    ),
    "TREE_SIZES_REVERSED": _refusal(
        fr="{field} : la première taille, {first}, dépasse la seconde, {second}.",
        en="{field}: the first size, {first}, is larger than the second, {second}.",
        do_fr="Donnez d’abord la plus petite.",
        do_en="Give the smaller one first.",
    ),
    "ENTRY_INDEX_OUT_OF_RANGE": _refusal(
        fr="{field} : un arbre de taille {size} n’a pas d’entrée {found}.",
        en="{field}: a tree of size {size} has no entry {found}.",
        do_fr="Les numéros vont de 0 à la taille moins un.",
        do_en="Indexes run from 0 to the size less one.",
    ),
    "ENTRY_UNKNOWN": reason(
        Kind.MISSING,
        fr="{field} : le journal ne compte que {count} entrées.",
        en="{field}: the journal has only {count} entries.",
        do_fr="Un reçu pour une entrée qui manque prouve la faute : gardez-le. Sinon, corrigez le nombre.",
        do_en="A receipt for an entry that is missing proves the fault: keep it. Otherwise correct the number.",
    ),
    "ENTRY_UNPUBLISHED": reason(
        Kind.STATE,
        fr="{field} : l’entrée est consignée, mais l’arbre publié n’en compte encore que {size}.",
        en="{field}: the entry is committed, but the published tree has only {size} yet.",
        do_fr="Redemandez dans quelques secondes.",
        do_en="Ask again in a few seconds.",
    ),
    "ENVELOPE_SIZE": _refusal(
        fr="{field} : une enveloppe compte de 1 à {most} octets, celle-ci {found}.",
        en="{field}: an envelope has 1 to {most} bytes, this one {found}.",
        do_fr="Envoyez l’entrée signée telle quelle, sans saut de ligne à la fin.",
        do_en="Send the signed entry as it is, without a line feed at its end.",
    ),
    "ENVELOPE_UNSIGNED": _refusal(
        fr="{field} : la clé {found} n’a pas signé ce contenu.",
        en="{field}: the key {found} did not sign this content.",
        do_fr="Envoyez le fichier tel qu’il a été signé, ou signez de nouveau.",
        do_en="Send the file as it was signed, or sign again.",
    ),
    "ENTRIES_OUT_OF_ORDER": reason(
        Kind.DATA_LOSS,
        fr="{address} n’a pas donné les entrées qui commencent au numéro {index}.",
        en="{address} did not give the entries that begin at number {index}.",
        do_fr="Ce service ne rend pas le procès-verbal comme il le doit : prenez-en une copie ailleurs et signalez-le.",
        do_en="This service does not give the minutes as it must: take them elsewhere and report it.",
    ),
    "FEEDBACK_EMPTY": _refusal(
        fr="{field} : il n’y a rien à enregistrer.",
        en="{field}: there is nothing to record.",
        do_fr="Envoyez au moins un événement par personne et décision, ou rien du tout.",
        do_en="Send at least one event for each person and decision, or nothing at all.",
    ),
    "FEEDBACK_TOO_MANY": _refusal(
        fr="{field} : {found} personnes et décisions, mais un appel en porte au plus {most}.",
        en="{field}: {found} people and decisions, but a call has at most {most}.",
        do_fr="Envoyez-les en plusieurs appels.",
        do_en="Send them in several calls.",
    ),
    "EVENTS_TOO_MANY": _refusal(
        fr="{field} : {found} événements, mais un appel en porte au plus {most}.",
        en="{field}: {found} events, but a call has at most {most}.",
        do_fr="Envoyez-les en plusieurs appels.",
        do_en="Send them in several calls.",
    ),
    "OUTCOMES_OUT_OF_ORDER": reason(
        Kind.DATA_LOSS,
        fr="{address} n’a pas dit, dans leur ordre, ce que sont devenus les {count} événements.",
        en="{address} did not say, in their order, what became of the {count} events.",
        do_fr="Gardez les événements et signalez-le : les renvoyer plus tard, avec les mêmes identifiants, est sans "
        "risque.",
        do_en="Keep the events and report it: to send them again later, with the same identifiers, is safe.",
    ),
    "DIGEST_MALFORMED": _refusal(
        fr="{field} : ce n’est pas une empreinte.",
        en="{field}: this is no digest.",
        do_fr="Écrivez sha256: puis 64 chiffres hexadécimaux minuscules.",
        do_en="Write sha256: and 64 lower-case hexadecimal digits.",
    ),
    "POLICY_UNKNOWN": reason(
        Kind.MISSING,
        fr="{field} : ce service n’a jamais servi cette politique pour « {surface} ».",
        en="{field}: this service has never served that policy for “{surface}”.",
        do_fr="Vérifiez l’empreinte, ou laissez-la vide pour la politique en vigueur.",
        do_en="Check the digest, or leave it empty for the policy in force.",
    ),
    "PAGE_SIZE_OUT_OF_RANGE": _refusal(
        fr="{field} : {found} n’est pas un nombre d’entrées accepté.",
        en="{field}: {found} is not an accepted number of entries.",
        do_fr="Demandez de 1 à {most} entrées, ou 0 pour le nombre habituel.",
        do_en="Ask for 1 to {most} entries, or 0 for the usual number.",
    ),
    "PAGE_TOKEN_UNKNOWN": _refusal(
        fr="{field} : ce n’est pas un jeton reçu de ce service.",
        en="{field}: this is no token received from this service.",
        do_fr="Reprenez next_page_token tel quel, ou recommencez du début.",
        do_en="Give next_page_token back as it is, or start over.",
    ),
}
