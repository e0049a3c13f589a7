"""A long journal: how it is opened, proves and is verified, each in a process of its own whose memory is measured."""

import json
import random
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from house import EPOCH_TERMS, ERASER, ERASER_KEY, LOG_SIGNER, ORIGIN
from timing import row, shown

from rankd.core.exact.canonical import sha256
from rankd.core.log.tree import leaf_hash
from rankd.core.records.erasure import Erasure, sign_erasure
from rankd.core.records.leaf import DecisionLeaf, EpochLeaf, ErasureLeaf, RevealLeaf, encode_leaf
from rankd.store.disk import Disk
from rankd.store.evidence import JournalEvidence
from rankd.store.journal.bodies import BodyStore
from rankd.store.journal.journal import Journal
from rankd.store.journal.mark import Mark
from rankd.store.journal.publication import Publication
from rankd.store.journal.reading import PRIVATE_FOLDER, PUBLIC_FOLDER
from rankd.store.journal.recovery import WAL_FOLDER, make_folders
from rankd.store.journal.segment import Segment
from rankd.usecases.audit.trust import Trust
from rankd.usecases.audit.verify import verify

ROUND_LEAVES = 1 << 16
STARTS = 5
PROOFS = 2_000
_TIME_MS = 1_800_000_000_000
_NAME = "decisions"


class _HastyDisk(Disk):
    """Writes without waiting, for a journal that is made to be measured."""

    def sync(self, descriptor: int) -> None:
        """Return at once."""

    def sync_names(self, folder: Path) -> None:
        """Return at once."""

    def replace(self, path: Path, data: bytes) -> None:
        """Write the file where it stands."""
        path.write_bytes(data)


def large_journal(cache: Path, size: int) -> Path:
    """Return a data directory whose journal has `size` leaves, made at the first call; its mark lies beside it.

    One epoch with its decisions, whose bodies one erasure took, so that a verifier has nothing to object.
    """
    probe = sha256(b"".join(leaves_of(4)))
    data = cache / f"journal-{size}-{probe.hex()[:8]}"
    if not (data / "made").exists():
        shutil.rmtree(data, ignore_errors=True)
        _make(data, size)
        (data / "made").touch()
    return data


def leaves_of(size: int) -> Iterator[bytes]:
    """Yield the leaves of a journal of `size` leaves, at least 4."""
    secret = sha256(b"the epoch secret of benchmarks")
    epoch, count = sha256(secret), size - 3
    yield encode_leaf(
        EpochLeaf(_TIME_MS, epoch, "w0", EPOCH_TERMS.retention, EPOCH_TERMS.erasers, EPOCH_TERMS.software)
    )
    # Written by a pattern: a leaf made one by one takes twenty times as long.
    blank, counter = bytes(32), 7_777_777_777
    digests = sha256(b"policy"), sha256(b"limits"), sha256(b"model")
    leaf = encode_leaf(DecisionLeaf(_TIME_MS, "video", None, *digests, epoch, "w0", counter, (), blank)).decode()
    pattern = leaf.replace("%", "%%").replace(blank.hex(), "%064x").replace(str(counter), "%d")
    for number in range(count):
        # The commitment comes first: keys are sorted.
        yield (pattern % (number * 0x9E3779B97F4A7C15, number)).encode()
    yield encode_leaf(RevealLeaf(_TIME_MS, epoch, "w0", secret, count, ()))
    erasure = Erasure(ORIGIN, ((1, count),), (), "COURT", "benchmark", _TIME_MS)
    yield encode_leaf(ErasureLeaf(_TIME_MS, sign_erasure(erasure, ERASER_KEY)))


def _make(data: Path, size: int) -> None:
    folder, disk = data / _NAME, _HastyDisk()
    make_folders(folder)
    mark = Mark(_mark(data), LOG_SIGNER.verifier, disk)
    publication = Publication(folder / PUBLIC_FOLDER, LOG_SIGNER, mark, disk)
    BodyStore.begin(folder / PRIVATE_FOLDER, disk)
    publication.begin()
    batch: list[bytes] = []
    for leaf in leaves_of(size):
        batch.append(leaf)
        if len(batch) == ROUND_LEAVES:
            publication.extend(batch, [leaf_hash(one) for one in batch])
            batch = []
    publication.extend(batch, [leaf_hash(one) for one in batch])
    publication.announce()
    segment = Segment.prepare(folder / PRIVATE_FOLDER / WAL_FOLDER, disk)
    segment.settle(size)
    segment.close()


def _mark(data: Path) -> Path:
    return data / "log.mark"


def measure(cache: Path, size: int) -> None:
    """Print start, proofs and verification of a journal of `size` leaves.

    Args:
        cache: Where such a journal is kept.
        size: Its leaves.
    """
    start = time.perf_counter()
    data = large_journal(cache, size)
    made_s = time.perf_counter() - start
    print(f"A journal of {size:,} leaves" + (f" (made in {made_s:.0f} s)" if made_s > 1 else ""))
    starts = [_child("start", data, size) for _ in range(STARTS)]
    row("start, ms", shown([one["start_ms"] for one in starts]))
    row("inclusion proofs, leaves at random, a second", shown([one["inclusion"] for one in starts], 0))
    row("inclusion proofs, leaves in order, a second", shown([one["in_order"] for one in starts], 0))
    row("consistency proofs, sizes at random, a second", shown([one["consistency"] for one in starts], 0))
    row("peak memory, MB", shown([one["peak_mb"] for one in starts], 1))
    row("  of which before the start (interpreter, imports)", shown([one["idle_mb"] for one in starts], 1))
    whole = _child("verify", data, size)
    row("its leaves verified, a second", f"{size / whole['verify_s']:,.0f} ({whole['verify_s']:.1f} s in all)")
    row("peak memory, MB", f"{whole['peak_mb']:,.1f}, {whole['idle_mb']:,.1f} before")


def _child(what: str, data: Path, size: int) -> dict[str, float]:
    ended = subprocess.run(
        [sys.executable, __file__, what, str(data), str(size)], check=True, capture_output=True, text=True
    )
    found: dict[str, float] = json.loads(ended.stdout)
    return found


def _peak_mb() -> float:
    # What getrusage says of a new program begins with the memory of the one that started it.
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _start(data: Path, size: int) -> dict[str, float]:
    idle_mb = _peak_mb()
    start = time.perf_counter()
    journal = Journal.open(data / _NAME, LOG_SIGNER, _mark(data), watch=False)
    start_ms = (time.perf_counter() - start) * 1e3
    assert journal.count == size
    rng = random.Random(size)  # noqa: S311 (nothing secret)
    anywhere = [rng.randrange(size) for _ in range(PROOFS)]
    first = rng.randrange(size - PROOFS)
    found: dict[str, Any] = {
        "inclusion": _rate(lambda at: journal.inclusion_proof(at, size), anywhere),
        "in_order": _rate(lambda at: journal.inclusion_proof(at, size), range(first, first + PROOFS)),
        "consistency": _rate(lambda at: journal.consistency_proof(at, size), anywhere),
    }
    found |= {"start_ms": start_ms, "idle_mb": idle_mb, "peak_mb": _peak_mb()}
    journal.close()
    return found


def _rate(call: Callable[[int], object], arguments: "range | list[int]") -> float:
    start = time.perf_counter()
    for argument in arguments:
        call(argument)
    return len(arguments) / (time.perf_counter() - start)


def _verify(data: Path, _size: int) -> dict[str, float]:
    idle_mb = _peak_mb()
    start = time.perf_counter()
    report = verify(
        JournalEvidence(data, _NAME), Trust(LOG_SIGNER.verifier, erasers=(ERASER,)), now_s=_TIME_MS // 1_000
    )
    seconds = time.perf_counter() - start
    assert report.good, report.faults
    return {"verify_s": seconds, "idle_mb": idle_mb, "peak_mb": _peak_mb()}


if __name__ == "__main__":
    print(json.dumps({"start": _start, "verify": _verify}[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))))
