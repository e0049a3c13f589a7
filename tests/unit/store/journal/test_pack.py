import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

from rankd.core.errors import JournalError
from rankd.store.journal import pack
from rankd.store.journal.pack import FILE_HEADER, PackWriter, Place, pack_path, read_sealed
from tests.unit.store.journal.conftest import Fault, FaultyDisk


@pytest.fixture
def disk() -> FaultyDisk:
    return FaultyDisk()


@pytest.fixture
def writer(tmp_path: Path, disk: FaultyDisk) -> Iterator[PackWriter]:
    opened = PackWriter(tmp_path, disk)
    opened.recover(None)
    yield opened
    opened.close()


def reason(writer: PackWriter, last: Place) -> str:
    with pytest.raises(JournalError) as caught:
        writer.check(last)
    return caught.value.reason


def test_bodies_lie_one_behind_the_other_in_the_pack_of_the_first(tmp_path: Path, writer: PackWriter) -> None:
    places = {index: writer.append(index, b"sealed %d" % index) for index in (3, 4, 900)}
    writer.sync()
    assert places[3] == Place(3, len(FILE_HEADER), 8)
    assert {place.pack for place in places.values()} == {3}
    assert [path.name for path in tmp_path.iterdir()] == ["0000000000000003.pack"]
    assert [read_sealed(tmp_path, index, place) for index, place in places.items()] == [
        b"sealed 3",
        b"sealed 4",
        b"sealed 900",
    ]
    assert pack_path(tmp_path, 3).stat().st_mode & 0o777 == 0o600


def test_a_full_pack_is_synced_and_a_new_one_begun(
    tmp_path: Path, writer: PackWriter, disk: FaultyDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pack, "PACK_BYTES", 150)
    places = [writer.append(index, bytes(40)) for index in range(5)]
    assert [place.pack for place in places] == [0, 0, 2, 2, 4]
    assert disk.steps.count("sync pack") == 2
    assert all(read_sealed(tmp_path, index, place) == bytes(40) for index, place in enumerate(places))


def test_what_lies_behind_the_last_body_that_counts_is_cut_off(
    tmp_path: Path, writer: PackWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pack, "PACK_BYTES", 150)
    places = [writer.append(index, b"%d" % index * 40) for index in range(5)]
    writer.recover(places[2])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0000000000000000.pack", "0000000000000002.pack"]
    assert writer.append(3, b"other") == Place(2, places[3].at, 5)
    assert read_sealed(tmp_path, 2, places[2]) == b"2" * 40
    assert read_sealed(tmp_path, 3, Place(2, places[3].at, 5)) == b"other"
    writer.recover(None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("step", ["write pack", "sync pack"])
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_after_a_failed_write_the_pack_goes_on_from_the_last_body_that_counts(
    tmp_path: Path, writer: PackWriter, disk: FaultyDisk, step: str, share: float
) -> None:
    first = writer.append(0, b"first")
    disk.faults = {step: Fault(errno.ENOSPC, share)}
    if step == "write pack":
        with pytest.raises(OSError, match="No space"):
            writer.append(1, b"refused")
    else:
        writer.append(1, b"refused")
        with pytest.raises(OSError, match="No space"):
            writer.sync()
    disk.faults = {}
    writer.recover(first)
    second = writer.append(1, b"second")
    assert (read_sealed(tmp_path, 0, first), read_sealed(tmp_path, 1, second)) == (b"first", b"second")
    assert pack_path(tmp_path, 0).stat().st_size == second.at + 52 + 6


def test_a_pack_that_was_cut_removed_or_replaced_is_refused(tmp_path: Path, writer: PackWriter) -> None:
    last = writer.append(0, b"body")
    path = pack_path(tmp_path, 0)
    data = path.read_bytes()
    writer.check(last)
    path.write_bytes(data[:-1])
    assert reason(writer, last) == "JOURNAL_PACK_SHORT"
    path.write_bytes(b"R" + data[1:])
    assert reason(writer, last) == "JOURNAL_PACK_DAMAGED"
    path.unlink()
    assert reason(writer, last) == "JOURNAL_PACK_SHORT"


def test_a_body_is_read_at_its_place_only_and_every_flipped_bit_in_it_is_damage(
    tmp_path: Path, writer: PackWriter
) -> None:
    place = writer.append(7, b"sealed")
    path = pack_path(tmp_path, 7)
    data = path.read_bytes()
    wrong = [
        (8, place),
        (7, Place(7, place.at + 1, 6)),
        (7, Place(7, place.at, 5)),
        (7, Place(8, place.at, 6)),
        (7, Place(7, 2**62, 6)),
        (7, Place(7, 2**80, 6)),
    ]
    for index, where in wrong:
        with pytest.raises(JournalError) as caught:
            read_sealed(tmp_path, index, where)
        assert caught.value.reason == "JOURNAL_BODY_DAMAGED"
    for at in range(place.at, len(data)):
        flipped = bytearray(data)
        flipped[at] ^= 1 << at % 8
        path.write_bytes(flipped)
        with pytest.raises(JournalError) as caught:
            read_sealed(tmp_path, 7, place)
        assert caught.value.reason == "JOURNAL_BODY_DAMAGED"
        assert caught.value.metadata["index"] == 7
