import errno
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from rankd.core.errors import JournalError
from rankd.core.records.body import open_body
from rankd.store.journal.bodies import BODIES_FOLDER, KEYS_FILE, BodyStore, find_bodies
from tests.unit.store.journal.conftest import Fault, FaultyDisk, key


@pytest.fixture
def disk() -> FaultyDisk:
    return FaultyDisk()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / BODIES_FOLDER).mkdir()
    BodyStore.begin(tmp_path, FaultyDisk())
    return tmp_path


@pytest.fixture
def store(folder: Path, disk: FaultyDisk) -> Iterator[BodyStore]:
    opened = BodyStore(folder, disk)
    yield opened
    opened.close()


def bodies(*numbers: int) -> list[tuple[int, bytes, bytes]]:
    return [(number, key(number), b"record %d" % number) for number in numbers]


def record(store: BodyStore, index: int) -> bytes | None:
    row = store.find(index)
    assert row is not None
    return None if row.key is None else open_body(row.key, store.read(row))


def holds_key(folder: Path, number: int) -> bool:
    return any(key(number) in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_bodies_are_found_by_their_leaf_and_counted(store: BodyStore) -> None:
    store.write(0, bodies(1, 2), [], 3)
    store.write(3, bodies(5), [], 6)
    assert [record(store, index) for index in (1, 2, 5)] == [b"record 1", b"record 2", b"record 5"]
    assert store.find(0) is None
    assert store.count == 3


def test_the_table_and_its_folder_are_begun_twice_without_harm(folder: Path, disk: FaultyDisk) -> None:
    store = BodyStore(folder, disk)
    store.write(0, bodies(0), [], 1)
    store.close()
    BodyStore.begin(folder, disk)
    store = BodyStore(folder, disk)
    assert (store.count, record(store, 0)) == (1, b"record 0")
    store.close()
    assert (folder / KEYS_FILE).stat().st_mode & 0o777 == 0o600


def test_an_erased_body_keeps_its_row_and_its_key_is_nowhere(folder: Path, store: BodyStore) -> None:
    store.write(0, bodies(*range(10)), [], 10)
    assert holds_key(folder, 4)
    store.write(10, [], [(3, 5), (9, 9)], 11)
    assert [record(store, index) is None for index in range(10)] == [index in (3, 4, 5, 9) for index in range(10)]
    assert [holds_key(folder, index) for index in range(10)] == [index not in (3, 4, 5, 9) for index in range(10)]
    assert store.count == 10


def test_a_body_may_be_erased_in_the_transaction_that_brings_it(folder: Path, store: BodyStore) -> None:
    store.write(0, bodies(0, 1), [(0, 0)], 3)
    assert [record(store, index) for index in (0, 1)] == [None, b"record 1"]
    assert not holds_key(folder, 0)


def test_no_erased_key_stays_in_the_table_however_its_pages_are_split_and_joined(
    folder: Path, store: BodyStore
) -> None:
    draw = random.Random(3)
    size, live = 0, set[int]()
    for _ in range(40):
        fresh = [index for index in range(size, size + draw.randint(1, 60)) if draw.random() < 0.9]
        end = size + 60
        firsts = [draw.randrange(end) for _ in range(draw.randint(0, 20))]
        spans = [(first, first + draw.choice((0, 0, 1, 5, 40))) for first in firsts]
        store.write(size, bodies(*fresh), spans, end)
        erased = {index for first, last in spans for index in range(first, last + 1)}
        live = (live | set(fresh)) - erased
        size = end
    data = (folder / KEYS_FILE).read_bytes()
    assert len(live) > 100
    assert {index for index in range(size) if key(index) in data} == live


def test_bodies_that_were_not_published_are_forgotten_and_come_again(folder: Path, disk: FaultyDisk) -> None:
    store = BodyStore(folder, disk)
    store.write(0, bodies(0, 1), [], 2)
    store.write(2, bodies(2, 3), [(0, 0)], 4)
    store.close()
    store = BodyStore(folder, disk)
    store.check(2)
    store.recover(2)
    assert (store.count, store.find(2), store.find(3)) == (2, None, None)
    assert not holds_key(folder, 2)
    assert record(store, 0) is None
    store.write(2, bodies(2, 3), [(0, 0)], 4)
    assert [record(store, index) for index in range(4)] == [None, b"record 1", b"record 2", b"record 3"]
    assert store.count == 4
    store.close()


def test_bodies_whose_leaves_could_not_be_published_are_written_again(folder: Path, store: BodyStore) -> None:
    store.write(0, bodies(0, 1), [], 2)
    store.write(0, bodies(0, 1, 2), [(1, 1)], 3)
    assert [record(store, index) for index in range(3)] == [b"record 0", None, b"record 2"]
    assert store.count == 3
    assert not holds_key(folder, 1)


@pytest.mark.parametrize("step", ["write pack", "sync pack", "sync bodies/", "commit keys"])
@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_failed_write_is_repeated_whole(
    folder: Path, store: BodyStore, disk: FaultyDisk, step: str, share: float
) -> None:
    disk.faults = {step: Fault(errno.ENOSPC, share)}
    with pytest.raises(OSError, match="No space"):
        store.write(0, bodies(0, 1), [(0, 0)], 2)
    disk.faults = {}
    store.write(0, bodies(0, 1, 2), [(0, 0)], 3)
    assert [record(store, index) for index in range(3)] == [None, b"record 1", b"record 2"]
    assert store.count == 3
    (pack,) = (folder / BODIES_FOLDER).iterdir()
    rows = find_bodies(sqlite3.connect(folder / KEYS_FILE), 0, 3)
    assert pack.stat().st_size == rows[-1].place.at + 52 + rows[-1].place.size


def test_a_table_that_another_process_holds_is_a_disk_error_and_no_damage(
    folder: Path, store: BodyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store._connection.execute("PRAGMA busy_timeout = 20")
    other = sqlite3.connect(folder / KEYS_FILE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OSError, match="locked"):
        store.write(0, bodies(0), [], 1)
    other.execute("ROLLBACK")
    other.close()
    store.write(0, bodies(0), [], 1)
    assert store.count == 1


def test_a_missing_table_is_a_disk_error_and_none_is_made(folder: Path, disk: FaultyDisk) -> None:
    (folder / KEYS_FILE).unlink()
    with pytest.raises(OSError, match="unable to open"):
        BodyStore(folder, disk)
    assert not (folder / KEYS_FILE).exists()


@pytest.mark.parametrize("content", [b"", b"no database at all" * 300])
def test_a_table_that_is_none_is_damage(folder: Path, disk: FaultyDisk, content: bytes) -> None:
    (folder / KEYS_FILE).write_bytes(content)
    with pytest.raises(JournalError) as caught:
        BodyStore(folder, disk)
    assert caught.value.reason == "JOURNAL_KEYS_DAMAGED"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE body SET key = 'text'",
        "UPDATE body SET key = X'00'",
        "UPDATE body SET at = 'x'",
        "UPDATE body SET pack = 1.5",
        "UPDATE body SET size = X'01'",
    ],
)
def test_a_row_that_is_not_what_was_written_is_damage(folder: Path, store: BodyStore, change: str) -> None:
    store.write(0, bodies(0), [], 1)
    other = sqlite3.connect(folder / KEYS_FILE)
    other.execute(change)
    other.commit()
    other.close()
    with pytest.raises(JournalError) as caught:
        store.find(0)
    assert caught.value.reason == "JOURNAL_KEYS_DAMAGED"


def test_a_closed_store_is_not_read(folder: Path, disk: FaultyDisk) -> None:
    store = BodyStore(folder, disk)
    store.close()
    with pytest.raises(OSError, match="closed"):
        store.find(0)
