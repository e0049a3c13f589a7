"""Bundles that rankd writes, verified by rankd and by a verifier that was written from docs/spec/log.md alone."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from rankd.core.errors import RankdError
from rankd.core.exact.canonical import sha256
from rankd.core.log.tree import leaf_hash
from rankd.core.records.commitment import commitment
from rankd.core.records.decision import encode_decision
from rankd.core.records.erasure import Erasure, ReasonCode, sign_erasure
from rankd.core.records.leaf import EpochLeaf, ErasureLeaf, encode_leaf, leaf_of_decision
from rankd.core.records.receipt import open_receipt
from rankd.store.bundle_file import BundleFile
from rankd.store.evidence import DECISIONS, JournalEvidence
from rankd.store.journal.journal import Body
from rankd.usecases.audit.bundle import write_bundle
from rankd.usecases.audit.trust import Trust
from rankd.usecases.audit.verify import VerifyReport, verify
from rankd.usecases.serve.desk import Desk
from tests.conftest import ERASER_KEY, HOUSE_ORIGIN, HOUSE_TERMS, HOUSE_TIME_MS, LOG_SIGNER, House
from tests.reference.bundle import Verdict, members, recorded_request_ids, verify_bundle
from tests.reference.strict import RefusedError

DAY_MS = 86_400_000


def erase(
    desk: Desk, decisions: Sequence[tuple[int, int]], code: ReasonCode = "REQUEST", time_ms: int = HOUSE_TIME_MS
) -> None:
    erasure = Erasure(HOUSE_ORIGIN, tuple(decisions), (), code, "essai", HOUSE_TIME_MS)
    desk.journal.append(encode_leaf(ErasureLeaf(time_ms, sign_erasure(erasure, ERASER_KEY))), erases=decisions)


def both(house: House) -> tuple[Verdict, VerifyReport]:
    """Return what both say about the house's journal, as a bundle."""
    path = house.data.with_name("bundle.tar")
    path.unlink(missing_ok=True)
    write_bundle(lambda: JournalEvidence(house.data, DECISIONS), path)
    with BundleFile(path) as evidence:
        report = verify(evidence, Trust(LOG_SIGNER.verifier), now_s=HOUSE_TIME_MS // 1000)
    return verify_bundle(path.read_bytes(), LOG_SIGNER.verifier.vkey), report


def erased_indexes(report: VerifyReport) -> list[int]:
    return [index for run in report.chronicle.erased for index in range(run.first, run.last + 1)]


def missing_indexes(report: VerifyReport) -> list[int]:
    return [index for first, last in report.chronicle.missing for index in range(first, last + 1)]


def test_both_find_a_sound_journal_sound(house: House) -> None:
    house.record(range(6))
    house.write_policy(click=600)
    house.record(range(6, 10))
    verdict, report = both(house)
    assert verdict.faults == []
    assert report.good
    assert len(verdict.decisions) == report.chronicle.decision_count == 10
    assert verdict.checked_nonces == report.nonce_count == 10
    assert verdict.missing == verdict.erased == []
    assert recorded_request_ids(verdict) == [f"r{seed}" for seed in range(10)]


def test_both_see_what_was_erased_and_that_nothing_is_missing(house: House) -> None:
    with house.desk() as desk:
        for seed in range(6):
            desk.ranker.rank(house.incoming(seed))
        erase(desk, [(1, 1), (3, 4)])
    verdict, report = both(house)
    assert verdict.faults == []
    assert report.good
    assert verdict.erased == erased_indexes(report) == [1, 3, 4]
    assert sorted(verdict.records) == [2, 5, 6]


def test_both_see_a_counter_that_failed_as_void(house: House) -> None:
    with house.desk() as desk:
        desk.ranker.rank(house.incoming(0))
        with pytest.raises(RuntimeError), desk.epochs.draw():
            raise RuntimeError
        desk.ranker.rank(house.incoming(1))
        with pytest.raises(RuntimeError), desk.epochs.draw():
            raise RuntimeError
    verdict, report = both(house)
    assert verdict.faults == []
    assert report.good
    assert verdict.checked_nonces == 2


def test_both_find_a_body_that_is_gone_without_an_erasure(house: House) -> None:
    with house.desk() as desk:
        desk.ranker.rank(house.incoming(0))
        # An erasure by a key that nobody named: the service would not obey, somebody with the disk in hand may.
        erasure = Erasure("dev.elsewhere", ((1, 1),), (), "REQUEST", "essai", HOUSE_TIME_MS)
        desk.journal.append(encode_leaf(ErasureLeaf(HOUSE_TIME_MS, sign_erasure(erasure, ERASER_KEY))), erases=[(1, 1)])
    verdict, report = both(house)
    assert verdict.missing == missing_indexes(report) == [1]
    assert verdict.faults == ["2: ERASURE_ORIGIN"]
    assert [fault.error.reason for fault in report.faults] == ["ERASURE_ORIGIN"]


def test_both_find_an_erasure_by_age_that_came_too_early(house: House) -> None:
    now = [HOUSE_TIME_MS]
    with house.desk(clock_ms=lambda: now[0]) as desk:
        for seed in range(3):
            desk.ranker.rank(house.incoming(seed))
        erase(desk, [(1, 1)], "RETENTION", HOUSE_TIME_MS + 30 * DAY_MS - 1)
        now[0] += 400 * DAY_MS
        erase(desk, [(2, 2)], "RETENTION", now[0])
    verdict, report = both(house)
    assert verdict.faults == ["1: erased too early"]
    assert [(fault.error.reason, fault.index) for fault in report.faults] == [("ERASURE_EARLY", 1)]


def test_both_see_through_an_erasure_that_is_dated_ahead(house: House) -> None:
    with house.desk() as desk:
        desk.ranker.rank(house.incoming(0))
        erase(desk, [(1, 1)], "RETENTION", HOUSE_TIME_MS + 400 * DAY_MS)
        desk.ranker.rank(house.incoming(1))
    verdict, report = both(house)
    assert verdict.faults == ["1: erased too early"]
    assert [(fault.error.reason, fault.index) for fault in report.faults] == [("ERASURE_EARLY", 1)]


def test_both_find_a_leaf_that_says_otherwise_than_its_record_and_a_counter_twice(house: House) -> None:
    with house.desk() as desk:
        desk.ranker.rank(house.incoming(0))
        decision = desk.decisions.recorded(1)
        key, record = bytes(32), encode_decision(decision)
        leaf = leaf_of_decision(decision, commitment(key, record), activation=7)
        other = encode_leaf(leaf).replace(b'"surface":"video"', b'"surface":"other"')
        desk.journal.append(other, Body(key, record))
    verdict, report = both(house)
    assert verdict.faults[1:] == ["2: record and leaf differ"]
    assert "a counter twice" in verdict.faults[0]
    assert [entry.difference.term for entry in report.differing] == ["leaf.surface"]
    assert len(report.chronicle.clashes) == 1


def test_both_find_a_body_that_is_not_what_its_leaf_commits_to(house: House) -> None:
    with house.desk() as desk:
        desk.ranker.rank(house.incoming(0))
        decision = desk.decisions.recorded(1)
        leaf = leaf_of_decision(decision, commitment(bytes(32), b"another record"))
        desk.journal.append(encode_leaf(leaf), Body(bytes(32), encode_decision(decision)))
    verdict, report = both(house)
    assert "2: another record" in verdict.faults
    assert "COMMITMENT_DIFFERS" in [fault.error.reason for fault in report.faults]


def test_a_receipt_names_the_leaf_that_the_bundle_proves(house: House) -> None:
    with house.desk() as desk:
        answer = desk.ranker.rank(house.incoming(0))
        leaf = desk.journal.leaf(1)
    assert answer.proof is not None
    receipt = open_receipt(answer.proof.receipt, LOG_SIGNER.verifier)
    assert (receipt.index, receipt.leaf_hash) == (1, leaf_hash(leaf))
    path = house.data.with_name("bundle.tar")
    write_bundle(lambda: JournalEvidence(house.data, DECISIONS), path)
    entries = members(path.read_bytes())["tile/entries/000.p/3"]
    assert len(leaf).to_bytes(2, "big") + leaf in entries


def is_sound_for_rankd(path: Path) -> bool:
    try:
        with BundleFile(path) as evidence:
            return verify(evidence, Trust(LOG_SIGNER.verifier), now_s=0).good
    except RankdError:
        return False


def is_sound_for_the_other(path: Path) -> bool:
    try:
        verdict = verify_bundle(path.read_bytes(), LOG_SIGNER.verifier.vkey)
    except RefusedError:
        return False
    return not verdict.faults and not verdict.missing


def test_no_byte_of_a_bundle_can_change_unseen(house: House) -> None:
    house.record(range(2))
    both(house)
    path = house.data.with_name("bundle.tar")
    data = path.read_bytes()
    assert is_sound_for_rankd(path)
    assert is_sound_for_the_other(path)
    files = members(data)
    for name in ("bundle.json", "checkpoint", "tile/entries/000.p/4", "bodies/000"):
        begin = data.index(files[name])
        for at in range(begin, begin + len(files[name]), max(5, len(files[name]) // 40)):
            path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
            assert not is_sound_for_rankd(path), (name, at)
            assert not is_sound_for_the_other(path), (name, at)


def test_both_find_an_operator_who_never_reveals(house: House) -> None:
    with house.desk() as desk:
        desk.ranker.rank(house.incoming(0))
        for number in (1, 2):
            digest, terms = sha256(b"%d" % number), HOUSE_TERMS.epoch
            leaf = EpochLeaf(HOUSE_TIME_MS, digest, HOUSE_TERMS.worker, terms.retention, terms.erasers, "tests")
            desk.journal.append(encode_leaf(leaf))
    verdict, report = both(house)
    assert verdict.faults == ["3: an epoch is overdue"]
    assert [(fault.error.reason, fault.index) for fault in report.faults] == [("EPOCH_OVERDUE", 3)]
