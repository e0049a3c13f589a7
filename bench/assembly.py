"""An assembly of many members: what checking its minutes costs an auditor, and a server at its start."""

import json
import pickle
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from auditing import BARE, JOBS, ROUNDS, Signature, clock_ms, verify
from minutes import MODELS, ORIGIN, Made
from timing import differences, interleave, row, shown

from rankd.core.assembly.entries import VoteKind
from rankd.core.assembly.fold import Assembly, Entry
from rankd.core.log.envelope import pae, parse_envelope
from rankd.store.archive import Archive
from rankd.usecases.govern.signatures import vouched_for
from rankd.usecases.serve.gate import Gate
from rankd.usecases.serve.record_reader import RecordReader, Trust

VOTES: tuple[VoteKind, ...] = ("yes_no", "points", "ranking")
_VOTES_OF = {
    "yes_no": "one yes/no vote",
    "points": "one points ballot, 8 objectives",
    "ranking": "one ranking, 5 texts",
}


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
    made.write(folder)
    signatures = [signature for entry in made.entries for signature in _signatures(entry)]
    with (folder / "made").open("wb") as file:
        pickle.dump((made.genesis, made.entries, signatures), file)
    (folder / "genesis").write_text(made.genesis.hex())
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
            clock_ms,
            time.monotonic,
            stale_after_s=10**9,
        )
        assert not gate.refusals(), gate.refusals()
        assert gate.find("video") is not None

    calls = {
        "bare": lambda: verify(signatures),
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


def _child(what: str, folder: Path) -> dict[str, Any]:
    # Not the file itself: the processes that it starts would read all of it once more.
    program = "import auditing; auditing.main()"
    ended = subprocess.run(
        [sys.executable, "-c", program, what, str(folder)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent,
    )
    found: dict[str, Any] = json.loads(ended.stdout)
    return found
