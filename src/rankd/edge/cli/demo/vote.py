"""One proposal of the demo on its way: signed, sponsored, debated, settled, voted on, and in force."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rankd.client import PolicyRef, RankdClient
from rankd.core.assembly.entries import Argument, Witnessing
from rankd.core.assembly.identity import proposal_name
from rankd.core.assembly.matter import BallotChoice, Matter, Vote
from rankd.core.exact.canonical import digest_text, sha256
from rankd.core.words.demo_assembly import ARGUMENTS
from rankd.core.words.language import Language
from rankd.edge.cli.demo.assembly import SECRETARY, SURFACE, Coop
from rankd.edge.cli.demo.failure import DemoError
from rankd.store.policy_folder import read_policy_bytes
from rankd.store.record_folder import RecordFolder
from rankd.usecases.govern.ballot_paper import open_paper, write_ballot
from rankd.usecases.govern.counted import Fate, fate_of
from rankd.usecases.govern.drafting import TextFile, find_matter, freeze_of, propose_policies, sponsor_of
from rankd.usecases.govern.kept import Kept
from rankd.usecases.govern.reading import read_minutes

_IN_FORCE_S = 20.0
_POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Speech:
    """An argument of the demo: who, on which side, what, and which earlier one it answers."""

    name: str
    side: Literal["for", "against", "neither"]
    words: str
    answers: int | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """What some members want, and what everybody says to it.

    Attributes:
        by: Who proposes.
        sponsors: Who supports that it be debated.
        speeches: The debate.
        choices: What each member votes, by name.
    """

    by: str
    sponsors: tuple[str, ...]
    speeches: tuple[Speech, ...]
    choices: Mapping[str, BallotChoice]


@dataclass(frozen=True, slots=True)
class Decided:
    """A proposal that is in force.

    Attributes:
        matter: The proposal, with its vote and its result.
        ballots: What each voter keeps, by name.
        seconds: How long it took.
    """

    matter: Matter
    ballots: Mapping[str, Kept]
    seconds: float

    @property
    def name(self) -> str:
        """Its name, such as p14."""
        return proposal_name(self.matter.index)

    @property
    def vote(self) -> Vote:
        """Its vote."""
        if self.matter.vote is None:
            raise AssertionError("unreachable: it was decided by a vote")
        return self.matter.vote


def read_proposed(coop: Coop, path: Path) -> TextFile:
    """Return an example's text as what would replace the policy in force.

    Raises:
        PolicyError: The file cannot be read.
    """
    base = digest_text(coop.now().standing(SURFACE).policy.canon_digest).encode()
    lines = read_policy_bytes(path).split(b"\n")
    return TextFile(path.name, b"\n".join(b"base: " + base if line.startswith(b"base:") else line for line in lines))


def decide(
    client: RankdClient, coop: Coop, file: TextFile, cause: Cause, impact: str | None, language: Language
) -> Decided:
    """Bring a text from its proposal into force, entry by entry.

    Args:
        client: Calls the service that keeps the minutes.
        coop: The co-op.
        file: The text.
        cause: Who wants it, and who says what.
        impact: The impact that is settled with it, as canonical JSON.
        language: In which people argue.

    Raises:
        RankdCallError: The service refused an entry.
        DemoError: The members did not adopt it, or the service does not serve it.
    """
    begin_s = time.monotonic()
    digest = None if impact is None else sha256(impact.encode("utf-8"))
    index = coop.enter(client, propose_policies(coop.now(), coop.co(), [file], impact=digest), cause.by).index
    for name in cause.sponsors:
        coop.enter(client, sponsor_of(find_matter(coop.now(), index), coop.co()), name)
    _argue(client, coop, index, cause, language)
    matter = find_matter(coop.now(), index)
    coop.wait_until(matter.debate_ms + matter.rules.deliberation_ms)
    coop.enter(client, freeze_of(matter, coop.co(), impact), cause.by)
    matter = find_matter(coop.now(), index)
    coop.wait_until(matter.since_ms + matter.rules.notice_ms)
    paper = open_paper(coop.now(), index)
    ballots = {
        name: coop.enter(client, write_ballot(paper, coop.co(), 1, choice), name)
        for name, choice in cause.choices.items()
    }
    coop.wait_until(paper.vote.close_ms)
    matter = find_matter(coop.now(), index)
    coop.enter(client, Witnessing(coop.co(), "close", index, "closed"), SECRETARY)
    coop.wait_until(matter.queue_ms)
    matter = find_matter(coop.now(), index)
    if matter.activation is None:
        raise DemoError("not_adopted", proposal=proposal_name(index), state=matter.state)
    # Time alone brings it into force; an entry of that time tells a co-op whose weeks pass in seconds that it has come.
    coop.enter(client, Witnessing(coop.co(), "activation", index, str(matter.activation)), SECRETARY)
    return Decided(matter, ballots, time.monotonic() - begin_s)


def wait_in_force(client: RankdClient, decided: Decided) -> PolicyRef:
    """Return what the service says of its policy once it serves what was decided.

    Raises:
        DemoError: It does not in time.
    """
    until_s = time.monotonic() + _IN_FORCE_S
    while (policy := client.get_surface(SURFACE).policy).activation_number != decided.matter.activation:
        if time.monotonic() > until_s:
            raise DemoError("not_in_force", proposal=decided.name, seconds=round(_IN_FORCE_S))
        time.sleep(_POLL_S)
    return policy


def check_ballot(coop: Coop, kept: Kept) -> Fate:
    """Return what became of a ballot, by its receipt and the public record alone."""
    folder = RecordFolder(coop.record)
    minutes = read_minutes(folder, coop.genesis, now_s=time.time_ns() // 1_000_000_000)
    if minutes.faults:
        raise minutes.faults[0].error
    return fate_of(folder, minutes.assembly, coop.log, kept.envelope, kept)


def _argue(client: RankdClient, coop: Coop, index: int, cause: Cause, language: Language) -> None:
    said: list[int] = []
    for speech in cause.speeches:
        answers = None if speech.answers is None else said[speech.answers]
        text = ARGUMENTS[speech.words].say(language)
        argument = Argument(coop.co(), index, speech.side, answers, text)
        said.append(coop.enter(client, argument, speech.name).index)
