"""Keepers that are killed: before every single step that reaches the disk, and half way through every write.

A child process works through a scenario and is killed at its n-th step (`test_journal_crash.kill_before`). What lies
there then is read as a stranger reads it, opened again, and checked.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from rankd.core.assembly.fold import Assembly
from rankd.core.assembly.leaf_codec import decode_leaf
from rankd.core.errors import AssemblyError
from rankd.store.record_folder import RecordFolder
from rankd.usecases.govern import reading
from rankd.usecases.govern.keeper import Keeper
from rankd.usecases.govern.reading import Seen, read_minutes
from tests.assemblies import FOUNDERS, ORIGIN, START_MS, founding
from tests.integration.test_journal_crash import Counting, in_child, kill_before, memory
from tests.minutes import Kept, founding_envelope, kept, signer

ROOT = Path(__file__).parents[2]
__all__ = ["memory"]

STRIDE = int(os.environ.get("RANKD_CRASH_STRIDE", "6"))
"""One step of so many is tried; 1 tries them all, and takes minutes."""

ADDRESS = "Mon adresse est connue de tous."


def begin(root: Path, size: int) -> dict[str, object]:
    """Make minutes of a size with a vote that is about to close."""
    minutes = kept(root)
    index = minutes.under_vote()
    minutes.cast(index, dict.fromkeys(FOUNDERS[:6], "yes"))
    argument = minutes.argue(index, ADDRESS)
    for number in range(size - minutes.keeper.size):
        minutes.argue(index, f"argument {number}", FOUNDERS[number % 8])
    minutes.keeper.close()
    return {
        "index": index,
        "argument": argument,
        "now_ms": minutes.now_ms,
        "genesis": minutes.genesis.hex(),
        "size": size,
    }


def opened(root: Path, facts: dict[str, object]) -> Kept:
    """Open the minutes as the scenario does."""
    genesis = bytes.fromhex(str(facts["genesis"]))
    minutes = Kept(genesis, Assembly(genesis), root=root, disk=Counting(), now_ms=int(str(facts["now_ms"])))
    minutes.nonces = 1_000
    minutes.open()
    return minutes


def work(root: Path, facts: dict[str, object], say: Callable[[str], None]) -> None:
    """Enter and publish: new entries, a full tile, an erasure, a vote that closes. Say what is acknowledged."""
    minutes = opened(root, facts)
    index, argument = int(str(facts["index"])), int(str(facts["argument"]))
    for number in range(3):
        say(f"entry {minutes.argue(index, f'late {number}', 'Inès')}")
        if number == 1:
            minutes.keeper.publish()
    say(f"entry {minutes.erase(argument)}")
    minutes.keeper.publish()
    say("erased")
    minutes.wait(7)
    minutes.keeper.publish()
    say("closed")
    minutes.keeper.close()


def killed(root: Path, facts: dict[str, object], number: int, say: Callable[[str], None], *, half_way: bool) -> None:
    names = kill_before(number, half_way=half_way)
    work(root, facts, say)
    say(f"steps {json.dumps(names)}")


def repair(root: Path, facts: dict[str, object], number: int, _: Callable[[str], None]) -> None:
    kill_before(number, half_way=number % 2 == 1)
    opened(root, facts).keeper.close()


def shown(root: Path, facts: dict[str, object], seen: Seen | None, known: set[bytes]) -> Seen:
    """Read the record that a crash left: an earlier state, or the new one; nothing that was decided is in doubt."""
    now_s = int(str(facts["now_ms"])) // 1_000
    folder = RecordFolder(root / "home/record")
    genesis = bytes.fromhex(str(facts["genesis"]))
    read = read_minutes(folder, genesis, now_s=now_s, seen=seen, known=known, with_files=False)
    # An erasure is carried out before the entry that says so is published, or after it.
    allowed = {"MINUTES_BODY_MISSING", "MINUTES_NOT_ERASED"}
    assert {fault.error.reason for fault in read.faults} <= allowed, read.faults
    assert all(fault.index == facts["argument"] for fault in read.faults)
    assert read.assembly.voids == []
    return read.seen


def drive(place: Path, size: int, stride: int) -> None:
    """Kill the scenario before its steps in turn; print how many there were and what was survived.

    Args:
        place: Where to work.
        size: How many entries there are before.
        stride: One step of so many is tried.
    """
    reading._PATIENCE_S = 0
    template = place / "template"
    facts = begin(template, size)
    known: set[bytes] = set()
    first = shown(template, facts, None, known)
    names: list[str] = []
    number, runs = 0, 0
    sizes: set[int] = set()
    while True:
        for half_way in (False, True):
            if half_way and (number >= len(names) or names[number] != "pwrite"):
                continue
            root = place / "run"
            shutil.copytree(template, root)
            said, was_killed = in_child(partial(killed, root, facts, number, half_way=half_way))
            acknowledged = [int(line.split()[1]) for line in said if line.startswith("entry")]
            seen = shown(root, facts, first, known)
            # The repair is killed as well, at another step each time.
            in_child(partial(repair, root, facts, number * 7 % 23))
            seen = shown(root, facts, seen, known)
            sizes.add(check(root, facts, max(acknowledged, default=size - 1) + 1, said, seen, known))
            runs += 1
            shutil.rmtree(root)
            if not names:
                shutil.copytree(template, root)
                said, _ = in_child(partial(killed, root, facts, 1 << 30, half_way=False))
                names = json.loads(said[-1].removeprefix("steps "))
                shutil.rmtree(root)
        number += stride
        if not was_killed:
            break
    report = {"steps": len(names), "kinds": sorted(set(names)), "runs": runs, "sizes": sorted(sizes)}
    sys.stdout.write(json.dumps(report))


def check(
    root: Path, facts: dict[str, object], acknowledged: int, said: list[str], seen: Seen, known: set[bytes]
) -> int:
    """Open again; everything acknowledged is there, and the record is whole, sound and grown out of the last."""
    minutes = opened(root, facts)
    size = minutes.keeper.size
    assert size >= acknowledged
    assert minutes.assembly.voids == []
    index, argument = int(str(facts["index"])), int(str(facts["argument"]))
    record = RecordFolder(minutes.record)
    assert record.size == size
    read = minutes.read(seen=seen, known=known)
    ballots = {at for at in range(size) if decode_leaf(minutes.keeper.entries(at, 1)[0].leaf).kind == "ballot"}
    assert len(ballots) == 6
    assert ballots & record.bodies(0).keys() == set()
    assert read.faults == ()
    if size == int(str(facts["size"])) + 4:
        assert argument not in record.bodies(0)
        assert minutes.keeper.entries(argument, 1)[0].envelope is None
    minutes.wait(7)
    minutes.keeper.publish()
    again = minutes.read(known=known)
    assert (again.faults, len(again.assembly.ballots(index))) == ((), 6)
    left = [path.name for path in minutes.record.rglob("*") if path.name.endswith(".tmp")]
    assert left == []
    minutes.keeper.close()
    return size


@pytest.mark.parametrize(("size", "stride"), [(14, STRIDE), (254, 7 * STRIDE)])
def test_a_keeper_killed_before_any_step_loses_nothing_it_acknowledged_and_its_record_stays_sound(
    memory: Path, size: int, stride: int
) -> None:
    code = "import sys; from pathlib import Path; from tests.integration.test_minutes_crash import drive; " + (
        "drive(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(memory), str(size), str(stride)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": "src"},
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["steps"] > 60
    assert report["runs"] > report["steps"] / stride
    assert {size, size + 4} <= set(report["sizes"])


def test_a_founding_killed_before_any_step_can_be_done_again(memory: Path) -> None:
    envelope = founding_envelope(founding())

    def found(root: Path) -> Keeper:
        return Keeper.found(root / "home", signer(), root / "mark", envelope, START_MS, disk=Counting())

    def die(root: Path, number: int, say: Callable[[str], None]) -> None:
        names = kill_before(number, half_way=False)
        found(root).close()
        say(json.dumps(names))

    number = 0
    while True:
        root = memory / str(number)
        root.mkdir()
        _, was_killed = in_child(partial(die, root, number))
        with suppress(AssemblyError):
            # Where there is a record already, it is whole.
            assert RecordFolder(root / "home/record").size == 1
        keeper = found(root)
        assert (keeper.size, keeper.origin) == (1, ORIGIN)
        read = read_minutes(RecordFolder(root / "home/record"), keeper.genesis, now_s=START_MS // 1_000)
        assert (read.size, read.faults) == (1, ())
        keeper.close()
        number += STRIDE
        if not was_killed:
            break
    assert number > 20
