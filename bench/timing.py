"""Timing: calls taken in turn, so that what disturbs one disturbs all, and what is said of them."""

import statistics
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial


def timed(call: Callable[[], object], clock_s: Callable[[], float] = time.perf_counter) -> float:
    """Return how long a call took, milliseconds."""
    start = clock_s()
    call()
    return (clock_s() - start) * 1e3


def interleave(
    calls: Mapping[str, Callable[[], object]], rounds: int, clock_s: Callable[[], float] = time.perf_counter
) -> dict[str, list[float]]:
    """Time the calls in turn, A B C A B C …, after one uncounted round of each; milliseconds."""
    for call in calls.values():
        call()
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            times[name].append(timed(call, clock_s))
    return times


def differences(longer: Sequence[float], shorter: Sequence[float]) -> list[float]:
    """Return by how much the one took longer, round by round."""
    return [a - b for a, b in zip(longer, shorter, strict=True)]


def together(call: Callable[[int], object], threads: int, count: int) -> tuple[float, list[float]]:
    """Call `call(0)` … `call(count − 1)` from several threads at once.

    Returns:
        Seconds in all, and milliseconds of each call.
    """
    numbers = iter(range(count))
    lock = threading.Lock()
    times: list[float] = []

    def work() -> None:
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            taken = timed(partial(call, number))
            with lock:
                times.append(taken)

    workers = [threading.Thread(target=work) for _ in range(threads)]
    start = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return time.perf_counter() - start, times


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value that `percent` of all values do not exceed, by nearest rank."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def shown(values: Sequence[float], digits: int = 2) -> str:
    """Return the median and the range."""
    return f"{statistics.median(values):,.{digits}f} [{min(values):,.{digits}f} … {max(values):,.{digits}f}]"


def row(name: str, *cells: str) -> None:
    """Print one line of a table."""
    print(f"  {name:44s}" + "".join(f"  {cell:>27s}" for cell in cells))
