"""An auditor's walk over real gRPC and HTTP: nothing that the service says is believed, everything is checked."""

import http.client
import time
from collections.abc import Callable, Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.client import RankdCallError, RankdClient, Slate
from rankd.core.errors import LogError
from rankd.core.log.checkpoint import VerifiedCheckpoint, open_checkpoint
from rankd.core.log.note import NoteVerifier, parse_vkey
from rankd.core.log.proofs import verify_consistency, verify_inclusion
from rankd.core.log.tiles import TileTree, tile_path
from rankd.core.log.tlog_proof import parse_tlog_proof
from rankd.core.log.tree import leaf_hash
from rankd.core.records.commitment import commitment
from rankd.core.records.erasure import Erasure, sign_erasure
from rankd.core.records.leaf import DecisionLeaf, ErasureLeaf, decode_leaf, encode_leaf, leaf_differences
from rankd.core.records.reading import decode_decision
from rankd.core.records.receipt import open_receipt
from rankd.edge.http.side import PublicLog, SidePort
from tests.conftest import HOUSE_TIME_MS
from tests.integration.service.conftest import CANDIDATES, COLUMNS, Running

ERASER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture
def side(server: Running) -> Iterator[SidePort]:
    """Return the server's side port."""
    log = PublicLog(server.service.signing.log.verifier.vkey, server.service.desk.journal.public_file)
    port = SidePort("127.0.0.1:0", server.service.metrics, lambda: True, log)
    yield port
    port.close()


class Auditor:
    """Somebody who has the log's key by other means, and a web client."""

    def __init__(self, side: SidePort, key: NoteVerifier) -> None:
        self.key = key
        self._side = side

    def fetch(self, path: str) -> bytes | None:
        connection = http.client.HTTPConnection("127.0.0.1", self._side.port, timeout=5)
        try:
            connection.request("GET", f"/{path}")
            answer = connection.getresponse()
            body = answer.read()
            return body if answer.status == 200 else None
        finally:
            connection.close()

    def checkpoint(self) -> VerifiedCheckpoint:
        note = self.fetch("checkpoint")
        assert note is not None
        return open_checkpoint(note, self.key)

    def tree(self, verified: VerifiedCheckpoint) -> TileTree:
        found = verified.checkpoint
        return TileTree(
            found.size, found.root, lambda level, number, width: self.fetch(tile_path(level, number, width))
        )


def rank(client: RankdClient, viewer_id: str = "viewer-1") -> Slate:
    return client.rank(surface="video", viewer_id=viewer_id, candidates=CANDIDATES, columns=COLUMNS, limit=3)


def index_of(slate: Slate) -> int:
    return int(slate.decision_id.rpartition("/")[2])


def refused(call: Callable[[], object]) -> tuple[str, str, tuple[str, ...]]:
    with pytest.raises(RankdCallError) as caught:
        call()
    return caught.value.status, caught.value.reason, caught.value.fields


def test_an_auditor_walks_from_the_checkpoint_to_every_record(server: Running, side: SidePort) -> None:
    auditor = Auditor(side, server.service.signing.log.verifier)
    journal = server.service.desk.journal
    with server.client() as client:
        slates = [rank(client, f"viewer-{number}") for number in range(5)]
        journal.publish()
        first = auditor.checkpoint()
        slates += [rank(client) for _ in range(4)]
        journal.publish()
        second = auditor.checkpoint()
        tree = auditor.tree(second)
        size = second.checkpoint.size
        bundle = auditor.fetch(tile_path("entries", 0, size))
        assert bundle is not None
        entries = tree.entries(0, bundle)
        for slate in slates:
            index = index_of(slate)
            receipt = open_receipt(slate.commitment_receipt, auditor.key)
            assert (receipt.index, receipt.leaf_hash) == (index, leaf_hash(entries[index]))
            proof = client.audit.inclusion_proof(index)
            assert (proof.tree_size, proof.leaf_hash) == (size, receipt.leaf_hash)
            verify_inclusion(receipt.leaf_hash, index, size, proof.hashes, second.checkpoint.root)
            parse_tlog_proof(proof.tlog_proof).verify(receipt.leaf_hash, auditor.key)
            found = client.audit.decision(slate.decision_id)
            leaf = decode_leaf(found.leaf)
            assert isinstance(leaf, DecisionLeaf)
            assert found.leaf == entries[index]
            assert commitment(found.key, found.record) == leaf.commitment
            assert list(leaf_differences(leaf, decode_decision(found.record))) == []
            parse_tlog_proof(found.tlog_proof).verify(leaf_hash(found.leaf), auditor.key)
        grown = client.audit.consistency_proof(first.checkpoint.size, size)
        verify_consistency(first.checkpoint.size, size, grown.hashes, first.checkpoint.root, second.checkpoint.root)
        assert tree.root_at(first.checkpoint.size) == first.checkpoint.root
        older = client.audit.inclusion_proof(index_of(slates[0]), first.checkpoint.size)
        verify_inclusion(older.leaf_hash, older.index, first.checkpoint.size, older.hashes, first.checkpoint.root)
        assert older.tlog_proof == b""


def test_a_proof_of_another_entry_does_not_pass(server: Running, side: SidePort) -> None:
    auditor = Auditor(side, server.service.signing.log.verifier)
    with server.client() as client:
        ids = [index_of(rank(client)) for _ in range(3)]
        server.service.desk.journal.publish()
        one, other = (client.audit.inclusion_proof(index) for index in ids[:2])
    with pytest.raises(LogError):
        parse_tlog_proof(one.tlog_proof).verify(other.leaf_hash, auditor.key)


def test_the_checkpoint_is_the_same_everywhere_and_the_status_names_its_key(server: Running, side: SidePort) -> None:
    auditor = Auditor(side, server.service.signing.log.verifier)
    with server.client() as client:
        rank(client)
        server.service.desk.journal.publish()
        found, status = client.audit.checkpoint(), client.status()
    assert found.note == auditor.fetch("checkpoint")
    assert parse_vkey(found.vkey) == parse_vkey(status.log_key) == auditor.key
    assert f"{found.vkey}\n".encode() == auditor.fetch("vkey")
    assert status.published_size == status.committed_size == auditor.checkpoint().checkpoint.size
    assert status.epoch_digest.startswith("sha256:")


def test_a_decision_is_published_by_itself_within_seconds(server: Running) -> None:
    with server.client() as client:
        slate = rank(client)
        deadline_s = time.monotonic() + 10
        while not client.audit.decision(slate.decision_id).tlog_proof:
            assert time.monotonic() < deadline_s
            time.sleep(0.05)


def test_what_is_out_of_range_names_its_field(server: Running) -> None:
    with server.client() as client:
        rank(client)
        server.service.desk.journal.publish()
        size = client.status().published_size
        audit = client.audit
        for call, wanted in (
            (lambda: audit.inclusion_proof(-1), ("INVALID_ARGUMENT", "ENTRY_INDEX_OUT_OF_RANGE", ("index",))),
            (lambda: audit.inclusion_proof(1, 1), ("INVALID_ARGUMENT", "ENTRY_INDEX_OUT_OF_RANGE", ("index",))),
            (lambda: audit.inclusion_proof(0, -1), ("INVALID_ARGUMENT", "TREE_SIZE_NEGATIVE", ("tree_size",))),
            (lambda: audit.inclusion_proof(size), ("NOT_FOUND", "ENTRY_UNKNOWN", ("index",))),
            (lambda: audit.inclusion_proof(2**63 - 1), ("NOT_FOUND", "ENTRY_UNKNOWN", ("index",))),
            (lambda: audit.inclusion_proof(0, size + 1), ("NOT_FOUND", "ENTRY_UNKNOWN", ("tree_size",))),
            (lambda: audit.consistency_proof(2, 1), ("INVALID_ARGUMENT", "TREE_SIZES_REVERSED", ("first_size",))),
            (lambda: audit.consistency_proof(-1), ("INVALID_ARGUMENT", "TREE_SIZE_NEGATIVE", ("first_size",))),
            (lambda: audit.consistency_proof(0, -1), ("INVALID_ARGUMENT", "TREE_SIZE_NEGATIVE", ("second_size",))),
            (lambda: audit.consistency_proof(0, size + 1), ("NOT_FOUND", "ENTRY_UNKNOWN", ("second_size",))),
            (lambda: audit.decision(f"dev.test/{size}"), ("NOT_FOUND", "DECISION_UNKNOWN", ("decision_id",))),
            (lambda: audit.decision("other/1"), ("NOT_FOUND", "DECISION_UNKNOWN", ("decision_id",))),
            # Entry 0 announces the epoch: it is an entry, and no decision.
            (lambda: audit.decision("dev.test/0"), ("NOT_FOUND", "DECISION_UNKNOWN", ("decision_id",))),
        ):
            assert refused(call) == wanted
        assert client.audit.consistency_proof(0).hashes == client.audit.consistency_proof(size).hashes == ()


def test_what_is_committed_and_not_yet_published_is_asked_for_too_early(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = server.service.desk.journal
    with server.client() as client:
        rank(client)
        journal.publish()
        monkeypatch.setattr(journal, "_integrate", lambda: None)
        slate = rank(client)
        index = index_of(slate)
        early = ("FAILED_PRECONDITION", "ENTRY_UNPUBLISHED")
        assert refused(lambda: client.audit.inclusion_proof(index)) == (*early, ("index",))
        assert refused(lambda: client.audit.inclusion_proof(0, index + 1)) == (*early, ("tree_size",))
        assert refused(lambda: client.audit.consistency_proof(0, index + 1)) == (*early, ("second_size",))
        found = client.audit.decision(slate.decision_id)
        assert found.record
        assert found.tlog_proof == b""


def test_an_erased_record_leaves_its_leaf_and_says_what_erased_it(server: Running) -> None:
    journal = server.service.desk.journal
    with server.client() as client:
        slate = rank(client)
        index = index_of(slate)
        before = client.audit.decision(slate.decision_id)
        erasure = Erasure("dev.test", ((index, index),), (), "REQUEST", "asked for", HOUSE_TIME_MS)
        leaf = ErasureLeaf(HOUSE_TIME_MS + 5, sign_erasure(erasure, ERASER))
        by = journal.append(encode_leaf(leaf), erases=[(index, index)]).index
        after = client.audit.decision(slate.decision_id)
        reasons = refused(lambda: client.explain(slate.decision_id, viewer_id="viewer-1"))
    assert (after.leaf, after.leaf_hash) == (before.leaf, before.leaf_hash)
    assert (after.record, after.key) == (b"", b"")
    assert before.erasure is None
    assert after.erasure is not None
    assert (after.erasure.index, after.erasure.time_ms) == (by, HOUSE_TIME_MS + 5)
    assert (after.erasure.reason_code, after.erasure.reason) == ("REQUEST", "asked for")
    assert after.erasure.signer == ERASER.public_key().public_bytes_raw().hex()
    assert reasons[:2] == ("NOT_FOUND", "BODY_ERASED")


def test_a_key_that_went_without_an_erasure_is_a_loss_of_data(server: Running) -> None:
    journal = server.service.desk.journal
    with server.client() as client:
        slate = rank(client)
        index = index_of(slate)
        journal.append(server.service.desk.journal.leaf(0), erases=[(index, index)])
        assert refused(lambda: client.audit.decision(slate.decision_id))[:2] == ("DATA_LOSS", "ERASURE_UNEXPLAINED")


def test_an_explanation_of_another_viewer_is_refused(server: Running) -> None:
    with server.client() as client:
        slate = rank(client)
        found = client.explain(slate.decision_id, viewer_id="viewer-1")
        assert refused(lambda: client.explain(slate.decision_id, viewer_id="viewer-2"))[:2] == (
            "PERMISSION_DENIED",
            "DECISION_OF_ANOTHER_VIEWER",
        )
    assert [entry.id for entry in found.candidates] == [place.id for place in slate.places]
    assert [entry.swap is not None for entry in found.candidates] == [
        entry.ranked_at != 1 for entry in found.candidates
    ]
    assert len(found.candidates[0].data) == len(found.data) > 0
    assert found.decision_time_ms == HOUSE_TIME_MS
    assert len(found.not_proven.say("fr")) == len(found.automated.say("en")) == 1
