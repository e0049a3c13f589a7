"""Who calls: the strongest name in the certificate decides alone."""

from collections.abc import Iterable, Mapping

import pytest

from rankd.core.errors import ServiceError
from rankd.edge.config import ROLES, Role
from rankd.edge.grpc.identity import LOCAL, Caller, identify

CALLERS: Mapping[str, frozenset[Role]] = {
    "spiffe://coop/feed": frozenset({"feed"}),
    "feed.example": frozenset({"audit"}),
    "Feed": frozenset({"operator"}),
}


def context(**properties: Iterable[str]) -> dict[str, list[bytes]]:
    return {name: [value.encode() for value in values] for name, values in properties.items()}


def test_without_tls_everybody_is_local_and_may_do_everything() -> None:
    assert identify({}, None) == LOCAL
    assert LOCAL.roles == ROLES


@pytest.mark.parametrize(
    ("found", "identity"),
    [
        (context(peer_uri=["spiffe://coop/feed"], peer_dns=["feed.example"]), "spiffe://coop/feed"),
        (context(peer_uri=["https://other", "spiffe://coop/feed"]), "spiffe://coop/feed"),
        (context(peer_dns=["feed.example"], x509_common_name=["Feed"]), "feed.example"),
        (context(x509_common_name=["Feed"]), "Feed"),
    ],
)
def test_the_first_kind_of_name_that_is_there_counts(found: dict[str, list[bytes]], identity: str) -> None:
    assert identify(found, CALLERS) == Caller(identity, CALLERS[identity])


@pytest.mark.parametrize(
    "found",
    [
        {},
        context(peer_uri=["spiffe://coop/other"], peer_dns=["feed.example"], x509_common_name=["Feed"]),
        context(peer_dns=["other.example"], x509_common_name=["Feed"]),
        context(x509_common_name=["feed"]),
    ],
)
def test_an_unknown_name_is_not_rescued_by_a_weaker_one(found: dict[str, list[bytes]]) -> None:
    with pytest.raises(ServiceError) as caught:
        identify(found, CALLERS)
    assert caught.value.reason == "CALLER_UNKNOWN"


def test_one_of_the_wanted_roles_is_enough_and_none_wanted_lets_all_in() -> None:
    caller = Caller("x", frozenset({"audit"}))
    caller.require(frozenset({"feed", "audit"}))
    caller.require(frozenset())
    with pytest.raises(ServiceError) as caught:
        caller.require(frozenset({"feed"}))
    assert (caught.value.reason, caught.value.metadata) == ("ROLE_MISSING", {"role": "feed"})
