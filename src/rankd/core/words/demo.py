"""What the demo says, in French and in English."""

from collections.abc import Mapping

from rankd.core.words.language import Phrase

SAY: Mapping[str, Phrase] = {
    "title": Phrase(fr="rankd : la démonstration", en="rankd: the demo"),
    "feed_notice": Phrase(
        fr="Fil inventé : {coop}, {videos} vidéos, {viewers} personnes ({file}).",
        en="Invented feed: {coop}, {videos} videos, {viewers} people ({file}).",
    ),
    "real_notice": Phrase(
        fr=(
            "Requêtes assemblées sur de vraies vidéos (KuaiRand-Pure, mai 2022). Les personnes, les vidéos et leurs "
            "nombres sont réels; le choix des vidéos offertes à chacune ne l’est pas. Ces données n’ont ni titres, ni "
            "groupes, ni dates qui disent quelque chose."
        ),
        en=(
            "Requests assembled over real videos (KuaiRand-Pure, May 2022). The people, the videos and their numbers "
            "are real; the choice of videos on offer to each is not. These data have no titles, no groups and no dates "
            "that mean anything."
        ),
    ),
    "real_name": Phrase(fr="Personne {id}", en="Person {id}"),
    "real_author": Phrase(fr="auteur {id}", en="author {id}"),
    "real_viewer": Phrase(
        fr="{count} vidéos regardées dans les semaines d’avant", en="{count} videos watched in the weeks before"
    ),
    "real_viewer_unlisted": Phrase(
        fr="on ne sait pas ce que cette personne regardait avant", en="what this person watched before is not known"
    ),
    "starting": Phrase(fr="Démarrage du service …", en="Starting the service …"),
    "service": Phrase(
        fr="Le service répond sur {address} (rankd serve, dans un processus à lui). Chaque décision est sur le disque "
        "avant que la réponse parte.",
        en="The service answers at {address} (rankd serve, in a process of its own). Every decision is on disk before "
        "its answer leaves.",
    ),
    "policy": Phrase(fr="La politique en vigueur : « {title} »", en="The policy in force: “{title}”"),
    "points": Phrase(fr="Mille points à répartir : {points}.", en="A thousand points to hand out: {points}."),
    "slates": Phrase(fr="1. Un fil pour chaque personne", en="1. A feed for each person"),
    "slates_note": Phrase(
        fr=(
            "« Plus souvent » et « moins souvent » : que d’habitude, d’après le modèle, pour cette "
            "personne. Les points sont la valeur après toutes les règles; entre parenthèses, ce qu’une règle enlève."
        ),
        en=(
            "“More often” and “less often”: than usual, by the model, for this person. Points are the value after "
            "every rule; in parentheses, what a rule takes away."
        ),
    ),
    "person": Phrase(fr="{name} : {about}", en="{name}: {about}"),
    "offered": Phrase(
        fr="{offered} vidéos offertes, {shown} au fil · décision {decision}",
        en="{offered} videos on offer, {shown} in the feed · decision {decision}",
    ),
    "dropped": Phrase(fr=" · écartées : {rules}", en=" · taken out: {rules}"),
    "video": Phrase(fr="Vidéo", en="Video"),
    "value": Phrase(fr="Points", en="Points"),
    "why": Phrase(fr="Pourquoi", en="Why"),
    "age": Phrase(fr="il y a {age}", en="{age} ago"),
    "hours": Phrase(fr="{n} h", en="{n} h"),
    "days": Phrase(fr="{n} j", en="{n} d"),
    "old": Phrase(fr="Âge", en="Age"),
    "ageless": Phrase(fr="date inconnue", en="date unknown"),
    "loss": Phrase(fr="{words} ({change})", en="{words} ({change})"),
    "explanation": Phrase(
        fr="2. Une valeur, à refaire avec une calculatrice", en="2. A value, to check with a pocket calculator"
    ),
    "explained": Phrase(
        fr="Une vidéo du fil de {name}, celle sur laquelle les règles ont le plus agi :",
        en="A video of the feed of {name}, the one on which rules acted most:",
    ),
    "newest": Phrase(fr="3. Le plus récent d’abord, à côté", en="3. Newest first, side by side"),
    "newest_note": Phrase(
        fr="{name} peut le choisir en tout temps : aucun modèle, aucun profil, aucune colonne n’est lue.",
        en="{name} can choose it at any time: no model, no profile, and no column is read.",
    ),
    "newest_undated": Phrase(
        fr="Sans dates, tout est ex æquo : l’ordre de droite est tiré au sort.",
        en="Without dates everything ties: the order on the right is drawn by lot.",
    ),
    "by_policy": Phrase(fr="Selon la politique", en="By the policy"),
    "by_time": Phrase(fr="Le plus récent d’abord", en="Newest first"),
    "chance": Phrase(fr="4. Le hasard, compté", en="4. Chance, counted"),
    "chance_share": Phrase(
        fr="La politique échange deux vidéos dans {share} des demandes, pour apprendre.",
        en="The policy swaps two videos in {share} of requests, in order to learn.",
    ),
    "chance_count": Phrase(
        fr="{asked} demandes de plus : {swapped}.",
        en="{asked} more requests: {swapped}.",
    ),
    "swapped_none": Phrase(fr="aucun échange cette fois", en="no swap this time"),
    "swapped_some": Phrase(fr="{count} échange{s}", en="{count} swap{s}"),
    "swap_example": Phrase(
        fr="Décision {decision} : « {title} » tient la place {rank} par échange; sinon, elle aurait la place {at}.",
        en="Decision {decision}: “{title}” holds place {rank} by a swap; otherwise it would hold place {at}.",
    ),
    "entered": Phrase(fr="entre", en="enters"),
    "proof": Phrase(
        fr="7. Tout prouver, à partir d’un seul fichier, à quelqu’un qui ne fait confiance à personne",
        en="7. Prove everything, from one file, to somebody who trusts nobody",
    ),
    "bundled": Phrase(
        fr="rankd bundle : journal et procès-verbal tiennent dans un fichier de {size_kb} ko.",
        en="rankd bundle: journal and minutes fit into one file of {size_kb} kB.",
    ),
    "key_kept": Phrase(
        fr="Deux choses ne viennent pas de ce fichier, elles ont été notées avant : la clé du journal, {vkey}, et "
        "l’empreinte fondatrice.",
        en="Two things do not come from that file, they were noted before: the journal’s key, {vkey}, and the genesis "
        "digest.",
    ),
    "leaves_signed": Phrase(
        fr="{size} feuilles sous un point de contrôle signé : rien n’a été retiré, ajouté ou changé depuis.",
        en="{size} leaves under one signed checkpoint: nothing was removed, added or changed since.",
    ),
    "nonces_drawn": Phrase(
        fr="{count} tirages refaits à partir du secret, annoncé avant et révélé après : personne n’a pu choisir le "
        "hasard après coup.",
        en="{count} lots drawn again from the secret, announced before and revealed after: nobody could choose the "
        "chances afterwards.",
    ),
    "receipt_kept": Phrase(
        fr="Le reçu signé que portait la réponse {decision} est honoré.",
        en="The signed receipt that came with answer {decision} is honoured.",
    ),
    "mandate": Phrase(
        fr="Chaque décision suit ce que les membres avaient mis en vigueur : {counts}.",
        en="Every decision follows what the members had put in force: {counts}.",
    ),
    "mandate_of": Phrase(fr="{count} sous l’activation {activation}", en="{count} under activation {activation}"),
    "recounted": Phrase(
        fr="Le procès-verbal, {size} entrées : signatures vérifiées, {votes} votes et {ballots} bulletins recomptés "
        "par deux programmes écrits à part.",
        en="The minutes, {size} entries: signatures verified, {votes} votes and {ballots} ballots counted again by two "
        "programs written apart.",
    ),
    "edit": Phrase(
        fr="Qui exploite le service change les points du clic dans {surface}/{number:04d}.yaml, le texte que lisent "
        "les membres :",
        en="The operator changes the points for clicks in {surface}/{number:04d}.yaml, the text that members read:",
    ),
    "strike": Phrase(
        fr="Qui exploite le service retire un bulletin du dossier public (entrée {index}) :",
        en="The operator strikes a ballot out of the public record (entry {index}):",
    ),
    "falsify": Phrase(
        fr="Quelqu’un change un chiffre d’une feuille de ce fichier; rankd verify :",
        en="Somebody changes one digit of one leaf in that file; rankd verify:",
    ),
    "falsified": Phrase(fr="  « {reason} »", en="  “{reason}”"),
    "forget": Phrase(
        fr="La personne de la décision {decision} demande l’oubli; rankd erase, puis tout revérifier :",
        en="The person behind decision {decision} asks to be forgotten; rankd erase, then verify everything again:",
    ),
    "forget_reason": Phrase(fr="demande de la personne", en="asked for by the person"),
    "forgotten": Phrase(
        fr="  1 décision effacée, avec qui, quand et pourquoi; les {identical} autres restent identiques et prouvées, "
        "le reçu aussi.",
        en="  1 decision erased, with who, when and why; the other {identical} stay identical and proven, and so does "
        "the receipt.",
    ),
    "stopped": Phrase(
        fr="Le service est arrêté (SIGTERM). Ce qui suit ne lit que des fichiers.",
        en="The service is stopped (SIGTERM). What follows reads files alone.",
    ),
    "replayed": Phrase(
        fr="{made} décisions prises, {count} rejouées : {identical} identiques au bit près.",
        en="{made} decisions made, {count} replayed: {identical} identical to the last bit.",
    ),
    "not_proven": Phrase(
        fr=(
            "Ce que cela ne prouve pas : quelles vidéos l’application a choisi d’offrir, ni que les nombres envoyés "
            "étaient vrais."
        ),
        en=(
            "What this does not prove: which videos the application chose to offer, or that the numbers it sent were "
            "true."
        ),
    ),
    "took": Phrase(
        fr="Terminé en {seconds} s; le dossier temporaire est effacé. Pour garder le service : make serve",
        en="Done in {seconds} s; the temporary folder is gone. To keep the service: make serve",
    ),
}

FAILURES: Mapping[str, Phrase] = {
    "config_missing": Phrase(
        fr="{file} n’est pas là. Lancez la démonstration à la racine du projet (make demo), ou donnez --config.",
        en="{file} is not there. Run the demo in the project’s root (make demo), or give --config.",
    ),
    "extra_missing": Phrase(
        fr="{module} n’est pas installé. Installez-le : pip install 'rankd[serve,train]'",
        en="{module} is not installed. Install it: pip install 'rankd[serve,train]'",
    ),
    "feed_unreadable": Phrase(
        fr="Le fil {file} ne se lit pas ({detail}). Remettez le fichier du dépôt.",
        en="The feed {file} cannot be read ({detail}). Put back the repository’s file.",
    ),
    "start_failed": Phrase(
        fr="Le service s’est arrêté au démarrage (code {code}). Ses derniers mots :\n{log}",
        en="The service ended while starting (code {code}). Its last words:\n{log}",
    ),
    "start_silent": Phrase(
        fr="Le service ne répond pas après {seconds} s. Ses derniers mots :\n{log}",
        en="The service does not answer after {seconds} s. Its last words:\n{log}",
    ),
    "stop_failed": Phrase(
        fr="Le service s’est mal arrêté (code {code}). Ses derniers mots :\n{log}",
        en="The service did not stop well (code {code}). Its last words:\n{log}",
    ),
    "stop_slow": Phrase(
        fr="Le service ne s’est pas arrêté en {seconds} s. Ses derniers mots :\n{log}",
        en="The service did not stop within {seconds} s. Its last words:\n{log}",
    ),
    "surface_missing": Phrase(
        fr="La surface « {surface} » est servie sans politique : {detail}",
        en="The surface “{surface}” is served without a policy: {detail}",
    ),
    "step_failed": Phrase(
        fr="rankd {verb} n’a pas fait ce qu’il devait (code {code}) :\n{log}",
        en="rankd {verb} did not do what it should (code {code}):\n{log}",
    ),
    "step_slow": Phrase(
        fr="rankd {verb} n’a pas fini en {seconds} s.", en="rankd {verb} did not finish within {seconds} s."
    ),
    "replay_differs": Phrase(
        fr="Les {count} décisions ne sont pas toutes identiques et prouvées :\n{log}",
        en="Not all of the {count} decisions are identical and proven:\n{log}",
    ),
    "not_adopted": Phrase(
        fr="La proposition {proposal} n’est pas en vigueur : {state}.",
        en="Proposal {proposal} is not in force: {state}.",
    ),
    "not_published": Phrase(
        fr="Le journal n’est pas publié après {seconds} s.", en="The journal is not published after {seconds} s."
    ),
    "not_in_force": Phrase(
        fr="Le service ne sert pas encore {proposal} après {seconds} s.",
        en="The service does not serve {proposal} yet after {seconds} s.",
    ),
    "interrupted": Phrase(
        fr="Interrompu; le service est arrêté et le dossier temporaire est effacé.",
        en="Interrupted; the service is stopped and the temporary folder is gone.",
    ),
}
