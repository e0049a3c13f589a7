"""What `rankd report` says: the command, and the page's frame, verdict and checks."""

from collections.abc import Mapping

from rankd.core.words.language import Phrase

COMMAND: Mapping[str, Phrase] = {
    "written": Phrase(fr="{file} : la page est écrite.", en="{file}: the page is written."),
    "bad": Phrase(
        fr="Quelque chose parle contre ce journal : la page le dit en haut, rankd replay le dit en détail.",
        en="Something speaks against this journal: the page says so at the top, rankd replay says it in detail.",
    ),
    "borrowed": Phrase(
        fr="La clé vient du dossier lui-même, et la page le dit. Pour une page à publier, donnez la clé que vous tenez "
        "d’ailleurs : --key.",
        en="The key comes from the folder itself, and the page says so. For a page to publish, give the key that you "
        "have from elsewhere: --key.",
    ),
}

FRAME: Mapping[str, Phrase] = {
    "title": Phrase(fr="Rapport d’audit : {origin}", en="Audit report: {origin}"),
    "kicker": Phrase(fr="Rapport d’audit d’un fil", en="Audit report on a feed"),
    "period": Phrase(fr="Décisions prises du {first} au {last} (UTC)", en="Decisions from {first} to {last} (UTC)"),
    "period_day": Phrase(fr="Décisions prises le {first} (UTC)", en="Decisions made on {first} (UTC)"),
    "no_period": Phrase(fr="Aucune décision dans ces pièces", en="No decision in this evidence"),
    "contents": Phrase(fr="Sur cette page", en="On this page"),
    "checked": Phrase(fr="Ce qui a été vérifié", en="What was checked"),
    "usage": Phrase(fr="Les décisions et leurs politiques", en="Decisions and their policies"),
    "shown": Phrase(fr="Ce qui a été montré : surface « {surface} »", en="What was shown: surface “{surface}”"),
    "shown_rest": Phrase(fr="Ce qui a été montré : autres surfaces", en="What was shown: other surfaces"),
    "not_proven": Phrase(fr="Ce que cette page ne prouve pas", en="What this page does not prove"),
    "reading": Phrase(fr="Comment lire les nombres", en="How to read the numbers"),
    "scroll": Phrase(fr="{caption}, à faire défiler", en="{caption}, can be scrolled"),
    "numbers": Phrase(fr="Les mêmes nombres en tableau", en="The same numbers as a table"),
    "made": Phrase(
        fr="Page écrite par rankd {version}. Avec les mêmes pièces et la même version, n’importe qui obtient la même "
        "page, octet pour octet.",
        en="Page written by rankd {version}. From the same evidence and with the same version, anybody gets the same "
        "page, byte for byte.",
    ),
}

VERDICTS: Mapping[str, Phrase] = {
    "all": Phrase(fr="Tout concorde", en="Everything agrees"),
    "all_text": Phrase(
        fr="Le journal est celui que la clé a signé. Ses {count} décision{s} ont toutes été recalculées à partir des "
        "politiques et des modèles archivés : le résultat est le même au bit près.",
        en="The journal is the one that the key signed. All of its {count} decision{s} were recomputed from the "
        "archived policies and models: the outcome is the same to the last bit.",
    ),
    "kept": Phrase(fr="Tout ce qui est conservé concorde", en="Everything that is kept agrees"),
    "kept_text": Phrase(
        fr="Le journal est celui que la clé a signé. Sur {count} décision{s}, {identical} ont été recalculées : le "
        "résultat est le même au bit près. Les {erased} autres ont été effacées par un ordre signé : leur place dans "
        "le journal se voit encore, leur contenu n’existe plus.",
        en="The journal is the one that the key signed. Of {count} decision{s}, {identical} were recomputed: the "
        "outcome is the same to the last bit. The other {erased} were erased by a signed order: their place in the "
        "journal still shows, their content is gone.",
    ),
    "none": Phrase(fr="Rien ne parle contre ce journal", en="Nothing speaks against this journal"),
    "none_text": Phrase(
        fr="Le journal est celui que la clé a signé. Ces pièces ne contiennent aucune décision.",
        en="The journal is the one that the key signed. This evidence holds no decision.",
    ),
    "bad": Phrase(fr="Quelque chose ne concorde pas", en="Something does not agree"),
    "bad_text": Phrase(
        fr="Décisions : {count}. Identiques au bit près : {identical}. Différentes : {differing}. Effacées par un "
        "ordre signé : {erased}. Sans verdict : {rest}. Voici ce qui parle contre ce journal. Tant que ce n’est pas "
        "expliqué, ne vous fiez pas aux figures plus bas.",
        en="Decisions: {count}. Identical to the last bit: {identical}. Differing: {differing}. Erased by a signed "
        "order: {erased}. Without a verdict: {rest}. This is what speaks against this journal. As long as it is not "
        "explained, do not rely on the figures below.",
    ),
    "borrowed": Phrase(
        fr="Attention : la clé du journal vient du dossier lui-même. Qui a pu écrire ce dossier a pu y mettre la "
        "sienne. Cette page ne vaut donc que contre les accidents, pas contre la tromperie.",
        en="Attention: the journal’s key comes from the folder itself. Whoever could write the folder could put one "
        "of their own there. So this page holds against accidents only, not against deceit.",
    ),
    "arithmetic": Phrase(
        fr="Les estimations du modèle ont été prises telles que consignées, sans les recalculer.",
        en="The model’s estimates were taken as they are recorded, without computing them again.",
    ),
    "range": Phrase(
        fr="Seules les entrées {first} à {last} sont jugées ici, sur {size} que compte le journal.",
        en="Only entries {first} to {last} are judged here, of the {size} that the journal has.",
    ),
}

PROBLEMS: Mapping[str, Phrase] = {
    "fault": Phrase(fr="Entrée {index} : {message}", en="Entry {index}: {message}"),
    "fault_many": Phrase(
        fr="Entrée {index}, et de même pour {count} autre{s} : {message}",
        en="Entry {index}, and {count} more likewise: {message}",
    ),
    "private": Phrase(
        fr="le contenu ne peut pas être lu ({reason}); rankd replay en dit plus.",
        en="the content cannot be read ({reason}); rankd replay says more.",
    ),
    "missing_one": Phrase(
        fr="Entrée {first} : le contenu manque, et aucun ordre signé ne dit pourquoi.",
        en="Entry {first}: the content is missing, and no signed order says why.",
    ),
    "missing": Phrase(
        fr="Entrées {first} à {last} ({count} en tout) : le contenu manque, et aucun ordre signé ne dit pourquoi.",
        en="Entries {first} to {last} ({count} in all): the content is missing, and no signed order says why.",
    ),
    "differing": Phrase(
        fr="Décision {decision} : {what}, autrement consigné que ce qui résulte du calcul ({term}).",
        en="Decision {decision}: {what}, recorded otherwise than what follows from the computation ({term}).",
    ),
    "hindered": Phrase(
        fr="{what} {digest} manque ou n’est pas utilisable ({reason}) : {count} décision{s}, à partir de {decision}, "
        "sans verdict.",
        en="{what} {digest} is missing or cannot be used ({reason}): {count} decision{s}, from {decision} on, without "
        "a verdict.",
    ),
    "gap": Phrase(
        fr="Compteurs {first} à {last} de {worker} : aucune décision ne les porte et rien ne les annule. Une décision "
        "a pu être écartée.",
        en="Counters {first} to {last} of {worker}: no decision holds them and nothing declares them void. A decision "
        "may have been set aside.",
    ),
    "clash": Phrase(
        fr="Compteur {counter} de {worker} : il figure deux fois.", en="Counter {counter} of {worker}: it stands twice."
    ),
    "more": Phrase(
        fr="… et {count} de plus; rankd replay --json les nomme.",
        en="… and {count} more; rankd replay --json names them.",
    ),
    "evidence": Phrase(fr="Pièce signée", en="Signed evidence"),
}

TERMS: Mapping[str, Phrase] = {
    "order": Phrase(fr="l’ordre des publications", en="the order of the posts"),
    "value": Phrase(fr="la valeur d’une publication", en="the value of a post"),
    "margin": Phrase(fr="une estimation du modèle", en="an estimate of the model"),
    "dropped": Phrase(fr="ce que les règles ont retiré", en="what the rules took out"),
    "exploration": Phrase(fr="la part du hasard", en="what chance did"),
    "nonce": Phrase(fr="le tirage au sort", en="the lots"),
    "leaf": Phrase(fr="ce que l’entrée publique en dit", en="what the public entry says of it"),
    "": Phrase(fr="un élément de la décision", en="a part of the decision"),
}
"""What a difference is about, by the beginning of its term."""

SUBJECTS: Mapping[str, Phrase] = {
    "policy": Phrase(fr="La politique", en="The policy"),
    "limits": Phrase(fr="Le fichier de limites", en="The limits file"),
    "model": Phrase(fr="Le modèle", en="The model"),
}

FACTS: Mapping[str, Phrase] = {
    "decisions": Phrase(fr="décisions", en="decisions"),
    "identical": Phrase(fr="identiques au bit près", en="identical to the last bit"),
    "differing": Phrase(fr="différentes", en="differing"),
    "erased": Phrase(fr="effacées par ordre signé", en="erased by signed order"),
    "rest": Phrase(fr="sans verdict", en="without a verdict"),
}

CHECKS: Mapping[str, Phrase] = {
    "caption": Phrase(fr="Vérifications", en="Checks"),
    "check": Phrase(fr="Vérification", en="Check"),
    "result": Phrase(fr="Résultat", en="Result"),
    "signature": Phrase(fr="Signature du journal", en="Signature of the journal"),
    "signature_good": Phrase(fr="Valable : {size} entrées sous la racine", en="Valid: {size} entries under the root"),
    "key": Phrase(fr="Clé qui a servi à vérifier", en="Key that it was checked with"),
    "witnesses": Phrase(fr="Témoins", en="Witnesses"),
    "witnesses_none": Phrase(
        fr="Aucun n’a été demandé : rien ne montre ici que tout le monde voit le même journal.",
        en="None were asked for: nothing shows here that everybody sees the same journal.",
    ),
    "witnesses_some": Phrase(fr="{count} ont cosigné : {names}.", en="{count} cosigned: {names}."),
    "witness": Phrase(fr="{name} (le {time})", en="{name} (on {time})"),
    "entries": Phrase(fr="Entrées comparées à ce qui est signé", en="Entries compared with what is signed"),
    "bodies": Phrase(
        fr="Contenus comparés à l’engagement pris d’avance", en="Contents compared with what was committed to before"
    ),
    "bodies_found": Phrase(fr="{count} conformes sur {of} décisions.", en="{count} as committed, of {of} decisions."),
    "replayed": Phrase(fr="Décisions recalculées", en="Decisions recomputed"),
    "replayed_found": Phrase(
        fr="{identical} identiques au bit près, {differing} différentes.",
        en="{identical} identical to the last bit, {differing} differing.",
    ),
    "lots": Phrase(fr="Tirages au sort refaits", en="Lots drawn again"),
    "lots_found": Phrase(
        fr="{count} à partir des secrets révélés; {rest} pas encore possibles.",
        en="{count} from the secrets that were revealed; {rest} not possible yet.",
    ),
    "counters": Phrase(fr="Compteurs de décisions", en="Counters of decisions"),
    "counters_good": Phrase(fr="Aucun ne manque, aucun ne figure deux fois.", en="None is missing, none stands twice."),
    "counters_open": Phrase(
        fr="Aucune faute; {count} suites encore ouvertes à la fin.", en="No fault; {count} runs still open at the end."
    ),
    "counters_bad": Phrase(
        fr="{gaps} suites manquent, {clashes} figurent deux fois.", en="{gaps} runs are missing, {clashes} stand twice."
    ),
    "before": Phrase(fr="Suite d’un point de contrôle antérieur", en="Continues an earlier checkpoint"),
    "before_kept": Phrase(
        fr="Oui : rien n’a changé des {size} entrées d’alors.", en="Yes: nothing changed of the {size} entries of then."
    ),
    "before_outside": Phrase(
        fr="Indécidable avec ces pièces ({size} entrées).", en="Cannot be told from this evidence ({size} entries)."
    ),
    "before_broken": Phrase(fr="Non ({size} entrées).", en="No ({size} entries)."),
    "intro": Phrase(
        fr="Un journal signé garde une trace de chaque décision de classement au moment où elle est prise. Cette page "
        "reprend ces traces depuis le début, sans rien demander au service.",
        en="A signed journal keeps a trace of every ranking decision at the moment when it is made. This page goes "
        "through these traces from the start, and asks the service for nothing.",
    ),
}

OPEN: Mapping[str, Phrase] = {
    "heading": Phrase(fr="Encore ouvert", en="Still open"),
    "unannounced": Phrase(
        fr="{count} décision{s} : l’annonce de leur époque n’est pas dans ces pièces.",
        en="{count} decision{s}: the announcement of their epoch is not in this evidence.",
    ),
    "unrevealed": Phrase(
        fr="{count} époque{s} dont le secret n’est pas encore révélé : leurs tirages sont pris comme consignés.",
        en="{count} epoch{s} whose secret is not revealed yet: their lots are taken as recorded.",
    ),
    "unjudged": Phrase(
        fr="{count} décision{s} effacée{s} pour cause d’ancienneté : on ne peut pas encore dire si elles devaient "
        "rester plus longtemps.",
        en="{count} decision{s} erased because of age: nobody can tell yet whether they had to stay longer.",
    ),
    "later": Phrase(
        fr="{count} entrée{s} publiée{s} depuis le point de contrôle que les témoins ont cosigné : pas jugée{s} ici.",
        en="{count} published since the checkpoint that the witnesses cosigned are not judged here.",
    ),
    "unpublished": Phrase(
        fr="{count} entrée{s} que rien ne signe encore : pas jugées ici.",
        en="{count} that nothing signs yet are not judged here.",
    ),
}

ERASURES: Mapping[str, Phrase] = {
    "heading": Phrase(fr="Ce qui a été effacé, quand et pourquoi", en="What was erased, when and why"),
    "caption": Phrase(fr="Ordres d’effacement signés", en="Signed orders to erase"),
    "entry": Phrase(fr="Entrée", en="Entry"),
    "time": Phrase(fr="Obéi le", en="Obeyed on"),
    "count": Phrase(fr="Décisions", en="Decisions"),
    "why": Phrase(fr="Motif", en="Reason"),
    "words": Phrase(fr="Dans l’ordre signé", en="In the signed order"),
    "signer": Phrase(fr="Clé du signataire", en="Signer’s key"),
    "REQUEST": Phrase(fr="une personne l’a demandé", en="a person asked for it"),
    "RETENTION": Phrase(fr="le délai de conservation est passé", en="the time of keeping has passed"),
    "COURT": Phrase(fr="un tribunal l’a ordonné", en="a court ordered it"),
    "OTHER": Phrase(fr="autre motif", en="another reason"),
    "more": Phrase(
        fr="… et {orders} autres ordres, qui effacent {count} décision{s}.",
        en="… and {orders} more orders, which erase {count} decision{s}.",
    ),
    "none": Phrase(fr="Aucune décision n’a été effacée.", en="No decision was erased."),
}

NOT_PROVEN: Mapping[str, Phrase] = {
    "candidates": Phrase(
        fr="Que l’application a proposé toutes les publications qu’elle devait proposer. Ce qui n’a jamais été proposé "
        "ne peut pas être montré, et ne figure pas ici.",
        en="That the application offered every post that it should have. What was never offered cannot be shown, and "
        "does not figure here.",
    ),
    "features": Phrase(
        fr="Que les mesures envoyées sur les publications et les personnes étaient vraies, ni que les groupes et les "
        "sources étaient bien attribués.",
        en="That the measurements sent about posts and people were true, or that groups and sources were attributed "
        "rightly.",
    ),
    "discarded": Phrase(
        fr="Qu’aucune décision n’a été jetée avant d’être consignée : on n’en voit que le compteur annulé.",
        en="That no decision was thrown away before it was recorded: of such a one only the voided counter shows.",
    ),
    "seen": Phrase(
        fr="Que quelqu’un a regardé ce qui lui a été montré. Une place montrée est une place dans une réponse, rien de "
        "plus.",
        en="That anybody looked at what was shown. A place that was shown is a place in an answer, nothing more.",
    ),
    "fair": Phrase(
        fr="Que c’est juste. Un groupe plus montré que proposé peut l’être pour de bonnes ou de mauvaises raisons : la "
        "page donne les nombres, l’assemblée en juge.",
        en="That it is fair. A group that is shown more than it is offered may be so for good or bad reasons: the page "
        "gives the numbers, the assembly judges.",
    ),
    "margins": Phrase(
        fr="Que les estimations consignées sont celles du modèle : elles ont été prises telles quelles.",
        en="That the recorded estimates are the model’s: they were taken as they are.",
    ),
}
