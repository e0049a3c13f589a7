"""The plain-language description of a policy, in French and in English."""

from collections.abc import Mapping

from rankd.core.words.language import Phrase

DESCRIPTION: Mapping[str, Phrase] = {
    "heading": Phrase(fr="{title}", en="{title}"),
    "about": Phrase(fr="Politique de la surface « {surface} ».", en="Policy for the surface “{surface}”."),
    "base": Phrase(fr="Elle remplace la politique {digest}.", en="It replaces the policy {digest}."),
    "no_base": Phrase(fr="Elle n’en remplace aucune autre.", en="It replaces no other."),
    "reasons": Phrase(fr="Les raisons données", en="The reasons given"),
    "points": Phrase(fr="Ce qui compte", en="What counts"),
    "points_intro": Phrase(
        fr=(
            "Mille points sont répartis. Pour chaque publication, un modèle estime combien de fois chaque geste est "
            "plus probable que d’habitude, au plus {ceiling} fois. La valeur de la publication est la somme des "
            "points multipliés par ces nombres; ce qui compte contre elle se soustrait. Les plus grandes valeurs "
            "passent d’abord."
        ),
        en=(
            "A thousand points are handed out. For each post, a model estimates how many times likelier than usual "
            "each outcome is, {ceiling} times at most. The post’s value is the sum of the points multiplied by these "
            "numbers; what counts against it is subtracted. The largest values come first."
        ),
    ),
    "reward": Phrase(
        fr=(
            "{points} points : {noun}. De la valeur d’une publication moyenne, {points} points sur 1 000 en "
            "viennent; une publication deux fois plus susceptible que d’habitude {likely} gagne {points}, et ce "
            "geste n’en apporte jamais plus de {most}."
        ),
        en=(
            "{points} points: {noun}. Of an average post’s value, {points} of 1,000 points come from {noun}; a post "
            "twice as likely as usual {likely} gains {points}, and never more than {most} come from {noun}."
        ),
    ),
    "penalty": Phrase(
        fr=(
            "{points} points contre : {noun}. Une publication moyenne y perd {points} points sur 1 000; une "
            "publication deux fois plus susceptible que d’habitude {likely} en perd {points} de plus, et ce geste "
            "n’en retire jamais plus de {most}."
        ),
        en=(
            "{points} points against: {noun}. An average post loses {points} of 1,000 points to {noun}; a post twice "
            "as likely as usual {likely} loses {points} more, and {noun} never take away more than {most}."
        ),
    ),
    "pull": Phrase(
        fr="Dans les demandes observées, {share} des différences entre publications venaient de là.",
        en="In the requests observed, {share} of the differences between posts came from there.",
    ),
    "silent": Phrase(
        fr=(
            "Pas assez de données : le modèle ne distingue pas encore les publications là-dessus; pour le moment, "
            "ces points comptent pareil pour toutes."
        ),
        en=(
            "Not enough data: the model cannot yet tell posts apart on this; for now these points count the same for "
            "every post."
        ),
    ),
    "headless": Phrase(
        fr="Le modèle ne sait pas prédire ce geste : la politique ne peut pas entrer en vigueur avec lui.",
        en="The model cannot predict this outcome: the policy cannot come into force with it.",
    ),
    "no_points": Phrase(fr="Aucun point : {nouns}.", en="No points: {nouns}."),
    "rules": Phrase(fr="Les règles", en="The rules"),
    "rules_intro": Phrase(
        fr="Aucune règle n’augmente jamais la valeur d’une publication. Elles s’appliquent dans cet ordre :",
        en="No rule ever raises a post’s value. They apply in this order:",
    ),
    "no_rules": Phrase(fr="Cette politique n’en a aucune.", en="This policy has none."),
    "exploration": Phrase(fr="L’exploration", en="Exploration"),
    "explores": Phrase(
        fr=(
            "Dans {share} des demandes, deux publications sont échangées au hasard; c’est ainsi que l’on apprend si "
            "une autre politique ferait mieux. Ce tirage est gardé avec chaque décision, et on peut le refaire."
        ),
        en=(
            "In {share} of requests two posts are swapped by lot; this is how we learn whether another policy would "
            "do better. The lot is kept with each decision and can be drawn again."
        ),
    ),
    "explores_not": Phrase(
        fr="Aucune : jamais deux publications ne sont échangées au hasard.",
        en="None: no two posts are ever swapped by lot.",
    ),
    "choice": Phrase(fr="Ce que chaque personne peut changer", en="What each person can change"),
    "newest_first": Phrase(
        fr="Choisir « plus récent d’abord » : aucun modèle, aucun profil, seulement la date.",
        en="Choose “newest first”: no model, no profile, only the date.",
    ),
    "slider": Phrase(
        fr="Régler {noun} pour soi, de {low} à {high} des points votés ({low_points} à {high_points} points).",
        en="Set {noun} for oneself, from {low} to {high} of the points voted ({low_points} to {high_points} points).",
    ),
    "slider_idle": Phrase(
        fr="Le réglage prévu pour {noun} ne change rien tant que cet objectif n’a aucun point.",
        en="The slider for {noun} changes nothing as long as this objective has no points.",
    ),
    "fixed": Phrase(fr="Sans réglage personnel : {nouns}.", en="Without a slider: {nouns}."),
    "not_decided": Phrase(fr="Ce qu’aucune machine ne décide", en="What no machine decides"),
    "not_decided_text": Phrase(
        fr=(
            "Les points, les règles et ces textes sont adoptés par des personnes. Le modèle prédit des gestes; il ne "
            "dit pas ce qui est vrai, bon ou permis. Retirer une publication, sanctionner un compte et traiter un "
            "signalement reviennent à des personnes. Ce texte ne dit pas non plus quelles publications sont "
            "proposées au classement, ni si les nombres envoyés à leur sujet sont exacts."
        ),
        en=(
            "The points, the rules and these texts are adopted by people. The model predicts outcomes; it does not "
            "say what is true, good or allowed. Removing a post, sanctioning an account and dealing with a report "
            "are for people. Nor does this text say which posts are offered for ranking, or whether the numbers sent "
            "about them are true."
        ),
    ),
    "terms": Phrase(
        fr="Pour les conditions d’utilisation (règlement (UE) 2022/2065, article 27)",
        en="For the terms and conditions (Regulation (EU) 2022/2065, article 27)",
    ),
    "terms_parameters": Phrase(
        fr=(
            "Principaux paramètres. L’ordre du fil « {surface} » dépend surtout, du plus au moins important, de : "
            "{nouns}."
        ),
        en=(
            "Main parameters. The order of the “{surface}” feed depends above all, from most to least important, on: "
            "{nouns}."
        ),
    ),
    "terms_against": Phrase(fr="{noun} (comptent contre)", en="{noun} (count against)"),
    "terms_estimate": Phrase(
        fr=(
            "Pour chacun, un modèle estime à quel point le geste est plus probable que d’habitude de la part de la "
            "personne qui regarde."
        ),
        en="For each, a model estimates how much likelier than usual the outcome is from the person who is looking.",
    ),
    "terms_rules": Phrase(fr="Comptent aussi : {rules}.", en="Also taken into account: {rules}."),
    "terms_why": Phrase(
        fr=(
            "Pourquoi cette importance. Les nombres de points et les raisons sont ceux du texte de la politique, "
            "publié en entier avec son empreinte : « {title} »."
        ),
        en=(
            "Why this importance. The numbers of points and the reasons are those of the policy’s text, published in "
            "full with its digest: “{title}”."
        ),
    ),
    "terms_change": Phrase(
        fr=(
            "Comment le changer. En tout temps, chaque personne peut {sliders}choisir l’ordre « plus récent "
            "d’abord », qui ne repose sur aucun profilage."
        ),
        en=(
            "How to change it. At any time each person can {sliders}choose the order “newest first”, which uses no "
            "profiling."
        ),
    ),
    "terms_sliders": Phrase(fr="régler pour soi {nouns}, ou ", en="set {nouns} for herself or himself, or "),
    "digests": Phrase(
        fr=(
            "Empreintes. Ce que la machine suit : {canon}. Le fichier que lisent les membres : {file}. Limites : "
            "{limits}."
        ),
        en="Digests. What the machine obeys: {canon}. The file that members read: {file}. Limits: {limits}.",
    ),
}
