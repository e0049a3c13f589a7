"""Guarding: several guardians stop a queued change or go back to an earlier policy; the members confirm it or not."""

from collections.abc import Mapping
from dataclasses import replace

from rankd.core.assembly.debate import Change, find
from rankd.core.assembly.entries import Guardian
from rankd.core.assembly.force import check_standing, come_into_force, go_back
from rankd.core.assembly.identity import intervention_name
from rankd.core.assembly.matter import Intervention
from rankd.core.assembly.standing import ActivePolicy
from rankd.core.assembly.state import Demand, State
from rankd.core.assembly.tally.result import YesNoResult
from rankd.core.assembly.voting import open_vote
from rankd.core.errors import AssemblyError, RankdError
from rankd.core.exact.canonical import canonical_json, sha256


def demand_of(entry: Guardian) -> Demand:
    """Return what a guardian demands, without the reasons: guardians who demand the same act together."""
    return entry.action, entry.proposal, entry.surface, entry.to


def demand_digest(demand: Demand) -> bytes:
    """Return the digest by which ballots name a demand: SHA-256 of its canonical JSON."""
    action, proposal, surface, to = demand
    return sha256(canonical_json({"action": action, "proposal": proposal, "surface": surface, "to": to}))


def demand(state: State, entry: Guardian, key: bytes, index: int, time_ms: int) -> Change:
    """Judge what one guardian demands.

    Raises:
        AssemblyError: SIGNER_NOT_GUARDIAN, GUARDIAN_TWICE, GUARDIAN_PENDING, GUARDIAN_REFUSED, GUARDIAN_TARGET,
            PROPOSAL_UNKNOWN, PROPOSAL_STATE.
        PolicyError: The policy to go back to cannot stand today.
    """
    guardians = state.constitution.guardians
    if key not in guardians.keys:
        raise AssemblyError("SIGNER_NOT_GUARDIAN", found=key.hex())
    wanted = demand_of(entry)
    policy: ActivePolicy | None = None
    if entry.action == "cancel":
        find(state, -1 if entry.proposal is None else entry.proposal, "queued")
    else:
        policy = go_back(state, entry.surface, 0 if entry.to is None else entry.to)
        _check_none_pending(state, entry.surface)
        if state.surface(entry.surface).cause == "lapse":
            # Or guardians could go back from it again and again, whatever the members say each time.
            number = state.surface(entry.surface).policy.number
            raise AssemblyError("GUARDIAN_REFUSED", surface=entry.surface, policy=number)
    # What was demanded long ago does not add up with what is demanded today.
    fresh = {
        signer: at
        for signer, at in state.demands.get(wanted, {}).items()
        if at > time_ms - guardians.confirmation_ms and signer in guardians.keys
    }
    if key in fresh:
        raise AssemblyError("GUARDIAN_TWICE", found=key.hex())
    signers = {**fresh, key: time_ms}

    def change() -> None:
        state.demands[wanted] = signers
        if len(signers) >= guardians.needed:
            del state.demands[wanted]
            _intervene(state, entry, signers, policy, index, time_ms)

    return change


def settle(state: State, intervention: Intervention, time_ms: int) -> None:
    """End an intervention whose vote is closed: the members confirmed it, or it lapses."""
    result, wanted = intervention.vote.result, intervention.demand
    confirmed = isinstance(result, YesNoResult) and result.passed
    state.keep_intervention(replace(intervention, state="confirmed" if confirmed else "lapsed"))
    if wanted.action == "cancel":
        matter = state.matters.get(-1 if wanted.proposal is None else wanted.proposal)
        if matter is None or matter.state != "held":
            return
        if confirmed:
            state.move(matter, "cancelled", time_ms)
        elif matter.queue_ms <= time_ms:
            come_into_force(state, matter, time_ms)
        else:
            state.move(matter, "queued", time_ms)
        return
    if not confirmed and intervention.replaced is not None:
        _restore(state, intervention, intervention.replaced, time_ms)
    _release(state, time_ms)


def _intervene(
    state: State,
    entry: Guardian,
    signers: Mapping[bytes, int],
    policy: ActivePolicy | None,
    index: int,
    time_ms: int,
) -> None:
    digest = demand_digest(demand_of(entry))
    vote = open_vote(
        state,
        state.constitution.class_of("policy"),
        "yes_no",
        ((digest, digest),),
        open_ms=time_ms,
        voting_ms=state.constitution.guardians.confirmation_ms,
        window_ms=0,
    )
    intervention = Intervention(index, entry, tuple(signers), "voting", vote)
    if policy is None:
        matter = find(state, -1 if entry.proposal is None else entry.proposal, "queued")
        state.move(matter, "held", time_ms)
    else:
        here = state.surface(entry.surface)
        number = state.activate("rollback", index, time_ms, entry.surface, policy, here.model)
        intervention = replace(intervention, activation=number, replaced=here.policy)
    state.keep_intervention(intervention)


def _restore(state: State, intervention: Intervention, replaced: ActivePolicy, time_ms: int) -> None:
    """Put back the policy that guardians replaced, unless the members have put another one there since."""
    surface = intervention.demand.surface
    here = state.surface(surface)
    rolled_back = state.activations[(intervention.activation or 1) - 1].policy
    if here.policy != rolled_back or here.cause != "rollback":
        return
    try:
        check_standing(state, surface, replaced)
    except RankdError:
        # Under a new constitution or model it could not rank: what guardians went back to stays.
        return
    state.activate("lapse", intervention.index, time_ms, surface, replaced, here.model)


def _release(state: State, time_ms: int) -> None:
    """Let what waited for the members' word on a rollback come into force, or expire."""
    cancelled = {
        intervention.demand.proposal
        for intervention in state.interventions.values()
        if intervention.state == "voting" and intervention.demand.action == "cancel"
    }
    for matter in list(state.matters.values()):
        if matter.state == "held" and matter.index not in cancelled:
            come_into_force(state, matter, time_ms)


def _check_none_pending(state: State, surface: str) -> None:
    for intervention in state.interventions.values():
        if intervention.state == "voting" and intervention.demand.surface == surface:
            raise AssemblyError("GUARDIAN_PENDING", surface=surface, found=intervention_name(intervention.index))
