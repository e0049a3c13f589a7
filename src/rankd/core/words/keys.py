"""What `rankd keys` says."""

from collections.abc import Mapping

from rankd.core.words.language import Phrase

LABELS: Mapping[str, Phrase] = {
    "kind": Phrase(fr="sorte", en="kind"),
    "name": Phrase(fr="nom", en="name"),
    "public": Phrase(fr="public", en="public"),
    "vkey": Phrase(fr="vkey", en="vkey"),
    "member": Phrase(fr="identifiant au registre", en="id on the roll"),
    "passphrase": Phrase(fr="phrase de passe", en="passphrase"),
}

PROTECTED: Mapping[bool, Phrase] = {
    True: Phrase(fr="oui", en="yes"),
    False: Phrase(fr="non : qui lit ce fichier peut signer", en="no: whoever can read this file can sign"),
}

KINDS: Mapping[str, Phrase] = {
    "log": Phrase(fr="log (signe le journal)", en="log (signs the journal)"),
    "eraser": Phrase(fr="eraser (signe les effacements)", en="eraser (signs erasures)"),
    "witness": Phrase(fr="witness (cosigne le journal d’un autre)", en="witness (cosigns another’s journal)"),
    "member": Phrase(fr="member (propose et vote)", en="member (proposes and votes)"),
    "secretary": Phrase(fr="secretary (tient la liste des membres)", en="secretary (keeps the roll of members)"),
    "guardian": Phrase(fr="guardian (peut arrêter un changement)", en="guardian (may stop a change)"),
}

MADE = Phrase(fr="Clé créée : {file}", en="Key made: {file}")

ADVICE: Mapping[str, Phrase] = {
    "log": Phrase(
        fr="Gardez ce fichier hors du dossier de données, et jamais dans la même sauvegarde. Publiez la ligne vkey. "
        "Une clé perdue ne se remplace pas : le journal reste lisible, mais ne continue pas; il faut une nouvelle "
        "origine.",
        en="Keep this file outside the data directory, and never in the same backup. Publish the line vkey. A lost "
        "key cannot be replaced: the journal stays readable but does not go on; it takes another origin.",
    ),
    "eraser": Phrase(
        fr="Donnez la ligne public à l’exploitant pour journal.erasers, et gardez le fichier chez quelqu’un d’autre "
        "que lui.",
        en="Give the line public to the operator for journal.erasers, and keep the file with somebody else.",
    ),
    "witness": Phrase(
        fr="Donnez la ligne vkey à qui vérifie le journal. Ce fichier reste chez le témoin.",
        en="Give the line vkey to those who verify the journal. This file stays with the witness.",
    ),
    "member": Phrase(
        fr="Signez votre inscription avec cette clé, et donnez-la au secrétariat. Ce fichier reste chez vous, avec une "
        "copie ailleurs; personne d’autre n’en a besoin. S’il est perdu, le secrétariat inscrit une nouvelle clé.",
        en="Sign your registration with this key and give that to the secretary. This file stays with you, and a copy "
        "elsewhere; nobody else needs it. If it is lost, the secretary enters another key.",
    ),
    "secretary": Phrase(
        fr="La ligne public figure dans la constitution (secretaries). Gardez ce fichier chez une personne élue, avec "
        "une copie ailleurs : qui l’a peut admettre et suspendre des membres, et tout le monde le voit.",
        en="The line public stands in the constitution (secretaries). Keep this file with an elected person, and a "
        "copy elsewhere: who has it can admit and suspend members, and everybody sees it.",
    ),
    "guardian": Phrase(
        fr="La ligne public figure dans la constitution (guardians). Chaque gardien garde son fichier pour lui seul.",
        en="The line public stands in the constitution (guardians). Each guardian keeps this file to themselves.",
    ),
}
"""What the owner of a new key should do next, by kind."""

ASKED: Mapping[str, Phrase] = {
    "new": Phrase(fr="Phrase de passe (plusieurs mots)", en="Passphrase (several words)"),
    "again": Phrase(fr="La même, encore une fois", en="The same once more"),
    "differ": Phrase(fr="Ce n’est pas la même. Recommencez.", en="They differ. Begin again."),
    "known": Phrase(fr="Phrase de passe de {file}", en="Passphrase of {file}"),
}
"""What is asked on the terminal."""
