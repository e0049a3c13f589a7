"""A cluster's address, and the slots of hash tags."""

import pytest

from rankd.core.errors import FeatureStoreError
from rankd.store.features.shards import Shards, is_cluster, slot_of


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("redis-cluster://a", "a:6379"),
        ("valkey-cluster://a:1,b:2", "a:1,b:2"),
        ("rediss-cluster://user:s3cret@a:1,b/?ssl_ca_certs=/ca.pem", "a:1,b:6379"),
        ("redis-cluster://:s3cret%2F%40@[::1]:7", "::1:7"),
    ],
)
def test_an_address_names_nodes_and_is_told_without_its_password(url: str, wanted: str) -> None:
    assert is_cluster(url)
    shards = Shards(url, 1)
    assert shards.address == wanted
    assert "s3cret" not in repr(shards) + shards.address
    shards.close()


@pytest.mark.parametrize(
    "url",
    [
        "redis-cluster://",
        "redis-cluster://:s3cret@",
        "redis-cluster://:s3cret@a,,b",
        "redis-cluster://:s3cret@a:port",
        "redis-cluster://:s3cret@a/2",
        "redis-cluster://:s3cret@a?db=2",
        "redis-cluster://:s3cret@a?ssl_ca_certs=/x",
        "rediss-cluster://:s3cret@a?ssl_cert_reqs=none",
        "redis://:s3cret@a",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_being_quoted(url: str) -> None:
    with pytest.raises(FeatureStoreError) as caught:
        Shards(url, 1)
    assert caught.value.reason == "FEATURE_STORE_URL"
    assert "s3cret" not in str(caught.value) + repr(caught.value) + repr(caught.value.__cause__)


def test_the_slots_are_those_of_the_specification() -> None:
    # "123456789" is the specification's own example: 0x31C3.
    assert slot_of(b"123456789") == 0x31C3
    assert slot_of(b"foo") == 12_182


@pytest.mark.parametrize("url", ["redis://a", "rediss://a", "unix:///a", "/redis-cluster", "http://redis-cluster://"])
def test_other_addresses_are_no_clusters(url: str) -> None:
    assert not is_cluster(url)
