"""Reasons for which the gate does not let through what a record of the assembly says."""

from collections.abc import Mapping

from rankd.core.words.reasons.reason import Kind, Reason, reason

_STAYS_FR = "Ce qui était servi le reste."
_STAYS_EN = "What was served stays."

REASONS: Mapping[str, Reason] = {
    "ASSEMBLY_REQUIRED": reason(
        Kind.STATE,
        fr="L’origine {origin} est celle d’un service pour des membres : sans section [assembly], rien ne dirait ce "
        "qu’ils ont décidé.",
        en="The origin {origin} is that of a service for members: without a section [assembly], nothing would say what "
        "they decided.",
        do_fr="Donnez origin, genesis et record dans [assembly]; pour un essai, prenez une origine qui commence par "
        "dev.",
        do_en="Give origin, genesis and record in [assembly]; to try things out, take an origin that begins with dev.",
    ),
    "ASSEMBLY_RECORD_UNNAMED": reason(
        Kind.INVALID,
        fr="La section [assembly] ne nomme ni record ni keeps : il n’y a pas de dossier de l’assemblée à lire.",
        en="The section [assembly] names neither record nor keeps: there is no record of the assembly to read.",
        do_fr="Nommez le dossier de l’assemblée par record, ou le domicile du secrétariat par keeps.",
        do_en="Name the record folder as record, or the secretary’s home as keeps.",
    ),
    "GATE_DEV_RECORD": reason(
        Kind.STATE,
        fr="Le dossier de {found} est celui d’une coopérative de développement, et ce service ({origin}) est pour des "
        "membres.",
        en="The record of {found} is a development co-op’s, and this service ({origin}) is for members.",
        do_fr="Donnez le dossier de la vraie coopérative; celui d’un essai ne ratifie rien ici.",
        do_en="Give the record of the real co-op; that of a trial ratifies nothing here.",
    ),
    "GATE_ORIGIN_DIFFERS": reason(
        Kind.STATE,
        fr="Ce dossier est celui de {found}, et non de {wanted}. " + _STAYS_FR,
        en="This is the record of {found}, not of {wanted}. " + _STAYS_EN,
        do_fr="Comparez assembly.origin et assembly.record avec ce que savent les membres.",
        do_en="Compare assembly.origin and assembly.record with what the members know.",
    ),
    "GATE_GENESIS_DIFFERS": reason(
        Kind.STATE,
        fr="Ce service a servi la coopérative fondée par {marked}; assembly.genesis nomme maintenant {wanted}. "
        + _STAYS_FR,
        en="This service has served the co-op founded by {marked}; assembly.genesis now names {wanted}. " + _STAYS_EN,
        do_fr="Une autre coopérative prend un autre dossier de données. Sinon, remettez l’ancienne empreinte.",
        do_en="Another co-op takes another data directory. Otherwise put the former digest back.",
    ),
    "GATE_REPLAYED": reason(
        Kind.STATE,
        fr="Ce procès-verbal mène à l’activation {found}; ce service en est à l’activation {marked}, et elles ne "
        "s’accordent pas. " + _STAYS_FR,
        en="These minutes lead to activation {found}; this service is at activation {marked}, and they do not agree. "
        + _STAYS_EN,
        do_fr="Vérifiez l’heure de la machine, puis suivez docs/guide/operator.md, « Un dossier refusé ».",
        do_en="Check the machine’s time, then follow docs/guide/operator.md, “A record that is refused”.",
    ),
    "GATE_CLOCK_LEAPT": reason(
        Kind.UNAVAILABLE,
        fr="L’horloge de la machine a sauté de {minutes} minutes depuis le démarrage : aucune activation ne suit une "
        "horloge déréglée. " + _STAYS_FR,
        en="The machine’s clock has leapt by {minutes} minutes since the start: no activation follows a clock that is "
        "wrong. " + _STAYS_EN,
        do_fr="Vérifiez l’heure, puis redémarrez le service : une activation ne se défait pas.",
        do_en="Check the time, then restart the service: an activation is not undone.",
    ),
    "GATE_MODEL_MISSING": reason(
        Kind.STATE,
        fr="Le modèle ratifié pour {surface}, {wanted}, ne se trouve ni dans {path} ni dans l’archive; il s’y trouve "
        "{found}, que personne n’a ratifié ici. La politique n’est pas servie avec un autre modèle. " + _STAYS_FR,
        en="The model ratified for {surface}, {wanted}, lies neither in {path} nor in the archive; what lies there is "
        "{found}, which nobody ratified here. The policy is not served with another model. " + _STAYS_EN,
        do_fr="Placez le modèle ratifié dans un sous-dossier, quel que soit son nom; il est pris sans redémarrage.",
        do_en="Put the ratified model in a folder there, whatever its name; it is taken up without a restart.",
    ),
    "GATE_HEADS_DIFFER": reason(
        Kind.STATE,
        fr="Le modèle {digest} de {surface} a les têtes {found}; les membres ont ratifié {wanted}. " + _STAYS_FR,
        en="The model {digest} of {surface} has the heads {found}; the members ratified {wanted}. " + _STAYS_EN,
        do_fr="Ce modèle ne peut pas servir ici : proposez-le de nouveau avec ses vraies têtes.",
        do_en="This model cannot serve here: propose it again with the heads that it has.",
    ),
    "GATE_MARK_DAMAGED": reason(
        Kind.DATA_LOSS,
        fr="{path} n’est pas tel que ce service l’a écrit ({detail}) : on ne saurait plus ce qui a déjà été vérifié.",
        en="{path} is not as this service wrote it ({detail}): nobody would know what was verified already.",
        do_fr="Remettez sa dernière copie. Sans elle, voyez docs/guide/operator.md, « Un dossier refusé ».",
        do_en="Put its last copy back. Without one, see docs/guide/operator.md, “A record that is refused”.",
    ),
    "GATE_MARK_UNWRITABLE": reason(
        Kind.UNAVAILABLE,
        fr="{path} ne s’écrit pas ({detail}); rien de plus récent n’est servi avant.",
        en="{path} cannot be written ({detail}); nothing newer is served before it is.",
        do_fr="Libérez de la place ou rétablissez les droits; le service réessaie seul.",
        do_en="Free some space or put the permissions right; the service tries again by itself.",
    ),
}
