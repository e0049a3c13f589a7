"""Voting: opening a vote with what it pins, judging ballots, closing it and counting."""

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from rankd.core.assembly.constitution import Class
from rankd.core.assembly.entries import Ballot, VoteKind
from rankd.core.assembly.matter import Cast, Vote
from rankd.core.assembly.state import State
from rankd.core.assembly.tally.ballots import counted
from rankd.core.assembly.tally.quorum import quorum_of
from rankd.core.assembly.tally.result import Result
from rankd.core.assembly.tally.swing import swung
from rankd.core.assembly.wording import floors_and_caps
from rankd.core.errors import AssemblyError
from rankd.core.policy.reader import TOTAL_POINTS

_PINNED = ("texts", "constitution", "roll", "impact")

MAX_BALLOTS = 100
"""So many ballots of one member belong to one vote."""


def open_vote(
    state: State,
    rules: Class,
    kind: VoteKind,
    texts: tuple[tuple[bytes, bytes], ...],
    *,
    open_ms: int,
    voting_ms: int,
    window_ms: int,
    heads: tuple[str, ...] = (),
    impact: bytes | None = None,
) -> Vote:
    """Return a vote that opens now: roll, rules and constitution are pinned to it."""
    electorate = state.members.electorate()
    floors, caps = floors_and_caps(state.constitution.limits, heads) if kind == "points" else ({}, {})
    return Vote(
        kind=kind,
        texts=texts,
        open_ms=open_ms,
        close_ms=open_ms + voting_ms,
        constitution=state.constitution,
        electorate=electorate,
        heads=heads,
        room={objective: range(floor, caps[objective] + 1) for objective, floor in floors.items()},
        impact=impact,
        quorum=quorum_of(electorate.count, rules.quorum, rules.quorum_min),
        majority=rules.majority,
        window_ms=window_ms if voting_ms >= 2 * window_ms else 0,
    )


def check_ballot(state: State, ballot: Ballot, key: bytes, time_ms: int) -> str:
    """Make sure that a ballot counts in its vote at this time, and return who casts it.

    Raises:
        AssemblyError: BALLOT_NO_VOTE, BALLOT_EARLY, BALLOT_LATE, BALLOT_NOT_ON_ROLL, BALLOT_DIFFERS naming what it was
            signed for, BALLOT_KIND, BALLOT_CHOICE, or BALLOTS_TOO_MANY.
    """
    vote = state.vote(ballot.proposal)
    if vote is None:
        known = ballot.proposal in state.matters
        raise AssemblyError("BALLOT_EARLY" if known else "BALLOT_NO_VOTE", proposal=state.name(ballot.proposal))
    if vote.is_closed or time_ms >= vote.close_ms:
        raise AssemblyError("BALLOT_LATE", proposal=state.name(ballot.proposal))
    member = vote.electorate.ids.get(key)
    if member is None:
        raise AssemblyError("BALLOT_NOT_ON_ROLL", proposal=state.name(ballot.proposal), found=key.hex())
    if ballot.vote != vote.kind:
        raise AssemblyError("BALLOT_KIND", found=ballot.vote, wanted=vote.kind)
    found = (ballot.texts, ballot.constitution, ballot.roll, ballot.impact)
    if found != (wanted := (vote.texts, vote.constitution.canon_digest, vote.electorate.digest, vote.impact)):
        field = next(name for name, one, other in zip(_PINNED, found, wanted, strict=True) if one != other)
        raise AssemblyError("BALLOT_DIFFERS", field=field, proposal=state.name(ballot.proposal))
    _check_choice(ballot.choice, vote)
    if state.ballots_of(member, ballot.proposal) >= MAX_BALLOTS:
        raise AssemblyError("BALLOTS_TOO_MANY", proposal=state.name(ballot.proposal), member=member, most=MAX_BALLOTS)
    return member


def count(state: State, index: int, vote: Vote, before_ms: int) -> Result:
    """Return the tally of a vote's ballots that were appended before a time.

    Source: MATH 5 and 6; docs/spec/assembly.md, "Tallies".
    """
    cast = (entry for entry in state.cast.get(index, ()) if entry.time_ms < before_ms)
    return tally(state, vote, cast)


def tally(state: State, vote: Vote, cast: Iterable[Cast]) -> Result:
    """Return the tally of some ballots under a vote's pinned rules."""
    choices: Any = counted((entry.member, entry.number, entry.digest, entry.choice) for entry in cast).values()
    counter = state.counter
    # `check_ballot` let only choices of this vote's kind in.
    if vote.kind == "yes_no":
        return counter.yes_no(choices, vote.quorum, vote.majority)
    if vote.kind == "ranking":
        return counter.ranking(choices, len(vote.texts), vote.quorum, vote.majority)
    floors, caps = floors_and_caps(vote.constitution.limits, vote.heads)
    ballots = [choice if choice == "abstain" else dict(choice) for choice in choices]
    return counter.points(ballots, floors, caps, vote.quorum)


def close_vote(state: State, index: int, vote: Vote) -> Vote:
    """Return a vote at its close: extended, where the outcome changed late for the first time, or counted for good.

    Source: MATH 6, "Late swing".
    """
    at_close = count(state, index, vote, vote.close_ms)
    before = (
        None if vote.window_ms == 0 or vote.is_extended else count(state, index, vote, vote.close_ms - vote.window_ms)
    )
    if before is not None and swung(before, at_close):
        return replace(
            vote, is_extended=True, close_ms=vote.close_ms + vote.window_ms, before=before, at_first_close=at_close
        )
    return replace(vote, is_closed=True, result=at_close, before=before or vote.before)


def _check_choice(choice: Any, vote: Vote) -> None:
    if vote.kind == "yes_no":
        good = choice in ("yes", "no", "abstain")
    elif vote.kind == "ranking":
        options = range(len(vote.texts) + 1)
        good = isinstance(choice, tuple) and all(option in options for group in choice for option in group)
    elif choice == "abstain":
        good = True
    else:
        points = dict(choice) if isinstance(choice, tuple) else {}
        good = points.keys() == vote.room.keys() and all(given in vote.room[name] for name, given in points.items())
        if good and sum(points.values()) != TOTAL_POINTS:
            raise AssemblyError("BALLOT_POINTS_SUM", found=sum(points.values()), wanted=TOTAL_POINTS)
    if not good:
        raise AssemblyError("BALLOT_CHOICE", vote=vote.kind)


def least_recallers(share: Fraction, count: int) -> int:
    """Return how many members a petition needs: the least integer that is no less than their share, at least one."""
    return max(1, -(-share.numerator * count // share.denominator))
