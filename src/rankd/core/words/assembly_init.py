"""What `rankd assembly init` asks and says."""

from collections.abc import Mapping

from rankd.core.words.language import Phrase

ASKS: Mapping[str, Phrase] = {
    "origin": Phrase(
        fr="Le nom de la coopérative pour rankd, comme coop.example/fil (dev.… pour un essai)",
        en="The co-op’s name for rankd, such as coop.example/feed (dev.… for a trial)",
    ),
    "constitution": Phrase(
        fr="Le fichier de la constitution (vide : le modèle fourni)", en="The constitution’s file (empty: the template)"
    ),
    "log_key": Phrase(fr="La clé du procès-verbal (rankd keys new log)", en="The minutes’ key (rankd keys new log)"),
    "secretary": Phrase(
        fr="La clé du secrétariat (rankd keys new secretary)", en="The secretary’s key (rankd keys new secretary)"
    ),
    "founder": Phrase(
        fr="L’inscription d’une personne fondatrice (vide : c’est tout)",
        en="The registration of a founder (empty: that is all)",
    ),
    "surface": Phrase(
        fr="Une surface et ce qu’elle adopte, comme video=POLITIQUE.yaml:MODÈLE (vide : c’est tout)",
        en="A surface and what it adopts, such as video=POLICY.yaml:MODEL (empty: that is all)",
    ),
}
"""Questions on the terminal."""

INIT: Mapping[str, Phrase] = {
    "dev": Phrase(
        fr="Coopérative d’essai : ni bornes sur les délais, ni horloge. Toutes les clés sont dans {path}, sans "
        "phrase de passe.",
        en="A development co-op: no bounds on periods, no clock. All its keys lie in {path}, without passphrases.",
    ),
    "founded": Phrase(
        fr="{origin} est fondée : {count} membre{s}, le {time} (temps universel).",
        en="{origin} is founded: {count} member{s}, on {time} (universal time).",
    ),
    "filled": Phrase(
        fr="Constitution, ses lignes en capitales remplies : {path}",
        en="Constitution, its lines in capitals filled: {path}",
    ),
    "genesis": Phrase(fr="Empreinte fondatrice : {genesis}", en="Genesis digest: {genesis}"),
    "vkey": Phrase(fr="Clé du procès-verbal : {vkey}", en="The minutes’ key: {vkey}"),
    "pin": Phrase(
        fr="Donnez ces deux lignes aux membres, de main à main ou imprimées : tout le reste se vérifie à "
        "partir d’elles. L’empreinte est aussi dans {genesis}.",
        en="Give these two lines to the members, by hand or in print: everything else is verified from them. "
        "The digest also lies in {genesis}.",
    ),
    "next": Phrase(fr="Ensuite :", en="Next:"),
    "next_record": Phrase(
        fr="publier {record} (n’importe quel serveur web) et le donner aux membres;",
        en="publish {record} (any web server) and give it to the members;",
    ),
    "next_serve": Phrase(
        fr="dans rankd.toml, [assembly] : origin, genesis, record, et keeps = {home} si ce service tient le "
        "procès-verbal;",
        en="in rankd.toml, [assembly]: origin, genesis, record, and keeps = {home} where this service keeps "
        "the minutes;",
    ),
    "next_status": Phrase(
        fr="rankd assembly status --record {record} --genesis {genesis}",
        en="rankd assembly status --record {record} --genesis {genesis}",
    ),
    "next_append": Phrase(
        fr="rankd minutes append ENTRÉE.json --home {home} pour inscrire ce que signent les membres.",
        en="rankd minutes append ENTRY.json --home {home} to enter what members sign.",
    ),
    "member": Phrase(fr="{member} : {file}", en="{member}: {file}"),
}
"""What was founded, and what to do next."""
