"""Journals whose process is killed: at every single step that reaches the disk, and at any moment under load.

A child process is forked for each step n: it works through a scenario and is killed right before its n-th call that
changes files, or half way through it where that is a write. Then the folder is opened again and everything is checked.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.errors import JournalError
from rankd.core.log.checkpoint import Checkpoint, open_checkpoint
from rankd.core.log.note import NoteSigner
from rankd.core.log.proofs import verify_consistency
from rankd.core.log.tiles import TILE_WIDTH, TileTree
from rankd.store.disk import Disk
from rankd.store.journal import pack
from rankd.store.journal.journal import Body, Journal, Unwritten
from rankd.store.journal.reading import JournalFiles
from tests.integration.killing import killed

ROOT = Path(__file__).parents[2]
SIGNER = NoteSigner("dev.test/crash", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
STEPS = ("pwrite", "fdatasync", "fsync", "ftruncate", "rename", "replace", "unlink", "rmdir", "mkdir")


def key(index: int) -> bytes:
    return b"KEY-" + b"%028d" % index


def leaf(index: int) -> bytes:
    return b"leaf %d" % index


def record(index: int) -> bytes:
    return b"record %d " % index * 30


def erased(index: int) -> list[tuple[int, int]]:
    """Return what the entry of this index erases."""
    return {259: [(1, 20), (255, 255), (258, 258)], 261: [(1, 1), (260, 260)]}.get(index, [])


def body(index: int) -> Body | None:
    """Return the body of the entry of this index, None if it has none."""
    has_body = not erased(index) and (index < 3 or index > 250 or index % 16 == 0)
    return Body(key(index), record(index)) if has_body else None


def opened(root: Path) -> Journal:
    return Journal.open(root / "decisions", SIGNER, root / "mark", disk=Counting(), watch=False)


class Counting(Disk):
    """Makes the commit of a transaction a step too: SQLite writes by itself."""

    def transact(self, commit: Callable[[], None]) -> None:
        step("transact")
        commit()
        step("transacted")


def step(_: str) -> None:
    """Count one step; `kill_before` puts its own in this place."""


def kill_before(number: int, *, half_way: bool) -> list[str]:
    """Make this process kill itself before its step of that number; return the list in which steps are noted."""
    names: list[str] = []

    def count(name: str) -> bool:
        names.append(name)
        if len(names) <= number:
            return False
        if not (half_way and name == "pwrite"):
            os.kill(os.getpid(), signal.SIGKILL)
        return True

    def counted(name: str, act: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **options: Any) -> Any:
            if count(name):
                descriptor, data, offset = arguments
                act(descriptor, bytes(data)[: len(data) // 2], offset)
                os.kill(os.getpid(), signal.SIGKILL)
            return act(*arguments, **options)

        return run

    for name in STEPS:
        setattr(os, name, counted(name, getattr(os, name)))
    globals()["step"] = count
    return names


def in_child(work: Callable[[Callable[[str], None]], None]) -> tuple[list[str], bool]:
    """Run `work` in a process of its own; return the lines that it said before it ended, and whether it was killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            work(lambda line: ignore(os.write(writing, f"{line}\n".encode())))
            os._exit(0)
        finally:
            # Where an exception went through, the parent says so: this copy of it must not go on as another parent.
            traceback.print_exc()
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading) as lines:
        said = lines.read().splitlines()
    status = os.waitpid(child, 0)[1]
    assert status == 0 or os.WIFSIGNALED(status), said
    return said, os.WIFSIGNALED(status)


def ignore(_: object) -> None:
    """Take a value that nobody needs."""


@dataclass
class Scenario:
    """What a child does, and in which folder it begins."""

    name: str
    begin: Callable[[Path], None]
    appends: tuple[range, ...]
    together: bool = False

    def work(self, root: Path, say: Callable[[str], None]) -> None:
        """Append in stages and publish after each; say what is acknowledged, in one write each."""
        journal = opened(root)
        for numbers in self.appends:
            if self.together:
                entries = [Unwritten(leaf(index), body(index), erased(index)) for index in numbers]
                assert [committed.index for committed in journal.append_all(entries)] == list(numbers)
                say(f"entry {numbers[-1]}")
            for index in () if self.together else numbers:
                assert journal.append(leaf(index), body(index), erased(index)).index == index
                say(f"entry {index}")
            say(f"checkpoint {journal.publish().hex()}")
        journal.close()

    def killed(self, root: Path, number: int, say: Callable[[str], None], *, half_way: bool) -> None:
        """Do the work and be killed at a step; say which steps there were if there are not so many."""
        names = kill_before(number, half_way=half_way)
        self.work(root, say)
        say(f"steps {json.dumps(names)}")


@dataclass
class Check:
    """What must be true of a folder after any crash in it."""

    root: Path
    acknowledged: int
    checkpoints: list[bytes] = field(default_factory=list)

    def before(self) -> None:
        """Check what other processes can read while nobody has repaired anything."""
        files = JournalFiles(self.root / "decisions")
        try:
            note = files.checkpoint()
        except JournalError:
            assert not self.checkpoints
            return
        self.checkpoints.append(note)
        checkpoint = self._open(note)
        tree = TileTree(checkpoint.size, checkpoint.root, files.tile)
        for number in range(-(-checkpoint.size // TILE_WIDTH)):
            width = min(TILE_WIDTH, checkpoint.size - number * TILE_WIDTH)
            bundle = files.entry_bundle(number, width)
            assert bundle is not None
            entries = tree.entries(number, bundle)
            assert entries == tuple(leaf(number * TILE_WIDTH + at) for at in range(width))

    def after(self) -> int:
        """Open the folder again, check everything and return how many entries there are."""
        journal = opened(self.root)
        count = journal.count
        assert count >= self.acknowledged
        self._entries(journal)
        last = self._open(journal.publish())
        assert last.size == count
        for note in self.checkpoints:
            first = self._open(note)
            proof = journal.consistency_proof(first.size, last.size)
            verify_consistency(first.size, last.size, proof, first.root, last.root)
        self._entries(journal)
        journal.close()
        gone = self._erased(count)
        everything = b"".join(path.read_bytes() for path in self.root.rglob("*") if path.is_file())
        found = {index for index in range(count) if key(index) in everything}
        assert found == {index for index in range(count) if body(index) and index not in gone}
        return count

    def _entries(self, journal: Journal) -> None:
        gone = self._erased(journal.count)
        for index in range(journal.count):
            assert journal.leaf(index) == leaf(index)
            assert journal.erased(index) == (index in gone)
            if body(index) and index not in gone:
                assert journal.body(index) == (key(index), record(index))
        assert journal.body_count == sum(body(index) is not None for index in range(journal.count))

    def _erased(self, count: int) -> set[int]:
        spans = (span for index in range(count) for span in erased(index))
        return {index for first, last in spans for index in range(first, last + 1) if body(index)}

    @staticmethod
    def _open(note: bytes) -> Checkpoint:
        return open_checkpoint(note, SIGNER.verifier).checkpoint


def grown(root: Path) -> None:
    """Make a folder whose first tile is nearly full."""
    journal = opened(root)
    for index in range(254):
        journal.append(leaf(index), body(index))
        if index == 200:
            journal.publish()
    journal.close()


SCENARIOS = (
    Scenario("first start", lambda _: None, (range(2), range(2, 3))),
    Scenario("grown", grown, (range(254, 259), range(259, 262))),
    Scenario("several at once", grown, (range(254, 259), range(259, 261), range(261, 262)), together=True),
)


def drive(place: Path, name: str) -> None:
    """Kill the scenario before each of its steps in turn; print how many there were and what was survived."""
    scenario = next(scenario for scenario in SCENARIOS if scenario.name == name)
    pack.PACK_BYTES = 1_000
    template = place / "template"
    template.mkdir()
    scenario.begin(template)
    names: list[str] = []
    number = 0
    counts: list[int] = []
    while True:
        for half_way in (False, True):
            if half_way and (number >= len(names) or names[number] != "pwrite"):
                continue
            root = place / "run"
            shutil.copytree(template, root)

            said, was_killed = in_child(partial(scenario.killed, root, number, half_way=half_way))
            acknowledged = [int(line.split()[1]) for line in said if line.startswith("entry")]
            notes = [bytes.fromhex(line.split()[1]) for line in said if line.startswith("checkpoint")]
            check = Check(root, max(acknowledged, default=-1) + 1, notes)
            check.before()
            # The repair is killed as well, at another step each time.
            in_child(partial(repair, root, number * 7 % 31))
            check.before()
            counts.append(check.after())
            shutil.rmtree(root)
            if not names:
                names = dry(template, place / "dry", scenario)
        number += 1
        if not was_killed:
            break
    report = {"steps": len(names), "kinds": sorted(set(names)), "runs": len(counts), "counts": counts}
    sys.stdout.write(json.dumps(report))


def dry(template: Path, root: Path, scenario: Scenario) -> list[str]:
    """Return the names of all steps of a scenario that is not killed."""
    shutil.copytree(template, root)
    said, _ = in_child(partial(scenario.killed, root, 1 << 30, half_way=False))
    shutil.rmtree(root)
    names: list[str] = json.loads(said[-1].removeprefix("steps "))
    return names


def repair(root: Path, number: int, _: Callable[[str], None]) -> None:
    kill_before(number, half_way=number % 2 == 1)
    opened(root).close()


@pytest.fixture
def memory() -> Iterator[Path]:
    """Return a folder in memory where there is one: a killed process needs no disk to leave its files behind."""
    shared = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    folder = Path(tempfile.mkdtemp(prefix="rankd-crash-", dir=shared if os.access(shared, os.W_OK) else None))
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_journal_killed_before_any_step_keeps_what_it_acknowledged_and_erases_what_it_promised(
    memory: Path, scenario: Scenario
) -> None:
    code = "import sys; from pathlib import Path; from tests.integration.test_journal_crash import drive; " + (
        "drive(Path(sys.argv[1]), sys.argv[2])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(memory), scenario.name],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": "src"},
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["steps"] > 60
    assert report["runs"] > report["steps"]
    assert set(report["kinds"]) >= {*STEPS, "transact"} - {"rmdir", "ftruncate", "mkdir"}
    first, last = scenario.appends[0][0], scenario.appends[-1][-1] + 1
    # Of entries that are written at once, a crash in the middle leaves only some.
    counts = (
        {first, *(numbers[-1] + 1 for numbers in scenario.appends)} if scenario.together else range(first, last + 1)
    )
    assert set(counts) <= set(report["counts"])


# Every line is written after append returned, in one write, so that it is whole or not there.
APPENDING = """
import os, sys, threading
from pathlib import Path
from rankd.store.journal.journal import Body, Journal
from tests.integration.test_journal_crash import SIGNER
root = Path(sys.argv[1])
journal = Journal.open(root / "decisions", SIGNER, root / "mark", publish_interval_s=0.005)
os.write(1, b"ready\\n")
def run(name):
    for number in range(1_000_000):
        content = f"{sys.argv[2]} {name} {number} ".encode()
        index = journal.append(content, Body(os.urandom(32), content * (1 + number % 400))).index
        os.write(1, b"%d %s\\n" % (index, content))
        if number % 10 == 9:
            journal.append(b"erasure", erases=[(index, index)])
            os.write(1, b"%d erased\\n" % index)
for name in range(6):
    threading.Thread(target=run, args=(name,)).start()
"""


def test_a_journal_killed_under_load_again_and_again_loses_no_acknowledged_entry(tmp_path: Path) -> None:
    draw = random.Random(5)
    acknowledged: dict[int, str] = {}
    checkpoints: list[Checkpoint] = []
    for turn in range(4):
        for name, words in killed(APPENDING, str(tmp_path), str(turn), after_s=draw.uniform(0.02, 0.15)):
            assert words == "erased" or int(name) not in acknowledged
            acknowledged[int(name)] = words
        journal = opened(tmp_path)
        assert journal.count >= len(acknowledged)
        for _ in range(2):
            for index, words in acknowledged.items():
                assert journal.erased(index) if words == "erased" else intact(journal, index, words.encode())
            checkpoints.append(open_checkpoint(journal.publish(), SIGNER.verifier).checkpoint)
        for first in checkpoints:
            proof = journal.consistency_proof(first.size, journal.count)
            verify_consistency(first.size, journal.count, proof, first.root, checkpoints[-1].root)
        journal.close()
    assert len(acknowledged) > 100
    assert "erased" in acknowledged.values()


def intact(journal: Journal, index: int, content: bytes) -> bool:
    # A body whose erasure was committed but not acknowledged any more is gone too.
    if journal.erased(index):
        return int(content.split()[2]) % 10 == 9
    record = journal.record(index)
    return journal.leaf(index) == content and record == content * (len(record) // len(content))


FILLING = """
import resource, sys
from pathlib import Path
from rankd.core.errors import JournalError, ServiceError
from rankd.store.journal.journal import Body
from tests.integration.test_journal_crash import key, opened
def append(size):
    return journal.append(b"leaf %d" % journal.count, Body(key(journal.count), b"%d " % journal.count * size)).index
journal = opened(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
refused = []
while len(refused) < 3:
    try:
        append(1_500)
    except ServiceError as error:
        refused.append(error.reason)
small = append(1)
while True:
    # Pack and table of keys grow on, so publishing fails at some time; commits go on in a new segment.
    append(1)
    try:
        journal.publish()
    except JournalError as error:
        refused.append(error.reason)
        break
after = append(1)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
large = append(1_500)
journal.publish()
journal.close()
sys.stdout.write(" ".join(map(str, (*refused, small, after, large))))
"""


def test_files_that_cannot_grow_refuse_and_take_entries_again_when_they_can(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FILLING, str(tmp_path)]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": "src"},
    )
    assert done.returncode == 0, done.stderr
    *reasons, small, after, large = done.stdout.split()
    assert reasons == ["RECORDS_UNAVAILABLE"] * 3 + ["JOURNAL_UNPUBLISHED"]
    assert int(after) < int(large)
    journal = opened(tmp_path)
    assert journal.count == journal.published_size == journal.body_count == int(large) + 1
    for index in range(journal.count):
        repeated = 1_500 if index < int(small) or index == int(large) else 1
        assert journal.record(index) == b"%d " % index * repeated
    journal.close()
