"""Recorders whose process is killed: before every single step that reaches the disk, and at any moment under load."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from rankd.usecases.serve.feedback.recorder import Feedback
from tests.feedback_world import Made, World, sent
from tests.integration.killing import ROOT, killed
from tests.integration.test_journal_crash import Counting, in_child, kill_before
from tests.unit.store.journal.conftest import FaultyDisk

CALLS = (
    [(0, "a", "like"), (0, "b", "hide"), (1, "a", "shown")],
    [(2, "c", "reply"), (0, "a", "like"), (1, "a", "click")],
    [(1, "c", "report")],
)


class CountingWorld(World):
    """A world whose every transaction is a step too."""

    def open(self) -> None:
        self.disk, self.index_disk = CountingDisk(), CountingDisk()
        super().open()


class CountingDisk(Counting, FaultyDisk):
    """Counts, and never fails by itself."""

    def transact(self, commit: Callable[[], None]) -> None:
        Counting.transact(self, commit)


def feedback(made: list[Made], events: list[tuple[int, str, str]]) -> list[Feedback]:
    return [made[d].feedback(sent(f"{d} {candidate} {kind}", kind, candidate)) for d, candidate, kind in events]


def made_in(root: Path) -> list[Made]:
    """Return the decisions of a folder."""
    entries = json.loads((root / "made").read_text())
    return [Made(index, bytes.fromhex(token), viewer_id) for index, token, viewer_id in entries]


def begin(root: Path) -> None:
    """Make a folder with three decisions, about one of which something is recorded already."""
    world = World(root)
    made = [world.decide(f"v{number}") for number in range(3)]
    (root / "made").write_text(json.dumps([(one.index, one.token.hex(), one.viewer_id) for one in made]))
    world.record(*feedback(made, [(2, "a", "like")]))
    world.close()


def work(root: Path, number: int, say: Callable[[str], None]) -> None:
    """Record, publish and record again; be killed before a step, or say that there were not so many."""
    names = kill_before(number, half_way=False)
    world = CountingWorld(root)
    made = made_in(root)
    for at, events in enumerate(CALLS):
        outcomes = world.record(*feedback(made, events))
        assert all(outcome in (["ACCEPTED"], ["DUPLICATE"]) for outcome in outcomes)
        say(f"call {at}")
        if at == 1:
            world.events.journal.publish()
    world.close()
    say(f"steps {len(names)}")


def check(root: Path, acknowledged: int) -> int:
    """Open the folder again and return how many entries there are; whatever was acknowledged is among them."""
    world = World(root)
    made = made_in(root)
    count = world.events.count
    before = [(decision, candidate, kind) for decision, candidate, kind, _ in world.counted()]
    assert len(before) == len(set(before))
    assert {event for events in CALLS[:acknowledged] for event in events} <= set(before)
    for at, events in enumerate(CALLS):
        statuses = [outcome for (outcome,) in world.record(*feedback(made, events))]
        new = [event for event in dict.fromkeys(events) if event not in before]
        assert statuses.count("ACCEPTED") <= len(new)
        assert at >= acknowledged or set(statuses) == {"DUPLICATE"}
    counted = [(decision, candidate, kind) for decision, candidate, kind, _ in world.counted()]
    told = {event for events in CALLS for event in events} | {(2, "a", "like")}
    assert len(counted) == len(set(counted))
    assert set(counted) == told | {(decision, candidate, "shown") for decision, candidate, _ in told}
    world.close()
    return count


def drive(place: Path) -> None:
    """Kill the work before each of its steps in turn; print how many there were and what was found."""
    template = place / "template"
    template.mkdir()
    begin(template)
    counts: list[int] = []
    number, was_killed = 0, True
    while was_killed:
        root = place / "run"
        shutil.copytree(template, root)
        said, was_killed = in_child(partial(work, root, number))
        counts.append(check(root, sum(line.startswith("call") for line in said)))
        shutil.rmtree(root)
        number += 1
    sys.stdout.write(json.dumps({"steps": number - 1, "counts": sorted(set(counts))}))


def test_a_recorder_killed_before_any_step_counts_what_it_acknowledged_and_nothing_twice(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from tests.integration.test_feedback_crash import drive; "
    done = subprocess.run(
        [sys.executable, "-c", code + "drive(Path(sys.argv[1]))", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": "src"},
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["steps"] > 30
    # Nothing of the work, all of it, and what lies between its calls.
    assert set(report["counts"]) >= {1, 4, 6, 7}


RECORDING = """
import sys, threading
from pathlib import Path
from tests.integration.test_feedback_crash import made_in
from tests.feedback_world import World, sent
from rankd.store.disk import Disk
root = Path(sys.argv[1])
class Quick(World):
    def open(self):
        self.disk, self.index_disk = Disk(), Disk()
        super().open()
world, made, lock = Quick(root), made_in(root), threading.Lock()
def run(name):
    for number in range(10**6):
        one = made[number % len(made)]
        # Two threads send each event.
        event = f"{name // 2} {number}"
        kind = ("like", "hide", "click", "reply")[name // 2]
        world.record(one.feedback(sent(event, kind, f"c{number % 1000}")))
        with lock:
            sys.stdout.write(f"{kind} {one.index} c{number % 1000}\\n")
            sys.stdout.flush()
for one in made:
    world.shown.shown(one.index)
sys.stdout.write("ready\\n"); sys.stdout.flush()
for name in range(8):
    threading.Thread(target=run, args=(name,), daemon=True).start()
threading.Event().wait()
"""


@pytest.mark.parametrize("after_s", [0.05, 0.4])
def test_a_recorder_killed_under_load_loses_no_acknowledged_event_and_counts_none_twice(
    tmp_path: Path, after_s: float
) -> None:
    world = World(tmp_path)
    made = [world.decide(f"v{number}", [f"c{at}" for at in range(1_000)], limit=1_000) for number in range(7)]
    (tmp_path / "made").write_text(json.dumps([(one.index, one.token.hex(), one.viewer_id) for one in made]))
    world.close()
    said: set[tuple[str, ...]] = set()
    for at in range(6):
        # On a busy machine a moment may be too short for a single answer.
        if at > 1 and said:
            break
        lines = killed(RECORDING, str(tmp_path), after_s=after_s)
        said |= {(kind, *rest.split()) for kind, rest in lines}
        world.open()
        counted = [(kind, str(decision), candidate) for decision, candidate, kind, _ in world.counted()]
        assert len(counted) == len(set(counted))
        assert said <= set(counted)
        world.close()
    assert said
