"""The ledger of events: their log, and the index that knows what it holds, kept in step."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from rankd.core.errors import RankdError
from rankd.core.log.tree import leaf_hash
from rankd.core.records.events import EventsRecord
from rankd.core.records.events_leaf import decode_events_leaf
from rankd.core.records.forgetting import read_erasure
from rankd.core.records.leaf import ErasureLeaf
from rankd.store.event_index import EventIndex, Indexed, Taken, event_mark, event_name
from rankd.usecases.serve.feedback.event_log import EventLog

_TAKEN_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record that is to be committed.

    Attributes:
        time_ms: Its time.
        data: Its bytes, from `core.records.events.encode_events`.
        events: Its events as the index knows them, in order.
    """

    time_ms: int
    data: bytes
    events: tuple[Indexed, ...]


class EventLedger:
    """The log of events with its index. For one thread at a time, as far as it writes.

    Entries are committed in the log first. A crash, or a disk that refuses the index, leaves an index that is behind:
    it takes what it lacks before anybody asks it again, so nothing counts twice.

    Args:
        events: The log.
        index: Its index, as it was left; made anew where it is not this log's.
        keep_ms: How long the index keeps events.
        now_ms: The server's clock, milliseconds since 1970: an index that is made anew begins `keep_ms` before.

    Raises:
        RankdError: The journal cannot be read, or the index not written.
    """

    def __init__(self, events: EventLog, index: EventIndex, keep_ms: int, now_ms: int) -> None:
        self.events = events
        self._index = index
        self._keep_ms = keep_ms
        if not self._is_in_step():
            self._restart(now_ms)
        self.catch_up(now_ms)

    @property
    def begin_ms(self) -> int:
        """Of decisions from before this time nobody can tell what counted already."""
        return self._index.begin_ms

    def catch_up(self, now_ms: int) -> None:
        """Have the index take every entry that it lacks; such as erasures, which others append.

        Raises:
            ServiceError: RECORDS_UNAVAILABLE: the index cannot be written.
            JournalError, RecordError: An entry cannot be read.
        """
        if self._index.is_damaged:
            self._index.renew()
            self._restart(now_ms)
        self._take_until(self.events.count, now_ms)

    def find(self, marks: Iterable[bytes], names: Iterable[bytes]) -> tuple[set[bytes], dict[bytes, bytes]]:
        """See `EventIndex.find`; call `catch_up` before.

        Raises:
            ServiceError: RECORDS_UNAVAILABLE.
        """
        return self._index.find(marks, names)

    def append(self, records: Sequence[NewRecord], now_ms: int) -> int:
        """Commit records, all or none; on return they survive a crash of the machine.

        Args:
            records: At least one, none longer than a record may be.
            now_ms: The server's clock, milliseconds since 1970.

        Returns:
            How many entries the log has up to the last of them.

        Raises:
            ServiceError: RECORDS_UNAVAILABLE: none was committed.
        """
        committed = self.events.append_all([(record.time_ms, record.data) for record in records])
        first, count = committed[0].index, committed[-1].index + 1
        # They are committed, whatever becomes of the index: the next `catch_up` makes up for it.
        with suppress(RankdError):
            self._take_until(first, now_ms)
            taken = [Taken(index, record.time_ms, record.events) for index, record in enumerate(records, start=first)]
            self._index.take(taken, count, committed[-1].leaf_hash, now_ms - self._keep_ms)
        return count

    def _is_in_step(self) -> bool:
        count = self._index.count
        return 0 < count <= self.events.count and self._hash_before(count) == self._index.last_hash

    def _restart(self, now_ms: int) -> None:
        """Begin the index anew, at the first of the entries that may still matter."""
        first, begin_ms = self.events.count, now_ms - self._keep_ms
        while first and decode_events_leaf(self.events.journal.leaf(first - 1)).time_ms >= begin_ms:
            first -= 1
        self._index.restart(first, self._hash_before(first), begin_ms if first else 0)

    def _hash_before(self, index: int) -> bytes:
        return leaf_hash(self.events.journal.leaf(index - 1)) if index else b""

    def _take_until(self, end: int, now_ms: int) -> None:
        while (first := self._index.count) < end:
            until = min(end, first + _TAKEN_AT_ONCE)
            before_ms = now_ms - self._keep_ms
            self._index.take(self._read(first, until), until, self._hash_before(until), before_ms)

    def _read(self, first: int, end: int) -> Iterator[Taken]:
        for index, record in self.events.since(first, end):
            if record is not None:
                yield _taken(index, record)
                continue
            leaf = decode_events_leaf(self.events.journal.leaf(index))
            if isinstance(leaf, ErasureLeaf):
                # Whoever let it into the journal verified it.
                yield Taken(index, leaf.time_ms, erases=read_erasure(leaf.envelope).decisions)


def _taken(index: int, record: EventsRecord) -> Taken:
    events = [
        Indexed(
            event_mark(record.decision, event.candidate, event.kind),
            event_name(record.caller, event.id) if event.id else None,
        )
        for event in record.events
    ]
    return Taken(index, record.time_ms, events)
