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
