"""Which state of a journal is judged, and what becomes of that which came after it."""

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.errors import LogError
from rankd.core.exact.canonical import sha256
from rankd.core.log.note import COSIGNATURE, NoteSigner
from rankd.core.log.tree import leaf_hash
from rankd.core.records.decision import Decision
from rankd.core.records.receipt import Receipt, issue_receipt
from rankd.store.evidence import DECISIONS, JournalEvidence
from rankd.usecases.audit.leaves import recorded_decisions
from rankd.usecases.audit.promises import Brought
from rankd.usecases.audit.verify import VerifyReport, verify
from rankd.usecases.audit.witnessed import vouched_for
from tests.conftest import HOUSE_ORIGIN, LOG_SIGNER, House
from tests.evidence import TRUST, Written, reasons

A, B = (
    NoteSigner(f"{name}.test", Ed25519PrivateKey.from_private_bytes(sha256(name.encode())), COSIGNATURE)
    for name in ("a", "b")
)
BY_A = replace(TRUST, witnesses=(A.verifier,), quorum=1)
NOW_S = 100


@pytest.fixture(scope="module")
def decision(tmp_path_factory: pytest.TempPathFactory) -> Decision:
    """Return a decision."""
    house = House(tmp_path_factory.mktemp("house"))
    house.record([1])
    return next(recorded_decisions(JournalEvidence(house.data, DECISIONS)))[1]


@pytest.fixture
def written(tmp_path: Path, decision: Decision) -> Written:
    """Return a journal of four leaves that a cosigned, and three that came after them."""
    written = Written(tmp_path / "data", decision)
    written.epoch()
    for _ in range(3):
        written.decide()
    written.cosign(A)
    for _ in range(3):
        written.decide()
    written.journal.publish()
    return written


def newest(written: Written) -> JournalEvidence:
    return JournalEvidence(written.data, DECISIONS)


def judged(written: Written, **options: object) -> VerifyReport:
    evidence = vouched_for(newest(written), BY_A, NOW_S)
    return verify(evidence, BY_A, now_s=NOW_S, again=lambda: newest(written), **options)  # type: ignore[arg-type] # any options


def test_the_newest_state_is_judged_where_no_witness_is_asked_for(written: Written) -> None:
    evidence = newest(written)
    assert vouched_for(evidence, TRUST, NOW_S) is evidence
    assert vouched_for(evidence, replace(BY_A, quorum=0), NOW_S) is evidence


def test_the_newest_state_is_judged_where_its_witnesses_have_cosigned_it(written: Written) -> None:
    written.cosign(A)
    evidence = newest(written)
    assert vouched_for(evidence, BY_A, NOW_S) is evidence


def test_a_journal_that_outran_its_witnesses_is_judged_as_far_as_they_saw_it(written: Written) -> None:
    found = vouched_for(newest(written), BY_A, NOW_S)
    assert (found.size, found.end, found.later is not None and found.later.size) == (4, 4, 7)
    report = judged(written)
    assert (report.good, report.checkpoint.size, report.later_count, report.body_count) == (True, 4, 3, 3)
    assert report.cosigners == (("a.test", 50),)


@pytest.mark.parametrize(
    ("witnesses", "quorum", "now_s"),
    [((B,), 1, NOW_S), ((A, B), 2, NOW_S), ((A,), 1, 49)],
    ids=("another", "one of both", "later"),
)
def test_witnesses_that_did_not_cosign_in_time_are_missed_all_the_same(
    written: Written, witnesses: tuple[NoteSigner, ...], quorum: int, now_s: int
) -> None:
    trust = replace(TRUST, witnesses=tuple(witness.verifier for witness in witnesses), quorum=quorum)
    evidence = newest(written)
    assert vouched_for(evidence, trust, now_s) is evidence
    with pytest.raises(LogError) as caught:
        verify(evidence, trust, now_s=now_s)
    assert caught.value.reason == "CHECKPOINT_QUORUM"


def test_a_journal_without_a_witnessed_checkpoint_is_judged_as_it_is(tmp_path: Path, decision: Decision) -> None:
    evidence = newest(Written(tmp_path / "plain", decision))
    assert evidence.witnessed() is None
    assert vouched_for(evidence, BY_A, NOW_S) is evidence


def test_a_witnessed_checkpoint_of_another_key_is_refused(written: Written) -> None:
    path = written.data / DECISIONS / "public" / "witnessed"
    path.write_bytes(path.read_bytes().replace(b"\n4\n", b"\n5\n"))
    with pytest.raises(LogError) as caught:
        vouched_for(newest(written), BY_A, NOW_S)
    assert caught.value.reason == "NOTE_SIGNATURE_WRONG"


def test_an_erasure_after_the_witnessed_checkpoint_explains_what_is_gone(written: Written) -> None:
    written.erase((2, 3))
    written.journal.publish()
    report = judged(written)
    assert (report.good, report.body_count, report.later_count) == (True, 1, 4)
    assert [(run.first, run.last) for run in report.chronicle.erased] == [(2, 3)]


def test_receipts_and_checkpoints_are_compared_with_the_newest_state(written: Written) -> None:
    promised = Receipt(HOUSE_ORIGIN, 6, leaf_hash(written.journal.leaf(6)), NOW_S - 1)
    receipt = Brought("receipt", issue_receipt(promised, LOG_SIGNER))
    checkpoint = Brought("checkpoint", written.journal.checkpoint())
    report = judged(written, receipts=[receipt], checkpoints=[checkpoint])
    assert [entry.verdict for entry in report.receipts] == ["kept"]
    assert [entry.verdict for entry in report.checkpoints] == ["kept"]
    assert report.good


def test_a_newest_state_that_does_not_continue_the_witnessed_one_is_proof_of_a_fault(
    written: Written, tmp_path: Path, decision: Decision
) -> None:
    other = Written(tmp_path / "other", decision)
    other.epoch(2)
    for _ in range(6):
        other.decide(2)
    note = other.journal.publish()
    evidence = vouched_for(newest(written), BY_A, NOW_S)
    evidence.later = newest(other)
    report = verify(evidence, BY_A, now_s=NOW_S)
    assert (reasons(report), report.good) == (["LOG_REWRITTEN"], False)
    assert report.faults[0].notes == (evidence.checkpoint(), note)


def test_a_state_of_the_same_size_or_a_smaller_one_is_not_later(written: Written) -> None:
    note = written.cosign(A)
    evidence = JournalEvidence(written.data, DECISIONS, note)
    for later in (newest(written), newest(written).witnessed()):
        evidence.later = later
        assert verify(evidence, BY_A, now_s=NOW_S).later_count == 0
