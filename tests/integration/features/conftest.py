"""Feature stores for the suite that all of them pass."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import pytest

from rankd.store.features.embedded import EmbeddedStore
from rankd.store.features.valkey import ValkeyStore
from tests import valkeys

ORIGIN = "dev.test/events"
LAYOUT = bytes(range(32))

Store: TypeAlias = EmbeddedStore | ValkeyStore


@dataclass
class Bench:
    """Makes stores of one kind, all in the same place.

    Attributes:
        kind: "embedded" or "valkey".
        clock_ms: The time that stores are told, as its only entry; a server goes by the machine's.
    """

    kind: str
    folder: Path
    server: valkeys.Server
    clock_ms: list[int]
    opened: list[Store] = field(default_factory=list, repr=False)

    def open(self, origin: str = ORIGIN, layout: bytes = LAYOUT) -> Store:
        def clock() -> int:
            return self.clock_ms[0]

        store: Store
        if self.kind == "embedded":
            store = EmbeddedStore.open(self.folder, origin, layout, clock_ms=clock)
        else:
            store = ValkeyStore(self.server.url, origin, layout, clock_ms=clock)
        self.opened.append(store)
        return store

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


@pytest.fixture(params=["embedded", "valkey"])
def bench(request: pytest.FixtureRequest, tmp_path: Path, shared_server: valkeys.Server) -> Iterator[Bench]:
    shared_server.client().flushall()
    made = Bench(request.param, tmp_path / "features", shared_server, [0])
    yield made
    for store in made.opened:
        store.close()
