"""What the demo shows of its co-op: the debate, the vote, and the feeds before and after."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from rich.text import Text

from rankd.client import PolicyRef, Slate
from rankd.core.assembly.matter import BallotChoice, Said
from rankd.core.assembly.points_template import fill
from rankd.core.assembly.tally.result import PointsResult
from rankd.core.exact.canonical import digest_text
from rankd.core.impact.impact import Impact, Objective
from rankd.core.objectives import OBJECTIVES
from rankd.core.policy.policy import Policy
from rankd.core.policy.reader import read_policy
from rankd.core.words.assembly_terms import SIDES
from rankd.core.words.assembly_vote import FATES
from rankd.core.words.explain import micro_words
from rankd.core.words.policy import OBJECTIVE_WORDS
from rankd.core.words.quantity import listing, rounded_words
from rankd.edge.cli.demo.assembly import DAY_MS, FOUNDERS, NEWCOMERS, SECRETARY, Coop
from rankd.edge.cli.demo.change import Shift
from rankd.edge.cli.demo.feed import Visit
from rankd.edge.cli.demo.screen import Screen
from rankd.edge.cli.demo.vote import Decided
from rankd.edge.cli.govern.assembly_show import ProposalTeller
from rankd.edge.cli.impact_words import impact_lines
from rankd.edge.cli.terminal import cell
from rankd.usecases.govern.counted import Fate

_PLACES = 3
_CHANGED_SHOWN = 3
_TOLD = ("frozen", "voting", "queued", "activated")
_NAME_LETTERS = 3
_DIGEST_SHOWN = len("sha256:") + 12
_OBJECTIVES_SHOWN = 1
_DIGITS = 1


class VoteScreen:
    """Shows what the members do.

    Args:
        screen: Where.
        coop: The co-op.
    """

    def __init__(self, screen: Screen, coop: Coop) -> None:
        self._screen = screen
        self._coop = coop

    def founded(self) -> None:
        """Say who founded the co-op, and what everybody notes."""
        say, language = self._screen.say, self._screen.language
        founders, newcomers = (listing(names, language) for names in (FOUNDERS, NEWCOMERS))
        say("founded", founders=founders, secretary=SECRETARY, newcomers=newcomers)
        say("genesis", genesis=self._coop.pinned)

    def impact(self, proposed: Policy, impact: Impact, digest: bytes) -> None:
        """Show what a proposal would have changed, in a few lines."""
        self._screen.say("impact", title=proposed.title.say(self._screen.language))
        strongest = sorted(impact.objectives, key=_weight_change, reverse=True)[:_OBJECTIVES_SHOWN]
        shown = tuple(one for one in impact.objectives if one in strongest)
        for line in impact_lines(replace(impact, objectives=shown), self._screen.language):
            self._line(f"  {line}")
        self._screen.say("impact_bound", digest=digest_text(digest)[:_DIGEST_SHOWN])

    def proposed(self, decided: Decided, replaced: Policy) -> None:
        """Say who stands behind a proposal, and which points it changes most of the policy that it replaces."""
        screen, matter = self._screen, decided.matter
        screen.say(
            "proposed",
            proposal=decided.name,
            title=matter.proposal.title.say(screen.language),
            name=self._name(matter.proposer),
            sponsors=listing([self._name(member) for member in matter.sponsors], screen.language),
        )
        proposed = matter.wordings[0].read
        if isinstance(proposed, Policy):
            points = dict(proposed.points)
            moved = sorted(replaced.points, key=lambda entry: -abs(points[entry[0]] - entry[1]))[:_CHANGED_SHOWN]
            changed = [
                screen.words("changed", noun=self._noun(objective), before=before, after=points[objective])
                for objective, before in replaced.points
                if (objective, before) in moved
            ]
            screen.say("points_changed", changed=", ".join(changed))

    def debate(self, decided: Decided) -> None:
        """Show the debate as a conversation."""
        self._screen.say("debate")
        self._threads(decided.matter.arguments, None, 1)

    def course(self, decided: Decided) -> None:
        """Show when what happened, and how long it really took."""
        screen, history = self._screen, decided.matter.history
        begin_ms = history[0][0]
        days = [
            screen.words(f"day_{state}", day=(time_ms - begin_ms) // DAY_MS)
            for time_ms, state in history
            if state in _TOLD
        ]
        screen.say(
            "course", days=", ".join(days), seconds=rounded_words(Fraction(decided.seconds), _DIGITS, screen.language)
        )

    def counted(self, decided: Decided) -> None:
        """Show what a yes/no vote found."""
        if decided.vote.result is not None:
            for line in ProposalTeller(self._coop.now(), self._screen.language).found(decided.vote.result):
                self._line(line)

    def points(self, decided: Decided) -> None:
        """Show everybody's points beside the result and the mean, and the text that they make."""
        screen, result = self._screen, decided.vote.result
        if not isinstance(result, PointsResult) or result.points is None:
            return
        screen.say("points_result", count=result.ballot_count, quorum=result.quorum)
        ballots = [
            (self._name(cast.member), points)
            for cast in self._coop.now().ballots(decided.matter.index)
            if (points := _points_of(cast.choice)) is not None
        ]
        table = screen.table()
        table.add_column(screen.words("objective"), no_wrap=True)
        for name, _ in ballots:
            table.add_column(f"{name[:_NAME_LETTERS]}.", justify="right", no_wrap=True)
        for name in ("mean", "markets"):
            table.add_column(screen.words(name), justify="right", no_wrap=True)
        for objective in OBJECTIVES:
            wished = [points.get(objective, 0) for _, points in ballots]
            if not any(wished):
                continue
            mean = rounded_words(result.mean[objective], _DIGITS, screen.language)
            row = [self._noun(objective), *map(str, wished), mean]
            table.add_row(*row, Text(str(result.points[objective]), "bold"))
        screen.console.print(table)
        text = fill(decided.matter.wordings[0].data, result.points)
        first = ", ".join(f"{objective}: {result.points[objective]}" for objective in OBJECTIVES[:3])
        canon = digest_text(read_policy(text, "policy").canon_digest)
        screen.say("text_made", line=f"points: {first}", digest=canon)

    def in_force(self, before: PolicyRef, after: PolicyRef) -> None:
        """Say that the running service obeys."""
        numbers = {"before": before.number, "after": after.number}
        activations = {"old": before.activation_number, "activation": after.activation_number}
        said = {"proposal": after.proposal_id, "ratification": after.ratification}
        self._screen.say("in_force", "bold", **numbers, **activations, **said)

    def change(self, visit: Visit, before: Slate, after: Slate, shift: Shift | None) -> None:
        """Show the first places of one feed before and after, and why the first other place is another."""
        screen = self._screen
        if before.ids[:_PLACES] == after.ids[:_PLACES]:
            screen.say("same_slate", name=visit.name.say(screen.language))
        else:
            screen.compare(visit, before, after, shown=_PLACES)
        if shift is not None:
            screen.why(visit, shift)
            pushes = [
                screen.words(
                    "push",
                    noun=self._noun(push.objective),
                    before=push.before,
                    after=push.after,
                    change=f"+{micro_words(push.change, screen.language, _DIGITS)}",
                )
                for push in shift.pushes
            ]
            if pushes:
                screen.say("pushes", pushes=listing(pushes, screen.language))

    def fate(self, name: str, decided: Decided, fate: Fate) -> None:
        """Say whether somebody's ballot was counted."""
        self._screen.say("checks", name=name)
        words = FATES[fate.verdict].say(
            self._screen.language, name=decided.name, number=fate.number, index=fate.index, size=fate.size
        )
        self._screen.say("quoted_line", text=words)

    def _threads(self, arguments: Sequence[Said], under: int | None, depth: int) -> None:
        for said in arguments:
            argument = said.argument
            if argument is None or argument.reply_to != under:
                continue
            words = self._screen.words(
                "argument" if under is None else "reply",
                name=self._name(said.member),
                side=SIDES[argument.side].say(self._screen.language),
                text=argument.text,
            )
            self._line("  " * depth + words)
            self._threads(arguments, said.index, depth + 1)

    def _name(self, member: str) -> str:
        return next(person.name for person in self._coop.people.values() if person.member == member)

    def _noun(self, objective: str) -> str:
        return OBJECTIVE_WORDS[objective].noun.say(self._screen.language)

    def _line(self, text: str) -> None:
        self._screen.console.print(cell(text))


def _weight_change(one: Objective) -> int:
    return abs(one.pull_after_ppm - one.pull_before_ppm)


def _points_of(choice: BallotChoice) -> dict[str, int] | None:
    """Return the points that a ballot gives; None: it abstains."""
    if isinstance(choice, str):
        return None
    return {objective: points for objective, points in choice if isinstance(objective, str)}
