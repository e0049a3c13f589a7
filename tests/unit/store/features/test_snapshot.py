"""The snapshot: it comes back as it was packed, and no byte of it changes unnoticed."""

import hashlib
import os
import random
import tracemalloc

import pytest
import zstandard

from rankd.store.features.snapshot import (
    Snapshot,
    SnapshotDamagedError,
    SnapshotForeignError,
    pack,
    unpack,
)

ORIGIN, LAYOUT = bytes(32), bytes(range(32))
SNAPSHOT = Snapshot(
    2**53,
    {b"": b"\0\0\0\1", b"\x01\x00\xff": b"\xff" * 4 * 65_536, b"k" * 65_535: b"\0\0\0\2"},
    {b"": 1_800_000_000_000},
)


def test_a_snapshot_comes_back_as_it_was_packed() -> None:
    assert unpack(pack(ORIGIN, LAYOUT, SNAPSHOT), ORIGIN, LAYOUT) == SNAPSHOT
    empty = Snapshot(0, {}, {})
    assert unpack(pack(ORIGIN, LAYOUT, empty), ORIGIN, LAYOUT) == empty


def test_many_values_come_back() -> None:
    draw = random.Random(7)  # counts for a test
    values = {b"%d" % at: draw.randbytes(4 * draw.randrange(1, 90)) for at in range(30_000)}
    expiry = {key: at + 1 for at, key in enumerate(values) if at % 3 == 0}
    packed = pack(ORIGIN, LAYOUT, Snapshot(9, values, expiry))
    assert unpack(packed, ORIGIN, LAYOUT) == Snapshot(9, values, expiry)


def test_no_byte_of_a_snapshot_can_be_changed_unnoticed() -> None:
    small = Snapshot(3, {b"a": b"\0\0\0\1", b"b": b"\0\0\0\2"}, {b"a": 5})
    packed = pack(ORIGIN, LAYOUT, small)
    for at in range(len(packed)):
        with pytest.raises(SnapshotDamagedError):
            unpack(packed[:at] + bytes([packed[at] ^ 1]) + packed[at + 1 :], ORIGIN, LAYOUT)
    for cut in (b"", packed[:-1], packed[:32], packed + b"\0", os.urandom(len(packed))):
        with pytest.raises(SnapshotDamagedError):
            unpack(cut, ORIGIN, LAYOUT)


def forged(plain: bytes, count: int) -> bytes:
    """Return a file whose checksum is right, whatever is in it."""
    packed = pack(ORIGIN, LAYOUT, Snapshot(1, {}, {}))
    head = packed[:100] + count.to_bytes(8, "little")
    data = head + zstandard.ZstdCompressor(level=19).compress(plain)
    return data + hashlib.sha256(data).digest()


def test_a_small_file_that_unfolds_to_gigabytes_is_refused_before_it_does() -> None:
    bomb = forged(bytes(512 * 1024 * 1024), 5)
    assert len(bomb) < 100_000
    tracemalloc.start()
    try:
        with pytest.raises(SnapshotDamagedError):
            unpack(bomb, ORIGIN, LAYOUT)
        assert tracemalloc.get_traced_memory()[1] < 16 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_a_key_that_stands_there_twice_is_refused() -> None:
    entry = (1).to_bytes(2, "little") + (4).to_bytes(4, "little") + bytes(8) + b"k" + b"\0\0\0\1"
    assert unpack(forged(entry, 1), ORIGIN, LAYOUT).values == {b"k": b"\0\0\0\1"}
    for plain, count in ((entry * 2, 2), (entry * 2, 1), (entry, 2), (entry[:-1], 1)):
        with pytest.raises(SnapshotDamagedError):
            unpack(forged(plain, count), ORIGIN, LAYOUT)


def test_a_snapshot_of_other_counts_is_told_from_a_damaged_one() -> None:
    packed = pack(ORIGIN, LAYOUT, SNAPSHOT)
    for origin, layout in ((LAYOUT, LAYOUT), (ORIGIN, ORIGIN)):
        with pytest.raises(SnapshotForeignError):
            unpack(packed, origin, layout)
