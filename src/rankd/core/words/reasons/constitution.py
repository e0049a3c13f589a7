"""Reasons about a constitution's text, and about a policy's text whose points are still to be voted."""

from collections.abc import Mapping

from rankd.core.words.reasons.policy_text import at
from rankd.core.words.reasons.reason import Kind, Reason, reason

_TEXT: Mapping[str, Reason] = {
    "CONSTITUTION_BASE_FORM": at(
        fr="« {found} » n’est pas l’empreinte d’une constitution.",
        en="“{found}” is not the digest of a constitution.",
        do_fr=(
            "Écrivez none pour la première constitution, sinon sha256: et 64 chiffres hexadécimaux minuscules (la "
            "commande « rankd policy check » les donne)."
        ),
        do_en=(
            "Write none for the first constitution, else sha256: and 64 lower-case hexadecimal digits (“rankd policy "
            "check” prints them)."
        ),
    ),
    "CONSTITUTION_BASE_NUMBER": at(
        fr="la constitution n° {number} ne va pas avec « base: {found} ».",
        en="constitution number {number} does not go with “base: {found}”.",
        do_fr="La première ne remplace rien (number: 1, base: none); toute autre nomme celle qu’elle remplace.",
        do_en="The first one replaces nothing (number: 1, base: none); every other names the one that it replaces.",
    ),
    "ORIGIN_FORM": at(
        fr="« {found} » ne peut pas être le nom d’une coopérative.",
        en="“{found}” cannot be the name of a co-op.",
        do_fr=(
            "Écrivez de 1 à 100 caractères, a–z, 0–9, point, tiret, _ ou /, une lettre ou un chiffre aux deux bouts : "
            "coop.example/minutes."
        ),
        do_en=(
            "Write 1 to 100 characters, a–z, 0–9, dot, dash, _ or /, a letter or digit at both ends: "
            "coop.example/minutes."
        ),
    ),
    "CONSTITUTION_KEY_FORM": at(
        fr="« {found} » n’est pas une clé publique ({field}).",
        en="“{found}” is not a public key ({field}).",
        do_fr="Écrivez 64 chiffres hexadécimaux minuscules entre guillemets (« rankd keys show » les donne).",
        do_en="Write 64 lower-case hexadecimal digits in quotes (“rankd keys show” prints them).",
    ),
    "CONSTITUTION_KEY_WEAK": at(
        fr="la clé {key} ({field}) n’engage personne : ce n’est pas une clé Ed25519 sûre ({detail}).",
        en="the key {key} ({field}) binds nobody: it is not a sound Ed25519 key ({detail}).",
        do_fr="Faites une autre clé avec « rankd keys new ».",
        do_en="Make another key with “rankd keys new”.",
    ),
    "CONSTITUTION_KEY_REPEATED": at(
        fr="la clé {key} se trouve deux fois dans la même liste ({field}).",
        en="the key {key} stands twice in one list ({field}).",
        do_fr="Effacez-en une : une personne n’y compte qu’une fois.",
        do_en="Delete one of them: a person counts once.",
    ),
    "CONSTITUTION_KEY_ROLES": at(
        fr="la clé {key} ({field}) est aussi celle du journal (log_key).",
        en="the key {key} ({field}) is the log’s key (log_key) too.",
        do_fr=(
            "Prenez deux clés : celle du journal reste dans une machine qui signe toute seule; qui mettrait la main "
            "sur cette machine parlerait sinon aussi au nom d’une personne."
        ),
        do_en=(
            "Take two keys: the log’s lies in a machine that signs by itself; whoever got hold of that machine would "
            "otherwise speak in a person’s name too."
        ),
    ),
    "CONSTITUTION_GUARDIANS": at(
        fr="{found} gardiens d’accord ({field}), pour {count} clés : c’est impossible.",
        en="{found} guardians who agree ({field}), of {count} keys: that cannot be.",
        do_fr="Écrivez un nombre de 1 au nombre de clés; 0 exactement s’il n’y a aucune clé.",
        do_en="Write a number from 1 to the number of keys; 0 exactly where there are no keys.",
    ),
    "CONSTITUTION_NOTICE": at(
        fr="seul un modèle peut passer par avis ({field}).",
        en="only a model can go by notice ({field}).",
        do_fr="Écrivez « by: vote ».",
        do_en="Write “by: vote”.",
    ),
    "CONSTITUTION_DELIBERATION": at(
        fr="le débat peut durer au plus {found} ({field}), mais doit durer au moins {least}.",
        en="the deliberation can last {found} at most ({field}), but must last {least} at least.",
        do_fr="Donnez à deliberation_max une durée plus longue que deliberation.",
        do_en="Give deliberation_max a longer duration than deliberation.",
    ),
    "CONSTITUTION_QUORUM": at(
        fr="« {found} » n’est pas un quorum ({field}).",
        en="“{found}” is not a quorum ({field}).",
        do_fr="Écrivez root (environ 1,5 fois la racine du nombre de membres) ou une part de plus de 0% à 100% : 20%.",
        do_en="Write root (about 1.5 times the root of the number of members) or a share above 0%, up to 100%: 20%.",
    ),
    "CONSTITUTION_MAJORITY": at(
        fr="« {found} » n’est pas une majorité ({field}).",
        en="“{found}” is not a majority ({field}).",
        do_fr=(
            "Écrivez une fraction d’au moins 1/2 et de moins de 1, en nombres d’au plus {most} : 1/2, 2/3. Il faut la "
            "dépasser pour que le oui l’emporte."
        ),
        do_en=(
            "Write a fraction of at least 1/2 and below 1, in numbers of {most} at most: 1/2, 2/3. The yes votes must "
            "exceed it."
        ),
    ),
    "CONSTITUTION_BOUND": at(
        fr="{field} : {found} n’est pas permis; une constitution peut aller de {least} à {most}.",
        en="{field}: {found} is not allowed; a constitution can go from {least} to {most}.",
        do_fr=(
            "Choisissez une valeur dans ces bornes : elles protègent chaque membre, et aucun vote ne les change. "
            "docs/spec/constitution.md dit pourquoi elles existent; un nom qui commence par « dev. » n’en a pas."
        ),
        do_en=(
            "Choose a value within these bounds: they protect every member, and no vote changes them. "
            "docs/spec/constitution.md says why they exist; a name that begins with “dev.” has none."
        ),
    ),
    "CONSTITUTION_SWING": at(
        fr="{field} : {found} dépasse le temps avant l’entrée en vigueur, {timelock}.",
        en="{field}: {found} is longer than the time before a change comes into force, {timelock}.",
        do_fr=(
            "Raccourcissez late_swing ou allongez timelock : sans cela, qui lit une copie du dossier ne pourrait pas "
            "croire à une prolongation avant d’avoir vu les bulletins."
        ),
        do_en=(
            "Shorten late_swing or lengthen timelock: otherwise who reads a copy of the record could not believe that "
            "a vote was extended before its ballots are shown."
        ),
    ),
    "POINTS_NOT_LEFT_TO_VOTE": at(
        fr="un texte pour un vote de points porte la ligne « points: vote », seule et sans rien d’autre.",
        en="a text for a points vote has the line “points: vote”, once and with nothing else on it.",
        do_fr="Écrivez cette ligne au début d’une ligne, sans espace ni note après, à la place du bloc points.",
        do_en="Write this line, at the start of a line and without a space or note after it, in place of the points.",
    ),
}

_PLACES: Mapping[str, Reason] = {
    "CONSTITUTION_PLACE": reason(
        Kind.INVALID,
        fr="La ligne « {line} » ne peut figurer qu’une fois dans la constitution ({found} trouvées).",
        en="The line “{line}” can stand in the constitution once only ({found} found).",
        do_fr="Gardez-en une et laissez-la telle quelle : rankd la remplit.",
        do_en="Keep one and leave it as it is: rankd fills it in.",
    ),
    "CONSTITUTION_UNFILLED": reason(
        Kind.STATE,
        fr="{file} : il reste des lignes à remplir : {lines}. Rien d’autre n’y est à reprendre.",
        en="{file}: there are lines left to fill: {lines}. Nothing else in it needs mending.",
        do_fr="Laissez-les : « rankd assembly init --constitution {file} » les remplit avec vos clés. Ou "
        "remplissez-les à la main.",
        do_en="Leave them: “rankd assembly init --constitution {file}” fills them with your keys. Or fill them by "
        "hand.",
    ),
}

REASONS: Mapping[str, Reason] = {**_TEXT, **_PLACES}
