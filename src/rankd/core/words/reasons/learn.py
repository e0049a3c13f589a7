"""Reasons about data to learn from, and about folders between training and sealing."""

from collections.abc import Mapping

from rankd.core.words.reasons.reason import Kind, Reason, reason

REASONS: Mapping[str, Reason] = {
    "DATA_FILE_MISSING": reason(
        Kind.MISSING,
        fr="Le fichier {file} manque dans le dossier de données {folder}.",
        en="The file {file} is missing from the data folder {folder}.",
        do_fr="Indiquez avec --data le dossier qui contient kuairand-pure, ou définissez RANKD_DATA.",
        do_en="Name the folder that contains kuairand-pure with --data, or set RANKD_DATA.",
    ),
    "DATA_FILE_UNREADABLE": reason(
        Kind.INVALID,
        fr="Le fichier {file} n’est pas un fichier Parquet lisible : {detail}.",
        en="The file {file} is not a readable Parquet file: {detail}.",
        do_fr="Téléchargez-le de nouveau et vérifiez son empreinte.",
        do_en="Fetch it again and check its digest.",
    ),
    "DATA_COLUMN_MISSING": reason(
        Kind.INVALID,
        fr="La colonne {column} manque dans {file}.",
        en="The column {column} is missing from {file}.",
        do_fr="Vérifiez que le dossier contient bien KuaiRand-Pure.",
        do_en="Check that the folder holds KuaiRand-Pure.",
    ),
    "DATA_UNKNOWN_ID": reason(
        Kind.INVALID,
        fr="Dans la colonne {column}, {count} lignes nomment des identifiants inconnus, dont {id}.",
        en="In the column {column}, {count} rows name unknown ids, {id} among them.",
        do_fr="Vérifiez que les quatre fichiers proviennent de la même version des données.",
        do_en="Check that all four files come from the same version of the data.",
    ),
    "DATA_DAY_EMPTY": reason(
        Kind.INVALID,
        fr="Aucune ligne ne date du {day}, dont l’entraînement ou l’évaluation a besoin.",
        en="No row is of {day}, which training or evaluation needs.",
        do_fr="Vérifiez que les données couvrent ce jour, ou choisissez d’autres jours.",
        do_en="Check that the data cover that day, or choose other days.",
    ),
    "DATA_DAY_UNREADABLE": reason(
        Kind.INVALID,
        fr="« {found} » n’est pas un jour.",
        en="“{found}” is not a day.",
        do_fr="Écrivez les jours sous la forme AAAA-MM-JJ, le premier avant le dernier.",
        do_en="Write days as YYYY-MM-DD, the first before the last.",
    ),
    "DATA_POOL_TOO_SMALL": reason(
        Kind.INVALID,
        fr="Les données ne permettent pas d’assembler cette demande : {wanted} {what} voulus, {found} trouvés.",
        en="The data cannot fill such a request: {wanted} {what} wanted, {found} found.",
        do_fr="Demandez-en moins, ou choisissez un autre moment.",
        do_en="Ask for fewer, or choose another time.",
    ),
    "MODEL_OF_OTHER_FEATURES": reason(
        Kind.STATE,
        fr="Le modèle ne lit pas les caractéristiques que ces données donnent : {found} au lieu de {wanted}.",
        en="The model does not read the features that these data give: {found} instead of {wanted}.",
        do_fr="Évaluez-le avec la version de rankd qui l’a entraîné.",
        do_en="Evaluate it with the version of rankd that trained it.",
    ),
    "TRAINING_NOT_INSTALLED": reason(
        Kind.STATE,
        fr="La bibliothèque {package} n’est pas installée : cette version de rankd ne peut ni entraîner ni évaluer.",
        en="The library {package} is not installed: this rankd can neither train nor evaluate.",
        do_fr="Installez-la avec « pip install 'rankd[train]' ».",
        do_en="Install it with “pip install 'rankd[train]'”.",
    ),
    "WORKING_FOLDER_EXISTS": reason(
        Kind.EXISTS,
        fr="Le dossier {folder} existe déjà.",
        en="The folder {folder} exists already.",
        do_fr="Choisissez un autre dossier, ou ajoutez --replace.",
        do_en="Choose another folder, or add --replace.",
    ),
    "WORKING_FOLDER_UNREADABLE": reason(
        Kind.INVALID,
        fr="Le dossier de travail {folder} ne peut pas être scellé : {detail}.",
        en="The working folder {folder} cannot be sealed: {detail}.",
        do_fr="Refaites-le avec « rankd model train ».",
        do_en="Make it again with “rankd model train”.",
    ),
    "WORKING_FOLDER_UNWRITABLE": reason(
        Kind.UNAVAILABLE,
        fr="Impossible d’écrire dans {folder} : {detail}.",
        en="Cannot write to {folder}: {detail}.",
        do_fr="Vérifiez l’espace libre et les droits d’écriture.",
        do_en="Check free space and permissions.",
    ),
}
