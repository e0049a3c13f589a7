import os
import random
import shutil
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.errors import RankdError
from rankd.core.log.note import NoteSigner
from rankd.store.journal.journal import Body, Journal
from rankd.store.journal.segment import FILE_HEADER, segment_path
from tests.unit.store.journal.conftest import Place, key


def refusal(place: Place) -> RankdError:
    """Return why the journal is not opened, after making sure that the refusal changed nothing."""
    before = content(place.root)
    with pytest.raises(RankdError) as caught:
        place.open()
    assert content(place.root) == before
    for language in ("fr", "en"):
        assert caught.value.say(language)
    return caught.value


def content(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file() and path.name != "lock"}


@pytest.fixture
def filled(place: Place) -> Place:
    """Return a journal of 300 published entries, whose process ended before it published 5 more."""
    journal = place.open()
    place.fill(journal, range(300))
    journal.publish()
    place.fill(journal, range(300, 305))
    crash(journal)
    return place


def crash(journal: Journal) -> None:
    """Let go of a journal without publishing."""
    journal._is_closed = True
    journal._wal.close()
    journal._bodies.close()
    os.close(journal._lock_descriptor)


@pytest.mark.parametrize("further", [0, 5])
def test_a_table_of_keys_restored_from_before_an_erasure_is_refused(place: Place, further: int) -> None:
    keys = place.folder / "private" / "keys.sqlite"
    journal = place.open()
    place.fill(journal, range(20))
    journal.publish()
    older = keys.read_bytes()
    journal.append(b"an erasure", erases=((4, 4),))
    place.fill(journal, range(21, 21 + further))
    journal.publish()
    newer = keys.read_bytes()
    crash(journal)
    keys.write_bytes(older)
    assert refusal(place).reason == "JOURNAL_KEYS_DAMAGED"
    keys.write_bytes(newer)
    assert place.open().erased(4)


def test_a_new_journal_publishes_the_empty_tree_in_folders_whose_private_part_is_private(place: Place) -> None:
    journal = place.open()
    assert (journal.count, journal.body_count, journal.published_size) == (0, 0, 0)
    assert journal.checkpoint() == place.mark.read_bytes() == (place.public / "checkpoint").read_bytes()
    private = place.folder / "private"
    assert [path.stat().st_mode & 0o777 for path in (private, place.wal, private / "bodies")] == [0o700] * 3
    assert place.public.stat().st_mode & 0o005 == 0o005
    journal.close()


@pytest.mark.parametrize("count", range(12))
def test_a_first_start_that_was_interrupted_after_any_step_is_done_again(place: Place, count: int) -> None:
    class CrashError(Exception):
        pass

    steps = iter(range(count))

    class Steps(list[str]):
        def append(self, step: str) -> None:
            if next(steps, None) is None:
                raise CrashError(step)

    place.disk.steps = Steps()
    with suppress(CrashError):
        place.open().close()
    place.disk.steps = []
    journal = place.open()
    place.fill(journal, range(3))
    journal.close()


def test_a_start_goes_on_with_what_was_committed_but_not_published(filled: Place) -> None:
    journal = filled.open()
    assert (journal.count, journal.body_count, journal.published_size) == (305, 203, 300)
    assert journal.record(304) == b"record 304 " * 20
    journal.close()
    journal = filled.open()
    assert (journal.count, journal.body_count, journal.published_size) == (305, 203, 305)
    assert journal.record(304) == b"record 304 " * 20
    journal.close()


@pytest.mark.parametrize("cut", [1, 40, 200])
def test_a_truncated_tail_is_cut_off_as_nobody_was_answered(filled: Place, cut: int) -> None:
    path = segment_path(filled.wal, 300)
    os.truncate(path, path.stat().st_size - cut)
    journal = filled.open()
    assert journal.count == 304
    assert journal.append(b"leaf 304 again").index == 304
    journal.close()
    assert filled.open().count == 305


def test_a_tail_that_is_damaged_and_not_torn_is_refused(filled: Place) -> None:
    path = segment_path(filled.wal, 300)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert refusal(filled).reason == "JOURNAL_WAL_DAMAGED"


def test_missing_write_ahead_files_are_refused(filled: Place) -> None:
    segment_path(filled.wal, 300).unlink()
    error = refusal(filled)
    assert (error.reason, error.metadata["index"]) == ("JOURNAL_WAL_INCOMPLETE", 0)


def test_a_second_writer_is_refused_until_the_first_lets_go(place: Place) -> None:
    journal = place.open()
    assert refusal(place).reason == "RECORDS_LOCKED"
    journal.close()
    place.open().close()


def test_a_restored_backup_never_signs_again(filled: Place) -> None:
    filled.open().close()
    backup = filled.root / "backup"
    shutil.copytree(filled.folder, backup)
    journal = filled.open()
    filled.fill(journal, range(305, 400))
    journal.close()
    shutil.rmtree(filled.folder)
    shutil.copytree(backup, filled.folder)
    error = refusal(filled)
    assert (error.reason, error.metadata["marked"], error.metadata["count"]) == ("JOURNAL_ROLLED_BACK", 400, 305)


@pytest.mark.parametrize("published", [False, True])
def test_a_backup_that_went_on_with_other_entries_never_signs_again(filled: Place, published: bool) -> None:
    """The mark's size is reached, but by entries that the key did not sign here."""
    elsewhere = Place(filled.root / "elsewhere")
    shutil.copytree(filled.folder, elsewhere.folder)
    shutil.copy(filled.mark, elsewhere.mark)
    os.truncate(segment_path(elsewhere.wal, 300), len(FILE_HEADER))
    journal = elsewhere.open()
    for number in range(300, 350):
        journal.append(b"other %d" % number)
    if published:
        journal.publish()
    crash(journal)
    filled.open().close()
    shutil.rmtree(filled.folder)
    shutil.copytree(elsewhere.folder, filled.folder)
    error = refusal(filled)
    assert (error.reason, error.metadata["marked"], error.metadata["count"]) == ("JOURNAL_ROLLED_BACK", 305, 350)


def test_an_empty_folder_does_not_begin_a_second_log_under_a_used_key(filled: Place) -> None:
    shutil.rmtree(filled.folder)
    with pytest.raises(RankdError) as caught:
        filled.open()
    assert caught.value.reason == "JOURNAL_ROLLED_BACK"


def test_a_missing_mark_stops_a_used_journal_and_no_other(filled: Place) -> None:
    mark = filled.mark.read_bytes()
    filled.mark.unlink()
    assert refusal(filled).reason == "JOURNAL_MARK_MISSING"
    filled.mark.write_bytes(mark)
    filled.open().close()
    fresh = Place(filled.root / "fresh")
    fresh.root.mkdir()
    fresh.open().close()
    fresh.mark.unlink()
    fresh.open().close()


def test_a_mark_ahead_of_the_checkpoint_is_what_a_crash_leaves(filled: Place) -> None:
    checkpoint = (filled.public / "checkpoint").read_bytes()
    write_ahead = segment_path(filled.wal, 300).read_bytes()
    filled.open().close()
    (filled.public / "checkpoint").write_bytes(checkpoint)
    segment_path(filled.wal, 300).write_bytes(write_ahead)
    journal = filled.open()
    assert (journal.published_size, journal.count) == (300, 305)
    assert journal.record(301) == b"record 301 " * 20
    journal.close()
    assert filled.open().published_size == 305


def test_another_key_or_origin_is_refused(filled: Place) -> None:
    for signer in (
        NoteSigner("dev.test/log", Ed25519PrivateKey.from_private_bytes(bytes(32))),
        NoteSigner("dev.test/other", Ed25519PrivateKey.from_private_bytes(bytes(range(32)))),
    ):
        assert refusal(Place(filled.root, signer=signer)).reason == "JOURNAL_CHECKPOINT_DIFFERS"


def test_a_missing_checkpoint_is_refused_where_anything_was_committed_or_published(filled: Place) -> None:
    (filled.public / "checkpoint").unlink()
    assert refusal(filled).reason == "JOURNAL_CHECKPOINT_MISSING"
    shutil.rmtree(filled.public / "tile")
    assert refusal(filled).reason == "JOURNAL_CHECKPOINT_MISSING"
    shutil.rmtree(filled.folder / "private" / "bodies")
    (filled.folder / "private" / "bodies").mkdir()
    assert refusal(filled).reason == "JOURNAL_WAL_INCOMPLETE"


def test_write_ahead_files_of_another_journal_are_refused(filled: Place) -> None:
    other = Place(filled.root / "other")
    other.root.mkdir()
    journal = other.open()
    for number in range(302):
        journal.append(b"other %d" % number)
    crash(journal)
    shutil.rmtree(filled.wal)
    shutil.copytree(other.wal, filled.wal)
    error = refusal(filled)
    assert (error.reason, error.metadata["index"]) == ("JOURNAL_WAL_DIFFERS", 0)


def test_keys_that_are_gone_are_refused_and_not_begun_anew(filled: Place) -> None:
    (filled.folder / "private" / "keys.sqlite").unlink()
    assert refusal(filled).reason == "RECORDS_UNOPENABLE"


def test_a_pack_that_was_cut_is_refused(filled: Place) -> None:
    (pack,) = (filled.folder / "private" / "bodies").iterdir()
    os.truncate(pack, pack.stat().st_size - 1)
    assert refusal(filled).reason == "JOURNAL_PACK_SHORT"


def test_a_mark_in_a_folder_that_does_not_exist_is_a_disk_error(place: Place) -> None:
    with pytest.raises(RankdError) as caught:
        Journal.open(place.folder, place.signer, place.root / "none" / "mark", watch=False)
    assert caught.value.reason == "RECORDS_UNOPENABLE"


# What a flipped byte may do without being noticed: nothing reads it. The key beside the checkpoint is written again at
# each start; partial tiles stay for readers of older checkpoints, who check them; of the table of keys, SQLite's unused
# bytes and the count of bodies; of a pack, bodies that are erased.
HARMLESS = {"vkey", "tile/0/000.p", "tile/0/001.p", "tile/entries/000.p", "tile/entries/001.p", "keys.sqlite", ".pack"}


@pytest.fixture
def sample(place: Place) -> Place:
    """Return a journal with every kind of file, 300 published leaves and some that are only committed."""
    journal = place.open()
    for number in range(290):
        journal.append(b"leaf %d" % number, Body(key(number), b"record %d" % number) if number % 20 == 1 else None)
    journal.publish()
    for number in range(290, 300):
        journal.append(b"leaf %d" % number)
    journal.append(b"erasure", erases=[(0, 30)])
    journal.publish()
    for number in range(301, 304):
        journal.append(b"leaf %d" % number, Body(key(number), b"record %d" % number))
    crash(journal)
    return place


def wrong(journal: Journal) -> str | None:
    """Return the reason of the first refusal while everything is read; a wrong answer fails the test."""
    try:
        for index in range(304):
            assert journal.leaf(index) == (b"leaf %d" % index if index != 300 else b"erasure")
        for index in (0, 255, 256, 300):
            journal.inclusion_proof(index, 301)
        for index in [*range(41, 290, 20), 301, 302, 303]:
            assert journal.record(index) == b"record %d" % index
    except RankdError as error:
        return error.reason
    return None


def test_a_byte_that_flips_in_any_file_is_refused_when_it_is_met_or_met_by_nobody(
    sample: Place,
) -> None:
    place = sample
    draw = random.Random(7)
    saved = content(place.root)
    outcomes: dict[str, Counter[str]] = {}
    for path, data in saved.items():
        name = str(path.relative_to(place.root))
        for at in sorted(draw.sample(range(len(data)), min(len(data), 24))):
            path.write_bytes(data[:at] + bytes([data[at] ^ 1 << draw.randrange(8)]) + data[at + 1 :])
            try:
                journal = place.open()
            except RankdError as error:
                outcome = f"open: {error.reason}"
            else:
                outcome = wrong(journal) or "harmless"
                crash(journal)
            outcomes.setdefault(name, Counter())[outcome] += 1
            for other in content(place.root).keys() - saved.keys():
                other.unlink()
            for other, whole in saved.items():
                if not other.exists() or other.read_bytes() != whole:
                    other.write_bytes(whole)
    assert len(outcomes) > 10
    for name, found in outcomes.items():
        may_be_harmless = any(part in name for part in HARMLESS) and "001.p/45" not in name
        assert may_be_harmless or found["harmless"] == 0, (name, found)
    assert outcomes["data/decisions/private/wal/0000000000000301.wal"].keys() == {"open: JOURNAL_WAL_DAMAGED"}
    assert outcomes["log.mark"].keys() == {"open: JOURNAL_MARK_DAMAGED"}
    assert outcomes["data/decisions/public/checkpoint"].keys() == {"open: JOURNAL_CHECKPOINT_DIFFERS"}
    assert outcomes["data/decisions/public/tile/0/001.p/45"].keys() == {"open: JOURNAL_EDGE_DIFFERS"}
    assert outcomes["data/decisions/public/tile/0/000"].keys() == {"TILE_DIFFERS"}
    assert outcomes["data/decisions/public/tile/entries/000"].keys() <= {"TILE_DIFFERS", "ENTRIES_MALFORMED"}
