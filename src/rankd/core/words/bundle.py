"""What `rankd bundle` says."""

from collections.abc import Mapping

from rankd.core.words.language import Phrase

SAYINGS: Mapping[str, Phrase] = {
    "progress": Phrase(fr="{count} feuille{s} parcourue{s} …", en="{count} leaves surveyed …"),
    "written": Phrase(
        fr="{file} : les feuilles {first} à {end} (exclue) de {origin}, qui en compte {size}; {bodies} corps.",
        en="{file}: leaves {first} to {end} (excluded) of {origin}, which has {size}; {bodies} bodies.",
    ),
    "later": Phrase(
        fr="C’est le dernier point de contrôle cosigné; le journal a publié {count} entrée{s} de plus depuis.",
        en="This is the newest witnessed checkpoint; the journal has published {count} more since.",
    ),
    "missing": Phrase(
        fr="Décisions dont le corps n’est ni là ni effacé : {count}. Qui lira ce paquet le verra.",
        en="Decisions whose body is neither here nor erased: {count}. Whoever reads this bundle will see it.",
    ),
    "private": Phrase(
        fr="Il contient les corps des décisions et leurs clés : remettez-le à qui doit les lire, à personne d’autre.",
        en="It holds the bodies of decisions and their keys: give it to whoever has to read them, and to nobody else.",
    ),
}
