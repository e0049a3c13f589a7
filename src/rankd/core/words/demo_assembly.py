"""What the demo says of its co-op, and what its invented members say there, in French and in English."""

from collections.abc import Mapping

from rankd.core.words.language import Phrase

ASSEMBLY_SAY: Mapping[str, Phrase] = {
    "founded": Phrase(
        fr="Une coopérative d’essai se fonde : {founders} et, au secrétariat, {secretary}. La secrétaire admet ensuite "
        "{newcomers}.",
        en="A development co-op founds itself: {founders} and, as secretary, {secretary}. The secretary then admits "
        "{newcomers}.",
    ),
    "genesis": Phrase(fr="Empreinte fondatrice : {genesis}", en="Genesis digest: {genesis}"),
    "by_assembly": Phrase(
        fr="Politique {number}, activation {activation}, adoptée par {proposal}; ratification {ratification}, puisque "
        "la coopérative est d’essai. Le service ne sert que ce que le procès-verbal prouve.",
        en="Policy {number}, activation {activation}, adopted by {proposal}; ratification {ratification}, since "
        "this is a development co-op. The service serves only what the minutes prove.",
    ),
    "yes_no": Phrase(
        fr="5. Les membres décident : oui ou non, en sachant ce que cela change",
        en="5. The members decide: yes or no, knowing what it changes",
    ),
    "points_vote": Phrase(
        fr="6. Les membres décident : mille points par personne",
        en="6. The members decide: a thousand points each",
    ),
    "proposed": Phrase(
        fr="{proposal} « {title} », proposée par {name}, parrainée par {sponsors} :",
        en="{proposal} “{title}”, proposed by {name}, sponsored by {sponsors}:",
    ),
    "points_changed": Phrase(fr="  Points : {changed} …", en="  Points: {changed} …"),
    "changed": Phrase(fr="{noun} {before} → {after}", en="{noun} {before} → {after}"),
    "impact": Phrase(
        fr="« {title} » : ce que cette politique aurait changé aux décisions qui viennent d’être enregistrées :",
        en="“{title}”: what this policy would have changed in the decisions that were just recorded:",
    ),
    "impact_bound": Phrase(
        fr="Cette incidence ({digest}…) est inscrite avec le texte arrêté, et dans chaque bulletin.",
        en="This impact ({digest}…) is entered with the settled text, and named by every ballot.",
    ),
    "debate": Phrase(fr="Le débat, signé :", en="The debate, signed:"),
    "argument": Phrase(fr="{name}, {side} : « {text} »", en="{name}, {side}: “{text}”"),
    "reply": Phrase(fr="{name} répond, {side} : « {text} »", en="{name} answers, {side}: “{text}”"),
    "course": Phrase(
        fr="Au procès-verbal : proposée le jour 0, {days}. En vrai : {seconds} s.",
        en="In the minutes: proposed on day 0, {days}. In fact: {seconds} s.",
    ),
    "day_frozen": Phrase(fr="jour {day} texte arrêté", en="text settled on day {day}"),
    "day_voting": Phrase(fr="jour {day} vote ouvert", en="vote opened on day {day}"),
    "day_queued": Phrase(fr="jour {day} adoptée", en="passed on day {day}"),
    "day_activated": Phrase(fr="jour {day} en vigueur", en="in force on day {day}"),
    "points_result": Phrase(
        fr="{count} bulletins; il en fallait {quorum}. Personne ne rapproche seul le résultat de ses points en "
        "exagérant, sauf d’un arrondi (les marchés indépendants). La moyenne ne décide de rien :",
        en="{count} ballots; it took {quorum}. Nobody alone brings the result closer to her points by exaggerating, "
        "but for rounding (independent markets). The mean decides nothing:",
    ),
    "objective": Phrase(fr="Geste", en="Outcome"),
    "markets": Phrase(fr="Marchés", en="Markets"),
    "mean": Phrase(fr="Moyenne", en="Mean"),
    "text_made": Phrase(
        fr="Le texte qui en vient : « points: vote » y devient « {line} … »; empreinte {digest}",
        en="The text that it makes: “points: vote” becomes “{line} …”; digest {digest}",
    ),
    "in_force": Phrase(
        fr="En vigueur sans redémarrage : politique {before} → {after}, activation {old} → {activation}, adoptée par "
        "{proposal}, {ratification}.",
        en="In force without a restart: policy {before} → {after}, activation {old} → {activation}, adopted by "
        "{proposal}, {ratification}.",
    ),
    "before": Phrase(fr="{name} : la même demande, avant", en="{name}: the same request, before"),
    "after": Phrase(fr="Après", en="After"),
    "first_change": Phrase(
        fr="Pourquoi, à la place {rank} : « {new} » passe devant « {old} ». Avant {new_before} contre {old_before}, "
        "après {new_after} contre {old_after}.",
        en="Why, at place {rank}: “{new}” goes ahead of “{old}”. Before {new_before} to {old_before}, after "
        "{new_after} to {old_after}.",
    ),
    "pushes": Phrase(fr="Ce qui a joué : {pushes}.", en="What made it: {pushes}."),
    "push": Phrase(
        fr="{noun}, {before} → {after} points (écart {change})", en="{noun}, {before} → {after} points (gap {change})"
    ),
    "same_slate": Phrase(
        fr="{name} : les points ont changé, ses premières places non.",
        en="{name}: the points have changed, the first places have not.",
    ),
    "checks": Phrase(
        fr="{name} vérifie avec le reçu de son bulletin, à partir du dossier public :",
        en="{name} checks with the receipt of her ballot, from the public record:",
    ),
    "quoted_line": Phrase(fr="  « {text} »", en="  “{text}”"),
}

ARGUMENTS: Mapping[str, Phrase] = {
    "clicks_for": Phrase(
        fr="Ouvrir une vidéo, c’est dire ce qu’on veut voir. Comptons-le.",
        en="Opening a video says what we want to see. Let it count.",
    ),
    "clicks_against": Phrase(
        fr="Un titre racoleur se fait ouvrir, puis refermer. Lisez l’incidence.",
        en="A lurid title gets opened, then closed. Read the impact.",
    ),
    "clicks_answer": Phrase(
        fr="Je l’ai lue. Essayons quelques semaines, et reparlons-en.",
        en="I did. Let us try for some weeks, then talk again.",
    ),
    "clicks_quota": Phrase(
        fr="Les vidéos d’ici gardent leurs trois places sur dix.", en="Local videos keep their three places in ten."
    ),
    "points_for": Phrase(
        fr="Six cents points pour un clic, c’est trop. Que chaque membre dise les siens.",
        en="Six hundred points for a click are too many. Let every member say hers.",
    ),
    "points_against": Phrase(fr="Qui exagère tirera la moyenne à soi.", en="Whoever exaggerates will pull the mean."),
    "points_answer": Phrase(
        fr="Ce n’est pas une moyenne : exagérer seul n’y gagne rien.",
        en="It is no mean: exaggerating alone gains nothing.",
    ),
}
