"""AssemblyService: what members and officers sign goes into the minutes, and the minutes come back."""

import hashlib
from collections.abc import Callable

from rankd.core.errors import RankdError, RequestError, ServiceError
from rankd.core.ranking.admission import check_id
from rankd.edge.config import Requests, Role
from rankd.edge.grpc.answers import timestamp
from rankd.edge.grpc.convert import milliseconds
from rankd.edge.grpc.dispatch import Call, Method
from rankd.edge.grpc.load import Lane
from rankd.usecases.govern.keeper import Keeper, PublicEntry, Submitted
from rankd.usecases.serve.recent import RecentDecisions
from rankd.v1 import assembly_service_pb2 as wire

NAME = "rankd.v1.AssemblyService"
MAX_ENVELOPE_BYTES = 2 * 1024 * 1024
MAX_REQUEST_BYTES = MAX_ENVELOPE_BYTES + 4096
"""The largest submission, with all that stands around its envelope."""

DEFAULT_PAGE_SIZE = 100
MAX_PAGE_SIZE = 1_000
MAX_PAGE_BYTES = 3 * 1024 * 1024
"""What clients in other languages take as it is: their usual limit is 4 MiB."""

_READ_ENTRIES = 32
"""Entries read at a time, so that a page of the largest ones does not fill the memory before it is found full."""

_MESSAGE_BYTES = 64
"""More than what stands around an entry's fields in a page."""

_ASSEMBLY: frozenset[Role] = frozenset({"assembly"})
_ASSEMBLY_OR_AUDIT: frozenset[Role] = frozenset({"assembly", "audit"})


class AssemblyCalls:
    """What the methods of AssemblyService do.

    Args:
        keeper: Keeps the minutes; None: this service does not.
        requests: How long an identifier of a submission is remembered.
        clock_ms: The server's clock, milliseconds since 1970.
    """

    def __init__(self, keeper: Keeper | None, requests: Requests, clock_ms: Callable[[], int]) -> None:
        self._keeper = keeper
        self._recent = RecentDecisions(1_000 * requests.request_id_window_s, requests.request_id_window_count)
        self._clock_ms = clock_ms

    def methods(self, submit_lane: Lane, read_lane: Lane) -> tuple[Method, ...]:
        """Return the methods; whoever may submit can make signatures be checked, so that has a lane of its own."""
        return (
            Method("SubmitEntry", wire.SubmitEntryRequest, _ASSEMBLY, submit_lane, self.submit_entry),
            Method("ListEntries", wire.ListEntriesRequest, _ASSEMBLY_OR_AUDIT, read_lane, self.list_entries),
        )

    def submit_entry(self, message: wire.SubmitEntryRequest, call: Call) -> wire.SubmitEntryResponse:
        """Append a signed entry; it is on disk when this returns."""
        keeper = self._keeping()
        check_id(message.request_id, "request_id")
        call.request_id = message.request_id
        envelope = message.envelope
        if not 0 < len(envelope) <= MAX_ENVELOPE_BYTES:
            raise RequestError("ENVELOPE_SIZE", field="envelope", found=len(envelope), most=MAX_ENVELOPE_BYTES)
        time_ms = milliseconds(message.entry_time, "entry_time") if message.HasField("entry_time") else None
        if message.dry_run:
            return _response(message, _submit(keeper, envelope, time_ms, dry_run=True))
        key = (call.caller.identity, "", message.request_id)
        digest = hashlib.sha256(envelope).digest()
        with self._recent.claim(key, 0, lambda _: digest, self._clock_ms(), call.time_left_s) as claim:
            if call.time_left_s() <= 0:
                raise ServiceError("DEADLINE_EXCEEDED")
            # An envelope that was entered before, under this identifier or another, the keeper knows again.
            submitted = _submit(keeper, envelope, time_ms, dry_run=False)
            claim.index = submitted.index
        return _response(message, submitted)

    def list_entries(self, message: wire.ListEntriesRequest, call: Call) -> wire.ListEntriesResponse:
        """Return a page of entries; a body that may not be read is left out."""
        keeper = self._keeping()
        if not 0 <= message.page_size <= MAX_PAGE_SIZE:
            raise RequestError("PAGE_SIZE_OUT_OF_RANGE", field="page_size", found=message.page_size, most=MAX_PAGE_SIZE)
        # In this order: the checkpoint never covers more than the entries that are told of.
        checkpoint = keeper.checkpoint()
        start, size = message.start_index, keeper.size
        if start < 0:
            raise RequestError("ENTRY_INDEX_OUT_OF_RANGE", field="start_index", found=start, size=size)
        if start > size:
            raise RequestError("ENTRY_UNKNOWN", field="start_index", count=size)
        end = min(size, start + (message.page_size or DEFAULT_PAGE_SIZE))
        entries = _page(keeper, start, end, call)
        return wire.ListEntriesResponse(
            entries=entries,
            next_index=start + len(entries),
            minutes_size=size,
            checkpoint=checkpoint,
        )

    def _keeping(self) -> Keeper:
        if self._keeper is None:
            raise ServiceError("MINUTES_NOT_KEPT")
        return self._keeper


def _submit(keeper: Keeper, envelope: bytes, time_ms: int | None, *, dry_run: bool) -> Submitted:
    try:
        return keeper.submit(envelope, time_ms=time_ms, dry_run=dry_run)
    except RankdError as error:
        if error.reason != "ENVELOPE_SIGNATURE_WRONG":
            raise
        # In a journal this is a loss of data; here somebody sent it, and nothing was lost.
        raise RequestError("ENVELOPE_UNSIGNED", field="envelope", **error.metadata) from error


def _response(message: wire.SubmitEntryRequest, submitted: Submitted) -> wire.SubmitEntryResponse:
    response = wire.SubmitEntryResponse(
        request_id=message.request_id, entry_time=timestamp(submitted.time_ms), repeated=submitted.repeated
    )
    if submitted.index is not None:
        response.index = submitted.index
        response.leaf, response.leaf_hash = submitted.leaf, submitted.leaf_hash
        response.key, response.receipt = submitted.key or b"", submitted.receipt
    return response


def _page(keeper: Keeper, start: int, end: int, call: Call) -> list[wire.MinutesEntry]:
    page: list[wire.MinutesEntry] = []
    size_bytes = 0
    while (first := start + len(page)) < end:
        if call.time_left_s() <= 0:
            raise ServiceError("DEADLINE_EXCEEDED")
        for entry in keeper.entries(first, min(_READ_ENTRIES, end - first)):
            size_bytes += _size(entry)
            if page and size_bytes > MAX_PAGE_BYTES:
                return page
            page.append(_entry(entry))
    return page


def _size(entry: PublicEntry) -> int:
    return len(entry.leaf) + len(entry.key or b"") + len(entry.envelope or b"") + _MESSAGE_BYTES


def _entry(entry: PublicEntry) -> wire.MinutesEntry:
    if entry.key is None or entry.envelope is None:
        return wire.MinutesEntry(index=entry.index, leaf=entry.leaf)
    return wire.MinutesEntry(index=entry.index, leaf=entry.leaf, key=entry.key, envelope=entry.envelope)
