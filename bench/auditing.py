"""What `assembly` measures, in processes of its own: an audit from memory and from a record, beside bare signatures."""

import json
import os
import pickle
import resource
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from rankd.core.assembly.fold import Assembly, Entry
from rankd.store.record_folder import RecordFolder
from rankd.usecases.govern.reading import read_minutes
from rankd.usecases.govern.signatures import SignaturePass

BARE = "bare verification"
JOBS = os.cpu_count() or 1
ROUNDS = 3
MANY = 50_000
"""With more signatures than so many, one round must do."""

_LATER_MS = 400 * 86_400_000

Signature = tuple[bytes, bytes, bytes]
"""Key, signature, and what was signed."""


def verify(signatures: Sequence[Signature]) -> None:
    """Verify signatures, and nothing else."""
    for key, signature, message in signatures:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)


def clock_ms() -> int:
    """Return a time at which every vote is over."""
    return 1_800_000_000_000 + _LATER_MS


_share: list[Signature] = []


def _load(path: str) -> None:
    global _share
    with Path(path).open("rb") as file:
        _, _, _share = pickle.load(file)  # noqa: S301 (written by this very program)


def _verify_share(at: int) -> float:
    start = time.process_time()
    verify(_share[at::JOBS])
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
        RecordFolder(folder / "record"), genesis, now_s=clock_ms() // 1_000, jobs=JOBS, with_files=False
    )
    minutes.assembly.at(clock_ms())
    assert not minutes.faults, minutes.faults
    assert not minutes.assembly.voids


def _peak_child(folder: Path) -> dict[str, Any]:
    genesis = bytes.fromhex((folder / "genesis").read_text())
    _read(genesis, folder)
    workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    status = Path("/proc/self/status")
    if status.exists():
        # What getrusage says of a new program begins with the memory of the one that started it.
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return {"mb": int(line.split()[1]) / 1024, "worker_mb": workers}
    return {"mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "worker_mb": workers}


def main() -> None:
    """Measure what is asked for."""
    children = {"audit": _audit_child, "memory": _peak_child}
    print(json.dumps(children[sys.argv[1]](Path(sys.argv[2]))))


if __name__ == "__main__":
    main()
