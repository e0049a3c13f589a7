"""What a constitution means for members, and why its hard bounds exist, in French and in English."""

from collections.abc import Mapping

from rankd.core.words.language import Phrase

SUBJECT_HEADS: Mapping[str, Phrase] = {
    "policy": Phrase(fr="Changer la politique d’un fil", en="Changing a feed’s policy"),
    "model": Phrase(fr="Changer le modèle d’un fil", en="Changing a feed’s model"),
    "constitution": Phrase(fr="Changer cette constitution", en="Changing this constitution"),
}

CONSTITUTION: Mapping[str, Phrase] = {
    "about": Phrase(
        fr="Constitution n° {number} de la coopérative « {origin} ».",
        en="Constitution number {number} of the co-op “{origin}”.",
    ),
    "base": Phrase(fr="Elle remplace la constitution {digest}.", en="It replaces the constitution {digest}."),
    "no_base": Phrase(fr="Elle est la première.", en="It is the first one."),
    "dev": Phrase(
        fr="C’est une coopérative d’essai : les bornes qui protègent les membres n’y valent pas.",
        en="This is a co-op for trying things out: the bounds that protect members do not hold in it.",
    ),
    "reasons": Phrase(fr="Les raisons données", en="The reasons given"),
    "people": Phrase(fr="Qui décide", en="Who decides"),
    "members": Phrase(
        fr=(
            "Les membres, une voix chacun. La liste publique des membres ne contient que des pseudonymes et des clés, "
            "jamais de noms. Chaque proposition, chaque appui, chaque argument et chaque vote est signé, puis inscrit "
            "dans un procès-verbal auquel on ne peut qu’ajouter, et que tout le monde peut copier et vérifier."
        ),
        en=(
            "The members, one vote each. The public roll holds nothing but pseudonyms and keys, never names. Every "
            "proposal, sponsor, argument and vote is signed, then written into minutes to which one can only add, and "
            "which anybody can copy and check."
        ),
    ),
    "secretaries": Phrase(
        fr=(
            "Secrétaires : {count} clé{s}. Elles inscrivent et suspendent des membres, sous les yeux de tout le monde, "
            "et peuvent effacer le texte d’un argument ou d’une inscription, avec une raison. Elles ne votent à la "
            "place de personne et ne changent aucun texte."
        ),
        en=(
            "Secretaries: {count} key{s}. They enrol and suspend members, for everybody to see, and can erase the text "
            "of an argument or a registration, with a reason. They vote for nobody and change no text."
        ),
    ),
    "operator": Phrase(
        fr=(
            "Qui fait fonctionner le service ne décide de rien : rankd vérifie le procès-verbal et les votes avant de "
            "suivre une politique ou un modèle, et chaque décision peut être recalculée pour voir s’il l’a fait."
        ),
        en=(
            "Whoever runs the service decides nothing: rankd checks the minutes and the votes before it obeys a policy "
            "or a model, and every decision can be computed again to see whether it did."
        ),
    ),
    "propose": Phrase(fr="Tout membre actif peut faire une proposition.", en="Any active member may make a proposal."),
    "sponsors": Phrase(
        fr="Au moins {count} autre{s} membre{s} doivent l’appuyer en {time} au plus; sinon, elle tombe.",
        en="At least {count} other member{s} must sponsor it within {time}; else it lapses.",
    ),
    "sponsor": Phrase(
        fr="Au moins un autre membre doit l’appuyer en {time} au plus; sinon, elle tombe.",
        en="At least one other member must sponsor it within {time}; else it lapses.",
    ),
    "no_sponsors": Phrase(fr="Elle n’a besoin d’aucun appui.", en="It needs no sponsor."),
    "deliberation": Phrase(
        fr=(
            "On en débat au moins {least}. Un amendement que la personne qui propose accepte fait recommencer ce "
            "délai. En {most} au plus, comptés de même, elle doit avoir fixé le texte; sinon, la proposition tombe."
        ),
        en=(
            "People deliberate for at least {least}. An amendment that the proposer accepts starts this time again. "
            "Within {most}, counted alike, the proposer must have settled the text, or the proposal lapses."
        ),
    ),
    "deliberation_free": Phrase(
        fr="Le texte doit être fixé en {most} au plus; sinon, la proposition tombe.",
        en="The text must be settled within {most}, or the proposal lapses.",
    ),
    "opening": Phrase(
        fr="Le vote s’ouvre {notice} après, sur un texte qui ne change plus, et dure {voting}.",
        en="The vote opens {notice} later, on a text that no longer changes, and lasts {voting}.",
    ),
    "opening_now": Phrase(
        fr="Le vote s’ouvre aussitôt, sur un texte qui ne change plus, et dure {voting}.",
        en="The vote opens at once, on a text that no longer changes, and lasts {voting}.",
    ),
    "quorum_root": Phrase(
        fr=(
            "Le quorum suit la racine du nombre de membres actifs : {small} pour 100 membres, {middle} pour "
            "{thousand}, {large} pour {ten_thousand}."
        ),
        en=(
            "The quorum follows the root of the number of active members: {small} for 100 members, {middle} for "
            "{thousand}, {large} for {ten_thousand}."
        ),
    ),
    "quorum_share": Phrase(
        fr="Le quorum est de {share} des membres actifs.", en="The quorum is {share} of the active members."
    ),
    "quorum_min": Phrase(
        fr="Il ne descend jamais sous {share} des membres actifs.",
        en="It never goes below {share} of the active members.",
    ),
    "yes_no": Phrase(
        fr=(
            "Un oui l’emporte s’il y a plus de {majority} de oui parmi les oui et les non, et si les oui font au moins "
            "la moitié du quorum. Ainsi, voter non n’aide jamais une proposition à passer; s’abstenir ne compte ni "
            "pour ni contre, et une égalité ne suffit pas."
        ),
        en=(
            "Yes wins if more than {majority} of the yes and no votes are yes, and if the yes votes make at least half "
            "the quorum. So voting no never helps a proposal to pass; abstaining counts for neither side, and a tie is "
            "not enough."
        ),
    ),
    "late_swing": Phrase(
        fr="Si le résultat bascule dans les {time} qui précèdent la fin, le vote est prolongé une fois d’autant.",
        en="If the outcome changes within {time} of the end, the vote is extended once by as much.",
    ),
    "timelock": Phrase(
        fr=(
            "Ce qui est adopté entre en vigueur {time} plus tard. D’ici là, {share} des membres actifs peuvent "
            "l’arrêter en signant une opposition."
        ),
        en=(
            "What was adopted comes into force {time} later. Until then {share} of the active members can stop it by "
            "signing a petition."
        ),
    ),
    "timelock_none": Phrase(
        fr="Ce qui est adopté entre en vigueur aussitôt.", en="What was adopted comes into force at once."
    ),
    "by_notice": Phrase(
        fr=(
            "Il n’y a pas de vote : {notice} après la fin du débat, le modèle est annoncé, et il entre en vigueur "
            "{time} plus tard, sauf si {share} des membres actifs s’y opposent d’ici là."
        ),
        en=(
            "There is no vote: {notice} after the debate ends the model is announced, and it comes into force {time} "
            "later unless {share} of the active members object until then."
        ),
    ),
    "expired": Phrase(
        fr=(
            "Si, ce jour-là, le texte ou le modèle qu’il devait remplacer n’est plus celui en vigueur, rien ne "
            "change : la proposition a expiré, et on peut la refaire."
        ),
        en=(
            "If on that day the text or model that it was to replace is no longer the one in force, nothing changes: "
            "the proposal has expired, and it can be made again."
        ),
    ),
    "ballots": Phrase(fr="Comment on vote", en="How people vote"),
    "kinds": Phrase(
        fr=(
            "Oui ou non : un texte, qu’on prend ou qu’on laisse. Classement : plusieurs politiques que chaque personne "
            "met dans l’ordre de sa préférence; « garder les choses comme elles sont » est toujours l’un des choix, et "
            "un texte doit d’abord l’emporter sur lui. On peut voter de nouveau tant que le vote est ouvert : seul le "
            "dernier bulletin compte."
        ),
        en=(
            "Yes or no: one text, to take or to leave. Ranking: several policies that each person puts in order of "
            "preference; “keep things as they are” is always one of the options, and a text must first win against it. "
            "People can vote again while the vote is open: only the last ballot counts."
        ),
    ),
    "points": Phrase(
        fr=(
            "Vote de points : chaque personne répartit mille points entre les gestes, à partir de ceux d’aujourd’hui, "
            "dans les bornes ci-dessous. Le calcul (des « marchés indépendants ») tire de tous les bulletins mille "
            "points, et la moyenne est publiée à côté. Aucun membre, seul, ne peut rapprocher le résultat de ses "
            "propres mille points en remettant d’autres points que les siens, à l’arrondi près (moins d’un point par "
            "geste); un groupe y gagne bien moins qu’avec une moyenne. Le quorum se compte ici en bulletins qui "
            "donnent des points. Pour un geste, le résultat peut être plus petit que ce que chaque personne lui a "
            "donné."
        ),
        en=(
            "Points vote: each person hands out a thousand points to the outcomes, beginning from today’s, within the "
            "bounds below. A calculation (“independent markets”) draws a thousand points from all ballots, and the "
            "mean is published beside it. No single member can bring the result closer to her own thousand points by "
            "handing in other points, apart from rounding (less than one point per objective); a bloc gains far less "
            "than under an average. The quorum is counted here in ballots with points. For one outcome the result can "
            "be below what every single person gave it."
        ),
    ),
    "public": Phrase(
        fr=(
            "Les bulletins sont publics : après la fin du vote, chacun peut lire le bulletin de chaque pseudonyme et "
            "refaire le compte. Le vote n’est donc pas « sans reçu » : une personne peut prouver à une autre comment "
            "elle a voté, et on peut l’y pousser ou la payer pour cela. Qui sait à qui appartient un pseudonyme sait "
            "aussi ce que cette personne a voté. Avant la fin du vote, personne ne voit de compte en cours; mais qui "
            "tient le procès-verbal peut lire les bulletins à mesure qu’ils arrivent."
        ),
        en=(
            "Ballots are public: after the close anybody can read the ballot of every pseudonym and count again. So "
            "the vote is not receipt-free: a person can prove to somebody else how she voted, and can be pressed or "
            "paid to do so. Who knows whose a pseudonym is also knows how that person voted. Before the close nobody "
            "sees a running count; but whoever keeps the minutes can read ballots as they come in."
        ),
    ),
    "guardians": Phrase(fr="Les gardiennes et gardiens", en="The guardians"),
    "guardians_may": Phrase(
        fr=(
            "Sur {count} clés, {needed} ensemble peuvent, en donnant leur raison, arrêter un changement adopté qui "
            "n’est pas encore en vigueur, ou revenir à une politique adoptée auparavant ou à l’ordre « plus récent "
            "d’abord ». Rien d’autre : ni proposer un texte de leur plume, ni toucher à la liste des membres. Un vote "
            "de {time} s’ouvre aussitôt. S’il ne confirme pas ce qui a été fait, cela tombe : le changement entre en "
            "vigueur, ou la politique d’avant revient."
        ),
        en=(
            "Of {count} keys, {needed} together can, giving their reason, stop a change that was adopted but is not "
            "yet in force, or go back to a policy adopted before or to the order “newest first”. Nothing else: they "
            "can neither put in a text of their own nor touch the roll. A vote of {time} opens at once. Unless it "
            "confirms what was done, that lapses: the change comes into force, or the policy from before comes back."
        ),
    ),
    "guardian_may": Phrase(
        fr=(
            "Une seule clé sur {count} suffit pour, en donnant sa raison, arrêter un changement adopté qui n’est pas "
            "encore en vigueur, ou revenir à une politique adoptée auparavant ou à l’ordre « plus récent d’abord ». "
            "Rien d’autre. Un vote de {time} s’ouvre aussitôt. S’il ne confirme pas ce qui a été fait, cela tombe."
        ),
        en=(
            "A single key of {count} is enough to stop, giving a reason, a change that was adopted but is not yet in "
            "force, or to go back to a policy adopted before or to the order “newest first”. Nothing else. A vote of "
            "{time} opens at once. Unless it confirms what was done, that lapses."
        ),
    ),
    "no_guardians": Phrase(
        fr=(
            "Il n’y en a pas : ce que les membres ont adopté n’est arrêté que par une opposition signée, ou par un "
            "autre vote."
        ),
        en="There are none: what members adopted is stopped only by a signed petition, or by another vote.",
    ),
    "limits": Phrase(fr="Ce que toute politique doit respecter", en="What every policy must keep"),
    "ceiling": Phrase(
        fr=(
            "Un geste ne compte jamais pour plus de {ceiling} fois sa fréquence habituelle. Au plus {share} des "
            "demandes peuvent servir à apprendre en échangeant deux publications au hasard."
        ),
        en=(
            "An outcome never counts for more than {ceiling} times its usual rate. At most {share} of requests can be "
            "used to learn by swapping two posts by lot."
        ),
    ),
    "reward": Phrase(
        fr="Compte pour une publication : {noun}, de {low} à {high} points.",
        en="Counts for a post: {noun}, {low} to {high} points.",
    ),
    "penalty": Phrase(
        fr="Compte contre une publication : {noun}, de {low} à {high} points.",
        en="Counts against a post: {noun}, {low} to {high} points.",
    ),
    "digests": Phrase(
        fr="Empreintes. Ce que la machine suit : {canon}. Le fichier que lisent les membres : {file}.",
        en="Digests. What the machine obeys: {canon}. The file that members read: {file}.",
    ),
}

BOUND_WHY: Mapping[str, Phrase] = {
    "sponsors": Phrase(
        fr="Personne n’occupe seul l’assemblée; et une proposition reste à la portée de gens sans appareil.",
        en="Nobody fills the assembly alone; and a proposal stays within reach of people without an organisation.",
    ),
    "sponsorship": Phrase(
        fr="Le temps de trouver des appuis, et une fin pour ce qui n’en trouve pas.",
        en="Time to find sponsors, and an end for what finds none.",
    ),
    "deliberation": Phrase(
        fr="Le temps de lire et de répondre, fins de semaine comprises; sans que l’attente devienne un refus.",
        en="Time to read and to answer, weekends included; without the wait becoming a refusal.",
    ),
    "freezing": Phrase(
        fr="Compté après le débat minimal : le temps de fixer le texte, et une fin pour ce qu’on laisse traîner.",
        en="Counted after the least deliberation: time to settle the text, and an end for what is left lying.",
    ),
    "notice": Phrase(
        fr="Aucun vote ne s’ouvre sans qu’on ait pu l’annoncer.", en="No vote opens before it could be announced."
    ),
    "voting": Phrase(
        fr="Qui n’est pas en ligne tous les jours peut voter; et un vote finit.",
        en="Who is not online every day can vote; and a vote ends.",
    ),
    "quorum": Phrase(
        fr="root ou une part : une poignée ne décide pas pour tous, et l’absence de la moitié ne bloque pas tout.",
        en="root or a share: a handful does not decide for all, and the absence of half does not block everything.",
    ),
    "quorum_constitution": Phrase(
        fr="Une part, pas root : les règles d’un grand nombre ne changent pas par quelques-uns.",
        en="A share, not root: the rules of many are not changed by a few.",
    ),
    "quorum_min": Phrase(
        fr="Un plancher, pas un moyen d’empêcher toute décision.",
        en="A floor, not a means to prevent every decision.",
    ),
    "majority": Phrase(
        fr="Au moins la moitié à dépasser; au plus trois quarts, pour qu’un petit nombre ne bloque pas tout.",
        en="At least half must be exceeded; three quarters at most, so that a few do not block everything.",
    ),
    "majority_constitution": Phrase(
        fr="Changer les règles demande plus qu’une majorité du jour, sans devenir impossible.",
        en="To change the rules takes more than the majority of one day, without becoming impossible.",
    ),
    "late_swing": Phrase(
        fr="Une prolongation protège d’une surprise; plus d’une semaine retarderait le vote.",
        en="An extension protects against a surprise; more than a week would delay the vote.",
    ),
    "timelock": Phrase(
        fr="Le temps de voir venir un changement et de s’y opposer; sans le remettre sans fin.",
        en="Time to see a change coming and to object; without putting it off for ever.",
    ),
    "recall": Phrase(
        fr="Une personne seule n’arrête pas un vote; et s’opposer reste possible.",
        en="One person alone does not stop a vote; and objecting stays possible.",
    ),
    "needed": Phrase(
        fr="S’il y a des gardiens : jamais une personne seule, dont la clé peut être volée.",
        en="Where there are guardians: never one person alone, whose key can be stolen.",
    ),
    "confirmation": Phrase(
        fr="S’il y a des gardiens : les membres ont le temps de les juger, et n’attendent pas longtemps.",
        en="Where there are guardians: members have time to judge them, and do not wait for long.",
    ),
}
