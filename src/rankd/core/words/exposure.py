"""What the figures of a report say: decisions over time, policies in force, and what was shown."""

from collections.abc import Mapping

from rankd.core.words.language import Phrase

USAGE: Mapping[str, Phrase] = {
    "fates": Phrase(fr="Décisions dans le temps", en="Decisions over time"),
    "fates_text": Phrase(
        fr="Chaque colonne couvre {width}, du {first} au {last}. La plus haute compte {most} décisions.",
        en="Each column covers {width}, from {first} to {last}. The highest has {most} decisions.",
    ),
    "begin": Phrase(fr="À partir de (UTC)", en="From (UTC)"),
    "read": Phrase(fr="contenu vérifié", en="content verified"),
    "erased": Phrase(fr="effacées par ordre signé", en="erased by signed order"),
    "missing": Phrase(fr="manquantes ou abîmées", en="missing or damaged"),
    "policies": Phrase(
        fr="Politiques qui ont classé : surface « {surface} »", en="Policies that ranked: surface “{surface}”"
    ),
    "policies_rest": Phrase(
        fr="Politiques qui ont classé : autres surfaces", en="Policies that ranked: other surfaces"
    ),
    "policies_text": Phrase(
        fr="Décisions par politique; chaque colonne couvre {width}. Un trait marque chaque changement de politique.",
        en="Decisions by policy; each column covers {width}. A line marks every change of policy.",
    ),
    "policy": Phrase(fr="Politique", en="Policy"),
    "digest": Phrase(fr="Empreinte", en="Digest"),
    "count": Phrase(fr="Décisions", en="Decisions"),
    "share": Phrase(fr="Part", en="Share"),
    "first": Phrase(fr="Première décision (UTC)", en="First decision (UTC)"),
    "last": Phrase(fr="Dernière décision (UTC)", en="Last decision (UTC)"),
    "baseline": Phrase(
        fr="Ordre chronologique, sans profilage : à la demande de la personne, ou faute de politique",
        en="Newest first, without profiling: because the person asked, or for want of a policy",
    ),
    "unknown": Phrase(fr="texte absent de l’archive", en="text not in the archive"),
    "others": Phrase(fr="autres politiques", en="other policies"),
    "changes": Phrase(
        fr="Changements de politique : surface « {surface} »", en="Changes of policy: surface “{surface}”"
    ),
    "entry": Phrase(fr="Entrée", en="Entry"),
    "time": Phrase(fr="Moment (UTC)", en="Time (UTC)"),
    "from_to": Phrase(fr="De → à", en="From → to"),
    "changes_none": Phrase(fr="La politique n’a pas changé.", en="The policy did not change."),
    "changes_more": Phrase(
        fr="Le journal compte {count} changements de politique; les premiers sont montrés.",
        en="The journal has {count} changes of policy; the first ones are shown.",
    ),
    "says": Phrase(fr="Ce que dit la politique {sign} : « {title} »", en="What policy {sign} says: “{title}”"),
    "points": Phrase(fr="Points", en="Points"),
    "against": Phrase(fr="{noun} (comptent contre)", en="{noun} (count against)"),
    "rules": Phrase(fr="Règles", en="Rules"),
    "explores": Phrase(
        fr="Dans {share} des demandes, deux publications sont échangées au hasard.",
        en="In {share} of requests, two posts are swapped by lot.",
    ),
    "limits": Phrase(fr="Limites et modèles qui ont servi", en="Limits and models that were used"),
    "kind": Phrase(fr="Fichier", en="File"),
    "limits_file": Phrase(fr="limites", en="limits"),
    "model_file": Phrase(fr="modèle", en="model"),
    "none": Phrase(fr="Il n’y a rien à montrer.", en="There is nothing to show."),
}

SHOWN: Mapping[str, Phrase] = {
    "intro": Phrase(
        fr="Ces figures reposent sur {decisions} décision{s} dont le contenu est là : {offered} publications "
        "proposées, {shown} places montrées.",
        en="These figures rest on {decisions} decision{s} whose content is there: {offered} posts offered, {shown} "
        "places shown.",
    ),
    "newest": Phrase(
        fr="Dans {newest} d’entre elles la personne avait demandé l’ordre chronologique; dans {stood_in}, il a "
        "remplacé une politique absente. Elles sont comptées avec les autres.",
        en="In {newest} of them the person had asked for newest first; in {stood_in}, newest first stood in for a "
        "missing policy. They are counted with the others.",
    ),
    "offered": Phrase(fr="proposé", en="offered"),
    "shown": Phrase(fr="montré", en="shown"),
    "weighted": Phrase(fr="montré, pondéré par la place", en="shown, weighted by place"),
    "offered_head": Phrase(fr="Proposées", en="Offered"),
    "shown_head": Phrase(fr="Places", en="Places"),
    "part_head": Phrase(fr="Part", en="Share"),
    "weighted_head": Phrase(fr="Part pondérée", en="Weighted share"),
    "ratio_head": Phrase(fr="Places ÷ proposées", en="Places ÷ offered"),
    "groups": Phrase(fr="Par groupe d’auteurs", en="By author group"),
    "groups_text": Phrase(
        fr="Part des publications proposées et part des places montrées, par groupe. Une publication compte dans "
        "chacun de ses groupes; la somme peut donc dépasser 100 %.",
        en="Share of the posts offered and share of the places shown, by group. A post counts in each of its groups, "
        "so the sum may exceed 100%.",
    ),
    "group": Phrase(fr="Groupe", en="Group"),
    "no_group": Phrase(fr="(sans groupe)", en="(no group)"),
    "sources": Phrase(fr="Par source", en="By source"),
    "sources_text": Phrase(
        fr="Part des publications proposées et part des places montrées, par source.",
        en="Share of the posts offered and share of the places shown, by source.",
    ),
    "source": Phrase(fr="Source", en="Source"),
    "no_source": Phrase(fr="(sans source)", en="(no source)"),
    "other": Phrase(fr="(étiquettes au-delà de {count})", en="(labels beyond {count})"),
    "more": Phrase(fr="… et {count} de plus, moins montré{s}.", en="… and {count} more, shown less."),
    "ages": Phrase(fr="Par âge de la publication", en="By age of the post"),
    "ages_text": Phrase(
        fr="Âge au moment de la demande : part des publications proposées et part des places montrées.",
        en="Age when it was asked for: share of the posts offered and share of the places shown.",
    ),
    "age": Phrase(fr="Âge", en="Age"),
    "age_below": Phrase(fr="moins de {high}", en="less than {high}"),
    "age_between": Phrase(fr="de {low} à moins de {high}", en="{low} to less than {high}"),
    "age_from": Phrase(fr="{low} ou plus", en="{low} or more"),
    "age_unknown": Phrase(fr="date inconnue", en="date not known"),
    "authors": Phrase(fr="Concentration sur les auteurs", en="Concentration on authors"),
    "authors_text": Phrase(
        fr="{count} auteur{s} avaient au moins une publication proposée; {shown} ont été montrés au moins une fois. "
        "Les 10 % les plus montrés ont eu {tenth} des places.",
        en="{count} author{s} had at least one post offered; {shown} were shown at least once. The most shown 10% had "
        "{tenth} of the places.",
    ),
    "gini": Phrase(
        fr="Indice de Gini des places : {shown}; des publications proposées : {offered}. À 0 tous les auteurs ont "
        "autant; près de 1, un seul a tout.",
        en="Gini coefficient of places: {shown}; of posts offered: {offered}. At 0 all authors have the same; near 1, "
        "one has everything.",
    ),
    "authors_figure": Phrase(
        fr="Part cumulée des auteurs les plus montrés, et des plus proposés. La diagonale : tous les auteurs à "
        "égalité.",
        en="Cumulative share of the most shown authors, and of the most offered. The diagonal: all authors alike.",
    ),
    "authors_axis": Phrase(fr="auteurs, du plus montré au moins montré", en="authors, from most shown to least shown"),
    "authors_part": Phrase(fr="Les plus montrés (ou proposés)", en="Most shown (or offered)"),
    "authors_count": Phrase(fr="Auteurs", en="Authors"),
    "authors_shown": Phrase(fr="Part des places", en="Share of places"),
    "authors_offered": Phrase(fr="Part des proposées", en="Share of offered"),
    "authors_none": Phrase(fr="Les demandes ne nomment aucun auteur.", en="The requests name no author."),
    "authors_left_out": Phrase(
        fr="Il y a plus d’auteurs que cette page n’en compte : {count} publications proposées sont laissées "
        "de côté ici.",
        en="There are more authors than this page counts: {count} posts offered are left aside here.",
    ),
    "named": Phrase(fr="Les auteurs les plus montrés", en="The most shown authors"),
    "author": Phrase(fr="Auteur", en="Author"),
    "rules": Phrase(fr="Ce que les règles ont retiré", en="What the rules took out"),
    "rules_text": Phrase(
        fr="Part des publications proposées que chaque règle a retirées. Une publication retirée compte pour la "
        "première règle qui la retire.",
        en="Share of the posts offered that each rule took out. A post counts for the first rule that takes it out.",
    ),
    "rule": Phrase(fr="Règle", en="Rule"),
    "removed": Phrase(fr="Publications retirées", en="Posts taken out"),
    "of_offered": Phrase(fr="Part des proposées", en="Share of offered"),
    "in_decisions": Phrase(fr="Dans combien de décisions", en="In how many decisions"),
    "part_of_decisions": Phrase(fr="Part des décisions", en="Share of decisions"),
    "rules_none": Phrase(fr="Aucune règle n’a rien retiré.", en="No rule took anything out."),
    "chance": Phrase(fr="Le hasard : promis et fait", en="Chance: promised and done"),
    "chance_text": Phrase(
        fr="Dans une petite part des demandes, deux publications sont échangées au hasard, pour apprendre. C’est une "
        "loterie : le nombre fait s’écarte du nombre attendu, et tombe environ 19 fois sur 20 dans la fourchette.",
        en="In a small share of requests two posts are swapped by lot, in order to learn. It is a lottery: the number "
        "done strays from the number expected, and falls within the range about 19 times in 20.",
    ),
    "promised": Phrase(fr="Part promise", en="Share promised"),
    "ranked": Phrase(fr="Décisions", en="Decisions"),
    "able": Phrase(fr="Échange possible", en="Swap possible"),
    "expected": Phrase(fr="Attendu", en="Expected"),
    "range_head": Phrase(fr="Fourchette", en="Range"),
    "range": Phrase(fr="{low} à {high}", en="{low} to {high}"),
    "done": Phrase(fr="Fait", en="Done"),
    "chance_none": Phrase(fr="Aucune politique n’a classé ici.", en="No policy ranked here."),
    "degraded": Phrase(fr="Réponses moins complètes que prévu", en="Answers that were less than they could be"),
    "degraded_none": Phrase(fr="Aucune.", en="None."),
    "degraded_reason": Phrase(fr="Ce qui manquait", en="What was lacking"),
    "degraded_count": Phrase(fr="Décisions", en="Decisions"),
}

READING: Mapping[str, Phrase] = {
    "offered": Phrase(
        fr="Proposée : une publication que l’application a soumise au classement, y compris celles que les règles "
        "retirent (déjà vues, en sourdine).",
        en="Offered: a post that the application submitted for ranking, including those that the rules take out "
        "(seen already, muted).",
    ),
    "shown": Phrase(
        fr="Place : une publication dans une réponse, après l’échange au hasard s’il y en a eu un. La même publication "
        "montrée à dix personnes compte dix fois.",
        en="Place: a post in an answer, after the swap by lot if there was one. The same post shown to ten people "
        "counts ten times.",
    ),
    "weighted": Phrase(
        fr="Pondéré par la place : le haut d’un fil se voit mieux. La place r compte 1 ÷ log₂(1 + r), arrondi au "
        "millionième : la 1re compte 1, la 3e la moitié, la 7e un tiers, la 15e un quart.",
        en="Weighted by place: the top of a feed is seen better. Place r counts 1 ÷ log₂(1 + r), rounded to a "
        "millionth: the 1st counts 1, the 3rd one half, the 7th one third, the 15th one quarter.",
    ),
    "ratio": Phrase(
        fr="Places ÷ proposées : la part des places divisée par la part des publications proposées. À 1,00, un groupe "
        "est montré autant qu’il est proposé.",
        en="Places ÷ offered: the share of places divided by the share of posts offered. At 1.00 a group is shown as "
        "much as it is offered.",
    ),
    "rounded": Phrase(
        fr="Les nombres entiers sont exacts. Les pourcentages sont arrondis au dixième, les nombres attendus "
        "au dixième, les rapports au centième, les indices de Gini au millième.",
        en="Whole numbers are exact. Percentages and expected numbers are rounded to a tenth, ratios to a hundredth, "
        "Gini coefficients to a thousandth.",
    ),
    "people": Phrase(
        fr="Personne ne figure sur cette page : ni qui a demandé un fil, ni quelles publications.",
        en="Nobody figures on this page: neither who asked for a feed nor which posts.",
    ),
    "people_named": Phrase(
        fr="Personne de ceux qui ont demandé un fil ne figure sur cette page, ni aucune publication; les auteurs les "
        "plus montrés y sont nommés parce qu’on l’a demandé.",
        en="Nobody who asked for a feed figures on this page, nor any post; the most shown authors are named because "
        "that was asked for.",
    ),
    "gone": Phrase(
        fr="De ce qui est effacé, seules la date, la surface et la politique restent : les figures sur ce qui a été "
        "montré n’en tiennent pas compte.",
        en="Of what is erased only date, surface and policy remain: the figures about what was shown leave it out.",
    ),
}
