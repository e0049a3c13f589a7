"""An assembly of many members: what checking its minutes costs an auditor, and a server at its start."""

import json
import os
import pickle
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from minutes import DAY_MS, MODELS, ORIGIN, Made
from timing import differences, interleave, row, shown

from rankd.core.assembly.entries import VoteKind
from rankd.core.assembly.fold import Assembly, Entry
from rankd.core.log.envelope import pae, parse_envelope
from rankd.store.archive import Archive
from rankd.store.record_folder import RecordFolder
from rankd.usecases.govern.reading import read_minutes
from rankd.usecases.govern.signatures import SignaturePass, vouched_for
from rankd.usecases.serve.gate import Gate
from rankd.usecases.serve.record_reader import RecordReader, Trust

BARE = "bare verification"
JOBS = os.cpu_count() or 1
ROUNDS = 3
MANY = 50_000
"""With more signatures than so many, one round must do."""
VOTES: tuple[VoteKind, ...] = ("yes_no", "points", "ranking")
_LATER_MS = 400 * DAY_MS
_VOTES_OF = {
    "yes_no": "one yes/no vote",
    "points": "one points ballot, 8 objectives",
    "ranking": "one ranking, 5 texts",
}

Signature = tuple[bytes, bytes, bytes]
"""Key, signature, and what was signed."""


def audits(root: Path, members: int, kinds: Sequence[VoteKind] = VOTES) -> None:
    """Print what an audit costs beside its signatures alone, for each kind of vote.

    Args:
        root: A folder to work in.
        members: So many members are admitted, and vote.
        kinds: How they vote; each kind after the same roll.
    """
    roll = Made()
    roll.admit(members - len(roll.people))
    print(f"{members:,} members, {JOBS} processes; s passed, as a ratio to the bare verification round by round,")
    print("and the same of the time that processors worked")
    _audit(root / "roll", roll, f"the roll alone ({len(roll.entries)} entries)")
    for kind in kinds:
        made = roll.copy()
        made.vote(made.to_vote(kind))
        _audit(root / kind, made, f"the roll and {_VOTES_OF[kind]}")


def _audit(folder: Path, made: Made, name: str) -> None:
    folder.mkdir()
    record = made.write(folder)
    signatures = [signature for entry in made.entries for signature in _signatures(entry)]
    with (folder / "made").open("wb") as file:
        pickle.dump((made.genesis, made.entries, signatures), file)
    del made
    found = _child("audit", folder)
    times, worked = found["times"], found["worked"]
    print(f"  {name}: {len(signatures):,} signatures")
    for what, taken in times.items():
        row(
            f"    {what}",
            shown(taken),
            _ratios(taken, times[BARE]),
            shown(worked[what]),
            _ratios(worked[what], worked[BARE]),
        )
    peak = _child("memory", folder)
    row("    peak memory of the last, MB", f"{peak['mb']:,.0f}", f"largest worker {peak['worker_mb']:,.0f}")
    del record


def _ratios(longer: Sequence[float], shorter: Sequence[float]) -> str:
    return shown([a / b for a, b in zip(longer, shorter, strict=True)])


def starts(root: Path, entries: int) -> None:
    """Print what a server's start takes beyond the bare signatures of its minutes."""
    made = Made()
    members = entries // 4
    for _ in range(members - len(made.people)):
        made.admit(1)
    for kind in VOTES:
        made.vote(made.to_vote(kind))
    signatures = [signature for entry in made.entries for signature in _signatures(entry)]
    young = Made()
    folders = {}
    for name, some in (("old", made), ("young", young)):
        (root / name).mkdir()
        folders[name] = some.write(root / name), some.genesis
    numbers = iter(range(1_000))

    def start(name: str) -> None:
        record, genesis = folders[name]
        trust, data = Trust(ORIGIN, genesis), root / f"data-{next(numbers)}"
        data.mkdir()
        gate = Gate(
            RecordReader(record, trust),
            trust,
            data,
            MODELS,
            Archive(data),
            _clock_ms,
            time.monotonic,
            stale_after_s=10**9,
        )
        assert not gate.refusals(), gate.refusals()
        assert gate.find("video") is not None

    calls = {
        "bare": lambda: _verify(signatures),
        "start": lambda: start("old"),
        "young": lambda: start("young"),
    }
    times = interleave(calls, ROUNDS, time.process_time)
    print(f"{len(made.entries):,} entries, {len(signatures):,} signatures, one process; ms that a processor worked")
    row("bare verification", shown(times["bare"], 0))
    row("start of the gate", shown(times["start"], 0))
    row("  beyond the signatures", shown(differences(times["start"], times["bare"]), 0))
    row("  of which also with the founding alone", shown(times["young"], 0))


def growth(count: int) -> None:
    """Print what an entry costs when there are four times as many of its kind: nothing may grow with the square.

    Args:
        count: So many arguments, recalls and admissions; of what takes longer, fewer.
    """
    print("signatures not counted; µs an entry")
    slow = count // 20
    for name, make, small in (
        ("admissions one by one", _admissions, count),
        ("arguments on one proposal", _arguments, count),
        ("recalls of one change", _recalls, count),
        ("proposals open at once", _proposals, slow),
        ("activations", _activations, slow // 2),
    ):
        cells = [_per_entry(make(size)) for size in (small, 4 * small)]
        row(
            f"{name}, {small:,} and {4 * small:,}",
            *(f"{cost:,.0f}" for cost in cells),
            f"× {cells[1] / cells[0]:.2f}",
        )


def _per_entry(made: tuple[Made, int]) -> float:
    minutes, first = made
    assembly = Assembly(minutes.genesis)
    for entry in minutes.entries[:first]:
        assembly.take(vouched_for(entry))
    start = time.process_time()
    for entry in minutes.entries[first:]:
        assembly.take(vouched_for(entry))
    return (time.process_time() - start) / (len(minutes.entries) - first) * 1e6


def _admissions(count: int) -> tuple[Made, int]:
    made = Made()
    first = len(made.entries)
    made.admit(count, at_once=1)
    return made, first


def _arguments(count: int) -> tuple[Made, int]:
    made = Made()
    made.admit(count // 25)
    index = made.propose("yes_no")
    first = len(made.entries)
    for number in range(count):
        made.argue(index, made.people[number % len(made.people)], first + number // 2 if number else None)
    return made, first


def _recalls(count: int) -> tuple[Made, int]:
    made = Made()
    made.admit(20 * count)
    index = made.to_vote("yes_no")
    made.vote(index, count, queue=True)
    first = len(made.entries)
    for person in made.people[:count]:
        made.recall(index, person)
    return made, first


def _proposals(count: int) -> tuple[Made, int]:
    made = Made()
    made.admit(count // 4)
    first = len(made.entries)
    for number in range(count):
        made.propose("yes_no", made.people[number % len(made.people)])
    return made, first


def _activations(count: int) -> tuple[Made, int]:
    made = Made()
    first = len(made.entries)
    for _ in range(count):
        made.vote(made.to_vote("yes_no"), like="yes")
    return made, first


def _signatures(entry: Entry) -> Iterator[Signature]:
    """Yield every signature in an entry."""
    assert entry.envelope is not None
    document = json.loads(entry.envelope)
    yield _signature(document)
    payload = json.loads(parse_envelope(document).payload)
    if entry.leaf.kind in ("constitution", "roll"):
        changes = payload.get("changes") or [{"registration": one} for one in payload["registrations"]]
        for change in changes:
            yield _signature(change["registration"])


def _signature(document: Any) -> Signature:
    envelope = parse_envelope(document)
    ((keyid, signature),) = envelope.signatures
    return bytes.fromhex(keyid), signature, pae(envelope.payload_type, envelope.payload)


def _verify(signatures: Sequence[Signature]) -> None:
    for key, signature, message in signatures:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)


def _clock_ms() -> int:
    return 1_800_000_000_000 + _LATER_MS


_share: list[Signature] = []


def _load(path: str) -> None:
    global _share
    with Path(path).open("rb") as file:
        _, _, _share = pickle.load(file)  # noqa: S301 (written by this very program)


def _verify_share(at: int) -> float:
    start = time.process_time()
    _verify(_share[at::JOBS])
    return time.process_time() - start


def _audit_child(folder: Path) -> dict[str, Any]:
    with (folder / "made").open("rb") as file:
        genesis, entries, signatures = pickle.load(file)  # noqa: S301
    is_many = len(signatures) > MANY
    del signatures
    with ProcessPoolExecutor(JOBS, get_context("spawn"), _load, (str(folder / "made"),)) as pool:
        calls: dict[str, Callable[[], float | None]] = {
            BARE: lambda: sum(pool.map(_verify_share, range(JOBS))),
            "signatures and fold, from memory": lambda: _fold(genesis, entries),
            "read_minutes, from the record": lambda: _read(genesis, folder),
        }
        times: dict[str, list[float]] = {name: [] for name in calls}
        worked: dict[str, list[float]] = {name: [] for name in calls}
        for number in range(1 if is_many else 1 + ROUNDS):
            for name, call in calls.items():
                before, start = _processors_s(), time.perf_counter()
                elsewhere = call() or 0.0
                if number or is_many:
                    times[name].append(time.perf_counter() - start)
                    worked[name].append(_processors_s() - before + elsewhere)
        return {"times": times, "worked": worked}


def _processors_s() -> float:
    """Return how long processors have worked for this process and those of its children that are over."""
    return sum(os.times()[:4])


def _fold(genesis: bytes, entries: list[Entry]) -> None:
    assembly = Assembly(genesis)
    with SignaturePass(JOBS) as signatures:
        for entry in signatures.marked(entries, set()):
            assembly.take(entry)
    assembly.advance(entries[-1].leaf.time_ms + _LATER_MS)
    assert not assembly.voids
    assert all(matter.vote is None or matter.vote.result is not None for matter in assembly.proposals.values())


def _read(genesis: bytes, folder: Path) -> None:
    minutes = read_minutes(
        RecordFolder(folder / "record"), genesis, now_s=_clock_ms() // 1_000, jobs=JOBS, with_files=False
    )
    minutes.assembly.at(_clock_ms())
    assert not minutes.faults, minutes.faults
    assert not minutes.assembly.voids


def _memory_child(folder: Path) -> dict[str, Any]:
    with (folder / "made").open("rb") as file:
        genesis = pickle.load(file)[0]  # noqa: S301
    ended = subprocess.run(
        [sys.executable, __file__, "peak", str(folder), genesis.hex()], check=True, capture_output=True, text=True
    )
    return cast("dict[str, Any]", json.loads(ended.stdout))


def _peak_child(folder: Path) -> dict[str, Any]:
    _read(bytes.fromhex(sys.argv[3]), folder)
    workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    status = Path("/proc/self/status")
    if status.exists():
        # What getrusage says of a new program begins with the memory of the one that started it.
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return {"mb": int(line.split()[1]) / 1024, "worker_mb": workers}
    return {"mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "worker_mb": workers}


def _child(what: str, folder: Path) -> dict[str, Any]:
    ended = subprocess.run([sys.executable, __file__, what, str(folder)], check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


if __name__ == "__main__":
    children = {"audit": _audit_child, "memory": _memory_child, "peak": _peak_child}
    print(json.dumps(children[sys.argv[1]](Path(sys.argv[2]))))
