"""Receipts and earlier checkpoints against what a journal shows."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.errors import LogError, RecordError
from rankd.core.exact.canonical import sha256
from rankd.core.log.checkpoint import Checkpoint, open_checkpoint
from rankd.core.log.note import NoteSigner, sign_note
from rankd.core.log.tree import EMPTY_ROOT, leaf_hash
from rankd.core.records.decision import Decision
from rankd.core.records.receipt import Receipt, issue_receipt
from rankd.store.evidence import DECISIONS, JournalEvidence
from rankd.usecases.audit.leaves import recorded_decisions
from rankd.usecases.audit.promises import Brought
from rankd.usecases.audit.verify import VerifyReport
from tests.conftest import HOUSE_ORIGIN, LOG_SIGNER, House
from tests.evidence import Written, reasons, verified

STRANGER = NoteSigner(HOUSE_ORIGIN, Ed25519PrivateKey.from_private_bytes(sha256(b"a stranger")))
UNTIL_S = 1_000


@pytest.fixture(scope="module")
def decision(tmp_path_factory: pytest.TempPathFactory) -> Decision:
    """Return a decision."""
    house = House(tmp_path_factory.mktemp("house"))
    house.record([1])
    return next(recorded_decisions(JournalEvidence(house.data, DECISIONS)))[1]


class Seen:
    """A journal of four leaves, with the checkpoints that it showed at each size."""

    def __init__(self, data: Path, decision: Decision, epoch: int = 1) -> None:
        written = Written(data, decision)
        self.notes = [written.journal.checkpoint()]
        written.epoch(epoch)
        self.notes.append(written.journal.publish())
        for _ in range(3):
            written.decide(epoch)
            self.notes.append(written.journal.publish())
        self.leaves = [written.journal.leaf(index) for index in range(4)]
        self.data = written.close()

    def receipt(self, index: int, leaf: bytes, signer: NoteSigner = LOG_SIGNER) -> Brought:
        return Brought(
            f"receipt {index}", issue_receipt(Receipt(HOUSE_ORIGIN, index, leaf_hash(leaf), UNTIL_S), signer)
        )

    def judged(self, *receipts: Brought, now_s: int = 0) -> VerifyReport:
        return verified(self.data, receipts=receipts, now_s=now_s)

    def compared(self, *notes: bytes) -> VerifyReport:
        return verified(self.data, checkpoints=[Brought(str(at), note) for at, note in enumerate(notes)])


@pytest.fixture
def seen(tmp_path: Path, decision: Decision) -> Seen:
    """Return a journal of four leaves."""
    return Seen(tmp_path / "data", decision)


@pytest.fixture
def other(tmp_path: Path, decision: Decision) -> Seen:
    """Return another journal of four leaves, signed by the same key."""
    return Seen(tmp_path / "other", decision, epoch=2)


def test_a_promise_that_was_kept(seen: Seen) -> None:
    report = seen.judged(*(seen.receipt(index, seen.leaves[index]) for index in range(4)))
    assert [entry.verdict for entry in report.receipts] == ["kept"] * 4
    assert report.good


def test_a_receipt_whose_leaf_is_another_is_proof_of_a_fault(seen: Seen) -> None:
    brought = seen.receipt(2, b"what was promised")
    report = seen.judged(brought)
    (fault,) = report.faults
    assert (reasons(report), fault.index, report.good) == (["RECEIPT_DIFFERS"], 2, False)
    assert fault.notes == (brought.note, seen.notes[-1])


def test_the_right_leaf_at_another_index_is_not_what_was_promised(seen: Seen) -> None:
    assert reasons(seen.judged(seen.receipt(1, seen.leaves[2]))) == ["RECEIPT_DIFFERS"]


def test_a_receipt_whose_leaf_never_appeared_is_a_broken_promise_once_it_is_due(seen: Seen) -> None:
    brought = seen.receipt(4, b"the decision that I was given")
    early, late = seen.judged(brought, now_s=UNTIL_S), seen.judged(brought, now_s=UNTIL_S + 1)
    assert (early.good, [entry.verdict for entry in early.receipts]) == (True, ["not_due"])
    assert (late.good, [entry.verdict for entry in late.receipts]) == (False, ["broken"])
    assert reasons(late) == ["RECEIPT_BROKEN"]


def test_a_receipt_of_another_key_or_journal_is_refused(seen: Seen) -> None:
    with pytest.raises(LogError) as caught:
        seen.judged(seen.receipt(1, seen.leaves[1], STRANGER))
    assert caught.value.reason == "NOTE_KEY_UNKNOWN"
    with pytest.raises(RecordError) as malformed:
        seen.judged(Brought("a checkpoint", seen.notes[2]))
    assert malformed.value.reason == "RECEIPT_MALFORMED"
    assert malformed.value.say("en").startswith("a checkpoint: ")
    assert malformed.value.say("fr").startswith("a checkpoint\u00a0: ")


def test_a_journal_went_on_from_every_checkpoint_that_it_showed(seen: Seen) -> None:
    report = seen.compared(*seen.notes)
    assert report.good
    assert [(entry.size, entry.verdict) for entry in report.checkpoints] == [(size, "kept") for size in range(5)]


def test_two_views_for_two_clients_are_a_split_view_with_both_notes(seen: Seen, other: Seen) -> None:
    report = seen.compared(other.notes[-1])
    (fault,) = report.faults
    assert (reasons(report), fault.notes) == (["LOG_SPLIT_VIEW"], (other.notes[-1], seen.notes[-1]))
    assert not report.good


def test_two_checkpoints_that_the_auditor_brought_may_split_by_themselves(
    seen: Seen, other: Seen, tmp_path: Path, decision: Decision
) -> None:
    report = seen.compared(seen.notes[2], other.notes[2])
    assert [entry.verdict for entry in report.checkpoints] == ["kept", "broken"]
    (fault,) = report.faults
    assert (fault.error.reason, fault.notes) == ("LOG_SPLIT_VIEW", (other.notes[2], seen.notes[2]))


def test_a_history_that_was_rewritten_is_a_fork(seen: Seen, other: Seen) -> None:
    report = seen.compared(other.notes[3])
    assert reasons(report) == ["LOG_REWRITTEN"]
    (fault,) = report.faults
    assert fault.notes == (other.notes[3], seen.notes[-1])
    assert "they are the proof" in fault.error.say("en")
    # The tree that is shown settles it: there is no proof to ask for.
    assert not any("consistency proof" in fault.error.say("en") for fault in report.faults)


def test_a_journal_that_is_shorter_than_it_was_was_rolled_back(seen: Seen, tmp_path: Path, decision: Decision) -> None:
    longer = Written(tmp_path / "longer", decision)
    longer.epoch()
    for _ in range(9):
        longer.decide()
    note = longer.journal.publish()
    longer.close()
    report = seen.compared(note)
    assert reasons(report) == ["LOG_ROLLED_BACK"]
    assert report.faults[0].notes == (note, seen.notes[-1])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda c: replace(c, origin="dev.other"), "CHECKPOINT_ORIGIN"),
        (lambda c: replace(c, size=c.size + 1), "LOG_ROLLED_BACK"),
        (lambda c: replace(c, size=c.size - 1), "LOG_REWRITTEN"),
        (lambda c: replace(c, root=bytes(32)), "LOG_SPLIT_VIEW"),
        (lambda c: replace(c, size=0, root=EMPTY_ROOT), None),
    ],
)
def test_checkpoints_that_the_log_key_signed_for_other_trees(
    seen: Seen, change: Callable[[Checkpoint], Checkpoint], reason: str | None
) -> None:
    shown = open_checkpoint(seen.notes[-1], LOG_SIGNER.verifier).checkpoint
    note = sign_note(change(shown).text, LOG_SIGNER)
    if reason == "CHECKPOINT_ORIGIN":
        with pytest.raises(LogError) as caught:
            seen.compared(note)
        assert caught.value.reason == reason
    else:
        assert reasons(seen.compared(note)) == ([reason] if reason else [])


def test_a_checkpoint_that_nobody_signed_is_refused(seen: Seen) -> None:
    with pytest.raises(LogError):
        seen.compared(seen.notes[-1].partition(b"\n\n")[0] + b"\n\n")
    with pytest.raises(LogError):
        seen.compared(sign_note(seen.notes[-1].partition(b"\n\n")[0].decode() + "\n", STRANGER))
