"""The assembly as people read it: what is in force, what is being decided, and what one can do."""

from collections.abc import Iterator

from rankd.core.assembly.fold import Assembly
from rankd.core.assembly.identity import intervention_name, proposal_name
from rankd.core.assembly.matter import FINAL, Intervention, Matter
from rankd.core.assembly.standing import Activation, Standing
from rankd.core.exact.canonical import digest_text
from rankd.core.words.assembly_status import ACTS, AWAITS, DEMANDS, HISTORY, STATUS
from rankd.core.words.assembly_terms import (
    CAUSES,
    INTERVENTION_STATES,
    MEMBER_STATES,
    RATIFICATIONS,
    STATES,
    SUBJECTS,
    VOTES,
    left_words,
)
from rankd.core.words.language import Language, Phrase
from rankd.core.words.moment import moment_words
from rankd.core.words.quantity import count_words, plural
from rankd.usecases.govern.outlook import Await, acts, awaited, title_of

_SHORT = len("sha256:") + 12


class Teller:
    """Tells of an assembly at the present.

    Args:
        assembly: The assembly.
        language: In which language.
    """

    def __init__(self, assembly: Assembly, language: Language) -> None:
        self.assembly = assembly
        self.language = language

    def status(self) -> Iterator[str]:
        """Yield the overview, line by line."""
        yield from self._co()
        yield ""
        yield STATUS["in_force"].say(self.language)
        yield from (f"  {line}" for line in self._in_force())
        yield ""
        yield STATUS["votes"].say(self.language)
        yield from (f"  {line}" for line in self._votes())
        yield ""
        yield STATUS["others"].say(self.language)
        yield from (f"  {line}" for line in self._others())

    def you(self, key: bytes) -> Iterator[str]:
        """Yield who the holder of a key is, and what she can do now."""
        yield ""
        member = self.assembly.roll.find(key)
        found = acts(self.assembly, key)
        if member is not None:
            state = MEMBER_STATES[member.status].say(self.language)
            yield STATUS["you"].say(self.language, member=member.id, state=state)
        elif key in self.assembly.constitution.guardians.keys:
            yield STATUS["you_guardian"].say(self.language)
        elif key in self.assembly.registered:
            yield STATUS["you_waiting"].say(self.language, index=self.assembly.registered[key])
        elif not found:
            yield STATUS["you_nobody"].say(self.language)
        for act in found:
            words = ACTS["vote_again" if act.again else act.deed]
            yield f"  - {words.say(self.language, name=self.name(act.index))}"
        if member is not None and not found:
            yield f"  {STATUS['nothing'].say(self.language)}"
        if member is not None and member.status == "active":
            yield f"  - {STATUS['propose'].say(self.language)}"

    def history(self) -> Iterator[str]:
        """Yield what came into force and what was decided, in order of time."""
        yield HISTORY["activations"].say(self.language)
        for activation in self.assembly.activations:
            yield f"  {self.activation(activation)}"
        yield ""
        yield HISTORY["decisions"].say(self.language)
        decisions = sorted(self._decisions())
        yield from (f"  {line}" for _, _, line in decisions)
        if not decisions:
            yield f"  {HISTORY['none'].say(self.language)}"

    def activation(self, activation: Activation) -> str:
        """Return one activation in a line."""
        cause = CAUSES[activation.cause].say(self.language, name=self.name(activation.entry))
        time = moment_words(activation.time_ms, self.language)
        what = self._activated(activation)
        return HISTORY["activation"].say(self.language, number=activation.number, time=time, what=what, cause=cause)

    def name(self, index: int) -> str:
        """Return the name of a proposal or an intervention."""
        return intervention_name(index) if index in self.assembly.interventions else proposal_name(index)

    def awaits(self, found: Await | None) -> str:
        """Return what a proposal awaits, in words; "" where it awaits nothing."""
        if found is None:
            return ""
        return AWAITS[found.what].say(
            self.language,
            left=self.left(found.until_ms),
            have=count_words(found.have, self.language),
            need=count_words(found.need, self.language),
            s=plural(found.have, self.language),
        )

    def left(self, until_ms: int) -> str:
        """Return how much time is left until a moment."""
        return left_words(max(0, until_ms - self.assembly.time_ms), self.language)

    def demand(self, intervention: Intervention) -> str:
        """Return what guardians do."""
        demand = intervention.demand
        name = demand.action if demand.to != 0 else "baseline"
        proposal = "" if demand.proposal is None else proposal_name(demand.proposal)
        return DEMANDS[name].say(self.language, name=proposal, surface=demand.surface, to=demand.to)

    def _co(self) -> Iterator[str]:
        active, size = len(self.assembly.roll.active()), self.assembly.size
        yield STATUS["co"].say(
            self.language,
            origin=self.assembly.origin,
            active=count_words(active, self.language),
            s=plural(active, self.language),
            size=count_words(size, self.language),
            z=plural(size, self.language),
            ies="y" if size == 1 else "ies",
            time=moment_words(self.assembly.time_ms, self.language),
        )
        yield STATUS["genesis"].say(self.language, genesis=digest_text(self.assembly.genesis))
        if self.assembly.withheld is not None:
            yield STATUS["withheld"].say(self.language, name=self.name(self.assembly.withheld))
        if self.assembly.voids:
            yield STATUS["voids"].say(self.language, count=count_words(len(self.assembly.voids), self.language))

    def _in_force(self) -> Iterator[str]:
        for surface in self.assembly.surfaces():
            yield self._surface(self.assembly.standing(surface))
        if not self.assembly.surfaces():
            yield STATUS["no_surface"].say(self.language)
        constitution = self.assembly.constitution
        adopted = [entry for entry in self.assembly.activations if not entry.surface]
        yield STATUS["constitution"].say(
            self.language,
            number=constitution.number,
            title=spoken(constitution.title, self.language),
            time=moment_words(adopted[-1].time_ms, self.language),
        )

    def _surface(self, standing: Standing) -> str:
        policy, model = standing.policy, standing.model
        own = [entry for entry in self.assembly.activations if entry.surface == standing.surface]
        return STATUS["surface"].say(
            self.language,
            surface=standing.surface,
            policy=STATUS["policy" if policy.number else "baseline"].say(
                self.language, number=policy.number, name=self.name(policy.adopted_by or 0)
            ),
            model=STATUS["no_model" if model is None else "model"].say(
                self.language, digest="" if model is None else short(model.digest)
            ),
            ratification=_capital(RATIFICATIONS[standing.ratification].say(self.language)),
            activation=standing.activation,
            time=moment_words(own[-1].time_ms, self.language),
        )

    def _votes(self) -> Iterator[str]:
        none = True
        for matter in self.assembly.proposals.values():
            vote = matter.vote
            if matter.state != "voting" or vote is None:
                continue
            none = False
            yield STATUS["vote"].say(
                self.language,
                **self._titled(matter),
                vote=VOTES[vote.kind].say(self.language),
                left=self.left(vote.close_ms),
                time=moment_words(vote.close_ms, self.language),
                quorum=count_words(vote.quorum, self.language),
                count=count_words(vote.electorate.count, self.language),
            )
            if vote.is_extended:
                yield f"  {STATUS['extended'].say(self.language)}"
        for intervention in self.assembly.interventions.values():
            if intervention.state == "voting":
                none = False
                yield STATUS["intervention"].say(
                    self.language,
                    name=intervention_name(intervention.index),
                    demand=self.demand(intervention),
                    left=self.left(intervention.vote.close_ms),
                    time=moment_words(intervention.vote.close_ms, self.language),
                )
        if none:
            yield STATUS["no_votes"].say(self.language)

    def _others(self) -> Iterator[str]:
        under_way = [m for m in self.assembly.proposals.values() if m.state not in FINAL and m.state != "voting"]
        for matter in under_way:
            state = STATES[matter.state].say(self.language)
            awaits = self.awaits(awaited(matter, self.assembly))
            yield STATUS["other"].say(self.language, **self._titled(matter), state=state, awaits=awaits)
        if not under_way:
            yield STATUS["no_others"].say(self.language)

    def _titled(self, matter: Matter) -> dict[str, str]:
        return {
            "name": proposal_name(matter.index),
            "title": spoken(title_of(matter), self.language),
            "subject": SUBJECTS[matter.proposal.subject].say(self.language),
        }

    def _activated(self, activation: Activation) -> str:
        policy, before = activation.policy, self._before(activation)
        if policy is None:
            return HISTORY["what_constitution"].say(self.language, number=activation.constitution.number)
        named = {"surface": activation.surface}
        if before is not None and before.policy == policy and activation.model is not None:
            return HISTORY["what_model"].say(self.language, **named, digest=short(activation.model.digest))
        name = "what_policy" if policy.number else "what_baseline"
        return HISTORY[name].say(self.language, **named, number=policy.number)

    def _before(self, activation: Activation) -> Activation | None:
        earlier = [
            entry
            for entry in self.assembly.activations
            if entry.surface == activation.surface and entry.number < activation.number
        ]
        return earlier[-1] if earlier else None

    def _decisions(self) -> Iterator[tuple[int, int, str]]:
        for matter in self.assembly.proposals.values():
            for time_ms, state in matter.history:
                if state in FINAL or state == "queued":
                    titled = self._titled(matter)
                    yield (
                        time_ms,
                        matter.index,
                        HISTORY["decision"].say(
                            self.language,
                            time=moment_words(time_ms, self.language),
                            name=titled["name"],
                            title=titled["title"],
                            state=STATES[state].say(self.language),
                        ),
                    )
        for intervention in self.assembly.interventions.values():
            time_ms = intervention.vote.open_ms
            yield (
                time_ms,
                intervention.index,
                HISTORY["intervention"].say(
                    self.language,
                    time=moment_words(time_ms, self.language),
                    name=intervention_name(intervention.index),
                    demand=self.demand(intervention),
                    state=INTERVENTION_STATES[intervention.state].say(self.language),
                ),
            )


def spoken(phrase: Phrase, language: Language) -> str:
    """Return what a member wrote, in one of the two languages: braces in it are text, not a template."""
    return phrase.fr if language == "fr" else phrase.en


def short(digest: bytes) -> str:
    """Return the beginning of a digest, enough to tell it from the others on a screen."""
    return digest_text(digest)[:_SHORT] + "…"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
