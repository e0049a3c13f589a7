"""What `rankd vote` and `rankd ballot` say: the paper, what is signed, and whether a ballot was counted."""

from collections.abc import Mapping

from rankd.core.words.language import Phrase

PAPER: Mapping[str, Phrase] = {
    "question": Phrase(fr="Ce qui est à décider", en="What is to be decided"),
    "confirm_cancel": Phrase(
        fr="Oui confirme l’annulation : {name} n’entrera pas en vigueur. Non la lève : {name} entre en vigueur "
        "à la clôture.",
        en="Yes confirms the cancellation: {name} will not come into force. No lifts it: {name} comes into "
        "force at the close.",
    ),
    "confirm_rollback": Phrase(
        fr="Oui confirme le retour. Non le lève : la politique d’avant revient à la clôture.",
        en="Yes confirms the return. No lifts it: the policy before comes back at the close.",
    ),
    "options": Phrase(fr="0 : garder les choses telles qu’elles sont.", en="0: keep things as they are."),
    "option": Phrase(fr="{number} : « {title} »", en="{number}: “{title}”"),
    "rank_how": Phrase(
        fr='Votre classement, la meilleure d’abord : --rank "2>0,1". Les options non nommées viennent en dernier.',
        en='Your ranking, best first: --rank "2>0,1". Options not named come last.',
    ),
    "points_how": Phrase(
        fr="Mille points à répartir. Le bulletin part de ceux d’aujourd’hui : --points {template}",
        en="A thousand points to hand out. The paper starts from today’s: --points {template}",
    ),
    "points_how_first": Phrase(
        fr="Mille points à répartir : --points {template}, et le reste selon votre choix.",
        en="A thousand points to hand out: --points {template}, and the rest as you choose.",
    ),
    "points_bounds": Phrase(
        fr="{objective} ({noun}) : de {least} à {most}", en="{objective} ({noun}): {least} to {most}"
    ),
    "yes_no_how": Phrase(fr="Votre voix : --yes, --no ou --abstain.", en="Your vote: --yes, --no or --abstain."),
    "secret": Phrase(
        fr="Jusqu’à la clôture, les bulletins ne sont pas publics; seul peut les lire qui tient le procès-verbal. "
        "Ensuite ils sont publics, sous votre pseudonyme, avec leur signature : vous pouvez donc prouver à "
        "quelqu’un comment vous avez voté, et l’on peut vous le demander. Si l’on vous y force, votez de nouveau "
        "plus tard : seul le dernier bulletin compte.",
        en="Until the close ballots are not public; only who keeps the minutes can read them. Then they are public, "
        "under your pseudonym, with their signature: so you can prove to somebody how you voted, and somebody can "
        "ask you to. If you are forced, vote again later: only the last ballot counts.",
    ),
    "signs": Phrase(fr="Ce que vous allez signer", en="What you are about to sign"),
    "signs_co": Phrase(fr="Coopérative : {origin}, {genesis}", en="Co-op: {origin}, {genesis}"),
    "signs_member": Phrase(fr="Membre : {member}", en="Member: {member}"),
    "signs_about": Phrase(fr="Sur : {name}", en="About: {name}"),
    "signs_text": Phrase(
        fr="Texte {number} : {canon} (ce que la machine suit), {file} (le fichier)",
        en="Text {number}: {canon} (what the machine obeys), {file} (the file)",
    ),
    "signs_pinned": Phrase(
        fr="Constitution {constitution}, registre {roll}, effet mesuré {impact}",
        en="Constitution {constitution}, roll {roll}, impact {impact}",
    ),
    "signs_choice": Phrase(fr="Bulletin numéro {number} : {choice}", en="Ballot number {number}: {choice}"),
    "again": Phrase(
        fr="Il remplacera vos bulletins précédents sur {name}.", en="It will replace your earlier ballots on {name}."
    ),
    "none": Phrase(fr="aucun", en="none"),
    "own_points": Phrase(fr="Vos points, sur les décisions passées", en="Your points, on past decisions"),
}
"""Sentences of the paper."""

CHOICES: Mapping[str, Phrase] = {
    "yes": Phrase(fr="oui", en="yes"),
    "no": Phrase(fr="non", en="no"),
    "abstain": Phrase(fr="abstention", en="abstention"),
}
"""How a choice is said."""

FATES: Mapping[str, Phrase] = {
    "counted": Phrase(
        fr="Compté. Votre bulletin numéro {number} est au procès-verbal (entrée {index}) et compte dans le résultat de "
        "{name}.",
        en="Counted. Your ballot number {number} is in the minutes (entry {index}) and counts in the result of {name}.",
    ),
    "replaced": Phrase(
        fr="Remplacé. Votre bulletin numéro {number} (entrée {index}) a cédé la place à votre numéro "
        "{by_number} (entrée {by_index}), qui compte.",
        en="Replaced. Your ballot number {number} (entry {index}) gave way to your number {by_number} (entry "
        "{by_index}), which counts.",
    ),
    "clashed": Phrase(
        fr="Non compté. Deux bulletins différents portent votre numéro {number} (entrées {index} et "
        "{by_index}) : ni l’un ni l’autre ne compte. Si vous n’avez signé qu’un des deux, quelqu’un d’autre "
        "a votre clé.",
        en="Not counted. Two different ballots bear your number {number} (entries {index} and {by_index}): "
        "neither counts. If you signed only one of them, somebody else has your key.",
    ),
    "open": Phrase(
        fr="Au procès-verbal (entrée {index}). Le vote sur {name} est encore ouvert : à la clôture il comptera, sauf "
        "si un bulletin à vous d’un numéro plus grand y est aussi.",
        en="In the minutes (entry {index}). The vote on {name} is still open: at the close it will count, unless a "
        "ballot of yours with a higher number is there as well.",
    ),
    "overtaken": Phrase(
        fr="Remplacé. Votre bulletin numéro {number} (entrée {index}) a cédé la place à votre numéro {by_number} "
        "(entrée {by_index}). Le vote sur {name} est encore ouvert.",
        en="Replaced. Your ballot number {number} (entry {index}) gave way to your number {by_number} (entry "
        "{by_index}). The vote on {name} is still open.",
    ),
    "hidden": Phrase(
        fr="Encore impossible à dire, et c’est normal : jusqu’à la clôture, le {close}, ce dossier ne montre aucun "
        "bulletin, et sans son reçu rien ne distingue le vôtre des autres. Si vous avez un reçu (….kept.json), "
        "donnez-le à la place du bulletin; sinon, vérifiez de nouveau après la clôture.",
        en="It cannot be told yet, and that is as it should be: until the close, on {close}, this record shows no "
        "ballot, and without its receipt nothing tells yours from the others. If you have a receipt (….kept.json), "
        "give it in place of the ballot; else check again after the close.",
    ),
    "withheld": Phrase(
        fr="Encore impossible à dire : le vote sur {name} est clos, mais ce dossier n’en montre pas encore les "
        "bulletins. Reprenez un dossier à jour et vérifiez de nouveau.",
        en="It cannot be told yet: the vote on {name} is over, but this record does not show its ballots yet. Take a "
        "current record and check again.",
    ),
    "sealed": Phrase(
        fr="Au procès-verbal (entrée {index}), mais les bulletins de {name} ne sont pas encore dans ce "
        "dossier : on ne peut pas encore voir s’il compte.",
        en="In the minutes (entry {index}), but the ballots on {name} are not in this record yet: whether it "
        "counts cannot be seen yet.",
    ),
    "entered": Phrase(
        fr="Au procès-verbal (entrée {index}), et en règle.", en="In the minutes (entry {index}), and in order."
    ),
    "void": Phrase(
        fr="Nul. L’entrée {index} est au procès-verbal, mais elle enfreint une règle et ne change rien. {why}",
        en="Void. Entry {index} is in the minutes, but it breaks a rule and changes nothing. {why}",
    ),
    "not_public": Phrase(
        fr="Pas encore public : ce dossier compte {size} entrées, et le reçu promet l’entrée {index} au plus "
        "tard le {until}. Si un dossier à jour ne la montre pas après ce moment, ce reçu est la preuve "
        "d’une faute : gardez-le et montrez-le.",
        en="Not yet public: this record has {size} entries, and the receipt promises entry {index} by {until} "
        "at the latest. If a current record does not show it after that, this receipt proves a fault: keep "
        "it and show it.",
    ),
    "absent": Phrase(
        fr="Introuvable parmi les {size} entrées de ce dossier. Reprenez un dossier à jour; s’il n’y est pas non plus, "
        "remettez-le de nouveau tant qu’il en est temps, et demandez au secrétariat.",
        en="Not found among the {size} entries of this record. Take a current record; if it is not there either, hand "
        "it in again while there is time, and ask the secretary.",
    ),
    "other": Phrase(
        fr="Promesse rompue : à l’entrée {index}, le procès-verbal contient autre chose que ce que promet ce "
        "reçu signé. Le reçu et ce dossier ensemble en sont la preuve : gardez les deux et montrez-les.",
        en="Broken promise: at entry {index} the minutes hold something else than this signed receipt "
        "promises. The receipt and this record together are the proof: keep both and show them.",
    ),
}
"""What became of an entry."""
