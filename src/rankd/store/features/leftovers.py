"""Leftovers: counts in a layout that nobody reads any more. They are people's, so they do not stay.

A model that is replaced leaves its counts behind, in a snapshot or under keys of a server; a crash may leave what was
being removed. Whoever forgets somebody rebuilds what is read, and removes the rest: should it be read again one day, it
is counted again.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from rankd.store.disk import Disk
from rankd.store.features.embedded import SUFFIX
from rankd.store.features.store import origin_digest


@dataclass(frozen=True, slots=True)
class Place:
    """Where counts lie.

    Attributes:
        origin: Of what is counted, as the store knows it: eight hexadecimal digits.
        layout: In which layout: sixteen.
    """

    origin: str
    layout: str

    @classmethod
    def of(cls, origin: str, layout: bytes) -> "Place":
        """Return the place of a store's counts, from the store's origin and the digest of its layout."""
        return cls(origin_digest(origin).hex()[:8], layout.hex()[:16])


def snapshots(folder: Path) -> list[Path]:
    """Return the snapshots in a folder, and what a crash left of some."""
    return sorted(path for pattern in (f"*{SUFFIX}", f".*{SUFFIX}.*.tmp") for path in folder.glob(pattern))


def remove_snapshots(folder: Path, kept: Collection[Place], disk: Disk | None = None) -> int:
    """Remove every snapshot in a folder but those in some places. A crash leaves some; it can be done again.

    Args:
        folder: Where snapshots of one data directory lie.
        kept: The places whose snapshots stay.
        disk: How to remove.

    Returns:
        How many there were.

    Raises:
        OSError: The disk refuses.
    """
    names = {f"{place.origin}-{place.layout}{SUFFIX}" for place in kept}
    gone = [path for path in snapshots(folder) if not any(name in path.name for name in names)]
    for path in gone:
        (disk or Disk()).remove(path)
    return len(gone)
