"""AssemblyService: an envelope goes in once, pages end where they must, and what may not be read is left out."""

from typing import Any, cast

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from rankd.core.errors import AssemblyError, RankdError, RequestError, ServiceError
from rankd.edge.config import Requests
from rankd.edge.grpc.assembly_service import MAX_ENVELOPE_BYTES, MAX_PAGE_BYTES, AssemblyCalls
from rankd.edge.grpc.dispatch import Call
from rankd.edge.grpc.identity import LOCAL, Caller
from rankd.usecases.govern.keeper import Keeper, PublicEntry, Submitted
from rankd.v1 import assembly_service_pb2 as wire

NOW_MS = 1_700_000_000_000
FOREVER = float("inf")


class Shelf:
    """Keeps envelopes in a list; those that begin with `secret` it does not show, `broken` ones it refuses."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []
        self.asked: list[tuple[int, int]] = []
        self.times_ms: list[int | None] = []

    @property
    def size(self) -> int:
        return len(self.kept)

    def checkpoint(self) -> bytes:
        return b"checkpoint of %d" % len(self.kept)

    def submit(self, envelope: bytes, *, time_ms: int | None = None, dry_run: bool = False) -> Submitted:
        self.times_ms.append(time_ms)
        if envelope == b"broken":
            raise AssemblyError("ENTRY_MALFORMED", field="nonce")
        if envelope == b"forged":
            raise AssemblyError("ENVELOPE_SIGNATURE_WRONG", found="ab" * 32)
        if envelope == b"rotten":
            raise AssemblyError("ENVELOPE_MALFORMED", field="payload")
        if dry_run:
            return Submitted(None, b"", b"", None, time_ms or NOW_MS, b"", repeated=False)
        repeated = envelope in self.kept
        if not repeated:
            self.kept.append(envelope)
        index = self.kept.index(envelope)
        return Submitted(index, b"leaf", bytes(32), bytes(31) + b"k", time_ms or NOW_MS, b"receipt", repeated)

    def entries(self, first: int, count: int) -> tuple[PublicEntry, ...]:
        self.asked.append((first, count))
        found = list(enumerate(self.kept))[first : first + count]
        return tuple(
            PublicEntry(index, b"leaf", None, None)
            if envelope.startswith(b"secret")
            else PublicEntry(index, b"leaf", bytes(31) + b"k", envelope)
            for index, envelope in found
        )


@pytest.fixture
def shelf() -> Shelf:
    """Return minutes without entries."""
    return Shelf()


@pytest.fixture
def calls(shelf: Shelf) -> AssemblyCalls:
    """Return the service over them."""
    return AssemblyCalls(cast("Keeper", shelf), Requests(), lambda: NOW_MS)


def submit(calls: AssemblyCalls, envelope: bytes, request_id: str = "r1", **fields: Any) -> wire.SubmitEntryResponse:
    message = wire.SubmitEntryRequest(envelope=envelope, request_id=request_id, **fields)
    return calls.submit_entry(message, Call(LOCAL, FOREVER))


def page(calls: AssemblyCalls, start: int = 0, size: int = 0, time_left_s: float = FOREVER) -> wire.ListEntriesResponse:
    return calls.list_entries(wire.ListEntriesRequest(start_index=start, page_size=size), Call(LOCAL, time_left_s))


def refused(error: pytest.ExceptionInfo[RankdError]) -> tuple[str, object]:
    return error.value.reason, error.value.metadata.get("field")


def test_an_entry_goes_in_and_its_answer_shows_what_stands_behind_the_leaf(calls: AssemblyCalls) -> None:
    answer = submit(calls, b"one")
    assert (answer.request_id, answer.index, answer.repeated) == ("r1", 0, False)
    assert (answer.leaf, answer.leaf_hash, answer.key) == (b"leaf", bytes(32), bytes(31) + b"k")
    assert answer.receipt == b"receipt"
    assert answer.entry_time == Timestamp(seconds=NOW_MS // 1_000)


def test_the_same_envelope_is_one_entry_under_whatever_identifier(calls: AssemblyCalls, shelf: Shelf) -> None:
    answers = [submit(calls, b"one", request_id) for request_id in ("r1", "r1", "r2")]
    assert [(answer.index, answer.repeated) for answer in answers] == [(0, False), (0, True), (0, True)]
    assert shelf.kept == [b"one"]


def test_an_identifier_that_was_used_for_another_envelope_is_refused(calls: AssemblyCalls, shelf: Shelf) -> None:
    submit(calls, b"one")
    with pytest.raises(RequestError) as caught:
        submit(calls, b"two")
    assert refused(caught) == ("REQUEST_ID_REUSED", "request_id")
    assert shelf.kept == [b"one"]


def test_callers_do_not_use_up_each_others_identifiers(calls: AssemblyCalls) -> None:
    submit(calls, b"one")
    message = wire.SubmitEntryRequest(envelope=b"two", request_id="r1")
    answer = calls.submit_entry(message, Call(Caller("another", LOCAL.roles), FOREVER))
    assert answer.index == 1


def test_an_identifier_whose_entry_was_refused_can_be_used_again(calls: AssemblyCalls) -> None:
    with pytest.raises(AssemblyError) as caught:
        submit(calls, b"broken")
    assert caught.value.reason == "ENTRY_MALFORMED"
    assert submit(calls, b"one").index == 0


def test_a_dry_run_enters_nothing_and_uses_up_no_identifier(calls: AssemblyCalls, shelf: Shelf) -> None:
    answer = submit(calls, b"one", dry_run=True)
    assert not answer.HasField("index")
    assert (answer.leaf, answer.leaf_hash, answer.key, answer.receipt) == (b"", b"", b"", b"")
    assert answer.entry_time == Timestamp(seconds=NOW_MS // 1_000)
    assert shelf.kept == []
    assert submit(calls, b"two").index == 0


def test_a_dry_run_of_what_the_rules_refuse_says_so(calls: AssemblyCalls) -> None:
    with pytest.raises(AssemblyError):
        submit(calls, b"broken", dry_run=True)


def test_a_given_time_is_handed_on_and_none_is_not_made_up(calls: AssemblyCalls, shelf: Shelf) -> None:
    submit(calls, b"one", "r1", entry_time=Timestamp(seconds=5, nanos=7_999_999))
    submit(calls, b"two", "r2")
    submit(calls, b"three", "r3", entry_time=Timestamp())
    assert shelf.times_ms == [5_007, None, 0]


def test_a_time_that_does_not_exist_is_refused(calls: AssemblyCalls) -> None:
    with pytest.raises(RequestError) as caught:
        submit(calls, b"one", entry_time=Timestamp(seconds=-1))
    assert refused(caught) == ("TIME_OUT_OF_RANGE", "entry_time")


def test_an_envelope_of_a_size_that_none_has_is_refused_before_it_is_read(calls: AssemblyCalls, shelf: Shelf) -> None:
    for envelope in (b"", bytes(MAX_ENVELOPE_BYTES + 1)):
        with pytest.raises(RequestError) as caught:
            submit(calls, envelope)
        assert refused(caught) == ("ENVELOPE_SIZE", "envelope")
    assert shelf.times_ms == []
    assert submit(calls, bytes(MAX_ENVELOPE_BYTES)).index == 0


def test_a_submission_needs_an_identifier(calls: AssemblyCalls) -> None:
    with pytest.raises(RequestError) as caught:
        submit(calls, b"one", "")
    assert refused(caught) == ("ID_EMPTY", "request_id")


def test_a_forged_signature_is_the_senders_fault_and_no_loss_of_data(calls: AssemblyCalls) -> None:
    with pytest.raises(RequestError) as caught:
        submit(calls, b"forged")
    assert refused(caught) == ("ENVELOPE_UNSIGNED", "envelope")
    assert "ab" * 32 in str(caught.value)
    with pytest.raises(AssemblyError) as other:
        submit(calls, b"rotten")
    assert refused(other) == ("ENVELOPE_MALFORMED", "payload")


def test_what_comes_too_late_is_not_entered(calls: AssemblyCalls, shelf: Shelf) -> None:
    call = Call(LOCAL, FOREVER)
    call.abandon()
    with pytest.raises(ServiceError) as caught:
        calls.submit_entry(wire.SubmitEntryRequest(envelope=b"one", request_id="r1"), call)
    assert caught.value.reason == "DEADLINE_EXCEEDED"
    assert shelf.kept == []
    assert submit(calls, b"two").index == 0


def test_a_service_that_keeps_no_minutes_says_so() -> None:
    calls = AssemblyCalls(None, Requests(), lambda: NOW_MS)
    for call in (lambda: submit(calls, b"one"), lambda: page(calls)):
        with pytest.raises(ServiceError) as caught:
            call()
        assert caught.value.reason == "MINUTES_NOT_KEPT"


def test_pages_follow_each_other_without_gaps_to_the_end(calls: AssemblyCalls, shelf: Shelf) -> None:
    shelf.kept = [b"%d" % number for number in range(250)]
    found, start = [], 0
    while (answer := page(calls, start, 70)).entries:
        assert answer.minutes_size == 250
        found += [(entry.index, entry.envelope) for entry in answer.entries]
        start = answer.next_index
    assert found == [(number, b"%d" % number) for number in range(250)]
    assert answer.next_index == answer.minutes_size
    assert answer.checkpoint == b"checkpoint of 250"


def test_a_page_has_a_hundred_entries_where_nothing_is_said(calls: AssemblyCalls, shelf: Shelf) -> None:
    shelf.kept = [b"%d" % number for number in range(250)]
    assert len(page(calls).entries) == 100
    assert len(page(calls, 0, 1_000).entries) == 250


def test_a_page_ends_before_it_is_too_large(calls: AssemblyCalls, shelf: Shelf) -> None:
    shelf.kept = [bytes([number]) * (MAX_ENVELOPE_BYTES // 2) for number in range(4)]
    shelf.kept.append(bytes([9]) * MAX_ENVELOPE_BYTES)
    sizes, start = [], 0
    while start < len(shelf.kept):
        answer = page(calls, start, 1_000)
        sizes.append(len(answer.entries))
        assert answer.ByteSize() <= MAX_PAGE_BYTES + 1_000
        start = answer.next_index
    assert sizes == [2, 2, 1]


def test_few_entries_are_read_at_a_time(calls: AssemblyCalls, shelf: Shelf) -> None:
    shelf.kept = [b"%d" % number for number in range(100)]
    page(calls, 3, 80)
    assert shelf.asked == [(3, 32), (35, 32), (67, 16)]


def test_what_may_not_be_read_is_left_out_with_its_key(calls: AssemblyCalls, shelf: Shelf) -> None:
    shelf.kept = [b"open", b"secret ballot"]
    shown, hidden = page(calls).entries
    assert (shown.leaf, shown.key, shown.envelope) == (b"leaf", bytes(31) + b"k", b"open")
    assert (hidden.index, hidden.leaf, hidden.key, hidden.envelope) == (1, b"leaf", b"", b"")


@pytest.mark.parametrize(
    ("start", "size", "wanted"),
    [
        (-1, 0, ("ENTRY_INDEX_OUT_OF_RANGE", "start_index")),
        (2, 0, ("ENTRY_UNKNOWN", "start_index")),
        (2**63 - 1, 0, ("ENTRY_UNKNOWN", "start_index")),
        (0, -1, ("PAGE_SIZE_OUT_OF_RANGE", "page_size")),
        (0, 1_001, ("PAGE_SIZE_OUT_OF_RANGE", "page_size")),
    ],
)
def test_what_is_out_of_range_names_its_field(
    calls: AssemblyCalls, shelf: Shelf, start: int, size: int, wanted: tuple[str, str]
) -> None:
    shelf.kept = [b"one"]
    with pytest.raises(RequestError) as caught:
        page(calls, start, size)
    assert refused(caught) == wanted


def test_a_listing_for_nobody_stops(calls: AssemblyCalls, shelf: Shelf) -> None:
    shelf.kept = [b"one"]
    with pytest.raises(ServiceError) as caught:
        page(calls, time_left_s=0)
    assert caught.value.reason == "DEADLINE_EXCEEDED"
    assert shelf.asked == []
