"""Leftover keys: counts in a server in a layout that nobody reads any more; see `leftovers`."""

import time
from collections.abc import Callable, Collection
from contextlib import closing

from rankd.store.features.leftovers import Place
from rankd.store.features.link import Command, Links, Reply, Server
from rankd.store.features.shards import Shards, is_cluster

_TIMEOUT_S = 2.0
_AT_ONCE = 1_000


def remove_keys(url: str, origins: Collection[str], kept: Collection[Place]) -> int:
    """Remove the keys of some origins from a server, but for those in some places; other origins are left alone.

    Args:
        url: The server, or the cluster.
        origins: The origins as their stores know them.
        kept: The places whose keys stay.

    Returns:
        How many there were.

    Raises:
        FeatureStoreError: FEATURE_STORE_URL, _DOWN, _SLOW, _REFUSED; it can be done again.
    """
    ours = {b"rankd:{" + Place.of(origin, b"").origin.encode() for origin in origins}
    # The hash tag of a partition goes on behind the layout.
    stay = tuple(f"rankd:{{{place.origin}:{place.layout}{end}".encode() for place in kept for end in "}:")

    def are_left(key: bytes) -> bool:
        return _origin(key) in ours and not key.startswith(stay)

    if not is_cluster(url):
        with closing(Links(Server(url), 1)) as links:
            return _remove(lambda commands: links.exchange(commands, _soon_s()), are_left)
    with closing(Shards(url, 1)) as shards:
        return sum(
            _remove(lambda commands: shards.exchange_with(node, commands, _soon_s()), are_left)  # noqa: B023  # called at once
            for node in shards.nodes(_soon_s())
        )


def _remove(exchange: Callable[[list[Command]], list[Reply]], are_left: Callable[[bytes], bool]) -> int:
    """Remove the keys of one server that are left; return how many there were."""
    count, cursor = 0, b"0"
    while True:
        ((cursor, keys),) = exchange([("SCAN", cursor, "MATCH", "rankd:{*", "COUNT", _AT_ONCE)])
        gone = [key for key in keys if are_left(key)]
        if gone:
            # One by one: a cluster takes no command about keys in several slots.
            exchange([("UNLINK", key) for key in gone])
            count += len(gone)
        if cursor == b"0":
            return count


def _soon_s() -> float:
    return time.monotonic() + _TIMEOUT_S


def _origin(key: bytes) -> bytes:
    """Return a key up to the end of its origin: `rankd:{` and eight digits."""
    return key[: len(b"rankd:{") + 8]
