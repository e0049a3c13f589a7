"""A journal's folder as evidence: what is read while somebody else writes, and what damage does not hide."""

import random
from pathlib import Path

import pytest

from rankd.core.errors import JournalError
from rankd.core.log.checkpoint import parse_checkpoint_text
from rankd.core.log.note import parse_note
from rankd.store.evidence import DECISIONS, JournalEvidence
from tests.conftest import LOG_SIGNER, House


def evidence(house: House) -> JournalEvidence:
    return JournalEvidence(house.data, DECISIONS)


def test_everything_that_is_published_is_there(house: House) -> None:
    answers = house.record(range(4))
    found = evidence(house)
    said = parse_checkpoint_text(parse_note(found.checkpoint()).text)
    assert (found.origin, found.size, found.first, found.end) == (said.origin, said.size, 0, 6)
    assert (list(found.numbers), found.unpublished_count, found.vkey()) == ([0], 0, LOG_SIGNER.verifier.vkey)
    assert len(found.tile(0, 0, 6) or b"") == 6 * 32
    assert found.entry_bundle(0, 6)
    assert found.tile(0, 1, 1) is found.entry_bundle(1, 1) is None
    assert sorted(f"dev.test/{index}" for index in found.bodies(0)) == [answer.decision_id for answer in answers]


def test_what_is_committed_and_not_published_is_counted_and_left_out(house: House) -> None:
    house.record(range(3))
    with house.desk() as desk:
        desk.journal.publish()
        before = evidence(house)
        for seed in range(3, 8):
            desk.ranker.rank(house.incoming(seed))
        after = evidence(house)
        assert before.size <= after.size
        assert after.size + after.unpublished_count == desk.journal.count


def test_evidence_stays_what_it_was_while_the_journal_grows(house: House) -> None:
    house.record(range(3))
    before = evidence(house)
    checkpoint, entries, bodies = before.checkpoint(), before.entry_bundle(0, before.size), dict(before.bodies(0))
    house.record(range(3, 300))
    assert before.checkpoint() == checkpoint
    # The partial bundle is gone, since the full one holds all of it.
    assert before.entry_bundle(0, before.size) == entries
    assert before.bodies(0) == bodies


def test_nothing_is_written(house: House) -> None:
    house.record(range(3))
    stamps = {path: path.stat().st_mtime_ns for path in house.data.rglob("*")}
    found = evidence(house)
    found.bodies(0)
    assert {path: path.stat().st_mtime_ns for path in house.data.rglob("*")} == stamps


def test_one_damaged_body_does_not_hide_its_neighbours(house: House) -> None:
    house.record(range(4))
    (pack,) = house.journal.rglob("*.pack")
    data = bytearray(pack.read_bytes())
    data[len(data) // 2] ^= 1
    pack.write_bytes(data)
    bodies = evidence(house).bodies(0)
    assert sorted(bodies) == [1, 2, 3, 4]
    outcomes: list[object] = []
    for index in bodies:
        try:
            outcomes.append(bool(bodies[index]))
        except JournalError as error:
            outcomes.append(error.reason)
    assert sorted(map(str, outcomes)) == ["JOURNAL_BODY_DAMAGED", "True", "True", "True"]


def test_a_folder_without_a_journal_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JournalError) as caught:
        JournalEvidence(tmp_path, DECISIONS)
    assert caught.value.reason == "JOURNAL_CHECKPOINT_MISSING"


def test_a_write_ahead_log_with_flipped_bits_is_counted_as_far_as_it_can_be(house: House) -> None:
    house.record(range(2))
    with house.desk() as desk:
        desk.ranker.rank(house.incoming(7))
        segments = {path: path.read_bytes() for path in house.journal.rglob("*.wal")}
    assert segments
    draw = random.Random(3)
    for path, data in segments.items():
        for _ in range(20):
            at = draw.randrange(len(data))
            path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
            assert evidence(house).unpublished_count in range(10)
