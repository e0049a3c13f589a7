"""Enrolling: registrations that wait for the secretary, and changes of the roll.

Each function judges one entry against the state at its time and returns what it changes; it changes nothing itself.
"""

from rankd.core.assembly.debate import Change
from rankd.core.assembly.entries import Registration, Roll
from rankd.core.assembly.state import State
from rankd.core.errors import AssemblyError

MAX_REGISTERED = 1000
"""So many registrations can wait for the secretary."""


def register(state: State, entry: Registration, key: bytes, index: int) -> Change:
    """Judge a registration.

    Raises:
        AssemblyError: ENTRY_OTHER_CO, REGISTRATION_NOT_OWN, ROLL_KEY_USED, REGISTRATIONS_TOO_MANY.
    """
    if entry.origin != state.origin:
        raise AssemblyError("ENTRY_OTHER_CO", field="origin", found=entry.origin, wanted=state.origin)
    if entry.key != key:
        raise AssemblyError("REGISTRATION_NOT_OWN", wanted=entry.key.hex(), found=key.hex())
    if state.members.is_used(key) or key in state.registered:
        raise AssemblyError("ROLL_KEY_USED", found=key.hex())
    if len(state.registered) >= MAX_REGISTERED:
        raise AssemblyError("REGISTRATIONS_TOO_MANY", most=MAX_REGISTERED)
    return lambda: state.registered.update({key: index})


def enrol(state: State, entry: Roll, key: bytes, time_ms: int, registered: bool | None) -> Change:
    """Judge changes of the roll, by a secretary, or by a member of her own place.

    Args:
        state: The state.
        entry: The changes.
        key: Who signed.
        time_ms: When.
        registered: Whether the signatures of the registrations hold, if that was looked at before.

    Raises:
        AssemblyError: SIGNER_NOT_SECRETARY, or what `Members.after` refuses.
    """
    if key not in state.constitution.secretaries:
        member = state.members.find(key)
        only = entry.changes[0] if len(entry.changes) == 1 else None
        own = only is not None and member is not None and only.member == member.id
        if not own or only is None or only.action not in ("resign", "rotate"):
            raise AssemblyError("SIGNER_NOT_SECRETARY", found=key.hex())
    places = state.members.after(entry.changes, state.origin, time_ms, registered)

    def change() -> None:
        state.members.put(places)
        for place in places:
            state.registered.pop(place.key, None)

    return change
