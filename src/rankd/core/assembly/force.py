"""What comes into force: whether a text may, and what changes when it does."""

from dataclasses import replace

from rankd.core.assembly.constitution import Constitution
from rankd.core.assembly.entries import Founding
from rankd.core.assembly.matter import Matter
from rankd.core.assembly.standing import BASELINE_IN_FORCE, ActiveModel, ActivePolicy, Cause
from rankd.core.assembly.state import State
from rankd.core.assembly.wording import Wording, check_policy, check_successor, check_template
from rankd.core.errors import AssemblyError, RankdError
from rankd.core.exact.canonical import digest_text
from rankd.core.policy.pairing import check_limits
from rankd.core.policy.policy import Limits, Policy
from rankd.core.policy.reader import read_policy


def check_fit(state: State, matter: Matter, wordings: tuple[Wording, ...], constitution: Constitution) -> None:
    """Make sure that texts could come into force now.

    Args:
        state: What is in force.
        matter: The proposal.
        wordings: Its texts, or the one that won.
        constitution: Whose limits they must keep.

    Raises:
        AssemblyError: FIT_BASE, FIT_MODEL, or a reason about a constitution.
        PolicyError: A text breaks the limits, or has points where the model has no head.
    """
    proposal = matter.proposal
    here = state.surface(proposal.surface)
    if proposal.subject == "constitution":
        for wording in wordings:
            if isinstance(wording.read, Constitution):
                check_successor(wording.read, state.constitution)
                _check_policies(state, wording.read.limits)
        return
    if proposal.subject == "model":
        _check_base(_base(here.policy), proposal.base_policy)
        _check_model(here.model, proposal.base_model)
        if here.policy.number:
            check_policy(_policy(here.policy), constitution.limits, proposal.heads)
        return
    _check_model(here.model, proposal.model)
    heads = () if here.model is None else here.model.heads
    for wording in wordings:
        if isinstance(wording.read, Policy):
            _check_base(_base(here.policy), wording.read.base_digest)
            check_policy(wording.read, constitution.limits, heads)
        elif wording.read is not None and not isinstance(wording.read, Constitution):
            _check_base(_base(here.policy), wording.read.base_digest)
            check_template(wording.data, constitution.limits, heads)


def come_into_force(state: State, matter: Matter, time_ms: int) -> None:
    """Activate what won, or let it expire where what it was made for is not in force any more.

    Where guardians have just taken that away, the members speak first: until they have, it is held.
    """
    winner = matter.winner
    try:
        if winner is None:
            raise AssemblyError("FIT_NOTHING")
        check_fit(state, matter, (winner,), state.constitution)
    except RankdError as error:
        if not _is_taken_back(state, matter.proposal.surface):
            state.move(replace(matter, reason=error), "expired", time_ms)
        elif matter.state != "held":
            state.move(matter, "held", time_ms)
        return
    proposal = matter.proposal
    cause: Cause = "notice" if matter.vote is None else "vote"
    here = state.surface(proposal.surface)
    if isinstance(winner.read, Constitution):
        _supersede(state, _constitution_entry(state), time_ms)
        state.constitutions.append(winner.read)
        number = state.activate("vote", matter.index, time_ms)
    elif proposal.subject == "model":
        _supersede(state, None if here.model is None else here.model.adopted_by, time_ms)
        model = ActiveModel(winner.canon_digest, proposal.heads, matter.index)
        number = state.activate(cause, matter.index, time_ms, proposal.surface, here.policy, model)
    else:
        _supersede(state, here.policy.adopted_by, time_ms)
        policy = ActivePolicy(
            len(here.policies) + 1, winner.data, winner.canon_digest, winner.file_digest, matter.index
        )
        number = state.activate(cause, matter.index, time_ms, proposal.surface, policy, here.model)
    state.move(replace(matter, activation=number), "activated", time_ms)


def go_back(state: State, surface: str, to: int) -> ActivePolicy:
    """Return the earlier policy that guardians may go back to, or the baseline.

    Raises:
        AssemblyError: GUARDIAN_TARGET: it never was in force there, or it is now.
        PolicyError: It does not keep today's limits, or today's model lacks a head for it.
    """
    here = state.surface(surface)
    if surface not in state.in_force or to > len(here.policies) or to == here.policy.number:
        raise AssemblyError("GUARDIAN_TARGET", surface=surface, found=to, current=here.policy.number)
    policy = BASELINE_IN_FORCE if to == 0 else here.policies[to - 1]
    check_standing(state, surface, policy)
    return policy


def check_standing(state: State, surface: str, policy: ActivePolicy) -> None:
    """Make sure that a policy that was in force before can be so again.

    Raises:
        PolicyError: See `go_back`.
    """
    if policy.number:
        model = state.surface(surface).model
        check_policy(_policy(policy), state.constitution.limits, () if model is None else model.heads)


def found(state: State, founding: Founding, time_ms: int) -> None:
    """Put in force what the founders adopt: the constitution, then each surface.

    Raises:
        AssemblyError: FIT_BASE, FOUNDING_MODEL, WORDING_SURFACE.
        PolicyError: A policy is refused.
    """
    state.activate("founding", 0, time_ms)
    for entry in founding.surfaces:
        model = None if entry.model is None else ActiveModel(entry.model, entry.heads, 0)
        policy = BASELINE_IN_FORCE
        if entry.policy is not None:
            data = entry.policy.encode("utf-8")
            read = read_policy(data, entry.surface)
            if read.surface != entry.surface:
                raise AssemblyError("WORDING_SURFACE", found=read.surface, wanted=entry.surface)
            if model is None:
                raise AssemblyError("FOUNDING_MODEL", surface=entry.surface)
            _check_base(None, read.base_digest)
            check_policy(read, state.constitution.limits, entry.heads)
            policy = ActivePolicy(1, data, read.canon_digest, read.file_digest, 0)
        state.activate("founding", 0, time_ms, entry.surface, policy, model)


def _is_taken_back(state: State, surface: str) -> bool:
    """Tell whether a rollback waits for the members on a surface; "": on any."""
    return any(
        intervention.state == "voting"
        and intervention.demand.action == "rollback"
        and surface in ("", intervention.demand.surface)
        for intervention in state.interventions.values()
    )


def _supersede(state: State, entry: int | None, time_ms: int) -> None:
    matter = None if entry is None else state.matters.get(entry)
    if matter is not None and matter.state == "activated":
        state.move(matter, "superseded", time_ms)


def _constitution_entry(state: State) -> int | None:
    return next((past.entry for past in reversed(state.activations) if not past.surface), None)


def _base(policy: ActivePolicy) -> bytes | None:
    return policy.canon_digest if policy.number else None


def _policy(policy: ActivePolicy) -> Policy:
    return read_policy(policy.text, f"policy {policy.number}")


def _check_base(wanted: bytes | None, found: bytes | None) -> None:
    if wanted != found:
        raise AssemblyError("FIT_BASE", found=_shown(found), wanted=_shown(wanted))


def _check_model(current: ActiveModel | None, wanted: bytes | None) -> None:
    digest = None if current is None else current.digest
    if digest != wanted:
        raise AssemblyError("FIT_MODEL", found=_shown(wanted), wanted=_shown(digest))


def _check_policies(state: State, limits: Limits) -> None:
    for here in state.in_force.values():
        if here.policy.number:
            check_limits(_policy(here.policy), limits)


def _shown(digest: bytes | None) -> str:
    return "none" if digest is None else digest_text(digest)
