"""What the assisted voting station says, what stands on a key's sheet, and what a slip shows afterwards."""

from collections.abc import Mapping

from rankd.core.words.language import Phrase

SHEET: Mapping[str, Phrase] = {
    "title": Phrase(fr="Clé de membre sur papier", en="Member key on paper"),
    "member": Phrase(fr="Membre : {member}", en="Member: {member}"),
    "member_first": Phrase(
        fr="(c’est votre nom dans le registre si cette clé est votre première)",
        en="(this is your name on the roll where this key is your first)",
    ),
    "public": Phrase(fr="Clé publique : {public}", en="Public key: {public}"),
    "secret": Phrase(
        fr="Secret — qui lit ces {count} lignes peut voter à votre place :",
        en="Secret — whoever reads these {count} lines can vote in your place:",
    ),
    "line": Phrase(fr="  {number}.  {text}", en="  {number}.  {text}"),
    "letters": Phrase(
        fr="Il n’y a ni I, ni L, ni O, ni U : un rond est un zéro, une barre est un un.",
        en="There is no I, L, O or U: a circle is a zero, a bar is a one.",
    ),
    "keep": Phrase(
        fr="Gardez cette feuille chez vous, à l’abri, et une copie dans un autre lieu. Personne ne peut la refaire.",
        en="Keep this sheet at home, in a safe place, and copy one for another place. Nobody can make it again.",
    ),
    "give": Phrase(
        fr="Ne la montrez à personne, ne la photographiez pas. Au secrétariat, ne donnez que le nom de membre.",
        en="Show it to nobody, take no photograph. Give the secretary the member’s name only.",
    ),
    "next": Phrase(
        fr="Pour vous inscrire : rankd member register --paper. Pour voter : l’isoloir de votre coopérative.",
        en="To register: rankd member register --paper. To vote: your co-op’s voting station.",
    ),
    "lost": Phrase(
        fr="Perdue ou vue par quelqu’un : dites-le au secrétariat, qui inscrira une nouvelle clé.",
        en="Lost, or seen by somebody: tell the secretary, who will enter another key.",
    ),
    "copied": Phrase(
        fr="Recopiée ? Vérifiez la copie : rankd keys paper --check. Puis effacez cet écran.",
        en="Copied? Check the copy: rankd keys paper --check. Then clear this screen.",
    ),
    "checked": Phrase(
        fr="La feuille est juste. Membre {member}, clé publique {public}",
        en="The sheet is right. Member {member}, public key {public}",
    ),
}
"""What stands on the sheet, and what is said of it."""

ASKED: Mapping[str, Phrase] = {
    "hidden": Phrase(
        fr="Tapez les {count} lignes de votre feuille; rien ne s’affiche.",
        en="Type the {count} lines of your sheet; nothing is shown.",
    ),
    "line": Phrase(fr="Ligne {line} sur {count} : ", en="Line {line} of {count}: "),
    "yes_no": Phrase(
        fr="Votre voix (o : oui, n : non, a : abstention, q : partir sans voter) : ",
        en="Your vote (y: yes, n: no, a: abstain, q: leave without voting): ",
    ),
    "rank": Phrase(
        fr="Votre classement, comme 2>0,1 : la meilleure d’abord, des égales séparées par une virgule (q : partir "
        "sans voter) : ",
        en="Your ranking, such as 2>0,1: best first, equals with a comma between them (q: leave without voting): ",
    ),
    "points": Phrase(
        fr="{total} points à répartir, objectif par objectif. Entrée garde les points d’aujourd’hui, si c’est "
        "possible. r : recommencer, a : abstention, q : partir sans voter.",
        en="Points to hand out: {total}, objective by objective. Enter keeps today’s points where that is possible. r: "
        "begin again, a: abstain, q: leave without voting.",
    ),
    "objective": Phrase(
        fr="Restent {left}. {objective} ({noun}), de {least} à {most}{today} : ",
        en="Left: {left}. {objective} ({noun}), {least} to {most}{today}: ",
    ),
    "today": Phrase(fr=", aujourd’hui {points}", en=", today {points}"),
    "rest": Phrase(
        fr="{objective} ({noun}) : {points}, ce que les autres laissent.",
        en="{objective} ({noun}): {points}, what the others leave.",
    ),
    "sign": Phrase(
        fr="Signer ? (o : oui, r : choisir autrement, q : partir sans voter) : ",
        en="Sign? (y: yes, r: choose otherwise, q: leave without voting): ",
    ),
    "done": Phrase(
        fr="Recopiez ou imprimez le talon, puis Entrée : l’écran sera effacé. ",
        en="Copy or print the slip, then Enter: the screen will be cleared. ",
    ),
    "again": Phrase(fr="Entrée : réessayer; q : abandonner. ", en="Enter: try again; q: give up. "),
    "leave": Phrase(fr="Entrée : effacer l’écran. ", en="Enter: clear the screen. "),
}
"""What is asked."""

STATION: Mapping[str, Phrase] = {
    "open": Phrase(fr="Isoloir : {name}, {origin}", en="Voting station: {name}, {origin}"),
    "clock": Phrase(
        fr="L’horloge de ce poste : {time} (UTC). Le vote se ferme : {close}. Si l’heure est fausse, n’ouvrez pas.",
        en="The clock of this station: {time} (UTC). The vote closes: {close}. If the time is wrong, do not open.",
    ),
    "swap": Phrase(
        fr="Rien n’est gardé ici d’un membre au suivant, sauf si ce système écrit sa mémoire sur un disque (swap, "
        "veille prolongée) : désactivez-les.",
        en="Nothing is kept here from one member to the next, unless this system writes its memory to a disk (swap, "
        "hibernation): switch them off.",
    ),
    "end": Phrase(
        fr="Membre suivant. Pour fermer l’isoloir : Ctrl-D à la première ligne.",
        en="Next member. To close the station: Ctrl-D at the first line.",
    ),
    "who": Phrase(
        fr="Vous êtes le membre {member}. Si ce n’est pas le nom de votre feuille, partez sans voter.",
        en="You are member {member}. If this is not the name on your sheet, leave without voting.",
    ),
    "not_understood": Phrase(fr="Cette réponse n’est pas comprise.", en="This answer is not understood."),
    "out_of_bounds": Phrase(fr="De {least} à {most}.", en="{least} to {most}."),
    "left": Phrase(fr="Rien n’a été signé.", en="Nothing was signed."),
    "given_up": Phrase(
        fr="Le bulletin signé n’existe plus ici. S’il est arrivé malgré tout, il compte; un vote plus tard le "
        "remplacerait.",
        en="The signed ballot is no more here. If it arrived all the same, it counts; a later vote would replace it.",
    ),
    "closed": Phrase(fr="Isoloir fermé. Bulletins signés : {count}.", en="Station closed. Ballots signed: {count}."),
    "yes_no_how": Phrase(fr="On répond par oui, non ou abstention.", en="The answer is yes, no or abstention."),
    "rank_how": Phrase(
        fr="On répond par un classement, la meilleure d’abord. Les options non nommées viennent en dernier.",
        en="The answer is a ranking, best first. Options not named come last.",
    ),
    "points_how": Phrase(
        fr="On répond par mille points, objectif par objectif.",
        en="The answer is a thousand points, objective by objective.",
    ),
}
"""What the station says."""

SLIP: Mapping[str, Phrase] = {
    "title": Phrase(fr="Talon", en="Slip"),
    "about": Phrase(fr="Vote {name}, {origin}", en="Vote {name}, {origin}"),
    "time": Phrase(fr="{time} (UTC)", en="{time} (UTC)"),
    "digest": Phrase(
        fr="Bulletin {digest} (les 16 premiers chiffres suffisent)", en="Ballot {digest} (the first 16 digits will do)"
    ),
    "number": Phrase(fr="Numéro {number}", en="Number {number}"),
    "index": Phrase(fr="Entrée {index}, feuille {leaf}", en="Entry {index}, leaf {leaf}"),
    "until": Phrase(fr="Public au plus tard : {until}", en="Public by: {until}"),
    "receipt": Phrase(fr="Reçu signé {file}", en="Signed receipt: {file}"),
    "file": Phrase(fr="Fichier {file}", en="File {file}"),
    "check": Phrase(
        fr="Après la clôture, sur une autre machine : rankd ballot slip {name} {digest}",
        en="After the close, on another machine: rankd ballot slip {name} {digest}",
    ),
    "later": Phrase(
        fr="Pour revoter chez vous : rankd vote {name} --number {next} (ou plus); un numéro plus petit ne le "
        "remplacerait pas.",
        en="To vote again at home: rankd vote {name} --number {next} (or more); a smaller number would not replace it.",
    ),
}
"""What stands on a slip; not what was voted."""

SLIP_CHECKED: Mapping[str, Phrase] = {
    "says": Phrase(fr="Membre {member}, bulletin : {choice}", en="Member {member}, ballot: {choice}"),
    "compare": Phrase(
        fr="Si ce n’est pas votre nom de membre, ou pas ce que vous avez choisi, le poste vous a trompé : dites-le "
        "aux scrutateurs et gardez le talon.",
        en="If this is not your member’s name, or not what you chose, the station deceived you: tell the scrutineers, "
        "and keep the slip.",
    ),
    "there": Phrase(
        fr="L’entrée {index} est celle du talon, un bulletin sur {name}. Ce qu’il dit se lit après la clôture.",
        en="Entry {index} is the slip’s, a ballot on {name}. What it says can be read after the close.",
    ),
    "differs": Phrase(
        fr="L’entrée {index} n’est pas celle du talon. Gardez le talon et ce dossier, et montrez-les.",
        en="Entry {index} is not the slip’s. Keep the slip and this record, and show them.",
    ),
    "not_yet": Phrase(
        fr="Ce dossier compte {size} entrées; le talon nomme l’entrée {index}. Prenez un dossier plus récent.",
        en="This record has {size} entries; the slip names entry {index}. Take a newer record.",
    ),
    "sealed": Phrase(
        fr="Les bulletins de {name} ne sont pas encore publics : revenez après la clôture. Un talon avec entrée et "
        "feuille se vérifie déjà (--index, --leaf).",
        en="The ballots on {name} are not public yet: come back after the close. A slip with entry and leaf can be "
        "checked already (--index, --leaf).",
    ),
    "absent": Phrase(
        fr="Aucun bulletin de {name} ne porte ce talon parmi les {size} entrées de ce dossier. Le bulletin n’a pas été "
        "inscrit : demandez aux scrutateurs, et gardez le talon.",
        en="No ballot on {name} bears this slip among the {size} entries of this record. The ballot was not entered: "
        "ask the scrutineers, and keep the slip.",
    ),
}
"""What became of a slip's ballot."""
