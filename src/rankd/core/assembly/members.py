"""Members: who is on the roll, under which key, and who may vote at a moment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal, TypeAlias

from rankd.core.assembly.entries import RollChange
from rankd.core.assembly.identity import member_id, roll_digest
from rankd.core.assembly.signing import open_registration
from rankd.core.errors import AssemblyError

Status: TypeAlias = Literal["active", "suspended", "resigned"]


@dataclass(frozen=True, slots=True)
class Member:
    """One member, without a name.

    Attributes:
        id: Her pseudonym: `identity.member_id` of her first key.
        key: The public key that speaks for her now, 32 bytes.
        status: Only who is active takes part.
        since_ms: Since when it is so.
        admitted_ms: When she was admitted.
    """

    id: str
    key: bytes
    status: Status
    since_ms: int
    admitted_ms: int


@dataclass(frozen=True, slots=True)
class Electorate:
    """Who may vote on one matter, pinned when its vote opened: later changes of the roll do not reach it.

    Attributes:
        ids: Member by key.
        digest: `identity.roll_digest` of them.
    """

    ids: Mapping[bytes, str]
    digest: bytes

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self.ids)


class Members:
    """The roll. Not for use by several threads at once."""

    def __init__(self) -> None:
        self._by_id: dict[str, Member] = {}
        self._ids: dict[bytes, str] = {}
        self._used: set[bytes] = set()
        self._is_shared = False
        self._electorate: Electorate | None = None

    def copy(self) -> "Members":
        """Return a roll that changes apart from this one; what they hold is one until one of the two changes."""
        other = Members()
        other._by_id, other._ids, other._used = self._by_id, self._ids, self._used
        other._is_shared = self._is_shared = True
        other._electorate = self._electorate
        return other

    @property
    def by_id(self) -> Mapping[str, Member]:
        """Everybody who was ever admitted, in the order of admission."""
        return MappingProxyType(self._by_id)

    def find(self, key: bytes) -> Member | None:
        """Return whose key this is now; None: nobody's."""
        name = self._ids.get(key)
        return None if name is None else self._by_id[name]

    def is_used(self, key: bytes) -> bool:
        """Tell whether a key is or was a member's: no key speaks for two people, or twice."""
        return key in self._used

    def active(self) -> tuple[Member, ...]:
        """Return the active members in the order of admission."""
        return tuple(member for member in self._by_id.values() if member.status == "active")

    def electorate(self) -> Electorate:
        """Return who may vote in a vote that opens now."""
        if self._electorate is None:
            ids = {member.key: member.id for member in self.active()}
            digest = roll_digest((name, key) for key, name in ids.items())
            self._electorate = Electorate(MappingProxyType(ids), digest)
        return self._electorate

    def after(
        self, changes: Iterable[RollChange], origin: str, time_ms: int, verified: bool | None = None
    ) -> tuple[Member, ...]:
        """Return the places on the roll that changes, in their order, would make other; `put` makes them so.

        Args:
            changes: The changes.
            origin: The minutes' origin, which every registration must name.
            time_ms: When.
            verified: See `open_registration`.

        Raises:
            AssemblyError: ROLL_MEMBER_UNKNOWN, ROLL_MEMBER_EXISTS, ROLL_MEMBER_NAME, ROLL_MEMBER_TWICE, ROLL_KEY_USED,
                ROLL_STATUS, or what `open_registration` refuses.
        """
        places: dict[str, Member] = {}
        keys: set[bytes] = set()
        for change in changes:
            if change.member in places:
                raise AssemblyError("ROLL_MEMBER_TWICE", member=change.member)
            before = self._by_id.get(change.member)
            key = _registered(change, origin, verified)
            if key is not None:
                if self.is_used(key) or key in keys:
                    raise AssemblyError("ROLL_KEY_USED", found=key.hex())
                keys.add(key)
            places[change.member] = _changed(before, change, key, time_ms)
        return tuple(places.values())

    def put(self, places: Iterable[Member]) -> None:
        """Take places as `after` returned them."""
        if self._is_shared:
            self._by_id, self._ids, self._used = dict(self._by_id), dict(self._ids), set(self._used)
            self._is_shared = False
        for place in places:
            before = self._by_id.get(place.id)
            if before is not None and before.key != place.key:
                del self._ids[before.key]
            self._by_id[place.id] = place
            self._ids[place.key] = place.id
            self._used.add(place.key)
        self._electorate = None


def _registered(change: RollChange, origin: str, verified: bool | None) -> bytes | None:
    """Return the key that a change enrols."""
    if change.action not in ("admit", "rotate"):
        return None
    return open_registration(change.registration or {}, origin, verified)


def _changed(before: Member | None, change: RollChange, key: bytes | None, time_ms: int) -> Member:
    """Return a member's place after one change."""
    if change.action == "admit" and key is not None:
        name = member_id(key)
        if change.member != name:
            raise AssemblyError("ROLL_MEMBER_NAME", found=change.member, wanted=name)
        if before is not None:
            raise AssemblyError("ROLL_MEMBER_EXISTS", member=name)
        return Member(name, key, "active", time_ms, time_ms)
    if before is None:
        raise AssemblyError("ROLL_MEMBER_UNKNOWN", member=change.member)
    if change.action == "rotate" and key is not None:
        _check_status(change, before, "active", "suspended")
        return replace(before, key=key)
    if change.action == "suspend":
        _check_status(change, before, "active")
        return replace(before, status="suspended", since_ms=time_ms)
    if change.action == "reinstate":
        _check_status(change, before, "suspended")
        return replace(before, status="active", since_ms=time_ms)
    _check_status(change, before, "active", "suspended")
    return replace(before, status="resigned", since_ms=time_ms)


def _check_status(change: RollChange, member: Member, *wanted: Status) -> None:
    if member.status not in wanted:
        raise AssemblyError("ROLL_STATUS", member=member.id, action=change.action, found=member.status)
