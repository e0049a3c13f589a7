"""What an audit bundle holds: the names of its members, their order, and how large each may be.

Source: docs/spec/log.md, "Bundle".
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

from rankd.core.errors import BundleError, LogError
from rankd.core.exact.canonical import MAX_SAFE_INTEGER, CanonicalError, canonical_json, parse_canonical
from rankd.core.log.note import MAX_NOTE_BYTES
from rankd.core.log.tiles import MAX_ENTRY_BYTES, TILE_HEIGHT, TILE_WIDTH, parse_tile_path, tile_path
from rankd.core.log.tree import HASH_BYTES
from rankd.store.model_folder import MAX_FILE_BYTES
from rankd.store.ustar import MAX_MEMBER_BYTES

SCHEMA = "rankd.bundle/1"
ABOUT = "bundle.json"
CHECKPOINT = "checkpoint"
MINUTES = "minutes/"
"""What stands before the names of the minutes' members."""

MINUTES_CHECKPOINT = f"{MINUTES}{CHECKPOINT}"
HASHES, ENTRIES, BODIES, ARCHIVE = range(2, 6)
"""Ranks of the kinds of members that follow `bundle.json` and `checkpoint`."""

MINUTES_RANK = 6
"""Rank of the minutes' checkpoint. What follows it has this much more than its kind has elsewhere."""

_ENTRIES_FOLDER, _BODIES_FOLDER = "tile/entries/", "bodies/"
_MAX_ABOUT_BYTES = 4_096
_TEXT = re.compile(r"archive/(policies|limits)/([0-9a-f]{64})/([0-9a-f]{64})\.yaml")
_KEPT_TEXT = re.compile(r"archive/(policies|limits)/([0-9a-f]{64})-([0-9a-f]{64})\.yaml")
_MODEL = re.compile(
    r"archive/models/[0-9a-f]{64}/"
    r"(?:manifest\.json|[a-z_]{1,64}\.txt|[A-Z][A-Z0-9_]{0,63}(?:\.(?:md|yaml|svg))?)"
)


@dataclass(frozen=True, slots=True)
class About:
    """What a bundle says of itself; nothing rests on it but where to look.

    Attributes:
        origin: The log's name.
        size: Leaves of the tree that its checkpoint signs, 0 … 2⁵³ − 1.
        first: First leaf of the range that the bundle is about.
        end: The leaf after the range's last one.
    """

    origin: str
    size: int
    first: int
    end: int

    @property
    def document(self) -> bytes:
        """The content of `bundle.json`: canonical JSON."""
        numbers = {"size": self.size, "first": self.first, "end": self.end}
        return canonical_json({"schema": SCHEMA, "origin": self.origin, **numbers})


class Place(NamedTuple):
    """Where a member stands among the others, and what it is.

    `name` is that of a file of the archive below a data directory, else "".
    """

    rank: int
    level: int
    number: int
    name: str

    @property
    def kind(self) -> int:
        """The kind of member, whichever log it belongs to."""
        return self.rank if self.rank <= ARCHIVE else self.rank - MINUTES_RANK

    @property
    def is_minutes(self) -> bool:
        """Whether it belongs to the minutes."""
        return self.rank >= MINUTES_RANK


def read_about(data: bytes) -> About:
    """Read `bundle.json` strictly.

    Raises:
        BundleError: BUNDLE_ABOUT, naming the field.
    """
    try:
        document = parse_canonical(data)
    except CanonicalError as error:
        raise BundleError("BUNDLE_ABOUT", field="–", found=str(error)[:200]) from None
    if type(document) is not dict or set(document) != {"schema", "origin", "size", "first", "end"}:
        raise BundleError("BUNDLE_ABOUT", field="–", found=shown(str(document)))
    for field, kind in (("schema", str), ("origin", str), ("first", int), ("end", int), ("size", int)):
        if type(document[field]) is not kind or (field == "schema" and document[field] != SCHEMA):
            raise BundleError("BUNDLE_ABOUT", field=field, found=shown(str(document[field])))
    first, end, size = (document[field] for field in ("first", "end", "size"))
    if not 0 <= first <= end <= size <= MAX_SAFE_INTEGER:
        raise BundleError("BUNDLE_ABOUT", field="first, end, size", found=shown(f"{first}, {end}, {size}"))
    return About(document["origin"], size, first, end)


def bodies_member(number: int) -> str:
    """Return the name of the member with the bodies of one entry bundle's leaves."""
    return _BODIES_FOLDER + tile_path("entries", number).removeprefix(_ENTRIES_FOLDER)


def archive_member(name: str) -> str | None:
    """Return under which name a bundle holds a file of an archive; None: under none.

    A text `<canon>-<file>.yaml` becomes `<canon>/<file>.yaml`: a ustar header has no room for so long a last part.

    Args:
        name: The file's path below the data directory.
    """
    text = _KEPT_TEXT.fullmatch(name)
    if text is not None:
        return f"archive/{text[1]}/{text[2]}/{text[3]}.yaml"
    return name if _MODEL.fullmatch(name) else None


def place_of(member: str, about: About, minutes: About | None = None) -> Place:
    """Return where a member belongs; members stand in the order of their places, none twice.

    Args:
        member: Its name.
        about: What the bundle is about.
        minutes: What its minutes are said to be; None as long as their checkpoint was not seen.

    Raises:
        BundleError: BUNDLE_MEMBER: a bundle about this has no such member.
    """
    if member == MINUTES_CHECKPOINT:
        return Place(MINUTES_RANK, 0, 0, "")
    if minutes is not None and member.startswith(MINUTES):
        place = place_of(member.removeprefix(MINUTES), minutes)
        if place.rank < ARCHIVE:
            return place._replace(rank=place.rank + MINUTES_RANK)
    text = _TEXT.fullmatch(member)
    if text is not None:
        return Place(ARCHIVE, 0, 0, f"archive/{text[1]}/{text[2]}-{text[3]}.yaml")
    if _MODEL.fullmatch(member):
        return Place(ARCHIVE, 0, 0, member)
    is_bodies = member.startswith(_BODIES_FOLDER)
    try:
        level, number, width = parse_tile_path(
            member.replace(_BODIES_FOLDER, _ENTRIES_FOLDER, 1) if is_bodies else member
        )
    except LogError:
        raise BundleError("BUNDLE_MEMBER", member=shown(member)) from None
    begin, height = number << TILE_HEIGHT, 0 if level == "entries" else level
    if is_bodies:
        fits = level == "entries" and width == TILE_WIDTH and begin < about.end and begin + TILE_WIDTH > about.first
    else:
        fits = width == min((about.size >> TILE_HEIGHT * height) - begin, TILE_WIDTH)
    if not fits:
        raise BundleError("BUNDLE_MEMBER", member=shown(member))
    return Place(BODIES if is_bodies else ENTRIES if level == "entries" else HASHES, height, number, "")


def most_bytes(member: str, place: Place | None) -> int:
    """Return how large a member may be.

    Args:
        member: Its name.
        place: Its place; None for the two that every bundle begins with.
    """
    if place is None:
        return _MAX_ABOUT_BYTES if member == ABOUT else MAX_NOTE_BYTES
    if place.rank == MINUTES_RANK:
        return MAX_NOTE_BYTES
    if place.kind == ARCHIVE:
        return MAX_FILE_BYTES
    if place.kind == BODIES:
        return MAX_MEMBER_BYTES
    return TILE_WIDTH * (HASH_BYTES if place.kind == HASHES else MAX_ENTRY_BYTES + 2)


def shown(text: str) -> str:
    """Return the beginning of what a stranger wrote, for a refusal, without what could steer a terminal."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text[:120])
