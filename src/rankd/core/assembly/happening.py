"""Happening: what the time brings by itself. Nobody has to do it, and nobody can prevent it."""

from dataclasses import replace

from rankd.core.assembly import guarding
from rankd.core.assembly.deciding import decide
from rankd.core.assembly.force import check_fit, come_into_force
from rankd.core.assembly.matter import Matter
from rankd.core.assembly.state import State
from rankd.core.assembly.voting import close_vote, open_vote
from rankd.core.errors import RankdError


def happen(state: State, index: int, time_ms: int) -> bool:
    """Let what is due happen to a matter.

    Returns:
        Whether it could: a vote whose ballots are not shown cannot be closed.
    """
    matter = state.matters.get(index)
    if matter is None:
        return _close(state, index, time_ms)
    if matter.state in ("draft", "deliberation"):
        # Frozen on the last moment is frozen in time; the freeze was an entry before this.
        state.move(matter, "lapsed", time_ms)
    elif matter.state == "frozen":
        _open(state, matter, time_ms)
    elif matter.state == "voting":
        return _close(state, index, time_ms)
    else:
        come_into_force(state, matter, time_ms)
    return True


def _open(state: State, matter: Matter, time_ms: int) -> None:
    try:
        check_fit(state, matter, matter.wordings, state.constitution)
    except RankdError as error:
        state.move(replace(matter, reason=error), "expired", time_ms)
        return
    rules = state.constitution.class_of(matter.proposal.subject)
    pinned = replace(matter, electorate=state.members.electorate())
    if rules.by == "notice":
        ready = replace(pinned, rules=rules, winner=matter.wordings[0], queue_ms=time_ms + rules.timelock_ms)
        state.move(ready, "queued", time_ms)
        return
    model = state.surface(matter.proposal.surface).model
    vote = open_vote(
        state,
        rules,
        matter.proposal.vote,
        matter.text_digests,
        open_ms=time_ms,
        voting_ms=rules.voting_ms,
        window_ms=rules.late_swing_ms,
        heads=() if model is None else model.heads,
        impact=matter.impact_digest,
    )
    state.move(replace(pinned, vote=vote), "voting", time_ms)


def _close(state: State, index: int, time_ms: int) -> bool:
    vote = state.vote(index)
    if vote is None:
        return True
    if index in state.sealed:
        return False
    closed = close_vote(state, index, vote)
    state.put_vote(index, closed)
    if not closed.is_closed or closed.result is None:
        return True
    matter = state.matters.get(index)
    if matter is None:
        guarding.settle(state, state.interventions[index], time_ms)
    else:
        decide(state, matter, closed, time_ms)
    return True
