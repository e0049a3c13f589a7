"""Leftovers: snapshots that nobody reads go, also what a crash left of them; the others stay."""

from pathlib import Path

from rankd.core.features.block import Increment
from rankd.store.features.embedded import EmbeddedStore
from rankd.store.features.leftovers import Place, remove_snapshots, snapshots

FIRST, SECOND = bytes(range(32)), bytes(range(1, 33))


def saved(folder: Path, origin: str, layout: bytes) -> Place:
    store = EmbeddedStore.open(folder, origin, layout, clock_ms=lambda: 0)
    store.reset()
    store.add([Increment(b"a", 0, 0)], 1, expected=0)
    store.close()
    return Place.of(origin, layout)


def test_only_what_is_read_stays(tmp_path: Path) -> None:
    kept = saved(tmp_path, "dev.test/events#video", FIRST)
    for origin, layout in (("dev.test/events#video", SECOND), ("dev.test/events#friends", FIRST)):
        saved(tmp_path, origin, layout)
    (name,) = (path.name for path in snapshots(tmp_path) if kept.origin in path.name and kept.layout in path.name)
    for torn in (name, f"{kept.origin}-{SECOND.hex()[:16]}.snapshot"):
        (tmp_path / f".{torn}.abc.tmp").write_bytes(b"torn")
    (tmp_path / "rebuild.request").write_bytes(b"")
    assert len(snapshots(tmp_path)) == 5
    assert remove_snapshots(tmp_path, {kept}) == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == [f".{name}.abc.tmp", name, "rebuild.request"]
    assert EmbeddedStore.open(tmp_path, "dev.test/events#video", FIRST, clock_ms=lambda: 0).position() == 1


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert remove_snapshots(tmp_path / "features", ()) == 0
