"""What rankd says of an impact: what a proposed policy would have changed, for the members who vote on it."""

from collections.abc import Mapping

from rankd.core.words.language import Phrase

SUMMARY: Mapping[str, Phrase] = {
    "counted": Phrase(
        fr="Surface « {surface} » : {count} décision{s} rejouée{s}, de {viewers} personne{t} (pseudonymes).",
        en="Surface “{surface}”: {count} decision{s} replayed, of {viewers} viewer{t} (pseudonyms).",
    ),
    "left_out": Phrase(fr="Laissées de côté : {reasons}.", en="Left out: {reasons}."),
    "clipped": Phrase(
        fr="Réglages personnels qui dépassent ce que la proposition permet : {count} décision{s}; ils comptent "
        "jusqu’où elle le permet.",
        en="Personal sliders set beyond what the proposal allows: {count} decision{s}; they count as far as it allows.",
    ),
    "new_model": Phrase(
        fr="Avec un autre modèle : après, ce sont ses estimations qui classent. Chaque modèle jugerait les fils de "
        "l’autre; il n’y a donc pas de prévision.",
        en="With another model: after, its estimates rank. Each model would judge the other’s feeds, so there is no "
        "prediction.",
    ),
    "announce": Phrase(
        fr="À annoncer au procès-verbal avant qu’il ne serve : la part des différences change de plus de {bound} pour "
        "{nouns}.",
        en="To be announced in the minutes before it serves: the share of the differences changes by more than {bound} "
        "for {nouns}.",
    ),
    "announced": Phrase(
        fr="Annoncé ici, avant qu’il ne serve : la part des différences change de plus de {bound} pour {nouns}.",
        en="Announced here, before it serves: the share of the differences changes by more than {bound} for {nouns}.",
    ),
    "no_announce": Phrase(
        fr="Rien à annoncer : aucune part des différences ne change de plus de {bound}.",
        en="Nothing to announce: no share of the differences changes by more than {bound}.",
    ),
    "unpredicted": Phrase(fr="pas de prévision", en="no prediction"),
    "same": Phrase(fr="Rien ne changerait dans ces décisions.", en="Nothing would change in these decisions."),
    "moved": Phrase(
        fr="Places qui montreraient une autre publication : {share}. Décisions où rien ne changerait : {identical}.",
        en="Places that would show another post: {share}. Decisions in which nothing would change: {identical}.",
    ),
    "top": Phrase(
        fr="Parmi les dix premières places, {share} des publications y resteraient.",
        en="Among the first ten places, {share} of the posts would stay there.",
    ),
    "tau": Phrase(
        fr="Ordre des publications montrées les deux fois (τ de Kendall) : {tau}. À 1 il ne change pas, à −1 il "
        "s’inverse.",
        en="Order of the posts that are shown both times (Kendall’s τ): {tau}. At 1 it stays, at −1 it turns round.",
    ),
    "objective": Phrase(
        fr="{noun} : {points}; part des différences entre publications : {pull}; {prediction}.",
        en="{noun}: {points}; share of the differences between posts: {pull}; {prediction}.",
    ),
    "points": Phrase(fr="{before} → {after} points", en="{before} → {after} points"),
    "several": Phrase(fr="(plusieurs)", en="(several)"),
    "arrow": Phrase(fr="{before} → {after}", en="{before} → {after}"),
    "predicted": Phrase(
        fr="prévision pour 1000 places : {before} → {after} ({change}{interval})",
        en="predicted for 1,000 places: {before} → {after} ({change}{interval})",
    ),
    "interval": Phrase(fr="; à 90 % : de {low} à {high}", en="; 90%: {low} to {high}"),
    "silent": Phrase(fr="pas assez de données pour une prévision", en="not enough data for a prediction"),
    "none": Phrase(fr="le modèle n’en sait rien", en="the model knows nothing about it"),
    "caution": Phrase(
        fr="La prévision est celle du modèle pour les publications qui seraient montrées; elle ne dit pas ce que les "
        "gens feraient d’un autre fil.",
        en="The prediction is the model’s, for the posts that would be shown; it does not say what people would do "
        "with another feed.",
    ),
    "borrowed": Phrase(
        fr="Attention : la clé d’un journal vient du dossier lui-même. Pour une incidence à publier, donnez la clé que "
        "vous tenez d’ailleurs : --key.",
        en="Attention: a journal’s key comes from the folder itself. For an impact to publish, give the key that you "
        "have from elsewhere: --key.",
    ),
    "of_text": Phrase(fr="Texte {number}", en="Text {number}"),
    "same_as_frozen": Phrase(
        fr="Octet pour octet l’incidence arrêtée avec {proposal}.",
        en="Byte for byte the impact frozen with {proposal}.",
    ),
    "not_as_frozen": Phrase(
        fr="Ce n’est pas l’incidence arrêtée avec {proposal} : {frozen}. Première différence : {field}.",
        en="This is not the impact frozen with {proposal}: {frozen}. First difference: {field}.",
    ),
    "not_frozen": Phrase(
        fr="Aucune incidence n’est arrêtée avec {proposal} : personne n’a montré ce que cela change.",
        en="No impact is frozen with {proposal}: nobody showed what it changes.",
    ),
    "model_not_frozen": Phrase(
        fr="Aucune incidence n’est arrêtée avec {proposal} : ce que ce modèle change n’est ni mesuré ni annoncé.",
        en="No impact is frozen with {proposal}: what this model changes is neither measured nor announced.",
    ),
    "how_to_see": Phrase(
        fr="En entier : rankd policy impact {proposal} (--page FICHIER pour une page; --decisions CHEMIN --check pour "
        "la recalculer).",
        en="In full: rankd policy impact {proposal} (--page FILE for a page; --decisions PATH --check to compute it "
        "again).",
    ),
    "written": Phrase(fr="{file} : écrit.", en="{file}: written."),
}

LEFT_OUT: Mapping[str, Phrase] = {
    "erased": Phrase(fr="{count} dont le contenu est effacé", en="{count} whose content is erased"),
    "other_surface": Phrase(fr="{count} d’une autre surface", en="{count} of another surface"),
    "newest_first": Phrase(fr="{count} en ordre chronologique, à la demande", en="{count} newest first, as asked for"),
    "no_policy": Phrase(fr="{count} sans politique en vigueur", en="{count} without a policy in force"),
    "other_model": Phrase(fr="{count} classées par un autre modèle", en="{count} ranked by another model"),
    "column": Phrase(
        fr="{count} sans une donnée que la proposition lit", en="{count} without a datum that the proposal reads"
    ),
}

PAGE: Mapping[str, Phrase] = {
    "title": Phrase(fr="Incidence d’une politique : {title}", en="Impact of a policy: {title}"),
    "kicker": Phrase(fr="Ce qu’une politique proposée aurait changé", en="What a proposed policy would have changed"),
    "untitled": Phrase(fr="surface « {surface} »", en="surface “{surface}”"),
    "about": Phrase(
        fr="Des décisions déjà prises sont classées de nouveau, une fois par la politique qui les avait classées, une "
        "fois par celle qui est proposée. Même demande, mêmes publications, mêmes estimations du modèle, même tirage "
        "entre égales; sans les échanges au hasard.",
        en="Decisions that were made are ranked again, once by the policy that ranked them and once by the proposed "
        "one. The same request, the same posts, the same estimates of the model, the same lots between equals; "
        "without the swaps by lot.",
    ),
    "fact_count": Phrase(fr="décisions rejouées", en="decisions replayed"),
    "fact_viewers": Phrase(fr="personnes (pseudonymes)", en="viewers (pseudonyms)"),
    "fact_moved": Phrase(fr="places qui changent", en="places that change"),
    "fact_top": Phrase(fr="restent dans les dix premières", en="stay among the first ten"),
    "fact_identical": Phrase(fr="décisions inchangées", en="decisions unchanged"),
    "fact_tau": Phrase(fr="τ de Kendall (ordre)", en="Kendall’s τ (order)"),
    "objectives": Phrase(fr="Ce que chaque geste pèserait", en="What each outcome would weigh"),
    "objectives_text": Phrase(
        fr="Les points sont un prix; leur effet se mesure à la part des différences entre publications que chaque "
        "geste cause dans ces demandes.",
        en="Points are a price; their effect is the share of the differences between posts that each outcome causes in "
        "these requests.",
    ),
    "objective": Phrase(fr="Geste", en="Outcome"),
    "points_head": Phrase(fr="Points", en="Points"),
    "pull_before": Phrase(fr="Part avant", en="Share before"),
    "pull_after": Phrase(fr="Part après", en="Share after"),
    "penalty": Phrase(fr="{noun} (contre)", en="{noun} (against)"),
    "predictions": Phrase(fr="Ce que le modèle prévoit", en="What the model predicts"),
    "predictions_text": Phrase(
        fr="Pour 1000 places montrées, combien de gestes le modèle attend : moyenne de ses probabilités, chaque place "
        "comptant autant. L’intervalle à 90 % dit de combien le changement varierait avec d’autres personnes "
        "({resamples} rééchantillonnages); il ne dit pas si le modèle a raison.",
        en="For 1,000 places shown, how many outcomes the model expects: the mean of its probabilities, every place "
        "counting the same. The 90% interval says how far the change would vary with other viewers ({resamples} "
        "resamples); it does not say whether the model is right.",
    ),
    "predictions_figure": Phrase(
        fr="Changement prévu, en pourcentage d’avant. Trait : intervalle à 90 %. Échelle : ± {scale}.",
        en="Predicted change, in percent of before. Line: 90% interval. Scale: ± {scale}.",
    ),
    "before_head": Phrase(fr="Avant", en="Before"),
    "after_head": Phrase(fr="Après", en="After"),
    "change_head": Phrase(fr="Changement", en="Change"),
    "interval_head": Phrase(fr="Intervalle à 90 %", en="90% interval"),
    "range": Phrase(fr="de {low} à {high}", en="{low} to {high}"),
    "too_few": Phrase(fr="trop peu de personnes", en="too few viewers"),
    "exposure": Phrase(fr="Qui serait montré", en="Who would be shown"),
    "exposure_text": Phrase(
        fr="Part des publications proposées, et part des places avant et après. Les parts pondérées comptent la "
        "place : le haut d’un fil se voit mieux (1 ÷ log₂(1 + place)).",
        en="Share of the posts offered, and share of the places before and after. Weighted shares count the place: the "
        "top of a feed is seen better (1 ÷ log₂(1 + place)).",
    ),
    "sources": Phrase(fr="Par source", en="By source"),
    "groups": Phrase(fr="Par groupe d’auteurs", en="By author group"),
    "languages": Phrase(fr="Par langue", en="By language"),
    "languages_text": Phrase(
        fr="D’après les groupes qui commencent par « lang: ».",
        en="From the groups that begin with “lang:”.",
    ),
    "ages": Phrase(fr="Par âge de la publication", en="By age of the post"),
    "none_source": Phrase(fr="(sans source)", en="(no source)"),
    "none_group": Phrase(fr="(sans groupe)", en="(no group)"),
    "none_language": Phrase(fr="(langue inconnue)", en="(language not known)"),
    "rest": Phrase(fr="(toutes les autres)", en="(all others)"),
    "offered": Phrase(fr="proposé", en="offered"),
    "before": Phrase(fr="avant", en="before"),
    "after": Phrase(fr="après", en="after"),
    "offered_head": Phrase(fr="Proposées", en="Offered"),
    "weighted_before": Phrase(fr="Pondéré avant", en="Weighted before"),
    "weighted_after": Phrase(fr="Pondéré après", en="Weighted after"),
    "authors": Phrase(fr="Concentration sur les auteurs", en="Concentration on authors"),
    "authors_text": Phrase(
        fr="{authors} auteur{s} avaient au moins une publication proposée. Montrés au moins une fois : {before} avant, "
        "{after} après. Indice de Gini des places : {gini_before} → {gini_after} (0 : tous ont autant; 1 : un seul "
        "a tout).",
        en="{authors} author{s} had at least one post offered. Shown at least once: {before} before, {after} after. "
        "Gini coefficient of places: {gini_before} → {gini_after} (0: all the same; 1: one has everything).",
    ),
    "authors_part": Phrase(fr="Les plus montrés", en="Most shown"),
    "authors_count": Phrase(fr="Auteurs", en="Authors"),
    "places_before": Phrase(fr="Places avant", en="Places before"),
    "places_after": Phrase(fr="Places après", en="Places after"),
    "examples": Phrase(fr="Des fils, avant et après", en="Feeds, before and after"),
    "examples_text": Phrase(
        fr="Quelques décisions : deux parmi les plus changées, deux au milieu, une parmi les moins changées. Une "
        "publication y porte le numéro de sa place d’avant; rien ne dit à qui ce fil était, ni de qui sont les "
        "publications.",
        en="A few decisions: two of the most changed, two in the middle, one of the least changed. A post bears the "
        "number of its place before; nothing says whose feed this was, or whose posts.",
    ),
    "most": Phrase(
        fr="Parmi les plus changées : {moved} places sur {places}",
        en="Among the most changed: {moved} of {places} places",
    ),
    "median": Phrase(fr="Au milieu : {moved} places sur {places}", en="In the middle: {moved} of {places} places"),
    "least": Phrase(
        fr="Parmi les moins changées : {moved} places sur {places}",
        en="Among the least changed: {moved} of {places} places",
    ),
    "post": Phrase(fr="Publication", en="Post"),
    "place_after": Phrase(fr="Place après", en="Place after"),
    "what": Phrase(fr="Ce qu’elle est", en="What it is"),
    "value": Phrase(fr="Valeur", en="Value"),
    "why": Phrase(fr="Ce qui change", en="What changes"),
    "entered": Phrase(fr="nouvelle", en="new"),
    "gone": Phrase(fr="pas montrée", en="not shown"),
    "part": Phrase(
        fr="{noun}, {lift} de l’habituel : {before} → {after}", en="{noun}, {lift} of the usual: {before} → {after}"
    ),
    "rule_gained": Phrase(fr="désormais : {rule}", en="now: {rule}"),
    "rule_lost": Phrase(fr="plus de : {rule}", en="no longer: {rule}"),
    "age_hour": Phrase(fr="moins d’une heure", en="less than an hour"),
    "age": Phrase(fr="{duration}", en="{duration} old"),
    "age_unknown": Phrase(fr="date inconnue", en="date not known"),
    "limits_of": Phrase(fr="Ce que cette page ne dit pas", en="What this page does not say"),
    "inputs": Phrase(fr="Sur quoi cela repose", en="What this rests on"),
    "inputs_text": Phrase(
        fr="Qui détient ces pièces obtient la même incidence, octet pour octet : {command}. Son empreinte : {digest}.",
        en="Whoever holds this evidence gets the same impact, byte for byte: {command}. Its digest: {digest}.",
    ),
    "input": Phrase(fr="Pièce", en="Input"),
    "digest": Phrase(fr="Empreinte", en="Digest"),
    "input_proposed": Phrase(
        fr="politique proposée, ce que la machine suit", en="proposed policy, what the machine obeys"
    ),
    "input_file": Phrase(fr="politique proposée, le fichier", en="proposed policy, the file"),
    "input_limits": Phrase(fr="limites ou constitution", en="limits or constitution"),
    "input_model": Phrase(fr="modèle", en="model"),
    "input_new_model": Phrase(fr="modèle proposé", en="proposed model"),
    "input_base": Phrase(fr="politique d’avant ({count} décision{s})", en="policy before ({count} decision{s})"),
    "input_root": Phrase(
        fr="journal {origin}, entrées {first} à {end} (exclue) sur {size}; {count} décisions comptent",
        en="journal {origin}, entries {first} to {end} (excluded) of {size}; {count} decisions count",
    ),
    "made": Phrase(fr="Page écrite par rankd {version}.", en="Page written by rankd {version}."),
}

NOT_SAID: Mapping[str, Phrase] = {
    "behaviour": Phrase(
        fr="Ce que les gens feraient d’un autre fil : ils s’y habituent, les auteurs aussi. Le modèle a appris sur les "
        "fils d’avant.",
        en="What people would do with another feed: they get used to it, and so do authors. The model learned from the "
        "feeds of before.",
    ),
    "offered": Phrase(
        fr="Ce que l’application aurait proposé d’autre : seules les publications alors proposées sont classées de "
        "nouveau.",
        en="What else the application would have offered: only the posts that were offered then are ranked again.",
    ),
    "good": Phrase(
        fr="Si c’est mieux. Les nombres disent ce qui change; les membres en jugent.",
        en="Whether it is better. The numbers say what changes; members judge.",
    ),
    "erased": Phrase(
        fr="Ce qui est effacé ou d’une autre surface : ces décisions ne comptent pas.",
        en="What is erased or of another surface: those decisions do not count.",
    ),
    "proof": Phrase(
        fr="Que ces nombres sont vrais : qui détient les décisions peut les recalculer, et devrait.",
        en="That these numbers are true: whoever holds the decisions can compute them again, and should.",
    ),
}
