"""Verdicts on minutes, and on decisions under them, as members read them: short, and nothing steers a terminal."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from rankd.core.assembly.fold import Void
from rankd.core.assembly.identity import intervention_name, proposal_name
from rankd.core.assembly.matter import Vote
from rankd.core.assembly.standing import Activation, Standing
from rankd.core.assembly.tally.result import RankingResult, Result, YesNoResult
from rankd.core.records.fault import Fault
from rankd.core.words import verify
from rankd.core.words.assembly_terms import CAUSES, INTERVENTION_STATES, KINDS, STATES
from rankd.core.words.language import Language
from rankd.core.words.moment import moment_words
from rankd.core.words.policy import OBJECTIVE_WORDS
from rankd.core.words.quantity import count_words, listing, plural
from rankd.core.words.verify_record import MANDATE, SAYINGS, VERDICTS
from rankd.edge.cli.audit.verify_record import Members
from rankd.edge.cli.govern.assembly_words import Teller, short, spoken
from rankd.edge.cli.terminal import harmless
from rankd.usecases.audit.mandate import MandateReport
from rankd.usecases.govern.outlook import title_of
from rankd.usecases.govern.verdict import Verdict, votes_of

T = TypeVar("T")

_SHOWN = 20
_POINTS_SHOWN = 4


def record_lines(verdict: Verdict, language: Language) -> Iterator[str]:
    """Yield the verdict on a record, line by line."""
    yield from map(harmless, _VerdictTeller(verdict, language).verdict())


def mandate_lines(members: Members, language: Language) -> Iterator[str]:
    """Yield what decisions rest on, line by line; what speaks against them is among the journal's faults."""
    if members.verdict is not None and members.mandate is not None:
        yield from map(harmless, _VerdictTeller(members.verdict, language).mandate(members.mandate))
    elif members.is_unread:
        yield MANDATE["unread"].say(language)


class _VerdictTeller(Teller):
    def __init__(self, verdict: Verdict, language: Language) -> None:
        super().__init__(verdict.assembly, language)
        self._found = verdict

    def verdict(self) -> Iterator[str]:
        """Yield the whole verdict."""
        verdict, assembly, language = self._found, self.assembly, self.language
        if assembly.is_dev:
            yield VERDICTS["dev"].say(language)
        found = "good" if verdict.good else "bad" if verdict.faults else "void"
        yield VERDICTS[found].say(language, origin=assembly.origin)
        active = len(assembly.roll.active())
        yield SAYINGS["co"].say(
            language,
            members=self._count(active),
            s=plural(active, language),
            size=self._count(verdict.minutes.size),
            time=self._time(assembly.time_ms),
        )
        if verdict.minutes.cosigners:
            yield SAYINGS["cosigned"].say(language, names=listing([n for n, _ in verdict.minutes.cosigners], language))
        yield from self._against()
        yield from self._votes_counted()
        yield SAYINGS["in_force"].say(language)
        for surface in assembly.surfaces():
            yield from (f"  {line}" for line in self._standing(assembly.standing(surface)))
        yield f"  {self._constitution()}"
        yield from self._open()
        for receipt in verdict.receipts:
            words = verify.RECEIPTS[receipt.verdict]
            yield words.say(language, name=receipt.name, index=receipt.receipt.index, until_s=receipt.receipt.until_s)
        for seen in verdict.checkpoints:
            yield verify.CHECKPOINTS[seen.verdict].say(language, name=seen.name, size=seen.size)
        yield SAYINGS["not_proven"].say(language)

    def mandate(self, report: MandateReport) -> Iterator[str]:
        """Yield what the decisions of a journal rest on."""
        language, count = self.language, report.decision_count
        is_good = self._found.good and not report.faults
        words = MANDATE["good" if is_good else "bad"]
        yield words.say(language, origin=self.assembly.origin, count=self._count(count), s=plural(count, language))
        yield from self._some(report.counts, self._decided)
        for name, number in (("before", report.before_count), ("unserved", report.unserved_count)):
            if number:
                yield MANDATE[name].say(language, count=self._count(number), s=plural(number, language))
        if not report.is_timed:
            yield MANDATE["untimed"].say(language)

    def _decided(self, entry: tuple[str, int, int]) -> Iterator[str]:
        surface, number, count = entry
        known = 1 <= number <= len(self.assembly.activations)
        what = self.activation(self.assembly.activations[number - 1]).rstrip(".") if known else surface
        yield MANDATE["line"].say(
            self.language,
            number=number,
            surface=surface,
            what=what.partition(" ")[2] if known else what,
            count=self._count(count),
            s=plural(count, self.language),
        )

    def _against(self) -> Iterator[str]:
        """Yield what does not hold."""
        faults, voids = self._found.faults, self.assembly.voids
        if not faults and not voids:
            return
        yield SAYINGS["bad"].say(self.language)
        yield from (f"  {line}" for line in self._some(faults, self._fault))
        if voids:
            yield f"  {SAYINGS['voids'].say(self.language, count=self._count(len(voids)))}"
            yield from (f"    {line}" for line in self._some(voids, self._void))

    def _fault(self, fault: Fault) -> Iterator[str]:
        words, more = SAYINGS["fault_many" if fault.count > 1 else "fault"], fault.count - 1
        yield words.say(self.language, message=fault.error.say(self.language), count=self._count(more))
        for note in fault.notes:
            yield verify.SAYINGS["note"].say(self.language)
            yield from note.decode("utf-8", "replace").rstrip("\n").split("\n")

    def _void(self, void: Void) -> Iterator[str]:
        kind = KINDS[void.kind].say(self.language)
        yield SAYINGS["void"].say(self.language, index=void.index, kind=kind, message=void.error.say(self.language))

    def _votes_counted(self) -> Iterator[str]:
        votes, counter = votes_of(self.assembly), self._found.counter
        how = "" if counter == "fast" else SAYINGS[f"by_{counter}"].say(self.language)
        yield SAYINGS["votes"].say(self.language, count=self._count(len(votes)), how=how)
        yield from (f"  {line}" for line in self._some(votes, self._vote))

    def _vote(self, entry: tuple[int, Vote]) -> Iterator[str]:
        index, vote = entry
        matter, intervention = self.assembly.proposals.get(index), self.assembly.interventions.get(index)
        found = "" if vote.result is None else self._result(vote.result, vote)
        time = self._time(vote.close_ms)
        if matter is not None:
            yield SAYINGS["vote"].say(
                self.language,
                name=proposal_name(index),
                title=spoken(title_of(matter), self.language),
                found=found,
                time=time,
                state=STATES[matter.state].say(self.language),
            )
        elif intervention is not None:
            yield SAYINGS["confirmation"].say(
                self.language,
                name=intervention_name(index),
                demand=self.demand(intervention),
                found=found,
                time=time,
                state=INTERVENTION_STATES[intervention.state].say(self.language),
            )

    def _result(self, result: Result, vote: Vote) -> str:
        language, members = self.language, self._count(vote.electorate.count)
        if isinstance(result, YesNoResult):
            return SAYINGS["yes_no"].say(
                language,
                yes=self._count(result.yes),
                no=self._count(result.no),
                abstain=self._count(result.abstain),
                s=plural(result.abstain, language),
                members=members,
            )
        count = self._count(result.ballot_count)
        if isinstance(result, RankingResult):
            words = SAYINGS["ranking" if result.winner else "ranking_none"]
            return words.say(language, count=count, members=members, winner=result.winner)
        if result.points is None:
            return SAYINGS["points_none"].say(language, count=count, members=members)
        most = sorted(result.points.items(), key=lambda entry: -entry[1])[:_POINTS_SHOWN]
        named = [f"{OBJECTIVE_WORDS[name].noun.say(language)} {points}" for name, points in most]
        return SAYINGS["points"].say(language, count=count, members=members, points=listing(named, language))

    def _standing(self, standing: Standing) -> Iterator[str]:
        """Yield policy and model of a surface, each with what put it in force, and when."""
        policy, model = standing.policy, standing.model
        own = [entry for entry in self.assembly.activations if entry.surface == standing.surface]
        if policy.number:
            begun = _begun([(entry, entry.policy) for entry in own])
            # What guardians brought back was adopted by somebody else than them.
            adopted = policy.adopted_by
            by = "" if adopted is None or adopted == begun.entry else f" ({self.name(adopted)})"
            number = f"{policy.number}{by}"
            yield SAYINGS["policy"].say(self.language, surface=standing.surface, number=number, **self._since(begun))
        else:
            yield SAYINGS["baseline"].say(self.language, surface=standing.surface)
        if model is not None:
            begun = _begun([(entry, entry.model) for entry in own])
            yield SAYINGS["model"].say(
                self.language, surface=standing.surface, digest=short(model.digest), **self._since(begun)
            )

    def _constitution(self) -> str:
        constitution = self.assembly.constitution
        adopted = [entry for entry in self.assembly.activations if not entry.surface][-1]
        title = spoken(constitution.title, self.language)
        return SAYINGS["constitution"].say(
            self.language, number=constitution.number, title=title, **self._since(adopted)
        )

    def _since(self, activation: Activation) -> dict[str, str]:
        cause = CAUSES[activation.cause].say(self.language, name=self.name(activation.entry))
        return {"cause": cause, "time": self._time(activation.time_ms)}

    def _open(self) -> Iterator[str]:
        """Yield what is open, or cannot be known yet."""
        assembly = self.assembly
        if assembly.withheld is not None:
            yield SAYINGS["withheld"].say(self.language, name=self.name(assembly.withheld))
        open_votes = [(index, matter.vote) for index, matter in assembly.proposals.items() if matter.state == "voting"]
        open_votes += [(index, one.vote) for index, one in assembly.interventions.items() if one.state == "voting"]
        for index, vote in open_votes:
            if vote is None or vote.is_closed or index == assembly.withheld:
                continue
            count = assembly.ballot_count(index)
            yield SAYINGS["sealed"].say(
                self.language,
                name=self.name(index),
                time=self._time(vote.close_ms),
                count=self._count(count),
                s=plural(count, self.language),
            )
        gone = sum(said.argument is None for matter in assembly.proposals.values() for said in matter.arguments)
        if gone:
            yield SAYINGS["erased"].say(self.language, count=self._count(gone), s=plural(gone, self.language))

    def _some(self, entries: Sequence[T], say: Callable[[T], Iterator[str]]) -> Iterator[str]:
        for entry in entries[:_SHOWN]:
            yield from say(entry)
        if (more := len(entries) - _SHOWN) > 0:
            yield SAYINGS["more"].say(self.language, count=self._count(more))

    def _count(self, number: int) -> str:
        return count_words(number, self.language)

    def _time(self, time_ms: int) -> str:
        return moment_words(time_ms, self.language)


def _begun(history: Sequence[tuple[Activation, object]]) -> Activation:
    """Return the activation since which what is in force now has been so."""
    newest, now = history[-1]
    for activation, found in reversed(history):
        if found != now:
            break
        newest = activation
    return newest
