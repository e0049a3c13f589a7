"""Leftover keys: counts in a server in a layout that nobody reads any more; see `leftovers`."""

import time
from collections.abc import Collection

from rankd.store.features.leftovers import Place
from rankd.store.features.link import Command, Links, Server

_TIMEOUT_S = 2.0
_AT_ONCE = 1_000


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
