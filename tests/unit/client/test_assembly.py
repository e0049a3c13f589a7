"""A member's calls: what goes out, what comes back, and pages that do not follow each other."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from rankd.client import EntryPage, PublicEntry, RankdCallError, RankdClient, Submitted
from rankd.v1 import assembly_service_pb2 as wire

KEY = bytes(32)


class Scripted:
    """A server that answers as the test says."""

    def __init__(self) -> None:
        self.address = ""
        self.submissions: list[wire.SubmitEntryRequest] = []
        self.submitted = wire.SubmitEntryResponse()
        self.failures: list[grpc.StatusCode] = []
        self.pages: Callable[[wire.ListEntriesRequest], wire.ListEntriesResponse] = lambda _: wire.ListEntriesResponse()
        self.listed: list[wire.ListEntriesRequest] = []

    def submit(self, request: wire.SubmitEntryRequest, context: grpc.ServicerContext) -> wire.SubmitEntryResponse:
        self.submissions.append(request)
        if self.failures:
            context.abort(self.failures.pop(), "as scripted")
        return self.submitted

    def list(self, request: wire.ListEntriesRequest, _: grpc.ServicerContext) -> wire.ListEntriesResponse:
        self.listed.append(request)
        return self.pages(request)


@pytest.fixture
def server() -> Iterator[Scripted]:
    """Return a server on a free port."""
    scripted = Scripted()
    listening = grpc.server(ThreadPoolExecutor(2))
    methods = {
        "SubmitEntry": grpc.unary_unary_rpc_method_handler(
            scripted.submit, wire.SubmitEntryRequest.FromString, wire.SubmitEntryResponse.SerializeToString
        ),
        "ListEntries": grpc.unary_unary_rpc_method_handler(
            scripted.list, wire.ListEntriesRequest.FromString, wire.ListEntriesResponse.SerializeToString
        ),
    }
    handler = grpc.method_handlers_generic_handler("rankd.v1.AssemblyService", methods)
    listening.add_generic_rpc_handlers((handler,))
    scripted.address = f"127.0.0.1:{listening.add_insecure_port('127.0.0.1:0')}"
    listening.start()
    yield scripted
    listening.stop(None).wait()


@pytest.fixture
def client(server: Scripted) -> Iterator[RankdClient]:
    """Return a client of it."""
    with RankdClient(server.address, timeout_s=10) as found:
        yield found


def entry(index: int) -> wire.MinutesEntry:
    return wire.MinutesEntry(index=index, leaf=b"leaf %d" % index, key=KEY, envelope=b"envelope %d" % index)


def paged(size: int) -> Callable[[wire.ListEntriesRequest], wire.ListEntriesResponse]:
    """Return an answer to every request, with at most three entries a page."""

    def answer(request: wire.ListEntriesRequest) -> wire.ListEntriesResponse:
        end = min(size, request.start_index + 3)
        return wire.ListEntriesResponse(
            entries=[entry(index) for index in range(request.start_index, end)],
            next_index=end,
            minutes_size=size,
            checkpoint=b"note",
        )

    return answer


def test_a_submission_says_what_it_is_and_gets_the_entry_back(server: Scripted, client: RankdClient) -> None:
    server.submitted = wire.SubmitEntryResponse(
        index=0, entry_time=Timestamp(seconds=5, nanos=7_000_000), leaf=b"l", leaf_hash=b"h", key=KEY, receipt=b"r"
    )
    found = client.assembly.submit(b"envelope", time_ms=5_007, request_id="r1")
    assert found == Submitted(0, 5_007, b"l", b"h", KEY, b"r", repeated=False)
    (sent,) = server.submissions
    assert (sent.envelope, sent.request_id, sent.dry_run) == (b"envelope", "r1", False)
    assert sent.entry_time == Timestamp(seconds=5, nanos=7_000_000)


def test_a_dry_run_has_no_index_and_no_time_of_its_own(server: Scripted, client: RankdClient) -> None:
    server.submitted = wire.SubmitEntryResponse(entry_time=Timestamp(seconds=5))
    assert client.assembly.submit(b"envelope", dry_run=True) == Submitted(None, 5_000, b"", b"", b"", b"", False)
    (sent,) = server.submissions
    assert sent.dry_run
    assert not sent.HasField("entry_time")


def test_what_did_not_come_through_is_sent_again_under_one_identifier(server: Scripted, client: RankdClient) -> None:
    server.submitted = wire.SubmitEntryResponse(index=3, repeated=True)
    server.failures = [grpc.StatusCode.UNAVAILABLE]
    assert client.assembly.submit(b"envelope").repeated
    first, second = server.submissions
    assert first == second
    assert first.request_id


def test_the_minutes_come_page_by_page_from_where_one_asks(server: Scripted, client: RankdClient) -> None:
    server.pages = paged(8)
    found = list(client.assembly.entries(1))
    assert [e.index for e in found] == [1, 2, 3, 4, 5, 6, 7]
    assert found[0] == PublicEntry(1, b"leaf 1", KEY, b"envelope 1")
    assert [request.start_index for request in server.listed] == [1, 4, 7]


def test_a_page_says_how_far_the_minutes_go(server: Scripted, client: RankdClient) -> None:
    server.pages = paged(8)
    page = client.assembly.page(6, 2)
    assert (len(page.entries), page.next_index, page.size, page.checkpoint) == (2, 8, 8, b"note")
    assert server.listed[0].page_size == 2
    assert client.assembly.page(8) == EntryPage((), 8, 8, b"note")


def test_minutes_without_more_entries_end_after_one_page(server: Scripted, client: RankdClient) -> None:
    server.pages = paged(8)
    assert list(client.assembly.entries(8)) == []
    assert len(server.listed) == 1


def test_what_may_not_be_read_is_none(server: Scripted, client: RankdClient) -> None:
    hidden = wire.MinutesEntry(index=0, leaf=b"leaf")
    server.pages = lambda _: wire.ListEntriesResponse(entries=[hidden], next_index=1, minutes_size=1)
    assert list(client.assembly.entries()) == [PublicEntry(0, b"leaf", None, None)]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(wire.ListEntriesResponse(entries=[entry(1)], next_index=1, minutes_size=9), id="another-entry"),
        pytest.param(wire.ListEntriesResponse(entries=[entry(0), entry(2)], next_index=2, minutes_size=9), id="a-gap"),
        pytest.param(wire.ListEntriesResponse(entries=[entry(0)], next_index=5, minutes_size=9), id="a-leap"),
        pytest.param(wire.ListEntriesResponse(next_index=0, minutes_size=9), id="nothing-before-the-end"),
        pytest.param(wire.ListEntriesResponse(entries=[entry(0)], next_index=1, minutes_size=0), id="beyond-the-end"),
    ],
)
def test_entries_that_do_not_follow_are_refused(
    server: Scripted, client: RankdClient, answer: wire.ListEntriesResponse
) -> None:
    server.pages = lambda _: answer
    with pytest.raises(RankdCallError) as caught:
        list(client.assembly.entries())
    assert (caught.value.status, caught.value.reason) == ("DATA_LOSS", "ENTRIES_OUT_OF_ORDER")
    assert server.address in caught.value.say("fr")
