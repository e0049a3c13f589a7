"""What `rankd replay` says."""

from collections.abc import Mapping

from rankd.core.words.language import Phrase

SAYINGS: Mapping[str, Phrase] = {
    "progress": Phrase(fr="{count} décision{s} relue{s} …", en="{count} decision{s} replayed …"),
    "none": Phrase(fr="Aucune décision n’est consignée ici.", en="No decision is recorded here."),
    "all_identical": Phrase(
        fr="{count} décision{s} rejouée{s} : identique{s} au bit près.",
        en="{count} decision{s} replayed: identical to the last bit.",
    ),
    "some_identical": Phrase(
        fr="{count} décision{s} : {identical} identique{t} au bit près, {differing} différente{u}, "
        "{rest} sans verdict.",
        en="{count} decision{s}: {identical} identical to the last bit, {differing} differing, "
        "{rest} without a verdict.",
    ),
    "differing": Phrase(
        fr="Décision {decision} : {term}{candidate} : {recorded} dans l’enregistrement, {recomputed} après recalcul.",
        en="Decision {decision}: {term}{candidate}: {recorded} in the record, {recomputed} when recomputed.",
    ),
    "candidate": Phrase(fr=" de la publication {id}", en=" of candidate {id}"),
    "more": Phrase(
        fr="… et {count} autre{s} différence{s}; --json les nomme toutes.",
        en="… and {count} more; --json names them all.",
    ),
    "hindered": Phrase(
        fr="{message} (Décisions touchées : {count}, à partir de {first}.)",
        en="{message} (Decisions concerned: {count}, from {first} on.)",
    ),
    "gap": Phrase(
        fr="Compteurs {first} à {last} de {worker} (époque {epoch}…) : aucun enregistrement ne les porte ni ne les "
        "annule. Une décision a pu être retirée, ou se trouver dans un enregistrement illisible.",
        en="Counters {first} to {last} of {worker} (epoch {epoch}…): no record holds them or declares them void. "
        "A decision may have been taken out, or stand in an unreadable record.",
    ),
    "gap_pending": Phrase(
        fr="Compteurs {first} à {last} de {worker} : en cours, ou interrompus; le prochain démarrage les annulera.",
        en="Counters {first} to {last} of {worker}: under way, or interrupted; the next start declares them void.",
    ),
    "gap_damaged": Phrase(
        fr="Compteurs {first} à {last} de {worker} : ils manquent; sans doute ceux des enregistrements illisibles.",
        en="Counters {first} to {last} of {worker}: missing; most likely those of the unreadable records.",
    ),
    "clash": Phrase(
        fr="Compteur {counter} de {worker} (époque {epoch}…) : il figure deux fois.",
        en="Counter {counter} of {worker} (epoch {epoch}…): it stands twice.",
    ),
    "nonces": Phrase(
        fr="Tirages refaits à partir des secrets d’époque : {count}.",
        en="Nonces drawn again from the epoch secrets: {count}.",
    ),
    "not_proven": Phrase(
        fr="Ce que cela ne prouve pas : que l’application appelante a proposé toutes les publications qu’elle devait, "
        "ni que les valeurs qu’elle a envoyées étaient vraies.",
        en="What this does not prove: that the calling application offered every post that it should have, or that the "
        "feature values it sent were true.",
    ),
}
