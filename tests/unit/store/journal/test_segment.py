import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from rankd.core.errors import JournalError
from rankd.store.disk import Disk
from rankd.store.frames import HEAD_BYTES, frame_head
from rankd.store.journal.entry import Draft, draft_entry
from rankd.store.journal.segment import FILE_HEADER, Segment, segment_firsts, segment_path
from tests.unit.store.journal.conftest import key


def draft(number: int) -> Draft:
    return draft_entry(
        b"leaf %d" % number, key(number), b"record %d" % number, [(number, number)] if number % 2 else []
    )


@pytest.fixture
def segment(tmp_path: Path) -> Iterator[Segment]:
    prepared = Segment.prepare(tmp_path, Disk())
    prepared.settle(40)
    yield prepared
    prepared.close()


def reason(path: Path) -> tuple[str, object, object]:
    with pytest.raises(JournalError) as caught:
        Segment.open(path.parent, int(path.stem), Disk()).close()
    assert caught.value.metadata["file"] == path
    return caught.value.reason, caught.value.metadata["index"], caught.value.metadata["offset"]


def test_a_prepared_segment_has_no_name_until_it_is_settled(tmp_path: Path) -> None:
    prepared = Segment.prepare(tmp_path, Disk())
    assert segment_firsts(tmp_path) == []
    prepared.settle(7)
    assert (segment_firsts(tmp_path), prepared.first, prepared.end) == ([7], 7, 7)
    assert prepared.path == segment_path(tmp_path, 7) == tmp_path / "0000000000000007.wal"
    assert prepared.path.stat().st_mode & 0o777 == 0o600
    prepared.close()


def test_files_with_other_names_are_no_segments(tmp_path: Path) -> None:
    for name in ("next.tmp", "7.wal", "0000000000000007.wal.bak", "000000000000000x.wal"):
        (tmp_path / name).touch()
    assert segment_firsts(tmp_path) == []


def test_entries_are_read_where_they_were_written_and_when_opened_again(tmp_path: Path, segment: Segment) -> None:
    segment.append([draft(40), draft(41)])
    segment.append([draft(42)])
    again = Segment.open(tmp_path, 40, Disk())
    for read in (segment, again):
        assert (read.first, read.end) == (40, 43)
        assert [read.read(index).record for index in (40, 41, 42)] == [b"record 40", b"record 41", b"record 42"]
        assert read.summaries == [draft(index).summary for index in (40, 41, 42)]
        assert read.erases == [(41, 41)]
    again.close()


@pytest.mark.parametrize("left", [1, 30, HEAD_BYTES, HEAD_BYTES + 3])
def test_a_torn_end_is_cut_off_and_the_next_entry_takes_its_place(tmp_path: Path, segment: Segment, left: int) -> None:
    segment.append([draft(40)])
    end = segment.path.stat().st_size
    segment.append([draft(41)])
    os.truncate(segment.path, end + left)
    again = Segment.open(tmp_path, 40, Disk())
    with pytest.raises(JournalError) as caught:
        again.check_whole()
    assert (caught.value.metadata["index"], caught.value.metadata["offset"]) == (41, end)
    assert segment.path.stat().st_size == end + left
    again.cut_torn_end()
    assert segment.path.stat().st_size == end
    again.append([draft(41)])
    assert again.read(41).record == b"record 41"
    again.close()


def test_every_flipped_bit_is_damage(tmp_path: Path, segment: Segment) -> None:
    segment.append([draft(40), draft(41)])
    data = segment.path.read_bytes()
    for at in range(len(data)):
        flipped = bytearray(data)
        flipped[at] ^= 1 << at % 8
        segment.path.write_bytes(flipped)
        assert reason(segment.path)[0] == "JOURNAL_WAL_DAMAGED"


def test_damage_names_the_entry_and_the_byte(tmp_path: Path, segment: Segment) -> None:
    segment.append([draft(40), draft(41)])
    data = bytearray(segment.path.read_bytes())
    data[-1] ^= 1
    segment.path.write_bytes(data)
    at = len(FILE_HEADER) + HEAD_BYTES + draft(40).length
    assert reason(segment.path) == ("JOURNAL_WAL_DAMAGED", 41, at)


@pytest.mark.parametrize("size", range(len(FILE_HEADER)))
def test_a_header_that_is_cut_off_is_damage_because_it_is_written_before_the_name(segment: Segment, size: int) -> None:
    os.truncate(segment.path, size)
    assert reason(segment.path) == ("JOURNAL_WAL_DAMAGED", 40, 0)


def test_a_good_frame_that_is_no_entry_is_damage(segment: Segment) -> None:
    with segment.path.open("ab") as file:
        file.write(
            frame_head(40, 0, bytes.fromhex("e3b0c442" + "98fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"))
        )
    assert reason(segment.path)[:2] == ("JOURNAL_WAL_DAMAGED", 40)


def test_an_entry_that_is_damaged_while_the_segment_is_open_is_not_read(segment: Segment) -> None:
    segment.append([draft(40)])
    with segment.path.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"!")
    with pytest.raises(JournalError) as caught:
        segment.read(40)
    assert caught.value.reason == "JOURNAL_WAL_DAMAGED"


def test_restoring_cuts_back_to_the_last_acknowledged_entry(segment: Segment) -> None:
    segment.append([draft(40)])
    good = segment.path.read_bytes()
    with segment.path.open("ab") as file:
        file.write(b"not acknowledged")
    segment.restore()
    assert segment.path.read_bytes() == good
    segment.append([draft(41)])
    assert segment.read(41).record == b"record 41"


@pytest.mark.parametrize("at", [3, len(FILE_HEADER) + HEAD_BYTES])
def test_restoring_refuses_a_file_whose_acknowledged_bytes_are_gone(segment: Segment, at: int) -> None:
    segment.append([draft(40)])
    with segment.path.open("r+b") as file:
        file.seek(at)
        file.write(b"\xff")
    with pytest.raises(JournalError) as caught:
        segment.restore()
    assert caught.value.reason == "JOURNAL_WAL_DAMAGED"


def test_restoring_refuses_a_file_that_was_cut(segment: Segment) -> None:
    segment.append([draft(40)])
    os.truncate(segment.path, len(FILE_HEADER) + 10)
    with pytest.raises(JournalError) as caught:
        segment.restore()
    assert caught.value.reason == "JOURNAL_WAL_DAMAGED"


def test_nothing_is_written_to_a_file_that_lost_its_name(segment: Segment) -> None:
    segment.path.unlink()
    with pytest.raises(OSError, match="replaced") as caught:
        segment.append([draft(40)])
    assert caught.value.errno == errno.ESTALE
