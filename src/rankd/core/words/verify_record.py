"""What `rankd verify` says of a co-op's public record."""

from collections.abc import Mapping

from rankd.core.words.language import Phrase

VERDICTS: Mapping[str, Phrase] = {
    "good": Phrase(
        fr="Tout se recalcule : le procès-verbal de {origin} est en ordre.",
        en="Everything can be recomputed: the minutes of {origin} are in order.",
    ),
    "bad": Phrase(
        fr="Quelque chose parle contre le procès-verbal de {origin}, ou y manque.",
        en="Something speaks against the minutes of {origin}, or is missing there.",
    ),
    "void": Phrase(
        fr="Tout se recalcule, mais le procès-verbal de {origin} contient ce qui n’aurait pas dû y être inscrit.",
        en="Everything can be recomputed, but the minutes of {origin} hold what should not have been entered.",
    ),
    "dev": Phrase(
        fr="COOPÉRATIVE D’ESSAI : les heures y sont données à la main et les délais peuvent être nuls. Rien ici n’est "
        "un vote de membres.",
        en="DEVELOPMENT CO-OP: times are given by hand and delays may be nothing. Nothing here is a vote of members.",
    ),
}

SAYINGS: Mapping[str, Phrase] = {
    "co": Phrase(
        fr="{members} membre{s} actif{s}; {size} entrées vérifiées : signatures, règles, heures. Jugé au {time} (temps "
        "universel).",
        en="{members} active member{s}; {size} entries verified: signatures, rules, times. Judged on {time} (universal "
        "time).",
    ),
    "cosigned": Phrase(fr="Cosigné par {names}.", en="Cosigned by {names}."),
    "votes": Phrase(fr="Votes recomptés{how} : {count}.", en="Votes counted again{how}: {count}."),
    "by_naive": Phrase(fr=", par l’autre programme", en=", by the other program"),
    "by_both": Phrase(fr=", par deux programmes écrits à part", en=", by two programs written apart"),
    "vote": Phrase(
        fr="{name} « {title} » : {found}. Fin le {time}; {state}.",
        en="{name} “{title}”: {found}. Ended {time}; {state}.",
    ),
    "confirmation": Phrase(
        fr="{name}, les gardiens {demand} : {found}. Fin le {time}; {state}.",
        en="{name}, the guardians {demand}: {found}. Ended {time}; {state}.",
    ),
    "yes_no": Phrase(
        fr="{yes} oui, {no} non, {abstain} abstention{s} sur {members} membres",
        en="{yes} yes, {no} no, {abstain} abstaining, of {members} members",
    ),
    "ranking": Phrase(
        fr="{count} classements sur {members} membres; le texte {winner} l’emporte",
        en="{count} rankings of {members} members; text {winner} won",
    ),
    "ranking_none": Phrase(
        fr="{count} classements sur {members} membres; rien ne change",
        en="{count} rankings of {members} members; nothing changes",
    ),
    "points": Phrase(
        fr="{count} bulletins sur {members} membres; {points}", en="{count} ballots of {members} members; {points}"
    ),
    "points_none": Phrase(
        fr="{count} bulletins sur {members} membres, trop peu pour décider",
        en="{count} ballots of {members} members, too few to decide",
    ),
    "in_force": Phrase(fr="En vigueur :", en="In force:"),
    "policy": Phrase(
        fr="{surface} : politique {number}, {cause}, depuis le {time}.",
        en="{surface}: policy {number}, {cause}, since {time}.",
    ),
    "baseline": Phrase(
        fr="{surface} : aucune politique, l’ordre de base (du plus récent au plus ancien).",
        en="{surface}: no policy, the baseline order (newest first).",
    ),
    "model": Phrase(
        fr="{surface} : modèle {digest}, {cause}, depuis le {time}.",
        en="{surface}: model {digest}, {cause}, since {time}.",
    ),
    "constitution": Phrase(
        fr="Constitution {number} « {title} », {cause}, depuis le {time}.",
        en="Constitution {number} “{title}”, {cause}, since {time}.",
    ),
    "bad": Phrase(fr="Ce qui ne tient pas :", en="What does not hold:"),
    "fault": Phrase(fr="{message}", en="{message}"),
    "fault_many": Phrase(fr="{message} (Et {count} autres entrées.)", en="{message} (And {count} more entries.)"),
    "voids": Phrase(
        fr="Entrées nulles, signées mais contraires à une règle; elles ne changent rien, et le reste tient. Qui suit "
        "les règles ne les aurait pas inscrites : {count}.",
        en="Void entries, signed but against a rule; they change nothing, and the rest holds. Who keeps to the rules "
        "would not have entered them: {count}.",
    ),
    "void": Phrase(fr="entrée {index}, {kind} : {message}", en="entry {index}, {kind}: {message}"),
    "withheld": Phrase(
        fr="Le vote sur {name} est clos et ses bulletins ne sont pas encore montrés : rien de ce qui suit sa clôture "
        "n’est connu.",
        en="The vote on {name} is over and its ballots are not shown yet: nothing after its close is known.",
    ),
    "sealed": Phrase(
        fr="Vote ouvert sur {name} jusqu’au {time} : {count} bulletin{s}, que personne ne doit pouvoir lire avant.",
        en="Open vote on {name} until {time}: {count} ballot{s}, which nobody must be able to read before.",
    ),
    "erased": Phrase(
        fr="Débat : {count} argument{s} ou inscription{s} effacé{s} par une entrée signée; aucun vote n’en dépend.",
        en="Debate: {count} argument{s} or registration{s} erased by a signed entry; no vote depends on them.",
    ),
    "more": Phrase(fr="… et {count} autres; --json les nomme.", en="… and {count} more; --json names them."),
    "not_proven": Phrase(
        fr="Ce que cela ne prouve pas : que chaque clé est une seule personne, ni que personne n’a lu de bulletins "
        "avant la clôture.",
        en="What this does not prove: that each key is one person, or that nobody read ballots before the close.",
    ),
}

MANDATE: Mapping[str, Phrase] = {
    "good": Phrase(
        fr="Les décisions et le procès-verbal de {origin} concordent : {count} décision{s} sous ce que les membres "
        "avaient mis en vigueur.",
        en="The decisions and the minutes of {origin} agree: {count} decision{s} under what the members had put in "
        "force.",
    ),
    "bad": Phrase(
        fr="Les décisions et le procès-verbal de {origin} ne concordent pas.",
        en="The decisions and the minutes of {origin} do not agree.",
    ),
    "line": Phrase(
        fr="  activation {number} ({what}) : {count} décision{s}.",
        en="  activation {number} ({what}): {count} decision{s}.",
    ),
    "before": Phrase(
        fr="Avant la fondation, personne n’avait encore voté : {count} décision{s} d’essai.",
        en="Before the founding nobody had voted yet: {count} trial decision{s}.",
    ),
    "unserved": Phrase(
        fr="Sans la politique en vigueur, du plus récent au plus ancien, et non à la demande de la personne : {count} "
        "décision{s}. Demandez ce qui manquait au service.",
        en="Without the policy in force, newest first, and not because the person asked for it: {count} decision{s}. "
        "Ask what the service lacked.",
    ),
    "untimed": Phrase(
        fr="Coopérative d’essai : les heures ne sont pas comparées.", en="Development co-op: times are not compared."
    ),
    "unread": Phrase(
        fr="Ce paquet contient un procès-verbal, qui n’a pas été lu : donnez --genesis.",
        en="This bundle holds minutes, which were not read: give --genesis.",
    ),
}
"""What is said of decisions judged by the minutes."""
