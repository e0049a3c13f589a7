"""What rankd says about a policy, in French and in English."""

from collections.abc import Mapping
from dataclasses import dataclass

from rankd.core.words.language import Phrase


@dataclass(frozen=True, slots=True)
class ObjectiveWords:
    """How to speak of an objective: its outcomes in general, and a post's chance of one."""

    noun: Phrase
    likely: Phrase


OBJECTIVE_WORDS: Mapping[str, ObjectiveWords] = {
    "click": ObjectiveWords(
        Phrase(fr="les clics", en="clicks"), Phrase(fr="d’être ouverte d’un clic", en="to be clicked")
    ),
    "long_view": ObjectiveWords(
        Phrase(fr="les longs visionnements", en="long views"),
        Phrase(fr="d’être regardée longtemps", en="to be watched for long"),
    ),
    "like": ObjectiveWords(
        Phrase(fr="les mentions « j’aime »", en="likes"), Phrase(fr="de recevoir un « j’aime »", en="to be liked")
    ),
    "reply": ObjectiveWords(
        Phrase(fr="les réponses", en="replies"), Phrase(fr="de recevoir une réponse", en="to be replied to")
    ),
    "repost": ObjectiveWords(
        Phrase(fr="les partages", en="reposts"), Phrase(fr="d’être partagée", en="to be reposted")
    ),
    "follow": ObjectiveWords(
        Phrase(fr="les abonnements", en="follows"),
        Phrase(fr="de faire naître un abonnement", en="to win its author a follower"),
    ),
    "profile_visit": ObjectiveWords(
        Phrase(fr="les visites de profil", en="profile visits"),
        Phrase(fr="de mener au profil de son auteur", en="to lead to its author’s profile"),
    ),
    "hide": ObjectiveWords(Phrase(fr="les masquages", en="hides"), Phrase(fr="d’être masquée", en="to be hidden")),
    "report": ObjectiveWords(
        Phrase(fr="les signalements", en="reports"), Phrase(fr="d’être signalée", en="to be reported")
    ),
}

RULE_WORDS: Mapping[str, Phrase] = {
    "drop_seen/1": Phrase(
        fr="Ce que la personne a déjà vu n’est pas remontré.", en="What the person has already seen is not shown again."
    ),
    "drop_muted/1": Phrase(
        fr="Ce que la personne a mis en sourdine n’est pas montré.", en="What the person has muted is not shown."
    ),
    "max_age/1": Phrase(
        fr="Ce qui a plus de {age} n’est pas montré; sans date connue, une publication compte comme ayant {unknown}.",
        en="What is older than {age} is not shown; a post without a known date counts as {unknown} old.",
    ),
    "freshness/1": Phrase(
        fr=(
            "La valeur d’une publication vieillit : en {half_life}, la part au-dessus de {floor} diminue de moitié; "
            "elle garde toujours au moins {floor}. Sans date connue, une publication compte comme ayant {unknown}."
        ),
        en=(
            "A post’s value ages: in {half_life}, the part above {floor} halves; it always keeps at least {floor}. A "
            "post without a known date counts as {unknown} old."
        ),
    ),
    "source_scaling/1": Phrase(
        fr="Une publication garde une part de sa valeur selon sa source : {shares}toute autre source, {other}.",
        en="A post keeps a share of its value by its source: {shares}any other source, {other}.",
    ),
    "feedback_fatigue/1": Phrase(
        fr=(
            "Quand la personne a dit « moins de ceci » d’un auteur, les publications de celui-ci ne gardent d’abord "
            "que {floor} de leur valeur, puis remontent peu à peu pendant {recovery} (d’après la colonne {column})."
        ),
        en=(
            "After the person said “less of this” of an author, that author’s posts keep only {floor} of their value "
            "at first and recover little by little over {recovery} (from the column {column})."
        ),
    ),
    "author_diversity/1": Phrase(
        fr=(
            "Chaque publication de plus du même auteur garde {decay} de ce que gardait la précédente, jamais moins "
            "de {floor}."
        ),
        en="Each further post by one author keeps {decay} of what the one before kept, never less than {floor}.",
    ),
    "cap/1 author": Phrase(
        fr="Au plus {at_most} publication{s} d’un même auteur parmi les {in_first} premières.",
        en="At most {at_most} post{s} by one author among the first {in_first}.",
    ),
    "cap/1 group": Phrase(
        fr="Au plus {at_most} publication{s} du groupe « {group} » parmi les {in_first} premières.",
        en="At most {at_most} post{s} of the group “{group}” among the first {in_first}.",
    ),
    "drop": Phrase(
        fr="Quand ces plafonds ne laissent plus passer personne, le fil s’arrête.",
        en="When these caps let nobody in any more, the feed ends.",
    ),
    "append": Phrase(
        fr="Quand ces plafonds ne laissent plus passer personne, le reste suit quand même, par valeur.",
        en="When these caps let nobody in any more, the rest follows all the same, by value.",
    ),
    "quota/1": Phrase(
        fr="Au moins {at_least} publication{s} du groupe « {group} » parmi les {in_first} premières, s’il y en a.",
        en="At least {at_least} post{s} of the group “{group}” among the first {in_first}, if there are any.",
    ),
}

RULE_NOUNS: Mapping[str, Phrase] = {
    "drop_seen/1": Phrase(fr="ce qui a déjà été vu", en="what has been seen"),
    "drop_muted/1": Phrase(fr="ce qui a été mis en sourdine", en="what has been muted"),
    "max_age/1": Phrase(fr="l’âge maximal", en="the greatest age"),
    "freshness/1": Phrase(fr="la fraîcheur", en="freshness"),
    "source_scaling/1": Phrase(fr="la source", en="the source"),
    "feedback_fatigue/1": Phrase(fr="les « moins de ceci » passés", en="past “less of this”"),
    "author_diversity/1": Phrase(fr="la diversité des auteurs", en="the diversity of authors"),
    "cap/1": Phrase(fr="les plafonds", en="caps"),
    "quota/1": Phrase(fr="les quotas", en="quotas"),
}

CHANGES: Mapping[str, Phrase] = {
    "points": Phrase(
        fr="Points pour {noun}{against} : {old} → {new} ({change}).",
        en="Points for {noun}{against}: {old} → {new} ({change}).",
    ),
    "against": Phrase(fr=" (comptent contre)", en=" (count against)"),
    "rule_added": Phrase(fr="Règle ajoutée, {rule} : {new}", en="Rule added, {rule}: {new}"),
    "rule_removed": Phrase(fr="Règle retirée, {rule} : {old}", en="Rule removed, {rule}: {old}"),
    "rule_changed": Phrase(
        fr="Règle changée, {rule}. Avant : {old} Après : {new}", en="Rule changed, {rule}. Before: {old} After: {new}"
    ),
    "exploration": Phrase(
        fr="Demandes où deux publications sont échangées au hasard : {old} → {new}.",
        en="Requests in which two posts are swapped by lot: {old} → {new}.",
    ),
    "slider_added": Phrase(fr="Réglage ajouté pour {noun} : {new}.", en="Slider added for {noun}: {new}."),
    "slider_removed": Phrase(fr="Réglage retiré pour {noun} : {old}.", en="Slider removed for {noun}: {old}."),
    "slider_changed": Phrase(
        fr="Réglage changé pour {noun} : {old} → {new}.", en="Slider changed for {noun}: {old} → {new}."
    ),
    "range": Phrase(fr="de {low} à {high}", en="{low} to {high}"),
    "surface": Phrase(fr="Surface : « {old} » → « {new} ».", en="Surface: “{old}” → “{new}”."),
    "title": Phrase(fr="Titre : « {old} » → « {new} ».", en="Title: “{old}” → “{new}”."),
    "title_other": Phrase(fr="Le titre anglais a changé.", en="The French title changed."),
    "reasons": Phrase(fr="Les raisons ont changé.", en="The reasons changed."),
    "reasons_other": Phrase(fr="Les raisons en anglais ont changé.", en="The reasons in French changed."),
    "base": Phrase(fr="Politique remplacée : {old} → {new}.", en="Policy that it replaces: {old} → {new}."),
    "none": Phrase(fr="aucune", en="none"),
    "same": Phrase(
        fr="Les deux textes veulent dire la même chose pour la machine.",
        en="The two texts mean the same to the machine.",
    ),
    "same_other_bytes": Phrase(
        fr=(
            "Les deux textes veulent dire la même chose pour la machine, mais les fichiers diffèrent (notes, mise en "
            "page)."
        ),
        en="The two texts mean the same to the machine, but the files differ (notes, layout).",
    ),
}

CHECKS: Mapping[str, Phrase] = {
    "policy": Phrase(
        fr="{file} : politique en règle pour la surface « {surface} ».",
        en="{file}: a sound policy for the surface “{surface}”.",
    ),
    "limits": Phrase(fr="{file} : limites en règle.", en="{file}: sound limits."),
    "template": Phrase(
        fr="{file} : texte en règle pour un vote de points sur la surface « {surface} ».",
        en="{file}: a sound text for a points vote on the surface “{surface}”.",
    ),
    "constitution": Phrase(
        fr="{file} : constitution en règle, n° {number} de la coopérative « {origin} ».",
        en="{file}: a sound constitution, number {number} of the co-op “{origin}”.",
    ),
    "with_limits": Phrase(fr="Elle respecte les limites de {file}.", en="It keeps the limits in {file}."),
    "no_limits": Phrase(
        fr="Aucun fichier de limites à côté ni un dossier plus haut : seul le texte a été vérifié.",
        en="There is no limits file beside it or one folder up: only the text was checked.",
    ),
    "with_model": Phrase(fr="Elle va avec le modèle de {file}.", en="It goes with the model in {file}."),
    "silent": Phrase(
        fr="Pas assez de données : les points donnés à ceci comptent pareil pour toutes les publications : {nouns}.",
        en="Not enough data: the points given to these count the same for every post: {nouns}.",
    ),
}
