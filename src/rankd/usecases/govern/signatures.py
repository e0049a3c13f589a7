"""Signatures of many entries at once.

The library holds the interpreter's lock while it verifies, so more threads verify no faster; more processes do.
"""

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from types import TracebackType

from rankd.core.assembly.signing import signature_holds

PARALLEL_FROM = 4_000
"""From so many on, starting processes takes less time than they save."""

_BATCH = 500


class SignaturePass:
    """Tells of entries whether their signature holds. A context manager: leaving it ends the processes.

    Args:
        jobs: How many processes may verify; they begin when there is enough for them to do.
    """

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> "SignaturePass":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def holds(self, envelopes: Sequence[bytes]) -> Iterator[bool]:
        """Yield for every envelope, in order, whether it is an entry's and its signature holds."""
        if self._jobs <= 1 or (self._pool is None and len(envelopes) < PARALLEL_FROM):
            yield from map(signature_holds, envelopes)
            return
        if self._pool is None:
            # A copy of this process would hold locks whose threads it does not have.
            self._pool = ProcessPoolExecutor(self._jobs, multiprocessing.get_context("spawn"))
        batches = [envelopes[at : at + _BATCH] for at in range(0, len(envelopes), _BATCH)]
        for results in self._pool.map(_hold, batches):
            yield from results


def _hold(envelopes: Sequence[bytes]) -> list[bool]:
    return list(map(signature_holds, envelopes))
