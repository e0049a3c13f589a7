import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rankd.core.errors import JournalError
from rankd.core.log.checkpoint import open_checkpoint
from rankd.core.log.note import parse_vkey
from rankd.core.log.tiles import TileTree, decode_entries
from rankd.core.records.body import open_body
from rankd.store.journal.reading import JournalFiles
from tests.unit.store.journal.conftest import Place, key


@pytest.fixture
def files(place: Place) -> JournalFiles:
    journal = place.open()
    place.fill(journal, range(300))
    journal.append(b"erasure", erases=[(1, 5)])
    journal.close()
    return JournalFiles(place.folder)


def test_everything_that_was_published_can_be_read_without_a_lock(place: Place, files: JournalFiles) -> None:
    journal = place.open()
    assert parse_vkey(files.vkey()) == place.signer.verifier
    checkpoint = open_checkpoint(files.checkpoint(), place.signer.verifier).checkpoint
    tree = TileTree(checkpoint.size, checkpoint.root, files.tile)
    bundle = files.entry_bundle(1, 45)
    assert bundle is not None
    assert tree.entries(1, bundle)[-1] == b"erasure"
    found = files.body(200)
    assert found is not None
    assert found[0] == key(200)
    assert open_body(*found) == journal.record(200)
    journal.close()


def test_bodies_of_a_range_are_those_that_are_not_erased(files: JournalFiles) -> None:
    assert sorted(files.bodies(0, 12)) == [7, 8, 10, 11]
    assert files.erased(0, 12) == {1, 2, 4, 5}
    assert (files.body(3), files.body(4), files.body(10_000)) == (None, None, None)


def test_full_tiles_stand_in_for_partial_ones_that_are_gone(place: Place, files: JournalFiles) -> None:
    full, bundle = files.tile(0, 0, 256), files.entry_bundle(0, 256)
    assert full is not None
    assert bundle is not None
    assert files.tile(0, 0, 7) == full[: 7 * 32]
    partial = files.entry_bundle(0, 7)
    assert partial is not None
    assert decode_entries(partial, 7) == decode_entries(bundle, 256)[:7]
    assert (files.tile(0, 2, 7), files.entry_bundle(2, 7), files.tile(0, 2, 256)) == (None, None, None)


def test_a_reader_neither_waits_for_a_writer_nor_stops_one(place: Place, files: JournalFiles) -> None:
    journal = place.open()
    place.fill(journal, range(301, 310))
    assert files.body(301) is None
    journal.publish()
    assert files.body(304) is not None
    journal.close()


def test_a_folder_without_a_journal_says_so(tmp_path: Path) -> None:
    files = JournalFiles(tmp_path)
    for ask in (files.checkpoint, files.vkey):
        with pytest.raises(JournalError) as caught:
            ask()
        assert caught.value.reason == "JOURNAL_CHECKPOINT_MISSING"
    with pytest.raises(JournalError) as caught:
        files.body(0)
    assert caught.value.reason == "JOURNAL_UNREADABLE"


DYING = """
import os, signal, sqlite3, sys
table = sqlite3.connect(sys.argv[1], isolation_level=None)
table.execute("PRAGMA cache_size = 1")
table.execute("PRAGMA cache_spill = ON")
table.execute("BEGIN EXCLUSIVE")
table.execute("UPDATE body SET key = NULL")
table.executemany("INSERT INTO body VALUES (?, zeroblob(4000), 0, 0, 0)", [(number,) for number in range(1000, 1100)])
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_transaction_that_a_crash_left_half_done_is_undone_by_the_next_start_not_by_a_reader(
    place: Place, files: JournalFiles
) -> None:
    table = place.folder / "private" / "keys.sqlite"
    done = subprocess.run([sys.executable, "-c", DYING, str(table)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert table.with_name("keys.sqlite-journal").stat().st_size > 0
    with pytest.raises(JournalError) as caught:
        files.body(200)
    assert caught.value.reason == "JOURNAL_UNREADABLE"
    place.open().close()
    found = files.body(200)
    assert found is not None
    assert found[0] == key(200)
