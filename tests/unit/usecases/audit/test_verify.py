"""Verification: sound journals from files, and each way in which files can be wrong."""

import random
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.errors import LogError
from rankd.core.exact.canonical import sha256
from rankd.core.log.checkpoint import Checkpoint
from rankd.core.log.note import COSIGNATURE, NoteSigner, add_signature, parse_note, sign_note
from rankd.core.log.tiles import tile_path
from rankd.core.records.decision import Decision
from rankd.store.bundle_file import BundleFile
from rankd.store.bundle_layout import About
from rankd.store.evidence import DECISIONS, JournalEvidence
from rankd.store.journal.journal import Body
from rankd.usecases.audit.leaves import recorded_decisions
from rankd.usecases.audit.trust import Trust
from rankd.usecases.audit.verify import verify
from tests.conftest import ERASER_KEY, HOUSE_ORIGIN, HOUSE_TIME_MS, LOG_SIGNER, House
from tests.evidence import DAY_MS, TRUST, Written, epoch, reasons, secret, tar_of, verified

STRANGER = Ed25519PrivateKey.from_private_bytes(sha256(b"a stranger"))


@pytest.fixture(scope="module")
def decision(tmp_path_factory: pytest.TempPathFactory) -> Decision:
    """Return a decision."""
    house = House(tmp_path_factory.mktemp("house"))
    house.record([1])
    ((_, decision),) = recorded_decisions(JournalEvidence(house.data, DECISIONS))
    return decision


@pytest.fixture
def written(tmp_path: Path, decision: Decision) -> Written:
    """Return a journal without leaves."""
    return Written(tmp_path / "data", decision)


def test_a_sound_journal_is_good(written: Written) -> None:
    written.epoch()
    for _ in range(3):
        written.decide()
    written.reveal(count=3)
    report = verified(written.close())
    assert report.good
    assert (report.checkpoint.size, report.first, report.end, report.body_count) == (5, 0, 5, 3)
    assert (report.nonce_count, report.identical_count, report.unpublished_count) == (3, 3, 0)


def test_an_empty_journal_is_good(written: Written) -> None:
    report = verified(written.close())
    assert report.good
    assert (report.checkpoint.size, report.chronicle.decision_count) == (0, 0)


def test_progress_is_told_after_each_entry_bundle(written: Written) -> None:
    written.epoch()
    for _ in range(300):
        written.decide(body=lambda *_: None)
    told: list[int] = []
    verified(written.close(), progress=told.append)
    assert told == [256, 301]


def test_a_checkpoint_by_an_unknown_signer_is_refused(written: Written) -> None:
    written.epoch()
    evidence = JournalEvidence(written.close(), DECISIONS)
    with pytest.raises(LogError) as caught:
        verify(evidence, Trust(NoteSigner(HOUSE_ORIGIN, STRANGER).verifier), now_s=0)
    assert caught.value.reason == "NOTE_KEY_UNKNOWN"


def test_witnesses_are_counted_and_a_cosignature_from_the_future_does_not_count(written: Written) -> None:
    witness = NoteSigner("witness.test", STRANGER, COSIGNATURE)
    written.epoch()
    data = written.close()
    path = data / DECISIONS / "public" / "checkpoint"
    note = path.read_bytes()
    trust = replace(TRUST, witnesses=(witness.verifier,), quorum=1)
    with pytest.raises(LogError) as caught:
        verify(JournalEvidence(data, DECISIONS), trust, now_s=100)
    assert caught.value.reason == "CHECKPOINT_QUORUM"
    path.write_bytes(add_signature(note, witness.sign(parse_note(note).text, 50)))
    report = verify(JournalEvidence(data, DECISIONS), trust, now_s=100)
    assert (report.good, report.cosigners) == (True, (("witness.test", 50),))
    with pytest.raises(LogError):
        verify(JournalEvidence(data, DECISIONS), trust, now_s=49)


def test_bodies_swapped_between_decisions_are_named(written: Written) -> None:
    swapped: list[Body] = []

    def keep(key: bytes, record: bytes) -> Body:
        swapped.append(Body(key, record))
        return swapped[-1]

    def take(key: bytes, record: bytes) -> Body:
        return swapped[0]

    written.epoch()
    written.decide(body=keep)
    written.decide(body=take)
    report = verified(written.close())
    assert reasons(report) == ["COMMITMENT_DIFFERS"]
    assert [fault.index for fault in report.faults] == [2]
    assert report.body_count == 1


def test_a_body_edited_together_with_its_key_is_named(written: Written) -> None:
    written.epoch()
    written.decide(body=lambda key, record: Body(sha256(key), record.replace(b"feed", b"food")))
    written.decide(body=lambda key, record: Body(key, record.replace(b"feed", b"food")))
    written.decide(body=lambda key, record: Body(sha256(key), record))
    assert reasons(verified(written.close())) == ["COMMITMENT_DIFFERS"] * 3


def test_a_body_that_is_no_record_is_named(written: Written) -> None:
    written.epoch()
    written.decide(body=lambda key, _: Body(key, b"no record"))
    assert reasons(verified(written.close())) == ["COMMITMENT_DIFFERS"]


def test_a_decision_without_body_and_without_erasure_is_missing(written: Written) -> None:
    written.epoch()
    written.decide(body=lambda *_: None)
    written.decide()
    written.decide(body=lambda *_: None)
    report = verified(written.close())
    assert not report.good
    assert report.chronicle.missing == ((1, 1), (3, 3))


def test_erased_decisions_are_not_missing(written: Written) -> None:
    written.epoch()
    for _ in range(4):
        written.decide()
    written.erase((1, 2))
    written.erase((2, 3), code="COURT")
    report = verified(written.close())
    assert report.good
    assert [(run.first, run.last, run.entry.erasure.reason_code) for run in report.chronicle.erased] == [
        (1, 2, "REQUEST"),
        (3, 3, "COURT"),
    ]
    assert report.body_count == 1


def test_an_erasure_by_an_unknown_key_is_named_and_its_bodies_are_missing(written: Written) -> None:
    written.epoch()
    written.decide()
    written.erase((1, 1), key=STRANGER)
    data = written.close()
    report = verified(data)
    assert reasons(report) == ["ENVELOPE_KEY_UNKNOWN"]
    assert report.chronicle.missing == ((1, 1),)
    brought = replace(TRUST, erasers=(STRANGER.public_key().public_bytes_raw(),))
    assert verify(JournalEvidence(data, DECISIONS), brought, now_s=0).good


def test_a_retention_erasure_before_it_was_due_is_named(written: Written) -> None:
    written.epoch()
    written.decide()
    written.decide()
    written.erase((1, 1), code="RETENTION", time_ms=HOUSE_TIME_MS + 30 * DAY_MS - 1)
    written.erase((2, 2), code="RETENTION", time_ms=HOUSE_TIME_MS + 30 * DAY_MS)
    report = verified(written.close())
    assert [(fault.error.reason, fault.index) for fault in report.faults] == [("ERASURE_EARLY", 1)]


def test_an_erasure_that_was_recorded_and_not_done_is_named(written: Written) -> None:
    written.epoch()
    written.decide()
    written.erase((1, 1), done=False)
    assert reasons(verified(written.close())) == ["ERASURE_NOT_DONE"]


def test_a_wrong_nonce_is_named_once_the_secret_is_known(written: Written) -> None:
    written.epoch()
    written.decide()
    written.decide(nonce=bytes(32))
    written.reveal(count=2)
    report = verified(written.close())
    assert [(entry.index, entry.difference.term) for entry in report.differing] == [(2, "nonce")]
    assert (report.good, report.identical_count, report.nonce_count) == (False, 1, 2)


def test_before_the_reveal_nonces_are_taken_as_recorded_and_that_is_said(written: Written) -> None:
    written.epoch()
    written.decide(nonce=bytes(32))
    report = verified(written.close())
    assert (report.good, report.nonce_count, report.chronicle.unrevealed) == (True, 0, (epoch(1),))


def test_a_decision_after_its_secret_was_revealed_is_named_and_its_nonce_checked(written: Written) -> None:
    written.epoch()
    written.decide()
    written.reveal()
    written.decide(nonce=bytes(32))
    report = verified(written.close())
    assert reasons(report) == ["DECISION_AFTER_REVEAL"]
    assert [entry.index for entry in report.differing] == [3]


def test_a_missing_counter_is_named(written: Written) -> None:
    written.epoch()
    written.decide()
    written.decide(counter=2)
    written.reveal(count=4)
    report = verified(written.close())
    assert not report.good
    assert [(gap.first, gap.last, gap.pending) for gap in report.chronicle.gaps] == [(1, 1, False), (3, 3, False)]


def test_a_leaf_that_says_something_else_than_its_record_is_named(written: Written) -> None:
    written.epoch()
    written.decide(leaf=lambda leaf: replace(leaf, surface="timeline"))
    written.decide(leaf=lambda leaf: replace(leaf, policy=bytes(32)))
    report = verified(written.close())
    assert [(entry.index, entry.difference.term) for entry in report.differing] == [
        (1, "leaf.surface"),
        (2, "leaf.policy"),
    ]
    assert not report.good


def test_a_reveal_of_another_secret_is_named(written: Written) -> None:
    written.epoch()
    written.decide()
    written.reveal(instead=secret(2))
    assert reasons(verified(written.close())) == ["REVEAL_DIFFERS"]


def test_a_key_of_the_auditor_and_one_that_the_journal_names_may_both_erase(written: Written) -> None:
    written.epoch()
    written.decide()
    written.decide()
    written.erase((1, 1))
    written.erase((2, 2), key=STRANGER)
    trust = replace(TRUST, erasers=(STRANGER.public_key().public_bytes_raw(),))
    report = verify(JournalEvidence(written.close(), DECISIONS), trust, now_s=0)
    assert report.good
    signers = [run.entry.signer for run in report.chronicle.erased]
    assert signers == [key.public_key().public_bytes_raw().hex() for key in (ERASER_KEY, STRANGER)]


def large(written: Written, count: int = 600) -> Path:
    """Close a journal of some entry bundles, whose bodies are few."""
    written.epoch()
    for at in range(count - 2):
        if at in (3, 300, 597):
            written.decide()
        else:
            written.decide(body=lambda *_: None)
    written.erase((1, 3), (5, 300), (302, 597))
    return written.close()


def test_tiles_of_level_0_can_be_made_of_the_entries(written: Written) -> None:
    data = large(written)
    assert verified(data).good
    for path in (data / DECISIONS / "public" / "tile" / "0").glob("0??"):
        path.unlink()
    assert verified(data).good


def judged(data: Path) -> str:
    """Return "good", or the first reason of what speaks against a journal."""
    try:
        report = verified(data)
    except LogError as error:
        return error.reason
    return "good" if report.good else reasons(report)[0]


def test_every_flipped_bit_of_a_tile_is_named_or_needed_by_nobody(written: Written) -> None:
    data = large(written)
    draw = random.Random(1)
    tiles = [path for path in (data / DECISIONS / "public" / "tile").rglob("*") if path.is_file()]
    assert len(tiles) >= 7
    for path in tiles:
        whole = path.read_bytes()
        for _ in range(3):
            at = draw.randrange(len(whole))
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << draw.randrange(8)]) + whole[at + 1 :])
            outcome = judged(data)
            if path.parent.name == "entries":
                assert outcome in {"TILE_DIFFERS", "ENTRIES_MALFORMED"}
            elif path.parent.name == "0":
                # Full tiles of level 0 prove nothing that the level above does not.
                assert outcome == "good"
            else:
                assert outcome == "TILE_DIFFERS"
        path.write_bytes(whole)
    assert verified(data).good


def test_one_damaged_entry_bundle_leaves_the_verdict_on_the_others(written: Written) -> None:
    data = large(written)
    path = data / DECISIONS / "public" / tile_path("entries", 0)
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    report = verified(data)
    assert ("TILE_DIFFERS", 0) in [(fault.error.reason, fault.index) for fault in report.faults]
    # 256 leaves of the first bundle are not looked at, nor the epoch that is announced there.
    assert report.chronicle.decision_count == 598 - 255
    assert report.body_count == 2


def test_a_missing_entry_bundle_is_named(written: Written) -> None:
    data = large(written)
    (data / DECISIONS / "public" / tile_path("entries", 1)).unlink()
    report = verified(data)
    assert "TILE_MISSING" in reasons(report)


def test_a_right_edge_that_is_missing_or_wrong_is_refused(written: Written) -> None:
    data = large(written)
    (path,) = (data / DECISIONS / "public" / "tile" / "1").rglob("2")
    path.write_bytes(bytes(64))
    with pytest.raises(LogError) as caught:
        verified(data)
    assert caught.value.reason == "TILE_DIFFERS"
    path.unlink()
    with pytest.raises(LogError) as caught:
        verified(data)
    assert caught.value.reason == "TILE_MISSING"


def test_a_signed_size_of_which_next_to_nothing_is_there_is_refused_soon(tmp_path: Path) -> None:
    size, root = 1 << 40, bytes(32)
    # One hash is all that the right edge of a tree of 256⁵ leaves has.
    note = sign_note(Checkpoint(HOUSE_ORIGIN, size, root).text, LOG_SIGNER)
    about = About(HOUSE_ORIGIN, size, 0, size).document
    path = tmp_path / "audit.tar"
    path.write_bytes(tar_of([("bundle.json", about), ("checkpoint", note), ("tile/5/000.p/1", root)]))
    with BundleFile(path) as bundle, pytest.raises(LogError) as caught:
        verify(bundle, TRUST, now_s=0)
    assert caught.value.reason == "TILE_MISSING"


def test_a_body_that_is_erased_while_somebody_verifies_is_no_missing_body(written: Written) -> None:
    written.epoch()
    for _ in range(3):
        written.decide()
    written.journal.publish()
    before = JournalEvidence(written.data, DECISIONS)
    written.erase((2, 2))
    written.journal.publish()
    report = verify(before, TRUST, now_s=0)
    assert report.chronicle.missing == ((2, 2),)
    report = verify(before, TRUST, now_s=0, again=lambda: JournalEvidence(written.data, DECISIONS))
    assert report.good
    assert [(run.first, run.last) for run in report.chronicle.erased] == [(2, 2)]
    assert report.checkpoint.size == 4
    written.close()


def test_a_body_that_is_really_missing_is_looked_for_once_and_named(written: Written) -> None:
    written.epoch()
    written.decide(body=lambda *_: None)
    data, asked = written.close(), list[int]()

    def again() -> JournalEvidence:
        asked.append(1)
        return JournalEvidence(data, DECISIONS)

    report = verify(JournalEvidence(data, DECISIONS), TRUST, now_s=0, again=again)
    assert (report.chronicle.missing, asked) == (((1, 1),), [1])


def test_a_journal_that_forked_while_somebody_verifies_explains_nothing(
    written: Written, tmp_path: Path, decision: Decision
) -> None:
    written.epoch()
    written.decide(body=lambda *_: None)
    other = Written(tmp_path / "other", decision)
    other.epoch(2)
    other.decide(2)
    other.erase((1, 1))
    other.close()
    evidence = JournalEvidence(written.close(), DECISIONS)
    report = verify(evidence, TRUST, now_s=0, again=lambda: JournalEvidence(other.data, DECISIONS))
    assert report.chronicle.missing == ((1, 1),)


def test_many_differing_decisions_are_counted_and_some_kept(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rankd.usecases.audit.verify.MAX_DIFFERING", 2)
    written.epoch()
    for _ in range(5):
        written.decide(leaf=lambda leaf: replace(leaf, surface="timeline"))
    report = verified(written.close())
    assert (len(report.differing), report.differing_count, report.good) == (2, 5, False)


def test_each_decision_of_the_range_is_handed_over_once_with_its_record_or_without(written: Written) -> None:
    written.epoch()
    kept = written.decide()
    erased = written.decide()
    lost = written.decide(body=lambda _key, _record: None)
    garbled = written.decide(body=lambda key, _record: Body(key, b"no record"))
    written.erase((erased, erased))
    seen: list[tuple[int, int, bool]] = []
    verified(
        written.close(), observe=lambda index, leaf, record: seen.append((index, leaf.counter, record is not None))
    )
    assert seen == [(kept, 0, True), (erased, 1, False), (lost, 2, False), (garbled, 3, False)]
