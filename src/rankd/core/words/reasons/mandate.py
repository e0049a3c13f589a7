"""Reasons for which a record, or decisions under it, are not what the members put in force."""

from collections.abc import Mapping

from rankd.core.words.reasons.reason import Kind, Reason, reason

_KEEP_FR = (
    "Gardez les deux, le journal et le procès-verbal : ensemble ils le prouvent. Demandez des comptes à l’exploitant."
)
_KEEP_EN = "Keep both, journal and minutes: together they prove it. Hold the operator to account."
_NEWER_FR = "Prenez d’abord une copie plus récente du procès-verbal. Si elle dit la même chose : "
_NEWER_EN = "First take a newer copy of the minutes. If it says the same: "


def _differs(fr: str, en: str) -> Reason:
    return reason(
        Kind.DATA_LOSS,
        fr=f"Une décision sur « {{surface}} » suit {fr} {{found}}; sous l’activation {{activation}}, les membres "
        f"avaient mis en vigueur {{wanted}}.",
        en=f"A decision on “{{surface}}” follows {en} {{found}}; under activation {{activation}} the members had put "
        f"in force {{wanted}}.",
        do_fr=_KEEP_FR,
        do_en=_KEEP_EN,
    )


REASONS: Mapping[str, Reason] = {
    "GENESIS_REQUIRED": reason(
        Kind.MISSING,
        fr="Pour vérifier {path}, il faut l’empreinte fondatrice de la coopérative : tout le reste en découle, et qui "
        "a écrit ce dossier a pu y mettre la sienne.",
        en="To verify {path}, the co-op’s genesis digest is needed: everything else follows from it, and whoever wrote "
        "this folder could put one of their own there.",
        do_fr="Donnez --genesis sha256:… (ou le fichier qui la contient). Tenez-la d’un membre, d’une affiche ou de la "
        "presse, jamais du dossier lui-même.",
        do_en="Give --genesis sha256:… (or the file that holds it). Have it from a member, a poster or the press, "
        "never from the folder itself.",
    ),
    "MANDATE_MINUTES": reason(
        Kind.MISSING,
        fr="{path} ne contient pas de procès-verbal : rien n’y dit ce que les membres ont décidé.",
        en="{path} holds no minutes: nothing there says what the members decided.",
        do_fr="Donnez le dossier public de la coopérative : --record DOSSIER.",
        do_en="Give the co-op’s public record: --record FOLDER.",
    ),
    "MANDATE_OPTION": reason(
        Kind.INVALID,
        fr="L’option {option} ne dit rien d’un dossier public : {path} n’est pas un journal de décisions.",
        en="The option {option} says nothing about a public record: {path} is no journal of decisions.",
        do_fr="Retirez-la. La clé du procès-verbal vient de la constitution fondatrice, que nomme --genesis.",
        do_en="Leave it out. The key of the minutes comes from the founding constitution, which --genesis names.",
    ),
    "COUNTERS_DIFFER": reason(
        Kind.INTERNAL,
        fr="{proposal} : les deux programmes de dépouillement ne trouvent pas le même résultat. L’un des deux a une "
        "erreur.",
        en="{proposal}: the two programs that count do not come to the same result. One of them has an error.",
        do_fr="Gardez le dossier, recomptez à la main avec docs/spec/assembly.md, et signalez-le à qui écrit rankd.",
        do_en="Keep the record, count by hand with docs/spec/assembly.md, and report it to those who write rankd.",
    ),
    "MANDATE_NONE": reason(
        Kind.DATA_LOSS,
        fr="Une décision sur « {surface} » ne nomme aucune activation, et suit pourtant la politique {policy} : aucun "
        "membre ne l’a adoptée ainsi.",
        en="A decision on “{surface}” names no activation, and yet follows policy {policy}: no members adopted it so.",
        do_fr=_KEEP_FR,
        do_en=_KEEP_EN,
    ),
    "MANDATE_UNKNOWN": reason(
        Kind.DATA_LOSS,
        fr="Une décision sur « {surface} » se réclame de l’activation {found}; ce procès-verbal n’en connaît que "
        "{most}.",
        en="A decision on “{surface}” claims activation {found}; these minutes know only {most}.",
        do_fr=_NEWER_FR + _KEEP_FR,
        do_en=_NEWER_EN + _KEEP_EN,
    ),
    "MANDATE_ELSEWHERE": reason(
        Kind.DATA_LOSS,
        fr="Une décision sur « {surface} » se réclame de l’activation {found}, qui ne concerne pas cette surface.",
        en="A decision on “{surface}” claims activation {found}, which is not about that surface.",
        do_fr=_KEEP_FR,
        do_en=_KEEP_EN,
    ),
    "MANDATE_POLICY": _differs("la politique", "policy"),
    "MANDATE_MODEL": _differs("le modèle", "model"),
    "MANDATE_CONSTITUTION": _differs("la constitution", "constitution"),
    "ACTIVATION_EARLY": reason(
        Kind.DATA_LOSS,
        fr="Une décision sur « {surface} » suit l’activation {activation} {seconds} secondes avant qu’elle ne soit en "
        "vigueur.",
        en="A decision on “{surface}” follows activation {activation} {seconds} seconds before it was in force.",
        do_fr="Les horloges des deux machines se contredisent, ou un texte a servi avant l’heure. " + _KEEP_FR,
        do_en="The clocks of the two machines disagree, or a text was used before its time. " + _KEEP_EN,
    ),
    "ACTIVATION_OUTLIVED": reason(
        Kind.DATA_LOSS,
        fr="Une décision sur « {surface} » suit encore l’activation {activation} {seconds} secondes après que {after} "
        "l’a remplacée.",
        en="A decision on “{surface}” still follows activation {activation} {seconds} seconds after {after} replaced "
        "it.",
        do_fr="Le service n’a pas suivi ce que les membres ont décidé : demandez ce qui l’en a empêché. " + _KEEP_FR,
        do_en="The service did not follow what the members decided: ask what kept it from doing so. " + _KEEP_EN,
    ),
    "ACTIVATION_FALLS": reason(
        Kind.DATA_LOSS,
        fr="Une décision sur « {surface} » revient à l’activation {activation}, après d’autres sous l’activation "
        "{before}.",
        en="A decision on “{surface}” goes back to activation {activation}, after others under activation {before}.",
        do_fr=_KEEP_FR,
        do_en=_KEEP_EN,
    ),
    "MANDATE_TEXT": reason(
        Kind.DATA_LOSS,
        fr="{path} dit la même chose à la machine que le texte adopté, mais pas les mêmes mots aux membres : il n’a "
        "jamais été adopté.",
        en="{path} says the same to the machine as the text that was adopted, but not the same words to members: it "
        "was never adopted.",
        do_fr="Lisez le texte du procès-verbal. " + _KEEP_FR,
        do_en="Read the text in the minutes. " + _KEEP_EN,
    ),
}
