"""The words of the model card and of `rankd model`, in French and in English."""

from collections.abc import Mapping

from rankd.core.words.language import Phrase

CARD: Mapping[str, Phrase] = {
    "title": Phrase(fr="Modèle « video » : fiche", en="The “video” model: card"),
    "what": Phrase(
        fr=(
            "Ce modèle estime, pour chaque vidéo qu’un fil pourrait montrer à une personne, la chance qu’elle l’ouvre, "
            "la regarde longuement, l’aime, etc. : un ensemble d’arbres de décision (LightGBM) par objectif. Il ne "
            "décide de rien : ce sont les points de la politique, adoptée par vote, qui disent ce que chaque objectif "
            "vaut. Ses feuilles sont arrondies à des multiples de 2⁻²⁴, de sorte que chaque machine calcule "
            "exactement les mêmes marges."
        ),
        en=(
            "For each video that a feed might show somebody, this model estimates how likely they are to open it, "
            "watch it at length, like it and so on: one set of decision trees (LightGBM) per objective. It decides "
            "nothing: the points of the policy, adopted by vote, say what each objective counts. Its leaves are "
            "rounded to multiples of 2⁻²⁴, so that every machine computes exactly the same margins."
        ),
    ),
    "data_title": Phrase(fr="Données et licence", en="Data and licence"),
    "data": Phrase(
        fr=(
            "Entraîné sur KuaiRand-Pure (Gao et al., “KuaiRand: An Unbiased Sequential Recommendation Dataset with "
            "Randomly Exposed Videos”, CIKM 2022), journaux de l’application Kuaishou, sous licence CC BY-SA 4.0. Le "
            "modèle est sous la même licence (fichier LICENSE). Modifications : sélection de colonnes, agrégation en "
            "comptes et en taux, entraînement. {rows} affichages ont été lus ; {duplicates} doublons exacts et {early} "
            "lignes antérieures au premier jour ont été écartés."
        ),
        en=(
            "Trained on KuaiRand-Pure (Gao et al., “KuaiRand: An Unbiased Sequential Recommendation Dataset with "
            "Randomly Exposed Videos”, CIKM 2022), logs of the Kuaishou app, licensed CC BY-SA 4.0. The model is under "
            "the same licence (file LICENSE). Changes made: columns selected, aggregated into counts and rates, "
            "trained upon. {rows} impressions were read; {duplicates} exact duplicates and {early} rows from before "
            "the first day were dropped."
        ),
    ),
    "how_title": Phrase(fr="Comment il a été entraîné et jugé", en="How it was trained and judged"),
    "how": Phrase(
        fr=(
            "Les jours sont ceux d’Asie/Shanghai. Entraînement : du {train_from} au {train_to}. Calibration : pour "
            "chaque jour du {calibrate_from} au {calibrate_to}, un modèle entraîné sur les jours d’avant prédit ce "
            "jour ; les prédictions sont réunies, et la table qui change une marge en probabilité y est ajustée. "
            "Jugement : du {judge_from} au {judge_to}, jours dont les résultats n’ont servi à rien d’autre. Aucune "
            "caractéristique ne voit le résultat de sa propre ligne ni l’avenir : un affichage ne compte qu’après "
            "{delay} minutes."
        ),
        en=(
            "Days are those of Asia/Shanghai. Training: {train_from} to {train_to}. Calibration: for each day from "
            "{calibrate_from} to {calibrate_to}, a model trained on the days before predicts that day; the predictions "
            "are pooled, and the table that turns a margin into a probability is fitted on them. Judgement: "
            "{judge_from} to {judge_to}, days whose outcomes served nothing else. No feature sees its own row’s "
            "outcome or the future: an impression counts only after {delay} minutes."
        ),
    ),
    "heads_title": Phrase(fr="Objectifs", en="Heads"),
    "heads_columns": Phrase(
        fr="Objectif | Cas positifs (entraînement) | Taux de base | Calibration | Muet ?",
        en="Objective | Positives (training) | Base rate | Calibration | Silent?",
    ),
    "heads_note": Phrase(
        fr=(
            "Un objectif muet ne sait pas assez : son effet est le même pour toutes les vidéos. Les données ne "
            "contiennent aucun signalement : il n’y a pas d’objectif `report`."
        ),
        en=(
            "A silent head knows too little: its effect is the same for every video. Nobody reports anything in the "
            "data, so there is no `report` head."
        ),
    ),
    "figures_title": Phrase(fr="Résultats du {judge_from} au {judge_to}", en="Figures on {judge_from} to {judge_to}"),
    "figures_all": Phrase(fr="Partout ({rows} lignes)", en="Everywhere ({rows} rows)"),
    "figures_scene": Phrase(fr="Dans l’onglet 1 seulement ({rows} lignes)", en="Within tab 1 only ({rows} rows)"),
    "figures_columns": Phrase(
        fr="Objectif | Cas positifs | AUC | Entropie normalisée | Erreur de calibration | Erreur par hasard",
        en="Objective | Positives | AUC | Normalised entropy | Calibration error | By chance",
    ),
    "figures_note": Phrase(
        fr=(
            "Entre crochets : intervalle à 95 % obtenu en tirant les personnes au sort, avec remise, {resamples} "
            "fois. AUC : chance qu’un cas positif soit classé avant un cas négatif. Entropie normalisée : perte "
            "logarithmique divisée par l’entropie du taux observé sur les mêmes lignes ; 1 ne vaut pas mieux que ce "
            "taux. Erreur de calibration : moyenne de |probabilité − taux observé| sur {bins} tranches d’égale masse ; "
            "le tirage l’augmente, si bien que son intervalle penche vers le haut. "
            "Erreur par hasard : celle que montreraient, sur autant de lignes, des probabilités parfaites. "
            "Un tiret : l’objectif est muet, ou n’a pas de cas des deux sortes."
        ),
        en=(
            "In brackets: 95 % interval from drawing people with replacement, {resamples} times. AUC: the chance that "
            "a positive is ranked before a negative. Normalised entropy: log loss divided by the entropy of the rate "
            "observed on the same rows; 1 is no better than that rate. Calibration error: mean of |probability − "
            "observed rate| over {bins} bins of equal mass; drawing "
            "anew adds to it, so its interval leans upwards. By chance: the error "
            "that perfect probabilities would show on so many rows. A dash: the head is silent, or lacks one of the "
            "two cases."
        ),
    ),
    "features_title": Phrase(fr="Caractéristiques", en="Features"),
    "features_columns": Phrase(
        fr="Nom | Ce qu’elle mesure | Unité | Par défaut | Peut manquer | Profilage",
        en="Name | What it measures | Unit | Default | May be missing | Profiling",
    ),
    "limits_title": Phrase(fr="Limites", en="Limits"),
    "limits": Phrase(
        fr=(
            "- Les vidéos ont toutes été téléversées en trois jours (9 au 11 avril 2022) : leur âge serait la date "
            "déguisée, le modèle ne le lit donc pas.\n"
            "- Les données ne disent ni la position, ni les autres vidéos offertes, ni la chance qu’une vidéo avait "
            "d’être montrée : on ne peut rien conclure sur des fils entiers.\n"
            "- La personne médiane a une ligne par jour : les taux par personne sont surtout des a priori.\n"
            "- Ouvrir et regarder longuement sont deux seuils du même temps de lecture.\n"
            "- L’onglet seul déplace le taux d’ouverture de 0,02 à 0,99 : jugez le modèle dans l’onglet 1.\n"
            "- Masquer, republier et s’abonner sont si rares que de petites différences n’y signifient rien.\n"
            "- Dix jours d’une application, en Chine, en 2022 : pour votre coopérative, c’est un point de départ à "
            "remplacer par vos propres données."
        ),
        en=(
            "- All videos were uploaded within three days (9–11 April 2022): their age would be the date in disguise, "
            "so the model does not read it.\n"
            "- The data know no position, no other videos on offer and no chance of being shown: they prove nothing "
            "about whole feeds.\n"
            "- The median person has one row a day: rates by person are mostly priors.\n"
            "- Click and long view are two thresholds of one play time.\n"
            "- The tab alone moves the click rate from 0.02 to 0.99: judge the model within tab 1.\n"
            "- Hides, reposts and follows are so few that small differences there mean nothing.\n"
            "- Ten days of one app, in China, in 2022: for your co-op it is a start, to be replaced by your own data."
        ),
    ),
    "again_title": Phrase(fr="Refaire ce modèle", en="Making it again"),
    "again": Phrase(
        fr=(
            "Les mêmes données et les mêmes versions ({libraries}) donnent le même modèle, octet pour octet, quel que "
            "soit le nombre de fils d’exécution :"
        ),
        en=(
            "The same data and the same versions ({libraries}) give the same model, byte for byte, whatever the "
            "number of threads:"
        ),
    ),
}
"""Sections of MODEL_CARD.md."""

SILENT: Mapping[str, Phrase] = {
    "TOO_FEW_POSITIVES": Phrase(fr="trop peu de cas positifs", en="too few positives"),
    "NO_BETTER_THAN_BASE_RATE": Phrase(fr="pas mieux que le taux de base", en="no better than the base rate"),
    "BASE_RATE_TOO_LOW": Phrase(fr="taux de base trop bas", en="base rate too low"),
}
"""Why a head is silent."""

METHODS: Mapping[str, Phrase] = {
    "isotonic": Phrase(fr="isotonique", en="isotonic"),
    "logistic": Phrase(fr="logistique", en="logistic"),
    "none": Phrase(fr="aucune", en="none"),
}
"""How a head was calibrated."""

SAYINGS: Mapping[str, Phrase] = {
    "yes": Phrase(fr="oui", en="yes"),
    "no": Phrase(fr="non", en="no"),
    "required": Phrase(fr="exigée", en="required"),
    "digest": Phrase(fr="Empreinte du modèle", en="Model digest"),
    "surface": Phrase(fr="Surface", en="Surface"),
    "features": Phrase(fr="Calcul des caractéristiques", en="Computing features"),
    "heads": Phrase(fr="Entraînement des objectifs", en="Training heads"),
    "trained": Phrase(fr="Dossier de travail écrit : {folder}", en="Working folder written: {folder}"),
    "sealed": Phrase(fr="Modèle scellé : {folder}", en="Model sealed: {folder}"),
    "reading": Phrase(fr="Lecture de {folder}", en="Reading {folder}"),
    "agrees": Phrase(
        fr="Ces résultats sont ceux que le modèle annonce.", en="These figures are those that the model states."
    ),
    "differs": Phrase(
        fr="Ces résultats diffèrent de ceux que le modèle annonce.",
        en="These figures differ from what the model states.",
    ),
    "judged": Phrase(fr="Du {judge_from} au {judge_to}", en="{judge_from} to {judge_to}"),
}
"""What `rankd model` says."""
