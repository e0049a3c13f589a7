"""Deciding: what a closed vote makes of its proposal."""

from dataclasses import replace

from rankd.core.assembly.matter import Matter, Vote
from rankd.core.assembly.state import State
from rankd.core.assembly.tally.result import PointsResult, RankingResult, Result
from rankd.core.assembly.wording import Wording, filled


def decide(state: State, matter: Matter, vote: Vote, time_ms: int) -> None:
    """Take a proposal out of its vote: into the queue with the text that won, defeated, or lapsed.

    Source: MATH 5 and 6; docs/spec/assembly.md, "The life of a proposal".
    """
    decided = replace(matter, vote=vote)
    winner = _winner(matter, vote.result)
    if winner is not None:
        rules = vote.constitution.class_of(matter.proposal.subject)
        state.move(replace(decided, winner=winner, queue_ms=time_ms + rules.timelock_ms), "queued", time_ms)
    elif isinstance(vote.result, PointsResult):
        state.move(decided, "lapsed", time_ms)
    else:
        state.move(decided, "defeated", time_ms)


def _winner(matter: Matter, result: Result | None) -> Wording | None:
    """Return the text that is to come into force; None: things stay as they are."""
    if isinstance(result, PointsResult):
        return None if result.points is None else filled(matter.wordings[0], result.points)
    if isinstance(result, RankingResult):
        return matter.wordings[result.winner - 1] if result.winner else None
    return matter.wordings[0] if result is not None and result.passed else None
