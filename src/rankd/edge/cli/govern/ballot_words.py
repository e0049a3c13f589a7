"""Ballot papers as people read them, and what a ballot says before it is signed."""

from collections.abc import Iterator
from typing import Any

from rankd.core.assembly.entries import Ballot
from rankd.core.assembly.fold import Assembly
from rankd.core.assembly.identity import proposal_name
from rankd.core.assembly.matter import BallotChoice
from rankd.core.exact.canonical import digest_text
from rankd.core.words.assembly_vote import CHOICES, PAPER
from rankd.core.words.language import Language
from rankd.core.words.policy import OBJECTIVE_WORDS
from rankd.edge.cli.govern.assembly_json import intervention_json, matter_json
from rankd.edge.cli.govern.assembly_show import ProposalTeller
from rankd.edge.cli.govern.assembly_words import spoken
from rankd.usecases.govern.ballot_paper import Paper, points_text


class PaperTeller(ProposalTeller):
    """Tells of papers and ballots."""

    def paper(self, paper: Paper) -> Iterator[str]:
        """Yield a paper: what is to be decided, what it would change, and how to say what one wants."""
        if paper.matter is not None:
            yield from self.head(paper.matter)
            yield from self._part("reasons", self.reasons(paper.matter))
            yield from self.texts(paper.matter)
        elif paper.intervention is not None:
            yield from self.intervention(paper.intervention)
        yield ""
        yield PAPER["question"].say(self.language)
        yield from (f"  {line}" for line in self._question(paper))
        yield ""
        yield PAPER["secret"].say(self.language)

    def signs(self, paper: Paper, ballot: Ballot, key: bytes, *, again: bool) -> Iterator[str]:
        """Yield everything that a ballot says.

        Args:
            paper: Its paper.
            ballot: The ballot.
            key: The key that will sign it.
            again: Whether this key signed an earlier one.
        """
        yield ""
        yield PAPER["signs"].say(self.language)
        none = PAPER["none"].say(self.language)
        lines = [
            PAPER["signs_co"].say(self.language, origin=ballot.co.origin, genesis=digest_text(ballot.co.genesis)),
            PAPER["signs_member"].say(self.language, member=paper.vote.electorate.ids.get(key, none)),
            PAPER["signs_about"].say(self.language, name=paper.name),
        ]
        lines += [
            PAPER["signs_text"].say(self.language, number=number, canon=digest_text(canon), file=digest_text(file))
            for number, (canon, file) in enumerate(ballot.texts, 1)
        ]
        impact = none if ballot.impact is None else digest_text(ballot.impact)
        constitution, roll = digest_text(ballot.constitution), digest_text(ballot.roll)
        lines.append(PAPER["signs_pinned"].say(self.language, constitution=constitution, roll=roll, impact=impact))
        choice = choice_words(ballot.choice, self.language)
        lines.append(PAPER["signs_choice"].say(self.language, number=ballot.number, choice=choice))
        if again:
            lines.append(PAPER["again"].say(self.language, name=paper.name))
        yield from (f"  {line}" for line in lines)

    def _question(self, paper: Paper) -> Iterator[str]:
        if paper.vote.kind == "ranking" and paper.matter is not None:
            yield PAPER["options"].say(self.language)
            for number, wording in enumerate(paper.matter.wordings, 1):
                title = "" if wording.read is None else spoken(wording.read.title, self.language)
                yield PAPER["option"].say(self.language, number=number, title=title)
            yield self._how(paper)
        elif paper.vote.kind == "points":
            for objective, most in paper.caps.items():
                noun = OBJECTIVE_WORDS[objective].noun.say(self.language)
                least = paper.floors[objective]
                yield PAPER["points_bounds"].say(self.language, objective=objective, noun=noun, least=least, most=most)
            yield self._how(paper)
        else:
            if paper.intervention is not None:
                demand = paper.intervention.demand
                name = "" if demand.proposal is None else proposal_name(demand.proposal)
                yield PAPER[f"confirm_{demand.action}"].say(self.language, name=name)
            yield self._how(paper)

    def _how(self, paper: Paper) -> str:
        """Return how a choice is written."""
        if paper.vote.kind == "points":
            how = "points_how" if paper.today else "points_how_first"
            return PAPER[how].say(self.language, template=points_text(paper.today or paper.floors))
        return PAPER["rank_how" if paper.vote.kind == "ranking" else "yes_no_how"].say(self.language)


def choice_words(choice: BallotChoice, language: Language) -> str:
    """Return what a ballot chooses, in words or as its options take it."""
    if isinstance(choice, str):
        return CHOICES[choice].say(language)
    if all(len(part) == 2 and isinstance(part[0], str) for part in choice) and choice:
        return points_text(dict(choice))  # type: ignore[arg-type]
    return ">".join(",".join(str(option) for option in group) for group in choice)


def paper_json(assembly: Assembly, paper: Paper, language: Language) -> dict[str, Any]:
    """Return a paper as `--json` writes it."""
    if paper.matter is not None:
        about = matter_json(assembly, paper.matter, language)
    elif paper.intervention is not None:
        about = intervention_json(assembly, paper.intervention)
    else:
        about = {}
    return {**about, "floors": dict(paper.floors), "caps": dict(paper.caps), "today": dict(paper.today)}
