"""Reasons about keys on paper, the assisted voting station and the slips that it gives."""

from collections.abc import Mapping

from rankd.core.words.reasons.reason import Kind, Reason, reason

REASONS: Mapping[str, Reason] = {
    "KEY_SHEET_LINE": reason(
        Kind.INVALID,
        fr="La ligne {line} de la clé, sur {count}, n’est pas juste.",
        en="Line {line} of the key, of {count}, is not right.",
        do_fr="Comparez ses huit caractères avec la feuille, puis tapez-la de nouveau.",
        do_en="Compare its eight characters with the sheet, then type it again.",
    ),
    "KEY_SHEET_SHORT": reason(
        Kind.INVALID,
        fr="{found} ligne(s) de la clé sur {count}.",
        en="Lines of the key: {found} of {count}.",
        do_fr="Tapez toutes les lignes de la feuille, dans l’ordre.",
        do_en="Type all lines of the sheet, in their order.",
    ),
    "KEY_SHEET_DIFFERS": reason(
        Kind.INVALID,
        fr="Chaque ligne est juste, mais elles ne forment pas une clé : elles viennent de deux feuilles, ou une "
        "ligne a plus de deux fautes.",
        en="Each line is right, but together they are no key: they come from two sheets, or a line has more than two "
        "mistakes.",
        do_fr="Recommencez depuis la première ligne, avec une seule feuille.",
        do_en="Begin again with the first line, with one sheet.",
    ),
    "KEY_SHEET_ON_DISK": reason(
        Kind.INVALID,
        fr="La feuille serait écrite dans un fichier, et la clé resterait sur ce disque.",
        en="The sheet would be written into a file, and the key would stay on that disk.",
        do_fr="Affichez-la à l’écran et recopiez-la, ou envoyez-la à l’imprimante (rankd keys paper | lp).",
        do_en="Show it on the screen and copy it, or send it to the printer (rankd keys paper | lp).",
    ),
    "KEY_SHEET_TWICE": reason(
        Kind.INVALID,
        fr="{first} et {second} se contredisent.",
        en="{first} and {second} contradict each other.",
        do_fr="Gardez l’un des deux.",
        do_en="Keep one of them.",
    ),
    "STATION_FOLDER": reason(
        Kind.MISSING,
        fr="{path} n’est pas un dossier où ce poste peut écrire.",
        en="{path} is no folder that this station can write into.",
        do_fr="Créez-le avant d’ouvrir l’isoloir : il recevra les bulletins signés.",
        do_en="Make it before the station opens: it will take the signed ballots.",
    ),
    "STATION_NOT_ON_ROLL": reason(
        Kind.FORBIDDEN,
        fr="Cette clé (membre {member}) n’est pas de celles qui peuvent voter sur {proposal}.",
        en="This key (member {member}) is not one of those that may vote on {proposal}.",
        do_fr="Vote qui était membre actif à l’ouverture, avec sa clé d’alors. Vérifiez que c’est la bonne feuille.",
        do_en="Those vote who were active members at the opening, with their key of that time. See that it is the "
        "right sheet.",
    ),
    "SLIP_MALFORMED": reason(
        Kind.INVALID,
        fr="« {found} » n’est pas ce qui figure sur un talon ({field}).",
        en="“{found}” is not what stands on a slip ({field}).",
        do_fr="Tapez au moins les 16 premiers chiffres (0 à 9, a à f); les espaces ne comptent pas. --index et --leaf "
        "vont ensemble.",
        do_en="Type the first 16 digits at least (0 to 9, a to f); spaces do not matter. --index and --leaf go "
        "together.",
    ),
    "SLIP_AMBIGUOUS": reason(
        Kind.INVALID,
        fr="{count} bulletins de {proposal} commencent par {found}.",
        en="Ballots on {proposal} that begin with {found}: {count}.",
        do_fr="Tapez plus de chiffres. Si le talon n’en a que 16, montrez-le : deux bulletins qui commencent pareil ne "
        "sont pas un hasard.",
        do_en="Type more digits. If the slip has 16 only, show it: two ballots that begin alike are no accident.",
    ),
}
"""Reasons about keys on paper and the voting station."""
