"""Reasons about orders to erase."""

from collections.abc import Mapping

from rankd.core.words.reasons.reason import Kind, Reason, reason

REASONS: Mapping[str, Reason] = {
    "ERASE_NOTHING": reason(
        Kind.INVALID,
        fr="Aucune décision n’est nommée.",
        en="No decision is named.",
        do_fr="Nommez des décisions (rankd.coop.example/12, 12 ou 12-40), ou donnez --due pour ce qui a dépassé "
        "sa durée.",
        do_en="Name decisions (rankd.coop.example/12, 12 or 12-40), or give --due for what is past its time.",
    ),
    "ERASE_CONTRADICTION": reason(
        Kind.INVALID,
        fr="--due choisit lui-même les décisions et la raison.",
        en="--due chooses the decisions and the reason itself.",
        do_fr="Donnez --due, ou bien des décisions et --reason.",
        do_en="Give --due, or else decisions and --reason.",
    ),
    "ERASE_REASON": reason(
        Kind.INVALID,
        fr="L’ordre ne dit pas pourquoi.",
        en="The order does not say why.",
        do_fr="Donnez --reason, en une ligne de 500 caractères au plus et sans donnée personnelle : tout le "
        "monde la lira.",
        do_en="Give --reason, one line of 500 characters at most and without personal data: everybody will read it.",
    ),
    "ERASE_NAME": reason(
        Kind.INVALID,
        fr="« {found} » ne désigne pas une décision de « {origin} ».",
        en="“{found}” does not name a decision of “{origin}”.",
        do_fr="Écrivez {origin}/12, 12, ou 12-40 pour une suite.",
        do_en="Write {origin}/12, 12, or 12-40 for a run of them.",
    ),
    "ERASE_RANGES": reason(
        Kind.INVALID,
        fr="Un ordre nomme au plus {most} suites de décisions, pas {found}.",
        en="One order names at most {most} runs of decisions, not {found}.",
        do_fr="Donnez plusieurs ordres.",
        do_en="Give several orders.",
    ),
    "ERASE_NO_DECISION": reason(
        Kind.MISSING,
        fr="L’entrée {index} n’est pas une décision publiée.",
        en="Entry {index} is no published decision.",
        do_fr="Vérifiez le numéro; une décision rendue à l’instant est publiée une seconde plus tard.",
        do_en="Check the number; a decision made just now is published a second later.",
    ),
    "ALREADY_ERASED": reason(
        Kind.STATE,
        fr="Les décisions nommées sont déjà effacées ({first} à {last}).",
        en="The decisions named are erased already ({first} to {last}).",
        do_fr="Rien à faire : le journal dit quand, par qui et pourquoi.",
        do_en="Nothing to do: the journal says when, by whom and why.",
    ),
    "ERASER_NOT_NAMED": reason(
        Kind.FORBIDDEN,
        fr="La clé {public} ne figure pas parmi celles que le journal autorise à effacer.",
        en="The key {public} is not among those that the journal lets erase.",
        do_fr="L’exploitant l’ajoute à journal.erasers et redémarre le service; la clé vaut dès l’époque qui commence.",
        do_en="The operator adds it to journal.erasers and starts the service again; it counts from that epoch on.",
    ),
    "EXPORT_UNWRITABLE": reason(
        Kind.STATE,
        fr="Impossible d’écrire {path} : {detail}.",
        en="{path} cannot be written: {detail}.",
        do_fr="Donnez à --out le nom d’un fichier qui n’existe pas encore, dans un dossier où vous pouvez écrire.",
        do_en="Give --out the name of a file that is not there yet, in a folder where you may write.",
    ),
    "ERASURES_UNUSABLE": reason(
        Kind.UNAVAILABLE,
        fr="Impossible de garder les ordres d’effacement dans {path} : {detail}.",
        en="Orders to erase cannot be kept in {path}: {detail}.",
        do_fr="Vérifiez l’espace libre, les droits et le disque; donnez l’ordre de nouveau.",
        do_en="Check free space, permissions and the disk; give the order again.",
    ),
}
