"""Feedback, however it is cut, mixed, repeated and interrupted: the same events count, each once."""

import errno
import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from rankd.core.errors import ServiceError
from rankd.usecases.serve.feedback.recorder import Sent
from tests.feedback_world import World
from tests.unit.store.journal.conftest import Fault

KINDS = ("shown", "like", "hide")
IDS = ("a", "b", "c")

# Decision, candidate, kind; the id follows from these, or is one of a few that several share.
EVENT = st.tuples(st.integers(0, 2), st.sampled_from(IDS), st.sampled_from(KINDS))
CALL = st.tuples(
    st.lists(EVENT, min_size=1, max_size=6),
    st.sampled_from(["good", "good", "good", "full", "sync", "index", "restart", "no index"]),
    st.sampled_from(["feed", "mail"]),
)


@given(st.lists(CALL, min_size=1, max_size=8))
@settings(max_examples=40, deadline=None)
def test_batches_that_overlap_fail_and_are_repeated_count_every_event_once(
    calls: list[tuple[list[tuple[int, str, str]], str, str]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        made = [world.decide(f"v{number}", IDS) for number in range(3)]

        def record(events: list[tuple[int, str, str]], caller: str) -> list[str]:
            sent = [
                made[decision].feedback(Sent(f"{decision} {candidate} {kind}", kind, candidate, None))
                for decision, candidate, kind in events
            ]
            return [outcome for of_one in world.record(*sent, caller=caller) for outcome in of_one]

        accepted = 0
        for events, fate, caller in calls:
            if fate in {"full", "sync"}:
                world.disk.faults = {"write wal" if fate == "full" else "sync wal": Fault(errno.EIO, 0.5)}
                count = world.events.count
                with suppress(ServiceError):
                    assert "ACCEPTED" not in record(events, caller)
                assert world.events.count == count
                world.disk.faults = {}
            elif fate == "index":
                world.index_disk.faults = {"commit keys": Fault(errno.EIO)}
                with suppress(ServiceError):
                    accepted += record(events, caller).count("ACCEPTED")
                world.index_disk.faults = {}
            elif fate in {"restart", "no index"}:
                world.close()
                if fate == "no index":
                    world.index_path.unlink()
                world.open()
            accepted += record(events, caller).count("ACCEPTED")

        told = {event for events, _, _ in calls for event in events}
        wanted = told | {(decision, candidate, "shown") for decision, candidate, _ in told}
        counted = [(decision - made[0].index, candidate, kind) for decision, candidate, kind, _ in world.counted()]
        assert len(counted) == len(set(counted))
        assert set(counted) == wanted
        assert accepted == sum(1 for _, _, _, event_id in world.counted() if event_id)
        begun: set[tuple[int, str]] = set()
        for decision, candidate, kind in counted:
            assert kind == "shown" or (decision, candidate) in begun
            begun.add((decision, candidate))
        # Whoever asks for everything once more is told that it was there.
        assert set(record(sorted(told), "feed")) <= {"DUPLICATE"}
        world.close()
