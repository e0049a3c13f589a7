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
            "Requêtes assemblées sur de vraies vidéos (KuaiRand-Pure, mai 2022). Les personnes, les vidéos et ce que "
            "ces personnes ont fait sont réels; le choix des vidéos offertes à chacune ne l’est pas, ni ce que la "
            "première fait ici. Ces données n’ont ni titres, ni groupes, ni dates qui disent quelque chose."
        ),
        en=(
            "Requests assembled over real videos (KuaiRand-Pure, May 2022). The people, the videos and what these "
            "people did are real; the choice of videos on offer to each is not, nor is what the first of them does "
            "here. These data have no titles, no groups and no dates that mean anything."
        ),
    ),
    "real_name": Phrase(fr="Personne {id}", en="Person {id}"),
    "real_author": Phrase(fr="auteur {id}", en="author {id}"),
    "real_viewer": Phrase(
        fr="{count} vidéos montrées dans les semaines d’avant", en="{count} videos shown in the weeks before"
    ),
    "service": Phrase(
        fr="rankd serve répond sur {address}; chaque décision est sur disque avant la réponse.",
        en="rankd serve answers at {address}; every decision is on disk before its answer leaves.",
    ),
    "policy": Phrase(fr="La politique en vigueur : « {title} »", en="The policy in force: “{title}”"),
    "points": Phrase(fr="Mille points à répartir : {points}.", en="A thousand points to hand out: {points}."),
    "past": Phrase(
        fr="Le passé, revécu par le service : {people} personnes, {asked} fils demandés, {events} événements reçus par "
        "RecordEvents (montrée, ouverte, regardée, aimée, masquée …), en {seconds} s.",
        en="The past, lived again through the service: {people} people, {asked} feeds asked for, {events} events taken "
        "by RecordEvents (shown, opened, watched, liked, hidden …), in {seconds} s.",
    ),
    "kept": Phrase(
        fr="Une demande n’apporte que des identifiants et {sent}. Les {kept} autres variables du modèle, le service "
        "les tire lui-même de ces événements.",
        en="A request brings ids and {sent}, nothing else. The {kept} other features the service works out itself, "
        "from these events.",
    ),
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
    "data": Phrase(
        fr="Elle repose entre autres sur {known} nombres que le service tient lui-même, dont :",
        en="It rests, among others, on {known} numbers that the service keeps itself, such as:",
    ),
    "datum": Phrase(fr="  {meaning} : {value}", en="  {meaning}: {value}"),
    "reaction": Phrase(fr="3. Réagir, et voir le fil suivant changer", en="3. React, and see the next feed change"),
    "reacts": Phrase(
        fr="{name} masque « {hidden} », puis ouvre « {watched} », la regarde longtemps, l’aime et va voir le profil.",
        en="{name} hides “{hidden}”, then opens “{watched}”, watches it at length, likes it and visits the profile.",
    ),
    "recorded": Phrase(
        fr="RecordEvents : {accepted} événements acceptés; les mêmes, renvoyés : {repeated} doublons, rien ne "
        "compte deux fois; avec un jeton forgé, refusé : « {refused} ».",
        en="RecordEvents: {accepted} events accepted; the same, sent again: {repeated} duplicates, nothing counts "
        "twice; with a forged token, refused: “{refused}”.",
    ),
    "counted": Phrase(
        fr="{ms} ms plus tard, la décision {decision} lit les {entries} entrées du journal des événements :",
        en="{ms} ms later, decision {decision} reads the {entries} entries of the events journal:",
    ),
    "push_alone": Phrase(fr="{noun} (écart {change})", en="{noun} (gap {change})"),
    "turned": Phrase(
        fr="Pour « {title} », {count} nombres ont changé, dont :", en="For “{title}”, {count} numbers changed, such as:"
    ),
    "turn": Phrase(fr="  {meaning} : {before} → {after}", en="  {meaning}: {before} → {after}"),
    "hide_alone": Phrase(
        fr="Le masquage, compté d’abord seul, n’a changé aucun des {numbers} nombres lus chez les autres.",
        en="The hide, counted alone at first, has changed none of the {numbers} numbers read for the others.",
    ),
    "hide_read": Phrase(
        fr="Chez {name}, il a changé {moved} places sur {shown} :",
        en="For {name} it changed {moved} places of {shown}:",
    ),
    "hide_unread": Phrase(
        fr="Ni chez {name}, car ce modèle n’en compte aucun : à l’application de ne plus offrir la vidéo.",
        en="Nor for {name}, since this model counts none: it is up to the app not to offer the video again.",
    ),
    "for_all": Phrase(
        fr="Regarder et aimer comptent pour tout le monde : {moved} places sur {places} ont changé chez les autres.",
        en="Watching and liking count for everybody: {moved} places of {places} changed for the others.",
    ),
    "choices": Phrase(
        fr="4. Le plus récent d’abord, à côté; et le hasard, compté",
        en="4. Newest first, side by side; and chance, counted",
    ),
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
    "chance": Phrase(
        fr="Pour apprendre, la politique échange deux vidéos dans {share} des demandes. Sur {asked} autres, {swapped}.",
        en="In order to learn, the policy swaps two videos in {share} of requests. Of {asked} more, {swapped}.",
    ),
    "swapped_none": Phrase(fr="aucun", en="none had a swap"),
    "swapped_some": Phrase(fr="{count} échange{s}", en="{count} had a swap"),
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
        fr="Qui exploite le service change les points du clic dans {surface}/{number:04d}.yaml :",
        en="The operator changes the points for clicks in {surface}/{number:04d}.yaml:",
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
    "refigured": Phrase(
        fr="  {events} événements signés; ce que le service en a tiré, refait à partir d’eux pour {whole} "
        "décisions{part} : identique au bit près.",
        en="  {events} signed events; what the service made of them, worked out from them again for {whole} "
        "decisions{part}: identical to the last bit.",
    ),
    "in_part": Phrase(fr=", et en partie pour {count} autres", en=", and in part for {count} more"),
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
    "not_counted": Phrase(
        fr="Les événements ne sont pas comptés après {seconds} s.",
        en="The events are not counted after {seconds} s.",
    ),
    "not_accepted": Phrase(
        fr="Des événements n’ont pas eu le sort attendu ({status}) : {detail}",
        en="Events did not fare as they should ({status}): {detail}",
    ),
    "hide_moved": Phrase(
        fr="Ce qu’une personne a masqué a changé des nombres derrière le fil d’une autre : {viewer}.",
        en="What one person hid changed numbers behind the feed of another: {viewer}.",
    ),
    "model_undeclared": Phrase(
        fr="Le modèle {model} n’a pas de FEATURES.yaml : le service ne peut pas tenir ses variables.",
        en="The model {model} has no FEATURES.yaml: the service cannot keep its features.",
    ),
    "interrupted": Phrase(
        fr="Interrompu; le service est arrêté et le dossier temporaire est effacé.",
        en="Interrupted; the service is stopped and the temporary folder is gone.",
    ),
}
