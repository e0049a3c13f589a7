"""What `rankd replay` says of the decisions that it recomputed."""

from collections.abc import Mapping

from rankd.core.words.language import Phrase

VERDICTS: Mapping[str, Phrase] = {
    "none": Phrase(fr="Aucune décision n’est consignée ici.", en="No decision is recorded here."),
    "all_identical": Phrase(
        fr="{count} décision{s} rejouée{s} : identique{s} au bit près.",
        en="{count} decision{s} replayed: identical to the last bit.",
    ),
    "some_identical": Phrase(
        fr="{count} décision{s} : {identical} identique{t} au bit près, {differing} différente{u}, {erased} "
        "effacée{v}, {rest} sans verdict.",
        en="{count} decision{s}: {identical} identical to the last bit, {differing} differing, {erased} erased, {rest} "
        "without a verdict.",
    ),
    "arithmetic": Phrase(
        fr="Recalculé à partir des marges consignées (--level arithmetic) : le modèle n’a pas été consulté.",
        en="Recomputed from the recorded margins (--level arithmetic): the model was not consulted.",
    ),
}
