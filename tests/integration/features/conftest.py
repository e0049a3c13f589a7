"""Feature stores for the suite that all of them pass."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import pytest
from redis import Redis

from rankd.store.features.cluster import ClusterStore
from rankd.store.features.embedded import EmbeddedStore
from rankd.store.features.valkey import ValkeyStore
from tests import valkeys

ORIGIN = "dev.test/events"
LAYOUT = bytes(range(32))

Store: TypeAlias = EmbeddedStore | ValkeyStore | ClusterStore


@dataclass
class Bench:
    """Makes stores of one kind, all in the same place.

    Attributes:
        kind: "embedded", "valkey" or "cluster".
        clock_ms: The time that stores are told, as its only entry; a server goes by the machine's.
    """

    kind: str
    folder: Path
    server: valkeys.Server | valkeys.Cluster | None
    clock_ms: list[int]
    opened: list[Store] = field(default_factory=list, repr=False)

    def open(self, origin: str = ORIGIN, layout: bytes = LAYOUT) -> Store:
        def clock() -> int:
            return self.clock_ms[0]

        store: Store
        if self.server is None:
            store = EmbeddedStore.open(self.folder, origin, layout, clock_ms=clock)
        elif isinstance(self.server, valkeys.Cluster):
            store = ClusterStore(self.server.url, origin, layout, clock_ms=clock)
        else:
            store = ValkeyStore(self.server.url, origin, layout, clock_ms=clock)
        self.opened.append(store)
        return store

    def clients(self) -> list[Redis]:
        """Return plain clients of all servers in which the counts lie."""
        if self.server is None:
            return []
        return self.server.masters() if isinstance(self.server, valkeys.Cluster) else [self.server.client()]

    def empty(self) -> None:
        """Remove what other tests left."""
        for client in self.clients():
            client.flushall()

    def begin(self) -> Store:
        """Return a store that has begun."""
        store = self.open()
        store.reset()
        return store


@pytest.fixture(scope="session")
def shared_server() -> Iterator[valkeys.Server]:
    """A server for tests that do not harm it."""
    with valkeys.server() as running:
        yield running


@pytest.fixture(scope="session")
def shared_cluster() -> Iterator[valkeys.Cluster]:
    """A cluster for tests that do not harm it."""
    with valkeys.cluster() as running:
        yield running


@pytest.fixture(params=["embedded", "valkey", "cluster"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    server: valkeys.Server | valkeys.Cluster | None = None
    if request.param == "valkey":
        server = request.getfixturevalue("shared_server")
    elif request.param == "cluster":
        server = request.getfixturevalue("shared_cluster")
    made = Bench(request.param, tmp_path / "features", server, [0])
    made.empty()
    yield made
    for store in made.opened:
        store.close()
