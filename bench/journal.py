"""Appends into a journal, bare leaves and whole records, by one thread and by many; and what publishing takes."""

import itertools
import os
from pathlib import Path

from house import LOG_SIGNER
from timing import percentile, row, shown, timed, together

from rankd.core.records.commitment import KEY_BYTES
from rankd.store.journal.journal import Body, Journal

THREADS = (1, 16)
ROUNDS = 5
LEAF_BYTES = 560
"""What the leaf of a decision takes."""

SIZES = {"bare leaves": (None, 800), "leaves and records of 20 kB": (20_000, 400), "…of 300 kB": (300_000, 160)}
"""Bytes of a record, and how many entries a round appends."""


def appends(root: Path) -> None:
    """Print appends per second, beside what the disk itself does.

    Args:
        root: An empty folder.
    """
    print(f"Appends into a journal, {ROUNDS} interleaved rounds; per second, and ms of one append; nothing published")
    cases = [(name, threads) for name in SIZES for threads in THREADS]
    rates: dict[tuple[str, int], list[float]] = {case: [] for case in cases}
    waits: dict[tuple[str, int], list[float]] = {case: [] for case in cases}
    bare: dict[str, list[float]] = {name: [] for name in SIZES}
    numbers = itertools.count()
    for _ in range(ROUNDS):
        for name, threads in cases:
            size, count = SIZES[name]
            folder = root / f"appends-{next(numbers)}"
            seconds, taken = _append(folder, size, count, threads)
            rates[name, threads].append(count / seconds)
            waits[name, threads] += taken
            if threads == 1:
                bare[name].append(_bare(folder / "bare", (size or 0) + LEAF_BYTES, count))
    for name in SIZES:
        for threads in THREADS:
            taken = waits[name, threads]
            tail = f"p50 {percentile(taken, 50):.2f}, p99 {percentile(taken, 99):.2f} ms"
            row(f"{name}, {threads} threads", shown(rates[name, threads], 0), tail)
        row("  (bare writes, each with its fdatasync)", shown(bare[name], 0))


def _append(folder: Path, size: int | None, count: int, threads: int) -> tuple[float, list[float]]:
    record = None if size is None else os.urandom(size)
    key = os.urandom(KEY_BYTES)
    leaf = os.urandom(LEAF_BYTES)
    body = None if record is None else Body(key, record)
    journal = Journal.open(folder, LOG_SIGNER, folder.with_name(f"{folder.name}.mark"), watch=False)
    try:
        return together(lambda _: journal.append(leaf, body), threads, count)
    finally:
        journal.close()


def _bare(path: Path, size: int, count: int) -> float:
    data = os.urandom(size)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def sync(_number: int) -> None:
        os.write(descriptor, data)
        os.fdatasync(descriptor)

    try:
        seconds, _ = together(sync, 1, count)
    finally:
        os.close(descriptor)
    return count / seconds


def publications(root: Path) -> None:
    """Print how long a publication takes, by what it publishes; see `appends`."""
    print(f"One publication, {ROUNDS} rounds; ms")
    journal = Journal.open(root / "publications", LOG_SIGNER, root / "publications.mark", watch=False)
    cases: dict[str, tuple[int | None, int]]
    cases = {"1 bare leaf": (None, 1), "1 decision of 300 kB": (300_000, 1), "40 decisions of 300 kB": (300_000, 40)}
    cases |= {"1,000 bare leaves": (None, 1_000)}
    times: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(ROUNDS):
        for name, (size, count) in cases.items():
            record = None if size is None else os.urandom(size)
            for _ in range(count):
                body = None if record is None else Body(os.urandom(KEY_BYTES), record)
                journal.append(os.urandom(LEAF_BYTES), body)
            times[name].append(timed(journal.publish))
    journal.close()
    for name, taken in times.items():
        row(name, shown(taken))
