"""What `rankd viewer` says."""

from collections.abc import Mapping

from rankd.core.words.language import Phrase

KINDS: Mapping[str, Phrase] = {
    "shown": Phrase(fr="affichage", en="shown"),
    "click": Phrase(fr="clic", en="click"),
    "long_view": Phrase(fr="lecture longue", en="long view"),
    "like": Phrase(fr="j’aime", en="like"),
    "reply": Phrase(fr="réponse", en="reply"),
    "repost": Phrase(fr="partage", en="repost"),
    "follow": Phrase(fr="abonnement", en="follow"),
    "profile_visit": Phrase(fr="visite du profil", en="profile visit"),
    "hide": Phrase(fr="masquage", en="hide"),
    "report": Phrase(fr="signalement", en="report"),
}

PARTS: Mapping[str, Phrase] = {
    "item": Phrase(fr="publication", en="post"),
    "author": Phrase(fr="auteur", en="author"),
}

EXPORT: Mapping[str, Phrase] = {
    "title": Phrase(
        fr="Ce que rankd détient sur « {viewer} », le {moment} (temps universel)",
        en="What rankd holds about “{viewer}”, on {moment} (UTC)",
    ),
    "decisions": Phrase(fr="Fils classés : {count}", en="Ranked feeds: {count}"),
    "decision": Phrase(fr="{moment}, {surface} ({id})", en="{moment}, {surface} ({id})"),
    "newest_first": Phrase(fr="  dans l’ordre du temps, sans profilage", en="  newest first, no profiling"),
    "sliders": Phrase(fr="  réglages personnels : {sliders}", en="  personal settings: {sliders}"),
    "shown": Phrase(fr="  montré : {shown}", en="  shown: {shown}"),
    "offered": Phrase(
        fr="  proposé et non montré : {count} publication{s}", en="  offered and not shown: {count} post{s}"
    ),
    "data": Phrase(fr="  données utilisées : {names}", en="  data used: {names}"),
    "unknown": Phrase(fr="inconnu", en="unknown"),
    "own_data": Phrase(
        fr="  dont calculées ici à partir d’événements : {names}", en="  of these worked out here: {names}"
    ),
    "events": Phrase(fr="Événements : {count}", en="Events: {count}"),
    "event": Phrase(
        fr="  {moment} : {kind}, « {candidate} »{author}, place {place} ({decision})",
        en="  {moment}: {kind}, “{candidate}”{author}, place {place} ({decision})",
    ),
    "by": Phrase(fr=" de « {author} »", en=" by “{author}”"),
    "counts": Phrase(
        fr="Comptes de cette personne, relus par le modèle de « {surface} » : {count}",
        en="Counts of this person, read by the model of “{surface}”: {count}",
    ),
    "count": Phrase(
        fr="  {meaning} ({name}){about} : {value}; {counts}", en="  {meaning} ({name}){about}: {value}; {counts}"
    ),
    "value": Phrase(fr="vaut {value} {unit}", en="stands at {value} {unit}"),
    "others": Phrase(fr="dépend aussi de ce que d’autres ont fait", en="also depends on what others did"),
    "not_found": Phrase(fr="Ce qui ne se retrouve plus", en="What cannot be found any more"),
    "destroyed": Phrase(
        fr="  Clés de pseudonymes détruites : périodes {periods}. De ces temps, personne ne peut dire quels fils "
        "étaient à qui.",
        en="  Keys of pseudonyms destroyed: periods {periods}. Of these times nobody can tell whose feeds were whose.",
    ),
    "no_destroyed": Phrase(
        fr="  Aucune clé de pseudonymes n’a été détruite.", en="  No key of pseudonyms was destroyed."
    ),
    "erased": Phrase(
        fr="  Contenus effacés, de qui que ce soit : {decisions} décision{s}, {events} entrée{z} d’événements.",
        en="  Bodies erased, whoever’s they were: {decisions} decision{s}, {events} entr{z} of events.",
    ),
    "unpublished": Phrase(
        fr="  {count} entrée{s} pas encore publiée{s} : recommencez dans un instant, service en marche.",
        en="  {count} entr{s} not published yet: try again in a moment, with the service running.",
    ),
    "not_here": Phrase(fr="Ce qui n’est pas ici", en="What is not here"),
    "nothing_else": Phrase(
        fr="  Ni nom, ni adresse, ni téléphone, ni mot de passe, ni contenu de publication : rankd ne les reçoit "
        "jamais. Il connaît l’identifiant que la plateforme emploie, et le remplace par un pseudonyme.",
        en="  No name, address, telephone, password or content of a post: rankd is never told. It knows the identifier "
        "that the platform uses, and puts a pseudonym in its place.",
    ),
    "written": Phrase(fr="Écrit dans {path}, lisible de vous seul.", en="Written to {path}, for your eyes only."),
    "searching": Phrase(fr="Recherche", en="Looking"),
    "per_post": Phrase(
        fr="(Les nombres propres à chaque publication sont dans le fichier de --json.)",
        en="(Numbers that are each post’s own are in the file of --json.)",
    ),
}

FORGET: Mapping[str, Phrase] = {
    "about": Phrase(
        fr="{decisions} décision{s} et {events} entrée{z} d’événements de cette personne à effacer.",
        en="{decisions} decision{s} and {events} entr{z} of events of this person to erase.",
    ),
    "nothing": Phrase(
        fr="Rien à effacer : rien de cette personne ne se trouve ici.",
        en="Nothing to erase: nothing of this person is found here.",
    ),
    "confirm": Phrase(
        fr="Personne ne pourra plus les lire, et les comptes seront refaits sans elles. Continuer",
        en="Nobody will be able to read them again, and counts will be made anew without them. Go on",
    ),
    "stopped": Phrase(fr="Rien n’a été effacé.", en="Nothing was erased."),
    "done": Phrase(
        fr="Effacé : {decisions} décision{s}, {events} entrée{z} d’événements. Les journaux disent qui l’a ordonné, "
        "quand et pourquoi; les comptes sont refaits sans elles.",
        en="Erased: {decisions} decision{s}, {events} entr{z} of events. The journals say who ordered it, when and "
        "why; counts are made anew without them.",
    ),
    "waits": Phrase(
        fr="L’ordre attend : le service l’exécutera dès qu’il tournera ({path}). Recommencez ensuite, pour ce qui "
        "n’était pas encore publié.",
        en="The order waits: the service obeys it as soon as it runs ({path}). Do this again then, for what was not "
        "published yet.",
    ),
    "unsettled": Phrase(
        fr="Des entrées ne sont pas encore publiées, et n’ont pas pu être regardées : recommencez, service en marche "
        "ou avec --log-key.",
        en="Entries are not published yet and could not be looked at: do this again with the service running, or with "
        "--log-key.",
    ),
    "refused": Phrase(
        fr="Le service a refusé l’ordre; son journal d’exploitation dit pourquoi.",
        en="The service refused the order; its log says why.",
    ),
    "future": Phrase(
        fr="Cela vaut pour le passé. Ce que la plateforme enverra encore sera consigné et compté : pour qu’il n’en "
        "soit rien, elle cesse d’envoyer les événements de cette personne, et demande ses fils dans l’ordre du temps "
        "(NEWEST_FIRST).",
        en="This is about the past. What the platform goes on to send is recorded and counted: to prevent that, it "
        "stops sending this person’s events, and asks for their feeds newest first (NEWEST_FIRST).",
    ),
}
