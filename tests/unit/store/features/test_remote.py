"""An address says which kind of store is behind it."""

import pytest

from rankd.core.errors import FeatureStoreError
from rankd.edge.config import Features
from rankd.store.features.cluster import ClusterStore
from rankd.store.features.remote import remote_store
from rankd.store.features.valkey import ValkeyStore


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("redis://a", ValkeyStore),
        ("rediss://a:1/2", ValkeyStore),
        ("unix:///a", ValkeyStore),
        ("redis-cluster://a", ClusterStore),
        ("valkey-cluster://a:1,b:2", ClusterStore),
        ("rediss-cluster://a:1", ClusterStore),
    ],
)
def test_what_the_configuration_takes_has_a_store(url: str, kind: type) -> None:
    assert Features(url=url).url == url
    store = remote_store(url, "o", bytes(32), clock_ms=lambda: 0)
    assert type(store) is kind
    store.close()


def test_what_it_does_not_take_has_none() -> None:
    with pytest.raises(ValueError, match="url"):
        Features(url="http-cluster://a")
    with pytest.raises(FeatureStoreError):
        remote_store("http-cluster://a", "o", bytes(32), clock_ms=lambda: 0)
