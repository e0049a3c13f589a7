"""The words of the model card and of `rankd model`, in French and in English."""

from collections.abc import Mapping

from rankd.core.words.language import Phrase

CARD: Mapping[str, Phrase] = {
    "title": Phrase(fr="Modèle « {surface} » : fiche", en="The “{surface}” model: card"),
    "what": Phrase(
        fr=(
            "Ce modèle estime, pour chaque publication qu’un fil pourrait montrer à une personne, la chance qu’elle "
            "l’ouvre, l’aime, y réponde, etc. : un ensemble d’arbres de décision (LightGBM) par objectif. Il ne "
            "décide de rien : ce sont les points de la politique, adoptée par vote, qui disent ce que chaque objectif "
            "vaut. Ses feuilles sont arrondies à des multiples de 2⁻²⁴, de sorte que chaque machine calcule "
            "exactement les mêmes marges."
        ),
        en=(
            "For each post that a feed might show somebody, this model estimates how likely they are to open it, like "
            "it, reply and so on: one set of decision trees (LightGBM) per objective. It decides "
            "nothing: the points of the policy, adopted by vote, say what each objective counts. Its leaves are "
            "rounded to multiples of 2⁻²⁴, so that every machine computes exactly the same margins."
        ),
    ),
    "data_title": Phrase(fr="Données et licence", en="Data and licence"),
    "how_title": Phrase(fr="Comment il a été entraîné et jugé", en="How it was trained and judged"),
    "how": Phrase(
        fr=(
            "Les jours sont ceux du fuseau {zone}. Entraînement : du {train_from} au {train_to}. Calibration : pour "
            "chaque jour du {calibrate_from} au {calibrate_to}, un modèle entraîné sur les jours d’avant prédit ce "
            "jour; des prédictions des jours les plus récents, réunies, est tirée la table qui change une marge en "
            "probabilité. Jugement : du {judge_from} au {judge_to}, jours dont aucun arbre jugé n’a appris. Aucune "
            "caractéristique ne voit le résultat de sa propre ligne ni l’avenir."
        ),
        en=(
            "Days are those of the time zone {zone}. Training: {train_from} to {train_to}. Calibration: for each day "
            "from {calibrate_from} to {calibrate_to}, a model trained on the days before predicts that day; on the "
            "predictions of the newest days, pooled, the table that turns a margin into a probability is fitted. "
            "Judgement: {judge_from} to {judge_to}, days from which no tree that is judged has learned. No feature "
            "sees its own row’s outcome or the future."
        ),
    ),
    "delay": Phrase(
        fr="Un événement ne compte que {delay} minutes après s’être produit.",
        en="An event counts only {delay} minutes after it happened.",
    ),
    "no_delay": Phrase(
        fr="Chaque ligne voit exactement les événements que le service avait comptés en décidant.",
        en="Each row sees exactly the events that the service had counted when it decided.",
    ),
    "recorded": Phrase(
        fr=(
            "Sur {compared} nombres que les décisions ont consignés, {same} sont les mêmes, au bit près, quand on les "
            "recalcule à partir du journal des événements. (Ce qui a été effacé depuis peut les changer.)"
        ),
        en=(
            "Of {compared} numbers that decisions recorded, {same} are the same, to the last bit, when they are worked "
            "out again from the journal of events. (What was erased since may change them.)"
        ),
    ),
    "positions_unknown": Phrase(
        fr="Les places ne sont pas connues : rien ne corrige l’effet d’avoir été montré en premier.",
        en="Places are not known: nothing corrects for the effect of having been shown first.",
    ),
    "positions": Phrase(
        fr=(
            "Effet de la place, corrigé à l’entraînement et absent du service : ce que la place ajoute au logarithme "
            "de la cote, par rapport à la moyenne (Zhao et al., RecSys 2019)."
        ),
        en=(
            "Effect of the place, corrected in training and left out when serving: what the place adds to the "
            "log-odds, against the average (Zhao et al., RecSys 2019)."
        ),
    ),
    "positions_columns": Phrase(
        fr="Objectif | Place 1 | Place 2 | Place 3 | Place 5 | Place 10 et après",
        en="Objective | Place 1 | Place 2 | Place 3 | Place 5 | Place 10 and after",
    ),
    "heads_title": Phrase(fr="Objectifs", en="Heads"),
    "heads_columns": Phrase(
        fr=(
            "Objectif | Cas positifs (entraînement) | Taux de base | Calibration | Jours | Entropie normalisée, hors "
            "jour | Erreur de calibration, hors jour | Muet?"
        ),
        en=(
            "Objective | Positives (training) | Base rate | Calibration | Days | Normalised entropy, other days | "
            "Calibration error, other days | Silent?"
        ),
    ),
    "tuned": Phrase(
        fr=(
            "Les tables de calibration ont aussi été ajustées sur les jours du {judge_from} au {judge_to} : leurs "
            "erreurs de calibration sur ces jours ne disent rien des jours suivants. Le chiffre honnête est celui "
            "ci-dessus, où chaque jour est jugé par une table ajustée sur les autres. L’ordre (AUC, NDCG) n’en dépend "
            "pas : aucun des modèles jugés n’a appris de ces jours."
        ),
        en=(
            "The calibration tables were fitted on the days {judge_from} to {judge_to}, too: their calibration errors "
            "on these days say nothing about later ones. The honest figure is the one above, where each day is judged "
            "by a table fitted on the others. Order (AUC, NDCG) does not depend on it: no model judged here learned "
            "from these days."
        ),
    ),
    "heads_note": Phrase(
        fr="Un objectif muet ne sait pas assez : son effet est le même pour toutes les publications.",
        en="A silent head knows too little: its effect is the same for every post.",
    ),
    "figures_title": Phrase(fr="Résultats du {judge_from} au {judge_to}", en="Figures on {judge_from} to {judge_to}"),
    "figures_columns": Phrase(
        fr="Objectif | Cas positifs | AUC | Entropie normalisée | Erreur de calibration | Erreur par hasard",
        en="Objective | Positives | AUC | Normalised entropy | Calibration error | By chance",
    ),
    "figures_note": Phrase(
        fr=(
            "Entre crochets : intervalle à 95 % obtenu en tirant les personnes au sort, avec remise, {resamples} "
            "fois. AUC : chance qu’un cas positif soit classé avant un cas négatif. Entropie normalisée : perte "
            "logarithmique divisée par l’entropie du taux observé sur les mêmes lignes; 1 ne vaut pas mieux que ce "
            "taux. Erreur de calibration : moyenne de |probabilité − taux observé| sur {bins} tranches d’égale masse; "
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
    "slates_title": Phrase(fr="Listes entières (NDCG@{top})", en="Whole slates (NDCG@{top})"),
    "slates_assembled": Phrase(
        fr=(
            "Les données ne connaissent pas les listes. Ce qu’une personne a vu en un jour est réuni en une *demande "
            "assemblée sur de vraies publications* ({slates} en tout) : ce ne sont pas de vraies listes."
        ),
        en=(
            "The data know no slates. What one person was shown on one day is put together as an *assembled request "
            "over real items* ({slates} in all): these are no real slates."
        ),
    ),
    "slates_loop": Phrase(
        fr="Les {slates} listes jugées sont celles qui ont été montrées, réduites à ce dont des événements parlent.",
        en="The {slates} slates judged are those that were shown, as far as events speak of them.",
    ),
    "slates_columns": Phrase(
        fr="Ordre selon | Listes | Modèle | Plus récent d’abord | Popularité | Hasard",
        en="Order by | Slates | Model | Newest first | Popularity | Chance",
    ),
    "slates_note": Phrase(
        fr=(
            "1 : le meilleur ordre possible. Les listes où tout ordre se vaut sont laissées de côté. Popularité : "
            "nombre de fois que le résultat le plus fréquent s’était produit à ce moment. Valeur : selon les points de "
            "la politique, avant toute règle. Ce qui a été montré l’a été par un autre ordre : ces chiffres comparent "
            "des ordres de ce qui a été vu, non de ce qui aurait pu l’être."
        ),
        en=(
            "1: the best order there is. Slates in which every order is as good are left out. Popularity: how often "
            "the commonest outcome had happened by then. Value: by the policy’s points, before any rule. What was "
            "shown was chosen by another order: these figures compare orders of what was seen, not of what might have "
            "been."
        ),
    ),
    "features_columns": Phrase(
        fr="Nom | Ce qu’elle mesure | Unité | Par défaut | Peut manquer | Profilage",
        en="Name | What it measures | Unit | Default | May be missing | Profiling",
    ),
    "described_columns": Phrase(
        fr="Nom | Ce qu’elle mesure | Unité | Par défaut | Peut manquer | Profilage | D’où vient le nombre",
        en="Name | What it measures | Unit | Default | May be missing | Profiling | Where the number comes from",
    ),
    "features_file": Phrase(
        fr="Déclarées dans FEATURES.yaml ({digest}) : la même définition à l’entraînement et au service.",
        en="Declared in FEATURES.yaml ({digest}): one definition in training and in serving.",
    ),
    "limits_title": Phrase(fr="Limites", en="Limits"),
    "limits": Phrase(
        fr=(
            "- Le modèle apprend de ce qui a été montré : de ce qui ne l’a jamais été, il sait peu.\n"
            "- Une caractéristique compte ce que des gens ont fait; elle ne dit pas pourquoi.\n"
            "- Entre deux objectifs rares, de petites différences ne signifient rien : voyez les intervalles."
        ),
        en=(
            "- The model learns from what was shown: of what never was it knows little.\n"
            "- A feature counts what people did; it does not say why.\n"
            "- Between rare objectives small differences mean nothing: see the intervals."
        ),
    ),
    "limits_kuairand": Phrase(
        fr=(
            "- Les vidéos ont toutes été téléversées en trois jours (9 au 11 avril 2022) : leur âge serait la date "
            "déguisée, le modèle ne le lit donc pas.\n"
            "- Les données ne disent ni la position, ni les autres vidéos offertes, ni la chance qu’une vidéo avait "
            "d’être montrée : on ne peut rien conclure sur des fils entiers.\n"
            "- La personne médiane a une ligne par jour : les taux par personne sont surtout des a priori.\n"
            "- Ouvrir et regarder longuement sont deux seuils du même temps de lecture.\n"
            "- L’onglet seul déplace le taux d’ouverture de 0,02 à 0,99 : jugez le modèle dans l’onglet 1.\n"
            "- Masquer, republier et s’abonner sont si rares que de petites différences n’y signifient rien.\n"
            "- Les listes de ce que les gens avaient vu avant le premier jour comptent comme des affichages : cela se "
            "déduit de leurs taux, non de la description des données.\n"
            "- Les données portent aussi des codes de compte dont personne ne peut dire le sens. Le modèle ne les lit "
            "pas, bien qu’avec eux l’AUC des visites de profil ait été de 0,737 au lieu de 0,727 du 3 au 4 mai.\n"
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
            "- The lists of what people had seen before the first day count as impressions: that is inferred from "
            "their rates, not from the data’s description.\n"
            "- The data also hold account codes of which nobody can say what they mean. The model does not read them, "
            "although with them the AUC of profile visits was 0.737 instead of 0.727 on 3–4 May.\n"
            "- Ten days of one app, in China, in 2022: for your co-op it is a start, to be replaced by your own data."
        ),
    ),
    "again_title": Phrase(fr="Refaire ce modèle", en="Making it again"),
    "again": Phrase(
        fr=(
            "Les mêmes données, les mêmes FEATURES.yaml, plan, politique et jours, et les mêmes versions ({libraries}) "
            "donnent le même modèle, octet pour octet, quel que soit le nombre de fils d’exécution. Le manifeste "
            "consigne les réglages, les jours et l’empreinte de la politique :"
        ),
        en=(
            "The same data, the same FEATURES.yaml, plan, policy and days, and the same versions ({libraries}) give "
            "the same model, byte for byte, whatever the number of threads. The manifest records the settings, the "
            "days and the policy’s digest:"
        ),
    ),
}
"""Sections of MODEL_CARD.md."""

KINDS: Mapping[str, Phrase] = {
    "kuairand": Phrase(
        fr=(
            "Entraîné sur KuaiRand-Pure (Gao et al., “KuaiRand: An Unbiased Sequential Recommendation Dataset with "
            "Randomly Exposed Videos”, CIKM 2022), journaux de l’application Kuaishou, sous licence CC BY-SA 4.0. Le "
            "modèle est sous la même licence (fichier LICENSE). Modifications : sélection de colonnes, agrégation en "
            "comptes et en taux, entraînement. {rows} affichages ont été lus; {duplicates_dropped} doublons exacts et "
            "{early_rows_dropped} lignes antérieures au premier jour ont été écartés."
        ),
        en=(
            "Trained on KuaiRand-Pure (Gao et al., “KuaiRand: An Unbiased Sequential Recommendation Dataset with "
            "Randomly Exposed Videos”, CIKM 2022), logs of the Kuaishou app, licensed CC BY-SA 4.0. The model is under "
            "the same licence (file LICENSE). Changes made: columns selected, aggregated into counts and rates, "
            "trained upon. {rows} impressions were read; {duplicates_dropped} exact duplicates and "
            "{early_rows_dropped} rows from before the first day were dropped."
        ),
    ),
    "parquet": Phrase(
        fr="Entraîné sur un historique importé de {rows} affichages (fichiers Parquet). Licence : fichier LICENSE.",
        en="Trained on an imported history of {rows} impressions (Parquet files). Licence: file LICENSE.",
    ),
    "loop": Phrase(
        fr=(
            "Entraîné sur ce que rankd a montré et sur ce qui s’en est suivi : {rows} publications montrées dont des "
            "événements parlent, lues dans les journaux des décisions et des événements. Laissés de côté parce "
            "qu’effacés : {erased_decisions} décisions, {erased_events} entrées d’événements."
        ),
        en=(
            "Trained on what rankd showed and what came of it: {rows} posts shown of which events speak, read from the "
            "journals of decisions and of events. Left out because they were erased: {erased_decisions} decisions, "
            "{erased_events} entries of events."
        ),
    ),
}
"""Where the data of a card come from."""

SCOPES: Mapping[str, Phrase] = {
    "all": Phrase(fr="Partout ({rows} lignes)", en="Everywhere ({rows} rows)"),
    "scene_1": Phrase(fr="Dans l’onglet 1 seulement ({rows} lignes)", en="Within tab 1 only ({rows} rows)"),
}
"""Parts of the rows that are judged alone."""

ORDERS_WORDS: Mapping[str, Phrase] = {
    "value": Phrase(fr="valeur de la politique", en="the policy’s value"),
}
"""What an order is by, where that is no objective."""

KIND_WORDS: Mapping[str, Phrase] = {
    "shown": Phrase(fr="affichages", en="times shown"),
    "click": Phrase(fr="ouvertures", en="clicks"),
    "long_view": Phrase(fr="longs visionnements", en="long views"),
    "like": Phrase(fr="« j’aime »", en="likes"),
    "reply": Phrase(fr="réponses", en="replies"),
    "repost": Phrase(fr="republications", en="reposts"),
    "follow": Phrase(fr="abonnements", en="follows"),
    "profile_visit": Phrase(fr="visites de profil", en="profile visits"),
    "hide": Phrase(fr="masquages", en="hides"),
    "report": Phrase(fr="signalements", en="reports"),
}
"""Kinds of events, in the plural."""

PART_WORDS: Mapping[str, Phrase] = {
    "viewer": Phrase(fr="la personne", en="the person"),
    "item": Phrase(fr="la publication", en="the post"),
    "author": Phrase(fr="l’auteur", en="the author"),
}
"""What an entity consists of."""

READINGS: Mapping[str, Phrase] = {
    "sent": Phrase(fr="Envoyé avec la demande.", en="Sent with the request."),
    "age": Phrase(fr="Heures depuis la publication.", en="Hours since it was published."),
    "one_of": Phrase(
        fr="Le premier de ces mots qui s’applique : {words}.", en="The first of these words that fits: {words}."
    ),
    "count": Phrase(fr="Compte : {event}, par {of}", en="Counted: {event}, by {of}"),
    "rate": Phrase(fr="Part : {hits} sur {trials}, par {of}", en="Share: {hits} out of {trials}, by {of}"),
    "affinity": Phrase(
        fr="Part : des {event} par {among}, ceux par {of}", en="Share: of the {event} by {among}, those by {of}"
    ),
    "recency": Phrase(fr="Heures depuis le dernier : {event}, par {of}", en="Hours since the last: {event}, by {of}"),
    "together": Phrase(fr="{parts}", en="{parts}"),
    "all": Phrase(fr="tout le monde", en="everybody"),
    "ever": Phrase(fr=", depuis toujours", en=", ever"),
    "hours": Phrase(fr=", sur {count} heures", en=", over {count} hours"),
    "days": Phrase(fr=", sur {count} jours", en=", over {count} days"),
    "half_life": Phrase(fr=", à moitié oublié après {half_life}", en=", half forgotten after {half_life}"),
}
"""Where a feature's number comes from."""

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
    "judging": Phrase(fr="Jugement", en="Judging"),
    "same_recorded": Phrase(
        fr="Nombres consignés : {same} sur {compared} sont les mêmes quand on les recalcule.",
        en="Recorded numbers: {same} of {compared} are the same when worked out again.",
    ),
    "declared": Phrase(
        fr="{features} caractéristiques, dont {kept} tenues par rankd et {sent} envoyées avec la demande. {digest}",
        en="{features} features, {kept} kept by rankd and {sent} sent with the request. {digest}",
    ),
    "blocks": Phrase(
        fr="Octets de compteurs gardés au plus, pour chaque entité : {sizes}.",
        en="Bytes of counters kept at most, for each entity: {sizes}.",
    ),
    "trained": Phrase(fr="Dossier de travail écrit : {folder}", en="Working folder written: {folder}"),
    "sealed": Phrase(fr="Modèle scellé : {folder}", en="Model sealed: {folder}"),
    "reading": Phrase(fr="Lecture des données", en="Reading the data"),
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
