"""Judging: whose word an entry is, and to which rules it goes."""

from rankd.core.assembly import debate, guarding
from rankd.core.assembly.debate import Change
from rankd.core.assembly.enrolling import enrol, register
from rankd.core.assembly.entries import (
    Amendment,
    Argument,
    Ballot,
    Co,
    Erasure,
    Founding,
    Guardian,
    Proposal,
    Recall,
    Registration,
    Roll,
    Sponsor,
    Witnessing,
)
from rankd.core.assembly.matter import Cast
from rankd.core.assembly.noting import author_of, erase, witness
from rankd.core.assembly.signing import SignedEntry
from rankd.core.assembly.state import State
from rankd.core.assembly.voting import check_ballot
from rankd.core.errors import AssemblyError
from rankd.core.exact.canonical import digest_text


def judge(state: State, signed: SignedEntry, index: int, time_ms: int, registered: bool | None = None) -> Change:
    """Return what an entry changes.

    Args:
        state: The state, to which the entry's time has come.
        signed: The entry.
        index: Its index.
        time_ms: Its time.
        registered: Whether the signatures of the registrations in it hold, if that was looked at before.

    Raises:
        AssemblyError, PolicyError: It breaks a rule.
    """
    payload, key = signed.payload, signed.key
    known = state.digests.find(signed.digest)
    if known is not None:
        raise AssemblyError("ENTRY_REPEATED", found=known)
    if isinstance(payload, Founding):
        raise AssemblyError("FOUNDING_AGAIN")
    if isinstance(payload, Registration):
        return register(state, payload, key, index)
    _check_co(payload.co, state)
    if isinstance(payload, Roll):
        return enrol(state, payload, key, time_ms, registered)
    if isinstance(payload, Erasure):
        return erase(state, payload, key)
    if isinstance(payload, Guardian):
        return guarding.demand(state, payload, key, index, time_ms)
    if isinstance(payload, Ballot):
        member = check_ballot(state, payload, key, time_ms)
        cast = Cast(index, time_ms, member, payload.number, signed.digest, payload.choice)
        return lambda: state.put_ballot(payload.proposal, cast)
    if isinstance(payload, Recall):
        return debate.recall(state, payload, key, time_ms)
    if isinstance(payload, Witnessing):
        return witness(state, payload, key)
    author = author_of(state, key)
    if isinstance(payload, Proposal):
        return debate.propose(state, payload, author, index, time_ms)
    if isinstance(payload, Sponsor):
        return debate.sponsor(state, payload, author, time_ms)
    if isinstance(payload, Argument):
        return debate.argue(state, payload, author, index, time_ms)
    if isinstance(payload, Amendment):
        return debate.amend(state, payload, author, index, time_ms)
    return debate.freeze(state, payload, author, time_ms)


def _check_co(co: Co, state: State) -> None:
    if co.origin != state.origin:
        raise AssemblyError("ENTRY_OTHER_CO", field="origin", found=co.origin, wanted=state.origin)
    if co.genesis != state.genesis:
        raise AssemblyError(
            "ENTRY_OTHER_CO", field="genesis", found=digest_text(co.genesis), wanted=digest_text(state.genesis)
        )
