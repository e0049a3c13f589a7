"""What `rankd verify` and `rankd replay` say of a journal."""

from collections.abc import Mapping

from rankd.core.words.language import Phrase

VERDICTS: Mapping[str, Phrase] = {
    "good": Phrase(
        fr="Le journal {origin} est sain : {size} feuille{s} signée{s}, {count} décision{t}, {bodies} corps "
        "conforme{u} à ce que disent les feuilles.",
        en="The journal {origin} is sound: {size} leaves signed, {count} decision{t}, {bodies} bodies as their "
        "leaves say.",
    ),
    "bad": Phrase(
        fr="Quelque chose parle contre le journal {origin} ({size} feuille{s} signée{s}, {count} décision{t}).",
        en="Something speaks against the journal {origin} ({size} leaves signed, {count} decision{t}).",
    ),
}

SAYINGS: Mapping[str, Phrase] = {
    "later": Phrase(
        fr="Jugé à {size} feuilles, le dernier point de contrôle que ces témoins ont cosigné; le journal a publié "
        "{count} entrée{s} de plus depuis, qui ne sont pas jugées.",
        en="Judged at {size} leaves, the newest checkpoint that these witnesses cosigned; the journal has published "
        "{count} more since, which are not judged.",
    ),
    "progress": Phrase(fr="{count} feuille{s} lue{s} …", en="{count} leaves read …"),
    "borrowed": Phrase(
        fr="ATTENTION : la clé du journal vient du dossier lui-même. Qui a pu écrire ce dossier a pu y mettre la "
        "sienne; le verdict ne vaut donc que contre les accidents. Donnez la clé que vous tenez d’ailleurs : --key.",
        en="ATTENTION: the journal’s key comes from the folder itself. Whoever could write the folder could put "
        "one of their own there, so the verdict holds against accidents only. Give the key that you have from "
        "elsewhere: --key.",
    ),
    "cosigned": Phrase(fr="Cosigné par {names}.", en="Cosigned by {names}."),
    "fault": Phrase(fr="Feuille {index} : {message}", en="Leaf {index}: {message}"),
    "fault_many": Phrase(
        fr="Feuille {index} et {count} autre{s} : {message}", en="Leaf {index} and {count} more: {message}"
    ),
    "left_out": Phrase(
        fr="… et {count} autre{s} faute{s} que ce rapport ne nomme plus.",
        en="… and {count} more faults that this report does not name.",
    ),
    "note": Phrase(fr="Pièce signée :", en="Signed evidence:"),
    "differing": Phrase(
        fr="Décision {decision} : {term}{candidate} : {recorded} dans l’enregistrement, {recomputed} après recalcul.",
        en="Decision {decision}: {term}{candidate}: {recorded} in the record, {recomputed} when recomputed.",
    ),
    "candidate": Phrase(fr=" de la publication {id}", en=" of candidate {id}"),
    "more": Phrase(
        fr="… et {count} autre{s}; --json les nomme.",
        en="… and {count} more; --json names them.",
    ),
    "hindered": Phrase(
        fr="{message} (Décisions touchées : {count}, à partir de {first}.)",
        en="{message} (Decisions concerned: {count}, from {first} on.)",
    ),
    "gap": Phrase(
        fr="Compteurs {first} à {last} de {worker} (époque {epoch}…) : aucune décision ne les porte et rien ne les "
        "annule. Une décision a pu être écartée.",
        en="Counters {first} to {last} of {worker} (epoch {epoch}…): no decision holds them and nothing declares them "
        "void. A decision may have been set aside.",
    ),
    "gap_pending": Phrase(
        fr="Compteurs {first} à {last} de {worker} (époque {epoch}…) : encore ouverts; ce qui précède ou ce qui suivra "
        "peut en rendre compte.",
        en="Counters {first} to {last} of {worker} (epoch {epoch}…): still open; what lies before or what follows may "
        "account for them.",
    ),
    "clash": Phrase(
        fr="Compteur {counter} de {worker} (époque {epoch}…) : il figure deux fois.",
        en="Counter {counter} of {worker} (epoch {epoch}…): it stands twice.",
    ),
    "erased": Phrase(
        fr="Décisions effacées par un ordre signé : {count} ({codes}).",
        en="Decisions erased by a signed order: {count} ({codes}).",
    ),
    "periods": Phrase(
        fr="Pseudonymes dont la clé a été détruite, d’après un ordre signé : périodes {periods}.",
        en="Pseudonyms whose key was destroyed, as a signed order says: periods {periods}.",
    ),
    "nonces": Phrase(
        fr="Tirages refaits à partir des secrets révélés : {count}.",
        en="Lots drawn again from the secrets that were revealed: {count}.",
    ),
}

RECEIPTS: Mapping[str, Phrase] = {
    "kept": Phrase(
        fr="{name} : la feuille {index} est celle que le reçu promet.",
        en="{name}: leaf {index} is the one that the receipt promises.",
    ),
    "not_due": Phrase(
        fr="{name} : la feuille {index} n’est pas encore publiée; la promesse court jusqu’à la seconde {until_s}.",
        en="{name}: leaf {index} is not published yet; the promise runs until second {until_s}.",
    ),
    "outside": Phrase(
        fr="{name} : ces pièces ne montrent pas la feuille {index}; demandez un paquet qui la contient.",
        en="{name}: this evidence does not show leaf {index}; ask for a bundle that holds it.",
    ),
    "broken": Phrase(fr="{name} : la promesse n’est pas tenue.", en="{name}: the promise is not kept."),
}

CHECKPOINTS: Mapping[str, Phrase] = {
    "kept": Phrase(
        fr="{name} : le journal a bien continué à partir de ses {size} feuilles d’alors.",
        en="{name}: the journal did go on from the {size} leaves that it had then.",
    ),
    "outside": Phrase(
        fr="{name} : ces pièces ne suffisent pas pour comparer; demandez un paquet écrit avec --since {size}.",
        en="{name}: this evidence does not suffice to compare; ask for a bundle that is written with --since {size}.",
    ),
    "broken": Phrase(
        fr="{name} : le journal montré n’est pas la suite de celui-là.",
        en="{name}: the journal that is shown does not continue that one.",
    ),
}

OPEN: Mapping[str, Phrase] = {
    "range": Phrase(
        fr="Seules les feuilles {first} à {end} (exclue) sont jugées, sur {size} : ce qui précède et ce qui suit ne "
        "l’est pas.",
        en="Only leaves {first} to {end} (excluded) of {size} are judged: what lies before and behind them is not.",
    ),
    "unannounced": Phrase(
        fr="{count} décision{s} : l’annonce de leur époque n’est pas dans ces pièces.",
        en="{count} decision{s}: the announcement of their epoch is not in this evidence.",
    ),
    "unrevealed": Phrase(
        fr="Époques dont le secret n’est pas encore révélé ici : {count}; leurs tirages sont pris comme consignés.",
        en="Epochs whose secret is not revealed here yet: {count}; their lots are taken as recorded.",
    ),
    "uncounted": Phrase(
        fr="Époques révélées sans dire combien de compteurs ont été tirés : {count}; ce qui suivait leur dernière "
        "décision ne se voit pas.",
        en="Epochs revealed without saying how many counters were drawn: {count}; what followed their last decision "
        "does not show.",
    ),
    "voids": Phrase(
        fr="Compteurs annulés : {count}. Derrière chacun, une décision a pu être jetée.",
        en="Counters declared void: {count}. Behind each of them a decision may have been thrown away.",
    ),
    "unjudged": Phrase(
        fr="{count} décision{s} effacée{s} pour cause d’ancienneté : on ne peut pas encore dire si elles devaient "
        "rester plus longtemps.",
        en="{count} decision{s} erased because of age: nobody can tell yet whether they had to stay longer.",
    ),
    "unpublished": Phrase(
        fr="Entrées qui sont là et qu’aucun point de contrôle ne couvre encore : {count}; elles ne sont pas jugées.",
        en="Entries that are there and that no checkpoint covers yet: {count}; they are not judged.",
    ),
}

NOT_PROVEN: Mapping[str, Phrase] = {
    "candidates": Phrase(
        fr="Ce que cela ne prouve pas : que l’application appelante a proposé toutes les publications qu’elle devait, "
        "ni que les valeurs qu’elle a envoyées étaient vraies.",
        en="What this does not prove: that the calling application offered every post that it should have, or that the "
        "feature values it sent were true.",
    ),
    "discarded": Phrase(
        fr="Ni qu’une décision n’a pas été jetée avant d’être consignée : on n’en voit que le compteur, annulé dans le "
        "journal.",
        en="Nor that no decision was thrown away before it was recorded: of such a one only the counter shows, "
        "declared void in the journal.",
    ),
    "recomputation": Phrase(
        fr="Ni que les décisions suivent de la politique et du modèle : rankd replay le recalcule.",
        en="Nor that the decisions follow from policy and model: rankd replay recomputes that.",
    ),
    "margins": Phrase(
        fr="Ni que les marges consignées sont celles du modèle : elles sont prises telles quelles.",
        en="Nor that the recorded margins are the model’s: they are taken as they are.",
    ),
}
