"""A policy in plain language, for the people who vote on it and for those whom it ranks for."""

from collections.abc import Mapping, Sequence

from rankd.core.exact.canonical import digest_text
from rankd.core.policy.policy import Limits, Policy, Slider
from rankd.core.policy.rule_sentences import rule_sentences
from rankd.core.ranking.signal import LIFT_ONE, HeadSignal
from rankd.core.words.description import DESCRIPTION
from rankd.core.words.language import Language, Phrase
from rankd.core.words.policy import OBJECTIVE_WORDS, RULE_NOUNS
from rankd.core.words.quantity import count_words, listing, share_words


def describe(
    policy: Policy,
    limits: Limits,
    language: Language,
    heads: Sequence[HeadSignal] | None = None,
    pull: Mapping[str, int] | None = None,
) -> str:
    """Return what a policy does, in words.

    The last part is the text that article 27 of the EU's Digital Services Act asks a platform to have in its terms:
    the main parameters, why they matter more or less than others, and how a person can change them.

    Args:
        policy: The policy.
        limits: Limits that it keeps.
        language: `fr` or `en`.
        heads: The model's signal, if one is known: silent and missing heads are then told.
        pull: Parts per million of the differences between posts that each objective causes, if measured.

    Returns:
        Markdown that also reads well as it stands, ending in a line feed.

    Source: DESIGN 3; MATH 2; Regulation (EU) 2022/2065, article 27.
    """
    return _Description(policy, limits, language, heads, pull).write()


class _Description:
    """The parts of one description."""

    def __init__(
        self,
        policy: Policy,
        limits: Limits,
        language: Language,
        heads: Sequence[HeadSignal] | None,
        pull: Mapping[str, int] | None,
    ) -> None:
        self._policy = policy
        self._limits = limits
        self._language = language
        self._silent = None if heads is None else {head.objective: head.silent for head in heads}
        self._pull = pull
        self._points = dict(policy.points)
        self._penalties = {entry.objective for entry in limits.objectives if entry.sign < 0}
        self._rules = rule_sentences(policy.rules, language)

    def write(self) -> str:
        policy = self._policy
        base = (
            self._say("no_base")
            if policy.base_digest is None
            else self._say("base", digest=digest_text(policy.base_digest))
        )
        parts = [
            "# " + _one(policy.title, self._language),
            self._say("about", surface=policy.surface) + " " + base,
            self._head("reasons"),
            self._reasons(),
            self._head("points"),
            self._say("points_intro", ceiling=self._limits.lift_ceiling_micro // LIFT_ONE),
            self._objectives(),
            self._head("rules"),
            *self._rule_parts(),
            self._head("exploration"),
            self._exploration(),
            self._head("choice"),
            self._choices(),
            self._head("not_decided"),
            self._say("not_decided_text"),
            self._head("terms"),
            *self._terms(),
            self._say(
                "digests",
                canon=digest_text(policy.canon_digest),
                file=digest_text(policy.file_digest),
                limits=digest_text(self._limits.canon_digest),
            ),
        ]
        return "\n\n".join(parts) + "\n"

    def _say(self, name: str, **params: object) -> str:
        return DESCRIPTION[name].say(self._language, **params)

    def _head(self, name: str) -> str:
        return "## " + self._say(name)

    def _reasons(self) -> str:
        # Quoted line by line: what members wrote cannot pass for a part of this description.
        lines = _one(self._policy.reasons, self._language).strip("\n").split("\n")
        return "\n".join(f"> {line}".rstrip() for line in lines)

    def _noun(self, objective: str) -> str:
        return OBJECTIVE_WORDS[objective].noun.say(self._language)

    def _nouns(self, objectives: Sequence[str]) -> str:
        return listing([self._noun(objective) for objective in objectives], self._language)

    def _by_weight(self) -> list[str]:
        """Objectives that have points, most first; equals in the canonical order."""
        return sorted((o for o, given in self._policy.points if given), key=lambda o: -self._points[o])

    def _objectives(self) -> str:
        lines = ["- " + self._objective(objective) for objective in self._by_weight()]
        idle = [objective for objective, given in self._policy.points if not given]
        if idle:
            lines.append("- " + self._say("no_points", nouns=self._nouns(idle)))
        return "\n".join(lines)

    def _objective(self, objective: str) -> str:
        points = self._points[objective]
        words = OBJECTIVE_WORDS[objective]
        sentences = [
            self._say(
                "penalty" if objective in self._penalties else "reward",
                points=count_words(points, self._language),
                noun=words.noun.say(self._language),
                likely=words.likely.say(self._language),
                most=count_words(points * self._limits.lift_ceiling_micro // LIFT_ONE, self._language),
            )
        ]
        if self._pull is not None and objective in self._pull:
            sentences.append(self._say("pull", share=share_words(self._pull[objective], self._language)))
        if self._silent is not None and objective not in self._silent:
            sentences.append(self._say("headless"))
        elif self._silent is not None and self._silent[objective]:
            sentences.append(self._say("silent"))
        return " ".join(sentences)

    def _rule_parts(self) -> list[str]:
        if not self._rules:
            return [self._say("no_rules")]
        numbered = [f"{number}. {sentence}" for number, (_, sentence) in enumerate(self._rules, start=1)]
        return [self._say("rules_intro"), "\n".join(numbered)]

    def _exploration(self) -> str:
        share = self._policy.exploration_ppm
        return self._say("explores", share=share_words(share, self._language)) if share else self._say("explores_not")

    def _choices(self) -> str:
        lines = ["- " + self._say("newest_first")]
        lines += ["- " + self._slider(slider) for slider in self._policy.sliders]
        movable = {slider.objective for slider in self._policy.sliders}
        fixed = [o for o, given in self._policy.points if given and o not in movable]
        if fixed:
            lines.append("- " + self._say("fixed", nouns=self._nouns(fixed)))
        return "\n".join(lines)

    def _slider(self, slider: Slider) -> str:
        points = self._points[slider.objective]
        if points == 0:
            return self._say("slider_idle", noun=self._noun(slider.objective))
        return self._say(
            "slider",
            noun=self._noun(slider.objective),
            low=share_words(slider.min_percent * 10_000, self._language),
            high=share_words(slider.max_percent * 10_000, self._language),
            low_points=count_words(points * slider.min_percent // 100, self._language),
            high_points=count_words(points * slider.max_percent // 100, self._language),
        )

    def _terms(self) -> list[str]:
        counted = [
            self._say("terms_against", noun=self._noun(o)) if o in self._penalties else self._noun(o)
            for o in self._by_weight()
        ]
        parameters = [
            self._say("terms_parameters", surface=self._policy.surface, nouns=listing(counted, self._language)),
            self._say("terms_estimate"),
        ]
        if self._rules:
            rules = [RULE_NOUNS[rule_id].say(self._language) for rule_id, _ in self._rules]
            parameters.append(self._say("terms_rules", rules=listing(rules, self._language)))
        if self._policy.exploration_ppm:
            parameters.append(self._exploration())
        movable = [slider.objective for slider in self._policy.sliders if self._points[slider.objective]]
        sliders = self._say("terms_sliders", nouns=self._nouns(movable)) if movable else ""
        return [
            " ".join(parameters),
            self._say("terms_why", title=_one(self._policy.title, self._language)),
            self._say("terms_change", sliders=sliders),
        ]


def _one(phrase: Phrase, language: Language) -> str:
    # Members wrote this: braces in it are text, not a template.
    return phrase.fr if language == "fr" else phrase.en
