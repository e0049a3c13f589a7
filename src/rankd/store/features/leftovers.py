"""Leftovers: counts in a layout that nobody reads any more. They are people's, so they do not stay.

A model that is replaced leaves its counts behind, in a snapshot or under keys of a server; a crash may leave what was
being removed. Whoever forgets somebody rebuilds what is read, and removes the rest: should it be read again one day, it
is counted again.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from rankd.store.disk import Disk
from rankd.store.features.embedded import SUFFIX
from rankd.store.features.link import Command, Links, Server
from rankd.store.features.store import origin_digest

_TIMEOUT_S = 2.0
_AT_ONCE = 1_000


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


def remove_keys(url: str, origins: Collection[str], kept: Collection[Place]) -> int:
    """Remove the keys of some origins from a server, but for those in some places; other origins are left alone.

    Args:
        url: The server.
        origins: The origins as their stores know them.
        kept: The places whose keys stay.

    Returns:
        How many there were.

    Raises:
        FeatureStoreError: FEATURE_STORE_URL, _DOWN, _SLOW, _REFUSED; it can be done again.
    """
    ours = {b"rankd:{" + Place.of(origin, b"").origin.encode() for origin in origins}
    stay = tuple(f"rankd:{{{place.origin}:{place.layout}}}:".encode() for place in kept)
    links, count, cursor = Links(Server(url), 1), 0, b"0"
    try:
        while True:
            deadline_s = time.monotonic() + _TIMEOUT_S
            scan: Command = ("SCAN", cursor, "MATCH", "rankd:{*", "COUNT", _AT_ONCE)
            ((cursor, keys),) = links.exchange([scan], deadline_s)
            gone = [key for key in keys if _origin(key) in ours and not key.startswith(stay)]
            if gone:
                links.exchange([("UNLINK", *gone)], deadline_s)
                count += len(gone)
            if cursor == b"0":
                return count
    finally:
        links.close()


def _origin(key: bytes) -> bytes:
    """Return a key up to the end of its origin: `rankd:{` and eight digits."""
    return key[: len(b"rankd:{") + 8]
