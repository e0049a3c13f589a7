"""Slips: what a member takes home from a voting station, and what the minutes say of it later.

A slip names its ballot by the first digits of the entry's digest. It does not say what was voted: that is read in the
minutes, on another machine, once they show it. Two members who were given the same slip would find one member's name.
"""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rankd.core.assembly.fold import Assembly
from rankd.core.assembly.identity import proposal_name
from rankd.core.assembly.leaf_codec import decode_leaf
from rankd.core.assembly.matter import Cast
from rankd.core.errors import AssemblyError
from rankd.core.exact.canonical import sha256
from rankd.core.log.tiles import TILE_WIDTH
from rankd.core.log.tree import leaf_hash
from rankd.store.evidence import Source
from rankd.usecases.audit.leaves import entries_of, said_checkpoint, tree_of
from rankd.usecases.govern.reading import open_record

LEAST_DIGITS = 16
_HEX = re.compile(rf"[0-9a-f]{{{LEAST_DIGITS},64}}")

Standing: TypeAlias = Literal["shown", "there", "differs", "not_yet", "sealed", "absent"]
"""Where a slip's ballot is. shown: it can be read. there: its leaf stands where the slip says, and cannot be read yet.
differs: another leaf stands there. not_yet: the record does not reach that far. sealed: ballots are not shown yet, and
the slip names no entry. absent: ballots are shown, and it is not among them.
"""


@dataclass(frozen=True, slots=True)
class Slip:
    """What stands on a slip.

    Attributes:
        digest: First digits of the entry's digest, hexadecimal, at least 16.
        index: The entry; None: the slip does not say.
        leaf: First digits of the hash of its leaf, at least 16; None: the slip does not say.
    """

    digest: str
    index: int | None = None
    leaf: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What was found.

    Attributes:
        standing: Where the ballot is.
        cast: shown, where it is valid: the ballot.
        envelope: shown: the signed entry.
    """

    standing: Standing
    cast: Cast | None = None
    envelope: bytes | None = None


def read_slip(digest: str, index: int | None, leaf: str | None) -> Slip:
    """Return a slip as somebody typed it.

    Raises:
        AssemblyError: SLIP_MALFORMED.
    """
    if (index is None) != (leaf is None):
        raise AssemblyError("SLIP_MALFORMED", found=index if leaf is None else leaf[:80], field="--index, --leaf")
    return Slip(_digits(digest, "digest"), index, None if leaf is None else _digits(leaf, "--leaf"))


def find_slip(source: Source, assembly: Assembly, about: int, slip: Slip, name: str = "") -> Found:
    """Return what the minutes show of a slip's ballot.

    Args:
        source: The minutes that `assembly` was read from.
        assembly: The assembly, at the present.
        about: The proposal, or the intervention.
        slip: The slip.
        name: What the vote was called by whoever asks; "": as proposals are.

    Raises:
        AssemblyError: PROPOSAL_NOT_FOUND, or SLIP_AMBIGUOUS.
        LogError, BundleError: The minutes cannot be read.
    """
    held = assembly.proposals.get(about) or assembly.interventions.get(about)
    if held is None:
        raise AssemblyError("PROPOSAL_NOT_FOUND", proposal=name or proposal_name(about))
    found = {cast.digest: cast for cast in assembly.ballots(about) if cast.digest.hex().startswith(slip.digest)}
    if len(found) > 1:
        raise AssemblyError(
            "SLIP_AMBIGUOUS", count=len(found), proposal=name or proposal_name(about), found=slip.digest
        )
    if found:
        (cast,) = found.values()
        envelope = _envelope(source, cast.index)
        if envelope is not None:
            return Found("shown", cast, envelope)
    for void in assembly.voids:
        envelope = _envelope(source, void.index) if void.kind == "ballot" else None
        if envelope is not None and sha256(envelope).hex().startswith(slip.digest):
            return Found("shown", None, envelope)
    if slip.index is not None and slip.leaf is not None:
        return Found(_leaf_standing(source, about, slip.index, slip.leaf))
    is_open = held.vote is not None and not held.vote.is_closed
    return Found("sealed" if is_open or assembly.withheld == about else "absent")


def _envelope(source: Source, index: int) -> bytes | None:
    body = source.bodies(index // TILE_WIDTH).get(index)
    return None if body is None else open_record(index, decode_leaf(_leaf(source, index)), *body)


def _leaf(source: Source, index: int) -> bytes:
    number, place = divmod(index, TILE_WIDTH)
    return entries_of(source, tree_of(source, said_checkpoint(source)), number)[place]


def _leaf_standing(source: Source, about: int, index: int, leaf: str) -> Standing:
    if index >= said_checkpoint(source).size:
        return "not_yet"
    data = _leaf(source, index)
    said = decode_leaf(data)
    is_same = leaf_hash(data).hex().startswith(leaf) and (said.kind, said.about) == ("ballot", about)
    return "there" if is_same else "differs"


def _digits(text: str, field: str) -> str:
    digits = re.sub(r"[\s-]", "", text.lower().removeprefix("sha256:"))
    if not _HEX.fullmatch(digits):
        raise AssemblyError("SLIP_MALFORMED", found=text[:80], field=field)
    return digits
