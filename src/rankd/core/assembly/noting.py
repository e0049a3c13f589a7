"""Noting: what was erased, and what followed from the rules and the time.

Each function judges one entry against the state at its time and returns what it changes; it changes nothing itself.
"""

from rankd.core.assembly.debate import Change
from rankd.core.assembly.entries import Erasure, Witnessing
from rankd.core.assembly.members import Member
from rankd.core.assembly.state import State
from rankd.core.errors import AssemblyError


def author_of(state: State, key: bytes) -> Member:
    """Return the active member whose key this is.

    Raises:
        AssemblyError: SIGNER_UNKNOWN, SIGNER_NOT_ACTIVE.
    """
    member = state.members.find(key)
    if member is None:
        raise AssemblyError("SIGNER_UNKNOWN", found=key.hex())
    if member.status != "active":
        raise AssemblyError("SIGNER_NOT_ACTIVE", member=member.id, found=member.status)
    return member


def keeps_minutes(state: State, key: bytes) -> bool:
    """Tell whether a key is a secretary's or the log's."""
    return key in state.constitution.secretaries or key == state.constitution.log_key


def erase(state: State, entry: Erasure, key: bytes) -> Change:
    """Judge an erasure.

    Raises:
        AssemblyError: SIGNER_NOT_SECRETARY, ERASURE_NOT_ERASABLE.
    """
    if key not in state.constitution.secretaries:
        raise AssemblyError("SIGNER_NOT_SECRETARY", found=key.hex())
    for index in entry.entries:
        if index not in state.erasable:
            raise AssemblyError("ERASURE_NOT_ERASABLE", found=index)

    def change() -> None:
        state.erased.update(entry.entries)
        # What is erased waits no longer: or a thousand registrations by nobody would keep out everybody.
        gone = [registered for registered, index in state.registered.items() if index in state.erased]
        for registered in gone:
            del state.registered[registered]

    return change


def witness(state: State, entry: Witnessing, key: bytes) -> Change:
    """Judge a note of what happened.

    Raises:
        AssemblyError: SIGNER_UNKNOWN, SIGNER_NOT_ACTIVE, WITNESS_DIFFERS, WITNESS_REPEATED.
    """
    if not keeps_minutes(state, key):
        author_of(state, key)
    vote = state.vote(entry.proposal)
    if entry.kind == "activation":
        found = [str(past.number) for past in state.activations if past.entry == entry.proposal]
        good = entry.said in found
    elif vote is None:
        good = False
    elif entry.kind == "open":
        good = entry.said == vote.electorate.digest.hex()
    else:
        good = (entry.said == "closed" and vote.is_closed) or (entry.said == "extended" and vote.is_extended)
    if not good:
        raise AssemblyError(
            "WITNESS_DIFFERS", entry=entry.kind, proposal=state.name(entry.proposal), found=entry.said[:64]
        )
    if (entry.kind, entry.proposal, entry.said) in state.witnessed:
        raise AssemblyError("WITNESS_REPEATED", entry=entry.kind, proposal=state.name(entry.proposal))
    return lambda: state.witnessed.add((entry.kind, entry.proposal, entry.said))
