"""What `rankd assembly status`, `show` and `history` say."""

from collections.abc import Mapping

from rankd.core.words.language import Phrase

STATUS: Mapping[str, Phrase] = {
    "co": Phrase(
        fr="{origin} : {active} membre{s} actif{s}, {size} entrée{z} au procès-verbal, le {time} (temps universel).",
        en="{origin}: {active} active member{s}, {size} entr{ies} in the minutes, on {time} (universal time).",
    ),
    "genesis": Phrase(fr="Empreinte fondatrice : {genesis}", en="Genesis digest: {genesis}"),
    "in_force": Phrase(fr="En vigueur", en="In force"),
    "surface": Phrase(
        fr="{surface} : {policy}, {model}. {ratification}, activation {activation}, depuis le {time}.",
        en="{surface}: {policy}, {model}. {ratification}, activation {activation}, since {time}.",
    ),
    "policy": Phrase(fr="politique {number} ({name})", en="policy {number} ({name})"),
    "baseline": Phrase(fr="ordre de base", en="the baseline order"),
    "model": Phrase(fr="modèle {digest}", en="model {digest}"),
    "no_model": Phrase(fr="aucun modèle", en="no model"),
    "constitution": Phrase(
        fr="Constitution {number} « {title} », depuis le {time}.", en="Constitution {number} “{title}”, since {time}."
    ),
    "no_surface": Phrase(
        fr="Aucune surface n’a encore de politique ni de modèle.", en="No surface has a policy or model yet."
    ),
    "votes": Phrase(fr="Au vote", en="Being voted on"),
    "no_votes": Phrase(fr="Aucun vote n’est ouvert.", en="No vote is open."),
    "vote": Phrase(
        fr="{name} « {title} » ({subject}, {vote}) : encore {left}, jusqu’au {time}. Quorum : {quorum} sur {count} "
        "membres.",
        en="{name} “{title}” ({subject}, {vote}): {left} left, until {time}. Quorum: {quorum} of {count} members.",
    ),
    "extended": Phrase(
        fr="Prolongé une fois : l’issue avait changé tard.", en="Extended once: the outcome changed late."
    ),
    "others": Phrase(fr="Propositions en chemin", en="Proposals on their way"),
    "no_others": Phrase(fr="Aucune autre proposition n’est en chemin.", en="No other proposal is on its way."),
    "other": Phrase(
        fr="{name} « {title} » ({subject}) : {state}. {awaits}", en="{name} “{title}” ({subject}): {state}. {awaits}"
    ),
    "intervention": Phrase(
        fr="{name} : les gardiens {demand}. Aux membres de confirmer : encore {left}, jusqu’au {time}.",
        en="{name}: the guardians {demand}. It is for the members to confirm: {left} left, until {time}.",
    ),
    "withheld": Phrase(
        fr="Le vote sur {name} est clos, mais ses bulletins ne sont pas dans ce dossier : rien de ce qui suit "
        "sa clôture n’est connu. Reprenez une copie plus récente.",
        en="The vote on {name} is over, but its ballots are not in this record: nothing after its close is "
        "known. Take a newer copy.",
    ),
    "voids": Phrase(
        fr="Entrées nulles, qui enfreignent une règle et ne changent rien : {count}.",
        en="Void entries, which break a rule and change nothing: {count}.",
    ),
    "faults": Phrase(fr="Défauts de ce dossier", en="Faults of this record"),
    "you": Phrase(fr="Vous, {member} ({state})", en="You, {member} ({state})"),
    "you_guardian": Phrase(fr="Vous, à titre de gardien", en="You, as a guardian"),
    "you_nobody": Phrase(fr="Cette clé n’est celle d’aucun membre.", en="This key is no member’s."),
    "you_waiting": Phrase(
        fr="Cette clé est inscrite (entrée {index}) et attend d’être admise par le secrétariat.",
        en="This key is registered (entry {index}) and waits for the secretary to admit it.",
    ),
    "nothing": Phrase(fr="Rien ne vous attend.", en="Nothing waits for you."),
    "propose": Phrase(fr="Proposer : rankd proposal new", en="Propose: rankd proposal new"),
}
"""Sentences of the overview."""

AWAITS: Mapping[str, Phrase] = {
    "sponsors": Phrase(
        fr="{have} parrainage{s} sur {need}, encore {left} pour les trouver.",
        en="{have} of {need} sponsors, {left} left to find them.",
    ),
    "debate": Phrase(fr="Le texte peut être arrêté dans {left}.", en="The text can be settled in {left}."),
    "freeze": Phrase(
        fr="Son auteur peut en arrêter le texte, encore {left}; sinon elle est caduque.",
        en="Its proposer can settle the text, {left} left; else it lapses.",
    ),
    "opening": Phrase(fr="Le vote ouvre dans {left}.", en="The vote opens in {left}."),
    "notice": Phrase(
        fr="Elle sera adoptée sans vote dans {left}; les membres pourront alors la rappeler.",
        en="It passes without a vote in {left}; then members can recall it.",
    ),
    "close": Phrase(fr="Le vote ferme dans {left}.", en="The vote closes in {left}."),
    "force": Phrase(
        fr="En vigueur dans {left}, sauf rappel : {have} signature{s} sur {need}.",
        en="In force in {left}, unless recalled: {have} of {need} signatures.",
    ),
}
"""What a proposal awaits."""

ACTS: Mapping[str, Phrase] = {
    "vote": Phrase(fr="voter : rankd vote {name}", en="vote: rankd vote {name}"),
    "vote_again": Phrase(
        fr="voter de nouveau (le dernier bulletin compte) : rankd vote {name}",
        en="vote again (the last ballot counts): rankd vote {name}",
    ),
    "sponsor": Phrase(fr="parrainer : rankd proposal sponsor {name}", en="sponsor: rankd proposal sponsor {name}"),
    "argue": Phrase(fr="argumenter : rankd proposal argue {name}", en="argue: rankd proposal argue {name}"),
    "amend": Phrase(
        fr="proposer un autre texte : rankd proposal amend {name}", en="offer another text: rankd proposal amend {name}"
    ),
    "freeze": Phrase(
        fr="arrêter le texte : rankd proposal freeze {name}", en="settle the text: rankd proposal freeze {name}"
    ),
    "recall": Phrase(
        fr="signer le rappel : rankd proposal recall {name}", en="sign the recall: rankd proposal recall {name}"
    ),
    "cancel": Phrase(fr="annuler : rankd guardian cancel {name}", en="cancel: rankd guardian cancel {name}"),
}
"""What a member can do."""

DEMANDS: Mapping[str, Phrase] = {
    "cancel": Phrase(fr="annulent {name}", en="cancel {name}"),
    "rollback": Phrase(fr="ramènent {surface} à la politique {to}", en="take {surface} back to policy {to}"),
    "baseline": Phrase(fr="ramènent {surface} à l’ordre de base", en="take {surface} back to the baseline order"),
}
"""What guardians do."""

SHOW: Mapping[str, Phrase] = {
    "heading": Phrase(fr="{name} « {title} »", en="{name} “{title}”"),
    "about": Phrase(
        fr="Proposition sur : {subject}{surface}. Par {member}. Décidée par : {vote}.",
        en="Proposal about: {subject}{surface}. By {member}. Decided by: {vote}.",
    ),
    "surface": Phrase(fr=", surface « {surface} »", en=", surface “{surface}”"),
    "by_notice": Phrase(fr="préavis, sans vote", en="notice, without a vote"),
    "state": Phrase(fr="État : {state}. {awaits}", en="State: {state}. {awaits}"),
    "expired": Phrase(fr="Pourquoi : {why}", en="Why: {why}"),
    "reasons": Phrase(fr="Les raisons données", en="The reasons given"),
    "text": Phrase(fr="Texte {number} ({digest})", en="Text {number} ({digest})"),
    "model": Phrase(
        fr="Modèle {digest}, avec des têtes pour : {heads}.", en="Model {digest}, with heads for: {heads}."
    ),
    "changes": Phrase(
        fr="Ce qui change par rapport à la politique en place", en="What changes from the policy in place"
    ),
    "no_changes": Phrase(fr="Rien pour la machine.", en="Nothing for the machine."),
    "first": Phrase(
        fr="Il n’y a pas encore de politique : ce texte serait la première.",
        en="There is no policy yet: this text would be the first.",
    ),
    "points_left": Phrase(fr="Les points viennent du vote.", en="The points come from the vote."),
    "impact": Phrase(fr="Effet mesuré sur des décisions passées", en="Effect measured on past decisions"),
    "timeline": Phrase(fr="Chronologie", en="Timeline"),
    "moment": Phrase(fr="{time} : {state}", en="{time}: {state}"),
    "sponsors": Phrase(fr="Parrainée par : {members}.", en="Sponsored by: {members}."),
    "arguments": Phrase(fr="Arguments", en="Arguments"),
    "no_arguments": Phrase(fr="Aucun argument encore.", en="No arguments yet."),
    "argument": Phrase(fr="[{index}] {member}, {side} : {text}", en="[{index}] {member}, {side}: {text}"),
    "erased": Phrase(fr="[{index}] (effacé)", en="[{index}] (erased)"),
    "amendments": Phrase(fr="Amendements offerts", en="Amendments offered"),
    "offer": Phrase(fr="[{index}] {member}, {time} : {digests}", en="[{index}] {member}, {time}: {digests}"),
    "result": Phrase(fr="Résultat", en="Result"),
    "vote": Phrase(
        fr="Vote du {opened} au {closes}; {count} membres au registre, quorum {quorum}.",
        en="Vote from {opened} to {closes}; {count} members on the roll, quorum {quorum}.",
    ),
    "roll_moves": Phrase(
        fr="Registre changé entre le gel et l’ouverture\u00a0: admis ou rétablis {joined}, suspendus ou "
        "partis {left}, nouvelles clés {rekeyed}.",
        en="Roll changed between the freeze and the opening: admitted or reinstated {joined}, suspended or "
        "gone {left}, new keys {rekeyed}.",
    ),
    "intervention": Phrase(
        fr="{name} : les gardiens {demand}; {state}. Demandé par {count} d’entre eux.",
        en="{name}: the guardians {demand}; {state}. Demanded by {count} of them.",
    ),
    "ballots_hidden": Phrase(
        fr="Les bulletins ne sont lisibles qu’après la clôture : {count} au procès-verbal.",
        en="Ballots can be read only after the close: {count} in the minutes.",
    ),
}
"""Sentences about one proposal."""

RESULTS: Mapping[str, Phrase] = {
    "yes_no": Phrase(
        fr="{yes} oui, {no} non, {abstain} abstention{s}. Il fallait plus de {majority} de oui parmi les oui "
        "et les non, et au moins {needed} oui, la moitié du quorum : {verdict}.",
        en="{yes} yes, {no} no, {abstain} abstaining. It took more than {majority} of yes among yes and no, "
        "and at least {needed} yes, half the quorum: {verdict}.",
    ),
    "passed": Phrase(fr="adopté", en="passed"),
    "defeated": Phrase(fr="rejeté", en="defeated"),
    "ranking": Phrase(fr="{count} bulletin{s}, quorum {quorum}.", en="{count} ballot{s}, quorum {quorum}."),
    "over": Phrase(
        fr="Option {option} : {supporters} la préfèrent à l’état actuel, {opponents} non : {verdict}.",
        en="Option {option}: {supporters} prefer it to the status quo, {opponents} do not: {verdict}.",
    ),
    "qualifies": Phrase(fr="recevable", en="qualifies"),
    "does_not": Phrase(fr="non recevable", en="does not qualify"),
    "winner": Phrase(fr="L’option {option} l’emporte.", en="Option {option} wins."),
    "status_quo": Phrase(fr="L’état actuel demeure.", en="The status quo stays."),
    "points": Phrase(
        fr="{count} bulletin{s}, {abstain} abstention{t}; il en fallait {quorum}.",
        en="{count} ballot{s}, {abstain} abstaining; it took {quorum}.",
    ),
    "share": Phrase(
        fr="{noun} : {points} points (moyenne des bulletins : {mean}).",
        en="{noun}: {points} points (average of the ballots: {mean}).",
    ),
    "undecided": Phrase(fr="Trop peu de bulletins : rien n’est décidé.", en="Too few ballots: nothing is decided."),
    "first_close": Phrase(
        fr="L’issue a changé dans les dernières heures : le vote a été prolongé une fois.",
        en="The outcome changed in the last hours: the vote was extended once.",
    ),
}
"""What a vote found."""

HISTORY: Mapping[str, Phrase] = {
    "activations": Phrase(fr="Ce qui est entré en vigueur", en="What came into force"),
    "activation": Phrase(fr="{number}. {time} : {what}, {cause}.", en="{number}. {time}: {what}, {cause}."),
    "what_constitution": Phrase(fr="constitution {number}", en="constitution {number}"),
    "what_policy": Phrase(fr="{surface}, politique {number}", en="{surface}, policy {number}"),
    "what_baseline": Phrase(fr="{surface}, ordre de base", en="{surface}, the baseline order"),
    "what_model": Phrase(fr="{surface}, modèle {digest}", en="{surface}, model {digest}"),
    "decisions": Phrase(fr="Ce qui a été décidé", en="What was decided"),
    "decision": Phrase(fr="{time} : {name} « {title} », {state}.", en="{time}: {name} “{title}”, {state}."),
    "intervention": Phrase(
        fr="{time} : {name}, les gardiens {demand}; {state}.", en="{time}: {name}, the guardians {demand}; {state}."
    ),
    "none": Phrase(fr="Rien encore.", en="Nothing yet."),
}
"""Sentences of the history."""
