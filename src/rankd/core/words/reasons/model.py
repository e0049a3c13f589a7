"""Reasons about a model."""

from collections.abc import Mapping

from rankd.core.words.reasons.reason import Kind, Reason, reason

_RESEAL_FR = "Scellez de nouveau le modèle à partir de l’entraînement, ou reprenez-en une copie intacte."
_RESEAL_EN = "Seal the model again from its training, or fetch an intact copy."
_MANIFEST_FR = "Corrigez le manifeste à sa source et scellez de nouveau : ne le modifiez jamais à la main."
_MANIFEST_EN = "Correct it where it is written and seal again: a manifest is never edited by hand."

_MANIFEST: Mapping[str, Reason] = {
    "MODEL_MANIFEST_NOT_CANONICAL": reason(
        Kind.INVALID,
        fr="manifest.json n’est pas écrit sous sa forme canonique (RFC 8785) : {detail}.",
        en="manifest.json is not in its canonical form (RFC 8785): {detail}.",
        do_fr=_RESEAL_FR,
        do_en=_RESEAL_EN,
    ),
    "MODEL_MANIFEST_KEY_UNKNOWN": reason(
        Kind.INVALID,
        fr="manifest.json contient {field}, que ce format ne connaît pas.",
        en="manifest.json holds {field}, which this format does not know.",
        do_fr=_MANIFEST_FR,
        do_en=_MANIFEST_EN,
    ),
    "MODEL_MANIFEST_KEY_MISSING": reason(
        Kind.INVALID,
        fr="Il manque {field} dans manifest.json.",
        en="manifest.json lacks {field}.",
        do_fr=_MANIFEST_FR,
        do_en=_MANIFEST_EN,
    ),
    "MODEL_MANIFEST_VALUE": reason(
        Kind.INVALID,
        fr="Dans manifest.json, {field} vaut « {found} » ; il faudrait : {wanted}.",
        en="In manifest.json, {field} is “{found}”; it should be: {wanted}.",
        do_fr=_MANIFEST_FR,
        do_en=_MANIFEST_EN,
    ),
}

_SEALING: Mapping[str, Reason] = {
    "MODEL_TEXT_UNREADABLE": reason(
        Kind.INVALID,
        fr="{file}, ligne {line} : « {found} » n’a pas sa place dans un modèle LightGBM.",
        en="{file}, line {line}: “{found}” has no place in a LightGBM model.",
        do_fr=_RESEAL_FR,
        do_en=_RESEAL_EN,
    ),
    "MODEL_TEXT_VERSION": reason(
        Kind.INVALID,
        fr="{file} est écrit dans la version « {found} » du format LightGBM ; seule la version v4 est lue.",
        en="{file} is written in version “{found}” of LightGBM’s format; only v4 is read.",
        do_fr="Entraînez avec LightGBM 4.",
        do_en="Train with LightGBM 4.",
    ),
    "MODEL_TEXT_LINE_MISSING": reason(
        Kind.INVALID,
        fr="{file}, dans la partie qui commence à la ligne {line} : il manque « {key}= ».",
        en="{file}, in the part that begins at line {line}: “{key}=” is missing.",
        do_fr=_RESEAL_FR,
        do_en=_RESEAL_EN,
    ),
    "MODEL_TEXT_COUNT": reason(
        Kind.INVALID,
        fr="{file}, ligne {line} : « {key} » compte {found} valeurs au lieu de {wanted}.",
        en="{file}, line {line}: “{key}” has {found} values instead of {wanted}.",
        do_fr=_RESEAL_FR,
        do_en=_RESEAL_EN,
    ),
    "MODEL_NOT_FINITE": reason(
        Kind.INVALID,
        fr="{file}, ligne {line} : « {key} » contient une valeur qui n’est pas un nombre fini.",
        en="{file}, line {line}: “{key}” holds a value that is not a finite number.",
        do_fr="Vérifiez les données d’entraînement, puis entraînez de nouveau.",
        do_en="Check the training data, then train again.",
    ),
    "MODEL_AVERAGED": reason(
        Kind.INVALID,
        fr="{file} fait la moyenne de ses arbres (forêt aléatoire) : ses scores ne seraient pas des sommes exactes.",
        en="{file} averages its trees (a random forest): its scores would not be exact sums.",
        do_fr="Entraînez avec boosting=gbdt.",
        do_en="Train with boosting=gbdt.",
    ),
    "MODEL_MANY_TREES_PER_ITERATION": reason(
        Kind.INVALID,
        fr="{file} a {found} arbres par itération ; une tête prédit un seul objectif, avec un arbre par itération.",
        en="{file} has {found} trees per iteration; a head predicts one objective, with one tree per iteration.",
        do_fr="Entraînez une tête binaire pour chaque objectif.",
        do_en="Train one binary head for each objective.",
    ),
    "MODEL_OBJECTIVE_NOT_BINARY": reason(
        Kind.INVALID,
        fr="{file} a été entraîné pour « {found} » ; une tête prédit oui ou non : « binary sigmoid:1 ».",
        en="{file} was trained for “{found}”; a head predicts yes or no: “binary sigmoid:1”.",
        do_fr="Entraînez avec objective=binary et sigmoid=1.",
        do_en="Train with objective=binary and sigmoid=1.",
    ),
    "MODEL_LINEAR_TREE": reason(
        Kind.INVALID,
        fr="{file}, arbre {tree} : ses feuilles sont linéaires, donc ses scores ne seraient pas exacts.",
        en="{file}, tree {tree}: its leaves are linear, so its scores would not be exact.",
        do_fr="Entraînez avec linear_tree=false.",
        do_en="Train with linear_tree=false.",
    ),
    "MODEL_EARLY_STOP": reason(
        Kind.INVALID,
        fr="{file} demande d’arrêter la prédiction avant le dernier arbre (pred_early_stop).",
        en="{file} asks to stop predicting before the last tree (pred_early_stop).",
        do_fr="Entraînez avec pred_early_stop=false.",
        do_en="Train with pred_early_stop=false.",
    ),
    "MODEL_CATEGORICAL_SPLIT": reason(
        Kind.INVALID,
        fr="{file}, arbre {tree} : une division par catégories tronquerait les valeurs en entiers.",
        en="{file}, tree {tree}: a categorical split would truncate values to integers.",
        do_fr="Codez les catégories en nombres ou en colonnes 0/1, puis entraînez de nouveau.",
        do_en="Encode categories as numbers or as 0/1 columns, then train again.",
    ),
    "MODEL_ZERO_AS_MISSING": reason(
        Kind.INVALID,
        fr="{file}, arbre {tree} : zéro y est traité comme une valeur manquante ; or, zéro est une valeur.",
        en="{file}, tree {tree}: zero is treated as missing there, but zero is a value.",
        do_fr="Entraînez avec zero_as_missing=false.",
        do_en="Train with zero_as_missing=false.",
    ),
    "MODEL_NULLABLE_NOT_NAN_TYPED": reason(
        Kind.INVALID,
        fr="{file}, arbre {tree} : {field} est déclarée annulable, mais l’entraînement n’y a vu aucun NaN, "
        "qui compterait donc comme 0.",
        en="{file}, tree {tree}: {field} is declared nullable, but training saw no NaN in it, so NaN would count as 0.",
        do_fr="Entraînez avec des NaN dans cette colonne, ou déclarez-la non annulable.",
        do_en="Train with NaN in that column, or declare it not nullable.",
    ),
    "MODEL_FEATURES_DIFFER": reason(
        Kind.INVALID,
        fr="{file} a été entraîné avec d’autres colonnes que celles déclarées : « {found} » au lieu de « {wanted} ».",
        en="{file} was trained with other columns than the declared ones: “{found}” instead of “{wanted}”.",
        do_fr="Déclarez les colonnes de l’entraînement, dans le même ordre.",
        do_en="Declare the columns of the training, in the same order.",
    ),
    "MODEL_WITHOUT_TREES": reason(
        Kind.INVALID,
        fr="{file} n’a aucun arbre.",
        en="{file} has no tree.",
        do_fr="Entraînez au moins une itération ; une tête muette peut n’avoir qu’une feuille.",
        do_en="Train at least one iteration; a silent head may have a single leaf.",
    ),
    "MODEL_TREE_TOO_LARGE": reason(
        Kind.INVALID,
        fr="{file}, arbre {tree} : {found} feuilles ; un arbre en a de 1 à {limit}.",
        en="{file}, tree {tree}: {found} leaves; a tree has 1 to {limit}.",
        do_fr="Entraînez avec un num_leaves plus petit.",
        do_en="Train with a smaller num_leaves.",
    ),
    "MODEL_TREE_MALFORMED": reason(
        Kind.INVALID,
        fr="{file}, arbre {tree} : {found} ne mène nulle part, revient deux fois ou n’est jamais atteint.",
        en="{file}, tree {tree}: {found} leads nowhere, comes twice or is never reached.",
        do_fr=_RESEAL_FR,
        do_en=_RESEAL_EN,
    ),
    "MODEL_MARGIN_TOO_LARGE": reason(
        Kind.INVALID,
        fr="{file} : la somme des feuilles peut atteindre {found} unités ; "
        "elle doit rester sous {limit} (128 en log-cote).",
        en="{file}: the sum of leaves can reach {found} units; it must stay below {limit} (128 log-odds).",
        do_fr="Entraînez avec moins d’arbres, un pas plus petit ou max_delta_step.",
        do_en="Train with fewer trees, a smaller learning rate or max_delta_step.",
    ),
    "MODEL_NOT_SEALED": reason(
        Kind.INVALID,
        fr="{file}, ligne {line}, n’est pas sous forme scellée : « {found} » au lieu de « {wanted} ».",
        en="{file}, line {line}, is not in sealed form: “{found}” instead of “{wanted}”.",
        do_fr=_RESEAL_FR,
        do_en=_RESEAL_EN,
    ),
}

_FILES: Mapping[str, Reason] = {
    "MODEL_FILE_MISSING": reason(
        Kind.MISSING,
        fr="Il manque {file} dans le dossier du modèle.",
        en="{file} is missing from the model folder.",
        do_fr="Reprenez une copie complète du dossier.",
        do_en="Fetch a complete copy of the folder.",
    ),
    "MODEL_DECLARATION_DIFFERS": reason(
        Kind.INVALID,
        fr="{file} ne déclare pas les colonnes du manifeste : {declared} dans l’un, {listed} dans l’autre.",
        en="{file} does not declare the manifest’s columns: {declared} in one, {listed} in the other.",
        do_fr="Scellez de nouveau le modèle avec la déclaration dont il a appris.",
        do_en="Seal the model again with the declaration that it learned from.",
    ),
    "MODEL_FILE_UNLISTED": reason(
        Kind.INVALID,
        fr="{file} n’est pas dans la liste du manifeste.",
        en="{file} is not in the manifest’s list.",
        do_fr="Retirez ce fichier, ou scellez de nouveau avec lui.",
        do_en="Take the file away, or seal again with it.",
    ),
    "MODEL_FILE_DIFFERS": reason(
        Kind.DATA_LOSS,
        fr="{file} n’est pas le fichier scellé : le manifeste dit {recorded}, le fichier donne {found}.",
        en="{file} is not the sealed file: the manifest says {recorded}, the file gives {found}.",
        do_fr="Reprenez une copie intacte du dossier et demandez-vous qui a pu y toucher.",
        do_en="Fetch an intact copy of the folder, and ask who could have touched it.",
    ),
    "MODEL_FILE_TOO_LARGE": reason(
        Kind.INVALID,
        fr="{file} dépasse {limit_bytes} octets.",
        en="{file} is larger than {limit_bytes} bytes.",
        do_fr="Entraînez un modèle plus petit.",
        do_en="Train a smaller model.",
    ),
    "MODEL_FILE_NOT_PLAIN": reason(
        Kind.INVALID,
        fr="{file} n’est pas un fichier ordinaire du dossier (lien, dossier ou périphérique).",
        en="{file} is not a plain file of the folder (a link, a directory or a device).",
        do_fr="Mettez le fichier lui-même dans le dossier.",
        do_en="Put the file itself into the folder.",
    ),
    "MODEL_FOLDER_UNREADABLE": reason(
        Kind.UNAVAILABLE,
        fr="Impossible de lire {path} : {detail}.",
        en="{path} cannot be read: {detail}.",
        do_fr="Vérifiez le chemin, les droits et le disque.",
        do_en="Check the path, the permissions and the disk.",
    ),
    "MODEL_FOLDER_UNWRITABLE": reason(
        Kind.UNAVAILABLE,
        fr="Impossible d’écrire {path} : {detail}. Ce qui s’y trouvait est resté tel quel.",
        en="{path} cannot be written: {detail}. What was there is as it was.",
        do_fr="Vérifiez l’espace libre, les droits et le disque, puis recommencez.",
        do_en="Check free space, permissions and the disk, then try again.",
    ),
    "MODEL_FOLDER_EXISTS": reason(
        Kind.EXISTS,
        fr="{path} existe déjà.",
        en="{path} exists already.",
        do_fr="Choisissez un autre dossier, ou demandez expressément le remplacement.",
        do_en="Choose another folder, or ask for it to be replaced.",
    ),
}

_ENGINES: Mapping[str, Reason] = {
    "ENGINE_REFUSES": reason(
        Kind.INTERNAL,
        fr="LightGBM ne charge pas {file} : {detail}.",
        en="LightGBM does not load {file}: {detail}.",
        do_fr="Installez la version verrouillée de LightGBM et signalez ce cas.",
        do_en="Install the locked version of LightGBM and report this case.",
    ),
    "ENGINE_INEXACT": reason(
        Kind.INTERNAL,
        fr="{file}, rangée {row} : le moteur a donné {found}, qui n’est pas un nombre entier d’unités de 2⁻²⁴.",
        en="{file}, row {row}: the engine gave {found}, which is not a whole number of units of 2⁻²⁴.",
        do_fr="N’utilisez pas ce moteur : rejouez avec le moteur de référence et signalez ce cas.",
        do_en="Do not use this engine: replay with the reference engine and report this case.",
    ),
}

REASONS: Mapping[str, Reason] = {**_MANIFEST, **_SEALING, **_FILES, **_ENGINES}
