"""Names in the assembly: of members, of rolls, of proposals and of the guardians' interventions."""

import re
from collections.abc import Iterable

from rankd.core.errors import AssemblyError
from rankd.core.exact.canonical import MAX_SAFE_INTEGER, canonical_json, sha256

_ID_DIGITS = 16
_NAME = re.compile(r"[pg](0|[1-9][0-9]{0,15})")


def member_id(key: bytes) -> str:
    """Return the id of the member whose first key this is: `m` and 16 hexadecimal digits of the key's digest."""
    return f"m{sha256(key).hex()[:_ID_DIGITS]}"


def roll_digest(members: Iterable[tuple[str, bytes]]) -> bytes:
    """Return the digest of a roll.

    Args:
        members: Id and present key of every active member, in any order.
    """
    return sha256(canonical_json([[member, key.hex()] for member, key in sorted(members)]))


def proposal_name(index: int) -> str:
    """Return the name of the proposal whose entry has this index: `p14`; `p0` is the founding."""
    return f"p{index}"


def intervention_name(index: int) -> str:
    """Return the name of the guardians' intervention that the entry with this index completed: `g15`."""
    return f"g{index}"


def parse_proposal_name(name: str) -> int:
    """Return the index behind `p14` or `g15`.

    Raises:
        AssemblyError: PROPOSAL_NAME.
    """
    if not _NAME.fullmatch(name) or int(name[1:]) > MAX_SAFE_INTEGER:
        raise AssemblyError("PROPOSAL_NAME", found=name[:64])
    return int(name[1:])
