"""The embedded store's snapshot: what a crash leaves at any step, what is refused, and what becomes of the disk."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from rankd.core.errors import FeatureStoreError
from rankd.core.features.block import Increment
from rankd.store.disk import Disk
from rankd.store.features.embedded import EmbeddedStore
from rankd.store.features.store import origin_digest
from tests.interruption import Killed, watch_disk

ORIGIN, LAYOUT = "dev.test/events", bytes(range(32))
FILE = f"{origin_digest(ORIGIN).hex()[:8]}-{LAYOUT.hex()[:16]}.snapshot"


def opened(folder: Path, *, now_ms: Callable[[], int] = lambda: 0, interval_s: float = 300.0) -> EmbeddedStore:
    return EmbeddedStore.open(folder, ORIGIN, LAYOUT, clock_ms=now_ms, snapshot_interval_s=interval_s)


def one(key: bytes = b"a", expire_ms: int = 0) -> list[Increment]:
    return [Increment(key, 0, expire_ms)]


def test_a_crash_at_any_step_of_a_snapshot_leaves_the_old_one_or_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begin(name: str) -> tuple[Path, EmbeddedStore]:
        folder = tmp_path / name
        store = opened(folder)
        store.reset()
        store.add(one(), 1, expected=0)
        store.save()
        store.add(one(), 2, expected=1)
        return folder, store

    _, store = begin("counted")
    with monkeypatch.context() as patch:
        steps = watch_disk(patch)
        store.save()
        count = len(steps)
    assert count >= 3
    seen = set()
    for kill_at in range(count):
        for after in (False, True):
            folder, store = begin(f"{kill_at}-{after}")
            with monkeypatch.context() as patch:
                watch_disk(patch, kill_at, after=after)
                with pytest.raises(Killed):
                    store.save()
            again = opened(folder)
            position = again.position()
            assert position is not None
            assert again.read([b"a"], 1.0) == (position, [position.to_bytes(4, "big")])
            assert [path.name for path in folder.iterdir()] == [FILE]
            seen.add(position)
    assert seen == {1, 2}


def test_a_crash_at_any_step_of_a_reset_leaves_the_old_counts_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begin(name: str) -> tuple[Path, EmbeddedStore]:
        store = opened(tmp_path / name)
        store.reset()
        store.add(one(), 1, expected=0)
        store.save()
        return tmp_path / name, store

    seen = set()
    for kill_at in range(2):
        for after in (False, True):
            folder, store = begin(f"{kill_at}-{after}")
            with monkeypatch.context() as patch:
                watch_disk(patch, kill_at, after=after)
                with pytest.raises(Killed):
                    store.reset()
            seen.add(opened(folder).position())
    assert seen == {1, None}


def test_a_damaged_snapshot_is_refused_and_the_store_begins_empty(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = opened(tmp_path)
    store.reset()
    store.add(one(), 1, expected=0)
    store.close()
    path = tmp_path / FILE
    data = path.read_bytes()
    for at in range(0, len(data), 7):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0x40]) + data[at + 1 :])
        again = opened(tmp_path)
        assert again.position() is None
        assert again.refused is not None
        assert again.refused.reason == "FEATURE_SNAPSHOT_DAMAGED"
    assert "FEATURE_SNAPSHOT_DAMAGED" in caplog.text
    again.reset()
    again.add(one(), 1, expected=0)
    again.close()
    last = opened(tmp_path)
    assert (last.position(), last.refused) == (1, None)


def test_a_snapshot_of_other_counts_under_this_name_is_refused(tmp_path: Path) -> None:
    other = EmbeddedStore.open(tmp_path, "dev.other/events", LAYOUT, clock_ms=lambda: 0)
    other.reset()
    other.close()
    (path,) = tmp_path.iterdir()
    path.rename(tmp_path / FILE)
    store = opened(tmp_path)
    assert store.position() is None
    assert store.refused is not None
    assert store.refused.reason == "FEATURE_SNAPSHOT_FOREIGN"


def test_a_snapshot_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir(parents=True)
    store = opened(tmp_path)
    assert store.position() is None
    assert store.refused is not None
    assert store.refused.reason == "FEATURE_SNAPSHOT_UNREADABLE"


def test_a_disk_that_refuses_keeps_nobody_from_counting(tmp_path: Path) -> None:
    class Full(Disk):
        is_full = True

        def replace(self, path: Path, data: bytes) -> None:
            if self.is_full:
                raise OSError(28, "No space left on device")
            super().replace(path, data)

    disk = Full()
    store = EmbeddedStore.open(tmp_path, ORIGIN, LAYOUT, clock_ms=lambda: 0, disk=disk, snapshot_interval_s=0.0)
    store.reset()
    store.add(one(), 1, expected=0)
    assert store.unsaved is not None
    assert store.unsaved.reason == "FEATURE_SNAPSHOT_UNWRITABLE"
    with pytest.raises(FeatureStoreError) as caught:
        store.close()
    assert caught.value.reason == "FEATURE_SNAPSHOT_UNWRITABLE"
    assert store.read([b"a"], 1.0) == (1, [b"\0\0\0\1"])
    disk.is_full = False
    store.add(one(), 2, expected=1)
    assert store.unsaved is None
    assert opened(tmp_path).position() == 2


def test_a_snapshot_is_written_now_and_then_while_counting(tmp_path: Path) -> None:
    store = opened(tmp_path, interval_s=0.0)
    store.reset()
    store.add(one(), 1, expected=0)
    assert opened(tmp_path).position() == 1
    patient = opened(tmp_path, interval_s=300.0)
    patient.add(one(), 2, expected=1)
    assert opened(tmp_path).position() == 1


def test_what_was_reset_is_on_no_disk(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.reset()
    store.add(one(b"somebody"), 1, expected=0)
    store.save()
    store.reset()
    assert list(tmp_path.iterdir()) == []


def test_snapshots_are_for_their_owner_alone(tmp_path: Path) -> None:
    store = opened(tmp_path / "data" / "features")
    store.reset()
    store.close()
    assert (tmp_path / "data" / "features").stat().st_mode & 0o077 == 0


def test_values_whose_time_is_over_are_removed_from_memory_and_snapshot(tmp_path: Path) -> None:
    now_ms = 1_000
    store = opened(tmp_path, now_ms=lambda: now_ms)
    store.reset()
    store.add([*one(b"short", 2_000), *one(b"long", 9_000), *one(b"ever")], 1, expected=0)
    now_ms = 2_000
    assert store.read([b"short", b"long", b"ever"], 1.0)[1] == [None, b"\0\0\0\1", b"\0\0\0\1"]
    store.add([], 2, expected=1)
    store.close()
    assert b"short" not in store._values
    now_ms = 8_999
    again = opened(tmp_path, now_ms=lambda: now_ms)
    assert again.read([b"short", b"long"], 1.0)[1] == [None, b"\0\0\0\1"]
    now_ms = 9_000
    assert again.read([b"long", b"ever"], 1.0)[1] == [None, b"\0\0\0\1"]


def test_a_read_waits_for_nobody_longer_than_it_may(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.reset()
    with store._lock, pytest.raises(FeatureStoreError) as caught:
        store.read([b"a"], 0.01)
    assert caught.value.reason == "FEATURE_STORE_SLOW"


def test_values_and_position_are_put_in_place_while_nobody_reads(tmp_path: Path) -> None:
    entered, may_go_on = threading.Event(), threading.Event()

    class Slow(dict[bytes, bytes]):
        def update(self, new: dict[bytes, bytes]) -> None:  # type: ignore[override]  # as the store calls it
            super().update(new)
            entered.set()
            may_go_on.wait(5)

    store = opened(tmp_path)
    store.reset()
    store._values = Slow()
    writer = threading.Thread(target=lambda: store.add(one(), 1, expected=0))
    writer.start()
    assert entered.wait(5)
    with pytest.raises(FeatureStoreError) as caught:
        store.read([b"a"], 0.01)
    assert caught.value.reason == "FEATURE_STORE_SLOW"
    may_go_on.set()
    writer.join()
    assert store.read([b"a"], 1.0) == (1, [b"\0\0\0\1"])


@pytest.mark.parametrize("how", ["swept", "raised again", "never stored"])
def test_a_clock_that_goes_back_behind_what_it_let_go_of_leaves_nothing_to_read(tmp_path: Path, how: str) -> None:
    hour_ms, now_ms = 3_600_000, [0]
    store = EmbeddedStore.open(tmp_path / "f", "dev.test/events", bytes(32), clock_ms=lambda: now_ms[0])
    store.reset()
    value = Increment(b"k", 0, 10 * hour_ms)
    if how == "never stored":
        now_ms[0] = 100 * hour_ms
        store.add([value], 2, expected=0)
    else:
        store.add([value], 1, expected=0)
        now_ms[0] = 100 * hour_ms
        store.add([] if how == "swept" else [Increment(b"k", 0, 200 * hour_ms)], 2, expected=1)
    # So far back nothing is read of what is gone.
    now_ms[0] = 9 * hour_ms
    assert store.position() == 2
    store.read([b"k"], 1.0)
    now_ms[0] -= 1
    assert store.position() is None
    for call in (lambda: store.read([b"k"], 1.0), lambda: store.add([], 3, expected=2)):
        with pytest.raises(FeatureStoreError) as caught:
            call()
        assert caught.value.reason == "FEATURE_STORE_EMPTY"
    store.reset()
    store.add([value], 1, expected=0)
    assert store.read([b"k"], 1.0) == (1, [b"\0\0\0\1"])
