"""One proposal as people read it: its texts, what they would change, the debate, the timeline and the result."""

from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher

from rankd.core.assembly.constitution import Constitution
from rankd.core.assembly.describe import describe_constitution
from rankd.core.assembly.identity import intervention_name, proposal_name
from rankd.core.assembly.matter import FINAL, Intervention, Matter, Offer, Said, Vote
from rankd.core.assembly.points_template import Template, policy_of
from rankd.core.assembly.standing import ActivePolicy
from rankd.core.assembly.tally.result import PointsResult, RankingResult, Result, YesNoResult
from rankd.core.assembly.wording import Wording
from rankd.core.exact.canonical import digest_text
from rankd.core.policy.diff import diff
from rankd.core.policy.policy import Policy
from rankd.core.policy.reader import read_policy
from rankd.core.words.assembly_status import RESULTS, SHOW
from rankd.core.words.assembly_terms import INTERVENTION_STATES, SIDES, STATES, SUBJECTS, VOTES
from rankd.core.words.moment import moment_words
from rankd.core.words.policy import OBJECTIVE_WORDS
from rankd.core.words.quantity import count_words, listing, plural, rounded_words
from rankd.edge.cli.govern.assembly_words import Teller, spoken
from rankd.edge.cli.impact_words import frozen_lines
from rankd.usecases.govern.outlook import awaited, roll_moves, title_of

_DEEPEST = 12
"""Answers are moved in so many times at most: after that a line would hold nothing but spaces."""


class ProposalTeller(Teller):
    """Tells of single proposals and interventions."""

    def proposal(self, matter: Matter) -> Iterator[str]:
        """Yield a proposal in full, line by line."""
        yield from self.head(matter)
        if matter.reason is not None:
            yield SHOW["expired"].say(self.language, why=matter.reason.say(self.language))
        if matter.sponsors:
            yield SHOW["sponsors"].say(self.language, members=listing(matter.sponsors, self.language))
        yield from self._part("reasons", self.reasons(matter))
        yield from self.texts(matter)
        yield from self._part("amendments", (self._offer(offer) for offer in (matter.offers or {}).values()))
        yield from self._part("arguments", self._arguments(matter.arguments))
        yield from self._part("timeline", self._timeline(matter))
        if matter.vote is not None:
            yield from self._part("result", [*self._roll_moves(matter), *self.result(matter.index, matter.vote)])

    def intervention(self, intervention: Intervention) -> Iterator[str]:
        """Yield an intervention of the guardians in full, line by line."""
        reason = intervention.demand.reason
        yield SHOW["intervention"].say(
            self.language,
            name=intervention_name(intervention.index),
            demand=self.demand(intervention),
            state=INTERVENTION_STATES[intervention.state].say(self.language),
            count=len(intervention.signers),
        )
        yield from self._part("reasons", _quoted(spoken(reason, self.language)))
        yield from self._part("result", self.result(intervention.index, intervention.vote))

    def head(self, matter: Matter) -> Iterator[str]:
        """Yield what a proposal is about, and where it is."""
        proposal = matter.proposal
        name, title = proposal_name(matter.index), spoken(title_of(matter), self.language)
        yield SHOW["heading"].say(self.language, name=name, title=title)
        surface = SHOW["surface"].say(self.language, surface=proposal.surface) if proposal.surface else ""
        by_notice = matter.vote is None and matter.rules.by == "notice"
        yield SHOW["about"].say(
            self.language,
            subject=SUBJECTS[proposal.subject].say(self.language),
            surface=surface,
            member=matter.proposer,
            vote=(SHOW["by_notice"] if by_notice else VOTES[proposal.vote]).say(self.language),
        )
        awaits = self.awaits(awaited(matter, self.assembly))
        yield SHOW["state"].say(self.language, state=STATES[matter.state].say(self.language), awaits=awaits).rstrip()

    def reasons(self, matter: Matter) -> Iterator[str]:
        """Yield the proposal's reasons, quoted: what a member wrote cannot pass for ours."""
        yield from _quoted(spoken(matter.proposal.reasons, self.language))

    def texts(self, matter: Matter) -> Iterator[str]:
        """Yield every text with what it would change, and the impact that was frozen with it."""
        for number, wording in enumerate(matter.wordings, 1):
            yield ""
            if wording.read is None:
                heads = listing([_noun(head, self) for head in matter.proposal.heads], self.language)
                yield SHOW["model"].say(self.language, digest=digest_text(wording.canon_digest), heads=heads)
                continue
            digest = digest_text(wording.file_digest)
            yield SHOW["text"].say(self.language, number=number, digest=digest)
            yield from (f"  {line}" for line in wording.data.decode("utf-8").splitlines())
            yield from self._part("changes", self.changes(matter, wording))
        yield from self._part("impact", frozen_lines(matter, self.language))

    def changes(self, matter: Matter, wording: Wording) -> Iterator[str]:
        """Yield what a text changes of what is in place, most weighty first."""
        if isinstance(wording.read, Constitution):
            yield from self._constitution_changes(wording.read)
            return
        if isinstance(wording.read, Template):
            yield SHOW["points_left"].say(self.language)
        if wording.read is None:
            return
        standing = self.assembly.standing(matter.proposal.surface)
        before = self._before_text(matter, wording.read, standing.policy)
        if not before.number:
            yield SHOW["first"].say(self.language)
            return
        today = read_policy(before.text, "policy")
        # What a vote may make of the points is not known: today's stand in for them.
        text = policy_of(wording.data, dict(today.points)) if isinstance(wording.read, Template) else wording.read
        changes = diff(today, text, standing.constitution.limits, self.language)
        yield from (change.words for change in changes)
        if not changes:
            yield SHOW["no_changes"].say(self.language)

    def _constitution_changes(self, text: Constitution) -> Iterator[str]:
        """Yield what the description of a constitution says otherwise than that of the one before it."""
        old = self.assembly.constitutions[text.number - 2] if text.number > 1 else self.assembly.constitution
        before, after = (describe_constitution(one, self.language).splitlines() for one in (old, text))
        matcher = SequenceMatcher(None, before, after, autojunk=False)
        for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
            if tag != "equal":
                yield from (f"− {line}" for line in before[old_from:old_to] if line)
                yield from (f"+ {line}" for line in after[new_from:new_to] if line)

    def _before_text(self, matter: Matter, text: Policy | Template, today: ActivePolicy) -> ActivePolicy:
        """Return what a text is compared with: today's policy; once it is decided, the one that it was to replace."""
        if matter.state not in FINAL:
            return today
        past = (entry.policy for entry in self.assembly.activations if entry.surface == text.surface)
        return next((old for old in past if old is not None and old.canon_digest == text.base_digest), today)

    def result(self, index: int, vote: Vote) -> Iterator[str]:
        """Yield a vote's frame and, after its close, what it found."""
        yield SHOW["vote"].say(
            self.language,
            opened=moment_words(vote.open_ms, self.language),
            closes=moment_words(vote.close_ms, self.language),
            count=count_words(vote.electorate.count, self.language),
            quorum=count_words(vote.quorum, self.language),
        )
        if vote.is_extended:
            yield RESULTS["first_close"].say(self.language)
        if vote.result is None:
            count = self.assembly.ballot_count(index)
            yield SHOW["ballots_hidden"].say(self.language, count=count_words(count, self.language))
            return
        yield from self.found(vote.result)

    def _roll_moves(self, matter: Matter) -> Iterator[str]:
        """Yield how the roll was changed when everybody knew already what would be voted on."""
        moves = roll_moves(matter)
        if moves is not None:
            words = {"joined": moves.joined, "left": moves.left, "rekeyed": moves.rekeyed}
            yield SHOW["roll_moves"].say(self.language, **words)

    def found(self, result: Result) -> Iterator[str]:
        """Yield what a tally found, with its numbers."""
        if isinstance(result, YesNoResult):
            yield from self._yes_no(result)
        elif isinstance(result, RankingResult):
            yield from self._ranking(result)
        else:
            yield from self._points(result)

    def _yes_no(self, result: YesNoResult) -> Iterator[str]:
        yield RESULTS["yes_no"].say(
            self.language,
            yes=count_words(result.yes, self.language),
            no=count_words(result.no, self.language),
            abstain=count_words(result.abstain, self.language),
            s=plural(result.abstain, self.language),
            majority=f"{result.majority.numerator}/{result.majority.denominator}",
            needed=count_words(-(-result.quorum // 2), self.language),
            verdict=RESULTS["passed" if result.passed else "defeated"].say(self.language),
        )

    def _ranking(self, result: RankingResult) -> Iterator[str]:
        count = result.ballot_count
        yield RESULTS["ranking"].say(
            self.language,
            count=count_words(count, self.language),
            s=plural(count, self.language),
            quorum=count_words(result.quorum, self.language),
        )
        for support in result.over:
            yield RESULTS["over"].say(
                self.language,
                option=support.option,
                supporters=count_words(support.supporters, self.language),
                opponents=count_words(support.opponents, self.language),
                verdict=RESULTS["qualifies" if support.qualifies else "does_not"].say(self.language),
            )
        yield RESULTS["winner" if result.winner else "status_quo"].say(self.language, option=result.winner)

    def _points(self, result: PointsResult) -> Iterator[str]:
        yield RESULTS["points"].say(
            self.language,
            count=count_words(result.ballot_count, self.language),
            s=plural(result.ballot_count, self.language),
            abstain=count_words(result.abstain_count, self.language),
            t=plural(result.abstain_count, self.language),
            quorum=count_words(result.quorum, self.language),
        )
        if result.points is None:
            yield RESULTS["undecided"].say(self.language)
            return
        for objective, points in result.points.items():
            yield RESULTS["share"].say(
                self.language,
                noun=_noun(objective, self),
                points=count_words(points, self.language),
                mean=rounded_words(result.mean[objective], 1, self.language),
            )

    def _arguments(self, arguments: Sequence[Said]) -> Iterator[str]:
        """Yield arguments, each under the one that it answers, however many there are and however deep they go."""
        known = {said.index for said in arguments}
        answers: dict[int | None, list[Said]] = {}
        for said in arguments:
            parent = None if said.argument is None else said.argument.reply_to
            # The answer to an argument whose body is gone still stands under it: its own index is known.
            answers.setdefault(parent if parent in known else None, []).append(said)
        waiting = [(said, 0) for said in reversed(answers.get(None, ()))]
        while waiting:
            said, depth = waiting.pop()
            yield from self._argument(said, "  " * min(depth, _DEEPEST))
            waiting += [(answer, depth + 1) for answer in reversed(answers.get(said.index, ()))]

    def _argument(self, said: Said, indent: str) -> Iterator[str]:
        if said.argument is None:
            yield indent + SHOW["erased"].say(self.language, index=said.index)
            return
        first, *more = said.argument.text.split("\n")
        side = SIDES[said.argument.side].say(self.language)
        yield indent + SHOW["argument"].say(self.language, index=said.index, member=said.member, side=side, text=first)
        yield from (f"{indent}  | {line}" for line in more)

    def _offer(self, offer: Offer) -> str:
        return SHOW["offer"].say(
            self.language,
            index=offer.index,
            member=offer.member,
            time=moment_words(offer.time_ms, self.language),
            digests=", ".join(digest_text(wording.file_digest) for wording in offer.wordings),
        )

    def _timeline(self, matter: Matter) -> Iterator[str]:
        for time_ms, state in matter.history:
            time = moment_words(time_ms, self.language)
            yield SHOW["moment"].say(self.language, time=time, state=STATES[state].say(self.language))

    def _part(self, name: str, lines: Iterable[str]) -> Iterator[str]:
        found = list(lines)
        if found:
            yield ""
            yield SHOW[name].say(self.language)
            yield from (f"  {line}" for line in found)


def _noun(objective: str, teller: Teller) -> str:
    return OBJECTIVE_WORDS[objective].noun.say(teller.language)


def _quoted(text: str) -> Iterator[str]:
    yield from (f"> {line}".rstrip() for line in text.strip("\n").split("\n"))
