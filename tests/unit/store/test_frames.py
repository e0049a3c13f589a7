import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from rankd.core.errors import RecordError
from rankd.core.exact.canonical import sha256
from rankd.store.frames import (
    HEAD_BYTES,
    MAGIC,
    Damage,
    Frame,
    Torn,
    frame_head,
    read_frame,
    walk,
)

FILE_HEADER = b"rankd.frames/1\n"
RECORDS = (b"first", b"", b"third record")


def frame(index: int, record: bytes) -> bytes:
    return frame_head(index, len(record), sha256(record)) + record


GOOD = FILE_HEADER + b"".join(frame(index, record) for index, record in enumerate(RECORDS))
LAST = len(GOOD) - HEAD_BYTES - len(RECORDS[2])


@pytest.fixture
def descriptor(tmp_path: Path) -> Iterator[int]:
    opened = os.open(tmp_path / "decisions.log", os.O_RDWR | os.O_CREAT)
    yield opened
    os.close(opened)


def held(descriptor: int, data: bytes) -> list[Frame | Torn | Damage]:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, data, 0)
    return list(walk(descriptor, "decisions.log", 0, FILE_HEADER))


def summary(items: list[Frame | Torn | Damage]) -> list[tuple[str, int]]:
    return [(type(item).__name__, item.index) for item in items]


def test_a_head_is_written_as_its_format_says() -> None:
    head = frame_head(258, 5, sha256(b"first"))
    assert len(head) == HEAD_BYTES == 52
    assert head[:16] == b"\xf5RKD" + b"\x02\x01\0\0\0\0\0\0" + b"\x05\0\0\0"
    assert head[16:48] == sha256(b"first")


def test_a_walk_yields_every_record_at_its_place(descriptor: int) -> None:
    first, second = len(FILE_HEADER), len(FILE_HEADER) + HEAD_BYTES + 5
    assert held(descriptor, GOOD) == [
        Frame(0, first, b"first"),
        Frame(1, second, b""),
        Frame(2, LAST, b"third record"),
    ]


def test_every_flipped_bit_is_damage_and_costs_one_record_only(descriptor: int) -> None:
    clean = held(descriptor, GOOD)
    for at in range(len(GOOD)):
        for bit in range(8):
            flipped = bytearray(GOOD)
            flipped[at] ^= 1 << bit
            items = held(descriptor, bytes(flipped))
            damage = [item for item in items if isinstance(item, Damage)]
            assert len(damage) == 1, (at, bit, summary(items))
            kept = [item for item in items if isinstance(item, Frame)]
            assert kept == [item for item in clean if item.index != damage[0].index], (at, bit)


@pytest.mark.parametrize("size", range(LAST + 1, len(GOOD)))
def test_a_file_cut_inside_its_last_frame_has_a_torn_end(descriptor: int, size: int) -> None:
    items = held(descriptor, GOOD[:size])
    assert summary(items) == [("Frame", 0), ("Frame", 1), ("Torn", 2)]
    assert items[2] == Torn(2, LAST, size - LAST)


@pytest.mark.parametrize("size", range(len(FILE_HEADER)))
def test_a_header_that_is_cut_off_is_a_torn_end(descriptor: int, size: int) -> None:
    assert held(descriptor, GOOD[:size]) == [Torn(0, 0, size)]


def test_a_bit_flipped_in_the_length_of_the_last_frame_is_damage_not_a_torn_end(descriptor: int) -> None:
    for bit in range(32):
        flipped = bytearray(GOOD)
        flipped[LAST + 12 + bit // 8] ^= 1 << bit % 8
        assert summary(held(descriptor, bytes(flipped)))[2:] == [("Damage", 2)]


@pytest.mark.parametrize("end", [b"\0", b"\0" * 200, b"x", MAGIC + b"\x04", frame(2, b"third record")[:51] + b"\0"])
def test_an_end_that_does_not_begin_the_next_frame_is_damage(descriptor: int, end: bytes) -> None:
    assert summary(held(descriptor, GOOD + end))[3:] == [("Damage", 3)]


def test_damage_says_the_file_the_byte_and_the_record(descriptor: int) -> None:
    damaged = GOOD.replace(b"first", b"worst")
    (damage,) = [item for item in held(descriptor, damaged) if isinstance(item, Damage)]
    assert damage.error.reason == "RECORD_DAMAGED"
    assert damage.error.metadata == {"file": "decisions.log", "offset": len(FILE_HEADER), "index": 0}
    assert damage.error.say("fr") != damage.error.say("en")


def test_a_removed_frame_is_damage_where_it_stood(descriptor: int) -> None:
    items = held(descriptor, FILE_HEADER + frame(0, b"a") + frame(2, b"c"))
    assert summary(items) == [("Frame", 0), ("Damage", 1), ("Frame", 2)]


def test_a_repeated_frame_is_damage(descriptor: int) -> None:
    items = held(descriptor, FILE_HEADER + frame(0, b"a") + frame(0, b"a") + frame(1, b"b"))
    assert summary(items) == [("Frame", 0), ("Damage", 1), ("Frame", 0), ("Frame", 1)]


def test_records_swallowed_by_one_damaged_stretch_are_named_one_by_one(descriptor: int) -> None:
    data = FILE_HEADER + frame(0, b"a") + b"\0" * (2 * HEAD_BYTES) + frame(3, b"d")
    assert summary(held(descriptor, data)) == [("Frame", 0), ("Damage", 1), ("Damage", 2), ("Frame", 3)]


def test_a_frame_hidden_in_a_damaged_record_cannot_announce_records_that_have_no_room(descriptor: int) -> None:
    hidden = frame(2**63, b"never written")
    data = bytearray(FILE_HEADER + frame(0, hidden) + frame(1, b"b"))
    data[len(FILE_HEADER)] ^= 1
    assert summary(held(descriptor, bytes(data))) == [("Damage", 0), ("Frame", 1)]


def test_the_next_frame_is_found_far_behind_damage(descriptor: int) -> None:
    data = bytearray(FILE_HEADER + frame(0, b"r" * (3 << 20)) + frame(1, b"b"))
    data[len(FILE_HEADER) + 13] ^= 1
    assert summary(held(descriptor, bytes(data))) == [("Damage", 0), ("Frame", 1)]


def test_one_frame_is_read_at_its_place_and_refused_at_any_other(descriptor: int) -> None:
    held(descriptor, GOOD)
    assert read_frame(descriptor, 2, LAST, "decisions.log") == b"third record"
    for index, offset in ((1, LAST), (2, LAST - 1), (2, len(GOOD))):
        with pytest.raises(RecordError) as caught:
            read_frame(descriptor, index, offset, "decisions.log")
        assert caught.value.reason == "RECORD_DAMAGED"


def test_a_file_may_begin_with_another_index_under_another_header(descriptor: int) -> None:
    os.pwrite(descriptor, b"header\n" + frame(40, b"a") + frame(41, b"b")[:52], 0)
    items = list(walk(descriptor, "file", 40, b"header\n"))
    assert summary(items) == [("Frame", 40), ("Torn", 41)]
    assert summary(list(walk(descriptor, "file", 39, b"header\n")))[0] == ("Damage", 39)
