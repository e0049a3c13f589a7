"""A feature store that another server keeps, whichever its address says: one server, or a cluster."""

from collections.abc import Callable
from typing import TypeAlias

from rankd.store.features.cluster import ClusterStore
from rankd.store.features.shards import is_cluster
from rankd.store.features.valkey import ValkeyStore

RemoteStore: TypeAlias = ClusterStore | ValkeyStore


def remote_store(url: str, origin: str, layout: bytes, *, clock_ms: Callable[[], int]) -> RemoteStore:
    """Return the store at an address, which connects when it is first asked; see `ValkeyStore` and `ClusterStore`.

    Raises:
        FeatureStoreError: FEATURE_STORE_URL.
    """
    kind = ClusterStore if is_cluster(url) else ValkeyStore
    return kind(url, origin, layout, clock_ms=clock_ms)
