"""What `rankd explain` says: an addition that a person can check with a pocket calculator."""

from collections.abc import Mapping

from rankd.core.words.language import Language, Phrase
from rankd.core.words.quantity import count_words

EXPLAIN: Mapping[str, Phrase] = {
    "shown": Phrase(fr="{id} · place {rank}", en="{id} · place {rank}"),
    "shown_moved": Phrase(
        fr="{id} · place {rank} ({ranked_at} avant l’échange)", en="{id} · place {rank} ({ranked_at} before the swap)"
    ),
    "not_shown": Phrase(fr="{id} · n’a pas été montrée", en="{id} · was not shown"),
    "ranked_only": Phrase(
        fr="{id} · classée {ranked_at}, au-delà du fil demandé", en="{id} · ranked {ranked_at}, beyond the wanted slate"
    ),
    "dropped": Phrase(fr="{id} · écartée : {why}", en="{id} · taken out: {why}"),
    "what": Phrase(fr="ce qui compte", en="what counts"),
    "working": Phrase(fr="calcul", en="working"),
    "result": Phrase(fr="points", en="points"),
    "against": Phrase(fr="{noun} (contre)", en="{noun} (against)"),
    "moved": Phrase(
        fr="{noun} (politique {before}, réglés à {after})",
        en="{noun} (policy {before}, set to {after})",
    ),
    "silent": Phrase(fr="{noun} (pas assez de données)", en="{noun} (too little data)"),
    "product": Phrase(fr="{points} × {lift}", en="{points} × {lift}"),
    "start": Phrase(fr="somme", en="sum"),
    "discount": Phrase(fr="{before} × {factor} ÷ 65 536", en="{before} × {factor} ÷ 65,536"),
    "no_discount": Phrase(fr="pas au-dessus de zéro : rien à réduire", en="not above zero: nothing to discount"),
    "total": Phrase(fr="valeur finale", en="final value"),
    "newest_first": Phrase(
        fr="Ordre chronologique : il n’y a ni points ni calcul; la plus récente passe d’abord.",
        en="Newest first: there are no points and nothing to add up; the most recent comes first.",
    ),
    "rounding": Phrase(
        fr="« × 2 » : deux fois plus probable que d’habitude. Les réductions sont arrondies vers le bas, au "
        "millionième de point.",
        en="“× 2”: twice as likely as usual. Discounts are rounded down, to a millionth of a point.",
    ),
    "moves": Phrase(fr="Hors de l’addition : {moves}.", en="Outside the addition: {moves}."),
    "marginal": Phrase(
        fr="Cette place montre cette publication avec une probabilité de {numerator}/{denominator}.",
        en="This place shows this candidate with probability {numerator}/{denominator}.",
    ),
    "not_proven": Phrase(
        fr="Ce que cela ne prouve pas : que l’application appelante a proposé toutes les publications qu’elle devait, "
        "ni que les nombres qu’elle a envoyés étaient vrais.",
        en="What this does not prove: that the calling application offered every candidate that it should have, or "
        "that the numbers it sent were true.",
    ),
}

"""The addition on a screen, and what closes it."""

SENTENCES: Mapping[str, Phrase] = {
    "automated": Phrase(
        fr="Un calcul a décidé de cet ordre; personne n’est intervenu.",
        en="A calculation decided this order; nobody intervened.",
    ),
    "shown": Phrase(fr="Place {rank} dans le fil montré.", en="Place {rank} in the shown slate."),
    "shown_moved": Phrase(
        fr="Place {rank} dans le fil montré; le classement lui donnait la place {ranked_at}, puis un échange au "
        "hasard l’a déplacée.",
        en="Place {rank} in the shown slate; the ranking gave it place {ranked_at}, then a swap by lot moved it.",
    ),
    "moved_away": Phrase(
        fr="Non montrée : le classement lui donnait la place {ranked_at}, puis un échange au hasard l’a retirée.",
        en="Not shown: the ranking gave it place {ranked_at}, then a swap by lot took it away.",
    ),
    "beyond": Phrase(
        fr="Non montrée : classée {ranked_at}, au-delà du fil demandé.",
        en="Not shown: ranked {ranked_at}, beyond the wanted slate.",
    ),
    "behind": Phrase(fr="Non montrée : d’autres sont passées avant.", en="Not shown: others came before it."),
    "dropped": Phrase(fr="Écartée par une règle : {why}.", en="Taken out by a rule: {why}."),
    "reward": Phrase(
        fr="Le modèle lui donne {lift} fois la chance habituelle {likely} : {term} points de plus.",
        en="The model gives it {lift} times the usual chance {likely}: {term} points more.",
    ),
    "penalty": Phrase(
        fr="Le modèle lui donne {lift} fois la chance habituelle {likely} : {term} points de moins.",
        en="The model gives it {lift} times the usual chance {likely}: {term} points less.",
    ),
    "discount": Phrase(
        fr="Réduction, {noun} : elle garde {share} de sa valeur, qui passe de {before} à {after} points.",
        en="Discount, {noun}: it keeps {share} of its value, which goes from {before} to {after} points.",
    ),
    "value": Phrase(fr="Valeur finale : {value} points.", en="Final value: {value} points."),
    "weight": Phrase(
        fr="{noun} : {points} points, {share} du total; plus c’est probable, plus la publication monte.",
        en="{noun}: {points} points, {share} of the total; the likelier, the higher the post.",
    ),
    "weight_against": Phrase(
        fr="{noun} : {points} points contre, {share} du total; plus c’est probable, plus la publication descend.",
        en="{noun}: {points} points against, {share} of the total; the likelier, the lower the post.",
    ),
    "weight_none": Phrase(fr="{noun} : aucun point.", en="{noun}: no points."),
    "weight_moved": Phrase(
        fr="Le réglage personnel a changé les {before} points de la politique en {after}.",
        en="The personal slider turned the policy’s {before} points into {after}.",
    ),
    "weight_silent": Phrase(
        fr="Faute de données, ces points comptent pareil pour toutes les publications.",
        en="For lack of data these points count the same for every post.",
    ),
    "swap_smallest": Phrase(
        fr="Avec {points} point{s} de la politique déplacé{s} ({giver} → {taker}), elle serait passée avant "
        "{before}; aucun déplacement plus petit n’y suffit.",
        en="With {points} of the policy’s points moved ({giver} → {taker}), it would have come before {before}; no "
        "smaller move is enough.",
    ),
    "swap_found": Phrase(
        fr="Avec {points} point{s} de la politique déplacé{s} ({giver} → {taker}), elle serait passée avant "
        "{before}; un déplacement plus petit y suffit peut-être (politiques essayées : {tried}).",
        en="With {points} of the policy’s points moved ({giver} → {taker}), it would have come before {before}; a "
        "smaller move may be enough (policies tried: {tried}).",
    ),
    "swap_none": Phrase(
        fr="Aucun déplacement de points d’un objectif à un autre, dans les limites, ne l’aurait fait passer avant "
        "{before}.",
        en="No move of points from one objective to another, within the limits, would have put it before {before}.",
    ),
    "swap_unknown": Phrase(
        fr="Aucun déplacement de points essayé ne l’aurait fait passer avant {before}; ils n’ont pas tous été essayés "
        "(politiques essayées : {tried}).",
        en="No move of points that was tried would have put it before {before}; not all were tried (policies tried: "
        "{tried}).",
    ),
    "correct": Phrase(
        fr="Faire corriger un renseignement inexact, incomplet ou équivoque : écrire à la personne responsable de la "
        "protection des renseignements personnels de la coopérative, avec le numéro de la décision.",
        en="Have inaccurate, incomplete or ambiguous information corrected: write to the person in charge of the "
        "protection of personal information at the cooperative, with the number of the decision.",
    ),
    "observe": Phrase(
        fr="Présenter ses observations, au même endroit : quelqu’un qui peut réviser la décision doit les recevoir.",
        en="Submit observations, at the same place: they must reach somebody who is able to review the decision.",
    ),
}
"""An explanation in sentences, for the person whom the decision is about."""

DATA: Mapping[str, Phrase] = {
    "seen": Phrase(fr="la personne l’a déjà vue", en="the viewer has seen it before"),
    "muted": Phrase(
        fr="la personne a mis en sourdine la publication, son auteur ou son sujet",
        en="the viewer has muted the post, its author or its subject",
    ),
    "create_time": Phrase(
        fr="âge de la publication au moment de la demande", en="age of the post at the time of the request"
    ),
    "source": Phrase(fr="où l’application l’a trouvée", en="where the application found it"),
    "groups": Phrase(fr="groupes dont parlent les plafonds et les quotas", en="groups that caps and quotas speak of"),
    "author_id": Phrase(fr="auteur de la publication", en="author of the post"),
    "served_author_counts": Phrase(
        fr="publications du même auteur déjà montrées à la personne",
        en="posts by the same author already shown to the viewer",
    ),
    "sliders": Phrase(
        fr="réglage personnel, en pourcentage des points de la politique",
        en="personal slider, in percent of the policy’s points",
    ),
}
"""What stands in a request beside its columns and is read by rules, by its name in the contract."""

DATUM: Mapping[str, Phrase] = {
    "heading": Phrase(fr="Données utilisées", en="Data used"),
    "shared": Phrase(fr="Données utilisées, les mêmes pour toutes", en="Data used, the same for every candidate"),
    "datum": Phrase(fr="donnée", en="datum"),
    "value": Phrase(fr="valeur", en="value"),
    "meaning": Phrase(fr="sens", en="meaning"),
    "unit": Phrase(fr="unité", en="unit"),
    "readers": Phrase(fr="sert à", en="used for"),
    "personal": Phrase(fr="sur la personne", en="about the viewer"),
    "default": Phrase(fr="{value} (par défaut)", en="{value} (default)"),
    "unknown": Phrase(fr="inconnu", en="not known"),
    "yes": Phrase(fr="oui", en="yes"),
    "no": Phrase(fr="non", en="no"),
    "model": Phrase(fr="le modèle", en="the model"),
    "points": Phrase(fr="les points", en="the points"),
    "weights": Phrase(fr="Ce qui compte, et combien", en="What counts, and how much"),
    "options": Phrase(fr="Ce que l’on peut faire", en="What one can do"),
    "name_one": Phrase(
        fr="Pour voir les données de chaque publication, nommez-la : rankd explain {decision} PUBLICATION",
        en="To see the data of each candidate, name it: rankd explain {decision} CANDIDATE",
    ),
}
"""Headings of what `rankd explain` prints beside the addition."""


def micro_words(micro: int, language: Language, digits: int = 6) -> str:
    """Write millionths as a decimal number with a true minus sign: « 1 234,500000 », "1,234.500000".

    Args:
        micro: Millionths.
        language: `fr` or `en`.
        digits: Decimals, 0 to 6; six are exact, fewer are rounded to the nearest.
    """
    scale = 10 ** (6 - digits)
    whole, rest = divmod((abs(micro) + scale // 2) // scale, 10**digits)
    sign = "−" if micro < 0 and (whole or rest) else ""
    decimals = f"{',' if language == 'fr' else '.'}{rest:0{digits}d}" if digits else ""
    return f"{sign}{count_words(whole, language)}{decimals}"
