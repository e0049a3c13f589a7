"""A member's calls: entries into the minutes, and the minutes back. What they return is to be checked, not believed."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from rankd.client.errors import catalogue_error
from rankd.client.reading import milliseconds
from rankd.v1 import assembly_service_pb2 as wire
from rankd.v1 import assembly_service_pb2_grpc


@dataclass(frozen=True, slots=True)
class Submitted:
    """An entry as it stands in the minutes; for a dry run, `index` is None and the bytes are empty.

    Attributes:
        index: The entry's index, from 0.
        time_ms: The time that counts for it, milliseconds since 1970.
        leaf: Its leaf; `core.assembly.leaf_codec` reads it.
        leaf_hash: RFC 6962 hash of the leaf, 32 bytes.
        key: Key of its body, which shows what stands behind the leaf; empty where that was erased since.
        receipt: The log key's promise that the leaf stands there, a signed note: keep it.
        repeated: Whether this very envelope was entered before.
    """

    index: int | None
    time_ms: int
    leaf: bytes
    leaf_hash: bytes
    key: bytes = field(repr=False)
    receipt: bytes
    repeated: bool


@dataclass(frozen=True, slots=True)
class PublicEntry:
    """One entry of the minutes, as anybody may read it.

    Attributes:
        index: The entry's index, from 0.
        leaf: Its leaf.
        key: Key of its body; None where the envelope is.
        envelope: The signed entry; None where it may not be read yet (a ballot before the close), or was erased.
    """

    index: int
    leaf: bytes
    key: bytes | None = field(repr=False)
    envelope: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Entries in their order, and how far the minutes go.

    Attributes:
        entries: Consecutive entries.
        next_index: Where the next page begins; equal to `size`: there are no more entries yet.
        size: Entries in the minutes, published or not.
        checkpoint: The newest checkpoint, a signed note; it may cover fewer entries than there are.
    """

    entries: tuple[PublicEntry, ...]
    next_index: int
    size: int
    checkpoint: bytes


class AssemblyCalls:
    """The calls of AssemblyService; every one raises RankdCallError where it was refused or did not come through.

    Args:
        channel: The client's connection.
        call: The client's way to call: method, message, deadline in seconds.
        address: The server's, for words.
    """

    def __init__(self, channel: grpc.Channel, call: Callable[[Any, Any, float | None], Any], address: str) -> None:
        self._stub = assembly_service_pb2_grpc.AssemblyServiceStub(channel)
        self._call = call
        self._address = address

    def submit(
        self,
        envelope: bytes,
        *,
        dry_run: bool = False,
        time_ms: int | None = None,
        request_id: str | None = None,
        timeout_s: float | None = None,
    ) -> Submitted:
        """Enter what somebody signed into the minutes; needs the role `assembly`.

        The same envelope is never entered twice, so it is safe to submit again what did not come through.

        Args:
            envelope: Canonical JSON of the DSSE envelope, at most 2 MiB.
            dry_run: Only ask whether it would be accepted now.
            time_ms: The entry's time, milliseconds since 1970, for development co-ops; None: the keeper's clock.
            request_id: Identifier of this submission; None: a random one.
            timeout_s: Deadline; None: the client's.
        """
        message = wire.SubmitEntryRequest(
            envelope=envelope, request_id=uuid.uuid4().hex if request_id is None else request_id, dry_run=dry_run
        )
        if time_ms is not None:
            message.entry_time.CopyFrom(Timestamp(seconds=time_ms // 1_000, nanos=time_ms % 1_000 * 1_000_000))
        found: wire.SubmitEntryResponse = self._call(self._stub.SubmitEntry, message, timeout_s)
        return Submitted(
            index=found.index if found.HasField("index") else None,
            time_ms=milliseconds(found.entry_time),
            leaf=found.leaf,
            leaf_hash=found.leaf_hash,
            key=found.key,
            receipt=found.receipt,
            repeated=found.repeated,
        )

    def page(self, start: int = 0, page_size: int = 0, timeout_s: float | None = None) -> EntryPage:
        """Return the entries from `start` on, as many as fit; needs the role `assembly` or `audit`.

        Args:
            start: Index of the first one wanted; the size of the minutes gives an empty page.
            page_size: Most entries, 1 to 1,000; 0: 100.
            timeout_s: Deadline; None: the client's.

        Raises:
            RankdCallError: Also ENTRIES_OUT_OF_ORDER: what came are not the entries from `start` on.
        """
        message = wire.ListEntriesRequest(start_index=start, page_size=page_size)
        found: wire.ListEntriesResponse = self._call(self._stub.ListEntries, message, timeout_s)
        entries = tuple(
            PublicEntry(entry.index, entry.leaf, entry.key or None, entry.envelope or None) for entry in found.entries
        )
        end = start + len(entries)
        sound = found.next_index == end and [entry.index for entry in entries] == list(range(start, end))
        # An empty page before the end would be asked for again and again.
        if not sound or end > found.minutes_size or (not entries and end < found.minutes_size):
            raise catalogue_error("DATA_LOSS", "ENTRIES_OUT_OF_ORDER", address=self._address, index=start)
        return EntryPage(entries, end, found.minutes_size, found.checkpoint)

    def entries(self, start: int = 0, page_size: int = 1_000, timeout_s: float | None = None) -> Iterator[PublicEntry]:
        """Yield the entries from `start` to the end that the minutes have by then; `timeout_s` counts for each page."""
        while True:
            page = self.page(start, page_size, timeout_s)
            yield from page.entries
            if page.next_index == page.size:
                return
            start = page.next_index
