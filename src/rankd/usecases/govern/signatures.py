"""Signatures of many entries, checked by other processes while the fold takes the entries before them.

The library holds the interpreter's lock while it verifies, so more threads verify no faster; more processes do.
"""

import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain
from types import TracebackType

from rankd.core.assembly.fold import Entry
from rankd.core.assembly.signing import each_holds
from rankd.core.exact.canonical import sha256

PARALLEL_FROM = 4_000_000
"""From so many bytes on, starting processes takes less time than they save. A signature comes with about a thousand:
that of a ballot, and that of a registration among many that one entry admits."""

_BATCH = 250_000
_AHEAD = 4
"""So many batches lie ready for each process: none waits for the fold, and memory stays small."""


def vouched_for(entry: Entry) -> Entry:
    """Return an entry whose signatures all hold, marked so."""
    return Entry(entry.index, entry.leaf, entry.envelope, verified=True, registered=True)


class SignaturePass:
    """Marks entries whose signatures hold. A context manager: leaving it ends the processes.

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

    def marked(self, entries: Iterable[Entry], known: set[bytes]) -> Iterator[Entry]:
        """Yield the entries, in order, marked where all their signatures hold; what is wrong with others the fold says.

        Args:
            entries: The entries; they are asked for some way ahead of those that are yielded.
            known: Digests of envelopes whose signatures were seen to hold; those that are found now are added.
        """
        coming = iter(entries)
        first, is_much = _some(coming, PARALLEL_FROM) if self._jobs > 1 else ([], False)
        every = chain(first, coming)
        if not is_much:
            for entry in every:
                one = _Batch([entry], known)
                yield from one.marked(each_holds(one.unknown))
            return
        # A copy of this process would hold locks whose threads it does not have.
        self._pool = self._pool or ProcessPoolExecutor(self._jobs, multiprocessing.get_context("spawn"))
        waiting: deque[tuple[_Batch, Future[list[bool]]]] = deque()
        while some := _some(every, _BATCH)[0]:
            batch = _Batch(some, known)
            waiting.append((batch, self._pool.submit(each_holds, batch.unknown)))
            if len(waiting) > _AHEAD * self._jobs:
                batch, held = waiting.popleft()
                yield from batch.marked(held.result())
        for batch, held in waiting:
            yield from batch.marked(held.result())


def _some(entries: Iterator[Entry], size_bytes: int) -> tuple[list[Entry], bool]:
    """Take entries until they come to a size; return them, and whether they did."""
    some: list[Entry] = []
    for entry in entries:
        some.append(entry)
        size_bytes -= len(entry.envelope or b"")
        if size_bytes <= 0:
            return some, True
    return some, False


class _Batch:
    """Some entries, and the envelopes among them whose signatures nobody has seen to hold."""

    def __init__(self, entries: Sequence[Entry], known: set[bytes]) -> None:
        self._entries, self._known = entries, known
        self._digests = [b"" if entry.envelope is None else sha256(entry.envelope) for entry in entries]
        self._places = [
            at for at, entry in enumerate(entries) if entry.envelope is not None and self._digests[at] not in known
        ]
        self.unknown = [envelope for at in self._places if (envelope := entries[at].envelope) is not None]

    def marked(self, held: Sequence[bool]) -> Iterator[Entry]:
        """Yield the entries, marked by what was found out about the unknown ones."""
        self._known.update(self._digests[at] for at, holds in zip(self._places, held, strict=True) if holds)
        for digest, entry in zip(self._digests, self._entries, strict=True):
            yield vouched_for(entry) if digest in self._known else entry
