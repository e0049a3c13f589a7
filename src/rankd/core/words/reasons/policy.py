"""Reasons about a policy."""

from collections.abc import Mapping

from rankd.core.words.reasons import policy_text
from rankd.core.words.reasons.policy_text import at
from rankd.core.words.reasons.reason import Kind, Reason, reason

_GRAMMAR: Mapping[str, Reason] = {
    "SCHEMA_UNKNOWN": at(
        fr="le schéma « {found} » n’est pas celui qu’on attend ici.",
        en="the schema “{found}” is not the one expected here.",
        do_fr="Écrivez « schema: {wanted} », ou donnez le bon fichier.",
        do_en="Write “schema: {wanted}”, or give the right file.",
    ),
    "POLICY_FIELD_UNKNOWN": at(
        fr="le champ {field} n’existe pas.",
        en="there is no field {field}.",
        do_fr="Les champs possibles ici : {allowed}.",
        do_en="The fields possible here: {allowed}.",
    ),
    "POLICY_FIELD_MISSING": at(
        fr="il manque dans {field} : {found}.",
        en="missing in {field}: {found}.",
        do_fr="Ajoutez-le : rien n’a de valeur par défaut.",
        do_en="Add it: nothing has a default.",
    ),
    "POLICY_NOT_A_MAPPING": at(
        fr="{field} doit être une suite de lignes « nom: valeur ».",
        en="{field} must be a set of lines “name: value”.",
        do_fr="Écrivez {{nom: valeur, …}} ou des lignes en retrait; {{}} s’il n’y a rien.",
        do_en="Write {{name: value, …}} or indented lines; {{}} for none.",
    ),
    "POLICY_NOT_A_LIST": at(
        fr="{field} doit être une liste.",
        en="{field} must be a list.",
        do_fr="Écrivez [ … ] ou des lignes qui commencent par un tiret.",
        do_en="Write [ … ] or lines that begin with a dash.",
    ),
    "POLICY_LIST_LENGTH": at(
        fr="{field} a {found} éléments; il en faut de 1 à {most}.",
        en="{field} has {found} items; it takes 1 to {most}.",
        do_fr="Changez-en le nombre, ou effacez {field}.",
        do_en="Change their number, or delete {field}.",
    ),
    "POLICY_NOT_TEXT": at(
        fr="{field} doit être du texte.",
        en="{field} must be text.",
        do_fr='Un nombre qui sert de texte se met entre guillemets, comme "2025".',
        do_en='A number that is meant as text goes in quotes, as in "2025".',
    ),
    "POLICY_CHOICE": at(
        fr="« {found} » n’est pas possible pour {field}.",
        en="“{found}” is not possible for {field}.",
        do_fr="Les mots possibles : {allowed}.",
        do_en="The possible words: {allowed}.",
    ),
    "POLICY_NOT_AN_INTEGER": at(
        fr="{field} doit être un entier écrit sans guillemets ni signe, pas « {found} ».",
        en="{field} must be an integer without quotes or sign, not “{found}”.",
        do_fr="Écrivez un entier de {least} à {most}.",
        do_en="Write an integer from {least} to {most}.",
    ),
    "POLICY_INTEGER_RANGE": at(
        fr="{field} ne peut pas être {found}.",
        en="{field} cannot be {found}.",
        do_fr="Écrivez un entier de {least} à {most}.",
        do_en="Write an integer from {least} to {most}.",
    ),
    "POLICY_DURATION_FORM": at(
        fr="« {found} » n’est pas une durée ({field}).",
        en="“{found}” is not a duration ({field}).",
        do_fr="Écrivez un entier et une unité, ms, s, m, h ou d (jours) : 6h, 30d.",
        do_en="Write an integer and a unit, ms, s, m, h or d: 6h, 30d.",
    ),
    "POLICY_DURATION_RANGE": at(
        fr="la durée {found} est hors bornes ({field}).",
        en="the duration {found} is out of bounds ({field}).",
        do_fr="Écrivez une durée de {least} à 3650d (dix ans).",
        do_en="Write a duration from {least} to 3650d (ten years).",
    ),
    "POLICY_SHARE_FORM": at(
        fr="« {found} » n’est pas une part ({field}).",
        en="“{found}” is not a share ({field}).",
        do_fr="Écrivez un nombre et le signe %, sans espace, avec un point et au plus quatre décimales : 20%, 2.5%.",
        do_en="Write a number and the % sign, without a space, with at most four decimals: 20%, 2.5%.",
    ),
    "POLICY_SHARE_RANGE": at(
        fr="la part {found} est hors bornes ({field}).",
        en="the share {found} is out of bounds ({field}).",
        do_fr="Écrivez une part de {least} à 100%.",
        do_en="Write a share from {least} to 100%.",
    ),
    "POLICY_PERCENT_FORM": at(
        fr="« {found} » n’est pas un pourcentage entier ({field}).",
        en="“{found}” is not a whole percentage ({field}).",
        do_fr="Écrivez un entier et le signe %, de {least}% à {most}%.",
        do_en="Write an integer and the % sign, from {least}% to {most}%.",
    ),
    "POLICY_PERCENT_RANGE": at(
        fr="{field} ne peut pas être {found}.",
        en="{field} cannot be {found}.",
        do_fr="Écrivez un pourcentage de {least}% à {most}%.",
        do_en="Write a percentage from {least}% to {most}%.",
    ),
    "POLICY_NAME_FORM": at(
        fr="« {found} » ne peut pas être un nom ({field}).",
        en="“{found}” cannot be a name ({field}).",
        do_fr="Un nom de source ou de groupe a de 1 à {most} octets, sans espace autour ni caractère caché.",
        do_en="The name of a source or group has 1 to {most} bytes, no space around it and no hidden character.",
    ),
}

_MEANING: Mapping[str, Reason] = {
    "SURFACE_FORM": at(
        fr="« {found} » ne peut pas être le nom d’une surface.",
        en="“{found}” cannot be the name of a surface.",
        do_fr="Écrivez de 1 à 32 caractères, a–z, 0–9 ou _, une lettre d’abord : video.",
        do_en="Write 1 to 32 characters, a–z, 0–9 or _, a letter first: video.",
    ),
    "BASE_FORM": at(
        fr="« {found} » n’est pas l’empreinte d’une politique.",
        en="“{found}” is not the digest of a policy.",
        do_fr=(
            "Écrivez none pour la première politique d’une surface, sinon sha256: et 64 chiffres hexadécimaux "
            "minuscules (la commande « rankd policy digest » les donne)."
        ),
        do_en=(
            "Write none for a surface’s first policy, else sha256: and 64 lower-case hexadecimal digits (“rankd "
            "policy digest” prints them)."
        ),
    ),
    "TEXT_LENGTH": at(
        fr="{field} a {length} caractères; il en faut de 1 à {most}, et pas que des espaces.",
        en="{field} has {length} characters; it takes 1 to {most}, and not only spaces.",
        do_fr="Écrivez un texte plus court, ou un texte tout court.",
        do_en="Write a shorter text, or any text at all.",
    ),
    "TEXT_LINES": at(
        fr="{field} tient sur plus d’une ligne.",
        en="{field} takes more than one line.",
        do_fr="Écrivez le titre sur une seule ligne, entre guillemets.",
        do_en="Write the title on a single line, in quotes.",
    ),
    "POINTS_SIGNED": at(
        fr=(
            "les points n’ont pas de signe ({field}, « {found} ») : ce sont les limites, adoptées à part, qui disent "
            "si un geste est récompensé ou pénalisé."
        ),
        en=(
            "points carry no sign ({field}, “{found}”): the limits, adopted apart, say whether an outcome is a "
            "reward or a penalty."
        ),
        do_fr=(
            "Écrivez un entier de 0 à 1000; pour « masquer » et « signaler », ces points comptent déjà contre la "
            "publication."
        ),
        do_en="Write an integer from 0 to 1000; for hide and report these points already count against a post.",
    ),
    "POINTS_TOO_FEW": at(
        fr="les points font {found} en tout; il en faut {wanted}.",
        en="the points add up to {found}; they must make {wanted}.",
        do_fr="Il en reste {difference} à donner.",
        do_en="There are {difference} left to give.",
    ),
    "POINTS_TOO_MANY": at(
        fr="les points font {found} en tout; il en faut {wanted}.",
        en="the points add up to {found}; they must make {wanted}.",
        do_fr="Il faut en retirer {difference}.",
        do_en="Take {difference} away.",
    ),
    "OBJECTIVE_UNKNOWN": at(
        fr="« {found} » n’est pas un objectif.",
        en="“{found}” is not an objective.",
        do_fr="Les objectifs : {allowed}.",
        do_en="The objectives: {allowed}.",
    ),
    "OBJECTIVE_MISSING": at(
        fr="il manque dans {field} : {found}.",
        en="missing in {field}: {found}.",
        do_fr="Nommez les neuf objectifs; 0 point est permis.",
        do_en="Name all nine objectives; 0 points are allowed.",
    ),
    "RULE_UNKNOWN": at(
        fr="il n’y a pas de règle « {found} ».",
        en="there is no rule “{found}”.",
        do_fr="Ce qui peut se trouver dans rules : {allowed}.",
        do_en="What can stand in rules: {allowed}.",
    ),
    "CAP_TARGET": at(
        fr="{field} doit dire ce qu’il plafonne.",
        en="{field} must say what it caps.",
        do_fr="Écrivez soit « per: author », soit « group: nom », pas les deux.",
        do_en="Write either “per: author” or “group: name”, not both.",
    ),
    "AFTER_CAP_MISSING": at(
        fr="la politique plafonne (cap/1) sans dire ce que deviennent les publications qui n’ont plus de place.",
        en="the policy has caps (cap/1) but does not say what becomes of posts that no cap lets in any more.",
        do_fr="Ajoutez à rules « after_cap: drop » (retirées) ou « after_cap: append » (mises à la fin).",
        do_en="Add “after_cap: drop” (left out) or “after_cap: append” (put at the end) to rules.",
    ),
    "AFTER_CAP_WITHOUT_CAP": at(
        fr="after_cap n’a de sens qu’avec des plafonds (cap/1).",
        en="after_cap makes sense only with caps (cap/1).",
        do_fr="Effacez cette ligne, ou ajoutez cap/1.",
        do_en="Delete this line, or add cap/1.",
    ),
    "QUOTAS_INFEASIBLE": at(
        fr="ces quotas demandent {wanted} places dans les {prefix} premières : {found}.",
        en="these quotas ask for {wanted} places among the first {prefix}: {found}.",
        do_fr=(
            "Baissez at_least ou augmentez in_first : ensemble, ils doivent tenir dans les {prefix} premières places."
        ),
        do_en="Lower at_least or raise in_first: together they must fit into the first {prefix} places.",
    ),
    "COLUMN_FORM": at(
        fr="« {found} » ne peut pas être le nom d’une colonne.",
        en="“{found}” cannot be the name of a column.",
        do_fr="Écrivez de 1 à 64 caractères, a–z, 0–9 ou _, une lettre d’abord.",
        do_en="Write 1 to 64 characters, a–z, 0–9 or _, a letter first.",
    ),
    "RECOVERY_NOT_HOURS": at(
        fr="{field} ({found}) n’est pas un nombre entier d’heures.",
        en="{field} ({found}) is not a whole number of hours.",
        do_fr="Écrivez des heures ou des jours : 36h, 140d.",
        do_en="Write hours or days: 36h, 140d.",
    ),
    "LIMITS_ORDER": at(
        fr="{field} a un minimum ({least}) plus grand que son maximum ({most}).",
        en="{field} has a minimum ({least}) above its maximum ({most}).",
        do_fr="Échangez-les ou corrigez-les.",
        do_en="Swap or correct them.",
    ),
    "LIMITS_SUM": at(
        fr="aucun partage de 1000 points ne respecte ces bornes : les minimums font {least}, les maximums {most}.",
        en="no thousand points can keep these bounds: the minima make {least}, the maxima {most}.",
        do_fr="La somme des minimums doit être au plus 1000, celle des maximums au moins 1000.",
        do_en="The minima must add up to 1000 at most, the maxima to 1000 at least.",
    ),
}

_PAIR: Mapping[str, Reason] = {
    "HEAD_MISSING": reason(
        Kind.STATE,
        fr="La politique de {surface} donne des points à ce que le modèle ne sait pas prédire : {objectives}.",
        en="The policy for {surface} gives points to what the model cannot predict: {objectives}.",
        do_fr=(
            "Donnez ces points à d’autres objectifs, ou adoptez un modèle qui les prédit. Le modèle prédit : {heads}."
        ),
        do_en=(
            "Give those points to other objectives, or adopt a model that predicts them. The model predicts: {heads}."
        ),
    ),
    "HEAD_REPEATED": reason(
        Kind.STATE,
        fr="Le modèle contient deux fois l’objectif {objective}, ou n’en suit pas l’ordre.",
        en="The model holds the objective {objective} twice, or out of order.",
        do_fr="Scellez le modèle à nouveau.",
        do_en="Seal the model again.",
    ),
    "MODEL_SURFACE": reason(
        Kind.STATE,
        fr="La politique est pour la surface « {surface} », le modèle pour « {found} ».",
        en="The policy is for the surface “{surface}”, the model for “{found}”.",
        do_fr="Donnez le modèle de cette surface.",
        do_en="Give that surface’s model.",
    ),
    "POINTS_OUTSIDE_LIMITS": reason(
        Kind.STATE,
        fr=(
            "La politique de {surface} donne {found} points à {objective}; les limites permettent de {least} à {most}."
        ),
        en="The policy for {surface} gives {found} points to {objective}; the limits allow {least} to {most}.",
        do_fr="Changez les points, ou proposez d’abord de changer les limites.",
        do_en="Change the points, or propose to change the limits first.",
    ),
    "EXPLORATION_ABOVE_LIMIT": reason(
        Kind.STATE,
        fr="La politique de {surface} explore {found} des demandes; les limites permettent au plus {most}.",
        en="The policy for {surface} explores {found} of requests; the limits allow {most} at most.",
        do_fr="Baissez exploration.share, ou proposez d’abord de changer les limites.",
        do_en="Lower exploration.share, or propose to change the limits first.",
    ),
    "BOUND_EXCEEDED": reason(
        Kind.STATE,
        fr=(
            "Avec cette politique, ces limites et ce modèle, un calcul ({product}) pourrait atteindre {found}, "
            "au-delà de {most} : le résultat ne serait plus exact."
        ),
        en=(
            "With this policy, these limits and this model one product ({product}) could reach {found}, beyond "
            "{most}: the result would no longer be exact."
        ),
        do_fr="C’est un défaut de rankd ou du modèle, pas de votre texte : signalez-le avec les trois fichiers.",
        do_en="This is a fault of rankd or of the model, not of your text: report it with the three files.",
    ),
    "SURFACE_FILE_NAME": reason(
        Kind.INVALID,
        fr="Le fichier {file} est une politique pour la surface « {surface} » : il devrait s’appeler {surface}.yaml.",
        en="The file {file} is a policy for the surface “{surface}”: it should be called {surface}.yaml.",
        do_fr="Renommez le fichier ou corrigez « surface ».",
        do_en="Rename the file or correct “surface”.",
    ),
    "POLICY_FILE_UNREADABLE": reason(
        Kind.MISSING,
        fr="Le fichier {file} ne peut pas être lu ({detail}).",
        en="The file {file} cannot be read ({detail}).",
        do_fr="Vérifiez le chemin et les droits de lecture.",
        do_en="Check the path and the permission to read.",
    ),
    "LIMITS_NEEDED": reason(
        Kind.MISSING,
        fr="Il n’y a pas de limits.yaml à côté de {file}, ni un dossier plus haut.",
        en="There is no limits.yaml beside {file} or one folder up.",
        do_fr="Nommez le fichier des limites avec --limits.",
        do_en="Name the limits file with --limits.",
    ),
    "PULL_SHAPE": reason(
        Kind.INVALID,
        fr="L’effet des points se calcule sur des demandes où chaque objectif a un terme par candidat ({found}).",
        en="Pull is computed over requests in which every objective has one term per candidate ({found}).",
        do_fr="Donnez, pour chaque demande, des colonnes de même longueur pour les mêmes objectifs.",
        do_en="Give, for every request, columns of one length for the same objectives.",
    ),
}

REASONS: Mapping[str, Reason] = {**policy_text.REASONS, **_GRAMMAR, **_MEANING, **_PAIR}
