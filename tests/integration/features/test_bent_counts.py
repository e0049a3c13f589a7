"""An operator bends what is counted, unseen by members and by the service itself: whoever verifies sees it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rankd.core.features.block import COUNTER_BYTES
from rankd.store.features.leftovers import snapshots
from rankd.store.features.snapshot import Snapshot, pack, unpack
from tests import valkeys
from tests.forged import both
from tests.people import Running, Town, counted, stored

Bend = Callable[[dict[bytes, bytes]], dict[bytes, bytes]]


def more_clicks(values: dict[bytes, bytes]) -> dict[bytes, bytes]:
    """Return values in which everything was clicked a thousand times more often."""
    return {key: value[:-COUNTER_BYTES] + (1_000).to_bytes(COUNTER_BYTES, "big") for key, value in values.items()}


def nothing(_: dict[bytes, bytes]) -> dict[bytes, bytes]:
    """Return values from which everything disappeared."""
    return {}


def bend_memory(running: Running, bend: Bend) -> None:
    store: Any = running.view._store
    store._values = bend(store._values)


def bend_server(running: Running, server: valkeys.Server, bend: Bend) -> None:
    before, prefix = stored(running.view), running.view._store._names.prefix  # type: ignore[attr-defined]
    own = server.client()
    own.delete(*[prefix + key for key in before])
    for key, value in bend(before).items():
        own.set(prefix + key, value)


def bend_snapshot(town: Town, bend: Bend) -> None:
    (path,) = snapshots(town.data / "features")
    data = path.read_bytes()
    origin, layout = data[28:60], data[60:92]
    held = unpack(data, origin, layout)
    path.write_bytes(pack(origin, layout, Snapshot(held.position, bend(held.values), held.expiry)))


@pytest.mark.parametrize("bend", [more_clicks, nothing])
@pytest.mark.parametrize("where", ["memory", "snapshot", "server"])
def test_counts_that_were_edited_speak_against_the_decisions_that_read_them(
    tmp_path: Path, shared_server: valkeys.Server, where: str, bend: Bend
) -> None:
    shared_server.client().flushall()
    town = Town(tmp_path / "town", shared_server.url if where == "server" else None)
    with town.running() as running:
        town.live(running, rounds=2)
    clean = both(town.data)[1].features
    assert (clean.good, clean.checked_count) == (True, clean.decision_count)
    if where == "snapshot":
        bend_snapshot(town, bend)
    with town.running() as running:
        running.settle()
        if where == "memory":
            bend_memory(running, bend)
        elif where == "server":
            bend_server(running, shared_server, bend)
        bent = town.ask(running, "zoé")
        running.desk.journal.publish()
    report = both(town.data)[1]
    assert not report.good
    assert (report.features.differing_count, report.faults) == (1, ())
    (differing,) = report.features.differing
    assert bent.decision_id.endswith(f"/{differing.index}")


def test_a_clock_that_leapt_ahead_and_came_back_takes_no_counts_along(tmp_path: Path) -> None:
    town = Town(tmp_path / "town")
    with town.running() as running:
        town.live(running, rounds=2)
        town.now_ms[0] += 100 * 86_400_000
        town.act(running, town.ask(running, "zoé"), "zoé")
        running.settle()
        town.now_ms[0] -= 100 * 86_400_000
        # Whoever asks first finds the counts being made again, and has the declared defaults.
        town.ask(running, "zoé")
        running.settle()
        assert stored(running.view) == counted(running.records())
