"""Reason codes, dropped candidates and degraded answers, in words that a person likes to read."""

from collections.abc import Iterable, Mapping

from rankd.core.words.language import Language, Phrase

_OBJECTIVES: Mapping[str, tuple[Phrase, Phrase]] = {
    "click": (
        Phrase(fr="plus souvent ouverte d’un clic", en="more often clicked"),
        Phrase(fr="moins souvent ouverte d’un clic", en="less often clicked"),
    ),
    "long_view": (
        Phrase(fr="plus souvent regardée longtemps", en="more often watched for long"),
        Phrase(fr="moins souvent regardée longtemps", en="less often watched for long"),
    ),
    "like": (
        Phrase(fr="reçoit plus souvent un « j’aime »", en="more often liked"),
        Phrase(fr="reçoit moins souvent un « j’aime »", en="less often liked"),
    ),
    "reply": (
        Phrase(fr="fait plus souvent répondre", en="more often replied to"),
        Phrase(fr="fait moins souvent répondre", en="less often replied to"),
    ),
    "repost": (
        Phrase(fr="plus souvent partagée", en="more often reposted"),
        Phrase(fr="moins souvent partagée", en="less often reposted"),
    ),
    "follow": (
        Phrase(fr="amène plus souvent un abonnement", en="more often wins a follower"),
        Phrase(fr="amène moins souvent un abonnement", en="less often wins a follower"),
    ),
    "profile_visit": (
        Phrase(fr="mène plus souvent au profil de l’auteur", en="more often leads to the author’s profile"),
        Phrase(fr="mène moins souvent au profil de l’auteur", en="less often leads to the author’s profile"),
    ),
    "hide": (
        Phrase(fr="plus souvent masquée", en="more often hidden"),
        Phrase(fr="moins souvent masquée", en="less often hidden"),
    ),
    "report": (
        Phrase(fr="plus souvent signalée", en="more often reported"),
        Phrase(fr="moins souvent signalée", en="less often reported"),
    ),
}
"""For each objective: more than usual, less than usual. The model's estimate for this viewer, not a count."""

_CODES: Mapping[str, Phrase] = {
    "freshness/1": Phrase(fr="moins fraîche", en="less fresh"),
    "source_scaling/1": Phrase(fr="moins, à cause de sa source", en="less, because of its source"),
    "feedback_fatigue/1": Phrase(
        fr="moins, après un « moins de ceci » sur l’auteur", en="less, after “less of this” on the author"
    ),
    "author_diversity/1": Phrase(fr="moins, car l’auteur est déjà là", en="less, as the author is there already"),
    "quota/1": Phrase(fr="avancée par le quota {number}", en="moved up by quota {number}"),
    "after_cap": Phrase(fr="placée après ce que les plafonds laissent passer", en="placed after what the caps let in"),
    "explore/1": Phrase(fr="échangée au hasard, pour apprendre", en="swapped by lot, to learn"),
    "newest_first": Phrase(fr="la plus récente d’abord", en="newest first"),
    "drop_seen/1": Phrase(fr="déjà vue", en="already seen"),
    "drop_muted/1": Phrase(fr="en sourdine", en="muted"),
    "max_age/1": Phrase(fr="trop vieille", en="too old"),
    "cap/1": Phrase(fr="au-delà du plafond {number}", en="beyond cap {number}"),
}

DEGRADED: Mapping[str, Phrase] = {
    "QUOTA_SHORT": Phrase(
        fr="Quotas que rien ne permettait de remplir : {names}.", en="Quotas that nothing could fill: {names}."
    ),
    "DEFAULT_USED": Phrase(
        fr="Colonnes absentes, remplacées par leur valeur par défaut : {names}.",
        en="Columns that were not sent, for which their default stands: {names}.",
    ),
    "FEATURES_UNAVAILABLE": Phrase(
        fr="Caractéristiques dont les comptes n’ont pu être lus à temps : {names}.",
        en="Features whose counts could not be read in time: {names}.",
    ),
    "NO_POLICY_IN_FORCE": Phrase(
        fr="Aucune politique en vigueur pour {names} : ordre chronologique, sans profilage.",
        en="No policy in force for {names}: newest first, without profiling.",
    ),
}

BASELINE_IN_WORDS = Phrase(
    fr=(
        "L’ordre de base : la plus récente d’abord, sans profilage. Ce qui est en sourdine n’est pas montré. Les "
        "publications sans date viennent à la fin, et le sort départage celles du même instant. Aucun modèle, "
        "aucune colonne, aucun réglage n’est lu.\n"
    ),
    en=(
        "The baseline: newest first, without profiling. What is muted is not shown. Posts without a date come last, "
        "and lots decide between those of the same instant. No model, no column and no slider is read.\n"
    ),
)
"""What the baseline does, for those who ask for its description."""

RULE_COLUMN_MEANING = Phrase(
    fr="heures entières depuis que cette personne a dit « moins de ceci » de l’auteur; NaN si jamais",
    en="whole hours since this viewer said “less of this” of the author; NaN where never",
)
"""The meaning of the column that `feedback_fatigue/1` reads, where it is no feature of the model."""


def code_words(code: str, language: Language) -> str:
    """Say a reason code or the id of a rule that dropped a candidate.

    A code that this version does not know is returned as it is: a newer server may say more than an older client
    understands.
    """
    for suffix, which in (("_above_usual", 0), ("_below_usual", 1)):
        objective = code.removesuffix(suffix)
        if objective != code and objective in _OBJECTIVES:
            return _OBJECTIVES[objective][which].say(language)
    rule, _, number = code.partition("#")
    if rule not in _CODES:
        return code
    return _CODES[rule].say(language, number=number or "1")


def degraded_words(reason: str, names: Iterable[str], language: Language) -> str:
    """Say why an answer was less than it could be; an unknown reason is returned as it is."""
    if reason not in DEGRADED:
        return reason
    return DEGRADED[reason].say(language, names=", ".join(names))
