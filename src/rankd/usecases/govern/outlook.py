"""Outlook: what each proposal awaits, until when, and what one member can do about it now."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rankd.core.assembly.fold import Assembly
from rankd.core.assembly.matter import FINAL, Intervention, Matter
from rankd.core.assembly.voting import least_recallers
from rankd.core.words.language import Phrase

Awaited: TypeAlias = Literal["sponsors", "debate", "freeze", "opening", "notice", "close", "force", "confirmation"]
Deed: TypeAlias = Literal["vote", "sponsor", "argue", "amend", "freeze", "recall", "cancel"]


@dataclass(frozen=True, slots=True)
class Await:
    """What a proposal or an intervention awaits.

    Attributes:
        what: sponsors: members who sponsor it; debate: the time before which it cannot be frozen; freeze: its
            proposer; opening: the vote's opening; notice: the end of the notice, without a vote; close: the vote's
            close; force: its coming into force, unless members recall it; confirmation: the vote on an intervention.
        until_ms: When this ends.
        have: How many there are of what it takes: sponsors, or signatures for a recall; else 0.
        need: How many it takes; else 0.
    """

    what: Awaited
    until_ms: int
    have: int = 0
    need: int = 0


@dataclass(frozen=True, slots=True)
class Act:
    """Something that a member can do now.

    Attributes:
        deed: What.
        index: The proposal's or the intervention's entry.
        until_ms: Until when; None: as long as it stands where it does.
        again: vote: whether she has voted already, as far as the minutes show it.
    """

    deed: Deed
    index: int
    until_ms: int | None
    again: bool = False


def awaited(matter: Matter, assembly: Assembly) -> Await | None:
    """Return what a proposal awaits; None: nothing, it has come to its end."""
    rules = matter.rules
    if matter.state == "draft":
        until_ms = matter.history[0][0] + rules.sponsorship_ms
        return Await("sponsors", until_ms, len(matter.sponsors), rules.sponsors)
    if matter.state == "deliberation":
        early_ms = matter.debate_ms + rules.deliberation_ms
        if assembly.time_ms < early_ms:
            return Await("debate", early_ms)
        return Await("freeze", matter.debate_ms + rules.deliberation_max_ms)
    if matter.state == "frozen":
        return Await("opening" if rules.by == "vote" else "notice", matter.since_ms + rules.notice_ms)
    if matter.state == "voting" and matter.vote is not None:
        return Await("close", matter.vote.close_ms)
    if matter.state in ("queued", "held"):
        return Await("force", matter.queue_ms, len(matter.recallers), recallers_needed(matter))
    return None


def title_of(matter: Matter) -> Phrase:
    """Return the title of a proposal as it stands: that of the text that won, or took the place of the first one.

    A text that came by an amendment, or won against others, may be about something else than what was proposed.
    """
    rivals = len(matter.wordings) > 1
    if not matter.amended_count and not rivals:
        return matter.proposal.title
    text = matter.winner if matter.winner is not None else None if rivals else matter.wordings[0]
    return matter.proposal.title if text is None or text.read is None else text.read.title


@dataclass(frozen=True, slots=True)
class RollMoves:
    """What became of the roll between a proposal's freeze and the opening of its vote.

    Attributes:
        joined: Members who can vote and could not have.
        left: Members who could have and cannot.
        rekeyed: Members whose key is another.
    """

    joined: int
    left: int
    rekeyed: int


def roll_moves(matter: Matter) -> RollMoves | None:
    """Return how the roll was changed while everybody knew what would be voted on; None: it was not.

    A secretary can admit, suspend and give new keys: no rule stops that, so it is told.
    """
    before, after = matter.frozen_roll, matter.electorate
    if before is None or after is None or before.digest == after.digest:
        return None
    old = {member: key for key, member in before.ids.items()}
    new = {member: key for key, member in after.ids.items()}
    rekeyed = sum(old[member] != new[member] for member in old.keys() & new.keys())
    return RollMoves(len(new.keys() - old.keys()), len(old.keys() - new.keys()), rekeyed)


def recallers_needed(matter: Matter) -> int:
    """Return how many signatures recall a queued proposal."""
    if matter.electorate is None:
        return 0
    rules = matter.rules if matter.vote is None else matter.vote.constitution.class_of(matter.proposal.subject)
    return least_recallers(rules.recall, matter.electorate.count)


def confirmation(intervention: Intervention) -> Await | None:
    """Return what an intervention awaits; None: its vote is over."""
    if intervention.state != "voting":
        return None
    return Await("confirmation", intervention.vote.close_ms)


def acts(assembly: Assembly, key: bytes) -> tuple[Act, ...]:
    """Return what the holder of a key can do now, what is pressing first.

    Args:
        assembly: The assembly, at the present.
        key: A member's or a guardian's public key.
    """
    found = [*_votes(assembly, key), *_others(assembly, key)]
    urgency = {"vote": 0, "recall": 1, "cancel": 1, "freeze": 2, "sponsor": 3, "amend": 4, "argue": 5}
    return tuple(sorted(found, key=lambda act: (urgency[act.deed], act.index)))


def _votes(assembly: Assembly, key: bytes) -> Iterator[Act]:
    matters: dict[int, Matter | Intervention] = {**assembly.proposals, **assembly.interventions}
    for index, held in matters.items():
        vote = held.vote
        if held.state != "voting" or vote is None or key not in vote.electorate.ids:
            continue
        member = vote.electorate.ids[key]
        again = any(cast.member == member for cast in assembly.ballots(index))
        yield Act("vote", index, vote.close_ms, again)


def _others(assembly: Assembly, key: bytes) -> Iterator[Act]:
    member = assembly.roll.find(key)
    me = member.id if member is not None and member.status == "active" else None
    guards = key in assembly.constitution.guardians.keys
    for index, matter in assembly.proposals.items():
        if matter.state in FINAL:
            continue
        awaits = awaited(matter, assembly)
        until_ms = None if awaits is None else awaits.until_ms
        if matter.state in ("queued", "held"):
            ids = {} if matter.electorate is None else matter.electorate.ids
            if key in ids and ids[key] not in matter.recallers:
                yield Act("recall", index, until_ms)
            if guards and matter.state == "queued":
                yield Act("cancel", index, until_ms)
        if me is None:
            continue
        if matter.state == "draft" and me != matter.proposer and me not in matter.sponsors:
            yield Act("sponsor", index, until_ms)
        if awaits is not None and awaits.what == "freeze" and me == matter.proposer:
            yield Act("freeze", index, until_ms)
        if matter.state in ("draft", "deliberation") and matter.proposal.subject != "model":
            yield Act("amend", index, until_ms)
        yield Act("argue", index, until_ms)
