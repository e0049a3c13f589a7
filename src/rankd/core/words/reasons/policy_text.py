"""Reasons about the text of a policy or limits file: its characters and its YAML."""

from collections.abc import Mapping

from rankd.core.words.reasons.reason import Kind, Reason, reason


def at(*, fr: str, en: str, do_fr: str, do_en: str, kind: Kind = Kind.INVALID) -> Reason:
    """Build a reason whose sentence begins with the place in the file."""
    return reason(
        kind,
        fr="{file}, ligne {line}, colonne {column} : " + fr,
        en="{file}, line {line}, column {column}: " + en,
        do_fr=do_fr,
        do_en=do_en,
    )


REASONS: Mapping[str, Reason] = {
    "YAML_TOO_LARGE": at(
        fr="le fichier a {found} octets, la limite est de {limit}.",
        en="the file has {found} bytes, the limit is {limit}.",
        do_fr="Raccourcissez-le : un texte soumis au vote doit pouvoir se lire.",
        do_en="Shorten it: people must be able to read a text that they vote on.",
    ),
    "YAML_EMPTY_FILE": at(
        fr="le fichier est vide.",
        en="the file is empty.",
        do_fr="Écrivez-y une politique; policies/video.yaml peut servir de modèle.",
        do_en="Write a policy in it; policies/video.yaml is an example.",
    ),
    "YAML_NOT_UTF8": at(
        fr="l’octet {found} n’est pas de l’UTF-8.",
        en="the byte {found} is not UTF-8.",
        do_fr="Enregistrez le fichier en UTF-8.",
        do_en="Save the file as UTF-8.",
    ),
    "YAML_BYTE_ORDER_MARK": at(
        fr="le fichier commence par une marque d’ordre des octets ({found}).",
        en="the file begins with a byte order mark ({found}).",
        do_fr="Enregistrez-le en UTF-8 sans cette marque (« sans BOM »).",
        do_en="Save it as UTF-8 without that mark (“without BOM”).",
    ),
    "YAML_TAB": at(
        fr="il y a une tabulation.",
        en="there is a tab.",
        do_fr="Remplacez-la par des espaces.",
        do_en="Replace it with spaces.",
    ),
    "YAML_CARRIAGE_RETURN": at(
        fr="il y a un retour chariot (fin de ligne de Windows).",
        en="there is a carriage return (a Windows line ending).",
        do_fr="Enregistrez le fichier avec des fins de ligne Unix (LF).",
        do_en="Save the file with Unix line endings (LF).",
    ),
    "YAML_CONTROL_CHARACTER": at(
        fr="il y a un caractère de contrôle ({found}).",
        en="there is a control character ({found}).",
        do_fr="Effacez-le.",
        do_en="Delete it.",
    ),
    "YAML_BIDI_CHARACTER": at(
        fr=(
            "un caractère invisible ({found}) change le sens de lecture : on verrait un autre texte que celui que la "
            "machine lit."
        ),
        en=(
            "an invisible character ({found}) changes the direction of writing: people would see another text than "
            "the machine reads."
        ),
        do_fr="Effacez-le.",
        do_en="Delete it.",
    ),
    "YAML_INVISIBLE_CHARACTER": at(
        fr="il y a un caractère ({found}) qui ne se voit pas, ou pas de la même façon sur tous les écrans.",
        en="there is a character ({found}) that does not show, or not alike on every screen.",
        do_fr="Effacez-le.",
        do_en="Delete it.",
    ),
    "YAML_NOT_NFC": at(
        fr=(
            "le texte n’est pas dans la forme normale C d’Unicode (près de {found}) : deux suites d’octets auraient "
            "la même apparence."
        ),
        en="the text is not in Unicode’s normal form C (near {found}): two sequences of bytes would look the same.",
        do_fr="Retapez le caractère accentué, ou passez le fichier par un outil qui normalise en NFC.",
        do_en="Type the accented character again, or run the file through a tool that normalises to NFC.",
    ),
    "YAML_NO_FINAL_NEWLINE": at(
        fr="la dernière ligne n’est pas terminée.",
        en="the last line does not end.",
        do_fr="Ajoutez un saut de ligne à la fin du fichier.",
        do_en="Add a line feed at the end of the file.",
    ),
    "YAML_SYNTAX": at(
        fr="ce n’est pas du YAML à partir d’ici (« {found} »).",
        en="this is not YAML from here on (“{found}”).",
        do_fr=(
            "Vérifiez les deux-points, les guillemets, les accolades et le retrait de cette ligne et de la précédente."
        ),
        do_en="Check the colons, quotes, braces and indentation of this line and the one before.",
    ),
    "YAML_ANCHOR": at(
        fr="l’ancre « {found} » n’est pas admise.",
        en="the anchor “{found}” is not allowed.",
        do_fr="Écrivez chaque valeur là où elle sert.",
        do_en="Write each value where it is used.",
    ),
    "YAML_ALIAS": at(
        fr="le renvoi « {found} » n’est pas admis.",
        en="the alias “{found}” is not allowed.",
        do_fr="Recopiez ici la valeur elle-même.",
        do_en="Write the value itself here.",
    ),
    "YAML_TAG": at(
        fr="l’étiquette de type « {found} » n’est pas admise.",
        en="the tag “{found}” is not allowed.",
        do_fr="Effacez l’étiquette et gardez la valeur.",
        do_en="Delete the tag and keep the value.",
    ),
    "YAML_MERGE_KEY": at(
        fr="la clé de fusion « << » n’est pas admise.",
        en="the merge key “<<” is not allowed.",
        do_fr="Recopiez les lignes qu’elle devait apporter.",
        do_en="Write out the lines that it was to bring.",
    ),
    "YAML_DUPLICATE_KEY": at(
        fr="« {found} » est écrit deux fois.",
        en="“{found}” is written twice.",
        do_fr="Gardez une seule des deux lignes.",
        do_en="Keep only one of the two lines.",
    ),
    "YAML_COMPLEX_KEY": at(
        fr="une clé est ici autre chose qu’un mot suivi de deux-points.",
        en="a key here is something other than a word and a colon.",
        do_fr="Écrivez « nom: valeur » sur une ligne, sans point d’interrogation devant.",
        do_en="Write “name: value” on one line, without a question mark before it.",
    ),
    "YAML_KEY_NOT_TEXT": at(
        fr="la clé « {found} » est un nombre.",
        en="the key “{found}” is a number.",
        do_fr='Mettez-la entre guillemets : "{found}".',
        do_en='Put it in quotes: "{found}".',
    ),
    "YAML_SINGLE_PAIR": at(
        fr="une paire « nom: valeur » se trouve dans une liste sans accolades (« {found} »).",
        en="a pair “name: value” stands in a list without braces (“{found}”).",
        do_fr="Entourez-la d’accolades : {{nom: valeur}}.",
        do_en="Put braces around it: {{name: value}}.",
    ),
    "YAML_SECOND_DOCUMENT": at(
        fr="un second document commence ici.",
        en="a second document begins here.",
        do_fr="Un fichier contient un seul texte : effacez le second ou mettez-le dans son propre fichier.",
        do_en="One file holds one text: delete the second or give it a file of its own.",
    ),
    "YAML_DIRECTIVE": at(
        fr="la directive « {found} » n’est pas admise.",
        en="the directive “{found}” is not allowed.",
        do_fr="Effacez cette ligne.",
        do_en="Delete this line.",
    ),
    "YAML_AMBIGUOUS_WORD": at(
        fr="« {found} » sans guillemets n’a pas le même sens pour tous les lecteurs de YAML.",
        en="“{found}” without quotes does not mean the same to every YAML reader.",
        do_fr='S’il s’agit de texte, mettez-le entre guillemets : "{found}".',
        do_en='If it is text, put it in quotes: "{found}".',
    ),
    "YAML_FLOAT": at(
        fr="« {found} » est un nombre à virgule, et une politique n’en contient aucun.",
        en="“{found}” is a number with a fraction, and a policy holds none.",
        do_fr="Écrivez un entier (10), une part (2.5%) ou une durée (36h); du texte se met entre guillemets.",
        do_en="Write an integer (10), a share (2.5%) or a duration (36h); text goes in quotes.",
    ),
    "YAML_INTEGER_FORM": at(
        fr="« {found} » n’est pas le même nombre pour tous les lecteurs de YAML.",
        en="“{found}” is not the same number to every YAML reader.",
        do_fr=(
            "Écrivez le nombre avec ses seuls chiffres (1000), sans zéro devant, sans trait de soulignement ni préfixe."
        ),
        do_en="Write the number in plain digits (1000), without leading zeros, underscores or a prefix.",
    ),
    "YAML_INTEGER_TOO_LARGE": at(
        fr="« {found} » est trop grand : le plus grand entier est 9007199254740991.",
        en="“{found}” is too large: the largest integer is 9007199254740991.",
        do_fr="Écrivez un nombre plus petit.",
        do_en="Write a smaller number.",
    ),
    "YAML_EMPTY_VALUE": at(
        fr="il manque une valeur (« {found} »).",
        en="a value is missing (“{found}”).",
        do_fr='Écrivez la valeur après les deux-points; "" pour un texte vide, {{}} ou [] pour rien.',
        do_en='Write the value after the colon; "" for empty text, {{}} or [] for nothing.',
    ),
    "YAML_TOO_DEEP": at(
        fr="il y a plus de {limit} niveaux imbriqués.",
        en="there are more than {limit} levels of nesting.",
        do_fr="Une politique n’en a jamais besoin de plus de cinq : vérifiez les crochets et le retrait.",
        do_en="A policy never needs more than five: check brackets and indentation.",
    ),
    "YAML_TOO_MANY_NODES": at(
        fr="il y a plus de {limit} éléments.",
        en="there are more than {limit} elements.",
        do_fr="Raccourcissez le fichier.",
        do_en="Shorten the file.",
    ),
    "YAML_INDENT": at(
        fr="la suite d’une valeur n’est pas assez en retrait (« {found} »).",
        en="the rest of a value is not indented enough (“{found}”).",
        do_fr="Ajoutez des espaces : elle doit dépasser le bloc qui la contient.",
        do_en="Add spaces: it must stand further in than the block around it.",
    ),
    "YAML_COLON_SPACE": at(
        fr="il n’y a pas d’espace après les deux-points (« {found} »).",
        en="there is no space after the colon (“{found}”).",
        do_fr="Mettez une espace après les deux-points.",
        do_en="Put a space after the colon.",
    ),
    "YAML_COMMENT_SPACE": at(
        fr="un commentaire touche le mot qui le précède (« {found} »).",
        en="a comment touches what stands before it (“{found}”).",
        do_fr="Mettez une espace devant le signe #.",
        do_en="Put a space before the # sign.",
    ),
    "YAML_ESCAPED_BREAK": at(
        fr="une ligne entre guillemets finit par une barre oblique inverse (« {found} »).",
        en="a line in quotes ends in a backslash (“{found}”).",
        do_fr="Effacez-la, ou mettez le texte sur une ligne ou dans un bloc |.",
        do_en="Delete it, or put the text on one line or in a block |.",
    ),
    "YAML_BLOCK_BLANK": at(
        fr="un texte en bloc (« {found} ») commence par une ligne vide.",
        en="a block of text (“{found}”) begins with an empty line.",
        do_fr="Effacez cette ligne.",
        do_en="Delete that line.",
    ),
    "YAML_FOLDED_INDENT": at(
        fr=(
            "dans un texte replié (>), une ligne est plus en retrait que les autres, et les lecteurs de YAML n’y "
            "voient pas tous la même chose."
        ),
        en="in a folded text (>) a line stands further in than the others, which YAML readers do not all read alike.",
        do_fr="Alignez la ligne, ou remplacez > par |.",
        do_en="Align the line, or write | instead of >.",
    ),
}
