"""The log of events: a journal beside that of decisions, entry by entry, for whoever counts or learns."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rankd.core.errors import JournalError
from rankd.core.log.note import NoteSigner
from rankd.core.records.commitment import KEY_BYTES, commitment
from rankd.core.records.events import EventsRecord, decode_events
from rankd.core.records.events_leaf import EventsLeaf, encode_events_leaf
from rankd.core.records.forgetting import forgets
from rankd.store.disk import Disk
from rankd.store.evidence import EVENTS as EVENTS
from rankd.store.journal.journal import Body, Committed, Journal, Unwritten

_WITHOUT_RECORD = frozenset({"BODY_ERASED", "BODY_MISSING"})


class EventLog:
    """The journal of events. Safe to use from many threads at once.

    Args:
        journal: The journal; erasures stand in it as well.
        draw: Where keys of bodies come from.
    """

    def __init__(self, journal: Journal, draw: Callable[[int], bytes] = os.urandom) -> None:
        self.journal = journal
        self._draw = draw

    @classmethod
    def open(
        cls,
        data_dir: Path,
        signer: NoteSigner,
        mark: Path,
        *,
        disk: Disk | None = None,
        publish_interval_s: float = 0.5,
        watch: bool = True,
    ) -> "EventLog":
        """Open the journal of events of a data directory, or begin it.

        The key of the decisions' log signs it too, under its own name; its mark lies beside the other one.

        Args:
            data_dir: The data directory.
            signer: The log key of the decisions.
            mark: The mark of the decisions.
            disk: How to write.
            publish_interval_s: See `Journal.open`.
            watch: See there.

        Raises:
            ServiceError: RECORDS_LOCKED or RECORDS_UNOPENABLE.
            JournalError: The folder is not as it was left, or must not be signed for.
        """
        journal = Journal.open(
            data_dir / EVENTS,
            events_signer(signer),
            events_mark(mark),
            disk=disk,
            publish_interval_s=publish_interval_s,
            watch=watch,
        )
        return cls(journal)

    @property
    def origin(self) -> str:
        """The name of the log."""
        return self.journal.origin

    @property
    def count(self) -> int:
        """How many entries are committed, erasures included."""
        return self.journal.count

    def append_all(self, records: Sequence[tuple[int, bytes]]) -> tuple[Committed, ...]:
        """Commit records one behind the other, all or none; on return they survive a crash of the machine.

        Args:
            records: The time of each one's leaf and its bytes, from `core.records.events.encode_events`.

        Raises:
            ServiceError: RECORDS_UNAVAILABLE: none was committed.
        """
        entries = []
        for time_ms, record in records:
            key = self._draw(KEY_BYTES)
            leaf = encode_events_leaf(EventsLeaf(time_ms, commitment(key, record)))
            entries.append(Unwritten(leaf, Body(key, record)))
        return self.journal.append_all(entries)

    def read(self, index: int) -> EventsRecord | None:
        """Return the record of an entry; None where it was erased, or where the entry is an erasure itself.

        Raises:
            JournalError: There is no such entry, or it cannot be read.
            RecordError: It is not what it should be.
        """
        try:
            data = self.journal.record(index)
        except JournalError as error:
            if error.reason in _WITHOUT_RECORD:
                return None
            raise
        return decode_events(data)

    def forgets(self, index: int) -> bool:
        """Tell whether an entry orders that others be forgotten before their time.

        Raises:
            JournalError, LogError, RecordError: It cannot be read.
        """
        return forgets(self.journal.leaf(index))

    def since(self, first: int, end: int | None = None) -> Iterator[tuple[int, EventsRecord | None]]:
        """Yield the entries from `first` on with their indexes, as `read` returns them.

        Args:
            first: The first index.
            end: The index after the last one; None: as many as there are when this is called for the last of them.

        Raises:
            JournalError: An entry cannot be read.
            RecordError: A record is not what it should be.
        """
        index = first
        while index < (self.count if end is None else end):
            yield index, self.read(index)
            index += 1

    def close(self) -> None:
        """Publish what is committed and let go."""
        self.journal.close()


def events_signer(signer: NoteSigner) -> NoteSigner:
    """Return the key of a log of decisions as that of the log of events beside it."""
    return NoteSigner(f"{signer.name}/{EVENTS}", signer.private_key)


def events_mark(mark: Path) -> Path:
    """Return the mark of the log of events beside that of the log of decisions."""
    return mark.with_name(f"{mark.name}.{EVENTS}")
