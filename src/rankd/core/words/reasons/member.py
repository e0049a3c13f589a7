"""Reasons about what members, secretary and guardians do on the command line: what is named, signed and handed over."""

from collections.abc import Mapping

from rankd.core.words.reasons.reason import Kind, Reason, reason

_NAMED: Mapping[str, Reason] = {
    "RECORD_UNNAMED": reason(
        Kind.MISSING,
        fr="Il faut le dossier public de la coopérative, et aucun n’est nommé.",
        en="The co-op’s public record is needed, and none is named.",
        do_fr="Donnez --record DOSSIER, ou RANKD_RECORD; pour s’inscrire, --origin NOM suffit.",
        do_en="Give --record FOLDER, or RANKD_RECORD; to register, --origin NAME is enough.",
    ),
    "GENESIS_UNNAMED": reason(
        Kind.MISSING,
        fr="Il faut l’empreinte fondatrice de la coopérative, et aucune n’est nommée.",
        en="The co-op’s genesis digest is needed, and none is named.",
        do_fr="Donnez --genesis sha256:… (ou le fichier qui la contient), ou RANKD_GENESIS. Tenez-la des personnes, "
        "pas du dossier que vous vérifiez.",
        do_en="Give --genesis sha256:… (or the file that holds it), or RANKD_GENESIS. Have it from the people, not "
        "from the folder that you check.",
    ),
    "GENESIS_MALFORMED": reason(
        Kind.INVALID,
        fr="« {found} » n’est pas une empreinte fondatrice.",
        en="“{found}” is no genesis digest.",
        do_fr="Écrivez sha256: suivi de 64 chiffres hexadécimaux, ou le nom du fichier qui la contient.",
        do_en="Write sha256: and 64 hexadecimal digits, or the name of the file that holds it.",
    ),
    "SIGNING_KEY_UNNAMED": reason(
        Kind.MISSING,
        fr="Il faut une clé pour signer, et aucune n’est nommée.",
        en="A key is needed to sign, and none is named.",
        do_fr="Donnez --key FICHIER, ou RANKD_KEY; rankd keys new en crée une.",
        do_en="Give --key FILE, or RANKD_KEY; rankd keys new makes one.",
    ),
    "DELIVERY_UNNAMED": reason(
        Kind.MISSING,
        fr="Rien ne dit où va l’entrée signée.",
        en="Nothing says where the signed entry goes.",
        do_fr="Donnez --out FICHIER, à remettre au secrétariat, ou --server ADRESSE.",
        do_en="Give --out FILE, to be handed to the secretary, or --server ADDRESS.",
    ),
    "DELIVERY_TWICE": reason(
        Kind.INVALID,
        fr="--out et --server se contredisent.",
        en="--out and --server contradict each other.",
        do_fr="Gardez l’un des deux : une entrée va à un seul endroit.",
        do_en="Keep one of them: an entry goes to one place.",
    ),
    "TIME_NOT_DEV": reason(
        Kind.FORBIDDEN,
        fr="« {origin} » n’est pas une coopérative d’essai : son heure est celle de l’horloge.",
        en="“{origin}” is no development co-op: its time is the clock’s.",
        do_fr="Retirez --at; il ne sert qu’aux origines qui commencent par « dev. ».",
        do_en="Leave out --at; it is for origins that begin with “dev.”.",
    ),
    "TIME_MALFORMED": reason(
        Kind.INVALID,
        fr="« {found} » n’est pas un moment.",
        en="“{found}” is no moment.",
        do_fr="Écrivez 2026-03-01T12:00Z (temps universel), ou +3d, +12h, +5m après la dernière entrée.",
        do_en="Write 2026-03-01T12:00Z (universal time), or +3d, +12h, +5m after the last entry.",
    ),
    "OUTPUT_EXISTS": reason(
        Kind.EXISTS,
        fr="{file} existe déjà et n’a pas été touché.",
        en="{file} exists already and was left as it is.",
        do_fr="Choisissez un autre chemin : une entrée signée n’est jamais écrasée.",
        do_en="Choose another path: a signed entry is never overwritten.",
    ),
    "OUTPUT_UNWRITABLE": reason(
        Kind.UNAVAILABLE,
        fr="Impossible d’écrire {file} : {detail}.",
        en="{file} cannot be written: {detail}.",
        do_fr="Le dossier doit exister. Vérifiez l’espace libre et les droits.",
        do_en="Its folder must exist. Check free space and permissions.",
    ),
    "ENTRY_FILE_UNREADABLE": reason(
        Kind.MISSING,
        fr="{file} ne se lit pas : {detail}.",
        en="{file} cannot be read: {detail}.",
        do_fr="Vérifiez le chemin et les droits.",
        do_en="Check the path and permissions.",
    ),
    "ENTRY_FILE_MALFORMED": reason(
        Kind.INVALID,
        fr="{file} n’est pas une entrée signée.",
        en="{file} is no signed entry.",
        do_fr="Il faut un fichier que rankd a écrit avec --out, entier et sans modification.",
        do_en="It takes a file that rankd wrote with --out, whole and unchanged.",
    ),
    "ENTRY_KIND_OTHER": reason(
        Kind.INVALID,
        fr="{file} est une entrée « {found} »; il faut « {wanted} ».",
        en="{file} is an entry of kind “{found}”; it must be “{wanted}”.",
        do_fr="Vérifiez quel fichier vous avez reçu.",
        do_en="Check which file you were given.",
    ),
    "RECORD_FAULTY": reason(
        Kind.DATA_LOSS,
        fr="Ce dossier a {count} défaut(s); rien n’est signé d’après lui. Le premier : {first}",
        en="This record has {count} fault(s); nothing is signed by it. The first: {first}",
        do_fr="Reprenez le dossier d’une autre copie, et prévenez le secrétariat.",
        do_en="Take the record from another copy, and tell the secretary.",
    ),
}

_CHOICES: Mapping[str, Reason] = {
    "PROPOSAL_NOT_FOUND": reason(
        Kind.MISSING,
        fr="Il n’y a pas de {proposal} dans ce dossier.",
        en="There is no {proposal} in this record.",
        do_fr="rankd assembly status les montre; peut-être votre copie du dossier est-elle ancienne.",
        do_en="rankd assembly status shows them; perhaps your copy of the record is old.",
    ),
    "PROPOSAL_IS_INTERVENTION": reason(
        Kind.STATE,
        fr="{proposal} est une intervention des gardiens, non une proposition.",
        en="{proposal} is an intervention of the guardians, not a proposal.",
        do_fr="On la lit par rankd assembly show {proposal}, et l’on en vote par rankd vote {proposal}.",
        do_en="Read it with rankd assembly show {proposal}, and vote on it with rankd vote {proposal}.",
    ),
    "PAPER_NOT_OPEN": reason(
        Kind.STATE,
        fr="{proposal} n’est pas au vote : {state_fr}.",
        en="{proposal} is not being voted on: {state_en}.",
        do_fr="rankd assembly status dit quand un vote ouvre et quand il ferme.",
        do_en="rankd assembly status says when a vote opens and when it closes.",
    ),
    "PAPER_CHOICE_MISSING": reason(
        Kind.MISSING,
        fr="Il manque votre choix.",
        en="Your choice is missing.",
        do_fr='Oui ou non : --yes, --no ou --abstain. Classement : --rank "2>0,1". Points : --points '
        "click=150,reply=300,… ou --abstain.",
        do_en='Yes or no: --yes, --no or --abstain. Ranking: --rank "2>0,1". Points: --points '
        "click=150,reply=300,… or --abstain.",
    ),
    "PAPER_CHOICE_TWICE": reason(
        Kind.INVALID,
        fr="Plusieurs choix sont donnés.",
        en="Several choices are given.",
        do_fr="Gardez-en un.",
        do_en="Keep one.",
    ),
    "PAPER_CHOICE_OTHER": reason(
        Kind.INVALID,
        fr="{option} ne va pas avec ce vote ({vote}).",
        en="{option} does not go with this vote ({vote}).",
        do_fr="Oui ou non : --yes, --no, --abstain. Classement : --rank. Points : --points, --abstain.",
        do_en="Yes or no: --yes, --no, --abstain. Ranking: --rank. Points: --points, --abstain.",
    ),
    "PAPER_RANK": reason(
        Kind.INVALID,
        fr="« {found} » n’est pas un classement des options 0 à {options}.",
        en="“{found}” is no ranking of the options 0 to {options}.",
        do_fr="La meilleure d’abord, « > » entre les rangs, « , » entre les égales, chacune une fois : 2>0,1. Les "
        "options non nommées viennent en dernier.",
        do_en="Best first, “>” between ranks, “,” between equals, each once: 2>0,1. Options not named come last.",
    ),
    "PAPER_POINTS_MALFORMED": reason(
        Kind.INVALID,
        fr="« {found} » : {field} n’est pas un objectif avec son nombre de points, ou y est deux fois.",
        en="“{found}”: {field} is no objective with its number of points, or stands there twice.",
        do_fr="Nommez les neuf objectifs, chacun une fois : {template}",
        do_en="Name all nine objectives, each once: {template}",
    ),
    "PAPER_POINTS_INCOMPLETE": reason(
        Kind.INVALID,
        fr="Il manque des points pour : {missing}.",
        en="Points are missing for: {missing}.",
        do_fr="Nommez les neuf objectifs, 0 compris. Le bulletin d’aujourd’hui : {template}",
        do_en="Name all nine objectives, 0 included. Today’s paper: {template}",
    ),
    "PAPER_POINTS_SUM": reason(
        Kind.INVALID,
        fr="Les points font {found}, pas 1 000.",
        en="The points make {found}, not 1,000.",
        do_fr="Répartissez exactement mille points.",
        do_en="Hand out exactly a thousand points.",
    ),
    "PAPER_POINTS_BOUNDS": reason(
        Kind.INVALID,
        fr="{objective} : {found} points; il en faut de {least} à {most}.",
        en="{objective}: {found} points; it must be {least} to {most}.",
        do_fr="La constitution fixe ces bornes; sans tête du modèle pour un objectif, il n’y a pas de points.",
        do_en="The constitution sets these bounds; where the model has no head for an objective, there are no points.",
    ),
    "BALLOT_NUMBERS_UNUSABLE": reason(
        Kind.STATE,
        fr="{file}, qui retient les numéros de vos bulletins, ne peut pas servir ({detail}).",
        en="{file}, which remembers the numbers of your ballots, cannot be used ({detail}).",
        do_fr="Deux bulletins d’un même numéro ne comptent ni l’un ni l’autre. Reprenez une copie du fichier, ou "
        "effacez-le et donnez --number, plus grand que tous vos numéros passés.",
        do_en="Two ballots of one number both count for nothing. Fetch a copy of the file, or delete it and give "
        "--number, above all your earlier numbers.",
    ),
    "BALLOT_NUMBER_USED": reason(
        Kind.EXISTS,
        fr="Vous avez déjà signé un bulletin numéro {last}; {number} ne le remplacerait pas.",
        en="You have signed a ballot numbered {last} already; {number} would not replace it.",
        do_fr="Laissez --number de côté, ou prenez {next} ou plus.",
        do_en="Leave out --number, or take {next} or more.",
    ),
    "KEY_OF_NO_MEMBER": reason(
        Kind.MISSING,
        fr="Aucun membre n’a {found}.",
        en="No member has {found}.",
        do_fr="Peut-être l’admission n’est-elle pas encore au procès-verbal, ou la clé a été remplacée.",
        do_en="Perhaps the admission is not yet in the minutes, or the key was replaced.",
    ),
    "MEMBER_NOT_WAITING": reason(
        Kind.MISSING,
        fr="Aucune inscription n’attend au procès-verbal sous le nom {member}.",
        en="No registration waits in the minutes under the name {member}.",
        do_fr="Vérifiez le nom, et que ce dossier est à jour; ou donnez le fichier de l’inscription.",
        do_en="Check the name, and that this record is up to date; or give the registration’s file.",
    ),
    "TEXT_NEEDED": reason(
        Kind.MISSING,
        fr="Il manque {what}.",
        en="{what} is missing.",
        do_fr="rankd … --help montre les options.",
        do_en="rankd … --help shows the options.",
    ),
}

_KEPT: Mapping[str, Reason] = {
    "KEPT_MALFORMED": reason(
        Kind.INVALID,
        fr="{file} n’est ni un reçu gardé par rankd, ni une entrée signée ({field}).",
        en="{file} is neither a receipt kept by rankd nor a signed entry ({field}).",
        do_fr="Donnez le fichier que rankd a écrit à l’envoi (--receipt), ou celui de --out.",
        do_en="Give the file that rankd wrote on sending (--receipt), or that of --out.",
    ),
    "KEPT_DIFFERS": reason(
        Kind.DATA_LOSS,
        fr="Le reçu et l’entrée de {file} ne vont pas ensemble ({field}).",
        en="The receipt and the entry in {file} do not belong together ({field}).",
        do_fr="Reprenez le fichier d’une copie intacte. S’il est tel que le service l’a donné, c’est une faute du "
        "service : gardez-le.",
        do_en="Fetch an intact copy of the file. If it is as the service gave it, the service is at fault: keep it.",
    ),
}

_FOUNDING: Mapping[str, Reason] = {
    "HOME_NOT_EMPTY": reason(
        Kind.EXISTS,
        fr="{path} contient déjà un procès-verbal.",
        en="{path} holds minutes already.",
        do_fr="On ne fonde qu’une fois : choisissez un autre dossier.",
        do_en="A co-op is founded once: choose another folder.",
    ),
    "FOUNDERS_MISSING": reason(
        Kind.MISSING,
        fr="Il faut au moins l’inscription d’une personne fondatrice.",
        en="At least one founder’s registration is needed.",
        do_fr="Chacune fait la sienne (rankd member register --origin {origin}), puis : --founder FICHIER, répétable.",
        do_en="Each makes her own (rankd member register --origin {origin}), then: --founder FILE, repeatable.",
    ),
    "SURFACE_OPTION": reason(
        Kind.INVALID,
        fr="« {found} » ne dit pas ce que la fondation adopte pour une surface.",
        en="“{found}” does not say what the founding adopts for a surface.",
        do_fr="Écrivez video=POLITIQUE.yaml:MODÈLE, video=:MODÈLE (sans politique encore) ou video= (rien encore).",
        do_en="Write video=POLICY.yaml:MODEL, video=:MODEL (no policy yet) or video= (nothing yet).",
    ),
    "FOUNDING_KEYS_NEEDED": reason(
        Kind.MISSING,
        fr="Il manque {option} : seule une origine « dev. » fait elle-même ses clés.",
        en="{option} is missing: only a “dev.” origin makes its own keys.",
        do_fr="Créez la clé sur la machine de qui la gardera : rankd keys new {kind} CHEMIN --name …",
        do_en="Make the key on the machine of whoever will keep it: rankd keys new {kind} PATH --name …",
    ),
    "CONSTITUTION_OTHER_CO": reason(
        Kind.INVALID,
        fr="La constitution dit {field} : {found}; la ligne de commande dit {wanted}.",
        en="The constitution says {field}: {found}; the command line says {wanted}.",
        do_fr="Corrigez l’une ou l’autre avant de fonder : la constitution fait foi ensuite.",
        do_en="Correct one or the other before founding: afterwards the constitution holds.",
    ),
}

REASONS: Mapping[str, Reason] = {**_NAMED, **_CHOICES, **_KEPT, **_FOUNDING}
