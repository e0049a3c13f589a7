"""A constitution in plain language, for the people who live by it."""

from fractions import Fraction

from rankd.core.assembly.constitution import Class, Constitution
from rankd.core.assembly.tally.quorum import quorum_of
from rankd.core.exact.canonical import digest_text
from rankd.core.policy.fields import PPM
from rankd.core.ranking.signal import LIFT_ONE
from rankd.core.words.constitution import CONSTITUTION, SUBJECT_HEADS
from rankd.core.words.language import Language, Phrase
from rankd.core.words.policy import OBJECTIVE_WORDS
from rankd.core.words.quantity import count_words, duration_words, plural, share_words

_EXAMPLES = {"small": 100, "middle": 1_000, "large": 10_000}
"""Sizes of co-ops for which a quorum by the root is worked out."""


def describe_constitution(constitution: Constitution, language: Language) -> str:
    """Return what a constitution says, in words: who may propose, how long it takes, what it takes to win.

    Returns:
        Markdown that also reads well as it stands, ending in a line feed.

    Source: DESIGN 4; MATH 5, 6.
    """
    return _Description(constitution, language).write()


class _Description:
    """The parts of one description."""

    def __init__(self, constitution: Constitution, language: Language) -> None:
        self._constitution = constitution
        self._language = language

    def write(self) -> str:
        constitution = self._constitution
        parts = [
            "# " + self._one(constitution.title),
            self._about(),
            self._head("reasons"),
            self._reasons(),
            self._head("people"),
            self._say("members"),
            self._secretaries(),
            self._say("operator"),
        ]
        for rules in constitution.classes:
            parts += ["## " + SUBJECT_HEADS[rules.subject].say(self._language), *self._class(rules)]
        parts += [
            self._head("ballots"),
            self._say("kinds"),
            self._say("points"),
            self._say("public"),
            self._head("guardians"),
            self._guardians(),
            self._head("limits"),
            self._ceiling(),
            self._objectives(),
            self._say(
                "digests", canon=digest_text(constitution.canon_digest), file=digest_text(constitution.file_digest)
            ),
        ]
        return "\n\n".join(parts) + "\n"

    def _say(self, name: str, **params: object) -> str:
        return CONSTITUTION[name].say(self._language, **params)

    def _head(self, name: str) -> str:
        return "## " + self._say(name)

    def _one(self, phrase: Phrase) -> str:
        # Members wrote this: braces in it are text, not a template.
        return phrase.fr if self._language == "fr" else phrase.en

    def _time(self, milliseconds: int) -> str:
        return duration_words(milliseconds, self._language)

    def _share(self, share: Fraction) -> str:
        return share_words(int(share * PPM), self._language)

    def _about(self) -> str:
        constitution = self._constitution
        sentences = [
            self._say("about", number=constitution.number, origin=constitution.origin),
            self._say("no_base")
            if constitution.base_digest is None
            else self._say("base", digest=digest_text(constitution.base_digest)),
        ]
        if constitution.is_dev:
            sentences.append(self._say("dev"))
        return " ".join(sentences)

    def _reasons(self) -> str:
        # Quoted line by line: what members wrote cannot pass for a part of this description.
        lines = self._one(self._constitution.reasons).strip("\n").split("\n")
        return "\n".join(f"> {line}".rstrip() for line in lines)

    def _secretaries(self) -> str:
        count = len(self._constitution.secretaries)
        return self._say("secretaries", count=count, s=plural(count, self._language))

    def _class(self, rules: Class) -> list[str]:
        """Return a class in paragraphs: until the vote, the vote, and after it."""
        before = [self._say("propose"), self._sponsors(rules), self._deliberation(rules)]
        expired = self._say("expired")
        if rules.by == "notice":
            share, notice, time = self._share(rules.recall), self._time(rules.notice_ms), self._time(rules.timelock_ms)
            return [" ".join(before), self._say("by_notice", notice=notice, time=time, share=share) + " " + expired]
        before.append(self._opening(rules))
        vote = [*self._quorum(rules), self._say("yes_no", majority=str(rules.majority))]
        if 0 < 2 * rules.late_swing_ms <= rules.voting_ms:
            vote.append(self._say("late_swing", time=self._time(rules.late_swing_ms)))
        after = [self._timelock(rules), expired]
        return [" ".join(before), " ".join(vote), " ".join(after)]

    def _sponsors(self, rules: Class) -> str:
        count, time = rules.sponsors, self._time(rules.sponsorship_ms)
        if count == 0:
            return self._say("no_sponsors")
        if count == 1:
            return self._say("sponsor", time=time)
        return self._say("sponsors", count=count_words(count, self._language), s="s", time=time)

    def _deliberation(self, rules: Class) -> str:
        most = self._time(rules.deliberation_max_ms)
        if rules.deliberation_ms == 0:
            return self._say("deliberation_free", most=most)
        return self._say("deliberation", least=self._time(rules.deliberation_ms), most=most)

    def _opening(self, rules: Class) -> str:
        voting = self._time(rules.voting_ms)
        if rules.notice_ms == 0:
            return self._say("opening_now", voting=voting)
        return self._say("opening", notice=self._time(rules.notice_ms), voting=voting)

    def _quorum(self, rules: Class) -> list[str]:
        if rules.quorum is None:
            needed = {
                name: count_words(quorum_of(size, None, rules.quorum_min), self._language)
                for name, size in _EXAMPLES.items()
            }
            sizes = {
                "thousand": count_words(_EXAMPLES["middle"], self._language),
                "ten_thousand": count_words(_EXAMPLES["large"], self._language),
            }
            sentences = [self._say("quorum_root", **needed, **sizes)]
        else:
            sentences = [self._say("quorum_share", share=self._share(rules.quorum))]
        if rules.quorum_min > (rules.quorum or 0):
            sentences.append(self._say("quorum_min", share=self._share(rules.quorum_min)))
        return sentences

    def _timelock(self, rules: Class) -> str:
        if rules.timelock_ms == 0:
            return self._say("timelock_none")
        return self._say("timelock", time=self._time(rules.timelock_ms), share=self._share(rules.recall))

    def _guardians(self) -> str:
        guardians = self._constitution.guardians
        count, time = len(guardians.keys), self._time(guardians.confirmation_ms)
        if not guardians.keys:
            return self._say("no_guardians")
        if guardians.needed == 1:
            return self._say("guardian_may", count=count, time=time)
        return self._say("guardians_may", count=count, needed=guardians.needed, time=time)

    def _ceiling(self) -> str:
        limits = self._constitution.limits
        return self._say(
            "ceiling",
            ceiling=limits.lift_ceiling_micro // LIFT_ONE,
            share=share_words(limits.exploration_max_ppm, self._language),
        )

    def _objectives(self) -> str:
        return "\n".join(
            "- "
            + self._say(
                "reward" if entry.sign > 0 else "penalty",
                noun=OBJECTIVE_WORDS[entry.objective].noun.say(self._language),
                low=count_words(entry.min_points, self._language),
                high=count_words(entry.max_points, self._language),
            )
            for entry in self._constitution.limits.objectives
        )
